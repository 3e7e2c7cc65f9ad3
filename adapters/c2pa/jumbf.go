package c2pa

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// ErrMalformed: the bytes are no well-formed manifest store.
var ErrMalformed = errors.New("c2pa: malformed manifest store")

// Bounds of what is read of a stranger's file. Stores of many edits stay far
// below a megabyte unless they hold thumbnails.
const (
	MaxStore  = 16 << 20 // bytes of a manifest store
	maxDepth  = 16       // boxes inside one another
	maxBoxes  = 20_000   // boxes in all
	maxLabels = 256      // bytes of a box's label
)

// Types of JUMBF content, each the first four bytes of a UUID that ends alike
// (C2PA 2.2, 11.1.4; ISO/IEC 19566-5, B).
const (
	typeStore      = "c2pa"
	typeManifest   = "c2ma"
	typeAssertions = "c2as"
	typeClaim      = "c2cl"
	typeSignature  = "c2cs"
	typeCBOR       = "cbor"
)

var typeTail = []byte{0x00, 0x11, 0x00, 0x10, 0x80, 0x00, 0x00, 0xaa, 0x00, 0x38, 0x9b, 0x71}

// box is a JUMBF superbox: a description and what it describes.
type box struct {
	kind     string // the first four bytes of its type
	label    string
	children []*box // superboxes inside
	content  []byte // body of its first content box that is no superbox
	// contentKind is the type of that box, such as "cbor" or "json".
	contentKind string
	// raw is the box without its own header: the bytes that a hashed URI covers.
	raw []byte
}

// child is the superbox of that label; nil where there is none.
func (b *box) child(label string) *box {
	if b == nil {
		return nil
	}
	for _, c := range b.children {
		if c.label == label {
			return c
		}
	}
	return nil
}

// ofKind is the first superbox of a type.
func (b *box) ofKind(kind string) *box {
	if b == nil {
		return nil
	}
	for _, c := range b.children {
		if c.kind == kind {
			return c
		}
	}
	return nil
}

func (b *box) sum() []byte {
	s := sha256.Sum256(b.raw)
	return s[:]
}

// newBox makes a superbox of others or, with none, of one CBOR content box.
func newBox(kind, label string, content []byte, children ...*box) *box {
	var description bytes.Buffer
	description.WriteString(kind)
	description.Write(typeTail)
	description.WriteByte(3) // may be asked for by its label, which follows
	description.WriteString(label)
	description.WriteByte(0)
	raw := appendBox(nil, "jumd", description.Bytes())
	if content != nil {
		raw = appendBox(raw, "cbor", content)
	}
	for _, c := range children {
		raw = appendBox(raw, "jumb", c.raw)
	}
	return &box{kind: kind, label: label, content: content, children: children, raw: raw}
}

func appendBox(out []byte, kind string, body []byte) []byte {
	out = binary.BigEndian.AppendUint32(out, uint32(8+len(body)))
	return append(append(out, kind...), body...)
}

// boxParser counts boxes, so that a small file cannot make many.
type boxParser struct{ boxes int }

// parseStore reads a manifest store: one superbox labelled c2pa.
func parseStore(data []byte) (*box, error) {
	if len(data) > MaxStore {
		return nil, fmt.Errorf("%w: %d bytes, at most %d are read", ErrMalformed, len(data), MaxStore)
	}
	kind, body, _, err := nextBox(data)
	if err != nil {
		return nil, err
	}
	if kind != "jumb" {
		return nil, fmt.Errorf("%w: it begins with a box %q", ErrMalformed, kind)
	}
	store, err := (&boxParser{}).superbox(body, 0)
	if err != nil {
		return nil, err
	}
	if store.kind != typeStore || store.label != "c2pa" {
		return nil, fmt.Errorf("%w: labelled %q", ErrMalformed, store.label)
	}
	return store, nil
}

// nextBox splits off the first box.
func nextBox(data []byte) (kind string, body, rest []byte, err error) {
	if len(data) < 8 {
		return "", nil, nil, fmt.Errorf("%w: a box is cut short", ErrMalformed)
	}
	size, head := uint64(binary.BigEndian.Uint32(data)), uint64(8)
	kind = string(data[4:8])
	switch size {
	case 0: // to the end
		size = uint64(len(data))
	case 1: // the size follows in 64 bits
		if len(data) < 16 {
			return "", nil, nil, fmt.Errorf("%w: a box is cut short", ErrMalformed)
		}
		size, head = binary.BigEndian.Uint64(data[8:]), 16
	}
	if size < head || size > uint64(len(data)) {
		return "", nil, nil, fmt.Errorf("%w: a box of %d bytes in %d", ErrMalformed, size, len(data))
	}
	return kind, data[head:size], data[size:], nil
}

func (p *boxParser) superbox(data []byte, depth int) (*box, error) {
	if p.boxes++; p.boxes > maxBoxes || depth > maxDepth {
		return nil, fmt.Errorf("%w: too many boxes", ErrMalformed)
	}
	kind, description, rest, err := nextBox(data)
	if err != nil {
		return nil, err
	}
	// The three lowest bits of the toggles: requestable, labelled, with an id;
	// then a signature and a private box, which salts the hash.
	if kind != "jumd" || len(description) < 17 || !bytes.Equal(description[4:16], typeTail) && !bytes.Equal(description[:4], []byte{0x40, 0xcb, 0x0c, 0x32}) || description[16]&^0x1f != 0 {
		return nil, fmt.Errorf("%w: a box without its description", ErrMalformed)
	}
	b := &box{kind: string(description[:4]), raw: data}
	if description[16]&2 != 0 {
		label, _, ended := bytes.Cut(description[17:], []byte{0})
		if !ended || len(label) > maxLabels {
			return nil, fmt.Errorf("%w: a label without its end", ErrMalformed)
		}
		b.label = strings.ToValidUTF8(string(label), "\ufffd")
	}
	for len(rest) > 0 {
		var body []byte
		if kind, body, rest, err = nextBox(rest); err != nil {
			return nil, err
		}
		if kind != "jumb" {
			if b.content == nil {
				b.content, b.contentKind = body, kind
			}
			continue
		}
		c, err := p.superbox(body, depth+1)
		if err != nil {
			return nil, err
		}
		b.children = append(b.children, c)
	}
	return b, nil
}
