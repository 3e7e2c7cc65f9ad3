package httpauth_test

import (
	"context"
	"encoding/base64"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/httpauth"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/secret"
)

type clock struct{ now time.Time }

func (c *clock) read() time.Time { return c.now }

func tokens(t *testing.T, c *clock, pairs ...string) *httpauth.Tokens {
	t.Helper()
	var list []httpauth.Token
	for i := 0; i+1 < len(pairs); i += 2 {
		list = append(list, httpauth.Token{Name: pairs[i], Secret: secret.New(pairs[i+1])})
	}
	ts, err := httpauth.New(list, &httpauth.Options{Now: c.read})
	if err != nil {
		t.Fatal(err)
	}
	return ts
}

func owner(t *testing.T, ts *httpauth.Tokens, value string) imagechat.Owner {
	t.Helper()
	o, err := ts.Authenticate(t.Context(), value)
	if err != nil && !errors.Is(err, imagechat.Unauthorized) {
		t.Fatalf("Authenticate: %v, want Unauthorized", err)
	}
	return o
}

func TestOnlyARightSecretOpens(t *testing.T) {
	t.Parallel()
	ts := tokens(t, &clock{time.Now()}, "mina", "one-long-secret", "jun", "another-secret")
	for value, want := range map[string]imagechat.Owner{
		"one-long-secret": "mina", "another-secret": "jun", "": "", "one-long-secret\t": "", "ONE-LONG-SECRET": "", "mina": "", "v1.": "", "v1.x.y": "",
	} {
		if got := owner(t, ts, value); got != want {
			t.Errorf("%q: got %q, want %q", value, got, want)
		}
	}
}

func TestACookieLastsThirtyDaysAndOverRestarts(t *testing.T) {
	t.Parallel()
	c := &clock{time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)}
	value, expires, err := tokens(t, c, "mina", "one-long-secret").Issue(t.Context(), "one-long-secret")
	if err != nil || !expires.Equal(c.now.Add(30*24*time.Hour)) {
		t.Fatalf("got %v and %v", expires, err)
	}
	restarted := tokens(t, c, "jun", "another-secret", "mina", "one-long-secret")
	if got := owner(t, restarted, value); got != "mina" {
		t.Errorf("after a restart: got %q, want mina", got)
	}
	if got := owner(t, tokens(t, c, "mina", "a-new-secret!"), value); got != "" {
		t.Errorf("after the secret was changed: got %q, want nobody", got)
	}
	c.now = expires
	if got := owner(t, restarted, value); got != "" {
		t.Errorf("at its end: got %q, want nobody", got)
	}
}

func TestACookieThatWasChangedIsWorthless(t *testing.T) {
	t.Parallel()
	ts := tokens(t, &clock{time.Now()}, "mina", "one-long-secret", "jun", "another-secret")
	value, _, err := ts.Issue(t.Context(), "one-long-secret")
	if err != nil {
		t.Fatal(err)
	}
	payload, mac, _ := strings.Cut(strings.TrimPrefix(value, "v1."), ".")
	raw, err := base64.RawURLEncoding.DecodeString(payload)
	if err != nil {
		t.Fatal(err)
	}
	asJun := base64.RawURLEncoding.EncodeToString(append(raw[:24:24], "jun"...))
	later := append([]byte{0xff}, raw[1:]...)
	for name, forged := range map[string]string{
		"another owner":  "v1." + asJun + "." + mac,
		"a later end":    "v1." + base64.RawURLEncoding.EncodeToString(later) + "." + mac,
		"no signature":   "v1." + payload + ".",
		"half signature": "v1." + payload + "." + mac[:len(mac)/2],
	} {
		if got := owner(t, ts, forged); got != "" {
			t.Errorf("%s: got %q, want nobody", name, got)
		}
	}
}

