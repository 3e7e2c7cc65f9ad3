package bunstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// translate gives a failure of the database its code. Errors that have one,
// and those of the context, pass as they are.
func translate(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if _, ok := errors.AsType[imagechat.Code](err); ok {
		return err
	}
	if errors.Is(err, sql.ErrNoRows) {
		return imagechat.NotFound
	}
	// database/sql does not export the error of a closed pool.
	if err.Error() == "sql: database is closed" || errors.Is(err, sql.ErrConnDone) || errors.Is(err, sql.ErrTxDone) || errors.Is(err, driver.ErrBadConn) {
		return fmt.Errorf("%w: %w", imagechat.StorageUnavailable, err)
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		if e.Code()&0xff == sqlite3.SQLITE_INTERRUPT { // only a context interrupts
			return fmt.Errorf("%w: %w", context.Canceled, err)
		}
		if code := codeOf(e); code != "" {
			return fmt.Errorf("%w: %w", code, err)
		}
	}
	return err
}

// codeOf follows https://www.sqlite.org/rescode.html; the low byte is the
// primary code.
func codeOf(e *sqlite.Error) imagechat.Code {
	switch e.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return imagechat.Conflict
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return imagechat.NotFound
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_FULL:
		return imagechat.StorageFull
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_CORRUPT,
		sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM,
		sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_PERM:
		return imagechat.StorageUnavailable
	}
	return ""
}

// isBusy reports whether waiting again may help.
func isBusy(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && (e.Code()&0xff == sqlite3.SQLITE_BUSY || e.Code()&0xff == sqlite3.SQLITE_LOCKED)
}

// isDamaged reports whether the file itself is broken.
func isDamaged(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && (e.Code()&0xff == sqlite3.SQLITE_CORRUPT || e.Code()&0xff == sqlite3.SQLITE_NOTADB)
}

// harmless reports whether a transaction in which a statement failed so can
// go on: the statement did nothing and the rest is intact.
func harmless(err error) bool {
	switch imagechat.CodeOf(err) {
	case imagechat.NotFound, imagechat.Conflict:
		return true
	}
	return errors.Is(err, errGivenUp)
}
