package wire

import "context"

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
	// AllowTurn takes one turn from the caller's allowance, or fails with
	// RateLimited. It is never nil.
	AllowTurn func() error
	// Recheck tells whether the login still holds. It is never nil.
	Recheck func(ctx context.Context) error
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
		Local: true, AllowTurn: func() error { return nil },
		Recheck: func(context.Context) error { return nil },
	}
}
