package humaapi

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// apiPolicy is for answers that are no pages: nothing may run or load.
const apiPolicy = "default-src 'none'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

// protect sets the headers that keep browsers from doing harm with an
// answer. Handlers may replace them; pages bring policies of their own.
func (a *API) protect(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/ws/") {
		return // they would be echoed on the handshake, where they mean nothing
	}
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	if len(a.o.AllowedOrigins) > 0 {
		h.Add("Vary", "Origin")
		if isPicture(r) {
			h.Add("Vary", "Referer")
			if a.guard.shownBy(r) {
				h.Set("Cross-Origin-Resource-Policy", "cross-origin")
			}
		}
	}
	if a.guard.secure(r) {
		h.Set("Strict-Transport-Security", a.guard.transport)
	}
	if needsLogin(r) || isProbe(r) {
		h.Set("Content-Security-Policy", apiPolicy)
		h.Set("Cache-Control", "no-store")
	}
}

// transport is the header by which browsers keep to HTTPS. The hosts below
// this one are named only where it is below somebody's domain itself: for a
// whole domain, its owner must say so.
func transport(public *url.URL) string {
	const year = "max-age=31536000"
	if public == nil {
		return year
	}
	domain, err := publicsuffix.EffectiveTLDPlusOne(public.Hostname())
	if err != nil || domain == public.Hostname() {
		return year
	}
	return year + "; includeSubDomains"
}

// shownBy tells whether a page of an allowed origin shows a picture by a plain
// <img>: a browser then sends no Origin, but the page's origin as Referer.
func (g *guard) shownBy(r *http.Request) bool {
	page, err := url.Parse(r.Header.Get("Referer"))
	return err == nil && page.Host != "" && slices.Contains(g.o.AllowedOrigins, page.Scheme+"://"+page.Host)
}

// cors lets the allowed origins in. It has answered when it returns true.
func (a *API) cors(w http.ResponseWriter, r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" || !slices.Contains(a.o.AllowedOrigins, origin) {
		return false
	}
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Allow-Credentials", "true")
	h.Set("Access-Control-Expose-Headers", "Content-Disposition, ETag, Location, Preference-Applied, Retry-After, X-Request-Id")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	h.Set("Access-Control-Allow-Methods", "GET, POST, PATCH, DELETE")
	h.Set("Access-Control-Allow-Headers", "Accept-Language, Authorization, Content-Type, Idempotency-Key, Last-Event-ID, Prefer, Time-Zone, X-Request-Id")
	h.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
	return true
}
