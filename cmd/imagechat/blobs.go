package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/bunstore"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/fsblob"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// errDamaged marks a file of the store that cannot be read whole, or whose
// bytes are not those that its name promises.
var errDamaged = errors.New("damaged")

// rewindWhole reads r from its begin to its end, checks what was read, and
// leaves r at the begin. It closes r when it returns an error.
func rewindWhole(r io.ReadSeekCloser, key imagechat.BlobKey) error {
	h := sha256.New()
	_, err := io.Copy(h, r)
	if sum := hex.EncodeToString(h.Sum(nil)); err == nil && sum != string(key) {
		err = fmt.Errorf("its bytes have the SHA-256 %s", sum)
	}
	if err == nil {
		_, err = r.Seek(0, io.SeekStart)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("%s is %w: %w", key, errDamaged, err), r.Close())
	}
	return nil
}

// openWhole opens a blob that is known to be whole: the error is NotFound for
// one that is missing, in the trash too, and errDamaged for any other that is of no use.
func openWhole(ctx context.Context, blobs *fsblob.Store, key imagechat.BlobKey) (io.ReadSeekCloser, error) {
	r, err := blobs.Open(ctx, key)
	if errors.Is(err, imagechat.NotFound) && blobs.Restore(ctx, key) == nil {
		r, err = blobs.Open(ctx, key) // it is referred to, so it was in the trash by mistake
	}
	switch {
	case ctx.Err() != nil, errors.Is(err, imagechat.NotFound):
		return nil, errors.Join(err, ctx.Err())
	case err != nil:
		return nil, fmt.Errorf("%s is %w: %w", key, errDamaged, err)
	}
	if err := rewindWhole(r, key); err != nil {
		return nil, err
	}
	return r, nil
}

// checkWhole is openWhole for those who want the verdict alone.
func checkWhole(ctx context.Context, blobs *fsblob.Store, key imagechat.BlobKey) error {
	r, err := openWhole(ctx, blobs, key)
	if err != nil {
		return err
	}
	return r.Close()
}

// blobKeys lists what a database refers to.
func blobKeys(ctx context.Context, path string) (keys []imagechat.BlobKey, err error) {
	err = withDatabase(ctx, path, func(s *bunstore.Store) error {
		for key, err := range s.Blobs(ctx) {
			if err != nil {
				return err
			}
			keys = append(keys, key)
		}
		return nil
	})
	return keys, err
}
