// Package imagechatclient is a thin Go client of a Gemini Image Chat server.
//
// client_gen.go is generated from openapi/openapi.yaml; this file adds what
// a generator can't: pages and events as iterators, and problems as errors.
//
//	c, err := imagechatclient.New("http://127.0.0.1:8000", &imagechatclient.Options{Token: secret})
//	session, err := c.StartSession(ctx, imagechatclient.CreateSessionRequest{ImagePurpose: "banner_web"})
//	reply, err := c.Run(ctx, session.ID, imagechatclient.TurnRequest{Content: "…"}, nil)
//	name, err := c.Export(ctx, reply.Images[0].ID, imagechatclient.ExportImageParams{Purpose: &purpose}, file)
//	for frame, err := range c.Events(ctx, session.ID, 0) { … }
package imagechatclient

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"strings"
	"time"
)

//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2 -config oapi-codegen.yaml ../openapi.yaml

// Options tunes a Connection; nil means the defaults.
type Options struct {
	// Token is the bearer secret of servers with a login.
	Token string
	// Language of the texts for people: "ko" or "en"; empty: the server's.
	Language string
	// HTTPClient must not time out while events are followed; nil means http.DefaultClient.
	HTTPClient *http.Client
	// MaxRetries is how often a request that is safe to repeat (GET, HEAD, and
	// any with an Idempotency-Key) is repeated after a lost connection, a 429 or
	// a 503, as Retry-After says. 0 means 2, negative never.
	MaxRetries int
	// OnAttempt, if set, is told of every try of every request, for logs.
	OnAttempt func(Attempt)
}

// Attempt is one try of a request. Response is nil when no answer came; its
// body is not to be read.
type Attempt struct {
	Request  *http.Request
	Number   int // 1 for the first try
	Duration time.Duration
	Response *http.Response
	Err      error
}

// Connection is a client with iterators on top of the generated methods. It
// is safe for concurrent use.
type Connection struct {
	*ClientWithResponses
}

// New makes a client of the server at baseURL, such as "https://studio.example".
func New(baseURL string, o *Options) (*Connection, error) {
	var v Options
	if o != nil {
		v = *o
	}
	if v.HTTPClient == nil {
		v.HTTPClient = http.DefaultClient
	}
	if v.MaxRetries == 0 {
		v.MaxRetries = 2
	}
	c, err := NewClientWithResponses(strings.TrimSuffix(baseURL, "/"), WithHTTPClient(&transport{v.HTTPClient, v.MaxRetries, v.OnAttempt}),
		WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
			if v.Token != "" {
				r.Header.Set("Authorization", "Bearer "+v.Token)
			}
			if v.Language != "" {
				r.Header.Set("Accept-Language", v.Language)
			}
			return nil
		}))
	if err != nil {
		return nil, err
	}
	return &Connection{c}, nil
}

// APIError is a problem that the server explained. Status is the HTTP status,
// or 0 where it is why a turn failed.
type APIError struct {
	Status  int
	Problem Problem
}

// Error implements error: the sentence for people, with the stable code.
func (e *APIError) Error() string { return fmt.Sprintf("%s: %s", e.Problem.Code, e.Problem.Detail) }

// Check turns a failed answer of a generated method into an *APIError:
//
//	r, err := c.GetTurnWithResponse(ctx, id)
//	err = imagechatclient.Check(r.HTTPResponse, r.Body, err)
func Check(r *http.Response, body []byte, err error) error {
	if err != nil {
		return err
	}
	if r.StatusCode < 400 {
		return nil
	}
	e := &APIError{Status: r.StatusCode}
	if p, ok := problemOf(body); ok {
		e.Problem = p
	} else {
		e.Problem = Problem{Code: ErrorCodeInternal, Detail: r.Status, Title: r.Status, Retryable: r.StatusCode >= 500}
	}
	return e
}

// Sessions walks all sessions that p describes, newest first, page by page.
func (c *Connection) Sessions(ctx context.Context, p ListSessionsParams) iter.Seq2[Session, error] {
	return pages(func(cursor *string) ([]Session, *string, error) {
		if cursor != nil {
			p.Cursor = cursor
		}
		r, err := c.ListSessionsWithResponse(ctx, &p)
		if err != nil {
			return nil, nil, err
		}
		if err := Check(r.HTTPResponse, r.Body, nil); err != nil {
			return nil, nil, err
		}
		if r.JSON200 == nil {
			return nil, nil, fmt.Errorf("%w: HTTP %d without a page", ErrNotTheServer, r.StatusCode())
		}
		return r.JSON200.Sessions, r.JSON200.NextCursor, nil
	})
}

// Images walks all pictures that p describes, newest first, page by page.
func (c *Connection) Images(ctx context.Context, p ListImagesParams) iter.Seq2[Image, error] {
	return pages(func(cursor *string) ([]Image, *string, error) {
		if cursor != nil {
			p.Cursor = cursor
		}
		r, err := c.ListImagesWithResponse(ctx, &p)
		if err != nil {
			return nil, nil, err
		}
		if err := Check(r.HTTPResponse, r.Body, nil); err != nil {
			return nil, nil, err
		}
		if r.JSON200 == nil {
			return nil, nil, fmt.Errorf("%w: HTTP %d without a page", ErrNotTheServer, r.StatusCode())
		}
		return r.JSON200.Images, r.JSON200.NextCursor, nil
	})
}

func pages[T any](page func(cursor *string) ([]T, *string, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var cursor *string
		for {
			items, next, err := page(cursor)
			if err != nil {
				var zero T
				yield(zero, err)
				return
			}
			for _, item := range items {
				if !yield(item, nil) {
					return
				}
			}
			if next == nil || *next == "" {
				return
			}
			cursor = next
		}
	}
}
