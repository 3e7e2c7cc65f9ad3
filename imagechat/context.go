package imagechat

import "context"

type ctxKey int

const (
	ownerKey ctxKey = iota
	langKey
	requestKey
)

// WithOwner says on whose behalf the calls made with ctx act. Without it
// they act for the empty owner.
func WithOwner(ctx context.Context, o Owner) context.Context {
	return context.WithValue(ctx, ownerKey, o)
}

// OwnerOf returns the owner that ctx acts for.
func OwnerOf(ctx context.Context) Owner {
	o, _ := ctx.Value(ownerKey).(Owner)
	return o
}

// WithLang says which language the person reads.
func WithLang(ctx context.Context, l Lang) context.Context {
	return context.WithValue(ctx, langKey, l)
}

// LangOf returns the language that ctx carries, or the empty Lang.
func LangOf(ctx context.Context) Lang {
	l, _ := ctx.Value(langKey).(Lang)
	return l
}

// WithRequestID names the request that ctx belongs to, for the log lines and
// reports of what comes of it.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestKey, id)
}

// RequestIDOf returns the id of the request that ctx belongs to, or "".
func RequestIDOf(ctx context.Context) string {
	id, _ := ctx.Value(requestKey).(string)
	return id
}

// Authenticator tells who a caller is. Servers call it for every request;
// a program that embeds the library brings its own users this way.
type Authenticator interface {
	// Authenticate returns the owner that a bearer secret or cookie value
	// stands for, or an error that wraps Unauthorized. It compares in
	// constant time and is safe for concurrent use.
	Authenticate(ctx context.Context, secret string) (Owner, error)
}
