package lift

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// memory keeps what was lifted; the reference is "ref:" and its number.
type memory struct {
	values     [][]byte
	notes      []string
	committed  []string // kind, thought, size
	aborted    int
	fail       error // of Write
	failCommit error
}

type memorySink struct {
	m    *memory
	kind Kind
	buf  bytes.Buffer
	done bool
}

func (m *memory) handler() Handler {
	return Handler{
		Open: func(k Kind) (Sink, error) { return &memorySink{m: m, kind: k}, nil },
		Note: func(text string) { m.notes = append(m.notes, text) },
	}
}

func (s *memorySink) Write(p []byte) (int, error) {
	if s.done {
		panic("write after the end")
	}
	if s.m.fail != nil {
		return 0, s.m.fail
	}
	return s.buf.Write(p)
}

func (s *memorySink) Reference() []byte {
	s.m.values = append(s.m.values, s.buf.Bytes())
	return fmt.Appendf(nil, "ref:%d", len(s.m.values)-1)
}

func (s *memorySink) Received() error {
	if s.done {
		panic("received after the end")
	}
	s.m.committed = append(s.m.committed, "received")
	return nil
}

func (s *memorySink) Commit(thought bool) error {
	if s.done {
		panic("committed twice")
	}
	s.done = true
	s.m.committed = append(s.m.committed, fmt.Sprint(s.kind, " ", thought, " ", s.buf.Len()))
	return s.m.failCommit
}

func (s *memorySink) Abort() {
	if s.done {
		panic("aborted after the end")
	}
	s.done = true
	s.m.aborted++
}

func ref(n int) string { return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "ref:%d", n)) }
func b64(s string) string {
	return base64.StdEncoding.EncodeToString([]byte(s))
}

