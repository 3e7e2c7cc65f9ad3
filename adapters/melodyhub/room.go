package melodyhub

import (
	"sync"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/wire"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// room is the clients of one session. Each follows the session at its own
// pace; what they share is the newest frames as bytes, so that a frame is
// rendered once and not once a client.
type room struct {
	clients int // guarded by Hub.mu

	mu     sync.Mutex
	recent [8]rendered
	next   int
}

type rendered struct {
	seq    int64          // of an event; 0 for a hint
	hint   imagechat.Hint // of a hint
	zone   string
	lang   imagechat.Lang
	prefix string
	at     time.Time
	b      []byte
}

// freshness is how long a rendered hint stands for later ones that say the
// same: they carry the time.
const freshness = time.Second

// enter and exit are called with Hub.mu held.
func (h *Hub) enter(id imagechat.SessionID) *room {
	r := h.rooms[id]
	if r == nil {
		r = &room{}
		h.rooms[id] = r
	}
	r.clients++
	return r
}

func (h *Hub) exit(id imagechat.SessionID, r *room) {
	if r.clients--; r.clients == 0 {
		delete(h.rooms, id)
	}
}

// render returns an update as a client of that locale sees it.
func (r *room) render(u *imagechat.Update, l wire.Locale) ([]byte, error) {
	var want rendered
	switch {
	case u.Event != nil:
		want.seq = u.Event.Seq
	case u.Hint != nil:
		want.hint = *u.Hint
	default: // one client's own affair
		return frame(u, l)
	}
	want.lang, want.prefix = l.Lang, l.Prefix
	if l.Zone != nil {
		want.zone = l.Zone.String()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	want.at = time.Now()
	for i := range r.recent {
		if have := &r.recent[i]; have.stands(&want) {
			return have.b, nil
		}
	}
	b, err := frame(u, l)
	if err != nil {
		return nil, err
	}
	want.b = b
	r.recent[r.next] = want
	r.next = (r.next + 1) % len(r.recent)
	return b, nil
}

func (have *rendered) stands(want *rendered) bool {
	return have.b != nil && have.seq == want.seq && have.hint == want.hint && have.lang == want.lang && have.zone == want.zone && have.prefix == want.prefix &&
		(have.seq > 0 || want.at.Sub(have.at) < freshness)
}

// frame renders an update. Its problems are named by their turn: everybody
// in the room gets the same bytes.
func frame(u *imagechat.Update, l wire.Locale) ([]byte, error) {
	var id imagechat.TurnID
	switch {
	case u.Event != nil:
		id = u.Event.TurnID
	case u.Hint != nil:
		id = u.Hint.TurnID
	}
	f := wire.UpdateFrame(u, l, string(id), time.Now())
	return f.JSON()
}
