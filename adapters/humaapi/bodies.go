package humaapi

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"golang.org/x/sync/semaphore"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// A JSON body is held whole, and again in parts, while it is validated and
// read: about four times its size. So bodies share an allowance by their
// size, and whoever finds none waits before the first byte is read.
const (
	// bodiesAtOnce is for the usual routes, whose bodies have 1 MiB at most,
	// and largeBodiesAtOnce for those that take a picture: two of the largest.
	bodiesAtOnce      = 16 << 20
	largeBodiesAtOnce = 2 * dataURLBody
	// smallBody is not counted.
	smallBody = 64 << 10
	// bodyPatience is how long a request waits for its share.
	bodyPatience = 20 * time.Second
)

type bodies struct {
	usual, large *semaphore.Weighted
	patience     time.Duration
}

func newBodies() *bodies {
	return &bodies{semaphore.NewWeighted(bodiesAtOnce), semaphore.NewWeighted(largeBodiesAtOnce), bodyPatience}
}

type bodyKey struct{}

// bodyIsRead gives the share of the request of ctx back before its handler
// ends. The handler must hold nothing of the body any more.
func bodyIsRead(ctx context.Context) {
	if release, ok := ctx.Value(bodyKey{}).(func()); ok {
		release()
	}
}

// admit is a middleware that lets huma read a body when there is room for it.
func (b *bodies) admit(ctx huma.Context, next func(huma.Context)) {
	op := ctx.Operation()
	r, w := humago.Unwrap(ctx)
	size := r.ContentLength
	if op.RequestBody == nil || op.RequestBody.Content["application/json"] == nil || (size >= 0 && size <= smallBody) {
		next(ctx)
		return
	}
	most, room := op.MaxBodyBytes, b.usual
	if most > bodiesAtOnce/2 {
		room = b.large
	}
	if size < 0 || size > most { // unknown, or cut off there
		size = most
	}
	waiting, cancel := context.WithTimeout(r.Context(), b.patience)
	err := room.Acquire(waiting, size)
	cancel()
	if err != nil {
		busy := &imagechat.Error{Code: imagechat.RateLimited, Retryable: true, RetryAfter: bodyPatience / 2, Err: err}
		writeProblem(w, r, busy, http.StatusServiceUnavailable)
		return
	}
	release := sync.OnceFunc(func() { room.Release(size) })
	defer release()
	next(huma.WithValue(ctx, bodyKey{}, release))
}
