package finish

import (
	"bufio"
	"context"
	"fmt"
	"image"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"sync"

	"golang.org/x/image/webp"
)

// picture is a decoded source, seen in its right orientation. It is read-only
// and may be used by many goroutines.
type picture struct {
	img         image.RGBA64Image
	orientation int
	w, h        int // as seen
	opaque      bool
	lossless    bool // the file held every pixel as it was
	video       bool // its planes have the range of video, as WebP's do
	profile     colourSpace
	preview     func() (*grid, error)
	info        Info
	seal        Seal // nil: outputs are not signed
}

// decodePicture decodes src, whose header has been inspected.
func decodePicture(ctx context.Context, src io.ReadSeeker, info Info) (*picture, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if _, err := src.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("finish: rewind: %w", err)
	}
	decoded, err := decodeImage(info.Format, bufio.NewReader(contextReader{ctx, src}))
	if ctx.Err() != nil {
		return nil, ctx.Err() // whatever the decoder made of it
	}
	if err != nil {
		return nil, sourceError(err)
	}
	img, ok := decoded.(image.RGBA64Image)
	if !ok {
		return nil, fmt.Errorf("%w: pixels of type %T", ErrUnsupported, decoded)
	}
	p := &picture{info: info, img: img, orientation: info.Orientation, w: info.Width, h: info.Height, video: info.Format == WebP, profile: info.profile}
	_, whole := decoded.(*image.NRGBA) // of WebP only what came without loss
	p.lossless = info.Format == PNG || info.Format == GIF || info.Format == WebP && whole
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	if info.Orientation >= 5 {
		w, h = h, w
	}
	if w != p.w || h != p.h {
		return nil, fmt.Errorf("%w: the header says %d×%d, the picture is %d×%d", ErrInvalid, p.w, p.h, w, h)
	}
	o, ok := decoded.(interface{ Opaque() bool })
	p.opaque = ok && o.Opaque()
	p.preview = sync.OnceValues(p.makePreview)
	return p, nil
}

// contextReader ends when its context does, and with it a long decoding.
type contextReader struct {
	ctx context.Context // it lives as long as one call
	src io.Reader
}

func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.src.Read(p)
}

// decodeImage decodes one picture. The decoders are not ours and read hostile
// bytes; should one panic, it costs the file and not the process.
func decodeImage(format Format, r io.Reader) (img image.Image, err error) {
	defer func() {
		if p := recover(); p != nil {
			img, err = nil, fmt.Errorf("%w: the decoder failed: %v", ErrInvalid, p)
		}
	}()
	switch format {
	case JPEG:
		return jpeg.Decode(r)
	case PNG:
		return png.Decode(r)
	case WebP:
		return webp.Decode(r)
	default:
		return decodeGIF(r)
	}
}

// decodeGIF decodes the first frame and sets it on its screen, which is the
// size the header names.
func decodeGIF(r io.Reader) (image.Image, error) {
	// The frame alone does not tell the screen, so the header is read on the way.
	br := bufio.NewReader(r)
	head, err := br.Peek(10)
	if err != nil {
		return nil, err
	}
	screen := image.Rect(0, 0, int(head[6])|int(head[7])<<8, int(head[8])|int(head[9])<<8)
	frame, err := gif.Decode(br)
	if err != nil || frame.Bounds() == screen {
		return frame, err
	}
	whole := image.NewNRGBA(screen)
	draw.Draw(whole, frame.Bounds(), frame, frame.Bounds().Min, draw.Src)
	return whole, nil
}

// step tells where pixel (x, y) of the oriented picture is stored and in what
// direction its right neighbour lies (EXIF 2.32, 4.6.4, tag 274).
func (p *picture) step(x, y int) (sx, sy, dx, dy int) {
	b := p.img.Bounds()
	right, bottom := b.Dx()-1, b.Dy()-1
	switch p.orientation {
	case 2:
		sx, sy, dx = right-x, y, -1
	case 3:
		sx, sy, dx = right-x, bottom-y, -1
	case 4:
		sx, sy, dx = x, bottom-y, 1
	case 5:
		sx, sy, dy = y, x, 1
	case 6:
		sx, sy, dy = y, bottom-x, -1
	case 7:
		sx, sy, dy = right-y, bottom-x, -1
	case 8:
		sx, sy, dy = right-y, x, 1
	default:
		sx, sy, dx = x, y, 1
	}
	return sx + b.Min.X, sy + b.Min.Y, dx, dy
}

