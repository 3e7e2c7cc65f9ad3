package main

import (
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat/secret"
	"sync"
)

// minSecretLength is in bytes. A token is compared by machines, not typed by
// hand, so there is no reason for one that can be guessed.
const minSecretLength = 12

var tokenName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$`)
})

// login applies the rule that keeps strangers from spending the owner's
// budget: beyond this machine nobody is served without a token, unless the
// owner says AUTH=none in so many words.
func (p *parser) login(c *config) {
	if n := len(c.MetricsToken.Reveal()); n > 0 && n < minSecretLength {
		p.fail("METRICS_TOKEN", "is shorter than %d characters; openssl rand -hex 24 makes a good one", minSecretLength)
	}
	c.Tokens = p.tokens("AUTH_TOKENS")
	switch p.oneOf("AUTH", "auto", "none", "tokens") {
	case "none":
	case "tokens":
		c.Login = true
		if len(c.Tokens) == 0 {
			p.fail("AUTH_TOKENS", "is empty, but AUTH=tokens needs at least one login")
		}
	default:
		c.Login = len(c.Tokens) > 0
		if !c.Login && !isLoopback(c.Host) {
			p.fail("AUTH_TOKENS", "is empty, and HOST=%s lets strangers in, who would spend your Gemini budget; "+
				"set a login, or AUTH=none if that is what you want", c.Host)
		}
	}
}

// host is an address or a name to listen on; empty means every address. What
// a name leads to is asked when the server listens.
func (p *parser) host(name string) string {
	s := p.text(name)
	_, err := netip.ParseAddr(strings.Trim(s, "[]"))
	if s != "" && err != nil && !listenName().MatchString(s) {
		p.fail(name, "%q is neither an address nor a host name", s)
	}
	return s
}

// listenAddress is host and port of a further listener, "" for none.
func (p *parser) listenAddress(name string) string {
	s := p.text(name)
	if s == "" {
		return ""
	}
	host, port, err := net.SplitHostPort(s)
	n, numErr := strconv.Atoi(port)
	_, addrErr := netip.ParseAddr(host)
	if err != nil || numErr != nil || n < 0 || n > 65535 || (host != "" && addrErr != nil && !listenName().MatchString(host)) {
		p.fail(name, "%q is no address with a port", s)
	}
	return s
}

// listenName is a name whose last part is no number: such a one would be an
// address with a mistake in it.
var listenName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^([A-Za-z0-9_-]+\.)*[A-Za-z0-9_-]*[A-Za-z_-][A-Za-z0-9_-]*\.?$`)
})

// isLoopback reports whether only this machine can reach the address. Names
// other than localhost are not looked up: DNS must not decide about safety.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && ip.Unmap().IsLoopback()
}

func (p *parser) tokens(name string) []token {
	var tokens []token
	seen, holder := map[string]bool{}, map[string]string{}
	for i, item := range p.list(name) {
		who, what, ok := strings.Cut(item, ":")
		switch {
		// Items are named by position: a broken one may be a bare secret.
		case !ok || !tokenName().MatchString(who):
			p.fail(name, "item %d is not name:secret", i+1)
		case len(what) < minSecretLength:
			p.fail(name, "the secret of %s is shorter than %d characters", who, minSecretLength)
		case seen[who]:
			p.fail(name, "names %s twice", who)
		case holder[what] != "":
			p.fail(name, "the secrets of %s and %s are the same", holder[what], who)
		}
		seen[who], holder[what] = true, who
		tokens = append(tokens, token{Name: who, Secret: secret.New(what)})
	}
	return tokens
}

func (p *parser) prefixes(name string) []netip.Prefix {
	var prefixes []netip.Prefix
	for _, item := range p.list(name) {
		prefix, err := netip.ParsePrefix(item)
		if err != nil {
			addr, addrErr := netip.ParseAddr(item)
			if addrErr != nil {
				p.fail(name, "%q is neither an address nor a network", item)
				continue
			}
			prefix = netip.PrefixFrom(addr, addr.BitLen())
		}
		prefixes = append(prefixes, prefix.Masked())
	}
	return prefixes
}

// ids are a process's user and group.
type ids struct{ UID, GID int }

func (p *parser) runAs(name string) *ids {
	s := p.text(name)
	if s == "" {
		return nil
	}
	u, g, ok := strings.Cut(s, ":")
	uid, uidErr := strconv.ParseUint(u, 10, 31)
	gid, gidErr := strconv.ParseUint(g, 10, 31)
	if !ok || uidErr != nil || gidErr != nil || uid == 0 || gid == 0 {
		p.fail(name, "%q is not uid:gid, both above 0", s)
		return nil
	}
	return &ids{UID: int(uid), GID: int(gid)}
}

// address is what net.Listen takes.
func (c config) address() string {
	return net.JoinHostPort(strings.Trim(c.Host, "[]"), strconv.Itoa(c.Port))
}
