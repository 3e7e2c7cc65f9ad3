package lift

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// ErrNotJSON tells that what came is neither server-sent events with JSON in
// them nor JSON.
var ErrNotJSON = errors.New("lift: the answer is no JSON")

// Events reads whatever frames the documents of an answer and hands on each of
// them as "data: {…}" and an empty line, which is all that package genai reads.
// It takes server-sent events as the HTML standard defines them
// (https://html.spec.whatwg.org/multipage/server-sent-events.html): comments,
// fields of any name, several data lines in an event, CR, LF or CRLF behind each
// line, a byte order mark, events without data; the "[DONE]" with which gateways
// end a stream; and, in place of events, JSON documents or an array of them.
type Events struct {
	src   io.Reader
	in    []byte
	out   []byte
	sent  int // bytes of out already handed on
	err   error
	state framing
	bom   int  // bytes of a byte order mark seen at the very start; -1 behind it
	cr    bool // the last byte was a CR: an LF behind it ends no line of its own

	name    []byte // of the field, at the beginning of a line
	array   bool   // a bare array of documents is open
	json    documents
	strange string
}

// framing is where in a line the reader is.
type framing uint8

const (
	lineStart framing = iota // in a field's name
	afterName                // right behind the colon of data
	inData                   // in a data line's value
	inBare                   // in JSON that no event frames
	inIgnored                // in a comment, or a field that does not matter
)

const maxName = 80 // bytes that are remembered of a field's name

// NewEvents reads an answer's body.
func NewEvents(src io.Reader) *Events {
	return &Events{src: src, in: make([]byte, inSize)}
}

// Strange is the beginning of the first thing that is no field of an event and
// no JSON, such as a web page. Beside documents it is passed over.
func (e *Events) Strange() string { return e.strange }

