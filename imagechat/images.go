package imagechat

import (
	"context"
	"io"
	"slices"
)

// image reads an image of the caller's from r.
func (s *kit) image(ctx context.Context, r ImageStore, id ImageID) (*Image, error) {
	if !idForm(id) {
		return nil, &Error{Code: ImageNotFound}
	}
	found, err := r.GetImages(ctx, id)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 || found[0].Owner != OwnerOf(ctx) {
		return nil, &Error{Code: ImageNotFound}
	}
	return found[0], nil
}

// Image does what [Service.Image] promises.
func (s *library) Image(ctx context.Context, id ImageID) (*Image, error) {
	return s.image(ctx, s.repo, id)
}

// Images does what [Service.Images] promises.
func (s *library) Images(ctx context.Context, q ImageQuery) (*ImagePage, error) {
	if q.SessionID != "" {
		if _, err := s.session(ctx, s.repo, q.SessionID); err != nil {
			return nil, err
		}
	}
	switch q.Role {
	case "":
		q.Role = ImageGenerated
	case ImageGenerated, ImageReference, ImageLogo:
	default:
		return nil, invalid("role", "unknown")
	}
	if err := checkText("q", q.Search, 0, MaxTitle); err != nil {
		return nil, err
	}
	before, err := decodeCursor(imageCursor, q.Cursor)
	if err != nil {
		return nil, err
	}
	if p, ok := s.o.Purposes.Get(q.Purpose); ok {
		q.Purpose = p.ID
	}
	limit := limitOr(q.Limit, 50, 200)
	found, err := s.repo.ListImages(ctx, ImageFilter{
		Owner: OwnerOf(ctx), SessionID: q.SessionID, Role: q.Role, Purpose: q.Purpose, Selected: q.Selected,
		Search: SearchKeys(q.Search), Since: q.Since, Until: q.Until, Before: before, Limit: limit + 1,
	})
	if err != nil {
		return nil, err
	}
	page := &ImagePage{Images: make([]Image, 0, len(found))}
	for i, img := range found {
		if i == limit {
			last := found[limit-1]
			page.NextCursor = encodeCursor(imageCursor, last.CreatedAt, string(last.ID))
			break
		}
		page.Images = append(page.Images, *img)
	}
	return page, nil
}

// UpdateImage does what [Service.UpdateImage] promises.
func (s *library) UpdateImage(ctx context.Context, id ImageID, p ImagePatch) (*Image, error) {
	if p.AltText != nil {
		if err := checkText("alt_text", *p.AltText, 0, MaxAltText); err != nil {
			return nil, err
		}
	}
	return s.changeImage(ctx, id, func(img *Image) {
		set(&img.Selected, p.Selected)
		set(&img.AltText, p.AltText)
	})
}

func (s *library) changeImage(ctx context.Context, id ImageID, change func(*Image)) (*Image, error) {
	var out *Image
	var e *Event
	err := s.repo.Atomically(ctx, func(r Repository) error {
		img, err := s.image(ctx, r, id)
		if err != nil {
			return err
		}
		before := *img
		if change(img); *img == before {
			out = img
			return nil
		}
		if err := r.UpdateImage(ctx, img); err != nil {
			return err
		}
		out = img
		if img.SessionID == "" {
			return nil
		}
		sess, err := r.GetSession(ctx, img.SessionID)
		if err != nil {
			return err
		}
		e, err = s.sessionEvent(ctx, r, sess)
		return err
	})
	if err != nil {
		return nil, err
	}
	if e != nil {
		s.feed.announce(e)
	}
	return out, nil
}

// DeleteImage does what [Service.DeleteImage] promises.
func (s *library) DeleteImage(ctx context.Context, id ImageID) error {
	var e *Event
	var gone []BlobKey
	err := s.repo.Atomically(ctx, func(r Repository) error {
		var err error
		var img *Image
		if img, err = s.image(ctx, r, id); err != nil {
			return err
		}
		if gone, err = dropImage(ctx, r, img); err != nil {
			return err
		}
		if err := s.forgetLogo(ctx, r, img); err != nil {
			return err
		}
		if img.SessionID == "" {
			return nil
		}
		sess, err := r.GetSession(ctx, img.SessionID)
		if err != nil {
			return err
		}
		if sess.FinalImageID == id {
			sess.FinalImageID = ""
		}
		if img.Role == ImageGenerated {
			sess.ImagesGenerated = max(0, sess.ImagesGenerated-1)
		}
		sess.UpdatedAt = s.now()
		if err := r.UpdateSession(ctx, sess); err != nil {
			return err
		}
		e, err = s.sessionEvent(ctx, r, sess)
		return err
	})
	if err != nil {
		return notFoundAs(err, ImageNotFound)
	}
	if e != nil {
		s.feed.announce(e)
	}
	s.stores.deleteBlobs(context.WithoutCancel(ctx), gone)
	return nil
}

// dropImage removes an image and everything else that holds on to its bytes:
// its copies, and the answer that it came with, as the model gave it. It
// returns the blobs that may be nobody's now.
func dropImage(ctx context.Context, r Repository, img *Image) ([]BlobKey, error) {
	variants, err := r.ListVariants(ctx, img.Blob)
	if err != nil {
		return nil, err
	}
	gone := []BlobKey{img.Blob}
	for _, v := range variants {
		gone = append(gone, v.Blob)
	}
	if img.MessageID != "" {
		m, err := r.GetMessage(ctx, img.MessageID)
		if err != nil {
			return nil, err
		}
		if parts := m.Blobs(); slices.Contains(parts, img.Blob) {
			gone = append(gone, parts...) // signatures and drafts, too
			if err := r.DropParts(ctx, m.ID); err != nil {
				return nil, err
			}
		}
	}
	return gone, r.DeleteImage(ctx, img.ID)
}

// OpenImage does what [Service.OpenImage] promises.
func (s *library) OpenImage(ctx context.Context, id ImageID) (*Image, io.ReadSeekCloser, error) {
	img, err := s.image(ctx, s.repo, id)
	if err != nil {
		return nil, nil, err
	}
	f, err := s.openBytes(ctx, img.Blob)
	return img, f, err
}
