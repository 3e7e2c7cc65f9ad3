package bunstore

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

func brand(id string) *imagechat.Brand { return &imagechat.Brand{ID: imagechat.BrandID(id), Name: id} }

// member is one caller of a shared transaction.
type member struct {
	name string
	act  func(ctx context.Context, v view) error // after its own brand was written
	err  error                                   // of atomically
	tx   *transaction                            // that it was in
}

// together runs the members in one transaction, in their order.
func together(t *testing.T, s *Store, members ...*member) {
	t.Helper()
	s.db.gathering = time.Hour
	first := make(chan struct{})
	var all sync.WaitGroup
	for i, m := range members {
		all.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					m.err = fmt.Errorf("panic: %v", p)
				}
			}()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			m.err = s.atomically(context.WithValue(ctx, cancelKey{}, cancel), func(v view) error {
				if i == 0 {
					<-first
				}
				m.tx = v.tx
				if err := v.CreateBrand(ctx, brand(m.name)); err != nil || m.act == nil {
					return err
				}
				return m.act(context.WithValue(ctx, cancelKey{}, cancel), v)
			})
		})
		// The next one comes when this one is in, or waits.
		for taken, waiting := false, 0; !taken || waiting < i; time.Sleep(time.Millisecond) {
			s.db.queue.mu.Lock()
			taken, waiting = s.db.queue.taken, len(s.db.queue.waiting)
			s.db.queue.mu.Unlock()
		}
	}
	close(first)
	all.Wait()
}

type cancelKey struct{}

// stored names the brands that a new connection finds.
func stored(t *testing.T, s *Store) string {
	t.Helper()
	again, err := OpenFile(t.Context(), s.file, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	list, err := again.ListBrands(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, b := range list {
		names = append(names, b.Name)
	}
	return strings.Join(names, " ")
}

func TestCallersShareACommit(t *testing.T) {
	t.Parallel()
	s := openTemp(t)
	var members []*member
	for i := range 9 {
		members = append(members, &member{name: fmt.Sprint(i)})
	}
	together(t, s, members...)
	for _, m := range members {
		if m.err != nil || m.tx != members[0].tx {
			t.Errorf("%s: %v, in a transaction of its own: %v", m.name, m.err, m.tx != members[0].tx)
		}
	}
	if got := stored(t, s); got != "0 1 2 3 4 5 6 7 8" {
		t.Errorf("stored %q", got)
	}
}

func TestOneCallersFailureIsNotTheOthers(t *testing.T) {
	t.Parallel()
	fails := errors.New("fails")
	bad := map[string]func(ctx context.Context, v view) error{
		"error": func(context.Context, view) error { return fails },
		"panic": func(context.Context, view) error { panic("fails") },
		"taken": func(ctx context.Context, v view) error { return v.CreateBrand(ctx, brand("a")) },
		"gives up, and asks for more": func(ctx context.Context, v view) error {
			ctx.Value(cancelKey{}).(context.CancelFunc)()
			return v.CreateBrand(ctx, brand("more"))
		},
		"gives up amid a statement": func(ctx context.Context, v view) error {
			time.AfterFunc(2*time.Millisecond, ctx.Value(cancelKey{}).(context.CancelFunc))
			_, err := v.exec(ctx, `INSERT INTO session_counts WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
				SELECT 'bad', '', count(*) FROM n`)
			<-ctx.Done()
			return err
		},
		"gives up at the end": func(ctx context.Context, v view) error {
			ctx.Value(cancelKey{}).(context.CancelFunc)()
			return nil
		},
	}
	for name, act := range bad {
		for place := range 3 {
			t.Run(fmt.Sprint(name, " at ", place), func(t *testing.T) {
				t.Parallel()
				s := openTemp(t)
				if err := s.CreateBrand(t.Context(), brand("a")); err != nil {
					t.Fatal(err)
				}
				members := []*member{{name: "b"}, {name: "c"}, {name: "d"}}
				members[place] = &member{name: "bad", act: act}
				together(t, s, members...)
				want := []string{"a"}
				for i, m := range members {
					if (m.err != nil) != (i == place) {
						t.Errorf("%s: %v", m.name, m.err)
					}
					if i != place {
						want = append(want, m.name)
					}
				}
				if got := stored(t, s); got != strings.Join(want, " ") {
					t.Errorf("stored %q, want %q", got, want)
				}
			})
		}
	}
}

func TestAFullDiskFailsAllThatShareTheTransaction(t *testing.T) {
	t.Parallel()
	s := openTemp(t)
	release := fillUp(t, s)
	swell := func(ctx context.Context, v view) error {
		for i := range 200 {
			b := brand(fmt.Sprint("big", i))
			b.Name += strings.Repeat("x", 100_000)
			if err := v.CreateBrand(ctx, b); err != nil {
				return err
			}
		}
		return errors.New("the disk was not full")
	}
	members := []*member{{name: "a"}, {name: "b", act: swell}, {name: "c"}}
	together(t, s, members...)
	for _, m := range members[:2] {
		if imagechat.CodeOf(m.err) != imagechat.StorageFull {
			t.Errorf("%s: %v, want storage_full", m.name, m.err)
		}
	}
	release()
	want := ""
	if members[2].err == nil { // it came after the end of the shared one, and there was room for it
		want = "c"
	}
	if got := stored(t, s); got != want {
		t.Errorf("stored %q, want %q", got, want)
	}
	if err := s.CreateBrand(t.Context(), brand("later")); err != nil {
		t.Errorf("with space again: %v", err)
	}
}

// TestWhatIsAnsweredIsStored lets many callers come, fail and give up at random.
func TestWhatIsAnsweredIsStored(t *testing.T) {
	t.Parallel()
	s := openTemp(t)
	var mu sync.Mutex
	answered := map[string]error{}
	var all sync.WaitGroup
	for w := range 16 {
		all.Go(func() {
			r := rand.New(rand.NewPCG(7, uint64(w)))
			for i := range 40 {
				id := fmt.Sprintf("%02d-%02d", w, i)
				ctx, cancel := context.WithCancel(t.Context())
				how := r.IntN(4)
				if how == 0 {
					time.AfterFunc(time.Duration(r.IntN(2000))*time.Microsecond, cancel)
				}
				err := s.Atomically(ctx, func(r imagechat.Repository) error {
					err := r.CreateBrand(ctx, brand(id))
					if err == nil && how == 1 {
						err = errors.New("changed its mind")
					}
					return err
				})
				cancel()
				mu.Lock()
				answered[id] = err
				mu.Unlock()
			}
		})
	}
	all.Wait()
	there := map[string]bool{}
	for id := range strings.FieldsSeq(stored(t, s)) {
		there[id] = true
	}
	for id, err := range answered {
		if (err == nil) != there[id] {
			t.Errorf("%s was answered with %v, and is stored: %v", id, err, there[id])
		}
	}
}
