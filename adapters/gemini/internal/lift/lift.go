// Package lift takes pictures and thought signatures out of the JSON of the
// Gemini API while it streams by, and puts them back on the way out, so that
// nobody in between holds them in memory.
//
// An answer with a 6 MB picture is 8.4 MB of base64 inside JSON. Package genai
// reads such an answer whole, decodes it into a map, encodes the map and
// decodes that into a struct. Reader stands before it: it decodes the base64 as
// it arrives into a Sink and leaves a short reference in its place. Body is the
// way back: it takes a request that holds references and streams the base64 of
// what they refer to.
package lift

import (
	"cmp"
	stdbase64 "encoding/base64"
	"errors"
	"fmt"
	"io"
	"sync"
)

// Kind says what a lifted value is.
type Kind uint8

const (
	// Data is the content of an inlineData part: a picture.
	Data Kind = iota + 1
	// Signature is a part's thought signature.
	Signature
)

// Sink takes one lifted value.
type Sink interface {
	io.Writer
	// Reference is called when the value came whole and returns what takes its
	// place: any bytes, which the reader of the JSON finds base64-encoded.
	Reference() []byte
	// Received is called for a picture whose part goes on, with a signature of
	// some megabytes perhaps: what came may be kept in a way that Commit can
	// still change.
	Received() error
	// Commit makes the value durable. It is called right after Reference, for a
	// picture when its part is read whole: thought tells that the part is marked
	// as one, and the mark may stand anywhere in it.
	Commit(thought bool) error
	// Abort throws the value away. It is called instead of Reference when the
	// value did not arrive whole.
	Abort()
}

// Handler says where lifted values go.
type Handler struct {
	// Open starts a value. It is called when the value's first byte is there.
	Open func(Kind) (Sink, error)
	// Note receives the generator's own words that package genai drops on the
	// Gemini API: finishMessage and blockReasonMessage.
	Note func(text string)
	// MaxValue bounds one decoded value, MaxValues all of an answer, MaxRest the
	// JSON around them, in bytes. Zero means 64 MiB, 256 MiB and 16 MiB.
	MaxValue, MaxValues, MaxRest int64
}

var (
	// ErrNotBase64 tells that a picture or a signature is not base64.
	ErrNotBase64 = errors.New("lift: value is not base64")
	// ErrTooLarge tells that a value or the rest passed its bound.
	ErrTooLarge = errors.New("lift: answer too large")
)

// SinkError is a fault of the Sink and not of what was read.
type SinkError struct{ Err error }

func (e *SinkError) Error() string { return "lift: sink: " + e.Err.Error() }
func (e *SinkError) Unwrap() error { return e.Err }

const (
	inSize      = 64 << 10       // one read of the network
	decodedSize = inSize / 4 * 3 // what it decodes to
	outSize     = 4 << 10        // first size of the output buffer
	maxEmpty    = 100            // reads of nothing before io.ErrNoProgress

	defaultValue  = 64 << 20
	defaultValues = 256 << 20
	defaultRest   = 16 << 20
)

var (
	inPool      = sync.Pool{New: func() any { b := make([]byte, inSize); return &b }}
	decodedPool = sync.Pool{New: func() any { b := make([]byte, decodedSize); return &b }}
)

// Reader is the JSON of src with its values lifted out. What is not lifted is
// handed on with the read that brought it: streamed text is never held back.
// It reads single documents, arrays of them and server-sent events alike.
type Reader struct {
	src     io.Reader
	handler Handler
	walk    walker
	value   value
	waiting Sink // a whole picture whose part may still be marked as a thought
	told    bool // waiting knows that its part goes on
	in      *[]byte
	out     []byte
	sent    int // bytes of out already handed on
	rest    int64
	err     error
}

// NewReader lifts values out of src as h says.
func NewReader(src io.Reader, h Handler) *Reader {
	h.MaxValue = cmp.Or(h.MaxValue, defaultValue)
	h.MaxValues = cmp.Or(h.MaxValues, defaultValues)
	h.MaxRest = cmp.Or(h.MaxRest, defaultRest)
	return &Reader{src: src, handler: h}
}

