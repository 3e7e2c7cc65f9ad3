// Package imagechatclient is a thin Go client of a Gemini Image Chat server.
//
// client_gen.go is generated from openapi/openapi.yaml; this file adds what
// a generator can't: pages and events as iterators, and problems as errors.
//
//	c, err := imagechatclient.New("http://127.0.0.1:8000", &imagechatclient.Options{Token: secret})
//	session, err := c.CreateSessionWithResponse(ctx, imagechatclient.CreateSessionRequest{ImagePurpose: "banner_web"})
//	turn, err := c.Run(ctx, session.JSON201.ID, imagechatclient.TurnRequest{Content: "…"})
//	for frame, err := range c.Events(ctx, session.JSON201.ID, 0) { … }
package imagechatclient

import (
	"bufio"
	"bytes"
	"context"
	crand "crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
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
	c, err := NewClientWithResponses(strings.TrimSuffix(baseURL, "/"), WithHTTPClient(v.HTTPClient),
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

// APIError is a problem that the server explained.
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
	if json.Unmarshal(body, &e.Problem) != nil || e.Problem.Code == "" {
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

// Run says something and waits until the turn ended or ctx did. The request
// carries a fresh idempotency key and is repeated under it when the line
// breaks, so that nothing is paid for twice. Without a kind the model decides
// between talking and drawing.
func (c *Connection) Run(ctx context.Context, sessionID string, request TurnRequest) (*Turn, error) {
	if request.Kind == "" {
		request.Kind = TurnKindConverse
	}
	key, prefer := crand.Text(), "wait=300"
	for failures := 0; ; failures++ {
		r, err := c.CreateTurnWithResponse(ctx, sessionID, &CreateTurnParams{IdempotencyKey: &key, Prefer: &prefer}, request)
		if err == nil {
			if err := Check(r.HTTPResponse, r.Body, nil); err != nil {
				return nil, err
			}
			if r.JSON200 != nil {
				return r.JSON200, nil
			}
			failures = 0 // 202: it goes on, wait once more
			continue
		}
		if failures == 5 || !pause(ctx, failures) {
			return nil, err
		}
	}
}

// Events follows a session: durable frames after number after first, in
// order and each once, then what happens, across lost connections. It ends
// when the loop is left, with ctx's error when ctx ended, or with an *APIError
// when coming back is pointless.
func (c *Connection) Events(ctx context.Context, sessionID string, after int64) iter.Seq2[ServerFrame, error] {
	return func(yield func(ServerFrame, error) bool) {
		for failures := 0; ; failures++ {
			goOn, err := c.follow(ctx, sessionID, &after, func(f ServerFrame) bool {
				failures = 0
				return yield(f, nil)
			})
			if !goOn {
				return
			}
			if e, ok := errors.AsType[*APIError](err); ok && e.Status < 500 && e.Status != http.StatusTooManyRequests {
				yield(ServerFrame{}, err)
				return
			}
			if !pause(ctx, failures) {
				yield(ServerFrame{}, ctx.Err())
				return
			}
		}
	}
}

// follow reads one event stream to its end. It reports false when the reader
// has had enough.
func (c *Connection) follow(ctx context.Context, sessionID string, after *int64, yield func(ServerFrame) bool) (goOn bool, err error) {
	r, err := c.StreamEvents(ctx, sessionID, &StreamEventsParams{After: after})
	if err != nil {
		return true, err
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<16))
		return true, Check(r, body, nil)
	}
	lines := bufio.NewScanner(r.Body)
	lines.Buffer(make([]byte, 0, 1<<16), 16<<20)
	for lines.Scan() {
		data, ok := bytes.CutPrefix(lines.Bytes(), []byte("data: "))
		if !ok {
			continue // ids repeat the frame's seq; comments keep the line open
		}
		var f ServerFrame
		var head struct {
			Seq int64 `json:"seq"`
		}
		if err := json.Unmarshal(data, &f); err != nil {
			return true, err
		}
		if err := json.Unmarshal(data, &head); err != nil {
			return true, err
		}
		if head.Seq > 0 {
			if head.Seq <= *after {
				continue
			}
			*after = head.Seq
		}
		if !yield(f) {
			return false, nil
		}
	}
	return true, lines.Err()
}

// pause waits before another try, longer each time and with jitter; it
// reports false when ctx ended first.
func pause(ctx context.Context, failures int) bool {
	wait := min(250*time.Millisecond<<min(failures, 6), 10*time.Second)
	wait -= time.Duration(rand.Int64N(int64(wait / 2)))
	select {
	case <-time.After(wait):
		return true
	case <-ctx.Done():
		return false
	}
}
