package humaapi

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/wire"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// guard decides who may come in, and how often.
type guard struct {
	o   *Options
	log *slog.Logger
	// transport is the value of Strict-Transport-Security.
	transport string
	origins   *http.CrossOriginProtection
	public    *url.URL // nil when not set
	requests  *buckets
	turns     *buckets
	wrong     *buckets // credentials, by address
	hearings  *buckets // of newcomers where wrong is used up
	heard     *heard
}

func newGuard(o *Options) (*guard, error) {
	g := &guard{o: o, log: o.Logger, heard: newHeard(), origins: http.NewCrossOriginProtection()}
	trusted := slices.Clone(o.AllowedOrigins)
	if o.PublicURL != "" {
		u, err := url.Parse(o.PublicURL)
		if err != nil || u.Host == "" {
			return nil, errors.New("humaapi: Options.PublicURL is no URL with a host")
		}
		g.public = u
		trusted = append(trusted, u.Scheme+"://"+u.Host)
	}
	g.transport = transport(g.public)
	for _, origin := range trusted {
		if err := g.origins.AddTrustedOrigin(origin); err != nil {
			return nil, err
		}
	}
	wrong := o.Limits.WrongLogins
	if wrong == 0 {
		wrong = 10
	}
	g.requests = newBuckets(float64(o.Limits.RequestsPerMinute), o.Limits.RequestsPerMinute/3, time.Now)
	g.turns = newBuckets(float64(o.Limits.TurnsPerMinute), o.Limits.TurnsPerMinute/2, time.Now)
	g.wrong = newBuckets(6, wrong, time.Now)
	g.hearings = newBuckets(60, 10*wrong, time.Now)
	return g, nil
}

// address is the client's. Headers are believed only where somebody who is
// trusted sets them: the platform, or a proxy we were told of.
func (g *guard) address(r *http.Request) netip.Addr {
	remote := remoteAddr(r)
	if h := g.o.ClientAddressHeader; h != "" {
		if a, err := netip.ParseAddr(strings.TrimSpace(r.Header.Get(h))); err == nil {
			return a.Unmap()
		}
	}
	if !g.fromProxy(remote) {
		return remote
	}
	// The right-most address that is no proxy of ours is the one that our
	// own proxy saw; what stands left of it anybody may have written.
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		a, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			return remote
		}
		if a = a.Unmap(); !g.fromProxy(a) {
			return a
		}
	}
	return remote
}

func remoteAddr(r *http.Request) netip.Addr {
	if ap, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		return ap.Addr().Unmap()
	}
	return netip.Addr{}
}

func (g *guard) fromProxy(a netip.Addr) bool {
	return slices.ContainsFunc(g.o.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(a) })
}

// secure tells whether the person's own connection is HTTPS.
func (g *guard) secure(r *http.Request) bool {
	switch {
	case r.TLS != nil:
		return true
	case g.public != nil:
		return g.public.Scheme == "https"
	}
	believed := g.o.ClientAddressHeader != "" || g.fromProxy(remoteAddr(r))
	return believed && r.Header.Get("X-Forwarded-Proto") == "https"
}

// local tells that the caller is on this machine and there are no logins:
// such a server is somebody's own desk.
func (g *guard) local(r *http.Request, a netip.Addr) bool {
	return g.o.Auth == nil && g.o.Identify == nil && a.IsLoopback() && r.Header.Get("X-Forwarded-For") == ""
}

// hostAllowed keeps other sites from reaching a server without logins by
// giving their own name this machine's address (DNS rebinding).
func (g *guard) hostAllowed(r *http.Request) bool {
	if !g.o.LocalOnly {
		return true
	}
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") || (g.public != nil && strings.EqualFold(host, g.public.Hostname())) {
		return true
	}
	_, err := netip.ParseAddr(host) // a page cannot be named by an address that is not its own
	return err == nil
}

