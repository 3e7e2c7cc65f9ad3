package wire

import (
	"context"
	"sync"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// Places bounds the connections that stay open: sockets and event streams
// together, in all and for one caller, which is an owner or, where there are
// no logins, an address. Callers on this machine without a login have no bound
// of their own.
type Places struct {
	// OnRefused, if set before the first Take, is told of everyone who finds no place.
	OnRefused func()

	all, each int

	mu      sync.Mutex
	open    int
	callers map[string]int
}

// NewPlaces returns Places for so many connections in all (0 means 3000) and
// for one caller (0 means 50).
func NewPlaces(all, each int) *Places {
	if all <= 0 {
		all = 3000
	}
	if each <= 0 {
		each = 50
	}
	return &Places{all: all, each: each, callers: map[string]int{}}
}

// Take books a place for the caller of ctx, or fails with RateLimited, which
// is best answered with 503. leave gives it back and may be called again.
func (p *Places) Take(ctx context.Context) (leave func(), err error) {
	key := callerOf(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open >= p.all || (key != "" && p.callers[key] >= p.each) {
		if p.OnRefused != nil {
			p.OnRefused()
		}
		return nil, &imagechat.Error{Code: imagechat.RateLimited, Retryable: true, RetryAfter: 5 * time.Second}
	}
	p.open++
	p.callers[key]++
	return sync.OnceFunc(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.open--
		if p.callers[key]--; p.callers[key] == 0 {
			delete(p.callers, key)
		}
	}), nil
}

func callerOf(ctx context.Context) string {
	caller := CallerOf(ctx)
	if owner := imagechat.OwnerOf(ctx); owner != "" {
		return "owner " + string(owner)
	}
	if caller.Local {
		return ""
	}
	return "address " + caller.Address
}
