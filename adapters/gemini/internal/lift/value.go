package lift

import (
	"bytes"
	stdbase64 "encoding/base64"
	"fmt"

	"github.com/segmentio/asm/base64"
)

// value decodes the base64 of one string into its sink.
type value struct {
	active  bool
	kind    Kind
	handler *Handler
	sink    Sink
	size    int64
	total   int64   // of this and all values before it
	carry   [4]byte // characters of a quantum that is not complete
	carried int
	padded  bool // padding was seen: nothing may follow
	escape  []byte
}

func (v *value) begin(kind Kind, h *Handler) {
	*v = value{active: true, kind: kind, handler: h, total: v.total, escape: v.escape[:0]}
}

// take consumes in up to the closing quote, or all of it.
func (v *value) take(in []byte) (int, error) {
	end := bytes.IndexByte(in, '"')
	if end < 0 {
		end = len(in)
	}
	for pos := 0; pos < end; {
		if len(v.escape) > 0 {
			n, err := v.unescape(in[pos:])
			if err != nil {
				return 0, err
			}
			pos += n
			continue
		}
		plain := in[pos:end]
		if i := bytes.IndexByte(plain, '\\'); i >= 0 {
			plain = plain[:i]
			v.escape = append(v.escape, '\\')
			pos++
		}
		if err := v.feed(plain); err != nil {
			return 0, err
		}
		pos += len(plain)
	}
	return end, nil
}

// unescape continues an escape sequence. JSON may write / as \/ and any
// character as \u00XX; HTML-safe encoders write = as \u003d.
func (v *value) unescape(in []byte) (int, error) {
	v.escape = append(v.escape, in[0])
	seq := v.escape
	switch {
	case len(seq) == 2 && seq[1] == '/':
		v.escape = v.escape[:0]
		return 1, v.feed([]byte{'/'})
	case len(seq) == 2 && seq[1] == 'u', len(seq) > 2 && len(seq) < 6:
		return 1, nil
	case len(seq) == 6 && seq[2] == '0' && seq[3] == '0':
		hi, lo := unhex(seq[4]), unhex(seq[5])
		if hi < 0 || lo < 0 {
			break
		}
		v.escape = v.escape[:0]
		return 1, v.feed([]byte{byte(hi<<4 | lo)})
	}
	return 0, fmt.Errorf("%w: escape %q", ErrNotBase64, seq)
}

func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// feed decodes characters, whole quanta at a time.
func (v *value) feed(s []byte) error {
	if v.carried > 0 {
		n := copy(v.carry[v.carried:], s)
		v.carried += n
		s = s[n:]
		if v.carried < 4 {
			return nil
		}
		v.carried = 0
		if err := v.decode(v.carry[:4]); err != nil {
			return err
		}
	}
	for len(s) >= 4 {
		n := min(len(s), inSize) &^ 3
		if err := v.decode(s[:n]); err != nil {
			return err
		}
		s = s[n:]
	}
	v.carried = copy(v.carry[:], s)
	return nil
}

// decode writes whole quanta to the sink. The decoder skips line breaks, so the
// length is checked as well: inside a JSON string they are no base64.
func (v *value) decode(quanta []byte) error {
	if v.padded {
		return fmt.Errorf("%w: characters after the padding", ErrNotBase64)
	}
	want := len(quanta) / 4 * 3
	for i := len(quanta) - 1; i >= len(quanta)-2 && quanta[i] == '='; i-- {
		v.padded = true
		want--
	}
	buf := decodedPool.Get().(*[]byte)
	defer decodedPool.Put(buf)
	n, err := base64.StdEncoding.Decode(*buf, quanta)
	if err != nil || n != want {
		return fmt.Errorf("%w: after %d bytes", ErrNotBase64, v.size)
	}
	return v.write((*buf)[:n])
}

func (v *value) write(b []byte) error {
	v.size += int64(len(b))
	v.total += int64(len(b))
	if v.size > v.handler.MaxValue || v.total > v.handler.MaxValues {
		return fmt.Errorf("%w: %d bytes in one value, %d in all", ErrTooLarge, v.size, v.total)
	}
	if v.sink == nil {
		sink, err := v.handler.Open(v.kind)
		if err != nil {
			return &SinkError{err}
		}
		v.sink = sink
	}
	if _, err := v.sink.Write(b); err != nil {
		return &SinkError{err}
	}
	return nil
}

// end completes the value and gives its sink away; an empty value has none.
func (v *value) end() (Sink, error) {
	if v.carried > 0 { // unpadded base64: rare, and unambiguous
		var last [3]byte
		n, err := stdbase64.RawStdEncoding.Decode(last[:], v.carry[:v.carried])
		if err != nil || v.padded {
			return nil, fmt.Errorf("%w: torn at its end", ErrNotBase64)
		}
		if err := v.write(last[:n]); err != nil {
			return nil, err
		}
	}
	if len(v.escape) > 0 {
		return nil, fmt.Errorf("%w: escape %q", ErrNotBase64, v.escape)
	}
	sink := v.sink
	v.sink, v.active = nil, false
	return sink, nil
}

// abort throws away a value under way.
func (v *value) abort() {
	if v.sink != nil {
		v.sink.Abort()
	}
	v.sink, v.active = nil, false
}
