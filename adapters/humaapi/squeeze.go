package humaapi

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"sync"
)

// squeezeFrom is the size, in bytes, from which an answer is compressed:
// below, it fits into one packet anyway.
const squeezeFrom = 1400

// squeezers are kept, because one takes most of a megabyte. The fastest
// level already makes JSON of ours six times smaller.
var squeezers = sync.Pool{New: func() any {
	z, err := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level above is a valid one
	}
	return z
}}

// squeezable tells whether an answer is one that compressing helps, by its
// type: documents for programs. Pictures and archives are compressed already,
// and must reach the kernel as files; streams must not be held back; the app
// brings its own compressed copies.
func squeezable(h http.Header) bool {
	if h.Get("Content-Encoding") != "" {
		return false
	}
	kind, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	return kind == "application/json" || kind == "application/yaml" || strings.HasSuffix(kind, "+json")
}

// takesGzip reads Accept-Encoding; a weight of zero refuses.
func takesGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, weight, weighed := strings.Cut(strings.TrimSpace(part), ";")
		if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
			continue
		}
		_, value, _ := strings.Cut(strings.ReplaceAll(weight, " ", ""), "=")
		return !weighed || strings.Trim(value, "0.") != ""
	}
	return false
}

// begin sends the header that was held back, now that the size of the first
// piece of the body, n, is known. It does so once.
func (r *recorder) begin(n int) {
	if !r.held {
		return
	}
	r.held = false
	if n >= squeezeFrom {
		h := r.Header()
		h.Set("Content-Encoding", "gzip")
		h.Del("Content-Length")
		z, _ := squeezers.Get().(*gzip.Writer) // New makes nothing else
		z.Reset(counted{r})
		r.squeezer = z
	}
	r.ResponseWriter.WriteHeader(r.status)
}

// end sends what is still held back of an answer that was given whole.
func (r *recorder) end() {
	r.begin(0)
	if r.squeezer == nil {
		return
	}
	_ = r.squeezer.Close() // the client may be gone
	squeezers.Put(r.squeezer)
	r.squeezer = nil
}

// counted counts the bytes that go out.
type counted struct{ r *recorder }

func (c counted) Write(b []byte) (int, error) {
	n, err := c.r.ResponseWriter.Write(b)
	c.r.bytes += int64(n)
	return n, err
}
