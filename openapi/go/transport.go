package imagechatclient

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// ErrNotTheServer is what a request fails with when something else answered in
// the server's place: the sign-in page of a network, a gateway's own page, or
// another program at a mistyped address.
var ErrNotTheServer = errors.New("imagechatclient: the answer is not the server's")

// longestRetryAfter is how long a Retry-After is honoured; beyond it the caller is told.
const longestRetryAfter = 30 * time.Second

// transport repeats what is safe to repeat and lets no foreign answer through.
type transport struct {
	http       *http.Client
	maxRetries int
	onAttempt  func(Attempt)
}

// Do implements HttpRequestDoer.
func (t *transport) Do(req *http.Request) (*http.Response, error) {
	safe := req.Method == http.MethodGet || req.Method == http.MethodHead || req.Header.Get("Idempotency-Key") != ""
	for n := 1; ; n++ {
		resp, err := t.try(req, n)
		last := !safe || n > t.maxRetries || (req.Body != nil && req.GetBody == nil)
		wait, again := waitFor(resp, err, n)
		if last || !again || req.Context().Err() != nil {
			return resp, err
		}
		if resp != nil {
			resp.Body.Close()
		}
		if !sleep(req.Context(), wait) {
			return nil, req.Context().Err()
		}
		if req.GetBody != nil {
			if req.Body, err = req.GetBody(); err != nil {
				return nil, err
			}
		}
	}
}

func (t *transport) try(req *http.Request, n int) (*http.Response, error) {
	begun := time.Now()
	resp, err := t.http.Do(req)
	if err == nil {
		err = foreign(resp)
	}
	if t.onAttempt != nil {
		t.onAttempt(Attempt{Request: req, Number: n, Duration: time.Since(begun), Response: resp, Err: err})
	}
	if err != nil && resp != nil {
		resp.Body.Close()
		resp = nil
	}
	return resp, err
}

// foreign refuses answers that the API never gives: text that is no event
// stream, and failures of gateways that say nothing about the request.
func foreign(resp *http.Response) error {
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	ours := strings.HasSuffix(kind, "json") || kind == "text/event-stream" || kind == "application/zip" || strings.HasPrefix(kind, "image/")
	switch {
	case ours, resp.StatusCode == http.StatusNoContent, resp.Request != nil && resp.Request.Method == http.MethodHead:
		return nil
	case resp.StatusCode >= 300 && resp.StatusCode < 500:
		return nil // Check tells it by its status
	}
	if kind == "" {
		kind = "no content type"
	}
	return fmt.Errorf("%w: HTTP %d with %s; is the address right, and does nothing in between ask to sign in?", ErrNotTheServer, resp.StatusCode, kind)
}

// waitFor tells whether another try may help, and after how long.
func waitFor(resp *http.Response, err error, n int) (time.Duration, bool) {
	soon := jitter(500 * time.Millisecond << min(n-1, 6))
	switch {
	case err != nil:
		return soon, !errors.Is(err, ErrNotTheServer)
	case resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode != http.StatusServiceUnavailable:
		return 0, false
	}
	after := resp.Header.Get("Retry-After")
	if after == "" {
		return soon, true // a 503 or a quota that says nothing about when: ask once more soon
	}
	seconds, err := strconv.Atoi(after)
	wait := time.Duration(seconds) * time.Second
	return wait, err == nil && seconds >= 0 && wait <= longestRetryAfter
}

// jitter is a duration between half and all of d, so that many clients do not come at once.
func jitter(d time.Duration) time.Duration {
	return d - time.Duration(rand.Int64N(int64(d/2)+1))
}
