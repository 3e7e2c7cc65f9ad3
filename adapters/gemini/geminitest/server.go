// Package geminitest is a stand-in for the Gemini API that speaks its wire
// format: generateContent and streamGenerateContent for image models, on the
// paths of the Gemini API and of Vertex AI, and the list of models. It draws
// real pictures, signs them, refuses requests whose thought signatures are
// missing or altered, and fails on demand in every way the API is known to.
//
// What becomes of a call is decided, in this order, by Server.Script, by
// directives in the prompt such as [[429]] (see Scripted), and by
// Options.Default. Every call is counted and recorded.
//
// In tests it is started with New; Main runs it as a process of its own with a
// control endpoint.
package geminitest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini/internal/catalog"
)

// Options of a Server. The zero value, and nil, mean the defaults.
type Options struct {
	// Addr to listen on; "" means a free port of 127.0.0.1.
	Addr string
	// Key that callers must send, as x-goog-api-key or, on Vertex paths, as a
	// bearer token; "" accepts any but none.
	Key string
	// Default is what becomes of calls that nothing else was said about.
	Default Outcome
	// Latency passes before every answer, beside an Outcome's own delay.
	Latency time.Duration
	// SignatureBytes is the size of a picture's thought signature; recorded
	// ones have 0.8 to 2.2 MB. 0 means 32 KiB, to keep tests quick.
	SignatureBytes int
	// MaxSide, if set, halves pictures until no side is longer: quicker to
	// draw, still of the right ratio. 0 draws true sizes.
	MaxSide int
	// LaxSignatures lets model turns without signatures pass.
	LaxSignatures bool
	// AnyModel answers for models that are not in the table, too.
	AnyModel bool
	// HiddenModels are left out of the list of models and answered with 404.
	HiddenModels []string
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Server is a running stand-in. Its methods are safe for concurrent use.
type Server struct {
	// URL is the root to give as base URL, without a slash at its end.
	URL string

	o       Options
	catalog *catalog.Catalog
	http    *http.Server
	ctx     context.Context
	stop    context.CancelFunc
	done    chan struct{}

	mu       sync.Mutex
	script   []Outcome
	requests []*Request
	prompts  map[string]int
	lists    int
	released chan struct{}
	arrived  chan struct{} // closed and replaced with every call
}

// New starts a stand-in. Close it.
func New(o *Options) (*Server, error) {
	if o == nil {
		o = &Options{}
	}
	s := NewUnstarted(o)
	addr := o.Addr
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("geminitest: %w", err)
	}
	s.URL = "http://" + ln.Addr().String()
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	go func() {
		defer close(s.done)
		_ = s.http.Serve(ln) // ends with ErrServerClosed
	}()
	return s, nil
}

// NewUnstarted returns a stand-in that listens nowhere: it is a http.Handler,
// and Transport reaches it without a network, as inside a testing/synctest
// bubble it must be. Close it.
func NewUnstarted(opts *Options) *Server {
	var o Options
	if opts != nil {
		o = *opts
	}
	if o.SignatureBytes == 0 {
		o.SignatureBytes = 32 << 10
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Server{
		o: o, catalog: catalog.Load(), prompts: map[string]int{}, done: make(chan struct{}),
		released: make(chan struct{}), arrived: make(chan struct{}),
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	return s
}

// Close ends the stand-in at once; calls that hang or wait are cut off.
func (s *Server) Close() {
	s.stop()
	if s.http != nil {
		_ = s.http.Close()
		<-s.done
	}
}

// Script queues outcomes for the next calls, one each.
func (s *Server) Script(outcomes ...Outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script = append(s.script, outcomes...)
}

// Release lets every call go that waits for it.
func (s *Server) Release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.released)
	s.released = make(chan struct{})
}

// Calls is how many generateContent calls were received, refused ones too.
func (s *Server) Calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.requests)
}

// Lists is how often the list of models was asked for.
func (s *Server) Lists() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lists
}

// Requests returns the calls received, oldest first.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Request, len(s.requests))
	for i, r := range s.requests {
		out[i] = *r
	}
	return out
}

// Last returns the newest call; it panics when there was none.
func (s *Server) Last() Request {
	all := s.Requests()
	return all[len(all)-1]
}

// AwaitCalls blocks until n calls were received in all, or ctx ends.
func (s *Server) AwaitCalls(ctx context.Context, n int) error {
	for {
		s.mu.Lock()
		have, arrived := len(s.requests), s.arrived
		s.mu.Unlock()
		if have >= n {
			return nil
		}
		select {
		case <-arrived:
		case <-ctx.Done():
			return fmt.Errorf("geminitest: %d of %d calls: %w", have, n, ctx.Err())
		}
	}
}

