package gemini_test

import (
	"bytes"
	"io"
	"log"
	"net/http"
	"os"
	"slices"
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/memory"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// canned answers every request with the same bytes.
type canned struct {
	status int
	body   []byte
}

func (c canned) RoundTrip(req *http.Request) (*http.Response, error) {
	if _, err := io.Copy(io.Discard, req.Body); err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: c.status, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(c.body)), Request: req}, nil
}

// FuzzAnswer lets the API answer anything at all: the adapter must neither
// panic nor fail without a name, and must never leave in the spool, as a
// picture, what it does not show.
func FuzzAnswer(f *testing.F) {
	log.SetOutput(io.Discard) // the SDK writes every broken stream to it
	f.Cleanup(func() { log.SetOutput(os.Stderr) })
	f.Add([]byte(`{"candidates":[{"content":{"parts":[{"text":"hi"}]},"finishReason":"STOP"}]}`), 200, true)
	f.Add([]byte("data: {\"candidates\":[{\"content\":{\"parts\":[{\"inlineData\":{\"mimeType\":\"image/png\",\"data\":\"iVBORw0KGgo=\"},\"thought\":true}]}}]}\n\n"), 200, false)
	f.Add([]byte(`{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED","details":[{"violations":[{"quotaId":"PerDay"}]},{"retryDelay":"1s"}]}}`), 429, false)
	f.Add([]byte(`{"candidates":"x","promptFeedback":[],"usageMetadata":1}`), 200, true)
	f.Add([]byte("data: null\n\ndata: {\"candidates\":[null]}\n\n"), 200, false)
	f.Add([]byte(`[{"error":{"code":400}}]`), 400, true)
	f.Fuzz(func(t *testing.T, body []byte, status int, unary bool) {
		if status < 200 || status > 599 {
			return
		}
		k := &kit{t: t, blobs: memory.NewBlobStore()}
		gen := newGenerator(t, "http://127.0.0.1:1", func(o *gemini.Options) {
			o.Unary, o.Transport = unary, canned{status, body}
		})
		call := k.call(imagechat.KindGenerate, "a bag")
		res, err := gen.Generate(t.Context(), call)
		if res == nil {
			t.Fatal("no result")
		}
		if err != nil {
			e := imagechat.AsError(err)
			if !slices.Contains(imagechat.Codes(), e.Code) || e.Code == imagechat.Internal || e.Charge == "" {
				t.Errorf("an error without a name: %+v", e)
			}
			if n := k.spooledAs(imagechat.SpoolImage); n != 0 {
				t.Errorf("%d pictures in the spool of a call that failed with %v", n, err)
			}
			return
		}
		if res.Image() == nil && res.Text() == "" {
			t.Errorf("neither a picture nor words, and no error: %+v", res)
		}
	})
}
