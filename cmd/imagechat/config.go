package main

import (
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat/secret"
)

// A config is what the process works with: every setting parsed and checked.
type config struct {
	Host           string
	Port           int
	PublicURL      *url.URL // nil when not set
	AllowedOrigins []string
	TrustedProxies []netip.Prefix
	// ClientAddressHeader is what the platform in front always sets itself.
	ClientAddressHeader string
	Limits              limits

	GeminiAPIKey       secret.Value
	GeminiModel        string
	AllowedModels      []string
	GeminiBaseURL      string
	Vertex             bool
	CloudProject       string
	CloudLocation      string
	Generator          string // gemini or demo, never auto
	MaxConcurrentTurns int
	MaxWaitingTurns    int // 0 is no limit
	TurnTimeout        time.Duration
	DailyBudgetUSD     float64
	SessionBudgetUSD   float64
	MCPConfirmAboveUSD float64
	PlacementsFile     string
	ReferenceURLHosts  []string

	DatabasePath string // file of the SQLite database
	BlobDir      string

	BackupDir      string // "" for no scheduled backups
	BackupInterval time.Duration
	BackupKeep     int

	Login  bool // a token is asked for
	Tokens []token

	MetricsAddr  string // "" for no listener of its own
	MetricsToken secret.Value
	C2PACert     string // files of the signing identity; both or none
	C2PAKey      string

	DrainTimeout    time.Duration
	DefaultLanguage string
	AppEnv          string
	LogLevel        slog.Level
	LogJSON         bool
	RunAs           *ids // nil when not set
	CrashAt         string
}

// limits bound what one client can take from the others.
type limits struct {
	Sockets           int
	SocketsPerOwner   int
	UploadQuotaMB     int // megabytes; 0 is no limit
	RequestsPerMinute int // 0 is no limit
	TurnsPerMinute    int // 0 is no limit
}

// A token is one login: its name owns the sessions made with it.
type token struct {
	Name   string
	Secret secret.Value
}

// A configError is one setting with a value that can't be used. It prints as
// one line and never holds the value of a secret.
type configError struct{ Variable, Problem, Example string }

func (e *configError) Error() string {
	if e.Example == "" {
		return e.Variable + ": " + e.Problem
	}
	return fmt.Sprintf("%s: %s (example: %s=%s)", e.Variable, e.Problem, e.Variable, e.Example)
}

// A parser reads settings and keeps the first error, so that the list of
// settings below stays a list.
type parser struct {
	all layered
	err error
}

func (p *parser) fail(name, format string, args ...any) {
	if p.err == nil {
		p.err = &configError{Variable: name, Problem: fmt.Sprintf(format, args...), Example: p.all[name].Example}
	}
}

// parseConfig checks every setting. The error is a [*configError].
func parseConfig(all layered) (config, error) {
	p := &parser{all: all}
	c := config{
		Host:           p.host("HOST"),
		Port:           p.integer("PORT", 0, 65535),
		PublicURL:      p.webURL("PUBLIC_URL"),
		AllowedOrigins: p.origins("ALLOWED_ORIGINS"),
		TrustedProxies: p.prefixes("TRUSTED_PROXIES"),
		Limits: limits{
			Sockets:           p.integer("MAX_SOCKETS", 1, 1_000_000),
			SocketsPerOwner:   p.integer("MAX_SOCKETS_PER_OWNER", 1, 1_000_000),
			UploadQuotaMB:     p.integer("UPLOAD_QUOTA_MB", 0, 100_000_000),
			RequestsPerMinute: p.integer("REQUESTS_PER_MINUTE", 0, 1_000_000),
			TurnsPerMinute:    p.integer("TURNS_PER_MINUTE", 0, 1_000_000),
		},
		GeminiAPIKey:       secret.New(p.text("GEMINI_API_KEY")),
		GeminiModel:        p.text("GEMINI_MODEL"),
		AllowedModels:      p.models("ALLOWED_MODELS"),
		Vertex:             p.oneOf("GEMINI_BACKEND", "gemini", "vertex") == "vertex",
		CloudProject:       p.text("GOOGLE_CLOUD_PROJECT"),
		CloudLocation:      p.text("GOOGLE_CLOUD_LOCATION"),
		MaxConcurrentTurns: p.integer("MAX_CONCURRENT_TURNS", 1, 1000),
		MaxWaitingTurns:    p.integer("MAX_WAITING_TURNS", 0, 1_000_000),
		TurnTimeout:        p.duration("TURN_TIMEOUT", time.Second, time.Hour),
		DailyBudgetUSD:     p.dollars("DAILY_BUDGET_USD"),
		SessionBudgetUSD:   p.dollars("SESSION_BUDGET_USD"),
		MCPConfirmAboveUSD: p.dollars("MCP_CONFIRM_ABOVE_USD"),
		PlacementsFile:     p.text("PLACEMENTS_FILE"),
		ReferenceURLHosts:  p.hosts("REFERENCE_URL_HOSTS"),
		DatabasePath:       p.database("DATABASE_URL"),
		BlobDir:            p.blobs("BLOB_URL"),
		MetricsAddr:        p.listenAddress("METRICS_ADDR"),
		MetricsToken:       secret.New(p.text("METRICS_TOKEN")),
		DrainTimeout:       p.duration("DRAIN_TIMEOUT", 0, time.Hour),
		DefaultLanguage:    p.oneOf("DEFAULT_LANGUAGE", "ko", "en"),
		AppEnv:             p.text("APP_ENV"),
		LogLevel:           p.level("LOG_LEVEL"),
		RunAs:              p.runAs("RUN_AS"),
		CrashAt:            p.text("IMAGECHAT_CRASH_AT"),
	}
	if u := p.webURL("GEMINI_BASE_URL"); u != nil {
		c.GeminiBaseURL = u.String()
	}
	c.LogJSON = p.logJSON("LOG_FORMAT", c.AppEnv)
	p.events("EVENTS_URL")
	p.backup(&c)
	p.generator(&c)
	p.login(&c)
	p.signing(&c)
	return c, p.err
}

