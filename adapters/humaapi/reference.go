package humaapi

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// references turns a reference_image_url into an image of ours.
type references struct {
	svc    *imagechat.Service
	public *url.URL // nil when not set
	prefix string   // of this server's own paths
	hosts  []string
	client *http.Client
}

// fetchTime bounds the fetching of one picture from another host.
const fetchTime = 15 * time.Second

func newReferences(svc *imagechat.Service, o *Options) *references {
	r := &references{svc: svc, prefix: o.Prefix}
	for _, h := range o.ReferenceHosts {
		r.hosts = append(r.hosts, strings.ToLower(h))
	}
	if u, err := url.Parse(o.PublicURL); err == nil && u.Host != "" {
		r.public = u
	}
	r.client = &http.Client{
		Timeout: fetchTime,
		// A redirect could lead anywhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:                 nil, // the address that is checked must be the one that is dialled
			DialContext:           (&net.Dialer{Timeout: 5 * time.Second, Control: publicOnly}).DialContext,
			TLSHandshakeTimeout:   5 * time.Second,
			ResponseHeaderTimeout: 10 * time.Second,
			DisableKeepAlives:     true,
		},
	}
	return r
}

// reference is what a reference_image_url names: a picture that is here, or
// one that store gets and keeps.
type reference struct {
	image imagechat.ImageID
	store func(ctx context.Context) (*imagechat.Image, error) // nil for one that is here
}

// read accepts pictures of this server and data: URLs, and of other hosts
// only those that the operator named. host is the name that the request
// itself has for this server. Nothing is fetched or kept yet.
func (f *references) read(text, host string) (reference, error) {
	if data, ok := strings.CutPrefix(text, "data:"); ok {
		return f.inline(data)
	}
	u, err := url.Parse(text)
	if err != nil {
		return reference{}, badReference("format", err)
	}
	if u.Host == "" || f.here(u, host) {
		return own(u, f.prefix)
	}
	if u.Scheme != "https" || u.Port() != "" || u.User != nil || !f.named(u.Hostname()) {
		return reference{}, badReference("not_allowed", nil)
	}
	return reference{store: func(ctx context.Context) (*imagechat.Image, error) { return f.fetch(ctx, u) }}, nil
}

// here tells that u is on this server. The name that a request gives it is
// good enough: nothing is fetched, and whose the picture is is checked.
func (f *references) here(u *url.URL, host string) bool {
	switch {
	case f.public != nil && u.Scheme == f.public.Scheme && u.Host == f.public.Host:
		return true
	case u.Scheme != "http" && u.Scheme != "https":
		return false
	}
	return strings.EqualFold(u.Host, host)
}

// named tells a host that the operator named, by itself or as one below *.
func (f *references) named(host string) bool {
	host = strings.ToLower(host)
	return slices.ContainsFunc(f.hosts, func(h string) bool {
		above, isWild := strings.CutPrefix(h, "*.")
		return h == host || isWild && above != "" && strings.HasSuffix(host, "."+above)
	})
}

func badReference(rule string, cause error) error {
	return &imagechat.Error{
		Code: imagechat.InvalidRequest, Err: cause,
		Fields: []imagechat.FieldError{{Location: "reference_image_url", Rule: rule}},
	}
}

// own reads the id out of an image_url of this server.
func own(u *url.URL, prefix string) (reference, error) {
	rest, ok := strings.CutPrefix(strings.TrimPrefix(u.Path, prefix), base+"/images/")
	id, isContent := strings.CutSuffix(rest, "/content")
	if !ok || !isContent || strings.Contains(id, "/") {
		return reference{}, badReference("not_allowed", nil)
	}
	return reference{image: imagechat.ImageID(id)}, nil
}

// inline is the picture of a data: URL (RFC 2397).
func (f *references) inline(data string) (reference, error) {
	head, payload, ok := strings.Cut(data, ",")
	if !ok || !strings.HasSuffix(head, ";base64") || !strings.HasPrefix(head, "image/") {
		return reference{}, badReference("format", nil)
	}
	return reference{store: func(ctx context.Context) (*imagechat.Image, error) {
		i, err := f.svc.Upload(ctx, base64.NewDecoder(base64.StdEncoding, strings.NewReader(payload)), imagechat.ImageReference)
		if _, broken := errors.AsType[base64.CorruptInputError](err); broken || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, badReference("format", err)
		}
		return i, err
	}}, nil
}

func (f *references) fetch(ctx context.Context, u *url.URL) (*imagechat.Image, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, badReference("format", err)
	}
	req.Header.Set("Accept", "image/png, image/jpeg, image/webp, image/gif")
	resp, err := f.client.Do(req)
	if err != nil {
		return nil, badReference("not_allowed", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, badReference("not_allowed", errors.New("humaapi: reference answered "+resp.Status))
	}
	i, err := f.svc.Upload(ctx, resp.Body, imagechat.ImageReference)
	if err != nil && imagechat.CodeOf(err) == imagechat.Internal { // reading from the other host failed
		return nil, badReference("not_allowed", err)
	}
	return i, err
}

// publicOnly refuses to connect to anything but a public address. It runs
// after the name was looked up, on the very address that is dialled, so that
// a name that changes its mind (DNS rebinding) gains nothing.
func publicOnly(_, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if !public(ap.Addr()) {
		return errors.New("humaapi: " + ap.Addr().String() + " is no public address")
	}
	return nil
}

// special are the networks beside those that netip knows that nobody
// outside may reach through us (IANA special-purpose registries; fdaa::/16
// is Fly.io's private network).
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("192.88.99.0/24"), netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("::/96"), netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("100::/64"), netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("fdaa::/16"), netip.MustParsePrefix("fec0::/10"),
}

func public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
		return false
	}
	return !slices.ContainsFunc(special, func(p netip.Prefix) bool { return p.Contains(a) })
}
