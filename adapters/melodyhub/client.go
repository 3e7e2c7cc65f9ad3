package melodyhub

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/olahol/melody"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/wire"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

const clientKey = "client"

func clientOf(s *melody.Session) *client { return s.MustGet(clientKey).(*client) }

// client is one socket.
type client struct {
	hub        *Hub
	caller     *wire.Caller
	id         imagechat.SessionID
	leavePlace func()
	sub        *imagechat.Subscription
	room       *room
	locale     wire.Locale
	out        *outbox
	ctx        context.Context
	cancel     context.CancelFunc
	feeder     sync.WaitGroup
	begun      chan struct{} // closed when the request is over, and the socket's own life begins
	begin      func()        // closes it

	mu      sync.Mutex
	session *melody.Session // nil before the handshake is done
	ending  int             // the close code that was asked for before
	reason  string
	closing bool
}

// connected begins to feed the client. It runs before melody writes
// anything, so it must not write itself.
func (c *client) connected(s *melody.Session) {
	defer c.begin()
	c.mu.Lock()
	c.session = s
	code, reason := c.ending, c.reason
	c.mu.Unlock()
	if code != 0 { // the hub began to drain during the handshake
		c.end(code, reason)
		return
	}
	c.feeder.Go(c.feed)
}

// ended waits for the feeder once the reading is over.
func (c *client) ended() {
	c.cancel()
	c.out.close()
	c.sub.Close()
	c.feeder.Wait()
}

// feed sends the greeting and then whatever happens in the session, at the
// client's own pace: nothing is read from the subscription before there is
// room to send it.
func (c *client) feed() {
	defer func() {
		if p := recover(); p != nil {
			c.hub.log.Error("panic in a socket", "request", c.caller.RequestID, "panic", p)
			c.cut()
		}
	}()
	greeting := wire.ConnectedFrame(c.id, c.sub.Seq(), c.locale, time.Now())
	if !c.sendFrame(&greeting) {
		return
	}
	for {
		u, err := c.sub.Next(c.ctx)
		if err != nil {
			c.lost(err)
			return
		}
		b, err := c.room.render(u, c.locale)
		if err != nil {
			c.lost(err)
			return
		}
		if !c.send(b) {
			return
		}
	}
}

// lost ends the socket because its subscription did.
func (c *client) lost(err error) {
	switch {
	case c.ctx.Err() != nil: // the client went first
	case errors.Is(err, imagechat.SessionNotFound):
		c.fail(err, "")
		c.end(CloseDeleted, "session deleted")
	case errors.Is(err, imagechat.Interrupted):
		c.end(CloseDraining, "draining")
	default:
		c.hub.log.Error("a socket lost its events", "request", c.caller.RequestID, "err", err)
		c.end(CloseTrouble, "try again")
	}
}

// receive acts on a client's frame. Whatever is wrong with it is answered
// with an error frame; the socket stays open.
func (c *client) receive(b []byte) {
	f, err := wire.ParseClientFrame(b)
	if err != nil {
		var id string
		if f != nil {
			id = f.ID
		}
		c.fail(err, id)
		return
	}
	switch f.Type {
	case wire.ClientPing:
		pong := wire.PongFrame(c.locale, time.Now())
		c.sendFrame(&pong)
	case wire.ClientCancel:
		if f.Cancel.TurnID == "" {
			err = &imagechat.Error{Code: imagechat.InvalidRequest, Fields: []imagechat.FieldError{{Location: "data.turn_id", Rule: "required"}}}
		} else {
			_, err = c.hub.svc.Cancel(c.ctx, imagechat.TurnID(f.Cancel.TurnID))
		}
	default:
		err = c.submit(f)
	}
	if err != nil && c.ctx.Err() == nil {
		c.fail(err, f.ID)
	}
}

// submit takes a turn in. Its accepted frame comes to everybody through the
// subscription; a turn that was known already is told to the asker alone.
func (c *client) submit(f *wire.ClientFrame) error {
	// A turn is taken in or not, whatever becomes of the socket meanwhile.
	ctx, r := context.WithoutCancel(c.ctx), f.Turn(c.hub.svc.Purposes(), c.locale.Lang)
	sub, err := c.caller.Submit(ctx, c.hub.svc, c.id, r, f.ID)
	if err != nil || !sub.Replayed {
		return wire.InFrame(err)
	}
	again := wire.AcceptedFrame(sub.Turn, sub.Message, c.locale, time.Now())
	c.sendFrame(&again)
	return nil
}

// fail sends an error frame. id is that of the frame that it answers, if any.
func (c *client) fail(err error, id string) {
	p := wire.NewProblem(err, c.locale)
	p.RequestID = c.caller.RequestID
	if level := p.Code.Severity(); level >= slog.LevelWarn {
		c.hub.log.Log(c.ctx, level, "a frame failed", "request", c.caller.RequestID, "session", c.id,
			"owner", imagechat.OwnerOf(c.ctx), "code", p.Code, "err", err)
	}
	f := wire.ErrorFrame(p, id, time.Now())
	c.sendFrame(&f)
}

func (c *client) sendFrame(f *wire.ServerFrame) bool {
	b, err := f.JSON()
	if err != nil {
		c.lost(err)
		return false
	}
	return c.send(b)
}

// send hands b to melody when there is room for it. A client that makes none
// in time is disconnected. It reports whether the socket goes on.
func (c *client) send(b []byte) bool {
	switch c.out.take(len(b), c.hub.o.SlowAfter) {
	case outClosed:
		return false
	case outSlow:
		c.tooSlow()
		return false
	}
	return c.session.Write(b) == nil
}

// end closes the socket with a code, after what was sent before.
func (c *client) end(code int, reason string) {
	c.mu.Lock()
	s, already := c.session, c.closing
	if s == nil {
		c.ending, c.reason = code, reason
	} else {
		c.closing = true
	}
	c.mu.Unlock()
	if s == nil || already {
		return
	}
	c.out.close() // the two free places of the queue are for this
	_ = s.CloseWithMsg(websocket.FormatCloseMessage(code, reason))
}

// tooSlow closes the socket of a client that does not read. The close must
// overtake what waits, and may not fit through either.
func (c *client) tooSlow() {
	c.mu.Lock()
	c.closing = true
	c.mu.Unlock()
	c.out.close()
	c.hub.log.Info("a client reads too slowly", "request", c.caller.RequestID)
	conn := c.session.WebsocketConnection()
	msg := websocket.FormatCloseMessage(CloseTooSlow, "reads too slowly; connect again with ?after=")
	_ = conn.WriteControl(websocket.CloseMessage, msg, time.Now().Add(c.hub.o.SlowAfter))
	c.cut()
}

// cut ends the connection without a word.
func (c *client) cut() {
	c.mu.Lock()
	s := c.session
	c.mu.Unlock()
	if s != nil {
		_ = s.WebsocketConnection().Close()
	}
}

// recheck disconnects a client whose login holds no longer.
func (c *client) recheck() {
	if err := c.caller.Recheck(c.ctx); errors.Is(err, imagechat.Unauthorized) {
		c.end(CloseLoggedOut, "logged out")
	}
}
