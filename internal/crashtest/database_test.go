//go:build !windows

package crashtest

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // opens the server's database behind its back

	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini/geminitest"
)

func (r *rig) database() string { return filepath.Join(r.Dir, "data", "image_chat.db") }

// raw is a foreign program's connection to the server's database.
func (r *rig) raw() *sql.Conn {
	r.t.Helper()
	db, err := sql.Open("sqlite", "file:"+r.database()+"?_pragma=busy_timeout(5000)")
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { db.Close() })
	conn, err := db.Conn(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	return conn
}

func (r *rig) exec(conn *sql.Conn, query string) {
	r.t.Helper()
	if _, err := conn.ExecContext(context.Background(), query); err != nil {
		r.t.Fatal(err)
	}
}

func TestADatabaseThatCannotBeTrustedIsRefusedAndLeftAlone(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		spoil func(r *rig)
		says  []string
	}{
		"another program's bytes": {
			func(r *rig) {
				if err := os.WriteFile(r.database(), bytes.Repeat([]byte("no database "), 2000), 0o600); err != nil {
					r.t.Fatal(err)
				}
			},
			[]string{"image_chat.db", "backup"},
		},
		"pages of nonsense": {
			func(r *rig) {
				f, err := os.OpenFile(r.database(), os.O_WRONLY, 0)
				if err != nil {
					r.t.Fatal(err)
				}
				defer f.Close()
				if _, err := f.WriteAt(bytes.Repeat([]byte{0xa5}, len(r.content())-4096), 4096); err != nil {
					r.t.Fatal(err)
				}
			},
			[]string{"image_chat.db", "damaged", "backup"},
		},
		"a newer program's schema": {
			func(r *rig) {
				conn := r.raw()
				r.exec(conn, "PRAGMA user_version = 999")
				r.exec(conn, "PRAGMA wal_checkpoint(TRUNCATE)")
				if err := conn.Close(); err != nil {
					r.t.Fatal(err)
				}
			},
			[]string{"999", "newer", "backup"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, geminitest.Options{})
			r.Restart()
			r.newSession()
			r.Signal(os.Interrupt) // so that no log is left that would repair a page
			if code := r.Wait(); code != 0 {
				t.Fatalf("got exit code %d\n%s", code, r.Output())
			}
			tc.spoil(r)
			before := r.content()
			printed := len(r.Output())
			if err := r.Launch(); err != nil {
				t.Fatal(err)
			}
			if code := r.Wait(); code != 1 {
				t.Errorf("got exit code %d, want 1", code)
			}
			said := strings.TrimSpace(r.Output()[printed:])
			if strings.Contains(said, "\n") {
				t.Errorf("got more than one line:\n%s", said)
			}
			for _, word := range tc.says {
				if !strings.Contains(said, word) {
					t.Errorf("got %q, want it to name %q", said, word)
				}
			}
			if !bytes.Equal(before, r.content()) {
				t.Error("the file was changed")
			}
		})
	}
}

func (r *rig) content() []byte {
	r.t.Helper()
	b, err := os.ReadFile(r.database())
	if err != nil {
		r.t.Fatal(err)
	}
	return b
}

func TestAForeignProgramThatHoldsTheDatabaseIsWaitedFor(t *testing.T) {
	t.Parallel()
	r := newRig(t, geminitest.Options{})
	r.Restart()
	id := r.newSession()
	foreign := r.raw()
	r.exec(foreign, "BEGIN IMMEDIATE")
	released := make(chan struct{})
	go func() {
		defer close(released)
		time.Sleep(1500 * time.Millisecond)
		_, _ = foreign.ExecContext(context.Background(), "ROLLBACK")
	}()
	taken, status := r.submit(id, "a lamp", key)
	<-released
	if status != 202 {
		t.Fatalf("got %d, want that the lock never shows\n%s", status, r.Output())
	}
	if done := r.wait(taken.ID); done.Status != "succeeded" {
		t.Errorf("got turn %+v (%s)", done, done.code())
	}
}

func TestAPictureThatArrivesWhileTheDatabaseIsHeldIsKept(t *testing.T) {
	t.Parallel()
	r := newRig(t, geminitest.Options{})
	r.google.Script(mustScript(t, "[[hold]]"))
	r.Restart()
	id := r.newSession()
	taken, _ := r.submit(id, "a lamp", key)
	r.awaitCalls(1)
	foreign := r.raw()
	r.exec(foreign, "BEGIN IMMEDIATE")
	r.google.Release()
	r.awaitSpooled()
	r.Kill() // and the machine goes down before anything could be recorded
	r.exec(foreign, "ROLLBACK")
	r.Restart()
	if done := r.wait(taken.ID); done.Status != "succeeded" {
		t.Fatalf("got turn %+v (%s), want the picture that had come", done, done.code())
	}
	r.wantPicture(id, 1)
	r.wantEmptySpool()
}

// awaitSpooled waits until a whole answer lies in the spool.
func (r *rig) awaitSpooled() {
	r.t.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		found, err := filepath.Glob(filepath.Join(r.Dir, "data", "blobs", "spool", "*", "*-result-*"))
		if err != nil {
			r.t.Fatal(err)
		}
		if len(found) > 0 {
			return
		}
		if time.Now().After(deadline) {
			r.t.Fatalf("no answer in the spool\n%s", r.Output())
		}
		time.Sleep(10 * time.Millisecond)
	}
}