// Read implements io.Reader. An answer that ends inside a document fails with
// io.ErrUnexpectedEOF, one that holds something else with ErrNotJSON.
func (e *Events) Read(p []byte) (int, error) {
	for empty := 0; e.sent == len(e.out); {
		if e.err != nil {
			return 0, e.err
		}
		e.out, e.sent = e.out[:0], 0
		n, err := e.src.Read(e.in)
		if n == 0 && err == nil {
			if empty++; empty == maxEmpty {
				err = io.ErrNoProgress
			}
		}
		e.err = firstError(e.take(e.in[:n]), e.end(err))
	}
	n := copy(p, e.out[e.sent:])
	e.sent += n
	return n, nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// end says what the end of src amounts to.
func (e *Events) end(err error) error {
	switch {
	case !errors.Is(err, io.EOF):
		return err
	case e.json.open():
		return io.ErrUnexpectedEOF
	}
	if e.state == lineStart && len(e.name) > 0 {
		e.ignore(false)
	}
	e.outside()
	if e.strange != "" && e.json.count == 0 {
		return fmt.Errorf("%w: %q", ErrNotJSON, e.strange)
	}
	return io.EOF
}

func (e *Events) take(in []byte) error {
	for len(in) > 0 {
		if e.bom >= 0 {
			in = e.skipMark(in)
			continue
		}
		end := lineEnd(in)
		if end > 0 {
			n := e.content(in[:end])
			e.cr = false
			in = in[n:]
			continue
		}
		c := in[0]
		in = in[1:]
		if c == '\n' && e.cr {
			e.cr = false
			continue
		}
		e.cr = c == '\r'
		if err := e.line(); err != nil {
			return err
		}
	}
	return nil
}

// skipMark drops a byte order mark from the beginning of the answer.
func (e *Events) skipMark(in []byte) []byte {
	const mark = "\ufeff"
	if in[0] != mark[e.bom] {
		e.name = append(e.name, mark[:e.bom]...) // it was none
		e.bom = -1
		return in
	}
	if e.bom++; e.bom == len(mark) {
		e.bom = -1
	}
	return in[1:]
}

// lineEnd is the place of the first CR or LF, or the length of in.
func lineEnd(in []byte) int {
	if i := bytes.IndexByte(in, '\n'); i >= 0 {
		in = in[:i]
	}
	if i := bytes.IndexByte(in, '\r'); i >= 0 {
		in = in[:i]
	}
	return len(in)
}

// content takes bytes of one line, up to its end or less, and says how many.
func (e *Events) content(in []byte) int {
	switch e.state {
	case lineStart:
		if e.json.open() && len(e.name) == 0 && !letter(in[0]) && in[0] != ':' {
			e.state = inData // a document over several lines without "data:" before each
			return 0
		}
		return e.field(in)
	case afterName:
		e.state = inData
		if in[0] == ' ' {
			return 1
		}
		return 0
	case inData:
		e.out = e.json.add(e.out, in)
		return len(in)
	case inBare:
		return e.bare(in)
	}
	return len(in) // ignored
}

// field reads a field's name up to the colon behind it.
func (e *Events) field(in []byte) int {
	for i, c := range in {
		switch {
		case c == ':':
			if e.state = inIgnored; string(e.name) == "data" {
				e.state = afterName
			} else {
				e.ignore(true)
			}
			e.name = e.name[:0]
			return i + 1
		case (c == '{' || c == '[') && len(bytes.TrimSpace(e.name)) == 0:
			e.state, e.name = inBare, e.name[:0]
			return i
		case len(e.name) < maxName:
			e.name = append(e.name, c)
		}
	}
	return len(in)
}

// ignore passes over a field, and remembers what does not look like one.
func (e *Events) ignore(colon bool) {
	field := colon
	for _, c := range e.name {
		field = field && (c == '-' || c == '_' || '0' <= c && c <= '9' || letter(c))
	}
	switch string(e.name) {
	case "data", "event", "id", "retry":
		field = true
	}
	if !field {
		e.remember(e.name)
	}
}

func letter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func (e *Events) remember(what []byte) {
	if e.strange == "" {
		e.strange = strings.ToValidUTF8(string(what), "\ufffd")
	}
}

// outside looks at what an event held beside documents. Gateways end a stream
// with [DONE].
func (e *Events) outside() {
	if between := string(e.json.between); between != "" && between != "DONE" && between != "null" {
		e.remember(e.json.between)
	}
	e.json.between = e.json.between[:0]
}

// bare reads JSON that no event frames, up to the end of the document or array.
func (e *Events) bare(in []byte) int {
	if !e.json.open() {
		switch c := in[0]; {
		case c == '[':
			e.array = true
			return 1
		case c == ']':
			e.array, e.state = false, lineStart
			return 1
		case c == ' ' || c == '\t' || c == ',':
			return 1
		case c != '{': // such as "[ERROR] …"
			e.array, e.state = false, lineStart
			e.name = append(e.name, '[')
			return 0
		}
	}
	before := len(in)
	var rest []byte
	e.out, rest = e.json.document(e.out, in)
	if !e.json.open() && !e.array {
		e.state = lineStart
	}
	return before - len(rest)
}

// line ends a line.
func (e *Events) line() error {
	switch e.state {
	case inBare:
		if e.json.open() {
			e.out = append(e.out, ' ')
		}
		return nil
	case inData, afterName:
		if e.json.open() {
			e.out = append(e.out, ' ') // what joins the lines of an event
		}
		e.state = lineStart
	case lineStart:
		if len(e.name) == 0 { // an empty line ends the event
			if e.json.open() {
				return fmt.Errorf("%w: an event ends inside of its document", io.ErrUnexpectedEOF)
			}
			e.outside()
			return nil
		}
		e.ignore(false)
		e.name = e.name[:0]
	case inIgnored:
		e.state = lineStart
	}
	return nil
}

// documents copies JSON objects out of text, each as an event of its own.
type documents struct {
	depth   int
	text    bool // inside a string
	escaped bool
	count   int
	between []byte // what stands between the objects, but for white space and brackets
}

func (d *documents) open() bool { return d.depth > 0 }

// add copies the objects that are in, or begin or end in, in.
func (d *documents) add(out, in []byte) []byte {
	for len(in) > 0 {
		if d.depth == 0 {
			switch c := in[0]; {
			case c == '{':
				out, in = d.document(out, in)
				continue
			case c == ' ' || c == '\t' || c == ',' || c == '[' || c == ']':
			case len(d.between) < maxName:
				d.between = append(d.between, c)
			}
			in = in[1:]
			continue
		}
		out, in = d.document(out, in)
	}
	return out
}

// document copies up to the end of the object that is open, or begins at in.
func (d *documents) document(out, in []byte) (grown, rest []byte) {
	if d.depth == 0 {
		out = append(out, "data: "...)
	}
	for i := 0; i < len(in); {
		if d.text {
			i += d.string(in[i:])
			continue
		}
		switch in[i] {
		case '"':
			d.text = true
		case '{', '[':
			d.depth++
		case '}', ']':
			d.depth--
		}
		i++
		if d.depth == 0 {
			d.count++
			return append(append(out, in[:i]...), "\n\n"...), in[i:]
		}
	}
	return append(out, in...), nil
}

// string passes over the inside of a string, with its closing quote. Base64
// makes up nearly all of an answer: it has no escapes.
func (d *documents) string(in []byte) int {
	if d.escaped {
		d.escaped = false
		return 1
	}
	in = in[:min(len(in), 1<<10)] // so that many escapes do not mean many long looks
	end := bytes.IndexByte(in, '"')
	plain := in
	if end >= 0 {
		plain = in[:end]
	}
	if i := bytes.IndexByte(plain, '\\'); i >= 0 {
		d.escaped = true
		return i + 1
	}
	if end < 0 {
		return len(in)
	}
	d.text = false
	return end + 1
}
