package gemini

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
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
		return g.apiError(api, x, model)
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
		return &imagechat.Error{Code: imagechat.GeneratorOverloaded, Charge: charge, Retryable: true, Err: x.err,
			Params: map[string]string{"cause": "unreachable", "obstacle": obstacle(x.err)}}
	case x.status == 0 && x.err != nil:
		return &imagechat.Error{Code: imagechat.Interrupted, Charge: charge, Retryable: true, Err: x.err}
	}
	if x.webPage || errors.Is(x.err, lift.ErrNotJSON) && strings.HasPrefix(strings.TrimSpace(x.strange), "<") {
		// A proxy's or a portal's page: no model has worked for it.
		return &imagechat.Error{Code: imagechat.GeneratorProtocol, Charge: imagechat.ChargeNone, Err: errors.Join(err, x.err),
			Params: map[string]string{"cause": "web_page"}}
	}
	// Truncated, not JSON, not base64, too large.
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

// apiError names an error object of the API, or what a gateway sends in its
// place. The status of x is 200 when the object came in the middle of a stream,
// after work was done.
func (g *Generator) apiError(api genai.APIError, x *exchange, model string) *imagechat.Error {
	e := &imagechat.Error{Err: api, Charge: imagechat.ChargeNone}
	if api.Code == 0 { // gateways write no status into their error objects
		api.Code = x.status
	}
	if api.Status == "" {
		e.Reason = api.Message
	} else if canonicalStatus.MatchString(api.Status) {
		e.Reason = api.Message
	} else if e.Reason = gatewayReason(api.Message); e.Reason == "" && nameGateway(e, api, x) {
		return e
	}
	g.nameAPIError(e, api, model)
	if x.status < http.StatusMultipleChoices {
		e.Charge = imagechat.ChargeUnknown
	}
	return e
}

// gatewayReason is the message in a JSON error that is not of Google's form.
func gatewayReason(body string) string {
	var doc struct {
		Error   json.RawMessage `json:"error"`
		Message string          `json:"message"`
	}
	if json.Unmarshal([]byte(body), &doc) != nil {
		return ""
	}
	var text string
	var inner struct {
		Message string `json:"message"`
	}
	switch {
	case json.Unmarshal(doc.Error, &inner) == nil && inner.Message != "":
		return inner.Message
	case json.Unmarshal(doc.Error, &text) == nil && text != "":
		return text
	}
	return doc.Message
}

// nameGateway names answers without an error object, which are not the API's
// own. It leaves the statuses that name themselves to nameAPIError.
func nameGateway(e *imagechat.Error, api genai.APIError, x *exchange) bool {
	cause := "web_page"
	switch {
	case x.location != "" && api.Code >= 300 && api.Code < 400:
		cause = "redirect"
	case api.Code == http.StatusNotFound, api.Code == http.StatusMethodNotAllowed, api.Code == http.StatusNotImplemented:
		cause = "not_the_api"
	case !x.webPage || api.Code >= 500 || api.Code == http.StatusTooManyRequests || api.Code == http.StatusRequestTimeout:
		return false
	}
	e.Code, e.Params = imagechat.GeneratorProtocol, map[string]string{"cause": cause}
	if x.location != "" {
		e.Err = fmt.Errorf("gemini: the answer redirects to %s: %w", x.location, api)
	}
	return true
}

func (g *Generator) nameAPIError(e *imagechat.Error, api genai.APIError, model string) {
	reason := detailReason(api)
	switch {
	case api.Code == http.StatusPaymentRequired, api.Code == http.StatusForbidden && speaksOfMoney(e.Reason):
		e.Code, e.Params = imagechat.QuotaExhausted, map[string]string{"cause": "credit"}
	case api.Code == http.StatusTooManyRequests:
		g.nameQuota(e, api, reason)
	case api.Code == http.StatusUnauthorized, api.Code == http.StatusForbidden,
		reason == "API_KEY_INVALID", strings.Contains(api.Message, "API key not valid"),
		strings.Contains(api.Message, "API key expired"):
		e.Code = imagechat.GeneratorRejectedKey
		if cause := keyObstacle(reason); cause != "" {
			e.Params = map[string]string{"cause": cause}
		}
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
		e.Params = map[string]string{"cause": "upstream"}
	case api.Code == http.StatusInternalServerError, api.Code == http.StatusServiceUnavailable:
		e.Code, e.Retryable, e.RetryAfter = imagechat.GeneratorOverloaded, true, retryDelay(api)
	case api.Code == http.StatusNotImplemented: // nobody has drawn
		e.Code = imagechat.GeneratorProtocol
	case api.Code >= 500:
		e.Code, e.Charge, e.Retryable = imagechat.GeneratorProtocol, imagechat.ChargeUnknown, true
	default:
		nameBadRequest(e, api)
	}
}

