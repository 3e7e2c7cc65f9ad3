package wire

import (
	"context"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// Caller is what the HTTP side knows of whoever made a request and long
// connections need later. It travels in the request's context, so that the
// socket's side need not know the REST side.
type Caller struct {
	// RequestID names the request, and so the connection, in the log.
	RequestID string
	// Address is the client's network address, "" when it is not known.
	Address string
	// Local: the client is on this machine and needs no limits.
	Local bool
	// AllowRequest takes one request from the caller's allowance, or fails
	// with RateLimited: for what turns out to be more work than it seemed when
	// it was let in. It is never nil.
	AllowRequest func() error
	// AllowTurn takes one turn from the caller's allowance, or fails with
	// RateLimited. It is never nil.
	AllowTurn func() error
	// Recheck tells whether the login still holds. It is never nil.
	Recheck func(ctx context.Context) error
}

// Submit takes a turn in for the caller. One that was taken in before is no
// new one: it is answered even when the allowance is used up, so that a client
// that asks again after a broken line is not told that its turn was refused.
func (c *Caller) Submit(ctx context.Context, svc *imagechat.Service, id imagechat.SessionID, r imagechat.TurnRequest, key string) (*imagechat.Submission, error) {
	if refused := c.AllowTurn(); refused != nil {
		known, err := svc.Replay(ctx, id, r, key)
		if known == nil && err == nil {
			err = refused
		}
		return known, err
	}
	return svc.Submit(ctx, id, r, key)
}

type callerKey struct{}

// WithCaller keeps c in ctx.
func WithCaller(ctx context.Context, c *Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// CallerOf returns the caller of ctx; without one, a caller that may do
// everything, as in a program that mounts the handlers itself.
func CallerOf(ctx context.Context) *Caller {
	if c, ok := ctx.Value(callerKey{}).(*Caller); ok {
		return c
	}
	return &Caller{
		Local: true, AllowRequest: func() error { return nil }, AllowTurn: func() error { return nil },
		Recheck: func(context.Context) error { return nil },
	}
}
