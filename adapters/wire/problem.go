package wire

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// Locale is how answers are written for one client: the language and the
// clock of the person, and the path under which the client reaches the server.
type Locale struct {
	Lang imagechat.Lang
	// Prefix is what a host program mounts the server under ("/studio"); ""
	// is the root. Every path in an answer begins with it.
	Prefix string
	// Zone is the person's time zone; nil means Korea's for Korean and UTC
	// for English.
	Zone *time.Location
	// Now is the moment that clock times are told relative to; the zero
	// time leaves the day out of no sentence.
	Now time.Time
}

type localeKey struct{}

// WithLocale keeps the person's locale in ctx, and the language where the
// Service looks for it.
func WithLocale(ctx context.Context, l Locale) context.Context {
	return imagechat.WithLang(context.WithValue(ctx, localeKey{}, l), l.Lang)
}

// LocaleOf returns the locale of ctx; without one it is Korean.
func LocaleOf(ctx context.Context) Locale {
	if l, ok := ctx.Value(localeKey{}).(Locale); ok {
		return l
	}
	if lang := imagechat.LangOf(ctx); lang != "" {
		return Locale{Lang: lang}
	}
	return Locale{Lang: imagechat.LangKO}
}

var seoul = time.FixedZone("KST", 9*60*60) // Korea has had no summer time since 1988

func (l Locale) zone() *time.Location {
	switch {
	case l.Zone != nil:
		return l.Zone
	case l.Lang == imagechat.LangKO:
		return seoul
	}
	return time.UTC
}

// Problem is a failure as RFC 9457 shows it.
type Problem struct {
	Type         string         `json:"type" doc:"A URN that names the code" example:"urn:imagechat:problem:budget_exceeded"`
	Title        string         `json:"title" doc:"The code in words" example:"예산을 다 썼어요"`
	Status       int32          `json:"status" doc:"The HTTP status" example:"402"`
	Detail       string         `json:"detail" doc:"For the person, in their language: what happened and what to do next" example:"오늘 쓸 수 있는 예산을 다 썼어요. 잠시 뒤에 다시 시도하거나 예산을 늘려 주세요."`
	Code         imagechat.Code `json:"code" doc:"For programs" example:"budget_exceeded"`
	RequestID    string         `json:"request_id" doc:"Give this to whoever runs the server" example:"a1b2c3d4e5f60718"`
	Retryable    bool           `json:"retryable" doc:"The same request may succeed later"`
	RetryAfterMS int64          `json:"retry_after_ms,omitempty" doc:"How long to wait first, in milliseconds"`
	Reason       string         `json:"reason,omitempty" doc:"The generator's own words"`
	Errors       []FieldProblem `json:"errors,omitempty" doc:"The parts of the input that are wrong"`
}

// FieldProblem is one wrong part of the input.
type FieldProblem struct {
	Location string `json:"location" example:"content"`
	Message  string `json:"message" example:"1자에서 2000자까지 쓸 수 있어요."`
	Rule     string `json:"rule,omitempty" doc:"The broken rule in one word" example:"too_long"`
}

// Error makes a Problem an error, for logs.
func (p *Problem) Error() string { return string(p.Code) + ": " + p.Detail }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return int(p.Status) }

// ContentType turns JSON's media type into that of RFC 9457.
func (p *Problem) ContentType(string) string { return ProblemType }

// ProblemType is the media type of a Problem.
const ProblemType = "application/problem+json"

