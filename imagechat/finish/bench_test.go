//go:build unix

package finish

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// benchSide is the side of the 2K source in pixels.
var benchSide = side(2048)

func sourceFile(t testing.TB, format Format) string {
	t.Helper()
	var r io.Reader = jpegOf(t, photo(benchSide, benchSide), 92)
	if format == PNG {
		r = pngOf(t, photo(benchSide, benchSide))
	}
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "source."+format.Extension())
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// BenchmarkStep gives each step alone, in milliseconds per megapixel of what it
// reads (decoding, scaling, looking for the focus) or writes (the others).
func BenchmarkStep(b *testing.B) {
	ctx := context.Background()
	pictures := map[Format]*picture{}
	for _, format := range []Format{JPEG, PNG} {
		data, err := os.ReadFile(sourceFile(b, format))
		if err != nil {
			b.Fatal(err)
		}
		decode := func() {
			r := bytes.NewReader(data)
			info, err := Inspect(r, nil)
			if err == nil {
				pictures[format], err = decodePicture(ctx, r, info)
			}
			if err != nil {
				b.Fatal(err)
			}
		}
		decode()
		step(b, "decode "+string(format), benchSide*benchSide, decode)
	}
	c := newCanvas(1080, 1080)
	for _, format := range []Format{JPEG, PNG} {
		src := pictures[format].window(rectOf(benchSide, benchSide), false)
		step(b, "scale "+string(format)+" to 1080", benchSide*benchSide, func() {
			if err := c.paint(ctx, src, rectOf(1080, 1080)); err != nil {
				b.Fatal(err)
			}
		})
	}
	c.opaque = true
	step(b, "find the focus", benchSide*benchSide, func() { _, _ = pictures[JPEG].makePreview() })
	step(b, "sharpen", 1080*1080, c.sharpen)
	step(b, "encode jpeg quality 90", 1080*1080, func() {
		_, _ = c.encodeJPEG(ctx, 0, &Options{Quality: 90}, nil)
	})
	step(b, "encode png", 1080*1080, func() { _, _ = c.encodePNG(ctx, Spec{}, nil) })
	step(b, "encode palette png", 1080*1080, func() { _, _ = c.encodePNG(ctx, Spec{Palette: true}, nil) })
}

func step(b *testing.B, name string, pixels int, do func()) {
	b.Run(name, func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			do()
		}
		b.ReportMetric(b.Elapsed().Seconds()*1e3/float64(b.N)/(float64(pixels)/1e6), "ms/MP")
	})
}

// BenchmarkOneSize sets one 1080×1080 JPEG from a 2K source beside
// vipsthumbnail, each in fresh processes, in turns.
func BenchmarkOneSize(b *testing.B) {
	vips(b, "vipsthumbnail")
	for _, format := range []Format{JPEG, PNG} {
		b.Run("from "+string(format), func(b *testing.B) {
			path := sourceFile(b, format)
			out := filepath.Join(b.TempDir(), "out.jpg[Q=90]")
			var ours, theirs cost
			for b.Loop() {
				ours = ours.plus(measure(b, "one "+path))
				theirs = theirs.plus(vipsthumbnail(b, path, 1080, 1080, out))
			}
			reportCosts(b, ours, theirs)
		})
	}
}

// BenchmarkPack makes forty placements of one 2K JPEG, beside vipsthumbnail
// making the same sizes, a process for each as it is used.
func BenchmarkPack(b *testing.B) {
	vips(b, "vipsthumbnail")
	placements(b)
	path := sourceFile(b, JPEG)
	dir := b.TempDir()
	var ours, theirs cost
	for b.Loop() {
		ours = ours.plus(measure(b, "pack "+path))
		for i, s := range packSpecs() {
			out := filepath.Join(dir, fmt.Sprintf("%d.jpg[Q=90]", i))
			theirs = theirs.plus(vipsthumbnail(b, path, s.Width, s.Height, out))
		}
	}
	reportCosts(b, ours, theirs)
	b.ReportMetric(ours.CPU.Seconds()/ours.Wall.Seconds()/float64(runtime.GOMAXPROCS(0)), "cores-used-share")
}

func vipsthumbnail(t testing.TB, path string, w, h int, out string) cost {
	t.Helper()
	return measure(t, "", vips(t, "vipsthumbnail"), path,
		"--size", fmt.Sprintf("%dx%d", w, h), "--smartcrop", "centre", "--output", out)
}

func reportCosts(b *testing.B, ours, theirs cost) {
	b.Helper()
	n := float64(b.N)
	b.ReportMetric(ours.CPU.Seconds()*1e3/n, "cpu-ms")
	b.ReportMetric(theirs.CPU.Seconds()*1e3/n, "vips-cpu-ms")
	b.ReportMetric(ours.Wall.Seconds()*1e3/n, "wall-ms")
	b.ReportMetric(ours.PeakMB, "peak-MB")
	b.ReportMetric(theirs.PeakMB, "vips-peak-MB")
	b.ReportMetric(ours.CPU.Seconds()/theirs.CPU.Seconds(), "cpu-ratio")
	b.ReportMetric(ours.PeakMB/theirs.PeakMB, "peak-ratio")
}
