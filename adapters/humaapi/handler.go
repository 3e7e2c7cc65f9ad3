package humaapi

import (
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/wire"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/openapi"
)

// API is the service over HTTP. Make one with New; its handler is safe for
// concurrent use and keeps no goroutines of its own.
type API struct {
	o     Options
	ops   *operations
	guard *guard
	mux   *http.ServeMux
	log   *slog.Logger
}

// New puts the service behind HTTP. It starts nothing.
func New(svc *imagechat.Service, o *Options) (*API, error) {
	if svc == nil {
		return nil, errors.New("humaapi: New needs a service")
	}
	a := &API{mux: http.NewServeMux()}
	if o != nil {
		a.o = *o
	}
	if a.o.Places == nil {
		a.o.Places = wire.NewPlaces(0, 0)
	}
	if err := checkPrefix(&a.o); err != nil {
		return nil, err
	}
	if a.o.Meter == nil {
		a.o.Meter = noMeter{}
	}
	if a.o.Logger == nil {
		a.o.Logger = slog.New(slog.DiscardHandler)
	}
	a.log = a.o.Logger
	var err error
	if a.guard, err = newGuard(&a.o); err != nil {
		return nil, err
	}
	a.ops = &operations{svc: svc, o: a.o, guard: a.guard, bodies: newBodies()}
	a.ops.references = newReferences(svc, &a.o)
	newHuma(a.mux, a.ops, false)
	a.routePlain()
	return a, nil
}

// routePlain adds what is no operation of the API.
func (a *API) routePlain() {
	a.mux.HandleFunc("GET /openapi.yaml", document("application/yaml", a.o.mounted(openapi.YAML())))
	a.mux.HandleFunc("GET /openapi.json", document("application/json", a.o.mounted(openapi.JSON())))
	a.mux.Handle("GET /docs", docsPage())
	a.mux.Handle("GET /docs/{file}", docsFiles())
	if a.o.Metrics != nil {
		a.mux.Handle("GET /metrics", a.o.Metrics)
	}
	if a.o.Hub != nil {
		a.mux.Handle("GET /ws/image-chat/{session_id}", a.o.Hub)
	}
	if a.o.Agents != nil {
		for _, method := range []string{"POST", "GET", "DELETE"} {
			a.mux.Handle(method+" /mcp", bounded(a.o.Agents))
		}
	}
	for _, pattern := range []string{"/api/", "/ws/", "/docs/", "/openapi.yaml", "/openapi.json", "/metrics", "/health", "/ready", "/mcp"} {
		a.mux.HandleFunc(pattern, a.unknown)
	}
	a.mux.HandleFunc("/", a.web)
}

const (
	// agentBody is many times what a call of a tool takes.
	agentBody = 256 << 10
	agentRead = 15 * time.Second
)

// bounded gives a handler that reads its body by itself a short and timely one.
func bounded(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Where the connection has no deadlines, as in tests, there is nothing to hold up.
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(agentRead))
		r.Body = http.MaxBytesReader(w, r.Body, agentBody)
		h.ServeHTTP(w, r)
	})
}

// document answers with one of the embedded forms of the OpenAPI document.
func document(contentType string, b []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Cache-Control", "no-cache")
		_, _ = w.Write(b) // the client may be gone
	}
}

// web hands everything else to the app.
func (a *API) web(w http.ResponseWriter, r *http.Request) {
	switch {
	case a.o.Web == nil:
		writeProblem(w, r, imagechat.NotFound, 0)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		writeNotAllowed(w, r, "GET, HEAD")
	default:
		a.o.Web.ServeHTTP(w, r)
	}
}

// unknown answers API paths that lead nowhere: not there, not so, or with a
// slash too many.
func (a *API) unknown(w http.ResponseWriter, r *http.Request) {
	if methods := a.allowed(r, r.URL.Path); len(methods) > 0 {
		allowed := strings.Join(methods, ", ")
		if r.Method == http.MethodOptions {
			w.Header().Set("Allow", allowed)
			w.WriteHeader(http.StatusNoContent)
			return
		}
		writeNotAllowed(w, r, allowed)
		return
	}
	if trimmed := strings.TrimRight(r.URL.Path, "/"); trimmed != r.URL.Path && len(a.allowed(r, trimmed)) > 0 {
		target := url.URL{Path: trimmed, RawQuery: r.URL.RawQuery}
		http.Redirect(w, r, target.String(), http.StatusPermanentRedirect)
		return
	}
	writeProblem(w, r, imagechat.NotFound, 0)
}

// allowed lists the methods that a path answers to.
func (a *API) allowed(r *http.Request, path string) []string {
	var methods []string
	for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodDelete} {
		probe := &http.Request{Method: m, Host: r.Host, URL: &url.URL{Path: path}}
		if _, pattern := a.mux.Handler(probe); strings.HasPrefix(pattern, m+" ") {
			methods = append(methods, m)
		}
	}
	return methods
}

// Handler is the whole server: API, socket and app, behind the guard.
func (a *API) Handler() http.Handler { return http.HandlerFunc(a.serve) }

func (a *API) serve(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	r, n := withNote(a.o.unmounted(r))
	n.address = a.guard.address(r)
	rec := &recorder{ResponseWriter: w, gzip: r.Method != http.MethodHead && takesGzip(r), prefix: a.o.Prefix}
	rec.Header().Set(RequestIDHeader, n.id)
	r = r.WithContext(wire.WithLocale(r.Context(), a.locale(r)))
	seen := r // what the log tells about, when a panic leaves nothing else
	defer func() {
		if p := recover(); p != nil {
			a.recovered(rec, seen, n, p)
		}
		if !rec.aborted {
			rec.end()
		}
		a.finish(rec, seen, n, time.Since(began))
		if rec.aborted {
			panic(http.ErrAbortHandler) // cuts the connection; net/http keeps quiet about it
		}
	}()
	a.protect(rec, r)
	if !a.admit(rec, r, n.address, &seen) {
		return
	}
	a.mux.ServeHTTP(rec, seen)
}

