package lift

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func sources(values map[string]string) func([]byte) (Source, error) {
	return func(ref []byte) (Source, error) {
		v, ok := values[string(ref)]
		if !ok {
			return Source{}, errors.New("unknown reference")
		}
		return Source{Size: int64(len(v)), Open: func() (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader(v)), nil
		}}, nil
	}
}

func request(data, signature string) string {
	return `{"contents":[{"parts":[{"text":"\"data\":\"` + b64("a") + `\""},{"inlineData":{"data":"` + b64(data) + `"},"thoughtSignature":"` + b64(signature) + `"}],"role":"model"}],"tools":[{"data":"` + b64("a") + `"}]}`
}

func TestBodyPutsValuesInThePlaceOfReferences(t *testing.T) {
	t.Parallel()
	values := map[string]string{"a": strings.Repeat("picture", 20_001), "s": "signature", "": ""}
	for _, tt := range []struct{ name, data, signature string }{
		{"a long picture", "a", "s"},
		{"the same value twice", "s", "s"},
		{"an empty value", "", "s"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			body, err := NewBody([]byte(request(tt.data, tt.signature)), sources(values))
			if err != nil {
				t.Fatal(err)
			}
			if body.Touched() {
				t.Error("touched before the first read")
			}
			want := request(values[tt.data], values[tt.signature])
			// The text and the tools hold the same letters and must stay as they are.
			want = strings.Replace(want, b64(values["a"])+`\"`, b64("a")+`\"`, 1)
			got, err := io.ReadAll(iotest.OneByteReader(body))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, string(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if body.Len() != int64(len(want)) {
				t.Errorf("got length %d, want %d", body.Len(), len(want))
			}
			if !body.Touched() {
				t.Error("not touched after reading")
			}
			if err := body.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestBodyFails(t *testing.T) {
	t.Parallel()
	gone := errors.New("gone")
	tests := []struct {
		name   string
		lookup func([]byte) (Source, error)
		want   error
	}{
		{"when a reference is unknown", func([]byte) (Source, error) { return Source{}, gone }, gone},
		{"when a source does not open", func([]byte) (Source, error) {
			return Source{Size: 3, Open: func() (io.ReadCloser, error) { return nil, gone }}, nil
		}, gone},
		{"when a source is shorter than it said", func([]byte) (Source, error) {
			return Source{Size: 30, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("short")), nil }}, nil
		}, ErrSource},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			body, err := NewBody([]byte(request("a", "s")), tt.lookup)
			if err == nil {
				_, err = io.ReadAll(body)
			}
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestBodyIsSentWithItsLengthAndOnce(t *testing.T) {
	t.Parallel()
	big := strings.Repeat("0123456789", 100_000)
	var got []byte
	var length int64
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		length = r.ContentLength
		got, _ = io.ReadAll(r.Body)
	}))
	defer srv.Close()
	body, err := NewBody([]byte(request("a", "s")), sources(map[string]string{"a": big, "s": "sig"}))
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL, body)
	if err != nil {
		t.Fatal(err)
	}
	req.ContentLength = body.Len()
	resp, err := srv.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if req.GetBody != nil {
		t.Error("net/http could replay the request")
	}
	if length != int64(len(got)) || !bytes.Contains(got, []byte(b64(big))) {
		t.Errorf("got %d bytes, announced %d", len(got), length)
	}
}

// FuzzBody sends what FuzzReader reads: a request lifted and put back is the
// request it was.
func FuzzBody(f *testing.F) {
	f.Add([]byte(request("pixels", "signature")))
	f.Add([]byte(`{"contents":[{"parts":[{"inlineData":{"data":"`))
	f.Fuzz(func(t *testing.T, in []byte) {
		var m memory
		lifted, err := io.ReadAll(NewReader(bytes.NewReader(in), m.handler()))
		if err != nil {
			return
		}
		next := 0
		body, err := NewBody(lifted, func(ref []byte) (Source, error) {
			if len(ref) == 0 {
				return Source{Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("")), nil }}, nil
			}
			v := m.values[next]
			next++
			return Source{Size: int64(len(v)), Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(v)), nil }}, nil
		})
		if err != nil {
			t.Fatalf("a request that was lifted cannot be sent: %v", err)
		}
		got, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		if int64(len(got)) != body.Len() {
			t.Errorf("got %d bytes, announced %d", len(got), body.Len())
		}
		var again memory
		relifted, err := io.ReadAll(NewReader(bytes.NewReader(got), again.handler()))
		if err != nil || !bytes.Equal(relifted, lifted) || !cmp.Equal(m.values, again.values) {
			t.Errorf("got %q, want %q (%v)", relifted, lifted, err)
		}
	})
}
