package lift

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

const (
	docA = `{"a":"x\"}{\\","b":[1,{"c":"[DONE]"}]}`
	docB = `{"b":"data: 안녕\u2028"}`
)

func clean(docs ...string) string {
	var b strings.Builder
	for _, d := range docs {
		b.WriteString("data: " + d + "\n\n")
	}
	return b.String()
}

func TestEventsReadsEveryFraming(t *testing.T) {
	t.Parallel()
	for name, in := range map[string]string{
		"plain":                    "data: " + docA + "\r\n\r\ndata: " + docB + "\r\n\r\n",
		"comments":                 ":\n\n: PING\n\ndata: " + docA + "\n: between\n\n:{\"no\":1}\n\ndata: " + docB + "\n\n: end\n\n",
		"fields":                   "retry: 3000\n\nevent: message\nid: {1}\ndata: " + docA + "\n\nid\ndata: " + docB + "\nevent: x\n\n",
		"a field nobody knows":     "x y: 1\nfoo: {\"no\":1}\nfoo\ndata: " + docA + "\n\ndata: " + docB + "\n\n",
		"no space":                 "data:" + docA + "\n\ndata:" + docB + "\n\n",
		"two spaces":               "data:  " + docA + "\n\ndata:  " + docB + "\n\n",
		"CR":                       "data: " + docA + "\r\rdata: " + docB + "\r\r",
		"mixed":                    "data: " + docA + "\n\r\ndata: " + docB + "\r\r\n",
		"a byte order mark":        "\ufeffdata: " + docA + "\n\ndata: " + docB + "\n\n",
		"no data":                  "data\n\ndata:\n\ndata: \n\ndata: " + docA + "\n\ndata: null\n\ndata: " + docB + "\n\n",
		"DONE":                     "data: " + docA + "\n\ndata: " + docB + "\n\ndata: [DONE]\n\n",
		"DONE without a space":     "data: " + docA + "\n\ndata: " + docB + "\n\ndata:[DONE]",
		"a ping's data":            "event: ping\ndata: ping\n\ndata: " + docA + "\n\ndata: " + docB + "\n\n",
		"no empty line at the end": "data: " + docA + "\n\ndata: " + docB,
		"an array in an event":     "data: [" + docA + "," + docB + "]\n\n",
		"blank lines":              "\n\r\n\r\r\ndata: " + docA + "\n\n\n\ndata: " + docB + "\n\n",
		"one document a line":      docA + "\n" + docB + "\n",
		"an array":                 "[" + docA + "\r\n,\r\n" + docB + "\n]\n",
		"a spaced array":           " \n [ " + docA + " , " + docB + " ]",
		"events, then a bare one":  "data: " + docA + "\n\n" + docB,
	} {
		for split, wrap := range map[string]func(io.Reader) io.Reader{
			"whole":        func(r io.Reader) io.Reader { return r },
			"byte by byte": iotest.OneByteReader, "data with EOF": iotest.DataErrReader,
		} {
			t.Run(name+", "+split, func(t *testing.T) {
				t.Parallel()
				got, err := io.ReadAll(NewEvents(wrap(strings.NewReader(in))))
				if err != nil || string(got) != clean(docA, docB) {
					t.Errorf("got %q and %v", got, err)
				}
			})
		}
	}
}

func TestEventsJoinsTheLinesOfAnEvent(t *testing.T) {
	t.Parallel()
	var indented bytes.Buffer
	if err := json.Indent(&indented, []byte(docA), "", "\t"); err != nil {
		t.Fatal(err)
	}
	for _, in := range []string{
		"data: " + strings.ReplaceAll(indented.String(), "\n", "\r\nid: 7\r\ndata:") + "\r\n\r\n",
		"data: " + indented.String() + "\n\n",
		indented.String(),
		"[" + strings.ReplaceAll(indented.String(), "\n", "\n\n") + "]",
	} {
		got, err := io.ReadAll(NewEvents(iotest.OneByteReader(strings.NewReader(in))))
		if err != nil {
			t.Fatal(err)
		}
		body, ok := strings.CutPrefix(string(got), "data: ")
		if !ok || !strings.HasSuffix(body, "\n\n") || strings.ContainsAny(strings.TrimSpace(body), "\r\n") {
			t.Fatalf("got %q", got)
		}
		var want, have any
		if err := errors.Join(json.Unmarshal([]byte(docA), &want), json.Unmarshal([]byte(body), &have)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, have); diff != "" {
			t.Error(diff)
		}
	}
}

