package imagechat

import (
	"context"
	"io"
)

// Export finishes an image to exact pixels, under the purpose's byte limit,
// or fails with InvalidRequest that says why it cannot be met.
func (s *Service) Export(ctx context.Context, id ImageID, spec ExportSpec) (*ExportFile, error) {
	return s.pictures.Export(ctx, id, spec)
}

// ExportPack checks a request and returns the ZIP to be streamed.
func (s *Service) ExportPack(ctx context.Context, id SessionID, r PackRequest) (*Pack, error) {
	return s.pictures.ExportPack(ctx, id, r)
}

// FileName names a download of an image: session, purpose and size.
func (s *Service) FileName(ctx context.Context, img *Image, purpose string, width, height int, extension string) string {
	return s.pictures.FileName(ctx, img, purpose, width, height, extension)
}

// KeptThumbnail is Thumbnail where the copy is there already, and nil where it
// would have to be made: whoever limits work asks it first.
func (s *Service) KeptThumbnail(ctx context.Context, id ImageID, width int) (*Variant, io.ReadSeekCloser, error) {
	return s.pictures.KeptThumbnail(ctx, id, width)
}

// PreviewExport finishes an image and keeps nothing: neither a file, nor the
// mark that it was exported. The same request exported yields the very bytes
// that are announced. What was once worked out is remembered for a while.
func (s *Service) PreviewExport(ctx context.Context, id ImageID, r PreviewRequest) (*ExportPreview, error) {
	return s.pictures.PreviewExport(ctx, id, r)
}

// Thumbnail returns a copy scaled to about width pixels: the next of a few
// widths from 64 to 2048, and never enlarged. It is JPEG, or PNG where
// transparency matters. It is made once and kept, where there is room.
func (s *Service) Thumbnail(ctx context.Context, id ImageID, width int) (*Variant, io.ReadSeekCloser, error) {
	return s.pictures.Thumbnail(ctx, id, width)
}

// Upload stores a picture of the person's, re-encoded without its metadata:
// PNG, JPEG, WebP or GIF (first frame), at most 20 MB and 50 megapixels.
// role is ImageReference or ImageLogo. It is read to a file before anything
// else, so that a slow sender takes no memory. Failures of r are returned as
// they are; StorageFull with the cause "quota" says that the owner's uploads
// take as much as they may (Options.UploadQuota).
func (s *Service) Upload(ctx context.Context, r io.Reader, role ImageRole) (*Image, error) {
	return s.pictures.Upload(ctx, r, role)
}
