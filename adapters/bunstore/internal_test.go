package bunstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

func openTemp(t testing.TB) *Store {
	t.Helper()
	s, err := OpenFile(t.Context(), filepath.Join(t.TempDir(), "image_chat.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestEveryConnectionHasItsSettings(t *testing.T) {
	t.Parallel()
	s := openTemp(t)
	ctx := t.Context()
	check := func(p *pool, who, pragma, want string) {
		t.Helper()
		var got string
		if err := p.DB.DB.QueryRowContext(ctx, `PRAGMA `+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s: %s is %q, %v, want %q", who, pragma, got, err, want)
		}
	}
	for pragma, want := range map[string]string{
		"busy_timeout": "10000", "journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "auto_vacuum": "2",
		"cache_size": "-2000", "journal_size_limit": fmt.Sprint(journalLimit), "query_only": "0",
	} {
		check(s.db.writer, "writer", pragma, want)
	}
	// All readers at once, so that each is another connection.
	for i := range 4 {
		c, err := s.db.reader.DB.DB.Conn(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		for pragma, want := range map[string]string{"busy_timeout": "10000", "query_only": "1", "cache_size": "-2000"} {
			var got string
			if err := c.QueryRowContext(ctx, `PRAGMA `+pragma).Scan(&got); err != nil || got != want {
				t.Errorf("reader %d: %s is %q, %v, want %q", i, pragma, got, err, want)
			}
		}
	}
}

func TestAMigrationAppliesFullyOrNotAtAll(t *testing.T) {
	t.Parallel()
	s := openTemp(t)
	ctx := t.Context()
	have, err := loadMigrations(migrationFiles)
	if err != nil {
		t.Fatal(err)
	}
	n := len(have)
	good := migration{"good", `CREATE TABLE good (a); INSERT INTO good VALUES (1);`}
	bad := migration{"bad", `CREATE TABLE half (a); INSERT INTO good VALUES (2); CREATE TABLE good (a); CREATE TABLE other (a);`}
	for range 2 { // the second try fails again
		if err := s.db.migrate(ctx, append(slices.Clip(have), good, bad)); err == nil || !strings.Contains(err.Error(), "bad") {
			t.Errorf("got error %v, want one that names the migration", err)
		}
		var version, tables, rows int
		err := s.db.reader.DB.DB.QueryRowContext(ctx, `SELECT (SELECT user_version FROM pragma_user_version),
			(SELECT count(*) FROM sqlite_schema WHERE name IN ('half', 'other')), (SELECT count(*) FROM good)`).Scan(&version, &tables, &rows)
		if err != nil || version != n+1 || tables != 0 || rows != 1 {
			t.Errorf("schema %d with %d tables of the bad migration and %d rows, %v; want %d, 0 and 1", version, tables, rows, err, n+1)
		}
	}
	bad.sql = `CREATE TABLE half (a);`
	if err := s.db.migrate(ctx, append(slices.Clip(have), good, bad)); err != nil {
		t.Errorf("the repaired migration: %v", err)
	}
}

// The first release's database, with a picture that two sessions use.
const firstRelease = `
	INSERT INTO sessions SELECT value, '', '', '', '', '', '', 0, 0, 'active', '', 0, 0, 0, 0, 0, 1, 0, 0 FROM json_each('["s1", "s2"]');
	INSERT INTO messages VALUES ('m1', 's1', '', 'user', 'text', '', '["logo"]', '', '', 0, 0, '', 0),
		('m2', 's2', '', 'user', 'text', '', '["logo", "logo"]', '', '', 0, 0, '', 0), ('m3', 's2', '', 'user', 'text', '', '', '', '', 0, 0, '', 0);
	INSERT INTO images VALUES ('logo', '', 's1', '', '', 'reference', 'b', 1, 1, '', '', 1, '', '', '', '', 0, 0, 0, '', 0, '', '', 0);`

func TestReferencesOfTheFirstReleaseAreKnown(t *testing.T) {
	t.Parallel()
	have, err := loadMigrations(migrationFiles)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "image_chat.db")
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	header := fmt.Sprintf("; PRAGMA application_id = %d; PRAGMA user_version = 1", applicationID)
	if _, err := db.ExecContext(t.Context(), have[0].sql+firstRelease+header); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := OpenFile(t.Context(), file, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.DeleteSession(t.Context(), "s1"); err != nil {
		t.Fatal(err)
	}
	left, err := s.GetImages(t.Context(), "logo")
	if err != nil || len(left) != 1 || left[0].SessionID != "s2" {
		t.Errorf("got %v, %v, want the picture in s2", left, err)
	}
}

func TestMigrationsAreNumberedWithoutGaps(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{"migrations/0001_a.sql": {}, "migrations/0003_b.sql": {}}
	if _, err := loadMigrations(files); err == nil {
		t.Error("a gap was not seen")
	}
}

func TestVersionsAreCompared(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]bool{
		"3.51.3": true, "3.51.4": true, "3.54.1": true, "4.0.0": true, "3.51.2": false, "3.50.9": false, "2.99.99": false, "3.51": false, "x": false,
	} {
		if got := atLeast(version, minSQLite); got != want {
			t.Errorf("%s: got %v, want %v", version, got, want)
		}
	}
}

// fillUp lets the database grow no further.
func fillUp(t *testing.T, s *Store) (release func()) {
	t.Helper()
	set := func(pages string) {
		t.Helper()
		if _, err := s.db.writer.DB.DB.ExecContext(t.Context(), `PRAGMA max_page_count = `+pages); err != nil {
			t.Fatal(err)
		}
	}
	set("1") // SQLite makes of it the present size
	return func() { set("1000000") }
}

func TestAFullDiskIsStorageFullAndReadsGoOn(t *testing.T) {
	t.Parallel()
	s := openTemp(t)
	ctx := t.Context()
	create := func(r imagechat.Repository, id imagechat.SessionID) error {
		return r.CreateSession(ctx, &imagechat.Session{ID: id, Title: strings.Repeat("가", 20_000)})
	}
	if err := create(s, "before"); err != nil {
		t.Fatal(err)
	}
	release := fillUp(t, s)
	if err := create(s, "full"); !errors.Is(err, imagechat.StorageFull) {
		t.Errorf("alone: got %v, want StorageFull", err)
	}
	err := s.Atomically(ctx, func(tx imagechat.Repository) error {
		if err := create(tx, "full"); !errors.Is(err, imagechat.StorageFull) {
			t.Errorf("in a transaction: got %v, want StorageFull", err)
		}
		// SQLite may have undone the transaction; what follows must not be
		// committed by itself, even if the caller heeds no error.
		_ = tx.CreateBrand(ctx, &imagechat.Brand{ID: "stray"})
		_, _ = tx.GetBrand(ctx, "stray")
		return nil
	})
	if !errors.Is(err, imagechat.StorageFull) {
		t.Errorf("its commit: got %v, want StorageFull", err)
	}
	if _, err := s.GetBrand(ctx, "stray"); !errors.Is(err, imagechat.NotFound) {
		t.Errorf("a statement after the failure was committed: %v", err)
	}
	if _, err := s.GetSession(ctx, "before"); err != nil {
		t.Errorf("a read: %v", err)
	}
	release()
	if err := create(s, "after"); err != nil {
		t.Errorf("after room was made: %v", err)
	}
	if n, err := s.CountSessions(ctx, imagechat.SessionFilter{}); n != 2 || err != nil {
		t.Errorf("counted %d sessions, %v, want 2", n, err)
	}
}

func TestAReadOnlyDatabaseIsStorageUnavailable(t *testing.T) {
	t.Parallel()
	s := openTemp(t)
	ctx := t.Context()
	if _, err := s.db.writer.DB.DB.ExecContext(ctx, `PRAGMA query_only = 1`); err != nil {
		t.Fatal(err)
	}
	if err := s.CreateSession(ctx, &imagechat.Session{ID: "s"}); !errors.Is(err, imagechat.StorageUnavailable) {
		t.Errorf("got %v, want StorageUnavailable", err)
	}
}

func TestAClosedStoreIsStorageUnavailable(t *testing.T) {
	t.Parallel()
	s := openTemp(t)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := s.GetSession(t.Context(), "s")
	if !errors.Is(err, imagechat.StorageUnavailable) {
		t.Errorf("GetSession: got %v, want StorageUnavailable", err)
	}
	if err := s.CreateSession(t.Context(), &imagechat.Session{ID: "s"}); !errors.Is(err, imagechat.StorageUnavailable) {
		t.Errorf("CreateSession: got %v, want StorageUnavailable", err)
	}
}

func TestContextErrorsPass(t *testing.T) {
	t.Parallel()
	s := openTemp(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for what, err := range map[string]error{
		"read":        func() error { _, err := s.GetSession(ctx, "s"); return err }(),
		"list":        func() error { _, err := s.ListTurns(ctx, ""); return err }(),
		"write":       s.CreateBrand(ctx, &imagechat.Brand{ID: "b"}),
		"transaction": s.Atomically(ctx, func(imagechat.Repository) error { return nil }),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want context.Canceled", what, err)
		}
	}
}

func TestSearchIsTheSameByIndexAndByWalking(t *testing.T) {
	t.Parallel()
	s := openTemp(t)
	ctx := t.Context()
	for i := range 30 {
		err := s.CreateSession(ctx, &imagechat.Session{ID: imagechat.SessionID(fmt.Sprintf("%02d", i)), Title: fmt.Sprint("lamp number ", i)})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, few := range []int{1, 5, 1000} {
		s.db.fewMatches = few
		for key, want := range map[string]int{"lamp": 30, "lamp number 2": 11, "number 17": 1, "mp n": 30, "lampx": 0} {
			f := imagechat.SessionFilter{Search: []string{key}}
			n, err := s.CountSessions(ctx, f)
			list, err2 := s.ListSessions(ctx, f)
			if n != want || len(list) != want || err != nil || err2 != nil {
				t.Errorf("few %d, key %q: counted %d, listed %d (%v, %v), want %d", few, key, n, len(list), err, err2, want)
			}
		}
	}
}

// The statements that run for every request must find their rows by an index
// and in its order, or a million rows would make them slow.
func TestHotStatementsUseAnIndex(t *testing.T) {
	t.Parallel()
	s := openTemp(t)
	ctx := t.Context()
	before := imagechat.Position{Time: timeOf(5), ID: "x"}
	yes := true
	calls := map[string]func() error{
		"sessions": func() error {
			for _, f := range []imagechat.SessionFilter{
				{Limit: 20}, {Limit: 20, Before: before}, {Status: "active", Limit: 20}, {Status: "active", Before: before, Limit: 20},
				{Order: imagechat.SessionsUpdated, Limit: 20}, {Order: imagechat.SessionsUpdated, Limit: 20, Before: before},
				{Order: imagechat.SessionsUpdated, Status: "active", Limit: 20, Before: before},
			} {
				if _, err := s.ListSessions(ctx, f); err != nil {
					return err
				}
				if _, err := s.CountSessions(ctx, f); err != nil {
					return err
				}
			}
			_, err := s.GetSession(ctx, "s")
			return ignoreNotFound(err)
		},
		"messages": func() error {
			_, err := s.ListMessages(ctx, "s", "m", 200)
			return err
		},
		"attempts": func() error {
			_, err := s.ListAttempts(ctx, "")
			_, err2 := s.ListAttempts(ctx, "t")
			_, _, err3 := s.Booked(ctx, "", timeOf(5))
			_, _, err4 := s.Booked(ctx, "s", timeOf(5))
			_, err5 := s.RecentDurations(ctx, "m", "1K", 20)
			return errors.Join(err, err2, err3, err4, err5)
		},
		"turns": func() error {
			_, err := s.FindTurn(ctx, "s", "k")
			return ignoreNotFound(err)
		},
		"events": func() error {
			_, err := s.ListEvents(ctx, "s", 5, 100)
			return err
		},
		"images": func() error {
			_, err := s.GetImages(ctx, "i")
			return err
		},
	}
	for name, call := range calls {
		if err := call(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	n := 0
	s.db.reader.stmts.Range(func(query, _ any) bool {
		n++
		checkPlan(t, s, query.(string))
		return true
	})
	if n < 12 {
		t.Errorf("only %d statements were prepared", n)
	}
	for _, f := range []imagechat.ImageFilter{
		{Limit: 50}, {SessionID: "s", Role: "generated", Limit: 1}, {Messages: []imagechat.MessageID{"m"}}, {Selected: &yes, Before: before, Limit: 50},
	} {
		checkPlan(t, s, filterImages(s.from("images AS i"), &f).ColumnExpr(imageColumns).OrderExpr("i.created_at DESC, i.id DESC").Limit(50).String())
	}
	checkPlan(t, s, s.from("turns").ColumnExpr(turnColumns).OrderExpr("id").Where("session_id = ?", "s").Where("status IN ('queued', 'running')").String())
}

// What few of many images have must not be looked for among all of them: with
// 550,000 images that took half a second.
func TestRareImagesAreFoundByTheirOwnIndex(t *testing.T) {
	t.Parallel()
	s := openTemp(t)
	yes, no := true, false
	generated := imagechat.ImageGenerated
	for _, tt := range []struct {
		f    imagechat.ImageFilter
		want string
	}{
		{imagechat.ImageFilter{Role: generated}, "images_newest"},
		{imagechat.ImageFilter{Role: generated, Selected: &no}, "images_newest"},
		{imagechat.ImageFilter{Role: generated, Selected: &yes}, "images_starred"},
		{imagechat.ImageFilter{Role: generated, Purpose: "p"}, "images_by_purpose"},
		{imagechat.ImageFilter{Role: imagechat.ImageReference}, "images_references"},
		{imagechat.ImageFilter{Role: imagechat.ImageLogo}, "images_logos"},
		{imagechat.ImageFilter{Role: generated, SessionID: "s"}, "images_of_session"},
		{imagechat.ImageFilter{Role: generated, SessionID: "s", Purpose: "p"}, "images_of_session"},
		{imagechat.ImageFilter{Role: imagechat.ImageReference, SessionID: "s"}, "images_of_session"},
	} {
		for _, before := range []imagechat.Position{{}, {Time: timeOf(5), ID: "x"}} {
			tt.f.Before = before
			query := filterImages(s.from("images AS i"), &tt.f).ColumnExpr(imageColumns).OrderExpr("i.created_at DESC, i.id DESC").Limit(50).String()
			if steps := strings.Join(plan(t, s, query), "; "); !strings.Contains(steps, "INDEX "+tt.want+" ") {
				t.Errorf("%+v: %s, want %s", tt.f, steps, tt.want)
			}
		}
	}
}

func TestLiveTurnsAreFoundAmongManyEnded(t *testing.T) {
	t.Parallel()
	s := openTemp(t)
	if _, err := s.ListTurns(t.Context(), "s", liveStatuses...); err != nil {
		t.Fatal(err)
	}
	found := false
	s.db.reader.stmts.Range(func(query, _ any) bool {
		found = found || strings.Contains(query.(string), "INDEXED BY turns_not_ended")
		return !found
	})
	if !found {
		t.Error("the live turns of a session are looked for among all of its turns")
	}
}

func ignoreNotFound(err error) error {
	if errors.Is(err, imagechat.NotFound) {
		return nil
	}
	return err
}

func checkPlan(t *testing.T, s *Store, query string) {
	t.Helper()
	for _, step := range plan(t, s, query) {
		if strings.Contains(step, "USE TEMP B-TREE") && !strings.Contains(query, "json_each") ||
			strings.HasPrefix(step, "SCAN") && !strings.Contains(step, "json_each") && !strings.Contains(step, "INDEX attempts_live") && !strings.Contains(step, "CONSTANT") {
			t.Errorf("%s:\n%s", strings.Join(strings.Fields(query), " "), step)
		}
	}
}

func plan(t *testing.T, s *Store, query string) []string {
	t.Helper()
	args := make([]any, strings.Count(query, "?"))
	rows, err := s.db.reader.DB.DB.QueryContext(t.Context(), `EXPLAIN QUERY PLAN `+query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var steps []string
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return steps
}
