package imagechat

import (
	"context"
	"time"
)

// UnusedUploadAge is how long an upload is kept that nothing uses: a reference
// or a picture to edit that no message ever named, a logo of no brand.
const UnusedUploadAge = 30 * 24 * time.Hour

// unusedBatch is how many uploads are dropped in one transaction.
const unusedBatch = 100

// dropUnusedUploads removes the uploads that nothing has used for
// UnusedUploadAge, and returns how many.
func (s *stores) dropUnusedUploads(ctx context.Context) (int, error) {
	dropped := 0
	for {
		var gone []BlobKey
		n := 0
		err := s.repo.Atomically(ctx, func(r Repository) error {
			gone = nil
			unused, err := r.UnusedUploads(ctx, s.now().Add(-UnusedUploadAge), unusedBatch)
			if err != nil {
				return err
			}
			n = len(unused)
			for _, img := range unused {
				keys, err := dropImage(ctx, r, img)
				if err != nil {
					return err
				}
				gone = append(gone, keys...)
			}
			return nil
		})
		if err != nil {
			return dropped, err
		}
		s.deleteBlobs(ctx, gone)
		if dropped += n; n < unusedBatch {
			return dropped, nil
		}
	}
}
