package bunstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// OpenExisting opens a database for maintenance beside a server: it never
// makes one, and leaves the schema as it is, so that a newer tool does no harm
// to an older server. It refuses what Open refuses, and a missing file as
// NotFound.
func OpenExisting(ctx context.Context, url string) (*Store, error) {
	file, err := Path(url)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(file); err != nil {
		return nil, fmt.Errorf("bunstore: %w: %w", imagechat.NotFound, err)
	}
	d, err := connect(file, &Options{Readers: 1})
	if err != nil {
		return nil, err
	}
	s := &Store{view: view{db: d}, file: file}
	migrations, err := loadMigrations(migrationFiles)
	if err == nil {
		_, err = s.inspect(ctx, len(migrations))
	}
	if err != nil {
		return nil, errors.Join(s.explain(err), d.close())
	}
	return s, nil
}

// Backup writes a copy of the database, as of one moment, to a file that must
// not exist. The store stays in use meanwhile. The copy is whole and synced
// when Backup returns nil; otherwise there is none.
func (s *Store) Backup(ctx context.Context, file string) (err error) {
	if _, err := os.Lstat(file); err == nil {
		return fmt.Errorf("bunstore: backup: %s exists: %w", file, imagechat.Conflict)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("bunstore: backup: %w: %w", imagechat.StorageUnavailable, err)
	}
	part := file + ".part"
	_ = os.Remove(part) // of a backup that was cut off
	defer func() {
		if err != nil {
			_ = os.Remove(part)
		}
	}()
	if err := s.copyInto(ctx, part); err != nil {
		return fmt.Errorf("bunstore: backup: %w", translate(err))
	}
	err = syncFile(part)
	if err == nil {
		err = os.Rename(part, file)
	}
	if err == nil {
		err = syncFile(filepath.Dir(file))
	}
	if err != nil {
		return fmt.Errorf("bunstore: backup: %w: %w", imagechat.StorageUnavailable, err)
	}
	return nil
}

// copyInto runs VACUUM INTO on a connection of its own: it must be allowed to
// write, and the writer has better things to do.
func (s *Store) copyInto(ctx context.Context, file string) error {
	db, err := sql.Open("sqlite", dsn(s.file, "deferred", "busy_timeout(10000)", "cache_size(-2000)", "temp_store(FILE)"))
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `VACUUM INTO ?`, file)
	return errors.Join(err, db.Close())
}

func syncFile(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// IntegrityCheck reads the whole database and fails with StorageUnavailable
// and the first faults that it finds. It takes seconds per gigabyte.
func (s *Store) IntegrityCheck(ctx context.Context) error {
	faults, err := values(all(ctx, s.view, "integrity check", scanString, `SELECT * FROM pragma_integrity_check WHERE integrity_check <> 'ok' LIMIT 20`))
	if err != nil {
		return err
	}
	orphans, err := values(all(ctx, s.view, "integrity check", scanString, `SELECT "table" || ' row ' || coalesce(rowid, '') || ' refers to no ' || parent
		FROM pragma_foreign_key_check LIMIT 20`))
	if err != nil {
		return err
	}
	if faults = append(faults, orphans...); len(faults) > 0 {
		return fmt.Errorf("bunstore: the database %s is damaged: %s: %w", s.file, strings.Join(faults, "; "), imagechat.StorageUnavailable)
	}
	return nil
}

func scanString(row scanner) (*string, error) {
	s := new(string)
	return s, row.Scan(s)
}

// vacuumPages is how many free pages one round of Maintain gives back: 16 MB,
// for which the writer is kept waiting some tens of milliseconds.
const vacuumPages = 4096

// Maintain implements imagechat.Maintainer: it gives disk space that deleted
// rows left back to the file system and empties the write-ahead log.
func (s *Store) Maintain(ctx context.Context) error {
	for {
		var free int64
		if err := s.row(ctx, `SELECT freelist_count FROM pragma_freelist_count`).Scan(&free); err != nil {
			return fmt.Errorf("bunstore: maintain: %w", translate(err))
		}
		if free == 0 {
			break
		}
		if _, err := s.db.writer.DB.DB.ExecContext(ctx, fmt.Sprintf(`PRAGMA incremental_vacuum(%d)`, vacuumPages)); err != nil {
			return fmt.Errorf("bunstore: maintain: %w", translate(err))
		}
		if free <= vacuumPages {
			break
		}
	}
	// A reader may hold the log; the next round cuts it then.
	if _, err := s.db.writer.DB.DB.ExecContext(ctx, `PRAGMA wal_checkpoint(PASSIVE)`); err != nil {
		return fmt.Errorf("bunstore: maintain: %w", translate(err))
	}
	return nil
}

// Blobs yields every blob that an image, a variant or a message holds on to,
// each once. It is for backups and checks.
func (s *Store) Blobs(ctx context.Context) iter.Seq2[imagechat.BlobKey, error] {
	return func(yield func(imagechat.BlobKey, error) bool) {
		rows, err := s.db.reader.DB.DB.QueryContext(ctx, `SELECT blob FROM images
			UNION SELECT blob FROM variants UNION SELECT blob FROM message_blobs`)
		if err != nil {
			yield("", fmt.Errorf("bunstore: blobs: %w", translate(err)))
			return
		}
		defer rows.Close()
		for rows.Next() {
			var key imagechat.BlobKey
			if err := rows.Scan(&key); err != nil {
				yield("", fmt.Errorf("bunstore: blobs: %w", translate(err)))
				return
			}
			if !yield(key, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield("", fmt.Errorf("bunstore: blobs: %w", translate(err)))
		}
	}
}
