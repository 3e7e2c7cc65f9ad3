package humaapi

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// Issuer is implemented by an Authenticator that gives out logins of its own
// instead of keeping the secret in the browser.
type Issuer interface {
	// Issue returns a value that Authenticate accepts in place of the
	// secret until it expires.
	Issue(ctx context.Context, secret string) (value string, expires time.Time, err error)
	// Revoke makes a value that was issued worthless at once.
	Revoke(ctx context.Context, value string) error
}

// loginLifetime is how long a browser keeps a login that says nothing of its own end.
const loginLifetime = 30 * 24 * time.Hour

// LoginRequest gives a token in exchange for a cookie.
type LoginRequest struct {
	Token string `json:"token" minLength:"1" maxLength:"500" doc:"The secret of AUTH_TOKENS" example:"correct-horse-battery-staple"`
}

type loginInput struct{ Body LoginRequest }

// cookieAnswer sets a cookie and says nothing else.
type cookieAnswer struct {
	SetCookie string `header:"Set-Cookie" doc:"HttpOnly, SameSite=Lax, Secure over HTTPS"`
}

func (ops *operations) registerLogin(api huma.API) {
	add(api, huma.Operation{
		OperationID: "login", Method: http.MethodPost, Path: base + "/login", DefaultStatus: http.StatusNoContent, Security: open,
		Tags: []string{"login"}, Summary: "Log a browser in",
		Description: "Programs need no login: they send Authorization: Bearer SECRET.",
		Errors:      with(http.StatusBadRequest, http.StatusRequestEntityTooLarge), MaxBodyBytes: 8 << 10,
		Metadata: map[string]any{readsOnly: true},
	}, ops.login, withRequest)
	add(api, huma.Operation{
		OperationID: "logout", Method: http.MethodPost, Path: base + "/logout", DefaultStatus: http.StatusNoContent,
		Tags: []string{"login"}, Summary: "Log this browser out, here and in its open sockets",
	}, ops.logout, withRequest)
}

func (ops *operations) login(ctx context.Context, in *loginInput) (*cookieAnswer, error) {
	r := ctx.Value(exchangeKey{}).(exchange).r
	if ops.o.Auth == nil { // nothing to log in to; older pages may still try
		return &cookieAnswer{}, nil
	}
	token := strings.TrimSpace(in.Body.Token) // what is pasted brings white space along
	if err := ops.guard.login(ctx, r, token); err != nil {
		return nil, err
	}
	value, expires := token, ops.now().Add(loginLifetime)
	if issuer, ok := ops.o.Auth.(Issuer); ok {
		var err error
		if value, expires, err = issuer.Issue(ctx, token); err != nil {
			return nil, err
		}
	}
	ops.guard.welcome(r, value)
	return &cookieAnswer{SetCookie: ops.cookie(r, value, expires).String()}, nil
}

func (ops *operations) logout(ctx context.Context, _ *struct{}) (*cookieAnswer, error) {
	r := ctx.Value(exchangeKey{}).(exchange).r
	if issuer, ok := ops.o.Auth.(Issuer); ok {
		for _, value := range ops.guard.cookies(r) {
			if err := issuer.Revoke(ctx, value); err != nil {
				return nil, err
			}
		}
	}
	ops.o.Logger.InfoContext(ctx, "logout", "request", requestIDOf(ctx), "owner", imagechat.OwnerOf(ctx), "address", ops.guard.address(r))
	if ops.o.OnLogout != nil {
		ops.o.OnLogout()
	}
	gone := ops.cookie(r, "", time.Unix(1, 0))
	gone.MaxAge = -1
	return &cookieAnswer{SetCookie: gone.String()}, nil
}

func (ops *operations) cookie(r *http.Request, value string, expires time.Time) *http.Cookie {
	return &http.Cookie{
		Name: ops.guard.cookieName(r), Value: value, Path: "/", Expires: expires.UTC(),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: ops.guard.secure(r),
	}
}
