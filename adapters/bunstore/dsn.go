package bunstore

import (
	"encoding/binary"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Path returns the absolute path of the file that a database URL names:
// sqlite:///relative/path, sqlite:////absolute/path, and the same with
// sqlite+aiosqlite, which an earlier server in Python wrote.
func Path(location string) (string, error) {
	scheme, rest, _ := strings.Cut(location, "://")
	if scheme != "sqlite" && scheme != "sqlite+aiosqlite" {
		return "", fmt.Errorf("bunstore: %q is no SQLite database; an example is sqlite:///./data/image_chat.db", redact(location))
	}
	p, ok := strings.CutPrefix(rest, "/")
	if !ok {
		return "", fmt.Errorf("bunstore: %q lacks a slash; write sqlite:///relative/path or sqlite:////absolute/path", location)
	}
	p, _, _ = strings.Cut(p, "?") // settings of other drivers
	p, err := url.PathUnescape(p)
	if err != nil || p == "" || strings.HasSuffix(p, "/") || p == ":memory:" || strings.ContainsRune(p, 0) {
		return "", fmt.Errorf("bunstore: %q names no file; an example is sqlite:///./data/image_chat.db", location)
	}
	abs, err := filepath.Abs(filepath.FromSlash(p))
	if err != nil {
		return "", fmt.Errorf("bunstore: the path of %q: %w", location, err)
	}
	return abs, nil
}

// redact hides what may be a password in the URL of another database.
func redact(location string) string {
	if u, err := url.Parse(location); err == nil && u.User != nil {
		return u.Redacted()
	}
	if strings.Contains(location, "@") {
		scheme, _, _ := strings.Cut(location, "://")
		return scheme + "://…"
	}
	return location
}

// journalLimit is the size in bytes that the write-ahead log is cut back to
// after a burst.
const journalLimit = 16 << 20

// Pragmas are given with the name of the database, so that every connection
// of a pool has them. busy_timeout is the first, since setting the journal
// mode may have to wait.
func writerDSN(file string, busy time.Duration, noSync bool) string {
	sync := "FULL"
	if noSync {
		sync = "NORMAL"
	}
	pragmas := []string{"busy_timeout(" + strconv.FormatInt(busy.Milliseconds(), 10) + ")"}
	if !isIncremental(file) {
		// Counts before the first table is made. SQLite writes to the file
		// each time that it is told, which a full disk would not let it.
		pragmas = append(pragmas, "auto_vacuum(INCREMENTAL)")
	}
	return dsn(file, "immediate", append(pragmas,
		"journal_mode(WAL)",
		"synchronous("+sync+")",
		"foreign_keys(1)",
		"cache_size(-2000)",
		"temp_store(MEMORY)",
		"journal_size_limit("+strconv.Itoa(journalLimit)+")",
	)...)
}

// isIncremental reports whether the database's header says that it is
// vacuumed incrementally (https://www.sqlite.org/fileformat.html#the_database_header).
func isIncremental(file string) bool {
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	var header [68]byte
	if _, err := io.ReadFull(f, header[:]); err != nil {
		return false
	}
	return binary.BigEndian.Uint32(header[52:]) != 0 && binary.BigEndian.Uint32(header[64:]) != 0
}

func readerDSN(file string, busy time.Duration) string {
	return dsn(file, "deferred",
		"busy_timeout("+strconv.FormatInt(busy.Milliseconds(), 10)+")",
		"query_only(1)",
		"cache_size(-2000)",
		"temp_store(MEMORY)",
	)
}

func dsn(file, lock string, pragmas ...string) string {
	q := url.Values{"_txlock": {lock}, "_dqs": {"0"}, "_pragma": pragmas}
	p := filepath.ToSlash(file)
	if !strings.HasPrefix(p, "/") {
		p = "/" + p // C:/… on Windows
	}
	u := url.URL{Scheme: "file", Path: p, RawQuery: q.Encode()}
	return u.String()
}
