// Package bunstore is a Repository on SQLite, by way of the driver
// modernc.org/sqlite (no cgo) and the query builder uptrace/bun.
//
// One connection writes and a few read beside it, in WAL mode. What the
// writer has committed is on the disk (synchronous=FULL). Hot statements are
// prepared once and take bound arguments; bun, which writes its arguments
// into the text of the query, builds those that are rare or have many shapes.
//
// bun and its sqlitedialect must have the same version: the dialect panics
// otherwise, before main begins.
package bunstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	_ "modernc.org/sqlite" // registers the driver

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// Options tunes a Store. The zero value, and nil, mean the defaults.
type Options struct {
	// Readers is how many connections read side by side; 0 means 4. Each
	// may hold 2 MB of cache outside the Go heap.
	Readers int
	// BusyTimeout is how long to wait for another program that has the
	// database locked; 0 means 10 s. Waiting is tried three times.
	BusyTimeout time.Duration
	// NoSync leaves syncing to the operating system (synchronous=NORMAL):
	// a power failure may take the newest commits. For tests and imports.
	NoSync bool
	// Logger is told of migrations; nil discards.
	Logger *slog.Logger
	// CopyBeforeMigration keeps a copy of the database beside it, as
	// FILE.schema-N, before its schema N is changed: an older program cannot
	// read the database afterwards. The copy before an earlier change goes.
	CopyBeforeMigration bool
}

// Store implements imagechat.Repository. Make one with Open, end it with Close.
type Store struct {
	view
	file    string
	o       Options
	damaged atomic.Bool                  // says Patrol
	unlock  atomic.Pointer[func() error] // of the newest Lock
}

// Open opens the database that a URL names (see Path), makes it and its
// directory if need be, and brings its schema up to date. It refuses, in one
// sentence, a database that is damaged, another program's, or newer than this
// package.
func Open(ctx context.Context, url string, o *Options) (*Store, error) {
	file, err := Path(url)
	if err != nil {
		return nil, err
	}
	return OpenFile(ctx, file, o)
}

// OpenFile is Open for the path of a file.
func OpenFile(ctx context.Context, file string, o *Options) (*Store, error) {
	if o == nil {
		o = &Options{}
	}
	file, err := filepath.Abs(file)
	if err != nil {
		return nil, fmt.Errorf("bunstore: the path of the database: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, fmt.Errorf("bunstore: make the database's directory: %w: %w", imagechat.StorageUnavailable, err)
	}
	d, err := connect(file, o)
	if err != nil {
		return nil, err
	}
	s := &Store{view: view{db: d}, file: file, o: *o}
	if err := s.prepareSchema(ctx); err != nil {
		return nil, errors.Join(err, d.close())
	}
	return s, nil
}

// connect makes the two pools. Neither has touched the file yet.
func connect(file string, o *Options) (*database, error) {
	busy := o.BusyTimeout
	if busy == 0 {
		busy = 10 * time.Second
	}
	writer, err := sql.Open("sqlite", writerDSN(file, busy, o.NoSync))
	if err != nil {
		return nil, fmt.Errorf("bunstore: %w", translate(err))
	}
	writer.SetMaxOpenConns(1)
	reader, err := sql.Open("sqlite", readerDSN(file, busy))
	if err != nil {
		return nil, fmt.Errorf("bunstore: %w", translate(err))
	}
	n := o.Readers
	if n <= 0 {
		n = 4
	}
	reader.SetMaxOpenConns(n)
	reader.SetMaxIdleConns(n)
	return &database{
		writer:     newPool(bun.NewDB(writer, sqlitedialect.New())),
		reader:     newPool(bun.NewDB(reader, sqlitedialect.New())),
		gathering:  maxGathering,
		fewMatches: defaultFewMatches,
	}, nil
}

// File returns the path of the database file.
func (s *Store) File() string { return s.file }

// Close lets go of the database. Operations that run are waited for.
func (s *Store) Close() error {
	err := s.db.close()
	if unlock := s.unlock.Load(); unlock != nil {
		err = errors.Join(err, (*unlock)())
	}
	if err != nil {
		return fmt.Errorf("bunstore: close: %w", translate(err))
	}
	return nil
}

// CheckHealth implements imagechat.HealthChecker: a row can be read, and the
// writer can begin.
func (s *Store) CheckHealth(ctx context.Context) error {
	if _, err := s.CountSessions(ctx, imagechat.SessionFilter{}); err != nil {
		return err
	}
	return s.atomically(ctx, func(view) error { return nil })
}

var (
	_ imagechat.Repository    = (*Store)(nil)
	_ imagechat.HealthChecker = (*Store)(nil)
	_ imagechat.Maintainer    = (*Store)(nil)
)
