package humaapi

import (
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/wire"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/secret"
)

// Options tunes an API. The zero value, and nil, mean the defaults.
type Options struct {
	// Version, Environment and GeminiConfigured are shown by /health.
	Version          string
	Environment      string
	GeminiConfigured bool
	// Lang is the language of text when the client names none; "" means Korean.
	Lang imagechat.Lang
	// Auth tells who a caller is; nil means that there are no logins and
	// everything belongs to the empty owner. If it is also an Issuer, a
	// login's cookie is what it issues, and otherwise the secret itself.
	Auth imagechat.Authenticator
	// Identify tells who a request belongs to by a host program's own login,
	// such as its session cookie, and takes the place of Auth. An error that
	// wraps imagechat.Unauthorized turns the request away; any other is
	// answered as what it is. It is asked again for the request of an open
	// socket with every pong, and when the Hub's Recheck is called, so that
	// the end of a login ends its sockets.
	Identify func(*http.Request) (imagechat.Owner, error)
	// Prefix is the path that a host program mounts the handler under, such
	// as "/studio"; "" is the root. Every path in an answer begins with it.
	// Requests come with the prefix or, behind http.StripPrefix, without. The
	// app is mounted with it, too, by web.Options.
	Prefix string
	// AllowedOrigins are the other origins ("https://studio.example.com")
	// that browsers may call from.
	AllowedOrigins []string
	// LocalOnly: the server listens on this machine only and has no logins.
	// Requests must then name it by an address, localhost or PublicURL, so
	// that no web page can reach it under a name of its own.
	LocalOnly bool
	// PublicURL is the address that people see ("https://img.example.com");
	// https there makes cookies Secure and sends HSTS. "" takes each
	// request's own.
	PublicURL string
	// TrustedProxies are the networks whose X-Forwarded-For and
	// X-Forwarded-Proto are believed.
	TrustedProxies []netip.Prefix
	// ClientAddressHeader is a header that the platform in front always
	// sets itself, such as "Fly-Client-IP"; "" for none. Where there is one,
	// the platform's X-Forwarded-Proto is believed, too.
	ClientAddressHeader string
	// ReferenceHosts are the hosts that reference_image_url may name
	// besides this server; none by default. "*.example.com" is every host
	// below example.com, and not example.com itself.
	ReferenceHosts []string
	// Limits bounds what one caller may do.
	Limits Limits
	// Places bounds how many event streams may be open; nil means its
	// defaults. Share it with the Hub, whose sockets take the same places.
	Places *wire.Places
	// KeepAlive is the pause after which a quiet event stream gets a
	// comment; 0 means 25 s.
	KeepAlive time.Duration
	// Logger takes the request log; nil discards.
	Logger *slog.Logger
	// Meter, if set, counts what is answered and refused.
	Meter Meter
	// Metrics, if set, answers GET /metrics. An owner's login opens it, unless
	// there is a MetricsToken.
	Metrics http.Handler
	// MetricsToken, if set, is the bearer secret that opens /metrics, and
	// nothing else; owners' logins do not open it then.
	MetricsToken secret.Value
	// Web answers what is no API path; nil means 404.
	Web http.Handler
	// Hub answers the socket's path, /ws/image-chat/; nil means 404.
	Hub http.Handler
	// Agents answers agents at /mcp, behind the same login; nil means 404.
	Agents http.Handler
	// OnLogout, if set, is called after a login was revoked, so that its
	// sockets can be closed.
	OnLogout func()
}

// A Meter counts what an API does; adapters/metrics has one for Prometheus. Its
// methods are safe for concurrent use.
type Meter interface {
	// Request is told of every answer, by the route's pattern.
	Request(route, method string, status int, took time.Duration)
	// Work is told of answers whose pixels had to be handled: "thumbnail",
	// "export", "pack", "preview", "upload".
	Work(kind string, took time.Duration)
	// Refused is told which limit refused something: "requests", "turns" or "logins".
	Refused(reason string)
	// Login is told how a login by the form ended: "ok", "wrong", "limited".
	Login(outcome string)
	// Streams is told 1 when a stream of events opens and -1 when it closes.
	Streams(change int)
}

// noMeter counts nothing.
type noMeter struct{}

func (noMeter) Request(string, string, int, time.Duration) {}
func (noMeter) Work(string, time.Duration)                 {}
func (noMeter) Refused(string)                             {}
func (noMeter) Login(string)                               {}
func (noMeter) Streams(int)                                {}

func (o *Options) keepAlive() time.Duration {
	if o.KeepAlive > 0 {
		return o.KeepAlive
	}
	return 25 * time.Second
}

func (o *Options) lang() imagechat.Lang {
	if o.Lang == "" {
		return imagechat.LangKO
	}
	return o.Lang
}
