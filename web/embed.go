// Package web holds the web app as it was built into dist, and serves it.
//
// dist is committed, so that `go run` and `go install` need no Node; `npm ci && npm run build` in this folder makes
// it again, byte for byte.
package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
)

// The "all:" prefix takes the build's manifest too, whose folder begins with a dot.
//
//go:embed all:dist
var files embed.FS

// Policy is the Content-Security-Policy under which the app works: its own origin and nothing else, no inline script
// or style, no eval. Pictures may also be files that a person chose, which is how an SVG becomes pixels. The app's socket is of its own origin, which 'self' covers.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; " +
	"connect-src 'self'; object-src 'none'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

const (
	// Names under assets hold a hash of their content, so they never change.
	cacheForever = "public, max-age=31536000, immutable"
	// The page itself is asked for each time, and answered with 304 while it is the same.
	cacheNever = "no-cache"
)

// Dist returns the built app, index.html at its root.
func Dist() fs.FS {
	dist, err := fs.Sub(files, "dist")
	if err != nil {
		panic(err) // the name above is a valid path
	}
	return dist
}

// asset is one file of the app in every encoding that the build made of it.
type asset struct {
	contentType string
	cache       string
	plain       variant
	brotli      variant
	gzip        variant
}

type variant struct {
	body []byte
	etag string
}

// Options tunes Handler; nil means the defaults.
type Options struct {
	// Prefix is the path that the app is mounted under, such as "/studio"; ""
	// is the root. The handler gets paths without it.
	Prefix string
}

// Handler serves the app: its files at their paths, precompressed where the client takes it, and index.html for every
// other path, because the app reads the address itself. Paths under /assets/, /api/ and /ws/ that do not exist are 404.
// It is safe for concurrent use.
func Handler(o *Options) (http.Handler, error) {
	assets, err := load(Dist())
	if err != nil {
		return nil, fmt.Errorf("web: read the built app: %w", err)
	}
	if o != nil && o.Prefix != "" {
		mount(assets, o.Prefix)
	}
	return &handler{assets: assets}, nil
}

type handler struct {
	assets map[string]*asset
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	if text := wellKnown(name, time.Now()); text != "" {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "public, max-age=3600")
		_, _ = io.WriteString(w, text) // the client may be gone
		return
	}
	found, ok := h.assets[name]
	if !ok {
		if isReserved(name) {
			http.NotFound(w, r)
			return
		}
		found = h.assets["index.html"]
	}
	found.serve(w, r)
}

// contact is where faults of the program are reported.
const contact = "https://github.com/gemini-image-chat/gemini-image-chat/security/advisories/new"

// wellKnown is the text of the files that every site is asked for: nothing here is for search engines, and RFC 9116
// names where a fault may be reported. Such a file must name an end; it is true whenever it is asked for.
func wellKnown(name string, now time.Time) string {
	switch name {
	case "robots.txt":
		return "User-agent: *\nDisallow: /\n"
	case ".well-known/security.txt":
		expires := now.UTC().AddDate(0, 6, 0).Truncate(24 * time.Hour)
		return "Contact: " + contact + "\nExpires: " + expires.Format(time.RFC3339) + "\nPreferred-Languages: ko, en\n"
	}
	return ""
}

// isReserved reports whether a path belongs to files or to the API, so that index.html would be a wrong answer. No page
// of the app has an ending, and a file that is not there must not be answered with another.
func isReserved(name string) bool {
	first, _, _ := strings.Cut(name, "/")
	return path.Ext(name) != "" || first == ".well-known" || first == "assets" || first == "api" || first == "ws"
}

func (a *asset) serve(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	chosen := a.plain
	accepts := r.Header.Get("Accept-Encoding")
	switch {
	case a.brotli.body != nil && accepted(accepts, "br"):
		chosen = a.brotli
		header.Set("Content-Encoding", "br")
	case a.gzip.body != nil && accepted(accepts, "gzip"):
		chosen = a.gzip
		header.Set("Content-Encoding", "gzip")
	}
	if a.brotli.body != nil || a.gzip.body != nil {
		header.Add("Vary", "Accept-Encoding")
	}
	header.Set("Content-Type", a.contentType)
	header.Set("Cache-Control", a.cache)
	header.Set("ETag", chosen.etag)
	header.Set("X-Content-Type-Options", "nosniff")
	if header.Get("Content-Security-Policy") == "" {
		header.Set("Content-Security-Policy", Policy)
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(chosen.body))
}

// accepted reports whether an Accept-Encoding header takes an encoding; a weight of zero refuses it.
func accepted(header, encoding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(name), encoding) {
			weight = strings.ReplaceAll(weight, " ", "")
			return strings.Trim(strings.TrimPrefix(weight, "q="), "0.") != "" || weight == ""
		}
	}
	return false
}

func load(dist fs.FS) (map[string]*asset, error) {
	assets := make(map[string]*asset)
	err := fs.WalkDir(dist, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if strings.HasPrefix(entry.Name(), ".") && name != "." {
				return fs.SkipDir // the build's manifest is for tests
			}
			return nil
		}
		body, err := fs.ReadFile(dist, name)
		if err != nil {
			return err
		}
		place(assets, name, body)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if assets["index.html"] == nil {
		return nil, fmt.Errorf("index.html is missing")
	}
	return assets, nil
}

// mount lets the page ask for its files under a prefix. Only index.html names files by whole paths: the scripts and
// styles find theirs beside themselves.
func mount(assets map[string]*asset, prefix string) {
	page := assets["index.html"].plain.body
	for _, name := range []string{"assets/", "icon.svg"} {
		page = bytes.ReplaceAll(page, []byte(`"/`+name), []byte(`"`+prefix+"/"+name))
	}
	delete(assets, "index.html")
	place(assets, "index.html", page)
}

// place files a body under the name that it is asked for by: a compressed copy under that of its original.
func place(assets map[string]*asset, name string, body []byte) {
	sum := sha256.Sum256(body)
	v := variant{body: body, etag: `"` + hex.EncodeToString(sum[:16]) + `"`}
	original := strings.TrimSuffix(strings.TrimSuffix(name, ".br"), ".gz")
	a := assets[original]
	if a == nil {
		a = &asset{contentType: contentType(original), cache: cacheNever}
		if strings.HasPrefix(original, "assets/") {
			a.cache = cacheForever
		}
		assets[original] = a
	}
	switch path.Ext(name) {
	case ".br":
		a.brotli = v
	case ".gz":
		a.gzip = v
	default:
		a.plain = v
	}
}

// contentType does not trust the machine's own table, which differs from one system to the next.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".webp":
		return "image/webp"
	case ".woff2":
		return "font/woff2"
	case ".txt":
		return "text/plain; charset=utf-8"
	}
	if known := mime.TypeByExtension(path.Ext(name)); known != "" {
		return known
	}
	return "application/octet-stream"
}
