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
	if err := settleRestored(ctx, begun.database, cfg); err != nil {
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

// settleRestored lets the service itself end the turns that had not ended
// when the backup was made: their calls may have been made after it, so that
// making them again could buy their pictures twice.
func settleRestored(ctx context.Context, database string, cfg config) (err error) {
	store, err := bunstore.Open(ctx, databaseURL(database), nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close(), removeIfThere(database+".lock")) }()
	return withBlobs(cfg, store, func(ports imagechat.Ports) error { return endRestored(ctx, ports) })
}

func endRestored(ctx context.Context, ports imagechat.Ports) error {
	service, err := imagechat.New(ports, &imagechat.Options{Restored: true})
	if err != nil {
		return err
	}
	if err := service.Start(ctx); err != nil {
		return err
	}
	if err := service.Close(ctx); err != nil {
		return err
	}
	left, err := ports.Repository.ListTurns(ctx, "", imagechat.TurnQueued, imagechat.TurnRunning)
	if err == nil && len(left) > 0 {
		err = fmt.Errorf("%d turns that had not ended could not be ended; is the disk full?", len(left))
	}
	return err
}
