package humaapi

import (
	"crypto/sha256"
	"sync"
)

// maxTried bounds what is remembered of credentials: 32 bytes and a little each.
const maxTried = 20_000

// tried remembers which credentials were right or wrong at which address, by
// their hashes. It decides nothing but who is asked to wait.
type tried struct {
	mu       sync.Mutex
	outcomes map[[sha256.Size]byte]bool
}

func newTried() *tried { return &tried{outcomes: map[[sha256.Size]byte]bool{}} }

// of names one credential at one address.
func (t *tried) of(address, secret string) [sha256.Size]byte {
	return sha256.Sum256([]byte(address + "\x00" + secret))
}

func (t *tried) outcome(attempt [sha256.Size]byte) (right, known bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	right, known = t.outcomes[attempt]
	return right, known
}

// keep remembers an outcome. Of a flood nothing is remembered but its end.
func (t *tried) keep(attempt [sha256.Size]byte, right bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.outcomes) >= maxTried {
		clear(t.outcomes)
	}
	t.outcomes[attempt] = right
}
