package bunstore

import (
	"context"
	"time"
)

// RevokeLogin keeps the id of a browser's login that was revoked until the
// login would have ended anyway, and forgets those that are over.
func (s *Store) RevokeLogin(ctx context.Context, id string, until, now time.Time) error {
	return s.atomically(ctx, func(v view) error {
		if _, err := v.exec(ctx, `DELETE FROM revoked_logins WHERE expires_at <= ?`, micros(now)); err != nil {
			return err
		}
		// Two tabs may log out at once.
		_, err := v.exec(ctx, `INSERT INTO revoked_logins (id, expires_at) VALUES (?, ?) ON CONFLICT DO NOTHING`, id, micros(until))
		return err
	})
}

// RevokedLogins returns the logins that RevokeLogin keeps and that are not over, with their ends.
func (s *Store) RevokedLogins(ctx context.Context, now time.Time) (map[string]time.Time, error) {
	type revoked struct {
		id    string
		until int64
	}
	rows, err := all(ctx, s.view, "revoked logins", func(row scanner) (*revoked, error) {
		r := &revoked{}
		return r, row.Scan(&r.id, &r.until)
	}, `SELECT id, expires_at FROM revoked_logins WHERE expires_at > ?`, micros(now))
	if err != nil {
		return nil, err
	}
	found := make(map[string]time.Time, len(rows))
	for _, r := range rows {
		found[r.id] = timeOf(r.until)
	}
	return found, nil
}
