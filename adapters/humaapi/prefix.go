package humaapi

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
)

// checkPrefix refuses what no mux would mount.
func checkPrefix(o *Options) error {
	p := o.Prefix
	if p != "" && (!strings.HasPrefix(p, "/") || strings.HasSuffix(p, "/") || strings.ContainsAny(p, `?#"\ <>`) || strings.Contains(p, "//")) {
		return errors.New(`humaapi: Options.Prefix begins with a slash and does not end with one, such as "/studio"`)
	}
	if o.Auth != nil && o.Identify != nil {
		return errors.New("humaapi: Options.Auth and Options.Identify both say who a request belongs to: set one")
	}
	return nil
}

// unmounted is the request as it is at the root.
func (o *Options) unmounted(r *http.Request) *http.Request {
	path, ok := strings.CutPrefix(r.URL.Path, o.Prefix)
	if o.Prefix == "" || !ok || (path != "" && path[0] != '/') {
		return r
	}
	r2 := r.Clone(r.Context())
	r2.URL.Path = "/" + strings.TrimPrefix(path, "/")
	if raw, ok := strings.CutPrefix(r.URL.RawPath, o.Prefix); ok {
		r2.URL.RawPath = "/" + strings.TrimPrefix(raw, "/")
	}
	return r2
}

// mounted is the OpenAPI document with the address that its paths begin at.
func (o *Options) mounted(document []byte) []byte {
	if o.Prefix == "" {
		return document
	}
	for _, form := range [][2]string{{`"url":"/"`, `"url":"` + o.Prefix + `"`}, {"\n    url: /\n", "\n    url: " + o.Prefix + "\n"}} {
		document = bytes.Replace(document, []byte(form[0]), []byte(form[1]), 1)
	}
	return document
}

// under puts a prefix before every path.
func under(prefix string, paths map[string]string) map[string]string {
	all := make(map[string]string, len(paths))
	for name, path := range paths {
		all[name] = prefix + path
	}
	return all
}
