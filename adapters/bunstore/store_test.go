package bunstore_test

import (
	"bytes"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/bunstore"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

func TestPath(t *testing.T) {
	t.Parallel()
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, url, want, problem string }{
		{"relative", "sqlite:///./data/image_chat.db", wd + "/data/image_chat.db", ""},
		{"relative without a dot", "sqlite:///image_chat.db", wd + "/image_chat.db", ""},
		{"absolute", "sqlite:////var/lib/x.db", "/var/lib/x.db", ""},
		{"as an earlier server wrote it", "sqlite+aiosqlite:///./image_chat.db", wd + "/image_chat.db", ""},
		{"escaped", "sqlite:////tmp/a%20b%3F.db", "/tmp/a b?.db", ""},
		{"with settings of another driver", "sqlite:////tmp/x.db?check_same_thread=false", "/tmp/x.db", ""},
		{"two slashes", "sqlite://x.db", "", "slash"},
		{"no file", "sqlite:///", "", "names no file"},
		{"a directory", "sqlite:////var/lib/", "", "names no file"},
		{"in memory", "sqlite:///:memory:", "", "names no file"},
		{"another database", "mysql://localhost/x", "", "no SQLite database"},
		{"empty", "", "", "no SQLite database"},
		{"a password", "postgres://me:secret@localhost/x", "", "no SQLite database"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := bunstore.Path(tt.url)
			if tt.problem == "" {
				if err != nil || got != tt.want {
					t.Errorf("got %q, %v, want %q", got, err, tt.want)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.problem) || strings.Contains(err.Error(), "secret") {
				t.Errorf("got %q, error %v, want one with %q", got, err, tt.problem)
			}
		})
	}
}

func TestADatabaseIsMadeWithItsDirectoriesAndFoundAgain(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "a", "b %3F?#&", "조명.db")
	for i := range 3 {
		s, err := bunstore.OpenFile(t.Context(), file, nil)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			err = s.CreateSession(t.Context(), &imagechat.Session{ID: "s", Title: "kept"})
		} else if _, err2 := s.GetSession(t.Context(), "s"); err2 != nil {
			err = err2
		}
		if err := errors.Join(err, s.CheckHealth(t.Context()), s.IntegrityCheck(t.Context()), s.Close()); err != nil {
			t.Fatalf("round %d: %v", i, err)
		}
	}
	if _, err := os.Stat(file); err != nil {
		t.Errorf("the file is elsewhere: %v", err)
	}
}

