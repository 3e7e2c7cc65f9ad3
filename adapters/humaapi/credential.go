package humaapi

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

const (
	// CookieName is the cookie that holds a browser's login over plain HTTP.
	CookieName = "imagechat_login"
	// SecureCookieName is the one over HTTPS. Browsers take a cookie with this
	// prefix from the very host alone, so that no neighbour of a domain can put
	// a login of its own in front of a person's.
	SecureCookieName = "__Host-" + CookieName
)

// maxCookies is how many cookies of the name are tried. A browser sends several
// when others could set some for a wider domain or a longer path.
const maxCookies = 4

// A CookieChecker is an Issuer that tells what it issued from the secrets that
// it issued it for. A cookie is then never taken for a secret.
type CookieChecker interface {
	// AuthenticateCookie is Authenticate for a value of Issue's, and for nothing else.
	AuthenticateCookie(ctx context.Context, value string) (imagechat.Owner, error)
}

// A credential is what a request brings to say whose it is.
type credential struct {
	value  string
	cookie bool
}

// cookieName is the cookie that a request's connection may use.
func (g *guard) cookieName(r *http.Request) string {
	if g.secure(r) {
		return SecureCookieName
	}
	return CookieName
}

// cookies are the values of a request's login cookies.
func (g *guard) cookies(r *http.Request) (values []string) {
	for _, c := range r.CookiesNamed(g.cookieName(r)) {
		if c.Value != "" && len(values) < maxCookies {
			values = append(values, c.Value)
		}
	}
	return values
}

// credentials are what a request brings, the most deliberate first: a header
// stands alone, cookies come by themselves.
func (g *guard) credentials(r *http.Request) []credential {
	if value := bearerOf(r); value != "" {
		return []credential{{value: value}}
	}
	// Browsers cannot set headers on a socket; pages of other origins have
	// no cookie of ours either.
	if strings.HasPrefix(r.URL.Path, "/ws/") {
		if token := r.URL.Query().Get("token"); token != "" {
			return []credential{{value: token}}
		}
	}
	var all []credential
	for _, value := range g.cookies(r) {
		all = append(all, credential{value: value, cookie: true})
	}
	return all
}

// whose finds the owner of a request by the first of its credentials that is right.
func (g *guard) whose(ctx context.Context, r *http.Request, address string) (imagechat.Owner, credential, error) {
	failure := error(imagechat.Unauthorized)
	for i, by := range g.credentials(r) {
		owner, err := g.authenticate(ctx, address, by)
		if err == nil {
			return owner, by, nil
		}
		if i == 0 || !errors.Is(err, imagechat.Unauthorized) {
			failure = err
		}
	}
	return "", credential{}, failure
}

// check asks the authenticator.
func (g *guard) check(ctx context.Context, by credential) (imagechat.Owner, error) {
	if checker, ok := g.o.Auth.(CookieChecker); ok && by.cookie {
		return checker.AuthenticateCookie(ctx, by.value)
	}
	return g.o.Auth.Authenticate(ctx, by.value)
}
