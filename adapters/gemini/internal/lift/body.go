package lift

import (
	"bytes"
	stdbase64 "encoding/base64"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/segmentio/asm/base64"
)

// Source is what a reference in a request stands for.
type Source struct {
	Size int64 // bytes, known before sending: it makes the Content-Length
	Open func() (io.ReadCloser, error)
}

// ErrSource tells that a source could not be opened or read, or was not as long
// as it said. The request is broken off: nothing whole was sent.
var ErrSource = errors.New("lift: source")

const (
	rawSize     = 24 << 10 // bytes encoded at a time
	encodedSize = rawSize / 3 * 4
)

var bodyPool = sync.Pool{New: func() any { return new(bodyBuffer) }}

type bodyBuffer struct {
	raw     [rawSize]byte
	encoded [encodedSize]byte
}

// segment is literal JSON, or a source when lit is nil.
type segment struct {
	lit []byte
	src Source
}

// Body is a request with the base64 of its sources in the places of their
// references. It is read once and holds one buffer, whatever the sources' size.
type Body struct {
	// mu lets Close run beside Read: net/http closes the body of a cancelled
	// request while its writer may still be reading.
	mu       sync.Mutex
	segments []segment
	length   int64
	open     io.ReadCloser
	left     int64 // bytes of the open source still to come
	buf      *bodyBuffer
	pending  []byte // encoded and not yet read
	touched  bool
}

// NewBody replaces the references in a request. lookup finds what the bytes of
// an inlineData or a thoughtSignature refer to. The body keeps request.
func NewBody(request []byte, lookup func(ref []byte) (Source, error)) (*Body, error) {
	b := &Body{}
	var walk walker
	for start, pos := 0, 0; ; {
		n, leaf := walk.advance(request[pos:])
		pos += n
		if !leaf.lifted() {
			if pos == len(request) {
				b.literal(request[start:])
				return b, nil
			}
			continue
		}
		end := bytes.IndexByte(request[pos:], '"')
		if end < 0 {
			return nil, io.ErrUnexpectedEOF
		}
		ref, err := stdbase64.StdEncoding.AppendDecode(nil, request[pos:pos+end])
		if err != nil {
			return nil, fmt.Errorf("%w: reference: %w", ErrNotBase64, err)
		}
		src, err := lookup(ref)
		if err != nil {
			return nil, err
		}
		b.literal(request[start:pos])
		b.segments = append(b.segments, segment{src: src})
		b.length += int64(stdbase64.StdEncoding.EncodedLen(int(src.Size)))
		pos += end
		start = pos
	}
}

func (b *Body) literal(lit []byte) {
	if len(lit) > 0 {
		b.segments = append(b.segments, segment{lit: lit})
		b.length += int64(len(lit))
	}
}

// Len is the length of the whole body in bytes.
func (b *Body) Len() int64 { return b.length }

// Touched tells whether anything was read from the body. As long as nothing
// was, nothing of the request's content can have reached the server.
func (b *Body) Touched() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.touched
}

// Read implements io.Reader.
func (b *Body) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.touched = true
	for len(b.pending) == 0 {
		if b.open != nil {
			if err := b.encode(); err != nil {
				return 0, err
			}
			continue
		}
		if len(b.segments) == 0 {
			return 0, io.EOF
		}
		if err := b.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, b.pending)
	b.pending = b.pending[n:]
	return n, nil
}

// next starts the next segment.
func (b *Body) next() error {
	seg := b.segments[0]
	b.segments = b.segments[1:]
	if seg.lit != nil {
		b.pending = seg.lit
		return nil
	}
	r, err := seg.src.Open()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrSource, err)
	}
	b.open, b.left = r, seg.src.Size
	if b.buf == nil {
		b.buf = bodyPool.Get().(*bodyBuffer)
	}
	return nil
}

// encode puts the next piece of the open source into b.pending.
func (b *Body) encode() error {
	n := int(min(b.left, rawSize))
	if n == 0 {
		err := b.open.Close()
		b.open = nil
		if err != nil {
			return fmt.Errorf("%w: %w", ErrSource, err)
		}
		return nil
	}
	if _, err := io.ReadFull(b.open, b.buf.raw[:n]); err != nil {
		return fmt.Errorf("%w: %d bytes missing: %w", ErrSource, b.left, err)
	}
	b.left -= int64(n)
	b.pending = b.buf.encoded[:stdbase64.StdEncoding.EncodedLen(n)]
	base64.StdEncoding.Encode(b.pending, b.buf.raw[:n])
	return nil
}

// Close gives the buffer back and closes what is open.
func (b *Body) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.segments, b.pending = nil, nil
	if b.buf != nil {
		bodyPool.Put(b.buf)
		b.buf = nil
	}
	if b.open == nil {
		return nil
	}
	err := b.open.Close()
	b.open = nil
	return err
}
