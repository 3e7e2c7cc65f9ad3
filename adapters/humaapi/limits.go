package humaapi

import (
	"cmp"
	"maps"
	"math"
	"net/netip"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// Limits bounds what one caller may do: an owner, or an address where there
// are no logins. A caller on this machine has none while there are no logins.
type Limits struct {
	// RequestsPerMinute bounds requests; 0 is no limit. A third of it may
	// come at once.
	RequestsPerMinute int
	// TurnsPerMinute bounds turns; 0 is no limit. Half of it may come at once.
	TurnsPerMinute int
	// WrongLogins is how many wrong tokens one address may try at once, and
	// then one every ten seconds; 0 means 10.
	WrongLogins int
}

// maxBuckets bounds the memory of one kind of limit, at about 100 bytes each.
const maxBuckets = 20_000

// buckets is one token bucket for each key.
type buckets struct {
	limit rate.Limit
	burst int
	now   func() time.Time

	mu sync.Mutex
	m  map[string]*rate.Limiter
}

// newBuckets returns nil, which allows everything, where there is no limit.
func newBuckets(perMinute float64, burst int, now func() time.Time) *buckets {
	if perMinute <= 0 {
		return nil
	}
	return &buckets{limit: rate.Limit(perMinute / 60), burst: max(burst, 1), now: now, m: map[string]*rate.Limiter{}}
}

func (b *buckets) of(key string) *rate.Limiter {
	l, ok := b.m[key]
	if !ok {
		if len(b.m) >= maxBuckets {
			b.forget()
		}
		l = rate.NewLimiter(b.limit, b.burst)
		b.m[key] = l
	}
	return l
}

// forget drops the buckets that are full again, which say nothing. If a flood
// of addresses leaves too many, the fuller half goes: those who are near their
// limit stay limited, or a flood would be a way to guess on.
func (b *buckets) forget() {
	now := b.now()
	for key, l := range b.m {
		if l.TokensAt(now) >= float64(b.burst) {
			delete(b.m, key)
		}
	}
	if len(b.m) < maxBuckets {
		return
	}
	keys := slices.Collect(maps.Keys(b.m))
	slices.SortFunc(keys, func(x, y string) int { return cmp.Compare(b.m[y].TokensAt(now), b.m[x].TokensAt(now)) })
	for _, key := range keys[:len(keys)/2] {
		delete(b.m, key)
	}
}

// take takes one from key's bucket, or fails with RateLimited and the wait.
func (b *buckets) take(key string) error {
	if b == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	l, now := b.of(key), b.now()
	if l.AllowN(now, 1) {
		return nil
	}
	return b.refusal(l, now)
}

// peek fails like take where the bucket is empty, and takes nothing.
func (b *buckets) peek(key string) error {
	if b == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	l, now := b.of(key), b.now()
	if l.TokensAt(now) >= 1 {
		return nil
	}
	return b.refusal(l, now)
}

func (b *buckets) refusal(l *rate.Limiter, now time.Time) error {
	missing := 1 - l.TokensAt(now)
	wait := time.Duration(math.Ceil(missing / float64(b.limit) * float64(time.Second)))
	return &imagechat.Error{Code: imagechat.RateLimited, Retryable: true, RetryAfter: max(wait, time.Second)}
}

// addressKey is the address that limits count: of IPv6 the network, since
// one household has 2^64 addresses.
func addressKey(a netip.Addr) string {
	if a.Is6() && !a.Is4In6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.Unmap().String()
}

// guessKey is the address that guesses are counted for. Whoever has a network
// of IPv6 of their own has a /48, which is 65,536 of those that addressKey counts.
func guessKey(a netip.Addr) string {
	if a.Is6() && !a.Is4In6() {
		if p, err := a.Prefix(48); err == nil {
			return p.String()
		}
	}
	return a.Unmap().String()
}