// needsLogin tells which paths are closed: all but the app itself, which
// holds no data, /health and the login.
func needsLogin(r *http.Request) bool {
	p := r.URL.Path
	switch {
	case p == base+"/login" && r.Method == http.MethodPost:
		return false
	case strings.HasPrefix(p, "/api/"), strings.HasPrefix(p, "/ws/"):
		return true
	case p == "/mcp", p == "/metrics", p == "/openapi.yaml", p == "/openapi.json", p == "/docs", strings.HasPrefix(p, "/docs/"):
		return true
	}
	return false
}

// isPicture tells reads of a picture's bytes, which are not counted: a page
// of the gallery asks for hundreds at once, and they cost next to nothing.
// Where a copy has to be made for one, that is counted by who makes it.
func isPicture(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, base+"/images/") && strings.HasSuffix(r.URL.Path, "/content")
}

// isCounted tells the requests that cost an allowance. The app's own files cost
// nothing and hold no data: a whole office behind one address asks for them at
// nine in the morning, and half an app is an empty page.
func isCounted(r *http.Request) bool {
	return !isPicture(r) && !isProbe(r) && (needsLogin(r) || r.Method != http.MethodGet && r.Method != http.MethodHead)
}

// bearerOf is the secret in the Authorization header, or "".
func bearerOf(r *http.Request) string {
	if scheme, value, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "bearer") {
		return strings.TrimSpace(value)
	}
	return ""
}

// fromElsewhere refuses what another site's page makes a browser ask for and
// that costs seconds of work and leaves a mark: finishing a picture. A link
// brings the cookie along, though it is a mere GET.
func (g *guard) fromElsewhere(r *http.Request) error {
	if r.Method != http.MethodGet || !strings.HasPrefix(r.URL.Path, base+"/images/") || !strings.HasSuffix(r.URL.Path, "/export") {
		return nil
	}
	as := r.Clone(r.Context())
	as.Method = http.MethodPost // the check lets every GET pass
	return g.origins.Check(as)
}

// isProbe tells the checks of the platform in front. They are not counted: its
// address may be everybody's, and whoever floods must not take the server out.
func isProbe(r *http.Request) bool { return r.URL.Path == "/health" || r.URL.Path == "/ready" }

// enter lets a request from address in on behalf of its owner, or says why not.
func (g *guard) enter(r *http.Request, address netip.Addr) (*http.Request, error) {
	local := g.local(r, address)
	key := addressKey(address)
	ctx := r.Context()
	if r.URL.Path == "/metrics" && !g.o.MetricsToken.IsZero() {
		return r, g.machine(guessKey(address), r)
	}
	switch {
	case !needsLogin(r):
	case g.o.Identify != nil:
		owner, err := g.o.Identify(r)
		if err != nil {
			return r, errors.Join(g.requests.take(key), err)
		}
		key = "owner " + string(owner)
		ctx = imagechat.WithOwner(ctx, owner)
	case g.o.Auth != nil:
		owner, by, err := g.whose(ctx, r, guessKey(address))
		if err != nil {
			// Strangers have an allowance too, or guessing would be free.
			return r, errors.Join(g.requests.take(key), err)
		}
		key = "owner " + string(owner)
		ctx = imagechat.WithOwner(context.WithValue(ctx, secretKey{}, by), owner)
	}
	if !local && isCounted(r) {
		if err := g.requests.take(key); err != nil {
			g.o.Meter.Refused("requests")
			return r, err
		}
	}
	return g.withCaller(r, imagechat.WithRequestID(ctx, requestIDOf(ctx)), address, key, local), nil
}

// withCaller is the request as the handlers see it: with what its caller may do.
func (g *guard) withCaller(r *http.Request, ctx context.Context, address netip.Addr, key string, local bool) *http.Request {
	caller := &wire.Caller{
		RequestID: requestIDOf(ctx), Address: address.String(), Local: local,
		AllowRequest: func() error {
			if local {
				return nil
			}
			return g.requests.take(key)
		},
		AllowTurn: func() error {
			if local {
				return nil
			}
			err := g.turns.take(key)
			if err != nil {
				g.o.Meter.Refused("turns")
			}
			return err
		},
	}
	ctx = wire.WithCaller(ctx, caller)
	caller.Recheck = func(now context.Context) error { return g.recheck(now, r.WithContext(ctx)) }
	return r.WithContext(ctx)
}