func (p *parser) backup(c *config) {
	c.BackupDir = p.backups("BACKUP_URL")
	c.BackupInterval = p.duration("BACKUP_INTERVAL", time.Minute, 365*24*time.Hour)
	c.BackupKeep = p.integer("BACKUP_KEEP", 1, 10_000)
}

func (p *parser) signing(c *config) {
	c.C2PACert, c.C2PAKey = p.text("C2PA_CERT"), p.text("C2PA_KEY")
	if c.C2PACert != "" && c.C2PAKey == "" {
		p.fail("C2PA_KEY", "is empty, but C2PA_CERT needs its key")
	}
	if c.C2PAKey != "" && c.C2PACert == "" {
		p.fail("C2PA_CERT", "is empty, but C2PA_KEY is of no use without it")
	}
}

func (p *parser) text(name string) string {
	s := p.all.text(name)
	if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		p.fail(name, "holds a control character")
	}
	return s
}

func (p *parser) integer(name string, low, high int) int {
	s := p.text(name)
	n, err := strconv.Atoi(s)
	if err != nil || n < low || n > high {
		p.fail(name, "%q is not a whole number from %d to %d", s, low, high)
	}
	return n
}

func (p *parser) dollars(name string) float64 {
	s := p.text(name)
	n, err := strconv.ParseFloat(s, 64)
	// The upper bound also refuses Inf; NaN fails every comparison.
	if err != nil || !(n >= 0 && n <= 1e9) {
		p.fail(name, "%q is not an amount of US dollars, 0 or more", s)
		return 0
	}
	return n
}

func (p *parser) duration(name string, low, high time.Duration) time.Duration {
	s := p.text(name)
	d, err := time.ParseDuration(s)
	if err != nil || d < low || d > high {
		p.fail(name, "%q is not a duration from %s to %s, with its unit", s, low, high)
	}
	return d
}

func (p *parser) oneOf(name string, allowed ...string) string {
	s := strings.ToLower(p.text(name))
	for _, a := range allowed {
		if s == a {
			return s
		}
	}
	p.fail(name, "%q is none of %s", s, strings.Join(allowed, ", "))
	return s
}

func (p *parser) level(name string) slog.Level {
	levels := map[string]slog.Level{
		"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
		// Python's names, which the earlier server took.
		"warning": slog.LevelWarn, "critical": slog.LevelError,
	}
	s := strings.ToLower(p.text(name))
	level, ok := levels[s]
	if !ok {
		p.fail(name, "%q is none of debug, info, warn, error", s)
	}
	return level
}

func (p *parser) logJSON(name, appEnv string) bool {
	if p.text(name) == "" {
		return appEnv == "production"
	}
	return p.oneOf(name, "text", "json") == "json"
}

// generator settles which generator serves, so that nothing behind this file
// has to know "auto".
func (p *parser) generator(c *config) {
	const name = "GENERATOR"
	credentials := !c.GeminiAPIKey.IsZero() || c.Vertex
	switch choice := p.oneOf(name, "auto", "gemini", "demo"); {
	case choice == "auto" && credentials, choice == "gemini":
		c.Generator = "gemini"
	default:
		c.Generator = "demo"
	}
	if c.Generator == "gemini" && !credentials {
		p.fail("GEMINI_API_KEY", "is empty, but GENERATOR=gemini needs it")
	}
	if c.Vertex && c.CloudProject == "" {
		p.fail("GOOGLE_CLOUD_PROJECT", "is empty, but GEMINI_BACKEND=vertex needs it")
	}
	if !isModelID(c.GeminiModel) {
		p.fail("GEMINI_MODEL", "%q is not a model id", c.GeminiModel)
	}
}

// isModelID tells whether id can stand in the path of a request.
func isModelID(id string) bool {
	return id != "" && !strings.ContainsAny(id, " ?#&%\\") && !strings.Contains(id, "..")
}

// models reads a list of model ids.
func (p *parser) models(name string) []string {
	ids := p.list(name)
	for _, id := range ids {
		if !isModelID(id) {
			p.fail(name, "%q is not a model id", id)
		}
	}
	return ids
}

// list splits a comma-separated setting and drops empty items.
func (p *parser) list(name string) []string {
	var items []string
	for item := range strings.SplitSeq(p.text(name), ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}