func TestARevokedCookieIsWorthlessInEverySpelling(t *testing.T) {
	t.Parallel()
	ts := tokens(t, &clock{time.Now()}, "mina", "one-long-secret")
	value, _, err := ts.Issue(t.Context(), "one-long-secret")
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := ts.Issue(t.Context(), "one-long-secret")
	if err != nil {
		t.Fatal(err)
	}
	if err := ts.Revoke(t.Context(), value); err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]string{"itself": value, "with a line break in it": value[:10] + "\n" + value[10:]} {
		if got := owner(t, ts, v); got != "" {
			t.Errorf("%s: got %q, want nobody", name, got)
		}
	}
	if got := owner(t, ts, other); got != "mina" {
		t.Errorf("another browser's cookie: got %q, want mina", got)
	}
	if err := ts.Revoke(t.Context(), "v1.nonsense.x"); err != nil {
		t.Errorf("revoking what is worthless: %v", err)
	}
}

// kept is a Revocations in memory, which outlives Tokens as a database does.
type kept struct {
	ends  map[string]time.Time
	reads int
	err   error
}

func (k *kept) RevokeLogin(_ context.Context, id string, until, _ time.Time) error {
	if k.err == nil {
		k.ends[id] = until
	}
	return k.err
}

func (k *kept) RevokedLogins(context.Context, time.Time) (map[string]time.Time, error) {
	k.reads++
	return maps.Clone(k.ends), k.err
}

func TestARevocationOutlivesTheProcess(t *testing.T) {
	t.Parallel()
	store := &kept{ends: map[string]time.Time{}}
	start := func() *httpauth.Tokens {
		ts, err := httpauth.New([]httpauth.Token{{Name: "mina", Secret: secret.New("one-long-secret")}}, &httpauth.Options{Revocations: store})
		if err != nil {
			t.Fatal(err)
		}
		return ts
	}
	issue := func(ts *httpauth.Tokens) string {
		value, _, err := ts.Issue(t.Context(), "one-long-secret")
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
	first := start()
	here, there := issue(first), issue(first)
	if err := first.Revoke(t.Context(), here); err != nil {
		t.Fatal(err)
	}
	second := start()
	store.reads = 0
	for range 10 { // what is kept is read once, and not for each request
		if got := owner(t, second, here); got != "" {
			t.Errorf("the revoked cookie after a restart: got %q, want nobody", got)
		}
		if got := owner(t, second, there); got != "mina" {
			t.Errorf("another browser's cookie after a restart: got %q, want mina", got)
		}
	}
	if store.reads != 1 {
		t.Errorf("read %d times, want once", store.reads)
	}
}

func TestWhatCannotBeKeptIsNotCalledRevoked(t *testing.T) {
	t.Parallel()
	store := &kept{ends: map[string]time.Time{}}
	ts, err := httpauth.New([]httpauth.Token{{Name: "mina", Secret: secret.New("one-long-secret")}}, &httpauth.Options{Revocations: store})
	if err != nil {
		t.Fatal(err)
	}
	value, _, err := ts.Issue(t.Context(), "one-long-secret")
	if err != nil {
		t.Fatal(err)
	}
	// While it cannot be known what was revoked, no cookie opens; a secret does.
	store.err = imagechat.StorageUnavailable
	if _, err := ts.Authenticate(t.Context(), value); !errors.Is(err, imagechat.StorageUnavailable) {
		t.Errorf("a cookie while the store cannot be read: got %v, want StorageUnavailable", err)
	}
	if got := owner(t, ts, "one-long-secret"); got != "mina" {
		t.Errorf("a secret while the store cannot be read: got %q, want mina", got)
	}
	store.err = imagechat.StorageFull
	if err := ts.Revoke(t.Context(), value); !errors.Is(err, imagechat.StorageFull) {
		t.Errorf("revoking on a full disk: got %v, want StorageFull", err)
	}
	store.err = nil
	if got := owner(t, ts, value); got != "mina" {
		t.Errorf("after a revocation that failed: got %q, want mina, who can try again", got)
	}
}

func TestTokensNeedNamesAndSecrets(t *testing.T) {
	t.Parallel()
	for name, list := range map[string][]httpauth.Token{
		"no name":      {{Secret: secret.New("x")}},
		"no secret":    {{Name: "mina"}},
		"a name twice": {{Name: "mina", Secret: secret.New("x")}, {Name: "mina", Secret: secret.New("y")}},
		"one for two":  {{Name: "mina", Secret: secret.New("canary")}, {Name: "jun", Secret: secret.New("canary")}},
	} {
		if _, err := httpauth.New(list, nil); err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: got %v, want an error without the secret", name, err)
		}
	}
}
