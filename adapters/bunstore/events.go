package bunstore

import (
	"context"
	"fmt"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// AppendEvent implements imagechat.EventStore. The update of the session's
// row gives the number and orders the writers.
func (v view) AppendEvent(ctx context.Context, e *imagechat.Event) error {
	return v.write(ctx, func(v view) error {
		seq, err := one(ctx, v, "session "+string(e.SessionID), scanInt64,
			`UPDATE sessions SET last_seq = last_seq + 1 WHERE id = ? RETURNING last_seq`, e.SessionID)
		if err != nil {
			return err
		}
		e.Seq = *seq
		body, err := encode(e)
		if err != nil {
			return err
		}
		return v.execOne(ctx, "append event", `INSERT INTO events (session_id, seq, body) VALUES (?, ?, ?)`, e.SessionID, e.Seq, body)
	})
}

func scanInt64(row scanner) (*int64, error) {
	n := new(int64)
	return n, row.Scan(n)
}

func scanEvent(row scanner) (*imagechat.Event, error) {
	e := &imagechat.Event{}
	err := row.Scan(document{e})
	stampEvent(e)
	return e, err
}

// ListEvents implements imagechat.EventStore.
func (v view) ListEvents(ctx context.Context, session imagechat.SessionID, after int64, n int) ([]*imagechat.Event, error) {
	return all(ctx, v, "list events", scanEvent, `SELECT body FROM events WHERE session_id = ? AND seq > ? ORDER BY seq LIMIT ?`,
		session, after, limit(n))
}

// PruneEvents implements imagechat.EventStore.
func (v view) PruneEvents(ctx context.Context, session imagechat.SessionID, keepFrom int64) error {
	return v.write(ctx, func(v view) error {
		err := v.execOne(ctx, "session "+string(session), `UPDATE sessions
			SET first_seq = min(max(first_seq, ?), last_seq + 1) WHERE id = ?`, keepFrom, session)
		if err != nil {
			return err
		}
		if _, err = v.exec(ctx, `DELETE FROM events WHERE session_id = ? AND seq < ?`, session, keepFrom); err != nil {
			return fmt.Errorf("bunstore: prune events: %w", err)
		}
		return nil
	})
}
