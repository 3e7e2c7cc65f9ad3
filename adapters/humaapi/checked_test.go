package humaapi_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"

	"github.com/gemini-image-chat/gemini-image-chat/openapi"
)

var contract = sync.OnceValues(func() (validator.Validator, error) {
	doc, err := libopenapi.NewDocument(openapi.YAML())
	if err != nil {
		return nil, err
	}
	v, errs := validator.NewValidator(doc, config.WithoutSecurityValidation()) // who may come in has tests of its own
	if len(errs) > 0 {
		return nil, errs[0]
	}
	return v, nil
})

// validating is one at a time: the validator keeps caches.
var validating sync.Mutex

// checked holds every JSON answer, and every JSON request that was taken,
// against the committed document.
func checked(t *testing.T, next http.Handler) http.Handler {
	v, err := contract()
	if err != nil {
		t.Fatal(err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		documented := strings.HasPrefix(r.URL.Path, "/api/") || r.URL.Path == "/health"
		if !documented || strings.HasSuffix(r.URL.Path, "/events") {
			next.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		if err != nil { // leave it to the handler to find out
			r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), failing{err}))
		}
		rec := httptest.NewRecorder()
		again := r.Clone(r.Context())
		next.ServeHTTP(rec, r)
		hold(t, v, again, body, rec)
		for k, values := range rec.Header() {
			w.Header()[k] = values
		}
		w.WriteHeader(rec.Code)
		_, _ = w.Write(rec.Body.Bytes())
	})
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func hold(t *testing.T, v validator.Validator, r *http.Request, body []byte, rec *httptest.ResponseRecorder) {
	kind := rec.Header().Get("Content-Type")
	if r.Method == http.MethodOptions || rec.Code == http.StatusMethodNotAllowed || rec.Code == http.StatusPermanentRedirect {
		return // no operation
	}
	if kind != "" && !strings.Contains(kind, "json") {
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	resp := rec.Result()
	answer := rec.Body.Bytes()
	if resp.Header.Get("Content-Encoding") == "gzip" {
		answer = unzip(t, answer)
	}
	resp.Body = io.NopCloser(bytes.NewReader(answer))
	validating.Lock()
	defer validating.Unlock()
	if rec.Code < 300 && len(body) > 0 && strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") && !bytes.Contains(body, []byte("null")) {
		if ok, errs := v.ValidateHttpRequest(r); !ok {
			t.Errorf("%s %s took what the document forbids: %v", r.Method, r.URL.Path, errs[0])
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	if ok, errs := v.ValidateHttpResponse(r, resp); !ok {
		for _, e := range errs {
			if strings.HasSuffix(e.Message, "not found") && rec.Code >= 400 {
				continue // a path that the document does not have, rightly
			}
			t.Errorf("%s %s answered %d against the document: %v\n%.600s", r.Method, r.URL.Path, rec.Code, e, answer)
		}
	}
}
