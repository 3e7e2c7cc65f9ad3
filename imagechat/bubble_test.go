package imagechat_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/memory"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

// bubble runs fn with a bench whose time is the test's own: it passes only
// when everybody waits. What hangs fails after two such hours.
func bubble(t *testing.T, o *imagechat.Options, fn func(b *bench), replies ...imagechattest.Reply) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, o, replies...)
		var cancel context.CancelFunc
		b.ctx, cancel = context.WithTimeout(t.Context(), 2*time.Hour)
		defer cancel()
		fn(b)
	})
}

func (b *bench) repo() *memory.Repository { return b.ports.Repository.(*memory.Repository) }
func (b *bench) blobs() *memory.BlobStore { return b.ports.Blobs.(*memory.BlobStore) }

// attempts reads a turn's rows of the ledger.
func (b *bench) attempts(id imagechat.TurnID) []*imagechat.Attempt {
	b.t.Helper()
	list, err := b.repo().ListAttempts(context.Background(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	return list
}

// states are those of a turn's attempts, in order.
func (b *bench) states(id imagechat.TurnID) []imagechat.AttemptState {
	b.t.Helper()
	var out []imagechat.AttemptState
	for _, a := range b.attempts(id) {
		out = append(out, a.State)
	}
	return out
}

func (b *bench) wantStates(id imagechat.TurnID, want ...imagechat.AttemptState) {
	b.t.Helper()
	if got := b.states(id); !slices.Equal(got, want) {
		b.t.Errorf("got attempts %v, want %v", got, want)
	}
}

func (b *bench) wantStatus(t *imagechat.Turn, want imagechat.TurnStatus) {
	b.t.Helper()
	if t.Status != want {
		b.t.Fatalf("got turn %s (%v), want %s", t.Status, t.Error, want)
	}
}

func (b *bench) wantFailure(t *imagechat.Turn, want imagechat.Code) {
	b.t.Helper()
	b.wantStatus(t, imagechat.TurnFailed)
	if t.Error == nil || t.Error.Code != want {
		b.t.Fatalf("got error %v, want %s", t.Error, want)
	}
}

func (b *bench) wantCode(err error, want imagechat.Code) {
	b.t.Helper()
	if got := imagechat.CodeOf(err); err == nil || got != want {
		b.t.Fatalf("got %v, want %s", err, want)
	}
}

func (b *bench) wantCalls(want int) {
	b.t.Helper()
	if got := len(b.script.Calls()); got != want {
		b.t.Errorf("got %d calls, want %d", got, want)
	}
}

// wantEmptySpool checks that nothing is left over when all is done.
func (b *bench) wantEmptySpool() {
	b.t.Helper()
	synctest.Wait()
	entries, err := b.ports.Spool.List(context.Background(), "")
	if err != nil || len(entries) != 0 {
		b.t.Errorf("spool holds %v (%v), want nothing", entries, err)
	}
}

func (b *bench) spent() imagechat.USD {
	b.t.Helper()
	u, err := b.Usage(context.Background(), time.Time{})
	if err != nil {
		b.t.Fatal(err)
	}
	return u.USD
}

// recorder reads a subscription as fast as it can.
type recorder struct {
	mu      sync.Mutex
	events  []imagechat.Event
	hints   []imagechat.Hint
	at      []time.Time // of the hints
	resyncs []int64
	done    chan error
	sub     *imagechat.Subscription
}

func (b *bench) record(id imagechat.SessionID, after int64) *recorder {
	b.t.Helper()
	sub, err := b.Subscribe(b.ctx, id, after)
	if err != nil {
		b.t.Fatal(err)
	}
	r := &recorder{sub: sub, done: make(chan error, 1)}
	go func() {
		for {
			u, err := sub.Next(context.Background())
			if err != nil {
				r.done <- err
				return
			}
			r.take(u)
		}
	}()
	b.t.Cleanup(func() { sub.Close() })
	return r
}

func (r *recorder) take(u *imagechat.Update) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case u.Event != nil:
		r.events = append(r.events, *u.Event)
	case u.Hint != nil:
		r.hints = append(r.hints, *u.Hint)
		r.at = append(r.at, time.Now())
	case u.Resync != nil:
		r.resyncs = append(r.resyncs, u.Resync.Seq)
	}
}

// of returns the hints of one stage so far, once everybody waits.
func (r *recorder) of(stage imagechat.Stage) []imagechat.Hint {
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []imagechat.Hint
	for _, h := range r.hints {
		if h.Stage == stage {
			out = append(out, h)
		}
	}
	return out
}

// types are those of the events so far, once everybody waits; it fails the
// test when their numbers are not 1, 2, 3 ….
func (r *recorder) types(t *testing.T) []imagechat.EventType {
	t.Helper()
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []imagechat.EventType
	for i, e := range r.events {
		if e.Seq != int64(i)+1 {
			t.Errorf("event %d has number %d", i+1, e.Seq)
		}
		out = append(out, e.Type)
	}
	return out
}

func chat(content string) imagechat.TurnRequest {
	return imagechat.TurnRequest{Kind: imagechat.KindChat, Content: content}
}

func drawN(n int) imagechat.TurnRequest {
	return imagechat.TurnRequest{Kind: imagechat.KindGenerate, Content: "여러 장", Count: n}
}

func picture(seed byte) imagechattest.Reply {
	return imagechattest.Picture(imagechattest.PNG(16, 16, seed))
}

// ctxT is short for what every reply's Func takes.
type ctxT = context.Context

func withCancel(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithCancel(ctx)
}

func isDeadline(err error) bool { return errors.Is(err, context.DeadlineExceeded) }
