package imagechat

import (
	"context"
	"errors"
	"strings"
	"time"
)

// Code says what went wrong in one stable word. It is itself an error, so
//
//	fmt.Errorf("bunstore: session %s: %w", id, imagechat.NotFound)
//
// and errors.Is(err, imagechat.NotFound) both work. Adapters wrap a Code at
// their edge; what carries none is Internal.
type Code string

// The codes. Comments give the HTTP status that servers are expected to use.
const (
	InvalidRequest         Code = "invalid_request"          // 422
	MalformedRequest       Code = "malformed_request"        // 400
	Unauthorized           Code = "unauthorized"             // 401
	Forbidden              Code = "forbidden"                // 403
	NotFound               Code = "not_found"                // 404
	SessionNotFound        Code = "session_not_found"        // 404
	ImageNotFound          Code = "image_not_found"          // 404
	TurnNotFound           Code = "turn_not_found"           // 404
	Conflict               Code = "conflict"                 // 409
	IdempotencyMismatch    Code = "idempotency_mismatch"     // 409
	PayloadTooLarge        Code = "payload_too_large"        // 413
	UnsupportedImage       Code = "unsupported_image"        // 415
	InvalidImage           Code = "invalid_image"            // 422
	RateLimited            Code = "rate_limited"             // 429
	BudgetExceeded         Code = "budget_exceeded"          // 402
	GeneratorNotConfigured Code = "generator_not_configured" // 503
	GeneratorRejectedKey   Code = "generator_rejected_key"   // 502
	ModelUnavailable       Code = "model_unavailable"        // 502
	QuotaExhausted         Code = "quota_exhausted"          // 429
	GeneratorOverloaded    Code = "generator_overloaded"     // 503
	GeneratorTimeout       Code = "generator_timeout"        // 504
	GeneratorProtocol      Code = "generator_protocol"       // 502
	ContentBlocked         Code = "content_blocked"          // 422
	NoImageReturned        Code = "no_image_returned"        // 422
	Interrupted            Code = "interrupted"              // 503
	Cancelled              Code = "cancelled"                // 409
	StorageFull            Code = "storage_full"             // 507
	StorageUnavailable     Code = "storage_unavailable"      // 503
	Internal               Code = "internal"                 // 500
)

// Codes lists every code, for tables that must be complete.
func Codes() []Code {
	return []Code{
		InvalidRequest, MalformedRequest, Unauthorized, Forbidden, NotFound, SessionNotFound,
		ImageNotFound, TurnNotFound, Conflict, IdempotencyMismatch, PayloadTooLarge,
		UnsupportedImage, InvalidImage, RateLimited, BudgetExceeded, GeneratorNotConfigured,
		GeneratorRejectedKey, ModelUnavailable, QuotaExhausted, GeneratorOverloaded,
		GeneratorTimeout, GeneratorProtocol, ContentBlocked, NoImageReturned, Interrupted,
		Cancelled, StorageFull, StorageUnavailable, Internal,
	}
}

// Error returns the code's own word.
func (c Code) Error() string { return string(c) }

// Is makes errors.Is(err, imagechat.NotFound) true for what is not found of
// any kind: sessions, images and turns.
func (c Code) Is(target error) bool {
	return target == NotFound && (c == SessionNotFound || c == ImageNotFound || c == TurnNotFound)
}

// Charge says whether the maker of the model may bill for a failed call.
type Charge string

const (
	// ChargeNone: surely not billed; the call may be repeated.
	ChargeNone Charge = "none"
	// ChargeUnknown: the answer was lost; the estimate is booked and the
	// call is never repeated without the person.
	ChargeUnknown Charge = "unknown"
	// ChargeMetered: the answer said what it used; that is booked.
	ChargeMetered Charge = "metered"
)