func TestEventsTellsWhatIsNoAnswer(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]error{
		"":                                io.EOF,
		": only a comment\n\n":            io.EOF,
		"[]":                              io.EOF,
		"data: [DONE]\n\n":                io.EOF,
		"<!DOCTYPE html><html></html>":    ErrNotJSON,
		"Service unavailable":             ErrNotJSON,
		"upstream: timed out\nsorry\n":    ErrNotJSON,
		"data: sorry\n\n":                 ErrNotJSON,
		"[ERROR] no\n":                    ErrNotJSON,
		"\"text\"":                        ErrNotJSON,
		"data: {\"a\":1":                  io.ErrUnexpectedEOF,
		"data: {\"a\":1\n\ndata: {}\n\n":  io.ErrUnexpectedEOF,
		"{\"a\":\"":                       io.ErrUnexpectedEOF,
		"[{\"a\":1},{\"a\":":              io.ErrUnexpectedEOF,
		"data: {\"a\":1}\n\n<html>":       io.EOF,
		"data: {\"a\":1}\n\ndata: oh\n\n": io.EOF,
	} {
		e := NewEvents(strings.NewReader(in))
		_, err := io.Copy(io.Discard, e)
		if want == io.EOF {
			if err != nil {
				t.Errorf("%q: got %v", in, err)
			}
		} else if !errors.Is(err, want) {
			t.Errorf("%q: got %v, want %v", in, err, want)
		}
		if strange := strings.Contains(in, "}\n\n<html>") || strings.Contains(in, "oh"); strange && e.Strange() == "" {
			t.Errorf("%q: what stands beside the document is not remembered", in)
		}
	}
}

// Words must come out before the next event is sent.
func TestEventsHoldsNothingBack(t *testing.T) {
	t.Parallel()
	pr, pw := io.Pipe()
	e := NewEvents(pr)
	for _, piece := range [][2]string{{": hi\n\ndata: {\"a\"", "data: {\"a\""}, {":1}", ":1}\n\n"}, {"\n\n\n{", "data: {"}} {
		go func() { _, _ = io.WriteString(pw, piece[0]) }()
		buf := make([]byte, len(piece[1]))
		if _, err := io.ReadFull(e, buf); err != nil || string(buf) != piece[1] {
			t.Fatalf("got %q and %v, want %q", buf, err, piece[1])
		}
	}
}

// FuzzEvents frames documents in every legal way that a seed draws and wants
// the same documents back.
func FuzzEvents(f *testing.F) {
	f.Add([]byte(docA), uint64(1))
	f.Add([]byte(docB), uint64(2))
	f.Add([]byte(`{"a":{"b":"\\\"{"}}`), uint64(3))
	f.Fuzz(func(t *testing.T, doc []byte, seed uint64) {
		var raw bytes.Buffer
		if json.Compact(&raw, doc) != nil || raw.Bytes()[0] != '{' || bytes.ContainsAny(raw.Bytes(), "\r\n") {
			_, _ = io.Copy(io.Discard, NewEvents(bytes.NewReader(doc))) // it is enough that it ends
			return
		}
		r := rand.New(rand.NewPCG(seed, 0))
		pick := func(s ...string) string { return s[r.IntN(len(s))] }
		var in strings.Builder
		in.WriteString(pick("", "\ufeff"))
		n := 1 + r.IntN(3)
		for range n {
			in.WriteString(pick("", ":\n\n", ": {\r\r", "retry: 1\r\n", "event: e\n", "\n", "data:\n\n", "data: [DONE]\r\n\r\n"))
			in.WriteString("data:" + pick("", " ") + raw.String() + pick("\n", "\r", "\r\n") + pick("", "id: 3\n") + pick("\n", "\r", "\r\n"))
			in.WriteString("\n")
		}
		want := clean(slices.Repeat([]string{raw.String()}, n)...)
		got, err := io.ReadAll(NewEvents(&randomReader{bytes.NewReader([]byte(in.String())), r}))
		if err != nil || string(got) != want {
			t.Errorf("%q: got %q and %v", in.String(), got, err)
		}
	})
}
