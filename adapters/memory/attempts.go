package memory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// CreateAttempt implements imagechat.AttemptStore.
func (v view) CreateAttempt(ctx context.Context, a *imagechat.Attempt) error {
	unlock, err := v.write(ctx, "CreateAttempt")
	if err != nil {
		return err
	}
	defer unlock()
	for _, o := range v.attempts {
		if o.TurnID == a.TurnID && o.Number == a.Number && o.Index == a.Index {
			return fmt.Errorf("memory: attempt %d/%d of turn %s exists: %w", a.Number, a.Index, a.TurnID, imagechat.Conflict)
		}
	}
	return create(v, v.attempts, a.ID, cloneAttempt(a), "attempt")
}

// UpdateAttempt implements imagechat.AttemptStore.
func (v view) UpdateAttempt(ctx context.Context, a *imagechat.Attempt, from imagechat.AttemptState) error {
	unlock, err := v.write(ctx, "UpdateAttempt")
	if err != nil {
		return err
	}
	defer unlock()
	old, err := get(v.attempts, a.ID, "attempt")
	if err != nil {
		return err
	}
	if old.State != from {
		return fmt.Errorf("memory: attempt %s is %s: %w", a.ID, old.State, imagechat.Conflict)
	}
	c := cloneAttempt(a)
	c.TurnID, c.SessionID, c.Owner, c.Number, c.Index = old.TurnID, old.SessionID, old.Owner, old.Number, old.Index
	put(v, v.attempts, a.ID, c)
	return nil
}

// GetAttempt implements imagechat.AttemptStore.
func (v view) GetAttempt(ctx context.Context, id imagechat.AttemptID) (*imagechat.Attempt, error) {
	return lookUp(ctx, v, "GetAttempt", v.attempts, id, "attempt", cloneAttempt)
}

// ListAttempts implements imagechat.AttemptStore.
func (v view) ListAttempts(ctx context.Context, turn imagechat.TurnID) ([]*imagechat.Attempt, error) {
	unlock, err := v.read(ctx, "ListAttempts")
	if err != nil {
		return nil, err
	}
	defer unlock()
	var found []*imagechat.Attempt
	for _, a := range v.attempts {
		if a.TurnID == turn || turn == "" && a.State.Live() {
			found = append(found, a)
		}
	}
	slices.SortFunc(found, func(a, b *imagechat.Attempt) int {
		return cmp.Or(cmp.Compare(a.TurnID, b.TurnID), cmp.Compare(a.Number, b.Number), cmp.Compare(a.Index, b.Index))
	})
	return copies(found, cloneAttempt), nil
}

// Booked implements imagechat.AttemptStore.
func (v view) Booked(ctx context.Context, session imagechat.SessionID, since time.Time) (imagechat.USD, time.Time, error) {
	unlock, err := v.read(ctx, "Booked")
	if err != nil {
		return 0, time.Time{}, err
	}
	defer unlock()
	var sum imagechat.USD
	var oldest time.Time
	for _, a := range v.attempts {
		if session != "" && a.SessionID != session || a.BookedAt.Before(stamp(since)) {
			continue
		}
		sum += a.Booked
		if a.Booked > 0 && (oldest.IsZero() || a.BookedAt.Before(oldest)) {
			oldest = a.BookedAt
		}
	}
	return sum, oldest, nil
}

// FreesUp implements imagechat.AttemptStore.
func (v view) FreesUp(ctx context.Context, since time.Time, amount imagechat.USD) (time.Time, error) {
	unlock, err := v.read(ctx, "FreesUp")
	if err != nil {
		return time.Time{}, err
	}
	defer unlock()
	var booked []*imagechat.Attempt
	for _, a := range v.attempts {
		if a.Booked > 0 && !a.BookedAt.Before(stamp(since)) {
			booked = append(booked, a)
		}
	}
	slices.SortFunc(booked, func(a, b *imagechat.Attempt) int { return a.BookedAt.Compare(b.BookedAt) })
	var total imagechat.USD
	for _, a := range booked {
		if total += a.Booked; total >= amount {
			return a.BookedAt, nil
		}
	}
	return time.Time{}, nil
}

// SumUsage implements imagechat.AttemptStore.
func (v view) SumUsage(ctx context.Context, q imagechat.UsageQuery) (*imagechat.Usage, error) {
	unlock, err := v.read(ctx, "SumUsage")
	if err != nil {
		return nil, err
	}
	defer unlock()
	var total sum
	days, sessions := map[string]*sum{}, map[imagechat.SessionID]*sum{}
	for _, a := range v.attempts {
		if a.Owner == q.Owner && !a.BookedAt.Before(stamp(q.Since)) {
			total.add(a)
			sumOf(days, a.BookedAt.Format(time.DateOnly)).add(a)
			sumOf(sessions, a.SessionID).add(a)
		}
	}
	u := &imagechat.Usage{Since: stamp(q.Since), Turns: len(total.turns), Images: total.images, Tokens: total.tokens, USD: total.usd}
	for day, s := range days {
		u.ByDay = append(u.ByDay, imagechat.UsageDay{Day: day, Turns: len(s.turns), Images: s.images, Tokens: s.tokens, USD: s.usd})
	}
	slices.SortFunc(u.ByDay, func(a, b imagechat.UsageDay) int { return cmp.Compare(a.Day, b.Day) })
	for id, s := range sessions {
		x := imagechat.UsageSession{SessionID: id, Turns: len(s.turns), Images: s.images, Tokens: s.tokens, USD: s.usd}
		if session := v.sessions[id]; session != nil {
			x.Title = session.Title
		}
		u.BySession = append(u.BySession, x)
	}
	slices.SortFunc(u.BySession, func(a, b imagechat.UsageSession) int {
		return cmp.Or(cmp.Compare(b.USD, a.USD), cmp.Compare(a.SessionID, b.SessionID))
	})
	u.BySession = first(u.BySession, cmp.Or(q.Limit, 100))
	return u, nil
}

type sum struct {
	turns  map[imagechat.TurnID]bool
	images int
	tokens int64
	usd    imagechat.USD
}

func (s *sum) add(a *imagechat.Attempt) {
	if s.turns == nil {
		s.turns = map[imagechat.TurnID]bool{}
	}
	s.turns[a.TurnID] = true
	s.images += a.Pictures
	s.tokens += a.Usage.Total
	s.usd += a.Booked
}

func sumOf[K comparable](m map[K]*sum, k K) *sum {
	if m[k] == nil {
		m[k] = &sum{}
	}
	return m[k]
}

// RecentDurations implements imagechat.AttemptStore.
func (v view) RecentDurations(ctx context.Context, model, size string, n int) ([]time.Duration, error) {
	unlock, err := v.read(ctx, "RecentDurations")
	if err != nil {
		return nil, err
	}
	defer unlock()
	var found []*imagechat.Attempt
	for _, a := range v.attempts {
		if a.State == imagechat.AttemptStored && a.Pictures > 0 && a.Model == model && a.Size == size {
			found = append(found, a)
		}
	}
	slices.SortFunc(found, func(a, b *imagechat.Attempt) int {
		return newestFirst(a.EndedAt, b.EndedAt, string(a.ID), string(b.ID))
	})
	var out []time.Duration
	for _, a := range first(found, n) {
		out = append(out, a.EndedAt.Sub(a.CalledAt))
	}
	return out, nil
}
