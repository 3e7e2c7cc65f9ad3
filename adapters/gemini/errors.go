package gemini

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"google.golang.org/genai"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini/internal/lift"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

var (
	errTooHeavy = errors.New("gemini: the pictures are too heavy for one request")
	errNoToken  = errors.New("gemini: no access token for Vertex AI")
	errPanic    = errors.New("gemini: the answer has a shape that the SDK cannot read")
)

// failure names what ended a call. err is what package genai returned; what
// the transport saw comes first, since it says more.
func (g *Generator) failure(ctx context.Context, err error, x *exchange, model string) *imagechat.Error {
	e := g.classify(ctx, err, x, model)
	e.Reason = g.o.tell(e.Reason)
	if e.Err == nil {
		e.Err = err
	}
	e.Err = g.hide(e.Err)
	e.Upstream = x.status
	return e
}

func (g *Generator) classify(ctx context.Context, err error, x *exchange, model string) *imagechat.Error {
	charge := imagechat.ChargeUnknown
	if !x.sent() {
		charge = imagechat.ChargeNone
	}
	if ctx.Err() != nil {
		return &imagechat.Error{Code: imagechat.CodeOf(ctx.Err()), Charge: charge, Retryable: true, Err: ctx.Err()}
	}
	if api, ok := errors.AsType[genai.APIError](err); ok && x.err == nil {
		return g.apiError(api, x.status, model)
	}
	sink, isSink := errors.AsType[*lift.SinkError](x.err)
	switch {
	case isSink && !errors.Is(sink, errNoPicture):
		return storage(sink.Err, charge)
	case errors.Is(x.err, lift.ErrSource):
		// The request broke off before its announced length: it was never whole.
		return storage(x.err, imagechat.ChargeNone)
	case errors.Is(x.err, errTooHeavy):
		return &imagechat.Error{Code: imagechat.PayloadTooLarge, Charge: imagechat.ChargeNone, Err: x.err,
			Params: map[string]string{"max_bytes": strconv.Itoa(maxRequest)}}
	case errors.Is(x.err, errNoToken):
		return &imagechat.Error{Code: imagechat.GeneratorRejectedKey, Charge: imagechat.ChargeNone, Err: x.err}
	case errors.Is(x.err, errIdle):
		return &imagechat.Error{Code: imagechat.GeneratorTimeout, Charge: charge, Retryable: true, Err: x.err}
	case x.status == 0 && charge == imagechat.ChargeNone && x.err != nil:
		// Nobody took the connection: as good as overloaded.
		return &imagechat.Error{Code: imagechat.GeneratorOverloaded, Charge: charge, Retryable: true, Err: x.err}
	case x.status == 0 && x.err != nil:
		return &imagechat.Error{Code: imagechat.Interrupted, Charge: charge, Retryable: true, Err: x.err}
	}
	// Truncated, not JSON, a web page, not base64, too large.
	return &imagechat.Error{Code: imagechat.GeneratorProtocol, Charge: charge, Retryable: true, Err: errors.Join(err, x.err)}
}

// storage is a fault of our own disk or blob store.
func storage(err error, charge imagechat.Charge) *imagechat.Error {
	code := imagechat.CodeOf(err)
	switch code {
	case imagechat.StorageFull, imagechat.StorageUnavailable, imagechat.Cancelled:
	case imagechat.NotFound, imagechat.ImageNotFound:
		return &imagechat.Error{Code: imagechat.ImageNotFound, Charge: charge, Err: err}
	default:
		code = imagechat.StorageUnavailable
	}
	return &imagechat.Error{Code: code, Charge: charge, Retryable: true, Err: err}
}

// canonicalStatus is how the API itself writes a status; others come from
// proxies and gateways, whose texts are no generator's words.
var canonicalStatus = regexp.MustCompile(`^[A-Z][A-Z_]+$`)

// apiError names an error object of the API. status is that of the HTTP answer:
// 200 when the object came in the middle of a stream, after work was done.
func (g *Generator) apiError(api genai.APIError, status int, model string) *imagechat.Error {
	e := &imagechat.Error{Err: api, Charge: imagechat.ChargeNone}
	if canonicalStatus.MatchString(api.Status) {
		e.Reason = api.Message
	}
	g.nameAPIError(e, api, model)
	if status < http.StatusBadRequest {
		e.Charge = imagechat.ChargeUnknown
	}
	return e
}

func (g *Generator) nameAPIError(e *imagechat.Error, api genai.APIError, model string) {
	reason := detailReason(api)
	switch {
	case api.Code == http.StatusTooManyRequests:
		g.nameQuota(e, api, reason)
	case api.Code == http.StatusUnauthorized, api.Code == http.StatusForbidden,
		reason == "API_KEY_INVALID", strings.Contains(api.Message, "API key not valid"),
		strings.Contains(api.Message, "API key expired"):
		e.Code = imagechat.GeneratorRejectedKey
	case api.Code == http.StatusNotFound:
		e.Code = imagechat.ModelUnavailable
		e.Params = map[string]string{"model": model}
		if m, ok := g.catalog.Find(model); ok && m.Replacement != "" {
			e.Params["replacement"] = m.Replacement
		} else if model != g.catalog.Default {
			e.Params["replacement"] = g.catalog.Default
		}
	case api.Status == "DEADLINE_EXCEEDED", api.Code == http.StatusGatewayTimeout, api.Code == http.StatusRequestTimeout:
		e.Code, e.Charge, e.Retryable = imagechat.GeneratorTimeout, imagechat.ChargeUnknown, true
	case api.Code == 499:
		e.Code, e.Charge, e.Retryable = imagechat.Interrupted, imagechat.ChargeUnknown, true
	case api.Code == http.StatusInternalServerError, api.Code == http.StatusServiceUnavailable:
		e.Code, e.Retryable, e.RetryAfter = imagechat.GeneratorOverloaded, true, retryDelay(api)
	case api.Code >= 500:
		e.Code, e.Charge, e.Retryable = imagechat.GeneratorProtocol, imagechat.ChargeUnknown, true
	default:
		nameBadRequest(e, api)
	}
}

