// Package melodyhub is the socket of the service: WebSocket rooms, one a
// session, on olahol/melody. Melody reads, writes and pings; who is in which
// room, how much may wait for a client, and how a connection ends is decided
// here, because melody drops what does not fit and says nothing.
package melodyhub

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/olahol/melody"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/wire"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// Close codes. 4000–4499 mean that the client connects again, 4500–4999 that
// it does not.
const (
	CloseTrouble   = 4011 // reading events failed for now
	CloseDraining  = 4012 // this server goes away
	CloseTooSlow   = 4408 // the client does not read
	CloseLoggedOut = 4501 // the login holds no longer
	CloseDeleted   = 4504 // the session was deleted
)

// Options tunes a Hub. The zero value, and nil, mean the defaults.
type Options struct {
	Logger *slog.Logger // nil discards
	// AllowedOrigins are the other origins ("https://studio.example.com")
	// whose pages may connect.
	AllowedOrigins []string
	// PublicURL is the address that people see, where a proxy changes the
	// Host header; pages of its origin may connect.
	PublicURL string
	// Places bounds how many may be open; nil means its defaults. Share it
	// with whatever else keeps connections open.
	Places *wire.Places
	// OutboxBytes is what may wait for one client; 0 means 1 MiB.
	OutboxBytes int
	// SlowAfter is how long an outbox may stay full before the client is
	// disconnected; 0 means 10 s.
	SlowAfter time.Duration
	// PingPeriod is the time between pings; 0 means 25 s. A client that
	// answers none for PongWait (0 means 60 s) is gone.
	PingPeriod time.Duration
	PongWait   time.Duration
}

func (o *Options) withDefaults() Options {
	var v Options
	if o != nil {
		v = *o
	}
	if v.Logger == nil {
		v.Logger = slog.New(slog.DiscardHandler)
	}
	if v.Places == nil {
		v.Places = wire.NewPlaces(0, 0)
	}
	orDefault(&v.OutboxBytes, 1<<20)
	orDefault(&v.SlowAfter, 10*time.Second)
	orDefault(&v.PingPeriod, 25*time.Second)
	orDefault(&v.PongWait, 60*time.Second)
	return v
}

func orDefault[T int | time.Duration](v *T, d T) {
	if *v <= 0 {
		*v = d
	}
}

const (
	// maxFrame is the largest frame that a client may send, in bytes: 2000
	// characters of any script and fourteen ids fit several times.
	maxFrame = 32 << 10
	// queueLength is melody's queue of one client, in messages. Two places
	// are kept free, so that a close always finds one.
	queueLength = 32
	maxQueued   = queueLength - 2
)

// Hub serves the sockets of one process. Make one with New; Close ends it.
type Hub struct {
	svc    *imagechat.Service
	o      Options
	log    *slog.Logger
	melody *melody.Melody
	origin []string

	mu       sync.Mutex
	draining bool
	clients  map[*client]struct{}
	rooms    map[imagechat.SessionID]*room
	open     sync.WaitGroup
}

// New returns a Hub over a service. It starts nothing.
func New(svc *imagechat.Service, o *Options) (*Hub, error) {
	if svc == nil {
		return nil, errors.New("melodyhub: New needs a service")
	}
	opts := o.withDefaults()
	h := &Hub{
		svc: svc, o: opts, log: opts.Logger, melody: melody.New(), origin: slices.Clone(opts.AllowedOrigins),
		clients: map[*client]struct{}{}, rooms: map[imagechat.SessionID]*room{},
	}
	if u, err := url.Parse(opts.PublicURL); err == nil && u.Host != "" {
		h.origin = append(h.origin, u.Scheme+"://"+u.Host)
	}
	c := h.melody.Config
	c.MaxMessageSize, c.MessageBufferSize = maxFrame, queueLength
	c.PingPeriod, c.PongWait, c.WriteWait = opts.PingPeriod, opts.PongWait, 2*opts.SlowAfter
	up := h.melody.Upgrader
	up.CheckOrigin = h.sameOrigin
	up.HandshakeTimeout = 10 * time.Second
	up.WriteBufferPool = &sync.Pool{} // idle sockets hold no write buffer
	up.Error = func(w http.ResponseWriter, r *http.Request, status int, reason error) {
		refuse(w, r, &imagechat.Error{Code: imagechat.MalformedRequest, Err: reason}, status)
	}
	h.handle()
	return h, nil
}

