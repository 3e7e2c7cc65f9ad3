package bunstore

import (
	"context"
	"slices"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

const messageColumns = `id, session_id, turn_id, role, content_type, text, reference_ids, model, parts, tokens,
	generation_time, error, created_at`

func scanMessage(row scanner) (*imagechat.Message, error) {
	m := &imagechat.Message{}
	err := row.Scan(&m.ID, &m.SessionID, &m.TurnID, &m.Role, &m.ContentType, &m.Text, document{&m.ReferenceIDs},
		&m.Model, document{&m.Parts}, &m.TokensUsed, &m.GenerationTime, document{&m.Error}, moment{&m.CreatedAt})
	stampError(m.Error)
	return m, err
}

// CreateMessage implements imagechat.MessageStore.
func (v view) CreateMessage(ctx context.Context, m *imagechat.Message) error {
	references, err := encode(m.ReferenceIDs)
	if err != nil {
		return err
	}
	parts, err := encode(m.Parts)
	if err != nil {
		return err
	}
	failure, err := encode(m.Error)
	if err != nil {
		return err
	}
	return v.write(ctx, func(v view) error {
		err := v.execOne(ctx, "create message", `INSERT INTO messages (`+messageColumns+`)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			m.ID, m.SessionID, m.TurnID, m.Role, m.ContentType, m.Text, references, m.Model, parts, m.TokensUsed,
			int64(m.GenerationTime), failure, micros(m.CreatedAt))
		if err != nil {
			return err
		}
		for _, key := range m.Blobs() {
			if _, err := v.exec(ctx, `INSERT INTO message_blobs (message_id, blob) VALUES (?, ?) ON CONFLICT DO NOTHING`, m.ID, key); err != nil {
				return err
			}
		}
		for _, id := range m.ReferenceIDs {
			if _, err := v.exec(ctx, `INSERT INTO message_references (message_id, image_id) VALUES (?, ?) ON CONFLICT DO NOTHING`, m.ID, id); err != nil {
				return err
			}
		}
		return v.putSessionText(ctx, m.SessionID, m.ID, m.Text)
	})
}

// GetMessage implements imagechat.MessageStore.
func (v view) GetMessage(ctx context.Context, id imagechat.MessageID) (*imagechat.Message, error) {
	return one(ctx, v, "message "+string(id), scanMessage, `SELECT `+messageColumns+` FROM messages WHERE id = ?`, id)
}

// ListMessages implements imagechat.MessageStore.
func (v view) ListMessages(ctx context.Context, session imagechat.SessionID, before imagechat.MessageID, n int) ([]*imagechat.Message, error) {
	query := `SELECT ` + messageColumns + ` FROM messages WHERE session_id = ?`
	args := []any{session}
	if before != "" {
		query += ` AND id < ?`
		args = append(args, before)
	}
	out, err := all(ctx, v, "list messages", scanMessage, query+` ORDER BY id DESC LIMIT ?`, append(args, limit(n))...)
	slices.Reverse(out)
	return out, err
}

// DropParts implements imagechat.MessageStore.
func (v view) DropParts(ctx context.Context, id imagechat.MessageID) error {
	return v.write(ctx, func(v view) error {
		if err := v.execOne(ctx, "message "+string(id), `UPDATE messages SET parts = '' WHERE id = ?`, id); err != nil {
			return err
		}
		_, err := v.exec(ctx, `DELETE FROM message_blobs WHERE message_id = ?`, id)
		return err
	})
}

// ReferencedBlobs implements imagechat.MessageStore.
func (v view) ReferencedBlobs(ctx context.Context, keys []imagechat.BlobKey) ([]imagechat.BlobKey, error) {
	list, err := encode(keys)
	if err != nil || list == "" {
		return nil, err
	}
	return values(all(ctx, v, "referenced blobs", scanKey, `SELECT DISTINCT k.value FROM json_each(?) AS k
		WHERE EXISTS (SELECT 1 FROM images WHERE blob = k.value)
		OR EXISTS (SELECT 1 FROM variants WHERE blob = k.value)
		OR EXISTS (SELECT 1 FROM message_blobs WHERE blob = k.value)`, list))
}

// SessionBlobs implements imagechat.MessageStore.
func (v view) SessionBlobs(ctx context.Context, session imagechat.SessionID) ([]imagechat.BlobKey, error) {
	return values(all(ctx, v, "blobs of a session", scanKey, `
		SELECT b.blob FROM messages AS m JOIN message_blobs AS b ON b.message_id = m.id WHERE m.session_id = ?1
		UNION SELECT blob FROM images WHERE session_id = ?1
		UNION SELECT x.blob FROM images AS i JOIN variants AS x ON x.source = i.blob WHERE i.session_id = ?1`, session))
}

func scanKey(row scanner) (*imagechat.BlobKey, error) {
	k := new(imagechat.BlobKey)
	return k, row.Scan(k)
}

func values[T any](ps []*T, err error) ([]T, error) {
	var out []T
	for _, p := range ps {
		out = append(out, *p)
	}
	return out, err
}
