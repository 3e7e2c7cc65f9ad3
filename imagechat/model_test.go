package imagechat_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/memory"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

// meter is a generator that does what the request's words say and keeps the
// books of the maker: what was charged for which attempt.
type meter struct {
	*imagechattest.Script // for its models

	mu        sync.Mutex
	n         int
	charged   map[imagechat.AttemptID]int               // calls that were not answered with a free failure
	delivered map[imagechat.AttemptID]imagechat.BlobKey // pictures whose arrival was acknowledged
	turnOf    map[imagechat.AttemptID]string            // the words of the request
}

func newMeter() *meter {
	return &meter{
		Script: imagechattest.NewScript(), charged: map[imagechat.AttemptID]int{},
		delivered: map[imagechat.AttemptID]imagechat.BlobKey{}, turnOf: map[imagechat.AttemptID]string{},
	}
}

// paidPrice is what the maker takes for every call that was not free. The
// estimate is higher.
var paidPrice = imagechat.Dollars(0.03)

func (g *meter) begin(call *imagechat.Call) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.n++
	g.charged[call.Attempt]++
	g.turnOf[call.Attempt] = call.Request.Content
	return g.n
}

func (g *meter) free(id imagechat.AttemptID) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.charged[id]--
}

func (g *meter) Generate(ctx context.Context, call *imagechat.Call) (*imagechat.Result, error) {
	n := g.begin(call)
	what, _, _ := strings.Cut(call.Request.Content, " ")
	delay := 2 * time.Second
	if what == "slow" {
		delay = time.Minute
	}
	select {
	case <-time.After(delay):
	case <-ctx.Done():
		return nil, &imagechat.Error{Code: imagechat.CodeOf(ctx.Err()), Charge: imagechat.ChargeUnknown, Err: ctx.Err()}
	}
	r := &imagechat.Result{Model: call.Model, Cost: paidPrice, Usage: imagechat.Tokens{Total: 1}}
	switch what {
	case "overload":
		if n%3 != 0 {
			g.free(call.Attempt)
			return nil, &imagechat.Error{Code: imagechat.GeneratorOverloaded, Charge: imagechat.ChargeNone, Retryable: true}
		}
	case "refuse":
		return r, &imagechat.Error{Code: imagechat.ContentBlocked, Charge: imagechat.ChargeMetered}
	case "lost":
		return nil, &imagechat.Error{Code: imagechat.GeneratorProtocol, Charge: imagechat.ChargeUnknown, Retryable: true}
	}
	return g.deliver(ctx, call, n, r)
}

// deliver spools a picture whose bytes no other call has, then takes a while
// for the rest of the answer.
func (g *meter) deliver(ctx context.Context, call *imagechat.Call, n int, r *imagechat.Result) (*imagechat.Result, error) {
	w, err := call.Spool.Create(ctx, imagechat.SpoolImage)
	if err != nil {
		return nil, err
	}
	defer w.Abort()
	if _, err := w.Write(imagechattest.PNG(8+n%50, 8+n/50, byte(n))); err != nil {
		return nil, err
	}
	e, err := w.Commit()
	if err != nil {
		return nil, err
	}
	g.mu.Lock()
	g.delivered[call.Attempt] = e.Blob
	g.mu.Unlock()
	time.Sleep(100 * time.Millisecond)
	r.Parts = []imagechat.Part{{Blob: e.Blob, Size: e.Size, MIMEType: "image/png"}}
	return r, nil
}

// act is one step of a story.
type act struct {
	Do   string
	A, B int
}

func (a act) String() string { return fmt.Sprintf("%s(%d,%d)", a.Do, a.A, a.B) }

var acts = []string{
	"submit", "submit", "submit", "submit three", "repeat a key", "cancel", "retry", "pass", "pass",
	"crash at a write", "crash at a write", "crash after a write", "crash now", "restart", "reconnect", "delete", "disk full",
}

var moods = []string{"draw", "draw", "draw", "slow", "overload", "refuse", "lost"}

// stories draws sequences of acts.
var stories = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) act {
	return act{rapid.SampledFrom(acts).Draw(t, "do"), rapid.IntRange(0, 40).Draw(t, "a"), rapid.IntRange(0, 40).Draw(t, "b")}
}), 1, 25)

// world is a service, what it promised, and those who watch it.
type world struct {
	ports    imagechat.Ports
	meter    *meter
	s        *imagechat.Service
	fuse     *fuse
	sessions []imagechat.SessionID
	deleted  map[imagechat.SessionID]bool
	promised []*imagechat.Turn // accepted turns
	keys     map[string]imagechat.TurnID
	watchers []*watcher
	faults   []string
}

// watcher follows one session through every crash.
type watcher struct {
	session imagechat.SessionID
	mu      sync.Mutex
	last    int64
	wrong   string
	sub     *imagechat.Subscription
	done    chan struct{}
}

const worldBudget = 40 // pictures

