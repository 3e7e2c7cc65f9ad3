package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/bunstore"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/demo"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/fsblob"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

type gcCmd struct {
	DryRun bool `name:"dry-run" help:"Say what would be deleted, and delete nothing."`
	All    bool `help:"Delete also when a large share of the images is unused."`
}

// Run deletes for good what nothing has referred to for a day, and empties the
// trash. The server does the same with more patience; this is for a disk that
// is full now. It may run beside the server.
func (c *gcCmd) Run(p *program) error {
	cfg, err := p.existingData()
	if err != nil {
		return err
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	found, err := collect(ctx, cfg, imagechat.CollectOptions{DryRun: c.DryRun, ForGood: true, Any: c.All})
	if err != nil {
		return storageRefusal(cfg, err)
	}
	if found.Held {
		return fmt.Errorf("%d of %d images (%.1f MB) are unused, more than a small share, so none was deleted: if %s is the right database, run: imagechat gc --all",
			found.Unused, found.Blobs, megabytes(found.UnusedBytes), cfg.DatabasePath)
	}
	did := "deleted"
	if c.DryRun {
		did = "would delete"
	} else {
		// What went through the trash on its way is counted there.
		found.Purged -= found.Swept
		found.PurgedBytes -= found.UnusedBytes
	}
	fmt.Fprintf(p.Stdout, "%d images, %.1f MB; %s %d that nothing refers to (%.1f MB) and %d from the trash (%.1f MB)\n",
		found.Blobs, megabytes(found.Bytes), did, found.Swept, megabytes(found.UnusedBytes), max(0, found.Purged), max(0, megabytes(found.PurgedBytes)))
	if found.Restored > 0 {
		fmt.Fprintf(p.Stdout, "in the trash, and in use: %d; these are brought back\n", found.Restored)
	}
	return nil
}

func megabytes(n int64) float64 { return float64(n) / 1e6 }

// collect runs the service's own collection on the data directories.
func collect(ctx context.Context, cfg config, o imagechat.CollectOptions) (found imagechat.Collection, err error) {
	store, err := bunstore.OpenExisting(ctx, databaseURL(cfg.DatabasePath))
	if err != nil {
		return found, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	err = withBlobs(cfg, store, func(ports imagechat.Ports) error {
		service, err := imagechat.New(ports, nil)
		if err == nil {
			found, err = service.Collect(ctx, o)
		}
		return err
	})
	return found, err
}

// withBlobs opens the blobs beside a database, for work that calls no generator.
func withBlobs(cfg config, store *bunstore.Store, work func(imagechat.Ports) error) error {
	blobs, err := fsblob.Open(cfg.BlobDir)
	if err != nil {
		return err
	}
	ports := imagechat.Ports{Generator: demo.New(nil), Repository: store, Blobs: blobs, Spool: blobs.Spool()}
	return errors.Join(work(ports), blobs.Close())
}

type adoptCmd struct{}

// Run declares that the database and the images belong together, whatever
// they are marked with.
func (c *adoptCmd) Run(p *program) error {
	cfg, err := p.existingData()
	if err != nil {
		return err
	}
	release, err := lockDatabase(cfg)
	if err != nil {
		return err
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if err := errors.Join(adopt(ctx, cfg), release()); err != nil {
		return storageRefusal(cfg, err)
	}
	found, err := collect(ctx, cfg, imagechat.CollectOptions{DryRun: true, Any: true})
	if err != nil {
		return err
	}
	fmt.Fprintf(p.Stdout, "%s and %s belong together from now on; of %d images there, the database does not know %d\n",
		cfg.DatabasePath, cfg.BlobDir, found.Blobs, found.Unused)
	return nil
}

func adopt(ctx context.Context, cfg config) (err error) {
	store, err := bunstore.Open(ctx, databaseURL(cfg.DatabasePath), nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return withBlobs(cfg, store, func(ports imagechat.Ports) error {
		unlock, err := ports.Blobs.(imagechat.Locker).Lock(ctx)
		if err != nil {
			return err
		}
		return errors.Join(imagechat.AdoptStores(ctx, ports), unlock())
	})
}

// storageRefusal says in one line what to do about stores that must not be
// used as they are.
func storageRefusal(cfg config, err error) error {
	switch {
	case errors.Is(err, imagechat.ErrForeignStores):
		return fmt.Errorf("%s (DATABASE_URL %s, BLOB_URL %s); name the two that belong together, or restore the database from a backup; "+
			"if these do belong together, run: imagechat adopt",
			strings.TrimPrefix(err.Error(), "imagechat: "), cfg.DatabasePath, cfg.BlobDir)
	case errors.Is(err, imagechat.ErrInUse):
		return fmt.Errorf("another imagechat uses %s or %s; stop it, or give this one a DATABASE_URL and a BLOB_URL of its own, both",
			cfg.DatabasePath, cfg.BlobDir)
	}
	return err
}
