package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/bunstore"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/fsblob"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

type restoreCmd struct {
	File string `arg:"" help:"Backup to restore from."`
	Mend bool   `help:"Put back only the images that are missing or damaged here; the server may run."`
}

// Run puts a backup's content into empty data directories. The database comes
// into its place last, so that what is cut off leaves nothing that starts.
func (c *restoreCmd) Run(p *program) error {
	if c.Mend {
		return p.mend(c.File)
	}
	cfg, err := p.config()
	if err != nil {
		return err
	}
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := prepareStorage(cfg); err != nil {
		return err
	}
	release, err := lockDatabase(cfg)
	if err != nil {
		return err
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	m, err := restoreBackup(ctx, cfg, f)
	if err = errors.Join(err, release()); err != nil {
		return fmt.Errorf("%s was not restored: %w", c.File, err)
	}
	fmt.Fprintf(p.Stderr, "restored %d files, %.1f MB, as of %s\n", len(m.Files), float64(m.bytes())/1e6, m.CreatedAt.Format(time.RFC3339))
	m.sayMissing(p.Stderr)
	return nil
}

func restoreBackup(ctx context.Context, cfg config, r io.Reader) (_ *manifest, err error) {
	begun, err := beginRestore(cfg)
	if err != nil {
		return nil, err
	}
	// Whatever stands in the way, the next try finds empty directories.
	defer func() {
		if err != nil {
			err = errors.Join(err, begun.undo())
		}
	}()
	m, err := begun.unpack(ctx, r)
	if err != nil {
		return nil, err
	}
	if err := checkBackup(ctx, begun.database, m); err != nil {
		return nil, err
	}
	if err := settleRestored(ctx, begun.database); err != nil {
		return nil, err
	}
	return m, begun.finish()
}

// respool puts a received piece back where the next start looks for it. rest
// is ATTEMPT/N-KIND.
func respool(ctx context.Context, spool *fsblob.Spool, rest string, content io.Reader) error {
	attempt, name, _ := strings.Cut(rest, "/")
	_, kind, _ := strings.Cut(name, "-")
	w, err := spool.Create(ctx, imagechat.AttemptID(attempt), imagechat.SpoolKind(kind))
	if err != nil {
		return err
	}
	defer w.Abort()
	if _, err := io.Copy(w, content); err != nil {
		return err
	}
	_, err = w.Commit()
	return err
}

// settleRestored ends turns that waited when the backup was made. They may
// have run after it, so running them again could buy their pictures twice:
// they end as interrupted, what was set aside for them counts as spent, and
// the person decides.
func settleRestored(ctx context.Context, database string) (err error) {
	store, err := bunstore.Open(ctx, databaseURL(database), nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	turns, err := store.ListTurns(ctx, "", imagechat.TurnQueued)
	if err != nil {
		return err
	}
	now := time.Now().UTC().Truncate(time.Microsecond)
	for _, t := range turns {
		t.Status, t.FinishedAt = imagechat.TurnFailed, now
		t.Error = &imagechat.Error{Code: imagechat.Interrupted, Retryable: true, Charge: imagechat.ChargeUnknown}
		if err := store.UpdateTurn(ctx, t, imagechat.TurnQueued); err != nil {
			return err
		}
		attempts, err := store.ListAttempts(ctx, t.ID)
		if err != nil {
			return err
		}
		for _, a := range attempts {
			if a.State != imagechat.AttemptReserved {
				continue
			}
			a.State, a.EndedAt = imagechat.AttemptUnknown, now
			if err := store.UpdateAttempt(ctx, a, imagechat.AttemptReserved); err != nil {
				return err
			}
		}
	}
	return nil
}
