package bunstore

import (
	"context"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// A brand is read whole and listed by name, so all else of it is one JSON.

func scanBrand(row scanner) (*imagechat.Brand, error) {
	b := &imagechat.Brand{}
	var owner imagechat.Owner
	var id imagechat.BrandID
	var created int64
	err := row.Scan(document{b}, &id, &owner, &b.Name, &created)
	b.ID, b.Owner = id, owner
	b.CreatedAt, b.UpdatedAt = timeOf(created), stamp(b.UpdatedAt)
	return b, err
}

// CreateBrand implements imagechat.BrandStore.
func (v view) CreateBrand(ctx context.Context, b *imagechat.Brand) error {
	body, err := encode(b)
	if err != nil {
		return err
	}
	return v.execOne(ctx, "create brand", `INSERT INTO brands (id, owner, name, body, created_at) VALUES (?, ?, ?, ?, ?)`,
		b.ID, b.Owner, b.Name, body, micros(b.CreatedAt))
}

// GetBrand implements imagechat.BrandStore.
func (v view) GetBrand(ctx context.Context, id imagechat.BrandID) (*imagechat.Brand, error) {
	return one(ctx, v, "brand "+string(id), scanBrand, `SELECT body, id, owner, name, created_at FROM brands WHERE id = ?`, id)
}

// UpdateBrand implements imagechat.BrandStore.
func (v view) UpdateBrand(ctx context.Context, b *imagechat.Brand) error {
	body, err := encode(b)
	if err != nil {
		return err
	}
	return v.execOne(ctx, "brand "+string(b.ID), `UPDATE brands SET name = ?, body = ? WHERE id = ?`, b.Name, body, b.ID)
}

// DeleteBrand implements imagechat.BrandStore.
func (v view) DeleteBrand(ctx context.Context, id imagechat.BrandID) error {
	return v.execOne(ctx, "brand "+string(id), `DELETE FROM brands WHERE id = ?`, id)
}

// ListBrands implements imagechat.BrandStore.
func (v view) ListBrands(ctx context.Context, owner imagechat.Owner) ([]*imagechat.Brand, error) {
	return all(ctx, v, "list brands", scanBrand, `SELECT body, id, owner, name, created_at FROM brands
		WHERE owner = ? ORDER BY name, id`, owner)
}
