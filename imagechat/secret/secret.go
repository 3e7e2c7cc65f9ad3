// Package secret holds values that must never be shown: API keys, login
// tokens. Every way in which Go prints, logs or encodes a value yields
// [Mask]; the one way to the content is [Value.Reveal], which is easy to
// search for.
package secret

import "log/slog"

// Mask is what a non-empty secret looks like everywhere.
const Mask = "***"

// Value is a string that does not show itself. The zero Value is empty and
// shows as an empty string, so that logs can tell "not set" from "set".
//
// The content sits behind a pointer because fmt calls no methods on values in
// unexported fields: it would print a string there, and prints an address now.
type Value struct{ content *string }

// New wraps content.
func New(content string) Value {
	if content == "" {
		return Value{}
	}
	return Value{content: &content}
}

// Reveal returns the content. Call it only where the content leaves for the
// party it belongs to.
func (v Value) Reveal() string {
	if v.content == nil {
		return ""
	}
	return *v.content
}

// Equal reports whether both hold the same content. It is meant for tests;
// compare what strangers send with crypto/subtle.
func (v Value) Equal(other Value) bool { return v.Reveal() == other.Reveal() }

// IsZero reports whether nothing is set.
func (v Value) IsZero() bool { return v.content == nil }

// String implements [fmt.Stringer].
func (v Value) String() string {
	if v.IsZero() {
		return ""
	}
	return Mask
}

// GoString implements [fmt.GoStringer], which %#v uses.
func (v Value) GoString() string { return v.String() }

// LogValue implements [slog.LogValuer].
func (v Value) LogValue() slog.Value { return slog.StringValue(v.String()) }

// MarshalText implements [encoding.TextMarshaler], which JSON and XML use.
func (v Value) MarshalText() ([]byte, error) { return []byte(v.String()), nil }
