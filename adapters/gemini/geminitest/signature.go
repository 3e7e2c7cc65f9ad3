package geminitest

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"math/rand/v2"
)

// Thought signatures here are what the API's look like from outside: opaque,
// incompressible, bound to one model and to the part they came with. They are
// made from the part, so that a stand-in started anew still knows its own.

const (
	// TextSignatureBytes is the size of a text part's signature, to keep tests
	// quick: a recorded one has 0.8 MB.
	TextSignatureBytes = 1024
	// signatureKey is no secret: it only keeps others from signing by chance.
	signatureKey = "geminitest thought signature"
)

// sign makes the signature of a part's content.
func sign(model, kind string, content []byte, size int) []byte {
	mac := hmac.New(sha256.New, []byte(signatureKey))
	mac.Write([]byte(model + "\x00" + kind + "\x00"))
	mac.Write(content)
	sum := mac.Sum(nil)
	out := make([]byte, max(size, len(sum)))
	_, _ = rand.NewChaCha8([32]byte(sum)).Read(out[copy(out, sum):])
	return out
}

// signed reports whether signature is the one this stand-in gave to the part,
// whatever size it was told to make it.
func signed(model, kind string, content, signature []byte) bool {
	return len(signature) >= sha256.Size && bytes.Equal(signature, sign(model, kind, content, len(signature)))
}