// handle hangs our handlers into melody. Each recovers by itself: a panic
// would leave the session in melody's books for ever.
func (h *Hub) handle() {
	guarded := func(fn func(*client)) func(*melody.Session) {
		return func(s *melody.Session) {
			defer h.recover(s)
			fn(clientOf(s))
		}
	}
	h.melody.HandleConnect(func(s *melody.Session) {
		defer h.recover(s)
		clientOf(s).connected(s)
	})
	h.melody.HandleMessage(func(s *melody.Session, b []byte) {
		defer h.recover(s)
		clientOf(s).receive(b)
	})
	h.melody.HandleMessageBinary(func(s *melody.Session, _ []byte) {
		defer h.recover(s)
		clientOf(s).fail(&imagechat.Error{Code: imagechat.MalformedRequest}, "")
	})
	h.melody.HandleSentMessage(func(s *melody.Session, b []byte) { clientOf(s).out.sent(len(b)) })
	h.melody.HandlePong(guarded((*client).recheck))
	h.melody.HandleError(func(s *melody.Session, err error) {
		if errors.Is(err, melody.ErrMessageBufferFull) { // our own count keeps it from happening
			h.log.Error("a socket's queue overflowed", "request", clientOf(s).caller.RequestID)
			_ = s.WebsocketConnection().Close()
		}
	})
}

func (h *Hub) recover(s *melody.Session) {
	if p := recover(); p != nil {
		h.log.Error("panic in a socket", "request", clientOf(s).caller.RequestID, "panic", p)
		_ = s.WebsocketConnection().Close() // ends the reading, and with it everything else
	}
}

// Len is how many sockets are open.
func (h *Hub) Len() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.clients)
}

// ServeHTTP takes a socket in. What can be refused is refused before the
// handshake, in plain HTTP.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !h.sameOrigin(r) {
		refuse(w, r, imagechat.Forbidden, 0)
		return
	}
	after, err := parseAfter(r.URL.Query().Get("after"))
	if err != nil {
		refuse(w, r, err, 0)
		return
	}
	id := imagechat.SessionID(r.PathValue("session_id"))
	sub, err := h.svc.Subscribe(r.Context(), id, after)
	if err != nil {
		refuse(w, r, err, 0)
		return
	}
	if !websocket.IsWebSocketUpgrade(r) {
		sub.Close()
		w.Header().Set("Upgrade", "websocket")
		refuse(w, r, &imagechat.Error{
			Code: imagechat.MalformedRequest, Params: map[string]string{"cause": "upgrade"},
		}, http.StatusUpgradeRequired)
		return
	}
	c, err := h.admit(r, id, sub)
	if err != nil {
		sub.Close()
		refuse(w, r, err, http.StatusServiceUnavailable)
		return
	}
	// Only the request's name goes on the handshake; other headers mean nothing there.
	bare := http.Header{}
	if v := w.Header().Get("X-Request-Id"); v != "" {
		bare.Set("X-Request-Id", v)
	}
	clear(w.Header())
	for k, v := range bare {
		w.Header()[k] = v
	}
	// The socket lives in a goroutine of its own: until this returns, the
	// HTTP server keeps the request's buffers and a stack as deep as the
	// handlers before this one, which is half of what an idle socket weighs.
	go h.run(c, w, r)
	<-c.begun
}

// run makes the handshake and reads until the end. It closes c.begun when it
// has no more use for w.
func (h *Hub) run(c *client, w http.ResponseWriter, r *http.Request) {
	defer h.leave(c)
	defer c.ended()
	defer c.begin()
	defer func() {
		if p := recover(); p != nil {
			h.log.Error("panic in a socket", "request", c.caller.RequestID, "panic", p)
			c.cut()
		}
	}()
	if err := h.melody.HandleRequestWithKeys(w, r, map[string]any{clientKey: c}); err != nil {
		h.log.Debug("no socket", "request", c.caller.RequestID, "err", err)
	}
}

