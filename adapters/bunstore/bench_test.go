//go:build linux || darwin || freebsd

package bunstore

import (
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// seed makes a database of n sessions, one message each, as fast as SQLite
// can: a title and a message have a rare word in one session of 50,000.
func seed(b *testing.B, n int) *Store {
	b.Helper()
	s, err := OpenFile(b.Context(), filepath.Join(b.TempDir(), "image_chat.db"), &Options{NoSync: true})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	for _, query := range []string{
		`PRAGMA cache_size = -200000`,
		`DROP TRIGGER sessions_count_insert`,
		`DROP TRIGGER session_text_insert`,
		fmt.Sprintf(`INSERT INTO sessions (`+sessionColumns+`)
			WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < %d)
			SELECT printf('%%08x-0000-7000-8000-000000000000', n), '', 'campaign ' || n || iif(n %% 50000 = 7, ' lighthouse', ''),
			'blog_header', '', '', '', 0, 0, iif(n %% 10 = 0, 'archived', 'active'), '', 1, 0, 0, 0, 0, 1, n * 1000000, n * 1000000 FROM c`, n),
		`INSERT INTO messages (` + messageColumns + `) SELECT 'm' || id, id, '', 'user', 'text', 'a picture for ' || title, '', '', '', 0, 0, '', created_at FROM sessions`,
		`INSERT INTO session_text (session_id, message_id, text) SELECT id, '', title FROM sessions`,
		`INSERT INTO session_text (session_id, message_id, text) SELECT session_id, id, text FROM messages`,
		`INSERT INTO session_text_index (session_text_index) VALUES ('rebuild')`,
		`INSERT INTO session_counts SELECT owner, status, count(*) FROM sessions GROUP BY owner, status`,
		`PRAGMA cache_size = -2000`,
		`PRAGMA wal_checkpoint(TRUNCATE)`,
	} {
		if _, err := s.db.writer.DB.DB.ExecContext(b.Context(), query); err != nil {
			b.Fatalf("%s: %v", query, err)
		}
	}
	return s
}

// loop runs a benchmark and reports the processor's time beside the clock's,
// which says little on a busy machine.
func loop(b *testing.B, f func() error) {
	used := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	if err := f(); err != nil { // prepares the statement
		b.Fatal(err)
	}
	before := used()
	for b.Loop() {
		if err := f(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(used()-before)/float64(b.N), "cpu-ns/op")
}

// BenchmarkSessions shows that a page costs the same at 100 and at a million
// sessions. Making the large set takes a minute or two.
func BenchmarkSessions(b *testing.B) {
	for _, n := range []int{100, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := seed(b, n)
			middle := imagechat.Position{Time: timeOf(int64(n/2) * 1_000_000), ID: "~"}
			for _, c := range []struct {
				name string
				f    imagechat.SessionFilter
			}{
				{"first page", imagechat.SessionFilter{Limit: 20}},
				{"page in the middle", imagechat.SessionFilter{Limit: 20, Before: middle}},
				{"page of a status", imagechat.SessionFilter{Limit: 20, Before: middle, Status: imagechat.SessionArchived}},
				{"search of a rare word", imagechat.SessionFilter{Limit: 20, Search: []string{"lighthouse"}}},
				{"search of a common word", imagechat.SessionFilter{Limit: 20, Search: []string{"campaign"}}},
				{"search of two letters", imagechat.SessionFilter{Limit: 20, Search: []string{"ca"}}},
				{"search of no word", imagechat.SessionFilter{Limit: 20, Search: []string{"submarine"}}},
			} {
				b.Run(c.name, func(b *testing.B) {
					loop(b, func() error {
						_, err := s.ListSessions(b.Context(), c.f)
						return err
					})
				})
			}
			b.Run("count", func(b *testing.B) {
				for b.Loop() {
					if got, err := s.CountSessions(b.Context(), imagechat.SessionFilter{}); got != n || err != nil {
						b.Fatalf("counted %d, %v", got, err)
					}
				}
			})
			b.Run("count what a common word finds", func(b *testing.B) {
				for b.Loop() {
					if got, err := s.CountSessions(b.Context(), imagechat.SessionFilter{Search: []string{"campaign"}}); got != min(n, maxSearchCount) || err != nil {
						b.Fatalf("counted %d, %v", got, err)
					}
				}
			})
			b.Run("open", func(b *testing.B) {
				for b.Loop() {
					x, err := OpenFile(b.Context(), s.file, nil)
					if err != nil {
						b.Fatal(err)
					}
					_ = x.Close()
				}
			})
		})
	}
}

// BenchmarkWrites is what a turn costs the database, synced.
func BenchmarkWrites(b *testing.B) {
	s, err := OpenFile(b.Context(), filepath.Join(b.TempDir(), "image_chat.db"), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	ctx := b.Context()
	if err := s.CreateSession(ctx, &imagechat.Session{ID: "s", FirstSeq: 1}); err != nil {
		b.Fatal(err)
	}
	i := 0
	b.Run("submit", func(b *testing.B) {
		for b.Loop() {
			i++
			id := fmt.Sprintf("%09d", i)
			err := s.Atomically(ctx, func(tx imagechat.Repository) error {
				m := &imagechat.Message{ID: imagechat.MessageID(id), SessionID: "s", Text: "창가에 놓인 따뜻한 조명을 보여 줘"}
				t := &imagechat.Turn{ID: imagechat.TurnID(id), SessionID: "s", Status: imagechat.TurnQueued, IdempotencyKey: id}
				sess, err := tx.GetSession(ctx, "s")
				if err != nil {
					return err
				}
				if err := tx.CreateMessage(ctx, m); err != nil {
					return err
				}
				if err := tx.CreateTurn(ctx, t); err != nil {
					return err
				}
				if err := tx.UpdateSession(ctx, sess); err != nil {
					return err
				}
				return tx.AppendEvent(ctx, &imagechat.Event{SessionID: "s", Type: imagechat.EventAccepted, Turn: t, Message: m})
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("message of 2000 runes", func(b *testing.B) {
		text := strings.Repeat("창가에 놓인 따뜻한 조명을 보여 줘 ", 100)
		for b.Loop() {
			i++
			if err := s.CreateMessage(ctx, &imagechat.Message{ID: imagechat.MessageID(fmt.Sprintf("%09d", i)), SessionID: "s", Text: text}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("get session", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.GetSession(ctx, "s"); err != nil {
				b.Fatal(err)
			}
		}
	})
}
