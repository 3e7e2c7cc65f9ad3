package melodyhub_test

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/melodyhub"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/wire"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// The tests here stand on the safe side of what melody v1.4.0 does by itself:
// it drops what does not fit, closes through the same queue, forgets a
// session whose handler panics, and takes any origin and 512 bytes.

func TestAReaderThatDawdlesGetsEverything(t *testing.T) {
	t.Parallel()
	p := openOn(t, small, &melodyhub.Options{OutboxBytes: 32 << 10, SlowAfter: patience}, nil)
	c := p.join("")
	p.rename(60) // twice melody's queue, and far more than the outbox and the connection hold
	inOrder(t, c.until(withSeq(60)), 1)
}

func TestAReaderThatStopsIsDisconnectedWith4408AndResumes(t *testing.T) {
	t.Parallel()
	p := openOn(t, small, &melodyhub.Options{OutboxBytes: 32 << 10, SlowAfter: time.Second}, nil)
	c := p.join("")
	p.small = false
	well := p.join("")
	p.rename(60)
	inOrder(t, well.until(withSeq(60)), 1) // the others notice nothing
	waitFor(t, "the hub lets go of the one that does not read", func() bool { return p.hub.Len() == 1 })
	// Frames of before come first, then the close; or the connection was
	// cut because not even the close went through.
	var last int64
	for {
		f, err := c.read()
		if err == nil {
			last = max(last, f.Seq)
			continue
		}
		if closed, ok := err.(*websocket.CloseError); ok && closed.Code != melodyhub.CloseTooSlow && closed.Code != websocket.CloseAbnormalClosure {
			t.Errorf("close code: got %d, want %d", closed.Code, melodyhub.CloseTooSlow)
		}
		break
	}
	if last >= 60 {
		t.Fatal("the client was never slow; the test shows nothing")
	}
	back := p.join("?after=" + strconv.FormatInt(last, 10))
	inOrder(t, back.until(withSeq(60)), last+1)
}

func TestASlowReaderThatWakesUpReadsTheCloseCode(t *testing.T) {
	t.Parallel()
	p := openOn(t, small, &melodyhub.Options{OutboxBytes: 32 << 10, SlowAfter: time.Second}, nil)
	c := p.join("")
	p.rename(60)
	time.Sleep(1200 * time.Millisecond) // past SlowAfter, before the close gives up
	if got := c.closedWith(); got != melodyhub.CloseTooSlow {
		t.Errorf("close code: got %d, want %d", got, melodyhub.CloseTooSlow)
	}
}

func TestAPanicInAHandlerEndsOneSocketOnly(t *testing.T) {
	t.Parallel()
	var once atomic.Bool
	p := open(t, nil, as("", func(c *wire.Caller) {
		c.AllowTurn = func() error {
			if !once.Swap(true) {
				panic("a fault of ours")
			}
			return &imagechat.Error{Code: imagechat.RateLimited}
		}
	}))
	a, b := p.join(""), p.join("")
	a.say(object{"content": "x"})
	if _, err := a.read(); err == nil {
		t.Error("the socket went on after a panic")
	}
	waitFor(t, "the hub forgets the socket", func() bool { return p.hub.Len() == 1 })
	b.say(object{"content": "x"})
	if f := b.next(); f.Type != "error" || f.Data["code"] != "rate_limited" {
		t.Errorf("the other socket: got %+v, want its own error", f)
	}
}

func TestTheGreetingComesFirstWhateverHappensMeanwhile(t *testing.T) {
	t.Parallel()
	p := open(t, nil, nil)
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
				p.rename(1)
			}
		}
	}()
	for range 20 {
		c := p.join("") // fails unless connected is first
		f := c.next()
		if f.Seq == 0 {
			t.Errorf("second frame: got %+v, want a durable one", f)
		}
		_ = c.conn.Close()
	}
	close(stop)
	<-done
}

func TestAFrameMayBeLargeButNotTooLarge(t *testing.T) {
	t.Parallel()
	p := open(t, nil, nil)
	c := p.join("")
	c.say(object{"type": "chat", "content": strings.Repeat("가", 10_000)}) // 30 KB
	if f := c.next(); f.Type != "error" || f.Data["code"] != "invalid_request" {
		t.Errorf("30 KB: got %+v, want an error frame", f)
	}
	c.say(object{"type": "chat", "content": strings.Repeat("가", 12_000)}) // 36 KB
	if got := c.closedWith(); got != websocket.CloseMessageTooBig {
		t.Errorf("36 KB: got close code %d, want %d", got, websocket.CloseMessageTooBig)
	}
}

func TestATabThatGoesAwayStopsNobodyElse(t *testing.T) {
	t.Parallel()
	p := open(t, nil, nil)
	a, b, c := p.join(""), p.join(""), p.join("")
	_ = b.conn.NetConn().Close() // without a goodbye
	p.rename(10)
	inOrder(t, a.until(withSeq(10)), 1)
	inOrder(t, c.until(withSeq(10)), 1)
}