// refuse answers with a problem. status, if not 0, replaces the code's own.
func refuse(w http.ResponseWriter, r *http.Request, err error, status int) {
	p := wire.NewProblem(err, wire.LocaleOf(r.Context()))
	p.RequestID = wire.CallerOf(r.Context()).RequestID
	if status != 0 {
		p.Status = int32(status)
	}
	wire.WriteProblem(w, r, &p)
}

// parseAfter reads ?after=; absent means live frames only.
func parseAfter(s string) (int64, error) {
	if s == "" {
		return -1, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	var rule string
	switch {
	case err != nil:
		rule = "integer"
	case n < 0:
		rule = "minimum" // 0
	default:
		return n, nil
	}
	return 0, &imagechat.Error{Code: imagechat.InvalidRequest, Fields: []imagechat.FieldError{{Location: "after", Rule: rule}}}
}

// sameOrigin keeps other sites' pages out: a handshake is a GET, which
// cross-origin protection lets pass. Programs send no Origin.
func (h *Hub) sameOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" || slices.Contains(h.origin, origin) {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host)
}

// admit books a place for a socket, or fails when there is none.
func (h *Hub) admit(r *http.Request, id imagechat.SessionID, sub *imagechat.Subscription) (*client, error) {
	caller := wire.CallerOf(r.Context())
	c := &client{
		hub: h, caller: caller, id: id, sub: sub, locale: wire.LocaleOf(r.Context()), out: newOutbox(h.o.OutboxBytes),
		begun: make(chan struct{}),
	}
	c.begin = sync.OnceFunc(func() { close(c.begun) })
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.draining {
		return nil, &imagechat.Error{Code: imagechat.RateLimited, Retryable: true, RetryAfter: 5 * time.Second}
	}
	leave, err := h.o.Places.Take(r.Context())
	if err != nil {
		return nil, err
	}
	c.leavePlace = leave
	// The request's values (owner, language) outlive its cancellation.
	c.ctx, c.cancel = context.WithCancel(context.WithoutCancel(r.Context()))
	h.clients[c] = struct{}{}
	c.room = h.enter(id)
	h.open.Add(1)
	return c, nil
}

func (h *Hub) leave(c *client) {
	c.cancel()
	h.mu.Lock()
	c.leavePlace()
	delete(h.clients, c)
	h.exit(c.id, c.room)
	h.mu.Unlock()
	h.open.Done()
}

func (h *Hub) everyone() []*client {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]*client, 0, len(h.clients))
	for c := range h.clients {
		all = append(all, c)
	}
	return all
}

// Recheck asks every client's login again and disconnects those whose login
// holds no longer. Call it after a login was revoked; it is also done with
// every pong.
func (h *Hub) Recheck() {
	for _, c := range h.everyone() {
		c.recheck()
	}
}

// drainBatch is how many clients are sent away at a time, so that the next
// server does not get all of them in one instant.
const (
	drainBatch = 100
	drainPause = 20 * time.Millisecond
)

// Close takes no new sockets, sends every client away with CloseDraining, in
// stages, and waits until all are gone; when ctx ends first it cuts the rest
// off. It may be called twice.
func (h *Hub) Close(ctx context.Context) error {
	h.mu.Lock()
	h.draining = true
	h.mu.Unlock()
	for i, c := range h.everyone() {
		if i > 0 && i%drainBatch == 0 {
			select {
			case <-time.After(drainPause):
			case <-ctx.Done():
			}
		}
		c.end(CloseDraining, "draining")
	}
	gone := make(chan struct{})
	go func() { h.open.Wait(); close(gone) }()
	select {
	case <-gone:
	case <-ctx.Done():
		for _, c := range h.everyone() {
			c.cut()
		}
		<-gone
	}
	if err := h.melody.Close(); err != nil && !errors.Is(err, melody.ErrClosed) {
		return err
	}
	return nil
}
