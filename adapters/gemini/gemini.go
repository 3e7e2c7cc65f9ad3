// Package gemini is an imagechat.Generator on Google's Gemini API, or on Vertex
// AI, through google.golang.org/genai.
//
// The SDK reads an answer whole and copies it several times; a transport under
// it takes pictures and thought signatures out of the answer as it streams by,
// into the spool, and streams stored ones into the request, so that a turn costs
// about a hundred kilobytes of memory whatever its pictures weigh.
//
// A call is one request. Nothing below it is repeated: the SDK's retries and its
// automatic continuation are off, and net/http cannot replay the body. The one
// exception costs nothing and is made once: a request that was refused with 400
// because of an earlier turn's thought signature is told anew with the chosen
// picture instead of the history, or the conversation would be stuck for good.
package gemini

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // quota days begin at midnight in California, on any machine

	"google.golang.org/genai"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini/internal/catalog"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/secret"
)

// Backend is the service that is called.
type Backend string

// The backends.
const (
	// BackendGemini is the Gemini API (generativelanguage.googleapis.com).
	BackendGemini Backend = "gemini"
	// BackendVertex is Vertex AI, with Project and Location.
	BackendVertex Backend = "vertex"
)

// Options of a Generator. APIKey, or Project for BackendVertex, is required.
type Options struct {
	// Backend is BackendGemini when empty.
	Backend Backend
	APIKey  secret.Value
	// BaseURL is the root of the API; "" means the backend's own.
	BaseURL string
	// Model is the default model; "" means DefaultModel. Any id may be named.
	Model string
	// Project and Location are for BackendVertex; Location "" means "global".
	Project, Location string
	// Token returns a bearer token for BackendVertex; nil means the machine's
	// application default credentials.
	Token func(ctx context.Context) (string, error)
	// Timeout bounds one call beside the context's own deadline; 0 means 10
	// minutes where the context has none.
	Timeout time.Duration
	// IdleTimeout bounds the silence inside a picture's bytes, and behind the
	// end of an answer; 0 means 60 seconds. Before a picture there may be
	// silence for as long as the call may last: it is being drawn.
	IdleTimeout time.Duration
	// HistoryBytes bounds what of a conversation is repeated, in bytes before
	// base64; 0 means 20 MiB. Beyond it the newest picture and a summary go.
	HistoryBytes int64
	// Unary asks for whole answers instead of streams, for proxies that do not stream.
	Unary bool
	// Transport makes the HTTP requests; nil means one of net/http's.
	Transport http.RoundTripper
	// CacheFile keeps the list of living models for a day over restarts; "" keeps it in memory.
	CacheFile string
	Logger    *slog.Logger     // nil discards
	Now       func() time.Time // nil means time.Now
}

// Generator implements imagechat.Generator, imagechat.Warner. It is safe for
// concurrent use and keeps no conversations.
type Generator struct {
	o       Options
	catalog *catalog.Catalog
	client  *genai.Client
	base    http.RoundTripper
	alive   liveness
}

var (
	_ imagechat.Generator = (*Generator)(nil)
	_ imagechat.Warner    = (*Generator)(nil)
)

// New returns a Generator. It sends nothing; see Run. It fails with
// GeneratorNotConfigured or InvalidRequest; no error shows the key.
func New(o Options) (*Generator, error) {
	o.Backend = cmp.Or(o.Backend, BackendGemini)
	o.Model = cmp.Or(o.Model, DefaultModel)
	o.IdleTimeout = cmp.Or(o.IdleTimeout, time.Minute)
	o.HistoryBytes = cmp.Or(o.HistoryBytes, 20<<20)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Transport == nil {
		o.Transport = newBaseTransport()
	}
	o.APIKey = secret.New(strings.TrimSpace(o.APIKey.Reveal()))
	cc, err := clientConfig(&o)
	if err != nil {
		return nil, err
	}
	client, err := genai.NewClient(context.Background(), cc)
	if err != nil {
		// The SDK's text prints its configuration, key included.
		return nil, fmt.Errorf("gemini: the SDK refused the configuration: %w", imagechat.GeneratorNotConfigured)
	}
	g := &Generator{o: o, catalog: catalog.Load(), client: client, base: o.Transport}
	g.o.Model = g.modelID(o.Model)
	return g, nil
}

// defaultTimeout bounds a call that nobody bounds.
const defaultTimeout = 10 * time.Minute

// redact takes the key out of a text that comes from elsewhere.
func (o *Options) redact(s string) string {
	if key := o.APIKey.Reveal(); key != "" {
		s = strings.ReplaceAll(s, key, secret.Mask)
	}
	return s
}

// clientConfig sets everything that the SDK would else take from the
// environment, where GOOGLE_API_KEY beats GEMINI_API_KEY and a variable can
// turn the backend around.
func clientConfig(o *Options) (*genai.ClientConfig, error) {
	// The SDK adds the version by itself.
	for _, version := range []string{"/v1beta", "/v1beta1", "/v1"} {
		o.BaseURL = strings.TrimSuffix(strings.TrimRight(o.BaseURL, "/"), version)
	}
	if o.BaseURL != "" {
		if u, err := url.Parse(o.BaseURL); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			return nil, fmt.Errorf("gemini: base URL must look like https://host: %w", imagechat.InvalidRequest)
		}
	}
	lifting := &transport{base: o.Transport, redact: o.redact}
	cc := &genai.ClientConfig{
		HTTPClient: &http.Client{
			Transport: lifting,
			// A redirect would carry the key to another host.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	switch o.Backend {
	case BackendGemini:
		key := o.APIKey.Reveal()
		if key == "" {
			return nil, fmt.Errorf("gemini: no API key: %w", imagechat.GeneratorNotConfigured)
		}
		if strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
			return nil, fmt.Errorf("gemini: the API key holds characters that no key has: %w", imagechat.GeneratorNotConfigured)
		}
		cc.Backend, cc.APIKey = genai.BackendGeminiAPI, key
		cc.HTTPOptions = genai.HTTPOptions{BaseURL: cmp.Or(o.BaseURL, "https://generativelanguage.googleapis.com/"), APIVersion: "v1beta"}
	case BackendVertex:
		if o.Project == "" {
			return nil, fmt.Errorf("gemini: no project for Vertex AI: %w", imagechat.GeneratorNotConfigured)
		}
		o.Location = cmp.Or(o.Location, "global")
		cc.Backend, cc.Project, cc.Location = genai.BackendVertexAI, o.Project, o.Location
		cc.HTTPOptions = genai.HTTPOptions{BaseURL: cmp.Or(o.BaseURL, vertexURL(o.Location)), APIVersion: "v1beta1"}
		lifting.token = o.Token
		if lifting.token == nil {
			lifting.token = defaultCredentials()
		}
	default:
		return nil, fmt.Errorf("gemini: unknown backend %q: %w", o.Backend, imagechat.InvalidRequest)
	}
	return cc, nil
}

func vertexURL(location string) string {
	switch location {
	case "global":
		return "https://aiplatform.googleapis.com/"
	case "us", "eu": // multi-regions
		return "https://aiplatform." + location + ".rep.googleapis.com/"
	}
	return "https://" + location + "-aiplatform.googleapis.com/"
}

// Name implements imagechat.Generator.
func (g *Generator) Name() string { return "gemini" }

// Close gives idle connections back.
func (g *Generator) Close() error {
	if c, ok := g.base.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
	return nil
}

// pacific is California's clock; its data is linked in.
var pacific = sync.OnceValue(func() *time.Location {
	l, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		return time.FixedZone("PST", -8*60*60)
	}
	return l
})
