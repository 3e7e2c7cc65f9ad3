package bunstore

import (
	"context"
	"fmt"
	"slices"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

const turnColumns = `id, session_id, owner, kind, status, attempt, request, idempotency_key, request_hash,
	user_message_id, assistant_message_id, error, estimated_cost, cost, context, created_at, started_at, finished_at`

func scanTurn(row scanner) (*imagechat.Turn, error) {
	t := &imagechat.Turn{}
	err := row.Scan(&t.ID, &t.SessionID, &t.Owner, &t.Kind, &t.Status, &t.Attempt, document{&t.Request}, &t.IdempotencyKey,
		&t.RequestHash, &t.UserMessageID, &t.AssistantMessageID, document{&t.Error}, &t.EstimatedCost, &t.Cost, &t.Context,
		moment{&t.CreatedAt}, moment{&t.StartedAt}, moment{&t.FinishedAt})
	stampError(t.Error)
	return t, err
}

// encodeTurn returns the columns of a turn that are JSON.
func encodeTurn(t *imagechat.Turn) (request, failure string, err error) {
	if request, err = encode(t.Request); err != nil {
		return "", "", err
	}
	failure, err = encode(t.Error)
	return request, failure, err
}

// CreateTurn implements imagechat.TurnStore.
func (v view) CreateTurn(ctx context.Context, t *imagechat.Turn) error {
	request, failure, err := encodeTurn(t)
	if err != nil {
		return err
	}
	return v.execOne(ctx, "create turn", `INSERT INTO turns (`+turnColumns+`)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		t.ID, t.SessionID, t.Owner, t.Kind, t.Status, t.Attempt, request, t.IdempotencyKey, t.RequestHash,
		t.UserMessageID, t.AssistantMessageID, failure, int64(t.EstimatedCost), int64(t.Cost), t.Context,
		micros(t.CreatedAt), micros(t.StartedAt), micros(t.FinishedAt))
}

// GetTurn implements imagechat.TurnStore.
func (v view) GetTurn(ctx context.Context, id imagechat.TurnID) (*imagechat.Turn, error) {
	return one(ctx, v, "turn "+string(id), scanTurn, `SELECT `+turnColumns+` FROM turns WHERE id = ?`, id)
}

// FindTurn implements imagechat.TurnStore.
func (v view) FindTurn(ctx context.Context, session imagechat.SessionID, key string) (*imagechat.Turn, error) {
	return one(ctx, v, "turn by its key", scanTurn, `SELECT `+turnColumns+` FROM turns
		WHERE session_id = ? AND idempotency_key = ? AND idempotency_key <> ''`, session, key)
}

// UpdateTurn implements imagechat.TurnStore.
func (v view) UpdateTurn(ctx context.Context, t *imagechat.Turn, from ...imagechat.TurnStatus) error {
	request, failure, err := encodeTurn(t)
	if err != nil {
		return err
	}
	states, err := encode(from)
	if err != nil {
		return err
	}
	return v.write(ctx, func(v view) error {
		n, err := v.exec(ctx, `UPDATE turns SET kind = ?, status = ?, attempt = ?, request = ?, user_message_id = ?,
			assistant_message_id = ?, error = ?, estimated_cost = ?, cost = ?, context = ?, started_at = ?, finished_at = ?
			WHERE id = ? AND status IN (SELECT value FROM json_each(?))`,
			t.Kind, t.Status, t.Attempt, request, t.UserMessageID, t.AssistantMessageID, failure,
			int64(t.EstimatedCost), int64(t.Cost), t.Context, micros(t.StartedAt), micros(t.FinishedAt), t.ID, orEmpty(states))
		if err == nil && n == 0 {
			err = v.conflict(ctx, `SELECT status FROM turns WHERE id = ?`, string(t.ID))
		}
		if err != nil {
			return fmt.Errorf("bunstore: turn %s: %w", t.ID, err)
		}
		return nil
	})
}

// orEmpty is a list as json_each takes it.
func orEmpty(list string) string {
	if list == "" {
		return "[]"
	}
	return list
}

// conflict says why a compare-and-set changed nothing: the row is in another
// state, or there is none.
func (v view) conflict(ctx context.Context, query, id string) error {
	var state string
	if err := v.row(ctx, query, id).Scan(&state); err != nil {
		return v.note(err)
	}
	return fmt.Errorf("it is %s: %w", state, imagechat.Conflict)
}

// liveStatuses are asked for whenever a conversation is opened.
var liveStatuses = []imagechat.TurnStatus{imagechat.TurnQueued, imagechat.TurnRunning}

// ListTurns implements imagechat.TurnStore.
func (v view) ListTurns(ctx context.Context, session imagechat.SessionID, statuses ...imagechat.TurnStatus) ([]*imagechat.Turn, error) {
	if session != "" && slices.Equal(statuses, liveStatuses) {
		return all(ctx, v, "list turns", scanTurn, `SELECT `+turnColumns+` FROM turns INDEXED BY turns_not_ended
			WHERE session_id = ? AND status IN ('queued', 'running') ORDER BY id`, session)
	}
	q := v.from("turns").ColumnExpr(turnColumns).OrderExpr("id")
	if session != "" {
		q = q.Where("session_id = ?", text(string(session)))
	}
	if len(statuses) > 0 {
		q = q.Where("status IN (?)", texts(statuses))
	}
	return built(ctx, v, "list turns", scanTurn, q)
}
