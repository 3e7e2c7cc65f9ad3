package imagechat

import (
	"context"
	"io"
	"strconv"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat/finish"
)

// Upload does what [Service.Upload] promises.
func (s *pictures) Upload(ctx context.Context, r io.Reader, role ImageRole) (*Image, error) {
	if role != ImageReference && role != ImageLogo {
		return nil, invalid("role", "unknown")
	}
	if err := s.room.checkSpace(ctx); err != nil {
		return nil, err
	}
	if err := s.checkQuota(ctx, s.repo, 0); err != nil {
		return nil, err
	}
	in, err := s.receiveUpload(ctx, r)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	out, err := s.newScratch(ctx)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	clean, err := finish.Clean(forOwner(ctx), in, &finish.Options{Out: out, Lossless: role == ImageLogo})
	if err == nil {
		err = out.rewind()
	}
	if err != nil {
		return nil, finishError(err, finish.DefaultLimits)
	}
	if err := s.checkQuota(ctx, s.repo, clean.Bytes); err != nil {
		return nil, err
	}
	now := s.now()
	img := &Image{
		ID: ImageID(newID(now)), Owner: OwnerOf(ctx), Role: role, Blob: BlobKey(clean.SHA256), Width: clean.Width,
		Height: clean.Height, MIMEType: clean.MIMEType, Format: string(clean.Format), Bytes: clean.Bytes, CreatedAt: now,
	}
	return img, s.keepUpload(ctx, img, out)
}

// receiveUpload reads an upload to a file.
func (s *pictures) receiveUpload(ctx context.Context, r io.Reader) (*scratch, error) {
	in, err := s.newScratch(ctx)
	if err != nil {
		return nil, err
	}
	n, err := io.Copy(in, io.LimitReader(r, MaxUploadBytes+1))
	if err == nil && n > MaxUploadBytes {
		err = &Error{Code: PayloadTooLarge, Params: map[string]string{"max_bytes": strconv.Itoa(MaxUploadBytes)}}
	}
	if err == nil {
		err = in.rewind()
	}
	if err != nil {
		in.Close()
		return nil, err
	}
	return in, nil
}

func (s *pictures) keepUpload(ctx context.Context, img *Image, data io.Reader) error {
	defer s.vault.use(img.Blob)()
	if err := s.blobs.Put(ctx, img.Blob, data); err != nil {
		return err
	}
	return s.repo.Atomically(ctx, func(r Repository) error {
		if err := s.checkQuota(ctx, r, img.Bytes); err != nil {
			return err
		}
		return r.CreateImage(ctx, img)
	})
}

// checkQuota refuses bytes more of uploads than their owner may keep. Without
// any more it asks whether there is room for one at all.
func (s *pictures) checkQuota(ctx context.Context, r ImageStore, more int64) error {
	if s.o.UploadQuota < 0 {
		return nil
	}
	kept, err := r.UploadedBytes(ctx, OwnerOf(ctx))
	if err != nil || kept+max(more, 1) <= s.o.UploadQuota {
		return err
	}
	return &Error{Code: StorageFull, Params: map[string]string{
		"cause": "quota", "max_bytes": strconv.FormatInt(s.o.UploadQuota, 10), "used_bytes": strconv.FormatInt(kept, 10),
	}}
}