// nameBadRequest names the 4xx answers that speak of the request.
func nameBadRequest(e *imagechat.Error, api genai.APIError) {
	message := strings.ToLower(api.Message)
	switch {
	case api.Code == http.StatusRequestEntityTooLarge, strings.Contains(message, "payload size exceeds"):
		e.Code = imagechat.PayloadTooLarge
	case strings.Contains(message, "process input image"), strings.Contains(message, "image is not valid"):
		e.Code = imagechat.InvalidImage
	case strings.Contains(message, "unsupported mime type"):
		e.Code = imagechat.UnsupportedImage
	case api.Status == "FAILED_PRECONDITION": // the place of the server, or billing
		e.Code = imagechat.ModelUnavailable
	case e.Reason == "", signatureRejected(api):
		e.Code = imagechat.GeneratorProtocol
	default:
		e.Code = imagechat.InvalidRequest
	}
}

// signatureRejected reports whether a model turn was not accepted as it came:
// "Image part is missing a thought_signature…", "Corrupted thought signature.".
func signatureRejected(api genai.APIError) bool {
	message := strings.ToLower(api.Message)
	return api.Code == http.StatusBadRequest &&
		(strings.Contains(message, "thought signature") || strings.Contains(message, "thought_signature"))
}

// nameQuota tells a quota that is used up for the day, or for good, from a
// limit that passes within a minute.
func (g *Generator) nameQuota(e *imagechat.Error, api genai.APIError, reason string) {
	e.Retryable = true
	message := strings.ToLower(api.Message)
	perDay, none := false, false
	for _, v := range violations(api) {
		id, _ := v["quotaId"].(string)
		value, _ := v["quotaValue"].(string)
		perDay = perDay || strings.Contains(id, "PerDay")
		none = none || value == "0"
	}
	switch {
	case reason == "MODEL_CAPACITY_EXHAUSTED":
		e.Code, e.RetryAfter = imagechat.GeneratorOverloaded, retryDelay(api)
	case none, strings.Contains(message, "spending cap"), strings.Contains(message, "spend cap"),
		strings.Contains(message, "billing account"):
		// No waiting helps: the plan allows none, or the owner's own cap is reached.
		e.Code, e.Retryable = imagechat.QuotaExhausted, false
	case perDay:
		// RetryInfo comes here as well and means the next minute, which is no use.
		e.Code = imagechat.QuotaExhausted
		e.ResetsAt = nextQuotaDay(g.o.Now())
		e.RetryAfter = e.ResetsAt.Sub(g.o.Now())
	default:
		e.Code, e.RetryAfter = imagechat.RateLimited, retryDelay(api)
	}
}

// nextQuotaDay is the next midnight in California, where the API's days begin
// (https://ai.google.dev/gemini-api/docs/rate-limits).
func nextQuotaDay(now time.Time) time.Time {
	local := now.In(pacific())
	return time.Date(local.Year(), local.Month(), local.Day()+1, 0, 0, 0, 0, local.Location()).UTC()
}

// retryDelay reads google.rpc.RetryInfo ("34.4s"); zero when there is none.
func retryDelay(api genai.APIError) time.Duration {
	for _, d := range api.Details {
		if s, ok := d["retryDelay"].(string); ok {
			if delay, err := time.ParseDuration(s); err == nil && delay > 0 {
				return delay
			}
		}
	}
	return 0
}

// detailReason reads google.rpc.ErrorInfo.
func detailReason(api genai.APIError) string {
	for _, d := range api.Details {
		if s, ok := d["reason"].(string); ok {
			return s
		}
	}
	return ""
}

// violations reads google.rpc.QuotaFailure.
func violations(api genai.APIError) []map[string]any {
	var out []map[string]any
	for _, d := range api.Details {
		list, _ := d["violations"].([]any)
		for _, v := range list {
			if m, ok := v.(map[string]any); ok {
				out = append(out, m)
			}
		}
	}
	return out
}

// tell makes a generator's own words fit to be shown: without the key, on one
// line, of at most maxReason runes.
func (o *Options) tell(reason string) string { return shorten(o.redact(reason), maxReason) }

const maxReason = 500

// hide flattens an error to its redacted text, so that nothing below can be
// unwrapped and printed; only what callers compare with stays reachable.
func (g *Generator) hide(err error) error {
	text := g.o.redact(err.Error())
	if len(text) > maxErrorText {
		text = text[:maxErrorText] + "…"
	}
	h := &hiddenError{text: text}
	for _, known := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, known) {
			h.known = append(h.known, known)
		}
	}
	if code, ok := errors.AsType[imagechat.Code](err); ok {
		h.known = append(h.known, code)
	}
	return h
}

// maxErrorText bounds a cause in logs, in bytes: the SDK puts whole answers in.
const maxErrorText = 2000

type hiddenError struct {
	text  string
	known []error
}

func (e *hiddenError) Error() string   { return e.text }
func (e *hiddenError) Unwrap() []error { return e.known }
