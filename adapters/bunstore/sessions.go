package bunstore

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

const sessionColumns = `id, owner, title, image_purpose, style_preset, brand_guidelines, brand_id, custom_width,
	custom_height, status, final_image_id, final_chosen, messages_count, images_generated, tokens, cost, last_seq, first_seq,
	created_at, updated_at`

func scanSession(row scanner) (*imagechat.Session, error) {
	s := &imagechat.Session{}
	err := row.Scan(&s.ID, &s.Owner, &s.Title, &s.ImagePurpose, &s.StylePreset, document{&s.BrandGuidelines}, &s.BrandID,
		&s.CustomWidth, &s.CustomHeight, &s.Status, &s.FinalImageID, &s.FinalChosen, &s.MessagesCount, &s.ImagesGenerated,
		&s.TotalTokensUsed, &s.TotalCost, &s.LastSeq, &s.FirstSeq, moment{&s.CreatedAt}, moment{&s.UpdatedAt})
	return s, err
}

// CreateSession implements imagechat.SessionStore.
func (v view) CreateSession(ctx context.Context, s *imagechat.Session) error {
	guidelines, err := encode(s.BrandGuidelines)
	if err != nil {
		return err
	}
	return v.write(ctx, func(v view) error {
		err := v.execOne(ctx, "create session", `INSERT INTO sessions (`+sessionColumns+`)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			s.ID, s.Owner, s.Title, s.ImagePurpose, s.StylePreset, guidelines, s.BrandID, s.CustomWidth,
			s.CustomHeight, s.Status, s.FinalImageID, s.FinalChosen, s.MessagesCount, s.ImagesGenerated, s.TotalTokensUsed,
			int64(s.TotalCost), s.LastSeq, s.FirstSeq, micros(s.CreatedAt), micros(s.UpdatedAt))
		if err != nil {
			return err
		}
		return v.putSessionText(ctx, s.ID, "", s.Title)
	})
}

// GetSession implements imagechat.SessionStore.
func (v view) GetSession(ctx context.Context, id imagechat.SessionID) (*imagechat.Session, error) {
	return one(ctx, v, "session "+string(id), scanSession, `SELECT `+sessionColumns+` FROM sessions WHERE id = ?`, id)
}

// UpdateSession implements imagechat.SessionStore.
func (v view) UpdateSession(ctx context.Context, s *imagechat.Session) error {
	guidelines, err := encode(s.BrandGuidelines)
	if err != nil {
		return err
	}
	return v.write(ctx, func(v view) error {
		err := v.execOne(ctx, "session "+string(s.ID), `UPDATE sessions SET title = ?, image_purpose = ?, style_preset = ?,
			brand_guidelines = ?, brand_id = ?, custom_width = ?, custom_height = ?, status = ?, final_image_id = ?,
			final_chosen = ?, messages_count = ?, images_generated = ?, tokens = ?, cost = ?, updated_at = ? WHERE id = ?`,
			s.Title, s.ImagePurpose, s.StylePreset, guidelines, s.BrandID, s.CustomWidth, s.CustomHeight, s.Status,
			s.FinalImageID, s.FinalChosen, s.MessagesCount, s.ImagesGenerated, s.TotalTokensUsed, int64(s.TotalCost), micros(s.UpdatedAt), s.ID)
		if err != nil {
			return err
		}
		return v.putSessionText(ctx, s.ID, "", s.Title)
	})
}

// DeleteSession implements imagechat.SessionStore. What belongs to the
// session goes by the schema's cascades, once what others use has left it.
func (v view) DeleteSession(ctx context.Context, id imagechat.SessionID) error {
	return v.write(ctx, func(v view) error {
		const elsewhere = `SELECT m.session_id FROM message_references AS r JOIN messages AS m ON m.id = r.message_id
			WHERE r.image_id = images.id AND m.session_id <> ?1 ORDER BY m.id LIMIT 1`
		if _, err := v.exec(ctx, `UPDATE images SET session_id = (`+elsewhere+`), message_id = ''
			WHERE session_id = ?1 AND EXISTS (`+elsewhere+`)`, id); err != nil {
			return err
		}
		return v.execOne(ctx, "session "+string(id), `DELETE FROM sessions WHERE id = ?`, id)
	})
}

// ListSessions implements imagechat.SessionStore.
func (v view) ListSessions(ctx context.Context, f imagechat.SessionFilter) ([]*imagechat.Session, error) {
	if len(f.Search) > 0 {
		return v.searchSessions(ctx, f)
	}
	query := `SELECT ` + sessionColumns + ` FROM sessions WHERE owner = ?`
	args := []any{f.Owner}
	if f.Status != "" {
		query += ` AND status = ?`
		args = append(args, f.Status)
	}
	by := timeColumn(f.Order)
	if !isStart(f.Before) {
		query += ` AND (` + by + `, id) < (?, ?)`
		args = append(args, micros(f.Before.Time), f.Before.ID)
	}
	query += ` ORDER BY ` + by + ` DESC, id DESC LIMIT ? OFFSET ?`
	args = append(args, limit(f.Limit), max(f.Offset, 0))
	return all(ctx, v, "list sessions", scanSession, query, args...)
}

// timeColumn is the column that an order goes by.
func timeColumn(o imagechat.SessionOrder) string {
	if o == imagechat.SessionsUpdated {
		return "updated_at"
	}
	return "created_at"
}

// searchSessions lists those in which the keys are found.
func (v view) searchSessions(ctx context.Context, f imagechat.SessionFilter) ([]*imagechat.Session, error) {
	q, err := v.foundSessions(ctx, f, v.db.fewMatches)
	if err != nil {
		return nil, err
	}
	by := timeColumn(f.Order)
	q = q.ColumnExpr(sessionColumns).OrderExpr(by + " DESC, id DESC").Limit(limit(f.Limit)).Offset(max(0, int64(f.Offset)))
	if !isStart(f.Before) {
		q = q.Where("("+by+", id) < (?, ?)", micros(f.Before.Time), text(f.Before.ID))
	}
	return built(ctx, v, "search sessions", scanSession, q)
}

// foundSessions is the query for all sessions of a filter with search keys.
func (v view) foundSessions(ctx context.Context, f imagechat.SessionFilter, few int) (*bun.SelectQuery, error) {
	q, err := v.search(ctx, sessionSearch, f.Search, few)
	if err != nil {
		return nil, err
	}
	if f.Status != "" {
		q = q.Where("s.status = ?", text(string(f.Status)))
	}
	return q.Where("s.owner = ?", text(string(f.Owner))), nil
}

// CountSessions implements imagechat.SessionStore.
func (v view) CountSessions(ctx context.Context, f imagechat.SessionFilter) (int, error) {
	if len(f.Search) > 0 {
		return v.countFound(ctx, f)
	}
	query, args := `SELECT coalesce(sum(n), 0) FROM session_counts WHERE owner = ?`, []any{f.Owner}
	if f.Status != "" {
		query, args = query+` AND status = ?`, append(args, f.Status)
	}
	n, err := scanInt(v.row(ctx, query, args...))
	if err != nil {
		return 0, fmt.Errorf("bunstore: count sessions: %w", v.note(err))
	}
	return *n, nil
}

// countFound counts what search finds, up to maxSearchCount.
func (v view) countFound(ctx context.Context, f imagechat.SessionFilter) (int, error) {
	q, err := v.foundSessions(ctx, f, countMatches)
	if err != nil {
		return 0, err
	}
	found := q.ColumnExpr("1").Limit(maxSearchCount)
	n, err := built(ctx, v, "count sessions", scanInt, v.from("(?) AS found", found).ColumnExpr("count(*)"))
	if err != nil {
		return 0, err
	}
	return *n[0], nil
}

func scanInt(row scanner) (*int, error) {
	n := new(int)
	return n, row.Scan(n)
}

func isStart(p imagechat.Position) bool { return p.Time.IsZero() && p.ID == "" }

// limit is a limit as SQLite takes it, -1 for none.
func limit(n int) int64 {
	if n <= 0 {
		return -1
	}
	return int64(n)
}
