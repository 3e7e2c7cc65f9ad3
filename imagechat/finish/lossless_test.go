package finish

import (
	"bytes"
	"context"
	"testing"
)

// TestCleanKeepsWhatCameWithoutLoss wants drawings to stay as they are, and
// photographs to become JPEG unless every pixel has to stay.
func TestCleanKeepsWhatCameWithoutLoss(t *testing.T) {
	t.Parallel()
	drawing, photograph := flat(300, 200), photo(300, 200)
	for name, c := range map[string]struct {
		data     []byte
		lossless bool
		want     Format
	}{
		"a drawing":                       {bytesOf(t, pngOf(t, drawing)), false, PNG},
		"a photograph":                    {bytesOf(t, pngOf(t, photograph)), false, JPEG},
		"a photograph that is a logo":     {bytesOf(t, pngOf(t, photograph)), true, PNG},
		"a JPEG that is a logo":           {bytesOf(t, jpegOf(t, drawing, 90)), true, JPEG},
		"a WebP with loss that is a logo": {reference(t, "video.webp"), true, JPEG},
	} {
		r, err := Clean(context.Background(), bytes.NewReader(c.data), &Options{Lossless: c.lossless})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if r.Format != c.want {
			t.Errorf("%s became %s, want %s", name, r.Format, c.want)
		}
		if r.Format == PNG {
			samePixels(t, decoded(t, c.data), decoded(t, r.Data))
		}
	}
}