// raw opens a database file behind the store's back.
func raw(t testing.TB, file string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func mustExec(t testing.TB, db *sql.DB, query string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// made makes a database with a few rows and closes it.
func made(t *testing.T, dir string) string {
	t.Helper()
	file := filepath.Join(dir, "image_chat.db")
	s, err := bunstore.OpenFile(t.Context(), file, &bunstore.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Atomically(t.Context(), func(r imagechat.Repository) error {
		for i := range 20 {
			id := imagechat.SessionID(strings.Repeat("x", 30) + string(rune('a'+i%26)) + string(rune('a'+i/26)))
			if err := r.CreateSession(t.Context(), &imagechat.Session{ID: id, Title: "따뜻한 조명"}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestADatabaseThatMustBeLeftAloneIsRefusedInOneSentence(t *testing.T) {
	t.Parallel()
	overwrite := func(t *testing.T, file string, at, n int) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		copy(data[at:], bytes.Repeat([]byte{0xA5}, n))
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name  string
		spoil func(t *testing.T, file string)
		want  string
	}{
		{"newer", func(t *testing.T, file string) { mustExec(t, raw(t, file), `PRAGMA user_version = 999`) }, "schema 999"},
		{"another program's", func(t *testing.T, file string) { mustExec(t, raw(t, file), `PRAGMA application_id = 7`) }, "another program"},
		{"no database", func(t *testing.T, file string) { overwrite(t, file, 0, 100) }, "put a backup in its place"},
		{"schema damaged", func(t *testing.T, file string) { overwrite(t, file, 100, 3000) }, "put a backup in its place"},
		{"cut off", func(t *testing.T, file string) {
			if err := os.Truncate(file, 10*4096); err != nil {
				t.Fatal(err)
			}
		}, "put a backup in its place"},
		{"tables damaged", func(t *testing.T, file string) {
			fi, err := os.Stat(file)
			if err != nil {
				t.Fatal(err)
			}
			overwrite(t, file, 2*4096, int(fi.Size())-2*4096)
		}, "put a backup in its place"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			file := made(t, t.TempDir())
			tt.spoil(t, file)
			before, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s, err := bunstore.OpenFile(t.Context(), file, nil)
			if err == nil {
				_ = s.Close()
				t.Fatal("it was opened")
			}
			if !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %q, want one line with %q", err, tt.want)
			}
			if after, err := os.ReadFile(file); err != nil || !bytes.Equal(before, after) {
				t.Errorf("the refused file was changed (%v)", err)
			}
		})
	}
}

func TestTablesOfAnotherProgramAreNotTouched(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "other.db")
	mustExec(t, raw(t, file), `CREATE TABLE sessions (id INTEGER PRIMARY KEY)`)
	_, err := bunstore.OpenFile(t.Context(), file, nil)
	if err == nil || !strings.Contains(err.Error(), "another program") {
		t.Errorf("got error %v", err)
	}
	var n int
	if err := raw(t, file).QueryRowContext(t.Context(), `SELECT count(*) FROM sqlite_schema`).Scan(&n); err != nil || n != 1 {
		t.Errorf("the database has %d tables, %v, want 1", n, err)
	}
}

func TestAPlaceThatCannotBeUsedIsNamed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string]string{
		"below a file": filepath.Join(plain, "x.db"),
		"a directory":  dir,
	} {
		_, err := bunstore.OpenFile(t.Context(), file, nil)
		if !errors.Is(err, imagechat.StorageUnavailable) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want StorageUnavailable in one line", name, err)
		}
	}
}

func TestALockOfAnotherProgramIsWaitedFor(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "image_chat.db")
	s := open(t, file)
	other := raw(t, file)
	conn, err := other.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(t.Context(), `BEGIN IMMEDIATE`); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.CreateSession(t.Context(), &imagechat.Session{ID: "s"}) }()
	// Readers are not kept waiting.
	if _, err := s.ListSessions(t.Context(), imagechat.SessionFilter{}); err != nil {
		t.Errorf("ListSessions: %v", err)
	}
	select {
	case err := <-done:
		t.Errorf("the write did not wait: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	if _, err := conn.ExecContext(t.Context(), `ROLLBACK`); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Errorf("CreateSession: %v", err)
	}
}

