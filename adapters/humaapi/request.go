package humaapi

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"net/netip"
	"regexp"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// RequestIDHeader names a request in the answer and in the log.
const RequestIDHeader = "X-Request-Id"

type (
	noteKey   struct{}
	secretKey struct{}
)

// note is what a request's handlers leave for its line in the log.
type note struct {
	id      string
	address netip.Addr // the client's
	code    imagechat.Code
	err     error
}

var wellFormedID = regexp.MustCompile(`^[A-Za-z0-9_-]{8,64}$`)

// withNote gives the request an id: the client's own where it is well
// formed, so that a chain of services shares one.
func withNote(r *http.Request) (*http.Request, *note) {
	n := &note{id: r.Header.Get(RequestIDHeader)}
	if !wellFormedID.MatchString(n.id) {
		var b [8]byte
		_, _ = rand.Read(b[:]) // never fails since Go 1.24
		n.id = hex.EncodeToString(b[:])
	}
	return r.WithContext(context.WithValue(r.Context(), noteKey{}, n)), n
}

func requestIDOf(ctx context.Context) string {
	if n, ok := ctx.Value(noteKey{}).(*note); ok {
		return n.id
	}
	return ""
}

// noteFailure keeps what went wrong for the request log, which is the one
// place that tells the cause.
func noteFailure(ctx context.Context, code imagechat.Code, err error) {
	if n, ok := ctx.Value(noteKey{}).(*note); ok {
		n.code, n.err = code, err
	}
}
