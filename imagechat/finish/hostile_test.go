package finish

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"io"
	"runtime"
	"strings"
	"testing"
)

// hostile is an upload and the error it deserves; nil: it is harmless once
// cleaned.
type hostile struct {
	name string
	data []byte
	want error
}

// bombPNG is a well-formed PNG of w × h black pixels in few bytes.
func bombPNG(t testing.TB, w, h uint32) []byte {
	t.Helper()
	var idat bytes.Buffer
	z := zlib.NewWriter(&idat)
	row := make([]byte, min(w, 20000)+1)
	for range min(h, 200) { // the rest missing only makes the file smaller
		if _, err := z.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	ihdr := binary.BigEndian.AppendUint32(nil, w)
	ihdr = binary.BigEndian.AppendUint32(ihdr, h)
	ihdr = append(ihdr, 8, 0, 0, 0, 0)
	out := appendChunk([]byte("\x89PNG\r\n\x1a\n"), "IHDR", ihdr)
	out = appendChunk(out, "IDAT", idat.Bytes())
	return appendChunk(out, "IEND", nil)
}

func gifOf(t testing.TB, frames, w, h int) []byte {
	t.Helper()
	g := gif.GIF{Config: image.Config{Width: w, Height: h, ColorModel: color.Palette{color.Black, color.White}}}
	for range frames {
		g.Image = append(g.Image, image.NewPaletted(image.Rect(0, 0, min(w, 8), min(h, 8)), color.Palette{color.Black, color.White}))
		g.Delay = append(g.Delay, 1)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, &g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func bytesOf(t testing.TB, r io.Reader) []byte {
	t.Helper()
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// webpHeader is a WebP of the extended kind whose canvas has the given size and
// which holds nothing else.
func webpHeader(w, h uint32, flags byte) []byte {
	body := []byte{flags, 0, 0, 0, byte(w - 1), byte((w - 1) >> 8), byte((w - 1) >> 16), byte(h - 1), byte((h - 1) >> 8), byte((h - 1) >> 16)}
	out := append([]byte("RIFF"), 22, 0, 0, 0)
	out = append(out, "WEBPVP8X\x0a\x00\x00\x00"...)
	return append(out, body...)
}

func hostileUploads(t testing.TB) []hostile {
	t.Helper()
	goodPNG := bytesOf(t, pngOf(t, flat(60, 40)))
	goodJPEG := bytesOf(t, jpegOf(t, photo(60, 40), 80))
	goodGIF := gifOf(t, 1, 20, 20)
	list := []hostile{
		{"nothing", nil, ErrUnsupported},
		{"one byte", []byte{0xff}, ErrUnsupported},
		{"zeroes", make([]byte, 5000), ErrUnsupported},
		{"a web page called image.png", []byte("<!doctype html><script>alert(1)</script>"), ErrUnsupported},
		{"SVG", []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), ErrUnsupported},
		{"SVG behind an XML prologue", []byte(`<?xml version="1.0"?><!-- x --><SVG onload="alert(1)"/>`), ErrUnsupported},
		{"PDF", []byte("%PDF-1.7\n"), ErrUnsupported},
		{"ZIP", []byte("PK\x03\x04aaaaaaaaaaaaaaaa"), ErrUnsupported},
		{"HEIC", []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00"), ErrUnsupported},
		{"AVIF", []byte("\x00\x00\x00\x18ftypavif\x00\x00\x00\x00"), ErrUnsupported},
		{"BMP", []byte("BM\x46\x00\x00\x00\x00\x00\x00\x00\x36\x00"), ErrUnsupported},
		{"TIFF", []byte("II*\x00\x08\x00\x00\x00"), ErrUnsupported},
		{"an animated WebP", append(webpHeader(10, 10, 2), "ANIM\x06\x00\x00\x00\x00\x00\x00\x00\x00\x00"...), ErrUnsupported},
		{"21 MB that begin like a PNG", append(bytes.Clone(goodPNG), make([]byte, 21<<20)...), ErrTooLarge},
		{"100 MB of nothing", make([]byte, 100<<20), ErrTooLarge},
		{"a PNG of 20000×20000 in a few kilobytes", bombPNG(t, 20000, 20000), ErrTooManyPixels},
		{"a PNG whose sides overflow", bombPNG(t, 0x7fffffff, 1)[:60], ErrInvalid},
		{"a PNG just above the limit", bombPNG(t, 7072, 7072), ErrTooManyPixels},
		{"a PNG of the largest size whose rows end early", bombPNG(t, 7000, 7000), ErrInvalid},
		{"a PNG without width", bombPNG(t, 0, 5), ErrInvalid},
		{"a GIF whose screen is 65535×65535", gifScreen(goodGIF, 0xffff, 0xffff), ErrTooManyPixels},
		{"a GIF of 4000 frames", gifOf(t, 4000, 8, 8), nil},
		{"a WebP canvas of 16 million pixels each way", webpHeader(1<<24, 1<<24, 0), ErrInvalid},
		{"a WebP canvas of 100 megapixels", webpHeader(10000, 10000, 0x10), ErrTooManyPixels},
		{"a WebP of nothing but its canvas", webpHeader(10, 10, 0), ErrInvalid},
		{"a JPEG frame of 65535×65535", jpegFrame(goodJPEG, 0xffff, 0xffff), ErrTooManyPixels},
		{"a JPEG frame larger than its data", jpegFrame(goodJPEG, 4000, 4000), ErrInvalid},
		{"a JPEG of twelve bits", jpegPrecision(goodJPEG, 12), ErrUnsupported},
		{"PNG header and garbage", append(bytes.Clone(goodPNG[:33]), bytes.Repeat([]byte("garbage!"), 900)...), ErrInvalid},
		{"JPEG header and garbage", append(bytes.Clone(goodJPEG[:40]), bytes.Repeat([]byte{0x41}, 4000)...), ErrInvalid},
		{"a PNG with a page behind it", append(bytes.Clone(goodPNG), "<script>alert(1)</script>"...), nil},
		{"a JPEG with an archive behind it", append(bytes.Clone(goodJPEG), "PK\x03\x04evil"...), nil},
		{"a GIF that is a script", append(bytes.Clone(goodGIF), "*/=1;alert(1)//"...), nil},
		{"an EXIF that points outside", withSegment(goodJPEG, markerAPP1, []byte("Exif\x00\x00MM\x00*\xff\xff\xff\xff")), nil},
		{"an EXIF that counts 65535 entries", withSegment(goodJPEG, markerAPP1, []byte("Exif\x00\x00II*\x00\x08\x00\x00\x00\xff\xff")), nil},
	}
	list = append(list, hostile{"a progressive JPEG of a thousand scans", scanBomb(progressiveFile(t)), ErrInvalid})
	return append(list, cutShort(goodPNG, goodJPEG, goodGIF)...)
}

// cutShort makes a hundred and eighty files that end too early or are
// damaged in one place.
func cutShort(files ...[]byte) (list []hostile) {
	for f, data := range files {
		for i := range 30 {
			n := len(data) * i / 31
			want := ErrInvalid
			if _, err := Sniff(data[:n]); err != nil {
				want = ErrUnsupported
			}
			list = append(list, hostile{fmt.Sprintf("file %d ends at byte %d", f, n), data[:n], want})
			broken := bytes.Clone(data)
			at := 8 + (len(data)-8)*i/30
			broken[at] ^= 0x5a
			list = append(list, hostile{fmt.Sprintf("file %d is damaged at byte %d", f, at), broken, errAny})
		}
	}
	return list
}

// errAny stands for damage that may pass unnoticed, as in a colour, but must
// give one of our errors where it does not.
var errAny = errors.New("any of ours or none")

func gifScreen(data []byte, w, h uint16) []byte {
	out := bytes.Clone(data)
	binary.LittleEndian.PutUint16(out[6:], w)
	binary.LittleEndian.PutUint16(out[8:], h)
	return out
}

// scanBomb repeats the last scan of a progressive JPEG a thousand times.
func scanBomb(data []byte) []byte {
	at := bytes.LastIndex(data, []byte{0xff, markerSOS})
	end := len(data) - 2 // EOI
	return append(bytes.Clone(data[:end]), append(bytes.Repeat(data[at:end], 1000), data[end:]...)...)
}

// startOfFrame finds the SOF0 segment of a JPEG that image/jpeg wrote.
func startOfFrame(data []byte) int { return bytes.Index(data, []byte{0xff, 0xc0, 0x00}) }

func jpegFrame(data []byte, w, h uint16) []byte {
	out := bytes.Clone(data)
	at := startOfFrame(out)
	binary.BigEndian.PutUint16(out[at+5:], h)
	binary.BigEndian.PutUint16(out[at+7:], w)
	return out
}

func jpegPrecision(data []byte, bits byte) []byte {
	out := bytes.Clone(data)
	out[startOfFrame(out)+4] = bits
	return out
}

func withSegment(data []byte, marker byte, body []byte) []byte {
	out := append([]byte{}, data[:2]...)
	out = append(out, 0xff, marker)
	out = binary.BigEndian.AppendUint16(out, uint16(len(body)+2))
	return append(append(out, body...), data[2:]...)
}

// TestHostileUploads wants the right error for each and, for what is refused
// before decoding, no memory to speak of.
func TestHostileUploads(t *testing.T) {
	list := hostileUploads(t)
	if len(list) < 200 {
		t.Fatalf("%d uploads, want 200", len(list))
	}
	for _, h := range list {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r, err := Clean(context.Background(), bytes.NewReader(h.data), nil)
		runtime.ReadMemStats(&after)
		if errors.Is(h.want, errAny) {
			if err != nil && !errors.Is(err, ErrInvalid) && !errors.Is(err, ErrUnsupported) {
				t.Errorf("%s: got error %v, want one of ours", h.name, err)
			}
			continue
		}
		if !errors.Is(err, h.want) {
			t.Errorf("%s: got error %v, want %v", h.name, err, h.want)
		}
		if err == nil && h.want == nil {
			checkHarmless(t, h.name, r)
		}
		early := errors.Is(h.want, ErrUnsupported) || errors.Is(h.want, ErrTooLarge) || errors.Is(h.want, ErrTooManyPixels)
		if used := after.TotalAlloc - before.TotalAlloc; early && used > 1<<20 {
			t.Errorf("%s: %d KB were allocated to refuse it", h.name, used>>10)
		}
	}
}

// checkHarmless looks for anything but pixels.
func checkHarmless(t *testing.T, name string, r Result) {
	t.Helper()
	for _, evil := range []string{"<script", "PK\x03\x04", "alert(1)", "Exif", "http"} {
		if bytes.Contains(r.Data, []byte(evil)) {
			t.Errorf("%s: the cleaned file still holds %q", name, evil)
		}
	}
	decoded(t, r.Data)
}

func TestCleanDropsAllMetadata(t *testing.T) {
	t.Parallel()
	secret := "GPS 37.5665N 126.9780E"
	jpegData := bytesOf(t, jpegOf(t, photo(80, 60), 90))
	for _, marker := range []byte{markerAPP1, 0xe2, 0xed, 0xee, markerAPP11, 0xfe} {
		jpegData = withSegment(jpegData, marker, []byte("x\x00"+secret))
	}
	pngData := bytesOf(t, pngOf(t, cutOut(photo(80, 60))))
	head, tail := bytes.Clone(pngData[:33]), pngData[33:]
	for _, kind := range []string{"tEXt", "iTXt", "eXIf", "caBX", "iCCP"} {
		head = appendChunk(head, kind, []byte("Comment\x00"+secret))
	}
	for name, data := range map[string][]byte{"jpeg": jpegData, "png": append(head, tail...)} {
		r, err := Clean(context.Background(), bytes.NewReader(data), nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if bytes.Contains(r.Data, []byte(secret)) {
			t.Errorf("%s: the metadata is still there", name)
		}
		if string(r.Format) != name || r.Width != 80 || r.Height != 60 {
			t.Errorf("%s: got %s of %d×%d, want the same kind and size", name, r.Format, r.Width, r.Height)
		}
	}
}

func TestCleanTakesEveryKind(t *testing.T) {
	t.Parallel()
	palette := image.NewPaletted(image.Rect(0, 0, 30, 20), color.Palette{color.White, color.NRGBA{200, 0, 0, 255}})
	deep := image.NewNRGBA64(image.Rect(0, 0, 30, 20))
	grey := image.NewGray(image.Rect(0, 0, 30, 20))
	for _, c := range []struct {
		name string
		data []byte
		want Format
	}{
		{"opaque PNG", bytesOf(t, pngOf(t, flat(30, 20))), PNG},
		{"transparent PNG", bytesOf(t, pngOf(t, cutOut(flat(30, 20)))), PNG},
		{"palette PNG", bytesOf(t, pngOf(t, palette)), PNG},
		{"transparent PNG of 16 bits", bytesOf(t, pngOf(t, deep)), PNG},
		{"grey PNG", bytesOf(t, pngOf(t, grey)), PNG},
		{"JPEG", bytesOf(t, jpegOf(t, flat(30, 20), 90)), JPEG},
		{"progressive JPEG", progressiveFile(t), JPEG},
		{"grey JPEG", bytesOf(t, jpegOf(t, grey, 90)), JPEG},
		{"GIF smaller than its screen", gifOf(t, 3, 30, 20), PNG},
		{"lossy WebP", webpFile(t, "lossy.webp"), JPEG},
		{"lossless WebP with alpha", webpFile(t, "lossless-alpha.webp"), PNG},
		{"lossy WebP with alpha", webpFile(t, "lossy-alpha.webp"), PNG},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, err := Clean(context.Background(), bytes.NewReader(c.data), nil)
			if err != nil {
				t.Fatal(err)
			}
			if r.Format != c.want || r.Width != 30 || r.Height != 20 {
				t.Errorf("got %s of %d×%d, want %s of 30×20", r.Format, r.Width, r.Height, c.want)
			}
			cfg, kind, err := image.DecodeConfig(bytes.NewReader(r.Data))
			if err != nil || kind != string(c.want) || cfg.Width != 30 {
				t.Errorf("the bytes are %s %+v, %v", kind, cfg, err)
			}
		})
	}
}

func TestCleanKeepsTransparencyExactly(t *testing.T) {
	t.Parallel()
	img := cutOut(photo(60, 40))
	r, err := Clean(context.Background(), pngOf(t, img), nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := png.Decode(bytes.NewReader(r.Data))
	if err != nil {
		t.Fatal(err)
	}
	for y := range 40 {
		for x := range 60 {
			w := img.NRGBAAt(x, y)
			g, ok := color.NRGBAModel.Convert(got.At(x, y)).(color.NRGBA)
			if !ok || g.A != w.A || w.A > 127 && far(g, w) {
				t.Fatalf("pixel %d,%d: got %v, want %v", x, y, g, w)
			}
		}
	}
}

func TestLimitsAreTheCallers(t *testing.T) {
	t.Parallel()
	src := pngOf(t, flat(100, 100))
	for _, c := range []struct {
		name string
		lim  Limits
		want error
	}{
		{"bytes", Limits{MaxBytes: 10}, ErrTooLarge},
		{"pixels", Limits{MaxPixels: 9999}, ErrTooManyPixels},
		{"memory", Limits{MaxMemory: 1000}, ErrTooManyPixels},
		{"none", Limits{}, nil},
	} {
		if _, err := Do(context.Background(), src, Spec{Width: 5, Height: 5}, &Options{Limits: c.lim}); !errors.Is(err, c.want) {
			t.Errorf("%s: got error %v, want %v", c.name, err, c.want)
		}
	}
	_, err := Inspect(src, &Limits{MaxPixels: 9999})
	if !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), "100×100") {
		t.Errorf("got %v, want an ErrInvalid that names the size", err)
	}
}

func TestEndlessScansAreCountedBeforeDecoding(t *testing.T) {
	t.Parallel()
	_, err := Inspect(bytes.NewReader(scanBomb(progressiveFile(t))), nil)
	if !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), "scans") {
		t.Errorf("got %v, want an ErrInvalid about scans", err)
	}
	info, err := Inspect(bytes.NewReader(progressiveFile(t)), nil)
	if err != nil || info.decodeBytes-1<<20 != 30*20*15/2 {
		t.Errorf("got an estimate of %d bytes, %v; a progressive 4:2:0 file takes 7.5 a pixel", info.decodeBytes-1<<20, err)
	}
}

func TestDecodingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	src := pngOf(t, photo(300, 300))
	info, err := Inspect(src, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	stopping := &stoppingReader{ReadSeeker: src, stop: cancel}
	if _, err := decodePicture(ctx, stopping, info); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

// stoppingReader calls stop after its first read.
type stoppingReader struct {
	io.ReadSeeker
	stop func()
}

func (r *stoppingReader) Read(p []byte) (int, error) {
	defer r.stop()
	return r.ReadSeeker.Read(p[:min(len(p), 100)])
}
