// Package httpauth is the login of a server: tokens that its operator gave
// out by name, and the cookies that browsers get for them.
package httpauth

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/secret"
)

// Token is one login: its name owns the sessions made with it.
type Token struct {
	Name   string
	Secret secret.Value
}

// cookiePrefix tells a cookie's value from a token's secret.
const cookiePrefix = "v1."

// Lifetime is how long a browser's login lasts.
const Lifetime = 30 * 24 * time.Hour

// Revocations keeps what was revoked for the processes to come. Its methods
// are safe for concurrent use.
type Revocations interface {
	// RevokeLogin keeps a login's id until its end, durably. It may forget
	// those whose end is not after now.
	RevokeLogin(ctx context.Context, id string, until, now time.Time) error
	// RevokedLogins returns what is kept and not over, with its end.
	RevokedLogins(ctx context.Context, now time.Time) (map[string]time.Time, error)
}

// Options tunes Tokens. The zero value, and nil, mean the defaults.
type Options struct {
	Now func() time.Time // the clock; nil means time.Now
	// Revocations, if not nil, lets a logout outlive the process.
	Revocations Revocations
}

// Tokens is an imagechat.Authenticator over a fixed list of tokens. It is
// safe for concurrent use.
//
// A cookie is name, expiry and nonce under an HMAC whose key comes from the
// token's secret: it survives a restart, needs no table, tells nothing of
// the secret, and dies when the secret is changed. What is kept is only
// which cookies were revoked; it is read once, and then looked up in memory.
type Tokens struct {
	now    func() time.Time
	kept   Revocations // nil without
	logins []login

	mu      sync.Mutex
	revoked map[string]time.Time // id to expiry; nil until what is kept was read
}

type login struct {
	owner  imagechat.Owner
	secret [sha256.Size]byte // hash, so that lengths cannot be told apart
	key    [sha256.Size]byte // of cookies
}

// New takes the tokens.
func New(tokens []Token, o *Options) (*Tokens, error) {
	if o == nil {
		o = &Options{}
	}
	t := &Tokens{now: o.Now, kept: o.Revocations}
	if t.now == nil {
		t.now = time.Now
	}
	seen, holder := map[string]bool{}, map[string]string{}
	for _, tok := range tokens {
		if tok.Name == "" || tok.Secret.IsZero() || seen[tok.Name] {
			return nil, errors.New("httpauth: tokens need names, each its own, and secrets")
		}
		// Whoever comes with it would be one of the two, by chance.
		if other, taken := holder[tok.Secret.Reveal()]; taken {
			return nil, fmt.Errorf("httpauth: the secrets of %s and %s are the same", other, tok.Name)
		}
		seen[tok.Name], holder[tok.Secret.Reveal()] = true, tok.Name
		t.logins = append(t.logins, login{
			owner:  imagechat.Owner(tok.Name),
			secret: sha256.Sum256([]byte(tok.Secret.Reveal())),
			key:    sha256.Sum256([]byte("imagechat cookie\x00" + tok.Secret.Reveal())),
		})
	}
	return t, nil
}

// Authenticate returns the owner of a secret or of a cookie's value. While it
// cannot be known what was revoked, cookies are refused with the store's error.
func (t *Tokens) Authenticate(ctx context.Context, value string) (imagechat.Owner, error) {
	owner, err := t.AuthenticateCookie(ctx, value)
	if !errors.Is(err, imagechat.Unauthorized) {
		return owner, err
	}
	if l := t.find(value); l != nil {
		return l.owner, nil
	}
	return "", imagechat.Unauthorized
}

// AuthenticateCookie is Authenticate for what Issue gave out, and for no secret.
func (t *Tokens) AuthenticateCookie(ctx context.Context, value string) (imagechat.Owner, error) {
	if strings.HasPrefix(value, cookiePrefix) {
		if c, ok := t.cookie(value); ok {
			gone, err := t.isRevoked(ctx, c.id)
			if err != nil {
				return "", err
			}
			if !gone {
				return c.login.owner, nil
			}
		}
	}
	return "", imagechat.Unauthorized
}