func TestALockThatStaysIsStorageUnavailable(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "image_chat.db")
	s, err := bunstore.OpenFile(t.Context(), file, &bunstore.Options{BusyTimeout: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	conn, err := raw(t, file).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(t.Context(), `BEGIN IMMEDIATE`); err != nil {
		t.Fatal(err)
	}
	for what, err := range map[string]error{
		"CreateSession": s.CreateSession(t.Context(), &imagechat.Session{ID: "s"}),
		"CreateBrand":   s.CreateBrand(t.Context(), &imagechat.Brand{ID: "b"}),
		"CheckHealth":   s.CheckHealth(t.Context()),
	} {
		if !errors.Is(err, imagechat.StorageUnavailable) {
			t.Errorf("%s: got %v, want StorageUnavailable", what, err)
		}
	}
}

func TestBackupIsWholeWhileTheStoreIsInUse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, filepath.Join(dir, "image_chat.db"))
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for j := range 20 {
				id := imagechat.SessionID(string(rune('a'+i)) + string(rune('a'+j)))
				if err := s.CreateSession(t.Context(), &imagechat.Session{ID: id, Title: "조명"}); err != nil {
					t.Errorf("CreateSession: %v", err)
				}
			}
		})
	}
	target := filepath.Join(dir, "backup of it's.db")
	if err := s.CreateSession(t.Context(), &imagechat.Session{ID: "first"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Backup(t.Context(), target); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	if err := s.Backup(t.Context(), target); !errors.Is(err, imagechat.Conflict) {
		t.Errorf("Backup over a file: got %v, want Conflict", err)
	}
	if err := s.Backup(t.Context(), filepath.Join(dir, "none", "x.db")); !errors.Is(err, imagechat.StorageUnavailable) {
		t.Errorf("Backup into no directory: got %v, want StorageUnavailable", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.part")); len(left) != 0 {
		t.Errorf("left over: %v", left)
	}
	b := open(t, target)
	if err := b.IntegrityCheck(t.Context()); err != nil {
		t.Errorf("the backup: %v", err)
	}
	if _, err := b.GetSession(t.Context(), "first"); err != nil {
		t.Errorf("the backup lacks a session: %v", err)
	}
	n, err := b.CountSessions(t.Context(), imagechat.SessionFilter{})
	list, err2 := b.ListSessions(t.Context(), imagechat.SessionFilter{})
	if n != len(list) || err != nil || err2 != nil {
		t.Errorf("the backup counts %d sessions and lists %d (%v, %v)", n, len(list), err, err2)
	}
}

func TestMaintainGivesSpaceBack(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "image_chat.db"))
	ctx := t.Context()
	if err := s.CreateSession(ctx, &imagechat.Session{ID: "s"}); err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		m := &imagechat.Message{ID: imagechat.MessageID(rune('a' + i)), SessionID: "s", Parts: []imagechat.Part{{Text: strings.Repeat("x", 200_000)}}}
		if err := s.CreateMessage(ctx, m); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(s.DeleteSession(ctx, "s"), s.Maintain(ctx)); err != nil {
		t.Fatal(err)
	}
	var free int
	if err := raw(t, s.File()).QueryRowContext(ctx, `PRAGMA freelist_count`).Scan(&free); err != nil || free != 0 {
		t.Errorf("%d pages are free, %v, want 0", free, err)
	}
}

func TestBlobsYieldsEveryKeyOnce(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "image_chat.db"))
	ctx := t.Context()
	a, b, c := imagechattest.KeyOf([]byte("a")), imagechattest.KeyOf([]byte("b")), imagechattest.KeyOf([]byte("c"))
	if err := errors.Join(
		s.CreateSession(ctx, &imagechat.Session{ID: "s"}),
		s.CreateMessage(ctx, &imagechat.Message{ID: "m", SessionID: "s", Parts: []imagechat.Part{{Blob: a}, {Blob: b}}}),
		s.CreateImage(ctx, &imagechat.Image{ID: "i", Blob: a}),
		s.PutVariant(ctx, &imagechat.Variant{Source: a, Name: "w=1", Blob: c}),
	); err != nil {
		t.Fatal(err)
	}
	got := map[imagechat.BlobKey]int{}
	for key, err := range s.Blobs(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		got[key]++
	}
	if len(got) != 3 || got[a] != 1 || got[b] != 1 || got[c] != 1 {
		t.Errorf("got %v, want each of three keys once", got)
	}
}

// A server must come up on a full disk, where nothing can be written.
func TestOpeningADatabaseWritesNothing(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "x.db")
	for _, what := range []string{"made", "opened again"} {
		s, err := bunstore.OpenFile(t.Context(), file, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.CheckHealth(t.Context()); err != nil {
			t.Fatal(err)
		}
		log, err := os.Stat(file + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		if wrote := log.Size() > 0; wrote != (what == "made") {
			t.Errorf("%s: the write-ahead log has %d bytes", what, log.Size())
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
