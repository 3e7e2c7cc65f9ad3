package main

import (
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"sync"
)

// notCarried are stores that a URL can name but this build does not hold.
var notCarried = map[string]string{
	"postgres": "PostgreSQL", "postgresql": "PostgreSQL", "postgresql+asyncpg": "PostgreSQL",
	"s3": "S3", "nats": "NATS",
}

// refuseScheme explains a URL whose scheme is not served here. The URL itself
// is not repeated, for it may hold a password.
func (p *parser) refuseScheme(name, scheme, want string) {
	if product, ok := notCarried[scheme]; ok {
		p.fail(name, "%s is not in this build; use %s", product, want)
		return
	}
	p.fail(name, "is no URL of the kind %s", want)
}

// database returns the file of a SQLite URL: three slashes lead to a path
// relative to the working directory, four to an absolute one.
func (p *parser) database(name string) string {
	s := p.text(name)
	scheme, rest, _ := strings.Cut(s, "://")
	if scheme != "sqlite" && scheme != "sqlite+aiosqlite" {
		p.refuseScheme(name, scheme, "sqlite:///file.db")
		return ""
	}
	path, ok := strings.CutPrefix(rest, "/")
	switch {
	case !ok:
		p.fail(name, "needs three slashes for a relative path, four for an absolute one")
	case path == "" || strings.HasSuffix(path, "/"):
		p.fail(name, "names no file")
	case strings.HasPrefix(path, ":memory:"):
		p.fail(name, "a database in memory would lose every picture that was paid for")
	// Both would be read as the driver's own options.
	case strings.ContainsAny(path, "?#"):
		p.fail(name, "a path with ? or # is not supported")
	default:
		return path
	}
	return ""
}

// blobs returns the directory of a file URL. A path that begins with a dot
// is relative to the working directory: file:///./data/blobs.
func (p *parser) blobs(name string) string {
	s := p.text(name)
	scheme, rest, _ := strings.Cut(s, "://")
	if scheme != "file" {
		p.refuseScheme(name, scheme, "file:///./data/blobs")
		return ""
	}
	path, err := url.PathUnescape(rest)
	switch {
	case err != nil || strings.ContainsFunc(path, func(r rune) bool { return r < ' ' || r == 0x7f }):
		p.fail(name, "holds a broken %%-escape or a control character")
	case !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//"):
		p.fail(name, "needs three slashes before the path")
	case strings.ContainsAny(rest, "?#"):
		p.fail(name, "a path with ? or # is not supported")
	case strings.Trim(path, "/.") == "":
		p.fail(name, "names no directory of its own")
	case strings.HasPrefix(path, "/./") || strings.HasPrefix(path, "/../"):
		return path[1:]
	default:
		return path
	}
	return ""
}

// backups is the directory for scheduled backups, "" for none.
func (p *parser) backups(name string) string {
	s := p.text(name)
	if s == "" {
		return ""
	}
	if scheme, _, _ := strings.Cut(s, "://"); scheme != "file" {
		p.fail(name, "this build writes backups to directories only; mount another disk, or copy the database with Litestream (deploy/litestream.yml)")
		return ""
	}
	return p.blobs(name)
}

func (p *parser) events(name string) {
	s := p.text(name)
	if s == "memory:" {
		return
	}
	scheme, _, _ := strings.Cut(s, ":")
	p.refuseScheme(name, scheme, "memory:")
}

// webURL returns nil for an empty setting.
func (p *parser) webURL(name string) *url.URL {
	s := p.text(name)
	if s == "" {
		return nil
	}
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" ||
		u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		p.fail(name, "is not an http or https URL without user, query and fragment")
		return nil
	}
	u.Host = p.browserHost(name, u)
	return u
}

// browserHost is a URL's host and port as browsers write them into Origin.
func (p *parser) browserHost(name string, u *url.URL) string {
	host := strings.ToLower(u.Host)
	if strings.ContainsFunc(host, func(r rune) bool { return r > 0x7e }) {
		p.fail(name, "%q must be spelt as browsers send it, beginning with xn--", host)
	}
	if port := map[string]string{"http": ":80", "https": ":443"}[u.Scheme]; port != "" {
		host = strings.TrimSuffix(host, port)
	}
	return strings.TrimSuffix(host, ":") // an empty port
}

func (p *parser) origins(name string) []string {
	items := p.list(name)
	for i, item := range items {
		u, err := url.Parse(item)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || strings.Contains(u.Host, "*") ||
			!strings.EqualFold(u.Scheme+"://"+u.Host, item) {
			p.fail(name, "%q is not an origin: scheme, host and port, nothing else, no *", item)
			continue
		}
		items[i] = u.Scheme + "://" + p.browserHost(name, u)
	}
	return items
}

var hostName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$`)
})

func (p *parser) hosts(name string) []string {
	items := p.list(name)
	for i, item := range items {
		items[i] = strings.ToLower(item)
		if _, err := netip.ParseAddr(strings.Trim(item, "[]")); err == nil {
			p.fail(name, "%q is an address; pictures are fetched from hosts with a name only", item)
		} else if !hostName().MatchString(items[i]) || len(item) > 253 {
			p.fail(name, "%q is not a host name, nor * and a dot before one", item)
		}
	}
	return items
}
