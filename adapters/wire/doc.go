// Package wire holds the shapes in which the service shows itself to the
// outside: the JSON of REST, of server-sent events and of the socket, and
// the sentences that people read. It translates and decides nothing.
//
// All JSON is snake_case, times are RFC 3339 in UTC, durations end in _ms,
// money is a decimal number of US dollars, and arrays are never null. A
// field is null only where null means something ("no final image was
// chosen"); fields that may be missing are tagged omitempty. What does not
// apply is null and never 0 or "": older clients print a 0 that they find.
package wire

import (
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// BasePath is where the API lives on a server.
const BasePath = "/api/image-chat"

// ThumbnailWidth is the width in pixels of the scaled copies that
// thumbnail_url points at.
const ThumbnailWidth = 640

// ImageURL is the path of an image's exact bytes for a client at l.
func (l Locale) ImageURL(id imagechat.ImageID) string {
	return l.Prefix + BasePath + "/images/" + string(id) + "/content"
}

// ThumbnailURL is the path of an image's scaled copy for a client at l.
func (l Locale) ThumbnailURL(id imagechat.ImageID) string { return l.ImageURL(id) + "?w=640" }

// orNull is nil for an empty string, so that JSON says null.
func orNull[T ~string](s T) *string {
	if s == "" {
		return nil
	}
	v := string(s)
	return &v
}

// positive is nil for 0, so that JSON says null.
func positive[T int32 | int64](n T) *T {
	if n <= 0 {
		return nil
	}
	return &n
}

// tookMS is how long something took; what took less than a millisecond took
// one, and only what never ran has none.
func tookMS(d time.Duration) *int64 {
	if d <= 0 {
		return nil
	}
	ms := max(d.Milliseconds(), 1)
	return &ms
}

func orNullTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	u := t.UTC()
	return &u
}

// list never returns nil, so that JSON says [] and not null.
func list[T, W any](in []T, convert func(*T) W) []W {
	out := make([]W, 0, len(in))
	for i := range in {
		out = append(out, convert(&in[i]))
	}
	return out
}

func notNil[T any](in []T) []T {
	if in == nil {
		return []T{}
	}
	return in
}