func TestClosingSendsEverybodyAwayAndWaitsForThem(t *testing.T) {
	t.Parallel()
	p := openOn(t, small, &melodyhub.Options{OutboxBytes: 32 << 10, SlowAfter: patience}, nil)
	tabs := make([]*tab, 5)
	for i := range tabs {
		tabs[i] = p.join("")
	}
	p.join("") // a client that reads nothing at all
	p.rename(40)
	codes := make(chan int)
	for _, c := range tabs {
		go func() { codes <- c.closedWith() }()
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if err := p.hub.Close(ctx); err != nil {
		t.Fatal(err)
	}
	for range tabs {
		if got := <-codes; got != melodyhub.CloseDraining {
			t.Errorf("close code: got %d, want %d", got, melodyhub.CloseDraining)
		}
	}
	if got := p.hub.Len(); got != 0 {
		t.Errorf("open sockets after Close: got %d, want 0", got)
	}
	if _, resp, err := p.dial(""); err == nil || resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a socket after Close: got %v and %v, want 503", resp, err)
	}
}

// melody holds its lock while it closes and calls the error handler under it:
// a handler that asks the hub anything would then wait for ever.
func TestClosingWhileFramesOverflowDoesNotLockUp(t *testing.T) {
	t.Parallel()
	p := openOn(t, small, &melodyhub.Options{OutboxBytes: 8 << 10, SlowAfter: 50 * time.Millisecond}, nil)
	for range 8 {
		p.join("") // reads nothing: every one of them overflows
	}
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			title := "제목 " + strconv.Itoa(n)
			if _, err := p.svc.UpdateSession(p.ctx, p.session, imagechat.SessionPatch{Title: &title}); err != nil {
				t.Errorf("UpdateSession: %v", err)
				return
			}
			_ = p.hub.Len()
		}
	}()
	waitFor(t, "the first of them is let go", func() bool { return p.hub.Len() < 8 })
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := p.hub.Close(ctx); err != nil {
		t.Errorf("Close while frames overflow: %v", err)
	}
	close(stop)
	<-done
	if got := p.hub.Len(); got != 0 {
		t.Errorf("open sockets after Close: got %d, want 0", got)
	}
}

// lateHandshake closes the hub while the connection is being taken over.
type lateHandshake struct {
	http.ResponseWriter
	during func()
}

func (l lateHandshake) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	l.during()
	return http.NewResponseController(l.ResponseWriter).Hijack()
}

func TestASocketInItsHandshakeIsSentAwayToo(t *testing.T) {
	t.Parallel()
	var p *place
	closed := make(chan error, 1)
	p = open(t, nil, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(lateHandshake{w, func() {
				go func() { closed <- p.hub.Close(p.ctx) }()
				waitFor(t, "the hub drains", func() bool {
					rec := probe{header: http.Header{}}
					again := r.Clone(r.Context())
					p.hub.ServeHTTP(&rec, again)
					return rec.status == http.StatusServiceUnavailable
				})
			}}, r)
		})
	})
	c, _, err := p.dial("")
	if err != nil {
		t.Fatal(err)
	}
	if got := c.closedWith(); got != melodyhub.CloseDraining {
		t.Errorf("close code: got %d, want %d", got, melodyhub.CloseDraining)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
}

// probe is a writer that cannot be taken over.
type probe struct {
	header http.Header
	status int
}

func (p *probe) Header() http.Header         { return p.header }
func (p *probe) Write(b []byte) (int, error) { return len(b), nil }
func (p *probe) WriteHeader(status int)      { p.status = status }

func TestARevokedLoginEndsItsSockets(t *testing.T) {
	t.Parallel()
	var revoked atomic.Bool
	wrap := as("mina", func(c *wire.Caller) {
		c.Recheck = func(context.Context) error {
			if revoked.Load() {
				return imagechat.Unauthorized
			}
			return nil
		}
	})
	t.Run("at once when told", func(t *testing.T) {
		p := open(t, nil, wrap)
		p.session = p.owned("mina")
		c := p.join("")
		revoked.Store(true)
		p.hub.Recheck()
		if got := c.closedWith(); got != melodyhub.CloseLoggedOut {
			t.Errorf("close code: got %d, want %d", got, melodyhub.CloseLoggedOut)
		}
	})
	revoked.Store(false)
	t.Run("with the next pong otherwise", func(t *testing.T) {
		p := open(t, &melodyhub.Options{PingPeriod: 20 * time.Millisecond}, wrap)
		p.session = p.owned("mina")
		c := p.join("")
		revoked.Store(true)
		if got := c.closedWith(); got != melodyhub.CloseLoggedOut {
			t.Errorf("close code: got %d, want %d", got, melodyhub.CloseLoggedOut)
		}
	})
}

func TestAnotherOwnersSessionIsNotThere(t *testing.T) {
	t.Parallel()
	p := open(t, nil, as("jun", func(*wire.Caller) {}))
	p.session = p.owned("mina")
	if _, resp, err := p.dial(""); err == nil || resp.StatusCode != http.StatusNotFound {
		t.Errorf("got %v and %v, want 404", resp, err)
	}
}

func (p *place) owned(owner imagechat.Owner) imagechat.SessionID {
	p.t.Helper()
	s, err := p.svc.CreateSession(imagechat.WithOwner(p.ctx, owner), imagechat.NewSession{ImagePurpose: "email_header"})
	if err != nil {
		p.t.Fatal(err)
	}
	return s.ID
}
