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

	"github.com/gemini-image-chat/gemini-image-chat/adapters/fsblob"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// mend puts back images that are missing or damaged, from a backup that still
// has them. Blobs come into their places whole, so the server may run.
func (p *program) mend(file string) error {
	// First, for root may have put it there, who is about to become another.
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	cfg, err := p.existingData()
	if err != nil {
		return err
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	mended, left, err := mendBlobs(ctx, cfg, f)
	fmt.Fprintf(p.Stderr, "images put back: %d\n", mended)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if left > 0 {
		return fmt.Errorf("images that are still missing or damaged, for %s does not have them: %d; try another backup", file, left)
	}
	return nil
}

// mendBlobs returns how many blobs it put back, and how many it could not.
func mendBlobs(ctx context.Context, cfg config, archive io.Reader) (mended, left int, err error) {
	keys, err := blobKeys(ctx, cfg.DatabasePath)
	if err != nil {
		return 0, 0, err
	}
	blobs, err := fsblob.Open(cfg.BlobDir)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, blobs.Close()) }()
	lost := map[string]bool{}
	for _, key := range keys {
		switch err := checkWhole(ctx, blobs, key); {
		case errors.Is(err, imagechat.NotFound), errors.Is(err, errDamaged):
			lost[blobPrefix+string(key)] = true
		case err != nil:
			return 0, 0, err
		}
	}
	_, err = readArchive(archive, func(name string, _ int64, content io.Reader) error {
		if !lost[name] {
			return ctx.Err()
		}
		// The store takes only bytes that have the hash of their name.
		if err := blobs.Put(ctx, imagechat.BlobKey(strings.TrimPrefix(name, blobPrefix)), content); err != nil {
			return err
		}
		delete(lost, name)
		mended++
		return nil
	})
	return mended, len(lost), err
}
