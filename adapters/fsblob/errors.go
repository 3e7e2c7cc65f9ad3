package fsblob

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// translate gives a failure of the file system its code. The cause stays
// readable for the log; the code alone goes further.
func translate(err error) error {
	switch {
	case err == nil, errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, syscall.EFBIG):
		return fmt.Errorf("%w: %w", imagechat.StorageFull, err)
	}
	return fmt.Errorf("%w: %w", imagechat.StorageUnavailable, err)
}

// translateLookup is translate where what is missing was asked for by name.
func translateLookup(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %w", imagechat.NotFound, err)
	}
	return translate(err)
}
