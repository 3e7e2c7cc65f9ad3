package bunstore

import (
	"context"
	"fmt"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// ownedTables have a column owner. The counts of sessions have one as well, and
// are made anew: the trigger that keeps them looks at changes of status alone.
var ownedTables = []string{"sessions", "images", "turns", "attempts", "brands"}

// OwnerTotals says what belongs to an owner.
type OwnerTotals struct {
	Owner    imagechat.Owner
	Sessions int
	Images   int
	Spent    imagechat.USD
}

// Owners lists whose rows the database has, by name.
func (s *Store) Owners(ctx context.Context) ([]OwnerTotals, error) {
	scan := func(row scanner) (*OwnerTotals, error) {
		t := &OwnerTotals{}
		return t, row.Scan(&t.Owner, &t.Sessions, &t.Images, &t.Spent)
	}
	return values(all(ctx, s.view, "list owners", scan, `
		WITH names AS (SELECT owner FROM sessions UNION SELECT owner FROM images UNION SELECT owner FROM brands UNION SELECT owner FROM attempts)
		SELECT owner, (SELECT count(*) FROM sessions WHERE sessions.owner = names.owner),
			(SELECT count(*) FROM images WHERE images.owner = names.owner),
			(SELECT coalesce(sum(booked), 0) FROM attempts WHERE attempts.owner = names.owner)
		FROM names ORDER BY owner`))
}

// RenameOwner hands everything of one owner to another, who may have things
// already. It is done whole or not at all, and reports how many rows moved.
// No server may run meanwhile: it remembers who is allowed what.
func (s *Store) RenameOwner(ctx context.Context, from, to imagechat.Owner) (moved int, err error) {
	err = s.atomically(ctx, func(v view) error {
		moved = 0
		for _, table := range ownedTables {
			n, err := v.exec(ctx, `UPDATE `+table+` SET owner = ? WHERE owner = ?`, to, from)
			if err != nil {
				return fmt.Errorf("bunstore: rename owner: %w", err)
			}
			moved += int(n)
		}
		if _, err := v.exec(ctx, `DELETE FROM session_counts WHERE owner IN (?, ?)`, from, to); err != nil {
			return fmt.Errorf("bunstore: rename owner: %w", err)
		}
		if _, err := v.exec(ctx, `INSERT INTO session_counts SELECT owner, status, count(*) FROM sessions WHERE owner IN (?, ?) GROUP BY owner, status`, from, to); err != nil {
			return fmt.Errorf("bunstore: rename owner: %w", err)
		}
		return nil
	})
	return moved, err
}