// window is a rectangle of the picture as a source of rows. It is not for use
// by many goroutines.
type window struct {
	*picture
	rect   image.Rectangle
	planes planarReader
}

// window looks at a part of the picture. Smooth is worth its time above
// smoothScale.
func (p *picture) window(rect image.Rectangle, smooth bool) *window {
	w := &window{picture: p, rect: rect, planes: planarReader{matrix: &fullRange, smooth: smooth}}
	if p.video {
		w.planes.matrix = &videoRange
	}
	switch m := p.img.(type) {
	case *image.YCbCr:
		w.planes.YCbCr = m
	case *image.NYCbCrA:
		w.planes.YCbCr, w.planes.alpha = &m.YCbCr, m
	}
	return w
}

func (w *window) size() (int, int)           { return w.rect.Dx(), w.rect.Dy() }
func (w *window) extent() (float64, float64) { return float64(w.rect.Dx()), float64(w.rect.Dy()) }

func (w *window) read(y int, dst []pixel) {
	w.stored(y, dst)
	if w.profile != nil {
		w.profile.apply(dst)
	}
}

// stored reads a row as if it were sRGB.
func (w *window) stored(y int, dst []pixel) {
	sx, sy, dx, dy := w.step(w.rect.Min.X, w.rect.Min.Y+y)
	switch m := w.img.(type) {
	case *image.YCbCr, *image.NYCbCrA:
		w.planes.read(sx, sy, dx, dy, dst)
	case *image.NRGBA:
		i, step := m.PixOffset(sx, sy), 4*dx+m.Stride*dy
		for x := range dst {
			c := m.Pix[i : i+4 : i+4]
			dst[x] = alphaPixel(c[0], c[1], c[2], c[3])
			i += step
		}
	case *image.Gray:
		i, step := m.PixOffset(sx, sy), dx+m.Stride*dy
		for x := range dst {
			v := m.Pix[i]
			dst[x] = opaquePixel(v, v, v)
			i += step
		}
	case *image.RGBA:
		if w.opaque {
			readOpaqueRGBA(m, sx, sy, dx, dy, dst)
			return
		}
		readAny(m, sx, sy, dx, dy, dst)
	case *image.CMYK:
		w.inks().read(m, sx, sy, dx, dy, dst)
	default:
		readAny(w.img, sx, sy, dx, dy, dst)
	}
}

// inks is how the four inks look: as the profile says, else as offset printing.
func (w *window) inks() *inkTable {
	if t, ok := w.profile.(*tableProfile); ok && t.inputs == 4 {
		return t.table()
	}
	return swop()
}

func readOpaqueRGBA(m *image.RGBA, sx, sy, dx, dy int, dst []pixel) {
	i, step := m.PixOffset(sx, sy), 4*dx+m.Stride*dy
	for x := range dst {
		c := m.Pix[i : i+4 : i+4]
		dst[x] = opaquePixel(c[0], c[1], c[2])
		i += step
	}
}

// readAny serves the rare kinds: palettes and 16 bits.
func readAny(m image.RGBA64Image, sx, sy, dx, dy int, dst []pixel) {
	for x := range dst {
		c := m.RGBA64At(sx, sy)
		a := uint32(c.A)
		if a == 0 {
			dst[x] = pixel{}
		} else {
			to8 := func(v uint16) uint8 { return uint8((uint32(v)*0xffff/a + 128) / 257) }
			dst[x] = alphaPixel(to8(c.R), to8(c.G), to8(c.B), uint8((a+128)/257))
		}
		sx += dx
		sy += dy
	}
}
