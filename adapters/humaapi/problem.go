package humaapi

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/wire"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// problemOf shows err to the person of ctx. Unexpected errors are kept for
// the request log and show nothing of themselves.
func problemOf(ctx context.Context, err error) *wire.Problem {
	l := wire.LocaleOf(ctx)
	p := wire.NewProblem(err, l)
	p.RequestID = requestIDOf(ctx)
	noteFailure(ctx, p.Code, err)
	return &p
}

// writeProblem answers outside of huma. status, if not 0, replaces the
// code's own: HTTP has statuses for the protocol (405, 408, 415) that are no
// codes of ours.
func writeProblem(w http.ResponseWriter, r *http.Request, err error, status int) {
	p := problemOf(r.Context(), err)
	if status != 0 {
		p.Status = int32(status)
	}
	wire.WriteProblem(w, r, p)
}

// statusContext lets a transformer change the status that huma chose.
type statusContext struct {
	inner
	override int
}

// inner has another name than its method Context, so that it can be embedded.
type inner huma.Context

// Unwrap lets humago find its own context.
func (c *statusContext) Unwrap() huma.Context { return c.inner }

// SetStatus writes the status.
func (c *statusContext) SetStatus(code int) {
	if c.override != 0 {
		code = c.override
	}
	c.inner.SetStatus(code)
}

func keepStatus(ctx huma.Context, next func(huma.Context)) { next(&statusContext{inner: ctx}) }

// toProblem turns the errors that huma makes itself into ours. They would
// repeat the offending value, which may be somebody's prompt, and speak
// English only.
func toProblem(ctx huma.Context, _ string, v any) (any, error) {
	model, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	err, status := fromHuma(model)
	p := problemOf(ctx.Context(), err)
	if status != 0 {
		p.Status = int32(status)
	}
	if c, ok := ctx.(*statusContext); ok {
		c.override = int(p.Status)
	}
	return p, nil
}

// fromHuma reads what huma found wrong. The status is 0 where the code's own is right.
func fromHuma(m *huma.ErrorModel) (err *imagechat.Error, status int) {
	switch m.Status {
	case http.StatusUnprocessableEntity:
		return &imagechat.Error{Code: imagechat.InvalidRequest, Fields: fieldErrors(m.Errors)}, 0
	case http.StatusRequestEntityTooLarge:
		return &imagechat.Error{Code: imagechat.PayloadTooLarge, Params: map[string]string{"max_bytes": bodyLimit(m.Detail)}}, 0
	case http.StatusUnsupportedMediaType: // forms are read by ourselves
		return notOfType("application/json"), m.Status
	case http.StatusRequestTimeout, http.StatusNotAcceptable:
		return &imagechat.Error{Code: imagechat.MalformedRequest}, m.Status
	case http.StatusBadRequest:
		return &imagechat.Error{Code: imagechat.MalformedRequest}, 0
	}
	if m.Detail == "cannot read request body" { // cut off or badly framed by the client
		return &imagechat.Error{Code: imagechat.MalformedRequest}, 0
	}
	return &imagechat.Error{Code: imagechat.Internal, Err: m}, 0
}

// notOfType says which type a body must be of.
func notOfType(expected string) *imagechat.Error {
	return &imagechat.Error{Code: imagechat.MalformedRequest, Params: map[string]string{"cause": "content_type", "expected": expected}}
}

// writeNotAllowed answers a method that a path does not have.
func writeNotAllowed(w http.ResponseWriter, r *http.Request, allowed string) {
	w.Header().Set("Allow", allowed)
	writeProblem(w, r, &imagechat.Error{
		Code: imagechat.MalformedRequest, Params: map[string]string{"cause": "method", "allowed": allowed},
	}, http.StatusMethodNotAllowed)
}

// bodyLimit reads huma's "request body is too large limit=1048576 bytes".
func bodyLimit(detail string) string {
	_, tail, _ := strings.Cut(detail, "limit=")
	digits, _, _ := strings.Cut(tail, " ")
	return digits
}

func fieldErrors(details []*huma.ErrorDetail) []imagechat.FieldError {
	var out []imagechat.FieldError
	for _, d := range details {
		if d != nil {
			out = append(out, fieldError(d))
		}
	}
	return out
}

// messageRules map the beginning of huma's messages to rules. Bounded ones
// end in their number.
var messageRules = []struct {
	prefix, rule string
	bound        int // -1: the number is the least, +1: the most
}{
	{"expected length >= ", "too_short", -1},
	{"expected length <= ", "too_long", +1},
	{"expected array length <= ", "too_many", +1},
	{"expected array length >= ", "required", 0},
	{"expected number >= ", "minimum", -1},
	{"expected number <= ", "maximum", +1},
	{"expected value to be one of", "unknown", 0},
	{"unexpected property", "unexpected", 0},
	{"required ", "required", 0},
	{"expected string to ", "format", 0},
	{"expected integer", "integer", 0},
	{"invalid integer", "integer", 0},
	{"expected ", "type", 0},
	{"invalid ", "type", 0},
}

func fieldError(d *huma.ErrorDetail) imagechat.FieldError {
	f := imagechat.FieldError{Location: location(d.Location), Rule: "invalid"}
	if name, ok := strings.CutPrefix(d.Message, "expected required property "); ok {
		f.Rule = "required"
		name = strings.TrimSuffix(name, " to be present")
		f.Location = strings.TrimPrefix(f.Location+"."+name, ".")
		return f
	}
	for _, m := range messageRules {
		rest, ok := strings.CutPrefix(d.Message, m.prefix)
		if !ok {
			continue
		}
		f.Rule = m.rule
		if m.bound == 0 {
			return f
		}
		n, err := strconv.ParseFloat(rest, 64)
		if err != nil {
			f.Rule = "invalid"
			return f
		}
		if m.bound < 0 {
			f.Min = int(n)
		} else {
			f.Max = int(n)
		}
		return f
	}
	return f
}

// location drops where in the request a field stood: fields have one name
// wherever they are checked.
func location(l string) string {
	for _, part := range []string{"body", "query", "path", "header"} {
		if l == part {
			return ""
		}
		if rest, ok := strings.CutPrefix(l, part+"."); ok {
			return rest
		}
	}
	return l
}
