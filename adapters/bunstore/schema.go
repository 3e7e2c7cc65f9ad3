package bunstore

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// Migrations are files NNNN_name.sql, numbered from 1 without a gap. Each is
// applied in one transaction together with the schema's new version, which
// SQLite keeps in the file's header (PRAGMA user_version): a crash leaves the
// schema before or after it, never in between.
//
//go:embed migrations/*.sql
var migrationFiles embed.FS

type migration struct {
	name string
	sql  string
}

// applicationID marks our databases in the file's header ("giC1").
const applicationID = 0x67694331

// minSQLite is the oldest SQLite that is trusted: 3.51.3 repairs a race that
// could damage databases in WAL mode (https://www.sqlite.org/changes.html).
var minSQLite = []int{3, 51, 3}

func loadMigrations(files fs.FS) ([]migration, error) {
	names, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var out []migration
	for i, name := range names {
		if !strings.HasPrefix(name, fmt.Sprintf("migrations/%04d_", i+1)) {
			return nil, fmt.Errorf("bunstore: %s is not migration number %d", name, i+1)
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		out = append(out, migration{name, string(text)})
	}
	return out, nil
}

// prepareSchema checks what is in the file before anything writes to it, and
// then applies the migrations that it lacks.
func (s *Store) prepareSchema(ctx context.Context) error {
	migrations, err := loadMigrations(migrationFiles)
	if err != nil {
		return err
	}
	version, err := s.inspect(ctx, len(migrations))
	if err != nil {
		return s.explain(err)
	}
	if version == len(migrations) {
		return s.explain(s.probe(ctx))
	}
	return s.explain(s.migrateFrom(ctx, version, migrations))
}

// migrateFrom applies the migrations behind version, and tells of it.
func (s *Store) migrateFrom(ctx context.Context, version int, migrations []migration) error {
	log := s.o.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if version > 0 && s.o.CopyBeforeMigration {
		if err := s.keepCopy(ctx, version); err != nil {
			// A migration is done whole or not at all; the copy is for going back.
			log.Warn("no copy of the database is kept before its schema changes", "error", err)
		}
	}
	began := time.Now()
	if err := s.db.migrate(ctx, migrations); err != nil {
		return err
	}
	if version > 0 {
		log.Info("the database's schema was changed", "from", version, "to", len(migrations), "ms", time.Since(began).Milliseconds())
	}
	return nil
}

// keepCopy writes FILE.schema-N, unless it is there, and removes those of
// earlier schemas.
func (s *Store) keepCopy(ctx context.Context, version int) error {
	file := fmt.Sprintf("%s.schema-%d", s.file, version)
	if err := s.Backup(ctx, file); err != nil && !errors.Is(err, imagechat.Conflict) {
		return err
	}
	others, err := os.ReadDir(filepath.Dir(file))
	for _, other := range others {
		if strings.HasPrefix(other.Name(), filepath.Base(s.file)+".schema-") && other.Name() != filepath.Base(file) {
			err = errors.Join(err, os.Remove(filepath.Join(filepath.Dir(file), other.Name())))
		}
	}
	return err
}

// explain makes of a failed start the one sentence that an operator needs.
func (s *Store) explain(err error) error {
	switch {
	case err == nil:
		return nil
	case isDamaged(err):
		return fmt.Errorf("bunstore: the database %s is damaged: stop every program that uses it, move it and its -wal and -shm files aside, and put a backup in its place (%w: %w)",
			s.file, imagechat.StorageUnavailable, err)
	case imagechat.CodeOf(err) == imagechat.Conflict:
		return err
	}
	return fmt.Errorf("bunstore: the database %s cannot be used: %w", s.file, translate(err))
}

// inspect returns the schema's version, or why the file must be left alone.
func (s *Store) inspect(ctx context.Context, known int) (int, error) {
	var library string
	var version, app, tables int
	err := retryBusy(ctx, func() error {
		return s.db.reader.DB.DB.QueryRowContext(ctx, `SELECT sqlite_version(),
			(SELECT user_version FROM pragma_user_version), (SELECT application_id FROM pragma_application_id),
			(SELECT count(*) FROM sqlite_schema)`).Scan(&library, &version, &app, &tables)
	})
	switch {
	case err != nil:
		return 0, err
	case !atLeast(library, minSQLite):
		return 0, fmt.Errorf("bunstore: this program was built with SQLite %s, which can damage databases; build it with 3.51.3 or newer: %w", library, imagechat.Conflict)
	case tables > 0 && app != applicationID:
		return 0, fmt.Errorf("bunstore: %s is the database of another program; name a file of its own, such as sqlite:///./data/image_chat.db: %w", s.file, imagechat.Conflict)
	case version > known:
		return 0, fmt.Errorf("bunstore: the database %s has schema %d and this program knows %d; run the newer program again, or put the backup from before its update in place: %w", s.file, version, known, imagechat.Conflict)
	}
	return version, nil
}

func atLeast(version string, want []int) bool {
	parts := strings.Split(version, ".")
	for i, w := range want {
		if i >= len(parts) {
			return false
		}
		n, err := strconv.Atoi(parts[i])
		if err != nil || n != w {
			return err == nil && n > w
		}
	}
	return true
}

// migrate applies what is missing. Another process may do the same at the
// same time, so the version is read again under the lock.
func (d *database) migrate(ctx context.Context, migrations []migration) error {
	for {
		left, err := d.migrateOne(ctx, migrations)
		if err != nil || left == 0 {
			return err
		}
	}
}

// migrateOne applies the first missing migration and returns how many are left.
func (d *database) migrateOne(ctx context.Context, migrations []migration) (left int, err error) {
	err = view{db: d}.atomically(ctx, func(v view) error {
		var version int
		if err := v.tx.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&version); err != nil {
			return err
		}
		if version >= len(migrations) {
			return nil
		}
		m := migrations[version]
		header := fmt.Sprintf("\nPRAGMA application_id = %d; PRAGMA user_version = %d;", applicationID, version+1)
		if _, err := v.tx.Tx.Tx.ExecContext(ctx, m.sql+header); err != nil {
			return fmt.Errorf("bunstore: %s: %w", m.name, err)
		}
		left = len(migrations) - version - 1
		return nil
	})
	return left, err
}

// probe reads a row of each table, which finds a file that is cut off or
// overwritten without reading all of it.
func (s *Store) probe(ctx context.Context) error {
	var query strings.Builder
	for i, table := range []string{
		"sessions", "session_counts", "messages", "message_blobs", "message_references", "images", "variants",
		"turns", "attempts", "events", "brands", "session_text", "image_text",
	} {
		if i > 0 {
			query.WriteString(" UNION ALL ")
		}
		query.WriteString("SELECT * FROM (SELECT count(*) FROM (SELECT * FROM " + table + " LIMIT 1))")
	}
	rows, err := s.db.reader.DB.DB.QueryContext(ctx, query.String())
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
	}
	return errors.Join(rows.Err(), rows.Close())
}