// Error is a failure with what a person or a program needs to go on. It is
// also what a failed turn keeps, hence the JSON tags.
type Error struct {
	Code Code `json:"code"`
	// Reason is the generator's own explanation, shown beside ours.
	Reason string `json:"reason,omitempty"`
	// Retryable: the same request may succeed later.
	Retryable bool `json:"retryable,omitempty"`
	// RetryAfter is how long to wait first; zero when nobody said.
	RetryAfter time.Duration `json:"retry_after,omitempty"`
	// ResetsAt is when a daily quota or a budget frees up.
	ResetsAt time.Time `json:"resets_at,omitzero"`
	// Charge is set for failed generator calls.
	Charge Charge `json:"charge,omitempty"`
	// Fields names the parts of the input that are wrong.
	Fields []FieldError `json:"fields,omitempty"`
	// Params are values for the sentence: "limit", "spent", "cap", "model", "replacement", "max_bytes".
	Params map[string]string `json:"params,omitempty"`
	// Upstream is the HTTP status of the maker's answer; 0 when none came.
	Upstream int `json:"upstream,omitempty"`
	// Cause is Err in words, in the record of an Attempt. It is for operators:
	// what people are shown carries neither.
	Cause string `json:"cause,omitempty"`
	// Err is the cause, for logs only. Whoever sets it takes secrets out first.
	Err error `json:"-"`
}

// maxCause bounds a recorded cause, in bytes.
const maxCause = 2000

// forRecord is e as an attempt's record keeps it, with the cause in words.
func (e *Error) forRecord() *Error {
	if e == nil {
		return nil
	}
	c := *e
	if c.Err != nil {
		c.Cause = strings.ToValidUTF8(c.Err.Error(), "\uFFFD")
		if len(c.Cause) > maxCause {
			c.Cause = strings.ToValidUTF8(c.Cause[:maxCause], "") + "…"
		}
	}
	c.Err = nil
	return &c
}

// forPeople is e without what is for operators only.
func (e *Error) forPeople() *Error {
	if e == nil {
		return nil
	}
	c := *e
	c.Err, c.Cause = nil, ""
	return &c
}

// FieldError is one wrong part of the input.
type FieldError struct {
	// Location is a path such as "content" or "custom_width".
	Location string `json:"location"`
	// Rule is the broken rule in one word: "required", "too_long",
	// "too_short", "range", "unknown", "nul", "not_utf8", "type".
	Rule string `json:"rule"`
	// Min and Max are the rule's bounds where it has any.
	Min int `json:"min,omitempty"`
	Max int `json:"max,omitempty"`
}

// Error implements error for logs; people get sentences made from Code.
func (e *Error) Error() string {
	s := string(e.Code)
	for _, f := range e.Fields {
		s += ": " + f.Location + " " + f.Rule
	}
	if e.Reason != "" {
		s += ": " + e.Reason
	}
	switch {
	case e.Err != nil:
		if cause := e.Err.Error(); cause != s { // a bare code says nothing new
			s += ": " + cause
		}
	case e.Cause != "":
		s += ": " + e.Cause
	}
	return s
}

// Unwrap gives the cause, so that errors.Is sees through.
func (e *Error) Unwrap() error { return e.Err }

// Is makes errors.Is(err, imagechat.SomeCode) true for an Error of that code.
func (e *Error) Is(target error) bool {
	c, ok := target.(Code)
	return ok && (e.Code == c || e.Code.Is(c))
}

// AsError returns what is known of err as an *Error: itself when it is one,
// else a new one of the Code that it wraps. It is nil for nil.
func AsError(err error) *Error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Code: CodeOf(err), Retryable: retryableByDefault(CodeOf(err)), Err: err}
}

// CodeOf returns the Code that err carries, Cancelled and GeneratorTimeout
// for the two context errors, and Internal for everything else.
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	if c, ok := errors.AsType[Code](err); ok {
		return c
	}
	switch {
	case errors.Is(err, context.Canceled):
		return Cancelled
	case errors.Is(err, context.DeadlineExceeded):
		return GeneratorTimeout
	}
	return Internal
}

func retryableByDefault(c Code) bool {
	switch c {
	case RateLimited, GeneratorOverloaded, GeneratorTimeout, GeneratorProtocol,
		Interrupted, StorageFull, StorageUnavailable, QuotaExhausted, Internal, Cancelled:
		return true
	}
	return false
}

func invalid(location, rule string, bounds ...int) *Error {
	f := FieldError{Location: location, Rule: rule}
	if len(bounds) == 2 {
		f.Min, f.Max = bounds[0], bounds[1]
	}
	return &Error{Code: InvalidRequest, Fields: []FieldError{f}}
}