// speaksOfMoney reports whether a refusal is about an account that has nothing left.
func speaksOfMoney(message string) bool {
	message = strings.ToLower(message)
	for _, word := range []string{"insufficient", "quota", "credit", "balance", "prepay"} {
		if strings.Contains(message, word) {
			return true
		}
	}
	return false
}

// keyObstacle tells what is wrong about a key that is one, by ErrorInfo.reason:
// https://cloud.google.com/apis/design/errors#error_info
func keyObstacle(reason string) string {
	switch {
	case reason == "SERVICE_DISABLED":
		return "api_disabled"
	case reason == "BILLING_DISABLED":
		return "billing"
	case strings.HasPrefix(reason, "API_KEY_") && strings.HasSuffix(reason, "_BLOCKED"):
		return "key_restricted"
	}
	return ""
}

// obstacle tells what is in the way of a connection.
func obstacle(err error) string {
	text := err.Error()
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	_, name := errors.AsType[*net.DNSError](err)
	switch {
	case strings.Contains(text, "proxyconnect"), strings.Contains(text, "Proxy Authentication Required"), strings.Contains(text, "Not Implemented"):
		return "proxy"
	case name:
		return "name"
	case errors.As(err, &certificate), errors.As(err, &record), strings.Contains(text, "tls: "), strings.Contains(text, "x509: "),
		strings.Contains(text, "server gave HTTP response to HTTPS client"):
		return "certificate"
	}
	return "connection"
}

// nameBadRequest names the 4xx answers that speak of the request.
func nameBadRequest(e *imagechat.Error, api genai.APIError) {
	message := strings.ToLower(api.Message)
	switch {
	case api.Code == http.StatusRequestEntityTooLarge, strings.Contains(message, "payload size exceeds"):
		e.Code = imagechat.PayloadTooLarge
	case strings.Contains(message, "token count") && strings.Contains(message, "exceeds"):
		e.Code, e.Params = imagechat.PayloadTooLarge, map[string]string{"cause": "conversation"}
	case strings.Contains(message, "process input image"), strings.Contains(message, "image is not valid"):
		e.Code = imagechat.InvalidImage
	case strings.Contains(message, "unsupported mime type"):
		e.Code = imagechat.UnsupportedImage
	case api.Status == "FAILED_PRECONDITION" && speaksOfPlace(message):
		e.Code, e.Params = imagechat.ModelUnavailable, map[string]string{"cause": "region"}
	case api.Status == "FAILED_PRECONDITION":
		e.Code, e.Params = imagechat.ModelUnavailable, map[string]string{"cause": "precondition"}
	case e.Reason == "", signatureRejected(api):
		e.Code = imagechat.GeneratorProtocol
	default:
		e.Code, e.Params = imagechat.InvalidRequest, map[string]string{"cause": "generator"}
	}
}

func speaksOfPlace(message string) bool {
	return strings.Contains(message, "location") || strings.Contains(message, "country") || strings.Contains(message, "region")
}

// signatureRejected reports whether a model turn was not accepted as it came:
// "Image part is missing a thought_signature…", "Corrupted thought signature.".
func signatureRejected(api genai.APIError) bool {
	message := strings.NewReplacer("_", "", " ", "").Replace(strings.ToLower(api.Message))
	return api.Code == http.StatusBadRequest && strings.Contains(message, "thoughtsignature")
}

// historyRefused reports whether a request may have been refused because of the
// earlier turns in it. The API does so in many words, most often in
// "Request contains an invalid argument."; one more request costs nothing.
func historyRefused(api genai.APIError, e *imagechat.Error) bool {
	if e.Upstream != http.StatusBadRequest && e.Upstream != http.StatusRequestEntityTooLarge {
		return false
	}
	message := strings.ToLower(api.Message)
	for _, other := range []string{"aspect_ratio", "aspect ratio", "image_size", "thinking level", "safety"} {
		if strings.Contains(message, other) {
			return false
		}
	}
	return e.Code != imagechat.GeneratorRejectedKey && e.Code != imagechat.ModelUnavailable && e.Code != imagechat.QuotaExhausted
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
	case speaksOfPrepaid(message):
		e.Code, e.Retryable, e.Params = imagechat.QuotaExhausted, false, map[string]string{"cause": "credit"}
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

// speaksOfPrepaid reports whether what was paid beforehand is used up.
func speaksOfPrepaid(message string) bool {
	return strings.Contains(message, "credits are depleted") || strings.Contains(message, "prepay") || strings.Contains(message, "insufficient")
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
