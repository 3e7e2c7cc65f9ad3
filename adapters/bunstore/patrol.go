package bunstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// patrolRest is how much longer than a table's check the rest after it is.
const patrolRest = 9

// Patrol reads the whole database, table after table, resting nine tenths of
// the time, and looks for damaged pages: one in the middle of the file would
// otherwise show when it is needed. It fails with StorageUnavailable and the
// first faults that it finds, and [Store.Warnings] tells of them from then on,
// until a later round finds none.
//
// It keeps nobody waiting: it reads through a connection of its own, as of the
// moment at which it begins a table, and only the write-ahead log grows until
// that table is done.
func (s *Store) Patrol(ctx context.Context) error {
	db, err := sql.Open("sqlite", dsn(s.file, "deferred", "busy_timeout(10000)", "query_only(1)", "cache_size(-500)"))
	if err != nil {
		return fmt.Errorf("bunstore: patrol: %w", translate(err))
	}
	err = patrol(ctx, db)
	if ctx.Err() != nil {
		return errors.Join(ctx.Err(), db.Close())
	}
	s.damaged.Store(errors.Is(err, errDamaged))
	if err != nil {
		err = fmt.Errorf("bunstore: patrol of %s: %w: %w", s.file, imagechat.StorageUnavailable, err)
	}
	return errors.Join(err, db.Close())
}

var errDamaged = errors.New("damaged")

func patrol(ctx context.Context, db *sql.DB) error {
	// A virtual table has no pages of its own; those of its shadows are tables here.
	names, err := column(ctx, db, `SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'`)
	if err != nil {
		return err
	}
	for _, name := range names {
		begun := time.Now()
		faults, err := column(ctx, db, `SELECT * FROM pragma_quick_check(?) WHERE quick_check <> 'ok' LIMIT 5`, name)
		if err != nil {
			return fmt.Errorf("table %s: %w", name, err)
		}
		if len(faults) > 0 {
			return fmt.Errorf("%w: table %s: %q", errDamaged, name, faults)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(patrolRest * time.Since(begun)):
		}
	}
	return nil
}

// column reads one column. What it trips over may be the damage that is looked for.
func column(ctx context.Context, db *sql.DB, query string, args ...any) (found []string, err error) {
	defer func() {
		if isDamaged(err) {
			err = fmt.Errorf("%w: %w", errDamaged, err)
		}
	}()
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		found = append(found, text)
	}
	return found, rows.Err()
}

// Damaged reports whether the last round of Patrol found damage.
func (s *Store) Damaged() bool { return s.damaged.Load() }

// Warnings implements imagechat.Warner.
func (s *Store) Warnings() []imagechat.Localized {
	if !s.Damaged() {
		return nil
	}
	return []imagechat.Localized{{
		KO: "데이터베이스에 손상된 페이지가 있어서 그 안의 내용을 읽을 수 없어요. 데이터 폴더를 복사해 두고 imagechat doctor를 실행한 뒤, imagechat verify가 온전하다고 하는 가장 최근 백업을 복원해 주세요.",
		EN: "The database has damaged pages, and what they held cannot be read. Make a copy of the data directory, run imagechat doctor, and restore the newest backup that imagechat verify finds whole.",
	}}
}
