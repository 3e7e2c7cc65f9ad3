package memory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// CreateImage implements imagechat.ImageStore.
func (v view) CreateImage(ctx context.Context, i *imagechat.Image) error {
	unlock, err := v.write(ctx, "CreateImage")
	if err != nil {
		return err
	}
	defer unlock()
	if i.SessionID != "" {
		if err := v.needSession(i.SessionID, "image"); err != nil {
			return err
		}
	}
	return create(v, v.images, i.ID, cloneImage(i), "image")
}

// GetImages implements imagechat.ImageStore.
func (v view) GetImages(ctx context.Context, ids ...imagechat.ImageID) ([]*imagechat.Image, error) {
	unlock, err := v.read(ctx, "GetImages")
	if err != nil {
		return nil, err
	}
	defer unlock()
	var out []*imagechat.Image
	for _, id := range ids {
		if i := v.images[id]; i != nil {
			out = append(out, cloneImage(i))
		}
	}
	return out, nil
}

// ListImages implements imagechat.ImageStore.
func (v view) ListImages(ctx context.Context, f imagechat.ImageFilter) ([]*imagechat.Image, error) {
	unlock, err := v.read(ctx, "ListImages")
	if err != nil {
		return nil, err
	}
	defer unlock()
	var found []*imagechat.Image
	for _, i := range v.images {
		if imageFits(i, &f) && comesAfter(f.Before, i.CreatedAt, string(i.ID)) {
			found = append(found, i)
		}
	}
	slices.SortFunc(found, func(a, b *imagechat.Image) int {
		if len(f.Messages) > 0 {
			return cmp.Compare(a.ID, b.ID)
		}
		return newestFirst(a.CreatedAt, b.CreatedAt, string(a.ID), string(b.ID))
	})
	return copies(first(found, f.Limit), cloneImage), nil
}

func imageFits(i *imagechat.Image, f *imagechat.ImageFilter) bool {
	switch {
	case i.Owner != f.Owner,
		f.SessionID != "" && i.SessionID != f.SessionID,
		len(f.Messages) > 0 && !slices.Contains(f.Messages, i.MessageID),
		f.Role != "" && i.Role != f.Role,
		f.Purpose != "" && i.ImagePurpose != f.Purpose,
		f.Selected != nil && i.Selected != *f.Selected,
		!f.Since.IsZero() && i.CreatedAt.Before(stamp(f.Since)),
		!f.Until.IsZero() && !i.CreatedAt.Before(stamp(f.Until)):
		return false
	}
	return len(f.Search) == 0 || matches(i.PromptUsed+"\n"+i.AltText, f.Search)
}

// UpdateImage implements imagechat.ImageStore.
func (v view) UpdateImage(ctx context.Context, i *imagechat.Image) error {
	unlock, err := v.write(ctx, "UpdateImage")
	if err != nil {
		return err
	}
	defer unlock()
	old, err := get(v.images, i.ID, "image")
	if err != nil {
		return err
	}
	if i.SessionID != "" {
		if err := v.needSession(i.SessionID, "image"); err != nil {
			return err
		}
	}
	c := *old
	c.SessionID, c.Selected, c.Exported, c.AltText = i.SessionID, i.Selected, i.Exported, i.AltText
	put(v, v.images, i.ID, &c)
	return nil
}

// DeleteImage implements imagechat.ImageStore.
func (v view) DeleteImage(ctx context.Context, id imagechat.ImageID) error {
	unlock, err := v.write(ctx, "DeleteImage")
	if err != nil {
		return err
	}
	defer unlock()
	i, err := get(v.images, id, "image")
	if err != nil {
		return err
	}
	put(v, v.images, id, nil)
	v.dropVariants(i.Blob)
	return nil
}

// dropVariants removes the variants of a blob that is no image's any more.
func (v view) dropVariants(source imagechat.BlobKey) {
	if v.isImage(source) {
		return
	}
	for k := range v.variants {
		if k.source == source {
			put(v, v.variants, k, nil)
		}
	}
}

func (v view) isImage(b imagechat.BlobKey) bool {
	for _, i := range v.images {
		if i.Blob == b {
			return true
		}
	}
	return false
}

// UnusedUploads implements imagechat.ImageStore.
func (v view) UnusedUploads(ctx context.Context, before time.Time, limit int, among ...imagechat.ImageID) ([]*imagechat.Image, error) {
	unlock, err := v.read(ctx, "UnusedUploads")
	if err != nil {
		return nil, err
	}
	defer unlock()
	used := map[imagechat.ImageID]bool{}
	for _, m := range v.messages {
		for _, id := range m.ReferenceIDs {
			used[id] = true
		}
	}
	for _, b := range v.brands {
		used[b.LogoImageID] = true
	}
	var found []*imagechat.Image
	for _, i := range v.images {
		if len(among) > 0 && !slices.Contains(among, i.ID) {
			continue
		}
		if i.Role != imagechat.ImageGenerated && i.SessionID == "" && i.CreatedAt.Before(stamp(before)) && !used[i.ID] {
			found = append(found, i)
		}
	}
	slices.SortFunc(found, func(a, b *imagechat.Image) int {
		return newestFirst(b.CreatedAt, a.CreatedAt, string(b.ID), string(a.ID))
	})
	return copies(first(found, limit), cloneImage), nil
}

// UploadedBytes implements imagechat.ImageStore.
func (v view) UploadedBytes(ctx context.Context, owner imagechat.Owner) (int64, error) {
	unlock, err := v.read(ctx, "UploadedBytes")
	if err != nil {
		return 0, err
	}
	defer unlock()
	var sum int64
	for _, i := range v.images {
		if i.Owner == owner && i.Role != imagechat.ImageGenerated {
			sum += i.Bytes
		}
	}
	return sum, nil
}

// ListVariants implements imagechat.ImageStore.
func (v view) ListVariants(ctx context.Context, source imagechat.BlobKey) ([]*imagechat.Variant, error) {
	unlock, err := v.read(ctx, "ListVariants")
	if err != nil {
		return nil, err
	}
	defer unlock()
	var out []*imagechat.Variant
	for k, x := range v.variants {
		if k.source == source {
			out = append(out, cloneVariant(x))
		}
	}
	slices.SortFunc(out, func(a, b *imagechat.Variant) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// PutVariant implements imagechat.ImageStore.
func (v view) PutVariant(ctx context.Context, x *imagechat.Variant) error {
	unlock, err := v.write(ctx, "PutVariant")
	if err != nil {
		return err
	}
	defer unlock()
	if !v.isImage(x.Source) {
		return fmt.Errorf("memory: variant of %s: %w", x.Source, imagechat.NotFound)
	}
	put(v, v.variants, variantKey{x.Source, x.Name}, cloneVariant(x))
	return nil
}

// GetVariant implements imagechat.ImageStore.
func (v view) GetVariant(ctx context.Context, source imagechat.BlobKey, name string) (*imagechat.Variant, error) {
	unlock, err := v.read(ctx, "GetVariant")
	if err != nil {
		return nil, err
	}
	defer unlock()
	x := v.variants[variantKey{source, name}]
	if x == nil {
		return nil, fmt.Errorf("memory: variant %q of %s: %w", name, source, imagechat.NotFound)
	}
	return cloneVariant(x), nil
}
