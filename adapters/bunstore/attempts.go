package bunstore

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

const attemptColumns = `id, turn_id, session_id, owner, number, idx, state, model, size, images, calls, booked, tokens,
	usage, result, error, pictures, booked_at, called_at, ended_at`

func scanAttempt(row scanner) (*imagechat.Attempt, error) {
	a := &imagechat.Attempt{}
	var total int64
	err := row.Scan(&a.ID, &a.TurnID, &a.SessionID, &a.Owner, &a.Number, &a.Index, &a.State, &a.Model, &a.Size, &a.Images,
		&a.Calls, &a.Booked, &total, document{&a.Usage}, document{&a.Result}, document{&a.Error}, &a.Pictures,
		moment{&a.BookedAt}, moment{&a.CalledAt}, moment{&a.EndedAt})
	stampError(a.Error)
	if a.Result != nil {
		stampError(a.Result.Error)
	}
	return a, err
}

// encodeAttempt returns the columns of an attempt that are JSON.
func encodeAttempt(a *imagechat.Attempt) (usage, result, failure string, err error) {
	if usage, err = encode(a.Usage); err != nil {
		return "", "", "", err
	}
	if result, err = encode(a.Result); err != nil {
		return "", "", "", err
	}
	failure, err = encode(a.Error)
	return usage, result, failure, err
}

