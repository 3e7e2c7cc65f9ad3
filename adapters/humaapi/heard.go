package humaapi

import (
	"crypto/sha256"
	"sync"
)

// maxHeard bounds what is remembered of credentials: 32 bytes and a little each.
const maxHeard = 20_000

// heard remembers which credentials were checked at which address, by their
// hashes. It decides nothing but who is asked to wait.
type heard struct {
	mu  sync.Mutex
	set map[[sha256.Size]byte]struct{}
}

func newHeard() *heard { return &heard{set: map[[sha256.Size]byte]struct{}{}} }

func hashCredential(address, secret string) [sha256.Size]byte {
	return sha256.Sum256([]byte(address + "\x00" + secret))
}

func (h *heard) has(address, secret string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, ok := h.set[hashCredential(address, secret)]
	return ok
}

// add remembers a credential. When there are too many, all are forgotten.
func (h *heard) add(address, secret string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.set) >= maxHeard {
		clear(h.set)
	}
	h.set[hashCredential(address, secret)] = struct{}{}
}
