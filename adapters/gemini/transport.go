package gemini

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini/internal/lift"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// errIdle tells that the server sent nothing for too long.
var errIdle = errors.New("gemini: no byte arrived in time")

const (
	// maxErrorBody bounds what is read of an error answer, or of a list of models.
	maxErrorBody = 4 << 20
	// maxRequest is the most that the API takes in one request, in bytes
	// (https://ai.google.dev/gemini-api/docs/file-input-methods).
	maxRequest = 100_000_000
	// sniffBytes is what http.DetectContentType looks at.
	sniffBytes = 512
)

// exchange is one request and its answer, as the transport saw them. Package
// genai handles a short reference wherever bytes of a picture or a signature
// belong; here is what the references stand for, both ways.
type exchange struct {
	spool   imagechat.AttemptSpool
	idle    time.Duration
	unary   bool   // a whole answer was asked for, no stream
	drawing func() // called when a picture has begun to arrive

	sources []lift.Source // what the request's references stand for
	pieces  []*piece      // what the answer's references stand for
	notes   []string      // the generator's own words on why it ended
	body    *lift.Body
	status  int   // of the HTTP answer; 0 when none came
	err     error // the first fault below package genai
	// location is where a redirect points, webPage tells that the answer is
	// labelled as HTML, strange is what came beside JSON.
	location string
	webPage  bool
	strange  string
	finished bool // the answer gave its finish reason: little can follow
	begun    bool // a picture began, and drawing was not called yet
}

// piece is one lifted value of an answer. It has no entry when it was not kept.
type piece struct {
	kind    lift.Kind
	entry   imagechat.SpoolEntry
	mime    string // of its first bytes
	thought bool
	used    bool // package genai handed its reference on
}

type exchangeKey struct{}

func withExchange(ctx context.Context, x *exchange) context.Context {
	return context.WithValue(ctx, exchangeKey{}, x)
}

// reference is what stands for the n-th source or piece in JSON.
func reference(n int) []byte {
	return binary.BigEndian.AppendUint32([]byte("ref:"), uint32(n))
}

func dereference[T any](ref []byte, all []T) (T, bool) {
	rest, ok := bytes.CutPrefix(ref, []byte("ref:"))
	if !ok || len(rest) != 4 {
		var none T
		return none, false
	}
	n := binary.BigEndian.Uint32(rest)
	if int64(n) >= int64(len(all)) {
		var none T
		return none, false
	}
	return all[n], true
}

// attach registers bytes that the request carries and returns their reference.
func (x *exchange) attach(src lift.Source) []byte {
	x.sources = append(x.sources, src)
	return reference(len(x.sources) - 1)
}

// sent reports whether anything of the request can have reached the server.
func (x *exchange) sent() bool { return x.status != 0 || (x.body != nil && x.body.Touched()) }

// fault remembers the first fault; later ones follow from it.
func (x *exchange) fault(err error) {
	if x.err == nil && err != nil && !errors.Is(err, io.EOF) {
		x.err = err
	}
}

// open starts a lifted value.
func (x *exchange) open(ctx context.Context, kind lift.Kind) (lift.Sink, error) {
	spoolKind := imagechat.SpoolSignature
	if kind == lift.Data {
		spoolKind, x.begun = imagechat.SpoolImage, true
	}
	w, err := x.spool.Create(ctx, spoolKind)
	if err != nil {
		return nil, err
	}
	return &sink{x: x, w: w, piece: &piece{kind: kind}}, nil
}

// sink writes one lifted value to the spool.
type sink struct {
	x     *exchange
	w     imagechat.SpoolWriter
	piece *piece
	head  []byte
}

func (s *sink) Write(p []byte) (int, error) {
	if room := sniffBytes - len(s.head); room > 0 && s.piece.kind == lift.Data {
		s.head = append(s.head, p[:min(room, len(p))]...)
	}
	return s.w.Write(p)
}

func (s *sink) Reference() []byte {
	s.x.pieces = append(s.x.pieces, s.piece)
	return reference(len(s.x.pieces) - 1)
}

