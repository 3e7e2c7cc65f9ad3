package bunstore

import (
	"context"
	"database/sql"
	"time"

	"github.com/uptrace/bun"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

const imageColumns = `id, owner, session_id, message_id, parent_id, role, blob, width, height, mime_type, format,
	bytes, prompt_used, model_used, image_purpose, style_preset, cost, selected, exported, alt_text, c2pa,
	response_id, model_version, created_at`

func scanImage(row scanner) (*imagechat.Image, error) {
	i := &imagechat.Image{}
	var session sql.NullString
	err := row.Scan(&i.ID, &i.Owner, &session, &i.MessageID, &i.ParentID, &i.Role, &i.Blob, &i.Width, &i.Height,
		&i.MIMEType, &i.Format, &i.Bytes, &i.PromptUsed, &i.ModelUsed, &i.ImagePurpose, &i.StylePreset, &i.Cost,
		&i.Selected, &i.Exported, &i.AltText, &i.C2PA, &i.ResponseID, &i.ModelVersion, moment{&i.CreatedAt})
	i.SessionID = imagechat.SessionID(session.String)
	return i, err
}

// orNull is how a session that there is none of is stored, so that it needs
// not exist.
func orNull(id imagechat.SessionID) sql.NullString {
	return sql.NullString{String: string(id), Valid: id != ""}
}

// CreateImage implements imagechat.ImageStore.
func (v view) CreateImage(ctx context.Context, i *imagechat.Image) error {
	return v.write(ctx, func(v view) error {
		err := v.execOne(ctx, "create image", `INSERT INTO images (`+imageColumns+`)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			i.ID, i.Owner, orNull(i.SessionID), i.MessageID, i.ParentID, i.Role, i.Blob, i.Width, i.Height,
			i.MIMEType, i.Format, i.Bytes, i.PromptUsed, i.ModelUsed, i.ImagePurpose, i.StylePreset, int64(i.Cost),
			i.Selected, i.Exported, i.AltText, i.C2PA, i.ResponseID, i.ModelVersion, micros(i.CreatedAt))
		if err != nil {
			return err
		}
		return v.putImageText(ctx, i)
	})
}

// GetImages implements imagechat.ImageStore.
func (v view) GetImages(ctx context.Context, ids ...imagechat.ImageID) ([]*imagechat.Image, error) {
	list, err := encode(ids)
	if err != nil || list == "" {
		return nil, err
	}
	return all(ctx, v, "get images", scanImage, `SELECT `+imageColumns+`
		FROM (SELECT key, value FROM json_each(?)) AS wanted CROSS JOIN images ON images.id = wanted.value ORDER BY wanted.key`, list)
}

// ListImages implements imagechat.ImageStore.
func (v view) ListImages(ctx context.Context, f imagechat.ImageFilter) ([]*imagechat.Image, error) {
	q := v.from("images AS i")
	if len(f.Search) > 0 {
		var err error
		if q, err = v.search(ctx, imageSearch, f.Search, v.db.fewMatches); err != nil {
			return nil, err
		}
	}
	q = filterImages(q, &f).ColumnExpr(imageColumns).Limit(limit(f.Limit))
	if len(f.Messages) > 0 {
		q = q.Where("i.message_id IN (?)", texts(f.Messages)).OrderExpr("i.id")
	} else {
		q = q.OrderExpr("i.created_at DESC, i.id DESC")
	}
	return built(ctx, v, "list images", scanImage, q)
}

// filterImages adds what a filter says of single columns.
func filterImages(q *bun.SelectQuery, f *imagechat.ImageFilter) *bun.SelectQuery {
	owned := "i.owner = ?"
	if f.SessionID != "" {
		owned = "+" + owned // keeps SQLite from reading all that the owner has instead
	}
	q = q.Where(owned, text(string(f.Owner)))
	if f.SessionID != "" {
		q = q.Where("i.session_id = ?", text(string(f.SessionID)))
	}
	if f.Role != "" {
		q = q.Where("i.role = ?", text(string(f.Role)))
	}
	if f.Purpose != "" {
		q = q.Where("i.image_purpose = ?", text(f.Purpose))
	}
	if f.Selected != nil {
		q = q.Where("i.selected = ?", asInt(*f.Selected)) // as the index says it
	}
	if !f.Since.IsZero() {
		q = q.Where("i.created_at >= ?", micros(f.Since))
	}
	if !f.Until.IsZero() {
		q = q.Where("i.created_at < ?", micros(f.Until))
	}
	if !isStart(f.Before) {
		q = q.Where("(i.created_at, i.id) < (?, ?)", micros(f.Before.Time), text(f.Before.ID))
	}
	return q
}

func asInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// UpdateImage implements imagechat.ImageStore.
func (v view) UpdateImage(ctx context.Context, i *imagechat.Image) error {
	return v.write(ctx, func(v view) error {
		err := v.execOne(ctx, "image "+string(i.ID), `UPDATE images SET session_id = ?, selected = ?, exported = ?, alt_text = ? WHERE id = ?`,
			orNull(i.SessionID), i.Selected, i.Exported, i.AltText, i.ID)
		if err != nil {
			return err
		}
		stored, err := one(ctx, v, "image", scanImage, `SELECT `+imageColumns+` FROM images WHERE id = ?`, i.ID)
		if err != nil {
			return err
		}
		return v.putImageText(ctx, stored)
	})
}

// DeleteImage implements imagechat.ImageStore.
func (v view) DeleteImage(ctx context.Context, id imagechat.ImageID) error {
	return v.write(ctx, func(v view) error {
		return v.execOne(ctx, "image "+string(id), `DELETE FROM images WHERE id = ?`, id)
	})
}

// UnusedUploads implements imagechat.ImageStore. Of brands only the logo's id
// is looked for in their JSON.
func (v view) UnusedUploads(ctx context.Context, before time.Time, n int, among ...imagechat.ImageID) ([]*imagechat.Image, error) {
	list, err := encode(among)
	if err != nil {
		return nil, err
	}
	return all(ctx, v, "unused uploads", scanImage, `SELECT `+imageColumns+` FROM images AS i
		WHERE role IN ('reference', 'logo') AND session_id IS NULL AND created_at < ?1
		AND NOT EXISTS (SELECT 1 FROM message_references AS m WHERE m.image_id = i.id)
		AND NOT EXISTS (SELECT 1 FROM brands AS b WHERE b.owner = i.owner AND json_extract(b.body, '$.logo_image_id') = i.id)
		AND (?2 = '' OR i.id IN (SELECT value FROM json_each(?3)))
		ORDER BY created_at, id LIMIT ?4`, micros(before), list, orEmpty(list), limit(n))
}

// UploadedBytes implements imagechat.ImageStore. Each role has an index of its own.
func (v view) UploadedBytes(ctx context.Context, owner imagechat.Owner) (int64, error) {
	sum, err := one(ctx, v, "sum uploads", func(row scanner) (*int64, error) {
		var n int64
		return &n, row.Scan(&n)
	}, `SELECT coalesce((SELECT sum(bytes) FROM images WHERE owner = ?1 AND role = 'reference'), 0)
		+ coalesce((SELECT sum(bytes) FROM images WHERE owner = ?1 AND role = 'logo'), 0)`, owner)
	if err != nil {
		return 0, err
	}
	return *sum, nil
}

const variantColumns = `source, name, blob, mime_type, width, height, bytes`

// PutVariant implements imagechat.ImageStore.
func (v view) PutVariant(ctx context.Context, x *imagechat.Variant) error {
	return v.execOne(ctx, "variant of "+string(x.Source), `INSERT INTO variants (`+variantColumns+`)
		SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE EXISTS (SELECT 1 FROM images WHERE blob = ?1)
		ON CONFLICT (source, name) DO UPDATE SET blob = excluded.blob, mime_type = excluded.mime_type,
			width = excluded.width, height = excluded.height, bytes = excluded.bytes`,
		x.Source, x.Name, x.Blob, x.MIMEType, x.Width, x.Height, x.Bytes)
}

// GetVariant implements imagechat.ImageStore.
func (v view) GetVariant(ctx context.Context, source imagechat.BlobKey, name string) (*imagechat.Variant, error) {
	return one(ctx, v, "variant of "+string(source), scanVariant, `SELECT `+variantColumns+` FROM variants WHERE source = ? AND name = ?`, source, name)
}

func scanVariant(row scanner) (*imagechat.Variant, error) {
	x := &imagechat.Variant{}
	err := row.Scan(&x.Source, &x.Name, &x.Blob, &x.MIMEType, &x.Width, &x.Height, &x.Bytes)
	return x, err
}

// ListVariants implements imagechat.ImageStore.
func (v view) ListVariants(ctx context.Context, source imagechat.BlobKey) ([]*imagechat.Variant, error) {
	return all(ctx, v, "variants of "+string(source), scanVariant, `SELECT `+variantColumns+` FROM variants WHERE source = ? ORDER BY name`, source)
}
