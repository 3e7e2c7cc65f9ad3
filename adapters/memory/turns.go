package memory

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// CreateTurn implements imagechat.TurnStore.
func (v view) CreateTurn(ctx context.Context, t *imagechat.Turn) error {
	unlock, err := v.write(ctx, "CreateTurn")
	if err != nil {
		return err
	}
	defer unlock()
	if err := v.needSession(t.SessionID, "turn"); err != nil {
		return err
	}
	if v.turnByKey(t.SessionID, t.IdempotencyKey) != nil {
		return fmt.Errorf("memory: idempotency key %q is taken: %w", t.IdempotencyKey, imagechat.Conflict)
	}
	return create(v, v.turns, t.ID, cloneTurn(t), "turn")
}

func (v view) turnByKey(session imagechat.SessionID, key string) *imagechat.Turn {
	if key == "" {
		return nil
	}
	for _, t := range v.turns {
		if t.SessionID == session && t.IdempotencyKey == key {
			return t
		}
	}
	return nil
}

// GetTurn implements imagechat.TurnStore.
func (v view) GetTurn(ctx context.Context, id imagechat.TurnID) (*imagechat.Turn, error) {
	return lookUp(ctx, v, "GetTurn", v.turns, id, "turn", cloneTurn)
}

// FindTurn implements imagechat.TurnStore.
func (v view) FindTurn(ctx context.Context, session imagechat.SessionID, key string) (*imagechat.Turn, error) {
	unlock, err := v.read(ctx, "FindTurn")
	if err != nil {
		return nil, err
	}
	defer unlock()
	t := v.turnByKey(session, key)
	if t == nil {
		return nil, fmt.Errorf("memory: turn by key %q: %w", key, imagechat.NotFound)
	}
	return cloneTurn(t), nil
}

// UpdateTurn implements imagechat.TurnStore.
func (v view) UpdateTurn(ctx context.Context, t *imagechat.Turn, from ...imagechat.TurnStatus) error {
	unlock, err := v.write(ctx, "UpdateTurn")
	if err != nil {
		return err
	}
	defer unlock()
	old, err := get(v.turns, t.ID, "turn")
	if err != nil {
		return err
	}
	if !slices.Contains(from, old.Status) {
		return fmt.Errorf("memory: turn %s is %s: %w", t.ID, old.Status, imagechat.Conflict)
	}
	c := cloneTurn(t)
	c.SessionID, c.Owner, c.CreatedAt = old.SessionID, old.Owner, old.CreatedAt
	c.IdempotencyKey, c.RequestHash = old.IdempotencyKey, old.RequestHash
	put(v, v.turns, t.ID, c)
	return nil
}

// ListTurns implements imagechat.TurnStore.
func (v view) ListTurns(ctx context.Context, session imagechat.SessionID, statuses ...imagechat.TurnStatus) ([]*imagechat.Turn, error) {
	unlock, err := v.read(ctx, "ListTurns")
	if err != nil {
		return nil, err
	}
	defer unlock()
	var found []*imagechat.Turn
	for _, t := range v.turns {
		if (session == "" || t.SessionID == session) && (len(statuses) == 0 || slices.Contains(statuses, t.Status)) {
			found = append(found, t)
		}
	}
	slices.SortFunc(found, func(a, b *imagechat.Turn) int { return cmp.Compare(a.ID, b.ID) })
	return copies(found, cloneTurn), nil
}

// CreateBrand implements imagechat.BrandStore.
func (v view) CreateBrand(ctx context.Context, b *imagechat.Brand) error {
	unlock, err := v.write(ctx, "CreateBrand")
	if err != nil {
		return err
	}
	defer unlock()
	return create(v, v.brands, b.ID, cloneBrand(b), "brand")
}

// GetBrand implements imagechat.BrandStore.
func (v view) GetBrand(ctx context.Context, id imagechat.BrandID) (*imagechat.Brand, error) {
	return lookUp(ctx, v, "GetBrand", v.brands, id, "brand", cloneBrand)
}

// UpdateBrand implements imagechat.BrandStore.
func (v view) UpdateBrand(ctx context.Context, b *imagechat.Brand) error {
	unlock, err := v.write(ctx, "UpdateBrand")
	if err != nil {
		return err
	}
	defer unlock()
	old, err := get(v.brands, b.ID, "brand")
	if err != nil {
		return err
	}
	c := cloneBrand(b)
	c.Owner, c.CreatedAt = old.Owner, old.CreatedAt
	put(v, v.brands, b.ID, c)
	return nil
}

// DeleteBrand implements imagechat.BrandStore.
func (v view) DeleteBrand(ctx context.Context, id imagechat.BrandID) error {
	unlock, err := v.write(ctx, "DeleteBrand")
	if err != nil {
		return err
	}
	defer unlock()
	if _, err := get(v.brands, id, "brand"); err != nil {
		return err
	}
	put(v, v.brands, id, nil)
	return nil
}

// ListBrands implements imagechat.BrandStore.
func (v view) ListBrands(ctx context.Context, owner imagechat.Owner) ([]*imagechat.Brand, error) {
	unlock, err := v.read(ctx, "ListBrands")
	if err != nil {
		return nil, err
	}
	defer unlock()
	var found []*imagechat.Brand
	for _, b := range v.brands {
		if b.Owner == owner {
			found = append(found, b)
		}
	}
	slices.SortFunc(found, func(a, b *imagechat.Brand) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return copies(found, cloneBrand), nil
}
