package memory

import (
	"context"
	"slices"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// AppendEvent implements imagechat.EventStore.
func (v view) AppendEvent(ctx context.Context, e *imagechat.Event) error {
	unlock, err := v.write(ctx, "AppendEvent")
	if err != nil {
		return err
	}
	defer unlock()
	old, err := get(v.sessions, e.SessionID, "session")
	if err != nil {
		return err
	}
	s := *old
	s.LastSeq++
	e.Seq = s.LastSeq
	put(v, v.sessions, s.ID, &s)
	es := v.events[e.SessionID]
	v.putEvents(e.SessionID, append(slices.Clip(es), cloneEvent(e)))
	return nil
}

// ListEvents implements imagechat.EventStore.
func (v view) ListEvents(ctx context.Context, session imagechat.SessionID, after int64, limit int) ([]*imagechat.Event, error) {
	unlock, err := v.read(ctx, "ListEvents")
	if err != nil {
		return nil, err
	}
	defer unlock()
	es := v.events[session]
	i := slices.IndexFunc(es, func(e *imagechat.Event) bool { return e.Seq > after })
	if i < 0 {
		return nil, nil
	}
	return copies(first(es[i:], limit), cloneEvent), nil
}

// PruneEvents implements imagechat.EventStore.
func (v view) PruneEvents(ctx context.Context, session imagechat.SessionID, keepFrom int64) error {
	unlock, err := v.write(ctx, "PruneEvents")
	if err != nil {
		return err
	}
	defer unlock()
	old, err := get(v.sessions, session, "session")
	if err != nil {
		return err
	}
	s := *old
	s.FirstSeq = min(max(s.FirstSeq, keepFrom), s.LastSeq+1)
	put(v, v.sessions, s.ID, &s)
	kept := slices.DeleteFunc(slices.Clone(v.events[session]), func(e *imagechat.Event) bool { return e.Seq < keepFrom })
	v.putEvents(session, kept)
	return nil
}
