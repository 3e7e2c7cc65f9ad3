package imagechatclient

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"net/http"
	"time"
)

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
	return sleep(ctx, jitter(min(250*time.Millisecond<<min(failures, 6), 10*time.Second)))
}

// sleep reports false when ctx ended first.
func sleep(ctx context.Context, wait time.Duration) bool {
	select {
	case <-time.After(wait):
		return true
	case <-ctx.Done():
		return false
	}
}
