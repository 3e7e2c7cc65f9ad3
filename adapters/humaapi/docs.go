package humaapi

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strings"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/openapi"
)

// docsPolicy lets the page run its own scripts and ask this server. Inline
// style attributes are Swagger UI's; it needs no inline script and no eval.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

func docsPage() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", docsPolicy)
		serveDocs(w, r, "index.html", "text/html; charset=utf-8")
	})
}

func docsFiles() http.Handler {
	types := map[string]string{
		"start.js": "text/javascript; charset=utf-8", "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
		"swagger-ui.css": "text/css; charset=utf-8",
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := r.PathValue("file")
		contentType, ok := types[name]
		if !ok {
			writeProblem(w, r, imagechat.NotFound, 0)
			return
		}
		serveDocs(w, r, name, contentType)
	})
}

// serveDocs answers with an embedded file, as it lies there (compressed)
// where the client takes that.
func serveDocs(w http.ResponseWriter, r *http.Request, name, contentType string) {
	h := w.Header()
	b, err := openapi.Docs().ReadFile("docs/" + name)
	if err != nil {
		if b, err = openapi.Docs().ReadFile("docs/" + name + ".gz"); err != nil {
			writeProblem(w, r, err, 0)
			return
		}
		h.Set("Vary", "Accept-Encoding")
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			h.Set("Content-Encoding", "gzip")
		} else if b, err = inflate(b); err != nil {
			writeProblem(w, r, err, 0)
			return
		}
	}
	sum := sha256.Sum256(b)
	etag := `"` + hex.EncodeToString(sum[:8]) + `"`
	h.Set("Content-Type", contentType)
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", etag)
	if r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = w.Write(b) // the client may be gone
}

func inflate(b []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}
