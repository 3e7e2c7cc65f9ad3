package bunstore

import (
	"bytes"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Before a schema changes, a copy that the older program can read is kept.
func TestACopyIsKeptBeforeAMigration(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "chat.db")
	migrations, err := loadMigrations(migrationFiles)
	if err != nil {
		t.Fatal(err)
	}
	older := len(migrations) - 1
	d, err := connect(file, &Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.migrate(t.Context(), migrations[:older]); err != nil {
		t.Fatal(err)
	}
	if err := d.close(); err != nil {
		t.Fatal(err)
	}
	stale := file + ".schema-0"
	if err := os.WriteFile(stale, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	o := &Options{CopyBeforeMigration: true, Logger: slog.New(slog.NewTextHandler(&log, nil))}
	for range 2 { // the second start changes nothing
		s, err := OpenFile(t.Context(), file, o)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]int{file: len(migrations), fmt.Sprintf("%s.schema-%d", file, older): older} {
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		var version int
		if err := db.QueryRowContext(t.Context(), `PRAGMA user_version`).Scan(&version); err != nil || version != want {
			t.Errorf("%s has schema %d (%v), want %d", path, version, err, want)
		}
		_ = db.Close()
	}
	if _, err := os.Stat(stale); err == nil {
		t.Error("the copy before an earlier change is still there")
	}
	if got := strings.Count(log.String(), "schema was changed"); got != 1 {
		t.Errorf("%d lines tell of the migration, want one: %s", got, &log)
	}
}
