package main

import (
	"bytes"
	"errors"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat/secret"
)

// load runs the real command line up to the parsed settings.
func load(t testing.TB, args []string, env map[string]string, dotenv string) (config, layered, error) {
	t.Helper()
	dir := t.TempDir()
	if dotenv != "" {
		if err := os.WriteFile(filepath.Join(dir, ".env"), []byte(dotenv), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var stdout, stderr bytes.Buffer
	p := &program{Stdout: &stdout, Stderr: &stderr, Dir: dir, Lookup: func(k string) (string, bool) {
		v, ok := env[k]
		return v, ok
	}}
	if code := p.run(append([]string{"version"}, args...)); code != exitOK {
		t.Fatalf("version exited with %d: %s", code, &stderr)
	}
	c, err := parseConfig(p.settings)
	return c, p.settings, err
}

func TestDefaultsAreTheDocumentedOnes(t *testing.T) {
	t.Parallel()
	got, _, err := load(t, nil, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	want := config{
		Host: "127.0.0.1", Port: 8000,
		Limits:      limits{Sockets: 3000, SocketsPerOwner: 50, UploadQuotaMB: 2000, RequestsPerMinute: 600, TurnsPerMinute: 30},
		GeminiModel: "gemini-nano-banana-2.1", CloudLocation: "global", Generator: "demo",
		MaxConcurrentTurns: 4, MaxWaitingTurns: 200,
		MCPConfirmAboveUSD: 0.25, TurnTimeout: 5 * time.Minute,
		DatabasePath: "./data/image_chat.db", BlobDir: "./data/blobs", BackupInterval: 24 * time.Hour, BackupKeep: 7,
		DrainTimeout: time.Minute, DefaultLanguage: "ko", AppEnv: "development",
		LogLevel: slog.LevelInfo,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
}

func TestPrecedence(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		args       []string
		env        map[string]string
		dotenv     string
		wantPort   int
		wantSource source
	}{
		{"a flag beats everything", []string{"--port=1"}, map[string]string{"PORT": "2"}, "PORT=3", 1, fromFlag},
		{"the environment beats .env", nil, map[string]string{"PORT": "2"}, "PORT=3", 2, fromEnv},
		{".env beats the default", nil, nil, "PORT=3", 3, fromDotEnv},
		{"an empty variable counts as not set", nil, map[string]string{"PORT": ""}, "", 8000, fromDefault},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, all, err := load(t, test.args, test.env, test.dotenv)
			if err != nil {
				t.Fatal(err)
			}
			if got.Port != test.wantPort || all["PORT"].Source != test.wantSource {
				t.Errorf("got port %d from %s, want %d from %s", got.Port, all["PORT"].Source, test.wantPort, test.wantSource)
			}
		})
	}
}

func TestSettingsAreUnderstood(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		env  map[string]string
		got  func(config) any
		want any
	}{
		{"three slashes are a relative database", map[string]string{"DATABASE_URL": "sqlite:///x/y.db"}, func(c config) any { return c.DatabasePath }, "x/y.db"},
		{"four slashes are an absolute database", map[string]string{"DATABASE_URL": "sqlite:////data/y.db"}, func(c config) any { return c.DatabasePath }, "/data/y.db"},
		{"the earlier server's driver name is taken", map[string]string{"DATABASE_URL": "sqlite+aiosqlite:////data/y.db"}, func(c config) any { return c.DatabasePath }, "/data/y.db"},
		{"a file URL is absolute", map[string]string{"BLOB_URL": "file:///data/app/blobs"}, func(c config) any { return c.BlobDir }, "/data/app/blobs"},
		{"a file URL with a dot is relative", map[string]string{"BLOB_URL": "file:///./b"}, func(c config) any { return c.BlobDir }, "./b"},
		{"a file URL is unescaped", map[string]string{"BLOB_URL": "file:///my%20blobs"}, func(c config) any { return c.BlobDir }, "/my blobs"},
		{"a key turns Gemini on", map[string]string{"GEMINI_API_KEY": "k"}, func(c config) any { return c.Generator }, "gemini"},
		{"demo wins over a key when asked for", map[string]string{"GEMINI_API_KEY": "k", "GENERATOR": "demo"}, func(c config) any { return c.Generator }, "demo"},
		{"vertex needs no key", map[string]string{"GEMINI_BACKEND": "vertex", "GOOGLE_CLOUD_PROJECT": "p"}, func(c config) any { return c.Generator }, "gemini"},
		{"tokens turn the login on", map[string]string{"AUTH_TOKENS": "anna:0123456789ab, bo:ab:0123456789"}, func(c config) any { return c.Tokens },
			[]token{{"anna", secret.New("0123456789ab")}, {"bo", secret.New("ab:0123456789")}}},
		{"a public address with AUTH=none starts", map[string]string{"HOST": "0.0.0.0", "AUTH": "none"}, func(c config) any { return c.Login }, false},
		{"a public address with tokens asks for them", map[string]string{"HOST": "::", "AUTH_TOKENS": "anna:0123456789ab"}, func(c config) any { return c.Login }, true},
		{"a host may be a name", map[string]string{"HOST": "my-laptop.local", "AUTH": "none"}, func(c config) any { return c.address() }, "my-laptop.local:8000"},
		{"IPv6 loopback needs no login", map[string]string{"HOST": "::1"}, func(c config) any { return c.address() }, "[::1]:8000"},
		{"production logs JSON", map[string]string{"APP_ENV": "production"}, func(c config) any { return c.LogJSON }, true},
		{"production may log text", map[string]string{"APP_ENV": "production", "LOG_FORMAT": "text"}, func(c config) any { return c.LogJSON }, false},
		{"Python's level names are taken", map[string]string{"LOG_LEVEL": "WARNING"}, func(c config) any { return c.LogLevel }, slog.LevelWarn},
		{"proxies are addresses and networks", map[string]string{"TRUSTED_PROXIES": "10.1.2.3/8,192.168.1.7"}, func(c config) any { return c.TrustedProxies },
			[]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.168.1.7/32")}},
		{"origins are spelt as browsers do", map[string]string{"ALLOWED_ORIGINS": "https://App.Example.com:443,HTTP://b.example:80,http://c.example:8080,http://[::1]:80"}, func(c config) any { return c.AllowedOrigins },
			[]string{"https://app.example.com", "http://b.example", "http://c.example:8080", "http://[::1]"}},
		{"so is the public URL", map[string]string{"PUBLIC_URL": "HTTPS://Chat.Example.com:443/"}, func(c config) any { return c.PublicURL.String() }, "https://chat.example.com/"},
		{"reference hosts may have a star", map[string]string{"REFERENCE_URL_HOSTS": "*.Example.com"}, func(c config) any { return c.ReferenceURLHosts }, []string{"*.example.com"}},
		{"spaces around a value do not count", map[string]string{"PORT": " 9000 "}, func(c config) any { return c.Port }, 9000},
		{"user and group are read", map[string]string{"RUN_AS": "65532:65533"}, func(c config) any { return c.RunAs }, &ids{65532, 65533}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, _, err := load(t, nil, test.env, "")
			if err != nil {
				t.Fatal(err)
			}
			opt := cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })
			if diff := cmp.Diff(test.want, test.got(c), opt); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestBadSettingsStopTheStartWithOneLine(t *testing.T) {
	t.Parallel()
	const password = "hunter2-canary"
	tests := []struct {
		name     string
		env      map[string]string
		variable string
		contains string
	}{
		{"a port that is no number", map[string]string{"PORT": "80a"}, "PORT", "whole number"},
		{"a port beyond the range", map[string]string{"PORT": "65536"}, "PORT", "65535"},
		{"a public address without a login", map[string]string{"HOST": "0.0.0.0"}, "AUTH_TOKENS", "AUTH=none"},
		{"a host name is not trusted to be loopback", map[string]string{"HOST": "my-laptop"}, "AUTH_TOKENS", "strangers"},
		{"an empty host listens everywhere", map[string]string{"HOST": " "}, "AUTH_TOKENS", "strangers"},
		{"an address with a mistake", map[string]string{"HOST": "999.1.1.1"}, "HOST", "neither an address nor a host name"},
		{"an address with its port", map[string]string{"HOST": "localhost:8000"}, "HOST", "neither an address nor a host name"},
		{"AUTH=tokens without any", map[string]string{"AUTH": "tokens"}, "AUTH_TOKENS", "at least one"},
		{"a token without a name", map[string]string{"AUTH_TOKENS": password}, "AUTH_TOKENS", "item 1"},
		{"a token that can be guessed", map[string]string{"AUTH_TOKENS": "anna:short"}, "AUTH_TOKENS", "shorter than 12"},
		{"a name used twice", map[string]string{"AUTH_TOKENS": "a:" + password + ",a:" + password}, "AUTH_TOKENS", "twice"},
		{"one secret for two", map[string]string{"AUTH_TOKENS": "anna:" + password + ",bo:" + password}, "AUTH_TOKENS", "the secrets of anna and bo are the same"},
		{"an unknown auth mode", map[string]string{"AUTH": "off"}, "AUTH", "none of"},
		{"PostgreSQL is named as missing", map[string]string{"DATABASE_URL": "postgres://u:" + password + "@h/db"}, "DATABASE_URL", "PostgreSQL is not in this build"},
		{"S3 is named as missing", map[string]string{"BLOB_URL": "s3://bucket?endpoint=x"}, "BLOB_URL", "S3 is not in this build"},
		{"NATS is named as missing", map[string]string{"EVENTS_URL": "nats://u:" + password + "@h"}, "EVENTS_URL", "NATS is not in this build"},
		{"an unknown database", map[string]string{"DATABASE_URL": "mysql://u:" + password + "@h"}, "DATABASE_URL", "sqlite:///"},
		{"a database without slashes", map[string]string{"DATABASE_URL": "sqlite://x.db"}, "DATABASE_URL", "three slashes"},
		{"a database in memory", map[string]string{"DATABASE_URL": "sqlite:///:memory:"}, "DATABASE_URL", "lose"},
		{"a database that is a directory", map[string]string{"DATABASE_URL": "sqlite:///data/"}, "DATABASE_URL", "no file"},
		{"driver options smuggled into the database", map[string]string{"DATABASE_URL": "sqlite:///x.db?_pragma=writable_schema(1)"}, "DATABASE_URL", "?"},
		{"a NUL in the database", map[string]string{"DATABASE_URL": "sqlite:///x\x00.db"}, "DATABASE_URL", "control character"},
		{"a NUL escaped in the blob directory", map[string]string{"BLOB_URL": "file:///a%00b"}, "BLOB_URL", "control character"},
		{"the root as blob directory", map[string]string{"BLOB_URL": "file:///"}, "BLOB_URL", "directory"},
		{"a blob URL with a host", map[string]string{"BLOB_URL": "file://server/share"}, "BLOB_URL", "three slashes"},
		{"a broken escape", map[string]string{"BLOB_URL": "file:///a%zz"}, "BLOB_URL", "escape"},
		{"a negative budget", map[string]string{"DAILY_BUDGET_USD": "-1"}, "DAILY_BUDGET_USD", "0 or more"},
		{"a budget that is not a number", map[string]string{"SESSION_BUDGET_USD": "NaN"}, "SESSION_BUDGET_USD", "amount"},
		{"an infinite budget", map[string]string{"DAILY_BUDGET_USD": "Inf"}, "DAILY_BUDGET_USD", "amount"},
		{"a duration without unit", map[string]string{"TURN_TIMEOUT": "300"}, "TURN_TIMEOUT", "unit"},
		{"no turns at once", map[string]string{"MAX_CONCURRENT_TURNS": "0"}, "MAX_CONCURRENT_TURNS", "from 1"},
		{"a language we do not speak", map[string]string{"DEFAULT_LANGUAGE": "fr"}, "DEFAULT_LANGUAGE", "ko, en"},
		{"a level that is none", map[string]string{"LOG_LEVEL": "loud"}, "LOG_LEVEL", "debug"},
		{"a format that is none", map[string]string{"LOG_FORMAT": "xml"}, "LOG_FORMAT", "json"},
		{"Gemini without a key", map[string]string{"GENERATOR": "gemini"}, "GEMINI_API_KEY", "needs it"},
		{"Vertex without a project", map[string]string{"GEMINI_BACKEND": "vertex"}, "GOOGLE_CLOUD_PROJECT", "needs it"},
		{"a model id that is a path", map[string]string{"GEMINI_MODEL": "../../x"}, "GEMINI_MODEL", "model id"},
		{"an origin with a path", map[string]string{"ALLOWED_ORIGINS": "https://a.example/x"}, "ALLOWED_ORIGINS", "not an origin"},
		{"every origin", map[string]string{"ALLOWED_ORIGINS": "*"}, "ALLOWED_ORIGINS", "not an origin"},
		{"a base URL with a password", map[string]string{"GEMINI_BASE_URL": "https://u:" + password + "@h"}, "GEMINI_BASE_URL", "without user"},
		{"a public URL of another scheme", map[string]string{"PUBLIC_URL": "javascript:alert(1)"}, "PUBLIC_URL", "http"},
		{"a reference host that is an address", map[string]string{"REFERENCE_URL_HOSTS": "169.254.169.254:80"}, "REFERENCE_URL_HOSTS", "host name"},
		{"a reference host that is a bare address", map[string]string{"REFERENCE_URL_HOSTS": "93.184.216.34"}, "REFERENCE_URL_HOSTS", "is an address"},
		{"a reference host with a star in the middle", map[string]string{"REFERENCE_URL_HOSTS": "cdn.*.example.com"}, "REFERENCE_URL_HOSTS", "host name"},
		{"an origin in Hangul", map[string]string{"ALLOWED_ORIGINS": "https://예제.kr"}, "ALLOWED_ORIGINS", "xn--"},
		{"an origin with a star", map[string]string{"ALLOWED_ORIGINS": "https://*.example.com"}, "ALLOWED_ORIGINS", "no *"},
		{"a proxy that is none", map[string]string{"TRUSTED_PROXIES": "all"}, "TRUSTED_PROXIES", "network"},
		{"root as the user to become", map[string]string{"RUN_AS": "0:0"}, "RUN_AS", "uid:gid"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, _, err := load(t, nil, test.env, "")
			var bad *configError
			if !errors.As(err, &bad) {
				t.Fatalf("got error %v, want a configError", err)
			}
			line := err.Error()
			if bad.Variable != test.variable || !strings.Contains(line, test.contains) {
				t.Errorf("got %q, want it to blame %s and contain %q", line, test.variable, test.contains)
			}
			if strings.Contains(line, "\n") || strings.Contains(line, password) || bad.Example == "" {
				t.Errorf("%q: want one line with an example and without the password", line)
			}
		})
	}
}

func TestDotEnvThatCannotBeReadDoesNotShowItsLines(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, ".env"), []byte("GEMINI_API_KEY\"=canary-key\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	p := &program{Stdout: &bytes.Buffer{}, Stderr: &stderr, Dir: dir, Lookup: func(string) (string, bool) { return "", false }}
	if got := p.run([]string{"version"}); got != exitConfig {
		t.Errorf("exit code %d, want %d", got, exitConfig)
	}
	if s := stderr.String(); strings.Contains(s, "canary") || !strings.Contains(s, "PORT=8000") {
		t.Errorf("got %q, want an example and no key", s)
	}
}

// FuzzConfigURLs feeds hostile text to every URL setting: it must be refused
// in one line, or yield a path that stays what it says.
func FuzzConfigURLs(f *testing.F) {
	for _, seed := range []string{
		"sqlite:///./data/x.db", "sqlite:////abs.db", "sqlite+aiosqlite:///x", "postgres://u:p@h/d",
		"file:///./b", "file:///a%2e%2e/b", "file:///%00", "s3://b?endpoint=e", "memory:", "nats://h:4222",
		"https://user:pw@host/?q#f", "http://[::1]:80", "://", "sqlite:///:memory:", "file:////etc",
	} {
		f.Add(seed)
	}
	_, base, err := load(f, nil, nil, "")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, name := range []string{"DATABASE_URL", "BLOB_URL", "EVENTS_URL", "PUBLIC_URL", "GEMINI_BASE_URL", "ALLOWED_ORIGINS", "REFERENCE_URL_HOSTS"} {
			all := layered{}
			for k, v := range base {
				all[k] = v
			}
			s := all[name]
			s.Text = text
			all[name] = s
			c, err := parseConfig(all)
			if err != nil {
				if strings.ContainsAny(err.Error(), "\n\x00") {
					t.Errorf("%s: error of more than one line: %q", name, err)
				}
				continue
			}
			if strings.ContainsAny(c.DatabasePath, "\x00?#") || strings.ContainsAny(c.BlobDir, "\x00\n") || c.DatabasePath == "" || c.BlobDir == "" {
				t.Errorf("%s=%q gave database %q, blobs %q", name, text, c.DatabasePath, c.BlobDir)
			}
		}
	})
}