// machine lets in a scraper that reads the metrics with a secret of its own.
// Wrong ones count as guesses do everywhere.
func (g *guard) machine(address string, r *http.Request) error {
	given, want := sha256.Sum256([]byte(bearerOf(r))), sha256.Sum256([]byte(g.o.MetricsToken.Reveal()))
	if subtle.ConstantTimeCompare(given[:], want[:]) == 1 {
		return nil
	}
	return errors.Join(g.wrong.take("address "+address), imagechat.Unauthorized)
}

// authenticate checks a credential. One that was heard at its address before
// always is again: a right one must get in whatever others tried there, and a
// wrong one, as a page with an ended login sends it, is no further guess. Where
// too many were wrong, new ones are heard once a second, so that guessing is
// slow and a newcomer gets in all the same.
func (g *guard) authenticate(ctx context.Context, address string, by credential) (imagechat.Owner, error) {
	secret := by.value
	key := "address " + address
	known := g.heard.has(address, secret)
	var limited error
	if !known {
		if limited = g.wrong.peek(key); limited != nil && g.hearings.take(key) != nil {
			g.o.Meter.Refused("logins")
			return "", limited
		}
	}
	owner, err := g.check(ctx, by)
	wrong := errors.Is(err, imagechat.Unauthorized)
	if err == nil || wrong {
		g.heard.add(address, secret)
	}
	switch {
	case known:
	case wrong:
		_ = g.wrong.take(key) // the next guess feels it
		g.log.WarnContext(ctx, "login refused", "request", requestIDOf(ctx), "address", address, "by", "credential")
		err = cmp.Or(limited, err)
	case err == nil: // once for each address, and not with every request
		g.log.InfoContext(ctx, "login", "request", requestIDOf(ctx), "owner", owner, "address", address, "by", "credential")
	}
	return owner, err
}

// welcome remembers a credential that was just given out.
func (g *guard) welcome(r *http.Request, secret string) {
	g.heard.add(guessKey(g.address(r)), secret)
}

// recheck asks again whether the login that r came in with holds.
func (g *guard) recheck(now context.Context, r *http.Request) (err error) {
	var owner imagechat.Owner
	if g.o.Identify != nil {
		owner, err = g.o.Identify(r.Clone(now))
	} else if by, ok := r.Context().Value(secretKey{}).(credential); ok {
		owner, err = g.check(now, by)
	} else {
		return nil
	}
	if err == nil && owner != imagechat.OwnerOf(r.Context()) {
		return imagechat.Unauthorized
	}
	return err
}

// login checks a token that a person typed. Here an address that guessed
// too often is refused unheard.
func (g *guard) login(ctx context.Context, r *http.Request, token string) error {
	address := g.address(r)
	key := "address " + guessKey(address)
	told := []any{"request", requestIDOf(ctx), "address", address, "by", "form"}
	if err := g.wrong.peek(key); err != nil {
		g.o.Meter.Login("limited")
		g.log.WarnContext(ctx, "login refused: too many wrong ones from here", told...)
		return err
	}
	owner, err := g.o.Auth.Authenticate(ctx, token)
	if err == nil {
		g.o.Meter.Login("ok")
		g.log.InfoContext(ctx, "login", append(told, "owner", owner)...)
	}
	if errors.Is(err, imagechat.Unauthorized) {
		_ = g.wrong.take(key) // the next attempt feels it
		g.o.Meter.Login("wrong")
		g.log.WarnContext(ctx, "login refused", told...)
		err = &imagechat.Error{Code: imagechat.Unauthorized, Params: map[string]string{"cause": "wrong_token"}, Err: err}
	}
	return err
}