// Received keeps a picture at once, so that no crash loses it while its part
// goes on, where a mark that it is only a draft can still be taken in.
func (s *sink) Received() error {
	if _, ok := s.w.(imagechat.DraftMarker); !ok {
		return nil
	}
	return s.keep()
}

// Commit keeps the value. What is no picture never lies in the spool as one,
// nor does a draft: a restart would take either for the answer.
func (s *sink) Commit(thought bool) error {
	s.piece.thought = thought
	if m, ok := s.w.(imagechat.DraftMarker); thought && ok {
		if err := m.MarkDraft(); err != nil {
			return err
		}
	} else if thought {
		s.w.Abort() // it is missing in a replay then, which costs nothing
		return nil
	}
	if s.piece.entry.Blob != "" {
		return nil // kept when it was received
	}
	return s.keep()
}

func (s *sink) keep() error {
	if s.piece.kind == lift.Data {
		s.piece.mime = http.DetectContentType(s.head)
		if !isPicture(s.piece.mime) {
			s.w.Abort()
			return errNoPicture
		}
	}
	entry, err := s.w.Commit()
	if err != nil {
		s.w.Abort()
		return err
	}
	s.piece.entry = entry
	return nil
}

func (s *sink) Abort() { s.w.Abort() }

// transport is the http.RoundTripper under package genai. Calls that carry an
// exchange are lifted; others (the list of models) pass.
type transport struct {
	base http.RoundTripper
	// token, if set, gives the bearer token of Vertex AI.
	token func(context.Context) (string, error)
	// redact takes the key out of answers that the SDK may log or quote.
	redact func(string) string
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	x, ok := req.Context().Value(exchangeKey{}).(*exchange)
	if !ok {
		x = &exchange{idle: time.Minute}
	}
	resp, err := t.roundTrip(req, x)
	x.fault(err)
	return resp, err
}

func (t *transport) roundTrip(req *http.Request, x *exchange) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(req.Context())
	out := req.Clone(ctx)
	if err := x.replaceBody(out); err != nil {
		cancel(nil)
		return nil, err
	}
	if t.token != nil {
		token, err := t.token(ctx)
		if err != nil {
			cancel(nil)
			return nil, fmt.Errorf("%w: %w", errNoToken, err)
		}
		out.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := t.base.RoundTrip(out)
	if err != nil {
		cancel(nil)
		return nil, err
	}
	x.status, x.location = resp.StatusCode, resp.Header.Get("Location")
	mediaType, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	x.webPage = mediaType == "text/html"
	resp.Body = x.wrap(req.Context(), ctx, resp, cancel)
	if resp.StatusCode >= 300 || x.spool == nil {
		if err := t.readShort(resp); err != nil {
			return nil, err
		}
	}
	return resp, nil
}

// readShort reads an error or a list of models whole.
func (t *transport) readShort(resp *http.Response) error {
	raw, err := io.ReadAll(resp.Body)
	if cerr := resp.Body.Close(); err == nil {
		err = cerr
	}
	resp.Body = io.NopCloser(strings.NewReader(t.redact(string(raw))))
	return err
}

// replaceBody streams the sources into the places of their references. The
// request has a length and no GetBody: net/http can never send it twice by
// itself, as it does with requests that look repeatable.
func (x *exchange) replaceBody(req *http.Request) error {
	req.GetBody = nil
	if req.Body == nil || req.Body == http.NoBody || req.ContentLength == 0 {
		return nil
	}
	raw, err := io.ReadAll(req.Body) // references only: as small as the words
	if err != nil {
		return err
	}
	if err := req.Body.Close(); err != nil {
		return err
	}
	x.body, err = lift.NewBody(raw, func(ref []byte) (lift.Source, error) {
		src, ok := dereference(ref, x.sources)
		if !ok {
			return lift.Source{}, errors.New("gemini: bytes in a request that were not attached")
		}
		return src, nil
	})
	if err != nil {
		return err
	}
	if x.body.Len() > maxRequest {
		return fmt.Errorf("%w: %d bytes", errTooHeavy, x.body.Len())
	}
	req.Body, req.ContentLength = x.body, x.body.Len()
	return nil
}