// find compares with every token, always, so that the time taken tells nothing.
func (t *Tokens) find(value string) *login {
	sum := sha256.Sum256([]byte(value))
	var found *login
	for i := range t.logins {
		if subtle.ConstantTimeCompare(sum[:], t.logins[i].secret[:]) == 1 {
			found = &t.logins[i]
		}
	}
	return found
}

// Issue returns a cookie's value for a secret.
func (t *Tokens) Issue(_ context.Context, value string) (string, time.Time, error) {
	l := t.find(value)
	if l == nil {
		return "", time.Time{}, imagechat.Unauthorized
	}
	expires := t.now().Add(Lifetime).Truncate(time.Second)
	payload := make([]byte, 8+16, 8+16+len(l.owner))
	binary.BigEndian.PutUint64(payload, uint64(expires.Unix()))
	_, _ = rand.Read(payload[8:]) // never fails since Go 1.24
	payload = append(payload, l.owner...)
	return cookiePrefix + encode(payload) + "." + encode(sign(l, payload)), expires, nil
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func sign(l *login, payload []byte) []byte {
	m := hmac.New(sha256.New, l.key[:])
	m.Write(payload)
	return m.Sum(nil)
}

// cookie is a cookie's value, taken apart.
type cookie struct {
	login   *login
	id      string // what revocation goes by: a hash of what was signed, as one value has several spellings in base64
	expires time.Time
}

// cookie checks a cookie's value, but for its revocation.
func (t *Tokens) cookie(value string) (cookie, bool) {
	head, tail, ok := strings.Cut(strings.TrimPrefix(value, cookiePrefix), ".")
	payload, err1 := base64.RawURLEncoding.DecodeString(head)
	mac, err2 := base64.RawURLEncoding.DecodeString(tail)
	if !ok || err1 != nil || err2 != nil || len(payload) < 24 {
		return cookie{}, false
	}
	for i := range t.logins {
		l := &t.logins[i]
		if string(l.owner) != string(payload[24:]) || !hmac.Equal(mac, sign(l, payload)) {
			continue
		}
		expires := time.Unix(int64(binary.BigEndian.Uint64(payload)), 0)
		id := sha256.Sum256(payload)
		return cookie{login: l, id: hex.EncodeToString(id[:]), expires: expires}, t.now().Before(expires)
	}
	return cookie{}, false
}

func (t *Tokens) isRevoked(ctx context.Context, id string) (bool, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.load(ctx); err != nil {
		return false, err
	}
	_, gone := t.revoked[id]
	return gone, nil
}

// load reads what is kept, once. The lock is held.
func (t *Tokens) load(ctx context.Context) error {
	if t.revoked != nil {
		return nil
	}
	revoked := map[string]time.Time{}
	if t.kept != nil {
		var err error
		// Others wait for this, so it does not end with the one that asked first.
		if revoked, err = t.kept.RevokedLogins(context.WithoutCancel(ctx), t.now()); err != nil {
			return fmt.Errorf("httpauth: read what was revoked: %w", err)
		}
	}
	t.revoked = revoked
	return nil
}

// Revoke makes a cookie's value worthless at once and, where revocations are
// kept, for good. When keeping it fails, it is not revoked.
func (t *Tokens) Revoke(ctx context.Context, value string) error {
	c, ok := t.cookie(value)
	if !ok {
		return nil // worthless already
	}
	now := t.now()
	if t.kept != nil {
		if err := t.kept.RevokeLogin(ctx, c.id, c.expires, now); err != nil {
			return fmt.Errorf("httpauth: revoke: %w", err)
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.load(ctx); err != nil {
		return err
	}
	for id, end := range t.revoked {
		if !now.Before(end) {
			delete(t.revoked, id)
		}
	}
	t.revoked[c.id] = c.expires
	return nil
}
