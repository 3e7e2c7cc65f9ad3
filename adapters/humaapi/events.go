package humaapi

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/wire"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

type eventsInput struct {
	SessionPath
	After       optional[int64] `query:"after" minimum:"0" doc:"Send every durable event after this number first; absent: live ones only"`
	LastEventID string          `header:"Last-Event-ID" maxLength:"20" doc:"Sent by browsers when they connect again; beats after"`
}

func (ops *operations) registerEvents(api huma.API) {
	add(api, huma.Operation{
		OperationID: "streamEvents", Method: http.MethodGet, Path: base + "/sessions/{session_id}/events",
		Tags: []string{"events"}, Summary: "Follow a conversation by server-sent events",
		Description: "Every data: line is a ServerFrame, the same as on the socket. id: is the frame's seq; Last-Event-ID and ?after= resume without a gap or a repeat. Comments come every 25 seconds to keep the line open.",
		Errors:      with(http.StatusNotFound, http.StatusServiceUnavailable),
		Responses: map[string]*huma.Response{"200": {
			Description: "The stream",
			Content:     map[string]*huma.MediaType{"text/event-stream": {Schema: &huma.Schema{Ref: schemaPrefix + "ServerFrame"}}},
		}},
	}, ops.streamEvents)
}

func (ops *operations) streamEvents(ctx context.Context, in *eventsInput) (*raw, error) {
	after := int64(-1)
	if in.After.set {
		after = in.After.value
	}
	if in.LastEventID != "" {
		n, err := strconv.ParseInt(in.LastEventID, 10, 64)
		if err != nil || n < 0 {
			return nil, &imagechat.Error{Code: imagechat.InvalidRequest, Fields: []imagechat.FieldError{{Location: "Last-Event-ID", Rule: "integer"}}}
		}
		after = n
	}
	sub, err := ops.svc.Subscribe(ctx, in.SessionID, after)
	if err != nil {
		return nil, err
	}
	return stream(func(w http.ResponseWriter, r *http.Request) {
		defer sub.Close()
		leave, err := ops.o.Places.Take(ctx)
		if err != nil {
			writeProblem(w, r, err, http.StatusServiceUnavailable)
			return
		}
		defer leave()
		ops.o.Meter.Streams(1)
		defer ops.o.Meter.Streams(-1)
		e := &eventWriter{w: w, rc: http.NewResponseController(w), l: wire.LocaleOf(ctx), requestID: requestIDOf(ctx)}
		e.run(r.Context(), ops, in.SessionID, sub)
	}), nil
}

// eventWriter writes one stream of server-sent events.
type eventWriter struct {
	w         http.ResponseWriter
	rc        *http.ResponseController
	l         wire.Locale
	requestID string
	buf       []byte
}

// eventWriteTime bounds one write: a client that does not read for so long
// is gone, and comes back with Last-Event-ID.
const eventWriteTime = 30 * time.Second

func (e *eventWriter) run(ctx context.Context, ops *operations, id imagechat.SessionID, sub *imagechat.Subscription) {
	h := e.w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // proxies hold events back otherwise
	e.w.WriteHeader(http.StatusOK)
	if e.frame(wire.ConnectedFrame(id, sub.Seq(), e.l, ops.now())) != nil {
		return
	}
	for {
		quiet, cancel := context.WithTimeout(ctx, ops.o.keepAlive())
		u, err := sub.Next(quiet)
		cancel()
		switch {
		case err == nil:
			err = e.frame(wire.UpdateFrame(u, e.l, e.requestID, ops.now()))
		case ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded):
			if err = wire.CallerOf(ctx).Recheck(ctx); err == nil {
				err = e.comment()
			}
		}
		if err != nil { // gone, closing, deleted or logged out: browsers come back by themselves
			return
		}
	}
}

func (e *eventWriter) frame(f wire.ServerFrame) error {
	data, err := f.JSON()
	if err != nil {
		return err
	}
	b := e.buf[:0]
	if f.Seq > 0 {
		b = append(b, "id: "...)
		b = strconv.AppendInt(b, f.Seq, 10)
		b = append(b, '\n')
	}
	b = append(b, "data: "...)
	b = append(b, data...)
	b = append(b, "\n\n"...)
	e.buf = b
	return e.write(b)
}

func (e *eventWriter) comment() error { return e.write([]byte(": still here\n\n")) }

func (e *eventWriter) write(b []byte) error {
	_ = e.rc.SetWriteDeadline(time.Now().Add(eventWriteTime)) // not every writer has one
	if _, err := e.w.Write(b); err != nil {
		return err
	}
	return e.rc.Flush()
}