// Reset forgets calls, counters and the script.
func (s *Server) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script, s.requests, s.lists = nil, nil, 0
	s.prompts = map[string]int{}
}

func (s *Server) now() time.Time { return s.o.Now() }

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.Trim(r.URL.Path, "/")
	if rest, ok := strings.CutPrefix(path, "_control/"); ok {
		s.control(w, r, rest)
		return
	}
	if path == "token" && r.Method == http.MethodPost {
		s.token(w, r)
		return
	}
	version, rest, _ := strings.Cut(path, "/")
	vertex := false
	if after, ok := strings.CutPrefix(rest, "projects/"); ok {
		if i := strings.Index(after, "publishers/google/models"); i >= 0 {
			rest, vertex = after[i+len("publishers/google/"):], true
		}
	} else if after, ok := strings.CutPrefix(rest, "publishers/google/"); ok {
		rest, vertex = after, true
	}
	if !strings.HasPrefix(version, "v1") || !strings.HasPrefix(rest, "models") {
		http.NotFound(w, r) // the API answers with an HTML page here, too
		return
	}
	if e := s.authorize(r, vertex); e != nil {
		writeError(w, e)
		return
	}
	model, method, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(rest, "models"), "/"), ":")
	switch {
	case r.Method == http.MethodGet && model == "":
		s.list(w, r, vertex)
	case r.Method == http.MethodPost && method == "generateContent":
		s.generate(w, r, model, false, vertex)
	case r.Method == http.MethodPost && method == "streamGenerateContent" && r.URL.Query().Get("alt") == "sse":
		s.generate(w, r, model, true, vertex)
	default:
		http.NotFound(w, r)
	}
}

func (s *Server) authorize(r *http.Request, vertex bool) *APIError {
	key := r.Header.Get("X-Goog-Api-Key")
	if vertex && key == "" {
		key = strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	}
	switch {
	case key != "" && (s.o.Key == "" || key == s.o.Key):
		return nil
	case key == "":
		return &APIError{Code: 403, Status: "PERMISSION_DENIED", Message: "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API."}
	case vertex:
		return errorOutcomes()["401"].Error
	}
	return errorOutcomes()["badkey"].Error
}

// generate answers one call.
func (s *Server) generate(w http.ResponseWriter, r *http.Request, model string, stream, vertex bool) {
	req, refused := s.read(r, model, stream, vertex)
	if req == nil {
		writeError(w, refused) // cut off while it was sent: no call
		return
	}
	if s.hidden(model) {
		refused = errorOutcomes()["gone"].Error
	}
	out, released := s.record(req, refused)
	if err := s.wait(r.Context(), out, released); err != nil {
		panic(http.ErrAbortHandler) // the client or the server went away
	}
	switch {
	case out.Error != nil:
		writeError(w, out.Error)
	case out.Page != nil:
		w.Header().Set("Content-Type", "text/html; charset=UTF-8")
		w.WriteHeader(out.Page.Status)
		_, _ = w.Write([]byte(out.Page.Body))
	default:
		c := &composer{req: req, answer: &out.Answer, catalog: s.catalog, signature: s.o.SignatureBytes,
			maxSide: s.o.MaxSide, id: fmt.Sprintf("standin-%d", req.Number)}
		s.send(w, r, out, c)
	}
}

func (s *Server) hidden(model string) bool {
	for _, m := range s.o.HiddenModels {
		if m == model {
			return true
		}
	}
	return false
}

// record counts a call and decides what becomes of it.
func (s *Server) record(req *Request, refused *APIError) (Outcome, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.o.Default
	switch scripted, err := Scripted(req.Prompt, s.prompts[req.Prompt]); {
	case refused != nil:
		out = Outcome{Name: "refused", Error: refused}
	case len(s.script) > 0:
		out, s.script = s.script[0], s.script[1:]
	case err != nil:
		out = Outcome{Name: "bad directive", Error: invalid(err.Error())}
	case directive.MatchString(req.Prompt):
		out = scripted
	}
	s.prompts[req.Prompt]++
	req.Outcome = out.Name
	s.requests = append(s.requests, req)
	req.Number = len(s.requests)
	close(s.arrived)
	s.arrived = make(chan struct{})
	return out, s.released
}

// wait lets the outcome's delay pass.
func (s *Server) wait(ctx context.Context, out Outcome, released <-chan struct{}) error {
	if d := s.o.Latency + out.Delay; d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return ctx.Err()
		case <-s.ctx.Done():
			return s.ctx.Err()
		}
	}
	if !out.Hold {
		return nil
	}
	select {
	case <-released:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-s.ctx.Done():
		return s.ctx.Err()
	}
}