// wrap puts the idle deadline and the lifter before an answer's body. The
// deadline ends ctx, which is the connection's; the spool has the caller's, so
// that a piece which comes in that moment is kept like any other.
func (x *exchange) wrap(caller, ctx context.Context, resp *http.Response, cancel context.CancelCauseFunc) io.ReadCloser {
	b := &answerBody{x: x, raw: resp.Body, cancel: cancel, ctx: ctx}
	b.timer = time.AfterFunc(x.idle, func() { cancel(errIdle) })
	b.timer.Stop()
	var src io.Reader = idleReader{b}
	switch {
	case resp.StatusCode >= 300 || x.spool == nil:
		b.reader = io.LimitReader(src, maxErrorBody)
	default:
		if !x.unary {
			b.events = lift.NewEvents(src)
			src = b.events
		}
		b.lifter = lift.NewReader(src, lift.Handler{
			Open: func(k lift.Kind) (lift.Sink, error) { return x.open(caller, k) },
			Note: func(text string) { x.notes = append(x.notes, text) },
		})
		b.reader = b.lifter
	}
	return b
}

// answerBody is the body of an answer. Its Close ends the request.
type answerBody struct {
	x      *exchange
	ctx    context.Context
	cancel context.CancelCauseFunc
	raw    io.ReadCloser
	timer  *time.Timer
	events *lift.Events
	lifter *lift.Reader
	reader io.Reader
}

func (b *answerBody) Read(p []byte) (int, error) {
	// Words may come in the same piece as the picture's beginning. When more is
	// asked for, they were told.
	if b.x.begun && b.x.drawing != nil && b.lifter.Buffered() == 0 {
		b.x.begun = false
		b.x.drawing()
	}
	n, err := b.reader.Read(p)
	b.x.fault(err)
	if b.events != nil {
		b.x.strange = b.events.Strange()
	}
	if err != nil && b.lifter != nil {
		// The fault is remembered. Package genai would print it to the log
		// package's standard logger, past everybody's own.
		err = io.EOF
	}
	return n, err
}

func (b *answerBody) Close() error {
	b.timer.Stop()
	if b.lifter != nil {
		b.x.fault(b.lifter.Close())
	}
	_ = b.raw.Close() // what came is here; genai prints what it is told
	b.cancel(nil)
	return nil
}

// idleReader reads the network. While a picture's bytes come, and behind the
// answer's end, a silence means that the line is dead. Anywhere else the model
// may be drawing, which takes as long as the whole call may take. The time in
// which the spool takes its bytes does not count.
type idleReader struct{ b *answerBody }

func (r idleReader) Read(p []byte) (int, error) {
	b := r.b
	inPicture := b.lifter != nil && b.lifter.InValue()
	if inPicture || b.x.finished || b.lifter == nil {
		b.timer.Reset(b.x.idle)
		defer b.timer.Stop()
	}
	n, err := b.raw.Read(p)
	if err != nil && !errors.Is(err, io.EOF) && errors.Is(context.Cause(b.ctx), errIdle) {
		err = errIdle
		if b.x.finished && !inPicture {
			err = io.EOF // everything was said; a proxy holds the line
		}
	}
	return n, err
}

// newBaseTransport is net/http's transport, tuned to what passes through it.
func newBaseTransport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	// Pictures in base64 shrink by a quarter under gzip and cost several times
	// the decoding's CPU to inflate.
	t.DisableCompression = true
	// HTTP/2 buffers up to 4 MB an answer inside net/http when the disk is slower
	// than the network; with HTTP/1.1 the kernel's bounded buffers push back.
	t.ForceAttemptHTTP2 = false
	t.Protocols = new(http.Protocols)
	t.Protocols.SetHTTP1(true)
	t.MaxIdleConnsPerHost = 16
	return t
}
