package main

import (
	"bytes"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/bunstore"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

func TestWhatWasMadeBeforeThereWereLoginsIsToldAndHandedOver(t *testing.T) {
	t.Parallel()
	c := someData(t)
	c.Login, c.Tokens = true, []token{{Name: "anna"}}
	if found := checkOwners(t.Context(), c); len(found) != 1 || !strings.Contains(found[0].Detail, `1 conversations and 0 pictures of ""`) {
		t.Errorf("doctor says %v, want the conversation that nobody sees", found)
	}
	var out, talk bytes.Buffer
	env := map[string]string{"DATABASE_URL": "sqlite:///" + c.DatabasePath, "BLOB_URL": "file://" + c.BlobDir, "AUTH_TOKENS": "anna:a-secret-of-some-length"}
	p := &program{Stdout: &out, Stderr: &talk, Dir: t.TempDir(), Lookup: func(name string) (string, bool) { v, ok := env[name]; return v, ok }}
	if code := p.run([]string{"owners", "--rename", "nonsense"}); code != exitUsage {
		t.Errorf("nonsense: exit code %d, want %d", code, exitUsage)
	}
	if code := p.run([]string{"owners", "--rename", "=anna"}); code != exitOK {
		t.Fatalf("exit code %d: %s", code, talk.String())
	}
	if code := p.run([]string{"owners"}); code != exitOK || !strings.Contains(out.String(), `"anna"`) || strings.Contains(out.String(), "nobody") {
		t.Errorf("exit code %d: %s", code, out.String())
	}
	if found := checkOwners(t.Context(), c); len(found) != 0 {
		t.Errorf("doctor still says %v", found)
	}
	if err := withDatabase(t.Context(), c.DatabasePath, func(s *bunstore.Store) error {
		n, err := s.CountSessions(t.Context(), imagechat.SessionFilter{Owner: "anna"})
		if n != 1 {
			t.Errorf("anna has %d conversations, want 1", n)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	noOwnerLeft(t, c)
}

// noOwnerLeft asks SQLite which tables know owners, so that none is forgotten.
func noOwnerLeft(t *testing.T, c config) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Clean(c.DatabasePath))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), `SELECT m.name FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = 'owner' ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var tables []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		tables = append(tables, name)
	}
	if got := strings.Join(tables, " "); rows.Err() != nil || got != "attempts brands images session_counts sessions turns" {
		t.Errorf("tables with owners: %s; RenameOwner must know each (%v)", got, rows.Err())
	}
}