func (w *world) fail(format string, args ...any) {
	w.faults = append(w.faults, fmt.Sprintf(format, args...))
}

func (w *world) open() {
	w.fuse = newFuse()
	s, err := imagechat.New(w.fuse.ports(w.ports), &imagechat.Options{
		MaxConcurrentTurns: 2, DailyBudget: worldBudget * imagechat.Dollars(0.05),
	})
	if err == nil {
		err = s.Start(context.Background())
	}
	if err != nil {
		w.fail("cannot start: %v", err)
	}
	w.s = s
	for _, x := range w.watchers {
		w.connect(x)
	}
}

// kill ends the process as kill -9 does, and starts another one.
func (w *world) kill() {
	w.fuse.blow()
	w.close()
	w.open()
}

func (w *world) close() {
	if err := w.s.Close(context.Background()); err != nil {
		w.fail("Close: %v", err)
	}
	for _, x := range w.watchers {
		x.leave()
	}
}

func (w *world) connect(x *watcher) {
	sub, err := w.s.Subscribe(context.Background(), x.session, x.last)
	if err != nil {
		if !w.deleted[x.session] && !errors.Is(err, imagechat.StorageUnavailable) {
			w.fail("Subscribe: %v", err)
		}
		return
	}
	x.sub, x.done = sub, make(chan struct{})
	go x.watch(sub, x.done)
}

func (x *watcher) watch(sub *imagechat.Subscription, done chan struct{}) {
	defer close(done)
	for {
		u, err := sub.Next(context.Background())
		if err != nil {
			return
		}
		x.mu.Lock()
		switch {
		case u.Resync != nil:
			x.wrong = "was told to read anew"
		case u.Event == nil:
		case u.Event.Seq != x.last+1:
			x.wrong = fmt.Sprintf("got %d after %d", u.Event.Seq, x.last)
		default:
			x.last++
		}
		x.mu.Unlock()
	}
}

func (x *watcher) leave() {
	if x.sub != nil {
		x.sub.Close()
		<-x.done
		x.sub = nil
	}
}

func pick[T any](list []T, i int) (v T, ok bool) {
	if len(list) == 0 {
		return v, false
	}
	return list[i%len(list)], true
}

func (w *world) session(i int) imagechat.SessionID {
	if i%4 == 0 || len(w.sessions) == 0 {
		sess, err := w.s.CreateSession(context.Background(), imagechat.NewSession{ImagePurpose: "email_header"})
		if err != nil {
			return ""
		}
		w.sessions = append(w.sessions, sess.ID)
		x := &watcher{session: sess.ID}
		w.watchers = append(w.watchers, x)
		w.connect(x)
		return sess.ID
	}
	id, _ := pick(w.sessions, i)
	return id
}

func (w *world) submit(i int, mood string, count int, key string) {
	id := w.session(i)
	if id == "" {
		return
	}
	request := imagechat.TurnRequest{Kind: imagechat.KindGenerate, Content: mood, Count: count}
	sub, err := w.s.Submit(context.Background(), id, request, key)
	switch imagechat.CodeOf(err) {
	case imagechat.StorageUnavailable, imagechat.StorageFull, imagechat.SessionNotFound, imagechat.BudgetExceeded, imagechat.IdempotencyMismatch:
		if err != nil {
			return
		}
	}
	if err != nil {
		w.fail("Submit: %v", err)
		return
	}
	w.promised = append(w.promised, sub.Turn)
	if key == "" {
		return
	}
	if known, ok := w.keys[string(id)+key]; ok && known != sub.Turn.ID {
		w.fail("key %s made turns %s and %s", key, known, sub.Turn.ID)
	}
	w.keys[string(id)+key] = sub.Turn.ID
}

func (w *world) do(a act) {
	ctx := context.Background()
	mood, _ := pick(moods, a.B)
	switch a.Do {
	case "submit":
		w.submit(a.A, mood, 1, "")
	case "submit three":
		w.submit(a.A, mood, 3, "")
	case "repeat a key":
		w.submit(a.A, "draw", 1, fmt.Sprint("key", a.B%2))
	case "cancel":
		if t, ok := pick(w.promised, a.A); ok {
			w.expect(ctx, "Cancel", func() error { _, err := w.s.Cancel(ctx, t.ID); return err })
		}
	case "retry":
		if t, ok := pick(w.promised, a.A); ok {
			w.expect(ctx, "Retry", func() error { _, err := w.s.Retry(ctx, t.ID); return err })
		}
	case "pass":
		time.Sleep(time.Duration(a.A*a.A) * 50 * time.Millisecond)
	case "crash at a write", "crash after a write":
		w.fuse.arm(a.B, a.Do == "crash after a write")
		w.submit(a.A, mood, 1+a.A%2, "")
		time.Sleep(3 * time.Second)
		w.kill()
	case "crash now":
		w.kill()
	case "restart":
		short, cancel := context.WithTimeout(ctx, time.Duration(a.A)*time.Second)
		_ = w.s.Drain(short)
		cancel()
		w.close()
		w.open()
	case "disk full":
		f := w.fuse
		go func() {
			time.Sleep(time.Duration(a.A) * 100 * time.Millisecond)
			f.setFull(true)
			time.Sleep(time.Duration(a.B) * time.Second)
			f.setFull(false)
		}()
	case "reconnect":
		if x, ok := pick(w.watchers, a.A); ok {
			x.leave()
			w.connect(x)
		}
	case "delete":
		if id, ok := pick(w.sessions, a.A); ok && a.B%4 == 0 {
			w.deleted[id] = w.s.DeleteSession(ctx, id) == nil || w.deleted[id]
		}
	}
}