// CreateAttempt implements imagechat.AttemptStore.
func (v view) CreateAttempt(ctx context.Context, a *imagechat.Attempt) error {
	usage, result, failure, err := encodeAttempt(a)
	if err != nil {
		return err
	}
	return v.execOne(ctx, "create attempt", `INSERT INTO attempts (`+attemptColumns+`)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		a.ID, a.TurnID, a.SessionID, a.Owner, a.Number, a.Index, a.State, a.Model, a.Size, a.Images, a.Calls,
		int64(a.Booked), a.Usage.Total, usage, result, failure, a.Pictures,
		micros(a.BookedAt), micros(a.CalledAt), micros(a.EndedAt))
}

// GetAttempt implements imagechat.AttemptStore.
func (v view) GetAttempt(ctx context.Context, id imagechat.AttemptID) (*imagechat.Attempt, error) {
	return one(ctx, v, "attempt "+string(id), scanAttempt, `SELECT `+attemptColumns+` FROM attempts WHERE id = ?`, id)
}

// UpdateAttempt implements imagechat.AttemptStore.
func (v view) UpdateAttempt(ctx context.Context, a *imagechat.Attempt, from imagechat.AttemptState) error {
	usage, result, failure, err := encodeAttempt(a)
	if err != nil {
		return err
	}
	return v.write(ctx, func(v view) error {
		n, err := v.exec(ctx, `UPDATE attempts SET state = ?, model = ?, size = ?, images = ?, calls = ?, booked = ?,
			tokens = ?, usage = ?, result = ?, error = ?, pictures = ?, booked_at = ?, called_at = ?, ended_at = ?
			WHERE id = ? AND state = ?`,
			a.State, a.Model, a.Size, a.Images, a.Calls, int64(a.Booked), a.Usage.Total, usage, result, failure,
			a.Pictures, micros(a.BookedAt), micros(a.CalledAt), micros(a.EndedAt), a.ID, from)
		if err == nil && n == 0 {
			err = v.conflict(ctx, `SELECT state FROM attempts WHERE id = ?`, string(a.ID))
		}
		if err != nil {
			return fmt.Errorf("bunstore: attempt %s: %w", a.ID, err)
		}
		return nil
	})
}

// ListAttempts implements imagechat.AttemptStore.
func (v view) ListAttempts(ctx context.Context, turn imagechat.TurnID) ([]*imagechat.Attempt, error) {
	if turn == "" {
		return all(ctx, v, "list live attempts", scanAttempt, `SELECT `+attemptColumns+` FROM attempts
			WHERE state IN ('reserved', 'calling', 'returned') ORDER BY turn_id, number, idx`)
	}
	return all(ctx, v, "list attempts", scanAttempt, `SELECT `+attemptColumns+` FROM attempts
		WHERE turn_id = ? ORDER BY number, idx`, turn)
}

// Booked implements imagechat.AttemptStore.
func (v view) Booked(ctx context.Context, session imagechat.SessionID, since time.Time) (imagechat.USD, time.Time, error) {
	const sum = `SELECT coalesce(sum(booked), 0), min(CASE WHEN booked > 0 THEN booked_at END) FROM attempts WHERE booked_at >= ?`
	query, args := sum, []any{micros(since)}
	if session != "" {
		query, args = sum+` AND session_id = ?`, append(args, session)
	}
	var total int64
	var oldest sql.NullInt64
	err := retryBusy(ctx, func() error { return v.row(ctx, query, args...).Scan(&total, &oldest) })
	if err != nil {
		return 0, time.Time{}, fmt.Errorf("bunstore: sum what is booked: %w", v.note(err))
	}
	if !oldest.Valid {
		return imagechat.USD(total), time.Time{}, nil
	}
	return imagechat.USD(total), timeOf(oldest.Int64), nil
}

// FreesUp implements imagechat.AttemptStore.
func (v view) FreesUp(ctx context.Context, since time.Time, amount imagechat.USD) (time.Time, error) {
	at, err := one(ctx, v, "when bookings reach an amount", func(row scanner) (*sql.NullInt64, error) {
		at := &sql.NullInt64{}
		return at, row.Scan(at)
	}, `SELECT min(booked_at) FROM (
		SELECT booked_at, sum(booked) OVER (ORDER BY booked_at, id) AS total FROM attempts WHERE booked_at >= ? AND booked > 0
	) WHERE total >= ?`, micros(since), int64(amount))
	if err != nil || !at.Valid {
		return time.Time{}, err
	}
	return timeOf(at.Int64), nil
}

// usageColumns sum a group of attempts.
const usageColumns = `count(DISTINCT a.turn_id), coalesce(sum(a.pictures), 0), coalesce(sum(a.tokens), 0), coalesce(sum(a.booked), 0)`

// dayMicros is the length of a day.
const dayMicros = 24 * 60 * 60 * 1_000_000

// SumUsage implements imagechat.AttemptStore.
func (v view) SumUsage(ctx context.Context, q imagechat.UsageQuery) (*imagechat.Usage, error) {
	u, err := one(ctx, v, "sum usage", func(row scanner) (*imagechat.Usage, error) {
		u := &imagechat.Usage{Since: stamp(q.Since)}
		return u, row.Scan(&u.Turns, &u.Images, &u.Tokens, &u.USD)
	}, `SELECT `+usageColumns+` FROM attempts AS a WHERE a.owner = ? AND a.booked_at >= ?`, q.Owner, micros(q.Since))
	if err != nil {
		return nil, err
	}
	u.ByDay, err = values(all(ctx, v, "sum usage by day", scanUsageDay, `SELECT a.booked_at / ? AS day, `+usageColumns+`
		FROM attempts AS a WHERE a.owner = ? AND a.booked_at >= ? GROUP BY day ORDER BY day`, dayMicros, q.Owner, micros(q.Since)))
	if err != nil {
		return nil, err
	}
	n := q.Limit
	if n == 0 {
		n = 100
	}
	u.BySession, err = values(all(ctx, v, "sum usage by session", scanUsageSession, `
		SELECT a.session_id, coalesce(max(s.title), ''), `+usageColumns+`, sum(a.booked) AS dearest
		FROM attempts AS a LEFT JOIN sessions AS s ON s.id = a.session_id WHERE a.owner = ? AND a.booked_at >= ?
		GROUP BY a.session_id ORDER BY dearest DESC, a.session_id LIMIT ?`, q.Owner, micros(q.Since), n))
	return u, err
}

func scanUsageDay(row scanner) (*imagechat.UsageDay, error) {
	d := &imagechat.UsageDay{}
	var day int64
	err := row.Scan(&day, &d.Turns, &d.Images, &d.Tokens, &d.USD)
	d.Day = time.UnixMicro(day * dayMicros).UTC().Format(time.DateOnly)
	return d, err
}

func scanUsageSession(row scanner) (*imagechat.UsageSession, error) {
	s := &imagechat.UsageSession{}
	var dearest int64
	err := row.Scan(&s.SessionID, &s.Title, &s.Turns, &s.Images, &s.Tokens, &s.USD, &dearest)
	return s, err
}

// RecentDurations implements imagechat.AttemptStore.
func (v view) RecentDurations(ctx context.Context, model, size string, n int) ([]time.Duration, error) {
	return values(all(ctx, v, "recent durations", func(row scanner) (*time.Duration, error) {
		var d time.Duration
		err := row.Scan(&d)
		d *= time.Microsecond / time.Nanosecond
		return &d, err
	}, `SELECT ended_at - called_at FROM attempts WHERE model = ? AND size = ? AND state = 'stored' AND pictures > 0
		ORDER BY ended_at DESC, id DESC LIMIT ?`, model, size, limit(n)))
}