// admit applies the guard. It has answered when it returns false.
func (a *API) admit(w http.ResponseWriter, r *http.Request, address netip.Addr, seen **http.Request) bool {
	if !a.guard.hostAllowed(r) {
		writeProblem(w, r, imagechat.Forbidden, 0)
		return false
	}
	if a.cors(w, r) {
		return false
	}
	if err := a.guard.origins.Check(r); err != nil {
		writeProblem(w, r, &imagechat.Error{Code: imagechat.Forbidden, Err: err}, 0)
		return false
	}
	if err := a.guard.fromElsewhere(r); err != nil {
		writeProblem(w, r, &imagechat.Error{Code: imagechat.Forbidden, Err: err}, 0)
		return false
	}
	in, err := a.guard.enter(r, address)
	if err != nil {
		writeProblem(w, r, err, 0)
		return false
	}
	*seen = in
	// What cannot be read of a query would be passed over in silence.
	if _, err := url.ParseQuery(r.URL.RawQuery); err != nil && needsLogin(r) {
		writeProblem(w, in, &imagechat.Error{Code: imagechat.MalformedRequest, Params: map[string]string{"cause": "query"}, Err: err}, 0)
		return false
	}
	return true
}

// recovered answers after a panic, if nothing was answered yet.
func (a *API) recovered(rec *recorder, r *http.Request, n *note, p any) {
	if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		rec.aborted = true
		return
	}
	a.log.Error("panic", "request", n.id, "panic", p, "stack", string(debug.Stack()))
	n.code = imagechat.Internal
	if rec.status != 0 {
		rec.aborted = true // half an answer must not look whole
		return
	}
	writeProblem(rec, r, imagechat.Internal, 0)
}

// finish writes the request's line in the log and counts it.
func (a *API) finish(rec *recorder, r *http.Request, n *note, took time.Duration) {
	route := r.Pattern
	if route == "" { // refused before it was routed
		_, route = a.mux.Handler(r)
	}
	if route == "" || route == "/" {
		route = "other"
	}
	status := rec.status
	if status == 0 {
		status = http.StatusOK
	}
	a.o.Meter.Request(route, r.Method, status, took)
	if kind := pixelWork(route, r); kind != "" && status < 400 {
		a.o.Meter.Work(kind, took)
	}
	level := slog.LevelInfo
	switch {
	case status >= 500 && n.code == "":
		level = slog.LevelError
	case status >= 500: // damage is an error whatever its status is
		level = max(slog.LevelWarn, n.code.Severity())
	case isProbe(r) || r.URL.Path == "/metrics":
		level = slog.LevelDebug
	}
	attrs := []slog.Attr{
		slog.String("request", n.id), slog.String("method", r.Method), slog.String("path", r.URL.Path),
		slog.Int("status", status), slog.Int64("bytes", rec.bytes), slog.Int64("ms", took.Milliseconds()),
		slog.String("address", n.address.String()),
	}
	if owner := imagechat.OwnerOf(r.Context()); owner != "" {
		attrs = append(attrs, slog.String("owner", string(owner)))
	}
	if n.code != "" {
		attrs = append(attrs, slog.String("code", string(n.code)))
	}
	if n.err != nil {
		attrs = append(attrs, slog.String("error", n.err.Error()))
	}
	a.log.LogAttrs(r.Context(), level, "request", attrs...)
}

// pixelWork names the kind of work with pixels that a route asks for, or "".
func pixelWork(route string, r *http.Request) string {
	switch route {
	case "GET " + base + "/images/{image_id}/content":
		if strings.Contains(r.URL.RawQuery, "w=") {
			return "thumbnail"
		}
	case "GET " + base + "/images/{image_id}/export":
		return "export"
	case "POST " + base + "/images/{image_id}/export/preview":
		return "preview"
	case "POST " + base + "/sessions/{session_id}/exports":
		return "pack"
	case "POST " + base + "/uploads", "POST " + base + "/brands/{brand_id}/logo":
		return "upload"
	}
	return ""
}

// locale is the person's: ?lang= and ?tz= before the headers. A page cannot
// set the headers of its socket, so there Accept-Language is the browser's and
// says nothing about the page.
func (a *API) locale(r *http.Request) wire.Locale {
	// The query is looked at only where it can hold something for us.
	lang, zone := "", r.Header.Get("Time-Zone")
	if strings.Contains(r.URL.RawQuery, "lang=") || strings.Contains(r.URL.RawQuery, "tz=") {
		q := r.URL.Query()
		lang = q.Get("lang")
		if tz := q.Get("tz"); tz != "" {
			zone = tz
		}
	}
	if lang == "" && !strings.HasPrefix(r.URL.Path, "/ws/") {
		lang = r.Header.Get("Accept-Language")
	}
	l := wire.Locale{Prefix: a.o.Prefix, Lang: imagechat.ParseLang(lang, a.o.lang())}
	if zone != "" && len(zone) < 64 && zone != "Local" {
		if loc, err := time.LoadLocation(zone); err == nil { // an unknown zone is no reason to fail
			l.Zone = loc
		}
	}
	return l
}