func TestReaderLiftsPicturesAndSignatures(t *testing.T) {
	t.Parallel()
	image := func(data string) string {
		return `{"candidates":[{"content":{"parts":[{"inlineData":{"mimeType":"image/png","data":"` + data + `"}}]}}]}`
	}
	long := strings.Repeat("picture ", 40_000)
	tests := []struct {
		name   string
		in     string
		want   string // what passes
		values []string
		notes  []string
	}{
		{"a picture and its signature, in either order of the keys",
			`{"candidates":[{"content":{"parts":[{"thoughtSignature":"` + b64("sig") + `","inlineData":{"data":"` + b64("pix") + `","mimeType":"image/png"}}]}}]}`,
			`{"candidates":[{"content":{"parts":[{"thoughtSignature":"` + ref(0) + `","inlineData":{"data":"` + ref(1) + `","mimeType":"image/png"}}]}}]}`,
			[]string{"sig", "pix"}, nil},
		{"a long picture", image(b64(long)), image(ref(0)), []string{long}, nil},
		{"an unpadded picture", image("cGl4ZQ"), image(ref(0)), []string{"pixe"}, nil},
		{"a picture with escaped slashes and equals signs", image(`\/\/8\u003d`), image(ref(0)), []string{"\xff\xff"}, nil},
		{"an empty picture has no blob", image(""), image(""), nil, nil},
		{"server-sent events", "data: " + image(b64("a")) + "\r\n\r\ndata: " + image(b64("b")) + "\n\n",
			"data: " + image(ref(0)) + "\r\n\r\ndata: " + image(ref(1)) + "\n\n", []string{"a", "b"}, nil},
		{"the array format of streams", "[" + image(b64("a")) + ",\n" + image(b64("b")) + "]",
			"[" + image(ref(0)) + ",\n" + image(ref(1)) + "]", []string{"a", "b"}, nil},
		{"a request's contents", `{"contents":[{"parts":[{"inlineData":{"data":"` + b64("a") + `"}}]}]}`,
			`{"contents":[{"parts":[{"inlineData":{"data":"` + ref(0) + `"}}]}]}`, []string{"a"}, nil},
		{"escaped keys", `{"candidates":[{"content":{"parts":[{"inl\u0069neData":{"d\u0061ta":"` + b64("a") + `"}}]}}]}`,
			`{"candidates":[{"content":{"parts":[{"inl\u0069neData":{"d\u0061ta":"` + ref(0) + `"}}]}}]}`, []string{"a"}, nil},
		{"the same names elsewhere are left alone",
			`{"candidates":[{"content":{"parts":[{"functionCall":{"args":{"inlineData":{"data":"AAAA"},"thoughtSignature":"AAAA"}}},{"text":"\"inlineData\":{\"data\":\"AAAA\"}"}]}}],"inlineData":{"data":"AAAA"}}`,
			`{"candidates":[{"content":{"parts":[{"functionCall":{"args":{"inlineData":{"data":"AAAA"},"thoughtSignature":"AAAA"}}},{"text":"\"inlineData\":{\"data\":\"AAAA\"}"}]}}],"inlineData":{"data":"AAAA"}}`,
			nil, nil},
		{"a picture that is no string", `{"candidates":[{"content":{"parts":[{"inlineData":{"data":null}},{"inlineData":["data"]}]}}]}`,
			`{"candidates":[{"content":{"parts":[{"inlineData":{"data":null}},{"inlineData":["data"]}]}}]}`, nil, nil},
		{"the generator's own words", `{"candidates":[{"content":{},"finishReason":"IMAGE_SAFETY","finishMessage":"Unable \"to\" sh\u00f6w."}],"promptFeedback":{"blockReasonMessage":"No."}}`,
			`{"candidates":[{"content":{},"finishReason":"IMAGE_SAFETY","finishMessage":"Unable \"to\" sh\u00f6w."}],"promptFeedback":{"blockReasonMessage":"No."}}`,
			nil, []string{`Unable "to" shöw.`, "No."}},
		{"a web page", "<html><style>p{a:\"b\"}</style>]}]}\"<p>502", "<html><style>p{a:\"b\"}</style>]}]}\"<p>502", nil, nil},
		{"nothing", "", "", nil, nil},
	}
	for _, tt := range tests {
		readers := map[string]func(io.Reader) io.Reader{
			"whole":         func(r io.Reader) io.Reader { return r },
			"byte by byte":  iotest.OneByteReader,
			"data with EOF": iotest.DataErrReader,
		}
		for split, wrap := range readers {
			t.Run(tt.name+", "+split, func(t *testing.T) {
				t.Parallel()
				var m memory
				got, err := io.ReadAll(NewReader(wrap(strings.NewReader(tt.in)), m.handler()))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tt.want, string(got)); diff != "" {
					t.Errorf("text (-want +got):\n%s", diff)
				}
				var values []string
				for _, v := range m.values {
					values = append(values, string(v))
				}
				if diff := cmp.Diff(tt.values, values); diff != "" {
					t.Errorf("values (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(tt.notes, m.notes); diff != "" {
					t.Errorf("notes (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestReaderGivesTheSameAnswerForEverySplit(t *testing.T) {
	t.Parallel()
	in := `data: {"candidates":[{"content":{"parts":[{"text":"a\"b\\"},{"inlineData":{"data":"` +
		strings.ReplaceAll(b64("\xff\xef pixels \x00\x01 more of them"), "/", `\/`) + `"},"thoughtSignature":"` + b64("sig") + `"}]},"finishMessage":"no\n"}]}` + "\n\n"
	var whole memory
	want, err := io.ReadAll(NewReader(strings.NewReader(in), whole.handler()))
	if err != nil {
		t.Fatal(err)
	}
	for cut := range len(in) {
		var m memory
		r := io.MultiReader(strings.NewReader(in[:cut]), strings.NewReader(in[cut:]))
		got, err := io.ReadAll(NewReader(r, m.handler()))
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		if !bytes.Equal(got, want) || !cmp.Equal(m.values, whole.values) || !cmp.Equal(m.notes, whole.notes) {
			t.Fatalf("cut at %d: got %q, values %q, notes %q", cut, got, m.values, m.notes)
		}
	}
}

func TestReaderTellsThoughtsFromPictures(t *testing.T) {
	t.Parallel()
	const data = `"inlineData":{"mimeType":"image/png","data":"AAAA"}`
	part := func(inside string) string {
		return `{"candidates":[{"content":{"parts":[{` + inside + `}],"role":"model"}}]}`
	}
	const picture, thought, signature, received = "1 false 3", "1 true 3", "2 false 3", "received"
	tests := []struct {
		name string
		in   string
		want []string
	}{
		{"the mark before the data", part(`"thought":true,` + data), []string{thought}},
		{"the mark behind the data", part(data + ` , "thought" : true`), []string{thought}},
		{"the mark between data and signature", part(data + `,"thought":true,"thoughtSignature":"AAAA"`), []string{received, signature, thought}},
		{"the mark behind the signature", part(data + `,"thoughtSignature":"AAAA","other":[{}],"thought":true`), []string{received, signature, thought}},
		{"a signature and no mark", part(data + `,"thoughtSignature":"AAAA"`), []string{received, signature, picture}},
		{"a signature that is cut off", `{"candidates":[{"content":{"parts":[{` + data + `,"thoughtSignature":"AA`, []string{received, picture}},
		{"a mark that says no", part(data + `,"thought":false`), []string{picture}},
		{"no mark at all", part(data), []string{picture}},
		{"the mark of the next part", part(data + `},{"thought":true,"text":"true"`), []string{picture}},
		{"the mark inside of the data", part(`"inlineData":{"data":"AAAA","thought":true}`), []string{picture}},
		{"an answer that ends right behind the data", `{"candidates":[{"content":{"parts":[{` + data, []string{picture}},
		{"an answer that ends in the mark", `{"candidates":[{"content":{"parts":[{` + data + `,"thou`, []string{picture}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, wrap := range []func(io.Reader) io.Reader{iotest.OneByteReader, iotest.DataErrReader} {
				var m memory
				if _, err := io.ReadAll(NewReader(wrap(strings.NewReader(tt.in)), m.handler())); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tt.want, m.committed); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestReaderTellsOfACommitThatFails(t *testing.T) {
	t.Parallel()
	full := errors.New("disk full")
	for _, in := range []string{
		`{"candidates":[{"content":{"parts":[{"inlineData":{"data":"AAAA"}}]}}]}`,
		`{"candidates":[{"content":{"parts":[{"inlineData":{"data":"AAAA"`,
		`{"candidates":[{"content":{"parts":[{"thoughtSignature":"AAAA"}]}}]}`,
	} {
		m := memory{failCommit: full}
		_, err := io.ReadAll(NewReader(strings.NewReader(in), m.handler()))
		var sink *SinkError
		if !errors.As(err, &sink) || !errors.Is(err, full) {
			t.Errorf("%s: got %v", in, err)
		}
	}
}

func TestReaderRefuses(t *testing.T) {
	t.Parallel()
	image := func(data string) string { return `{"candidates":[{"content":{"parts":[{"inlineData":{"data":"` + data }
	full := errors.New("disk full")
	tests := []struct {
		name string
		in   string
		sink error
		want error
	}{
		{"characters outside the alphabet", image(`AA*A"`), nil, ErrNotBase64},
		{"a raw line break", image("AAAA\nAAAA\""), nil, ErrNotBase64},
		{"a lone last character", image(`AAAAA"`), nil, ErrNotBase64},
		{"padding in the middle", image(`AA==AAAA"`), nil, ErrNotBase64},
		{"padding alone", image(`===="`), nil, ErrNotBase64},
		{"an escaped quote", image(`AAAA\""`), nil, ErrNotBase64},
		{"an escape that is no ASCII", image(`AAAA\u1234"`), nil, ErrNotBase64},
		{"a broken escape", image(`AAAA\u00zz"`), nil, ErrNotBase64},
		{"an answer cut in the picture", image(`AAAAAAAA`), nil, io.ErrUnexpectedEOF},
		{"an answer cut before the picture's first byte", image(``), nil, io.ErrUnexpectedEOF},
		{"a sink that fails", image(`AAAA"`), full, full},
		{"a value over its bound", image(strings.Repeat("AAAA", 400) + `"`), nil, ErrTooLarge},
		{"too much JSON around", `{"a":"` + strings.Repeat("x", 5000), nil, ErrTooLarge},
		{"too many values", strings.Repeat(image(strings.Repeat("AAAA", 300)+`"}}]}}]}`), 4), nil, ErrTooLarge},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := memory{fail: tt.sink}
			h := m.handler()
			h.MaxValue, h.MaxValues, h.MaxRest = 1000, 3000, 4000
			_, err := io.ReadAll(NewReader(iotest.OneByteReader(strings.NewReader(tt.in)), h))
			if !errors.Is(err, tt.want) {
				t.Fatalf("got error %v, want %v", err, tt.want)
			}
			var sink *SinkError
			if got, want := errors.As(err, &sink), tt.sink != nil; got != want {
				t.Errorf("is a fault of the sink: got %v, want %v", got, want)
			}
		})
	}
}

func TestReaderAbortsAValueThatDidNotArriveWhole(t *testing.T) {
	t.Parallel()
	in := `{"candidates":[{"content":{"parts":[{"inlineData":{"data":"AAAAAAAA`
	for _, tt := range []struct {
		name string
		use  func(*Reader)
	}{
		{"when the answer is cut", func(r *Reader) { _, _ = io.ReadAll(r) }},
		{"when it is closed early", func(r *Reader) {
			_, _ = io.ReadFull(r, make([]byte, 20))
			_ = r.Close()
			if _, err := r.Read(make([]byte, 1<<10)); err == nil {
				// What was there may still be read; then comes the error.
				if _, err = r.Read(make([]byte, 1)); !errors.Is(err, io.ErrClosedPipe) {
					t.Errorf("read after close: got %v", err)
				}
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var m memory
			tt.use(NewReader(strings.NewReader(in), m.handler()))
			if m.aborted != 1 || len(m.values) != 0 {
				t.Errorf("got %d aborted and %d committed, want 1 and 0", m.aborted, len(m.values))
			}
		})
	}
}

// Each event must come out before the next is sent: the pipe has no buffer, so
// a reader that waits for more would hang.
func TestReaderHoldsNoTextBack(t *testing.T) {
	t.Parallel()
	pr, pw := io.Pipe()
	var m memory
	r := NewReader(pr, m.handler())
	buf := make([]byte, 4096)
	for _, piece := range []string{`data: {"cand`, `idates":[{"content":{"parts":[{"te`, `xt":"안녕`, `하세요"}]}}]}`, "\n\n"} {
		go func() { _, _ = io.WriteString(pw, piece) }()
		n, err := io.ReadFull(r, buf[:len(piece)])
		if err != nil || string(buf[:n]) != piece {
			t.Fatalf("got %q, %v; want %q at once", buf[:n], err, piece)
		}
	}
}

func TestReaderSurvivesDeepNesting(t *testing.T) {
	t.Parallel()
	var m memory
	in := strings.Repeat(`[`, 3*maxDepth) + strings.Repeat(`{"a":`, maxDepth)
	got, err := io.ReadAll(NewReader(strings.NewReader(in), m.handler()))
	if err != nil || string(got) != in {
		t.Fatalf("got %d bytes and %v, want all %d", len(got), err, len(in))
	}
}

func TestANoteCutAtItsLimitIsStillText(t *testing.T) {
	t.Parallel()
	var m memory
	in := `{"candidates":[{"finishMessage":"` + strings.Repeat("x", maxNote-2) + `\u00e9 and on"}]}`
	if _, err := io.ReadAll(NewReader(strings.NewReader(in), m.handler())); err != nil {
		t.Fatal(err)
	}
	if want := strings.Repeat("x", maxNote-2); len(m.notes) != 1 || m.notes[0] != want {
		t.Errorf("got a note of %d bytes, want %d", len(m.notes[0]), len(want))
	}
}

// FuzzReader holds the reader to encoding/json: whatever JSON comes, in
// whatever pieces, putting the values back must give the same document.
func FuzzReader(f *testing.F) {
	part := `{"candidates":[{"content":{"parts":[{"text":"hi"},{"inlineData":{"mimeType":"image/png","data":"` + b64("pixels") + `"},"thoughtSignature":"` + b64("s") + `"}]},"finishMessage":"m"}]}`
	f.Add([]byte(part), uint64(1))
	f.Add([]byte(part[:len(part)/2]), uint64(2))
	f.Add([]byte(`[`+part+`,`+part+`]`), uint64(3))
	f.Add([]byte(`{"candidates":[{"content":{"parts":[{"inlineData":{"data":"\/\/8\u003d"}}]}}]}`), uint64(4))
	f.Add([]byte(`{"contents":[{"parts":[{"inlineData":{"data":"!","data":"AAAA"}}]}]}`), uint64(5))
	f.Fuzz(func(t *testing.T, in []byte, seed uint64) {
		var m memory
		got, err := io.ReadAll(NewReader(&randomReader{bytes.NewReader(in), rand.New(rand.NewPCG(seed, 0))}, m.handler()))
		var want any
		if json.Unmarshal(in, &want) != nil {
			return // no JSON: it is enough that nothing panicked
		}
		if err != nil {
			if !errors.Is(err, ErrNotBase64) {
				t.Fatalf("valid JSON: %v", err)
			}
			return
		}
		ends := slices.DeleteFunc(slices.Clone(m.committed), func(s string) bool { return s == "received" })
		if len(ends) != len(m.values) {
			t.Errorf("%d values were committed of %d", len(ends), len(m.values))
		}
		var doc any
		if err := json.Unmarshal(got, &doc); err != nil {
			t.Fatalf("what passed is no JSON any more: %v\n%s", err, got)
		}
		restore(doc, nodeRoot, &m)
		canonical(want, nodeRoot)
		if diff := cmp.Diff(want, doc); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// restore puts lifted values back in the places of their references.
func restore(v any, at node, m *memory) {
	edit(v, at, func(s string) string {
		raw, err := base64.StdEncoding.DecodeString(s)
		if err != nil || len(raw) == 0 {
			return s
		}
		var n int
		if _, err := fmt.Sscanf(string(raw), "ref:%d", &n); err != nil {
			return "no reference: " + s
		}
		return base64.StdEncoding.EncodeToString(m.values[n])
	})
}

// canonical gives base64 its padding and clears the stray bits of its end.
func canonical(v any, at node) {
	edit(v, at, func(s string) string {
		raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "="))
		if err != nil {
			return s
		}
		return base64.StdEncoding.EncodeToString(raw)
	})
}

func edit(v any, at node, f func(string) string) {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			if s, ok := e.(string); ok && at.child(k).lifted() {
				v[k] = f(s)
				continue
			}
			edit(e, at.child(k), f)
		}
	case []any:
		for _, e := range v {
			edit(e, at.element(), f)
		}
	}
}

type randomReader struct {
	r   io.Reader
	rnd *rand.Rand
}

func (r *randomReader) Read(p []byte) (int, error) {
	return r.r.Read(p[:min(len(p), 1+r.rnd.IntN(9))])
}
