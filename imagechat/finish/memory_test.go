//go:build unix

package finish

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sync/errgroup"
)

// side is the length of a large picture's side. The race detector's shadow
// memory multiplies everything, so that under it the limits only hold for less.
func side(pixels int) int {
	if raceEnabled {
		return pixels / 4
	}
	return pixels
}

// TestAPackOfFortyStaysUnder150MB measures a process of its own that makes
// forty placements of one 2K JPEG.
func TestAPackOfFortyStaysUnder150MB(t *testing.T) {
	t.Parallel()
	placements(t)
	c := measure(t, "pack "+sourceFile(t, JPEG))
	t.Logf("peak %.0f MB", c.PeakMB)
	if c.PeakMB > 150 {
		t.Errorf("the peak is %.0f MB, want at most 150", c.PeakMB)
	}
}

// TestManyExportsAtOnceStayInsideTheGate runs twelve exports of a 12 megapixel
// PNG side by side in a process of its own. Unchecked they would decode into
// 600 MB; a machine of 512 MB must live.
func TestManyExportsAtOnceStayInsideTheGate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "large.png")
	if err := os.WriteFile(path, bytesOf(t, pngOf(t, cutOut(flat(side(4000), side(3000))))), 0o600); err != nil {
		t.Fatal(err)
	}
	c := measure(t, "many "+path)
	t.Logf("peak %.0f MB", c.PeakMB)
	if c.PeakMB > 400 {
		t.Errorf("the peak is %.0f MB, want at most 400", c.PeakMB)
	}
}

// manyExports is the job of the process.
func manyExports(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var group errgroup.Group
	for range 12 {
		group.Go(func() error {
			_, err := Do(context.Background(), bytes.NewReader(data), Spec{Width: 600, Height: 600}, nil)
			return err
		})
	}
	return group.Wait()
}

// TestTheLargestUploadStaysInsideItsEstimate cleans a 50 megapixel upload in a
// process of its own.
func TestTheLargestUploadStaysInsideItsEstimate(t *testing.T) {
	t.Parallel()
	data := bytesOf(t, jpegOf(t, flat(side(8000), side(6000)), 80))
	path := filepath.Join(t.TempDir(), "large.jpg")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	info, err := Inspect(bytes.NewReader(data), nil)
	if err != nil {
		t.Fatal(err)
	}
	c := measure(t, "clean "+path)
	t.Logf("peak %.0f MB, decoding estimated at %d MB", c.PeakMB, info.decodeBytes>>20)
	if c.PeakMB > 160 {
		t.Errorf("the peak is %.0f MB, want at most 160", c.PeakMB)
	}
}
