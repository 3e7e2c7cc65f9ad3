package finish

import (
	"context"
	"io"
)

// Bounds of a thumbnail's width in pixels; other widths are moved to the nearer.
const (
	MinThumbnail = 64
	MaxThumbnail = 2048
)

// thumbnailQuality is the JPEG quality of thumbnails unless Options say another.
const thumbnailQuality = 82

// Thumbnail makes a copy of src that is width pixels wide, in its own ratio:
// JPEG, or PNG where something is transparent. The width is first brought
// between MinThumbnail and MaxThumbnail; a source that is narrower keeps its
// own size and is never enlarged.
func Thumbnail(ctx context.Context, src io.ReadSeeker, width int, o *Options) (Result, error) {
	opts := o.orDefault()
	if o == nil || o.Quality == 0 {
		opts.Quality = thumbnailQuality
	}
	width = min(max(width, MinThumbnail), MaxThumbnail)
	p, release, err := open(ctx, src, &opts, func(i Info) int64 {
		return thumbnailSpec(i.Width, i.Height, width).workBytes(i.Width)
	})
	if err != nil {
		return Result{}, err
	}
	defer release()
	r, err := p.finish(ctx, thumbnailSpec(p.w, p.h, width), &opts)
	if err != nil {
		return Result{}, err
	}
	return opts.deliver(r)
}

func thumbnailSpec(w, h, width int) Spec {
	width = min(width, w)
	// The middle is named so that nothing is looked for: a rounded height may
	// leave a row to cut.
	return Spec{Width: width, Height: max((h*width+w/2)/w, 1), Alpha: true, Focus: &Point{0.5, 0.5}}
}