// statuses is the one map from Code to HTTP status.
var statuses = map[imagechat.Code]int{
	imagechat.InvalidRequest:         http.StatusUnprocessableEntity,
	imagechat.MalformedRequest:       http.StatusBadRequest,
	imagechat.Unauthorized:           http.StatusUnauthorized,
	imagechat.Forbidden:              http.StatusForbidden,
	imagechat.NotFound:               http.StatusNotFound,
	imagechat.SessionNotFound:        http.StatusNotFound,
	imagechat.ImageNotFound:          http.StatusNotFound,
	imagechat.TurnNotFound:           http.StatusNotFound,
	imagechat.Conflict:               http.StatusConflict,
	imagechat.IdempotencyMismatch:    http.StatusConflict,
	imagechat.PayloadTooLarge:        http.StatusRequestEntityTooLarge,
	imagechat.UnsupportedImage:       http.StatusUnsupportedMediaType,
	imagechat.InvalidImage:           http.StatusUnprocessableEntity,
	imagechat.RateLimited:            http.StatusTooManyRequests,
	imagechat.BudgetExceeded:         http.StatusPaymentRequired,
	imagechat.GeneratorNotConfigured: http.StatusServiceUnavailable,
	imagechat.GeneratorRejectedKey:   http.StatusBadGateway,
	imagechat.ModelUnavailable:       http.StatusBadGateway,
	imagechat.QuotaExhausted:         http.StatusTooManyRequests,
	imagechat.GeneratorOverloaded:    http.StatusServiceUnavailable,
	imagechat.GeneratorTimeout:       http.StatusGatewayTimeout,
	imagechat.GeneratorProtocol:      http.StatusBadGateway,
	imagechat.ContentBlocked:         http.StatusUnprocessableEntity,
	imagechat.NoImageReturned:        http.StatusUnprocessableEntity,
	imagechat.Interrupted:            http.StatusServiceUnavailable,
	imagechat.Cancelled:              http.StatusConflict,
	imagechat.StorageFull:            http.StatusInsufficientStorage,
	imagechat.StorageUnavailable:     http.StatusServiceUnavailable,
	imagechat.Internal:               http.StatusInternalServerError,
}

// StatusOf returns the HTTP status of a code; what is unknown is 500.
func StatusOf(c imagechat.Code) int {
	if s, ok := statuses[c]; ok {
		return s
	}
	return http.StatusInternalServerError
}

// NewProblem shows err to a person. What carries no Code is Internal and
// shows nothing of itself.
func NewProblem(err error, l Locale) Problem {
	e := imagechat.AsError(err)
	code := e.Code
	if _, known := statuses[code]; !known {
		code = imagechat.Internal
	}
	p := Problem{
		Type: "urn:imagechat:problem:" + string(code), Title: titles[code].In(l.Lang),
		Status: int32(StatusOf(code)), Code: code, Retryable: e.Retryable,
		RetryAfterMS: retryAfter(e, l.Now).Milliseconds(), Detail: sentence(code, e, l),
	}
	if code == imagechat.Internal {
		return p
	}
	if e.Reason != "" {
		p.Reason = e.Reason
		p.Detail += " " + reasonPrefix.In(l.Lang) + strings.TrimSpace(e.Reason)
	}
	for _, f := range e.Fields {
		p.Errors = append(p.Errors, FieldProblem{Location: f.Location, Rule: f.Rule, Message: fieldSentence(f, l.Lang)})
	}
	if len(p.Errors) > 0 {
		p.Detail += " " + p.Errors[0].Location + ": " + p.Errors[0].Message
	}
	return p
}

// retryAfter is the wait that is asked for: the generator's own, or until
// the quota or the budget frees up.
func retryAfter(e *imagechat.Error, now time.Time) time.Duration {
	if e.RetryAfter > 0 {
		return e.RetryAfter
	}
	if now.IsZero() {
		now = time.Now()
	}
	if wait := e.ResetsAt.Sub(now); !e.ResetsAt.IsZero() && wait > 0 {
		return wait
	}
	return 0
}

// JSON renders a problem; it cannot fail.
func (p *Problem) JSON() []byte {
	b, err := json.Marshal(p)
	if err != nil { // only strings, numbers and booleans are in it
		panic(err)
	}
	return b
}

// GetHeaders are the headers that belong to the problem (RFC 9110 §10.2.3,
// §11.6.1).
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.RetryAfterMS > 0 {
		h.Set("Retry-After", strconv.FormatInt((p.RetryAfterMS+999)/1000, 10))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="image-chat"`)
	}
	return h
}

// WriteProblem answers a request with p.
func WriteProblem(w http.ResponseWriter, r *http.Request, p *Problem) {
	h := w.Header()
	for k, v := range p.GetHeaders() {
		h[k] = v
	}
	h.Set("Content-Type", ProblemType)
	h.Set("Cache-Control", "no-store")
	h.Del("Content-Length")
	h.Del("ETag")
	w.WriteHeader(p.GetStatus())
	if r.Method != http.MethodHead {
		_, _ = w.Write(p.JSON()) // the client may be gone
	}
}
