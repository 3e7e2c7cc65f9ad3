package bunstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// database is the two pools of connections.
type database struct {
	writer, reader *pool
	queue          queue         // for the writer
	gathering      time.Duration // see maxGathering
	fewMatches     int           // see defaultFewMatches
}

func (d *database) close() error { return errors.Join(d.reader.close(), d.writer.close()) }

// pool is connections with the statements prepared on them, by their text.
type pool struct {
	*bun.DB
	stmts sync.Map // string → *sql.Stmt
}

// statement is a prepared one. Its pool closes it.
type statement interface {
	ExecContext(ctx context.Context, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, args ...any) *sql.Row
}

func newPool(db *bun.DB) *pool { return &pool{DB: db} }

// stmt returns a prepared statement. The texts are constants and a few
// combinations of them, so their number is bounded.
func (p *pool) stmt(ctx context.Context, query string) (statement, error) {
	if s, ok := p.stmts.Load(query); ok {
		return s.(*sql.Stmt), nil
	}
	s, err := p.DB.DB.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	if other, loaded := p.stmts.LoadOrStore(query, s); loaded {
		return other.(*sql.Stmt), s.Close()
	}
	return s, nil
}

func (p *pool) close() error {
	p.stmts.Range(func(_, s any) bool {
		_ = s.(*sql.Stmt).Close()
		return true
	})
	return p.Close()
}

// view is the repository as one caller sees it: outside of transactions reads
// go to the readers; inside (tx set) everything goes to the transaction.
type view struct {
	db *database
	tx *transaction
}

// busyTries is how often busy_timeout is waited for in a row.
const busyTries = 3

var errNested = errors.New("bunstore: Atomically may not nest")

// Atomically implements imagechat.Repository.
func (v view) Atomically(ctx context.Context, fn func(imagechat.Repository) error) error {
	if v.tx != nil {
		return errNested
	}
	return v.atomically(ctx, func(v view) error { return fn(v) })
}

// write runs fn in the transaction that there is, or in one of its own.
func (v view) write(ctx context.Context, fn func(v view) error) error {
	if v.tx != nil {
		return fn(v)
	}
	return v.atomically(ctx, fn)
}

// atomically returns when what fn did is on the disk, or when none of it is.
func (v view) atomically(ctx context.Context, fn func(v view) error) (err error) {
	t, err := v.db.join(ctx)
	if err != nil {
		return fmt.Errorf("bunstore: begin: %w", translate(err))
	}
	func() {
		defer v.db.pass(ctx, t) // also when fn panics
		err = t.run(ctx, func() error { return fn(view{db: v.db, tx: t}) })
	}()
	if err != nil {
		return err
	}
	<-t.done
	return t.err
}

// retryBusy waits again for a lock that another program holds.
func retryBusy(ctx context.Context, do func() error) error {
	for try := 1; ; try++ {
		err := do()
		if err == nil || !isBusy(err) || try == busyTries || ctx.Err() != nil {
			return err
		}
	}
}

// note remembers a failure that ends the transaction.
func (v view) note(err error) error {
	err = translate(err)
	if err != nil && v.tx != nil && !harmless(err) {
		v.tx.fail(err)
	}
	return err
}

// stmt returns the prepared statement in the right place.
func (v view) stmt(ctx context.Context, p *pool, query string) (statement, error) {
	if v.tx == nil {
		return p.stmt(ctx, query)
	}
	if err := v.tx.ready(ctx); err != nil {
		return nil, err
	}
	if s, ok := v.db.writer.stmts.Load(query); ok {
		return v.tx.StmtContext(v.lasting(ctx), s.(*sql.Stmt)), nil
	}
	v.tx.missed = append(v.tx.missed, query)
	return v.tx.Tx.Tx.PrepareContext(v.lasting(ctx), query)
}

// lasting is the context of a statement. Inside a transaction none is cut off:
// SQLite would roll back all of it, other callers' work too.
func (v view) lasting(ctx context.Context) context.Context {
	if v.tx == nil {
		return ctx
	}
	return context.WithoutCancel(ctx)
}

// exec runs a statement that changes rows and returns how many.
func (v view) exec(ctx context.Context, query string, args ...any) (int64, error) {
	var n int64
	err := retryBusy(ctx, func() error {
		s, err := v.stmt(ctx, v.db.writer, query)
		if err != nil {
			return err
		}
		r, err := s.ExecContext(v.lasting(ctx), args...)
		if err != nil {
			return err
		}
		n, err = r.RowsAffected()
		return err
	})
	return n, v.note(err)
}

// execOne is exec where exactly the named row must be hit.
func (v view) execOne(ctx context.Context, what string, query string, args ...any) error {
	n, err := v.exec(ctx, query, args...)
	if err == nil && n == 0 {
		err = imagechat.NotFound
	}
	if err != nil {
		return fmt.Errorf("bunstore: %s: %w", what, err)
	}
	return nil
}

// scanner is a row to be read.
type scanner interface{ Scan(dest ...any) error }

// failedRow is a row that could not be asked for.
type failedRow struct{ err error }

func (r failedRow) Scan(...any) error { return r.err }

// row asks for one row.
func (v view) row(ctx context.Context, query string, args ...any) scanner {
	s, err := v.stmt(ctx, v.db.reader, query)
	if err != nil {
		return failedRow{err}
	}
	return s.QueryRowContext(v.lasting(ctx), args...)
}

// one reads the row that a query finds, or fails with NotFound.
func one[T any](ctx context.Context, v view, what string, scan func(scanner) (*T, error), query string, args ...any) (*T, error) {
	var x *T
	err := retryBusy(ctx, func() (err error) {
		x, err = scan(v.row(ctx, query, args...))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("bunstore: %s: %w", what, v.note(err))
	}
	return x, nil
}

// all reads every row that a query finds.
func all[T any](ctx context.Context, v view, what string, scan func(scanner) (*T, error), query string, args ...any) ([]*T, error) {
	return collect(ctx, v, what, scan, func() (*sql.Rows, error) {
		s, err := v.stmt(ctx, v.db.reader, query)
		if err != nil {
			return nil, err
		}
		return s.QueryContext(v.lasting(ctx), args...)
	})
}

// built is all for a query that bun built; see view.from.
func built[T any](ctx context.Context, v view, what string, scan func(scanner) (*T, error), q *bun.SelectQuery) ([]*T, error) {
	return collect(ctx, v, what, scan, func() (*sql.Rows, error) {
		if v.tx != nil {
			if err := v.tx.ready(ctx); err != nil {
				return nil, err
			}
		}
		return q.Rows(v.lasting(ctx))
	})
}

// from begins a query for bun to build.
func (v view) from(table string, args ...any) *bun.SelectQuery {
	var db bun.IDB = v.db.reader.DB
	if v.tx != nil {
		db = v.tx.Tx
	}
	return db.NewSelect().TableExpr(table, args...)
}

func collect[T any](ctx context.Context, v view, what string, scan func(scanner) (*T, error), query func() (*sql.Rows, error)) ([]*T, error) {
	var out []*T
	err := retryBusy(ctx, func() error {
		out = nil
		rows, err := query()
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			x, err := scan(rows)
			if err != nil {
				return err
			}
			out = append(out, x)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("bunstore: %s: %w", what, v.note(err))
	}
	return out, nil
}