// Read implements io.Reader. After an error of the sink or of the base64 the
// text before it is still handed on first.
func (r *Reader) Read(p []byte) (int, error) {
	for empty := 0; r.sent == len(r.out); empty++ {
		if r.err != nil {
			return 0, r.err
		}
		if empty == maxEmpty {
			// Pictures yield no output for many reads; only reads of nothing count.
			return 0, io.ErrNoProgress
		}
		if r.fill() > 0 {
			empty = -1
		}
	}
	n := copy(p, r.out[r.sent:])
	r.sent += n
	return n, nil
}

// Buffered is how many bytes were processed and not yet read.
func (r *Reader) Buffered() int { return len(r.out) - r.sent }

// InValue reports whether a value has begun and not ended.
func (r *Reader) InValue() bool { return r.value.active && r.value.size > 0 }

// Close throws away a value that is under way, commits one that is whole, and
// gives buffers back. It does not close src.
func (r *Reader) Close() error {
	if r.err == nil {
		r.err = io.ErrClosedPipe
	}
	err := r.settle(false)
	r.release()
	return err
}

// fill reads once and processes what came; it returns how much that was.
func (r *Reader) fill() int {
	if r.in == nil {
		r.in = inPool.Get().(*[]byte)
	}
	r.out, r.sent = r.out[:0], 0
	n, err := r.src.Read(*r.in)
	if perr := r.process((*r.in)[:n]); perr != nil {
		err = perr
	}
	if errors.Is(err, io.EOF) && r.value.active {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		// A picture that is whole is kept although its part is torn.
		if serr := r.settle(false); serr != nil {
			err = serr
		}
		r.err = err
		r.release()
	}
	return n
}

func (r *Reader) release() {
	r.value.abort()
	if r.in != nil {
		inPool.Put(r.in)
		r.in = nil
	}
}

// process walks over in and appends what passes to r.out.
func (r *Reader) process(in []byte) error {
	for len(in) > 0 {
		if r.walk.state == inValue && r.value.active {
			n, err := r.value.take(in)
			if err != nil {
				return err
			}
			if in = in[n:]; len(in) == 0 {
				return nil
			}
			if err := r.finish(); err != nil {
				return err
			}
		}
		n, leaf := r.walk.advance(in)
		if err := r.emit(in[:n]); err != nil {
			return err
		}
		in = in[n:]
		switch {
		case leaf.lifted():
			r.value.begin(kindOf(leaf), &r.handler)
		case leaf == nodePart && r.walk.watch:
			if err := r.received(); err != nil {
				return err
			}
		case leaf == nodePart:
			if err := r.settle(r.walk.thought); err != nil {
				return err
			}
		case leaf.noted() && r.handler.Note != nil:
			r.handler.Note(r.walk.note())
		}
	}
	return nil
}

func kindOf(leaf node) Kind {
	if leaf == nodeSignature {
		return Signature
	}
	return Data
}

// finish puts the reference in the place of a value that is complete.
func (r *Reader) finish() error {
	sink, err := r.value.end()
	if err != nil || sink == nil {
		return err
	}
	ref := sink.Reference()
	if r.value.kind == Data {
		if err := r.settle(false); err != nil { // a key given twice: nobody sees the first
			return err
		}
		r.waiting, r.told, r.walk.watch = sink, false, true
	} else if err := sink.Commit(false); err != nil {
		return &SinkError{err}
	}
	return r.emit(stdbase64.StdEncoding.AppendEncode(nil, ref))
}

// received tells the picture that waits for its mark that more of its part comes.
func (r *Reader) received() error {
	if r.waiting == nil || r.told {
		return nil
	}
	r.told = true
	if err := r.waiting.Received(); err != nil {
		return &SinkError{err}
	}
	return nil
}

// settle commits the picture that waited for its mark.
func (r *Reader) settle(thought bool) error {
	if r.waiting == nil {
		return nil
	}
	sink := r.waiting
	r.waiting = nil
	if err := sink.Commit(thought); err != nil {
		return &SinkError{err}
	}
	return nil
}

func (r *Reader) emit(b []byte) error {
	if r.rest += int64(len(b)); r.rest > r.handler.MaxRest {
		return fmt.Errorf("%w: more than %d bytes around the pictures", ErrTooLarge, r.handler.MaxRest)
	}
	if r.out == nil {
		r.out = make([]byte, 0, max(outSize, len(b)))
	}
	r.out = append(r.out, b...)
	return nil
}