// expect lets an act succeed or be refused, but never break.
func (w *world) expect(_ context.Context, what string, do func() error) {
	err := do()
	for _, allowed := range []imagechat.Code{
		imagechat.Conflict, imagechat.TurnNotFound, imagechat.SessionNotFound, imagechat.BudgetExceeded,
		imagechat.StorageUnavailable, imagechat.StorageFull,
	} {
		if err == nil || errors.Is(err, allowed) {
			return
		}
	}
	w.fail("%s: %v", what, err)
}

// judge checks the promises when all is quiet.
func (w *world) judge() {
	ctx := context.Background()
	for _, p := range w.promised {
		if w.deleted[p.SessionID] {
			continue
		}
		t, err := w.s.Turn(ctx, p.ID)
		if err != nil {
			w.fail("an accepted turn is lost: %v", err)
		} else if !t.Status.Ended() {
			w.fail("turn %s is %s for ever", t.ID, t.Status)
		}
	}
	w.judgeMoney(ctx)
	w.judgePictures(ctx)
	for _, x := range w.watchers {
		x.mu.Lock()
		if x.wrong != "" {
			w.fail("a watcher %s", x.wrong)
		}
		if sess, err := w.s.Session(ctx, x.session); err == nil && sess.LastSeq != x.last {
			w.fail("a watcher saw events up to %d of %d", x.last, sess.LastSeq)
		}
		x.mu.Unlock()
	}
	if entries, err := w.ports.Spool.List(ctx, ""); err != nil || len(entries) > 0 {
		w.fail("the spool holds %d entries (%v)", len(entries), err)
	}
}

func (w *world) judgeMoney(ctx context.Context) {
	w.meter.mu.Lock()
	defer w.meter.mu.Unlock()
	for id, paid := range w.meter.charged {
		a, err := w.ports.Repository.GetAttempt(ctx, id)
		switch {
		case err != nil:
			w.fail("a call has no row in the ledger: %v", err)
		case paid > 1:
			w.fail("attempt %s of %q was paid for %d times", id, w.meter.turnOf[id], paid)
		case a.State.Live():
			w.fail("attempt %s is %s for ever", id, a.State)
		case paid == 1 && a.Booked < paidPrice:
			w.fail("attempt %s (%s) was charged and is booked with %s", id, a.State, a.Booked)
		}
	}
	booked, _, err := w.ports.Repository.Booked(ctx, "", time.Time{})
	if limit := worldBudget * imagechat.Dollars(0.05); err != nil || booked > limit {
		w.fail("%s are booked, more than the cap of %s (%v)", booked, limit, err)
	}
}

func (w *world) judgePictures(ctx context.Context) {
	w.meter.mu.Lock()
	defer w.meter.mu.Unlock()
	for id, blob := range w.meter.delivered {
		a, err := w.ports.Repository.GetAttempt(ctx, id)
		if err != nil || w.deleted[a.SessionID] {
			continue
		}
		if a.State != imagechat.AttemptStored {
			w.fail("a picture arrived for attempt %s, which is %s", id, a.State)
		}
		if _, err := w.ports.Blobs.Stat(ctx, blob); err != nil {
			w.fail("a picture that arrived is lost: %v", err)
		}
	}
}

// story plays acts on fresh stores and returns what went wrong.
func story(t *testing.T, acts []act, open func(t *testing.T) imagechat.Ports) (faults []string) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{ports: open(t), meter: newMeter(), deleted: map[imagechat.SessionID]bool{}, keys: map[string]imagechat.TurnID{}}
		w.ports.Generator = w.meter
		w.open()
		for _, a := range acts {
			w.do(a)
			if len(w.faults) > 0 {
				break
			}
		}
		w.kill() // what is in flight must survive the last crash, too
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if len(w.faults) == 0 {
			w.judge()
		}
		w.close()
		faults = w.faults
	})
	return faults
}

func memoryPorts(*testing.T) imagechat.Ports { return memory.Ports(nil) }

func TestThePromisesHoldWhateverHappens(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		if faults := story(t, stories.Draw(rt, "acts"), memoryPorts); len(faults) > 0 {
			rt.Fatal(strings.Join(faults, "\n"))
		}
	})
}
