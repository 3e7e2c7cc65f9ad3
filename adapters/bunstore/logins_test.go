package bunstore_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/bunstore"
)

func TestRevokedLoginsAreKeptUntilTheyWouldHaveEnded(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "x.db")
	now := time.Date(2026, 11, 23, 1, 2, 3, 0, time.UTC)
	open := func() *bunstore.Store {
		s, err := bunstore.OpenFile(t.Context(), file, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	want := func(s *bunstore.Store, at time.Time, want map[string]time.Time) {
		t.Helper()
		got, err := s.RevokedLogins(t.Context(), at)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
	revoke := func(s *bunstore.Store, id string, until, at time.Time) {
		t.Helper()
		if err := s.RevokeLogin(t.Context(), id, until, at); err != nil {
			t.Fatal(err)
		}
	}
	s := open()
	want(s, now, map[string]time.Time{})
	soon, later := now.Add(time.Hour), now.Add(48*time.Hour)
	revoke(s, "a", soon, now)
	revoke(s, "a", soon, now) // another tab does the same
	revoke(s, "b", later, now)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s = open()
	want(s, now, map[string]time.Time{"a": soon, "b": later})
	want(s, soon, map[string]time.Time{"b": later})
	revoke(s, "c", later, soon)
	want(s, now, map[string]time.Time{"b": later, "c": later}) // what is over was forgotten
}
