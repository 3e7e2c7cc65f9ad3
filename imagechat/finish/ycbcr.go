package finish

import "image"

// yuvMatrix converts luma and colour difference to sRGB, in 65536ths.
type yuvMatrix struct{ gain, offset, redCr, greenCb, greenCr, blueCb int32 }

// The two ways in which files say colour: JPEG uses the full range of a byte
// (JFIF 1.02), WebP the range of video, 16 to 235 for luma and 16 to 240 for
// colour (RFC 6386, 9.2, with the coefficients of ITU-R BT.601).
var (
	fullRange  = yuvMatrix{0x10101, 0, 91881, 22554, 46802, 116130}
	videoRange = yuvMatrix{76309, -16*76309 + 1<<15, 104597, 25675, 53279, 132201}
)

func (m *yuvMatrix) rgb(y, cb, cr uint8) (r, g, b uint8) {
	yy := int32(y)*m.gain + m.offset
	u, v := int32(cb)-128, int32(cr)-128
	r = clamp8((yy + m.redCr*v) >> 16)
	g = clamp8((yy - m.greenCb*u - m.greenCr*v) >> 16)
	b = clamp8((yy + m.blueCb*u) >> 16)
	return r, g, b
}

func clamp8(v int32) uint8 { return uint8(min(max(v, 0), 255)) }

// planarReader reads rows of a picture whose luma and colour stand in planes
// that start at the origin, as those of the decoders do. It is not for use by
// many goroutines.
type planarReader struct {
	*image.YCbCr
	alpha  *image.NYCbCrA // nil: opaque
	matrix *yuvMatrix
	// smooth interpolates colour between its samples, as libjpeg and libwebp do
	// and browsers show it.
	smooth bool

	cb, cr  []uint8 // one row, in the order in which it is asked for
	columns []int32
}

// read fills dst with the pixels from (sx, sy) on in the direction (dx, dy).
func (p *planarReader) read(sx, sy, dx, dy int, dst []pixel) {
	if len(p.cb) < len(dst) {
		p.cb, p.cr = make([]uint8, len(dst)), make([]uint8, len(dst))
	}
	cb, cr := p.cb[:len(dst)], p.cr[:len(dst)]
	p.colour(p.Cb, sx, sy, dx, dy, cb)
	p.colour(p.Cr, sx, sy, dx, dy, cr)
	yi, step := p.YOffset(sx, sy), dx+p.YStride*dy
	for x := range dst {
		r, g, b := p.matrix.rgb(p.Y[yi], cb[x], cr[x])
		if p.alpha == nil {
			dst[x] = opaquePixel(r, g, b)
		} else {
			dst[x] = alphaPixel(r, g, b, p.alpha.A[p.alpha.AOffset(sx+x*dx, sy+x*dy)])
		}
		yi += step
	}
}

// subsampling is how many pixels share a sample of colour each way.
func (p *planarReader) subsampling() (across, down int) {
	switch p.SubsampleRatio {
	case image.YCbCrSubsampleRatio420:
		return 2, 2
	case image.YCbCrSubsampleRatio422:
		return 2, 1
	case image.YCbCrSubsampleRatio440:
		return 1, 2
	case image.YCbCrSubsampleRatio411:
		return 4, 1
	case image.YCbCrSubsampleRatio410:
		return 4, 2
	default:
		return 1, 1
	}
}

// colour fills dst with one plane's samples at full resolution.
func (p *planarReader) colour(plane []uint8, sx, sy, dx, dy int, dst []uint8) {
	across, down := p.subsampling()
	switch {
	case !p.smooth || across > 2 || across*down == 1:
		right, below := across/2, down/2 // as shifts: 1, 2, 4 are 0, 1, 2
		for x := range dst {
			dst[x] = plane[(sy>>below)*p.CStride+sx>>right]
			sx += dx
			sy += dy
		}
	case dy == 0:
		p.colourRow(plane, sx, sy, dx, dst)
	default: // a turned picture: one column of what is stored
		for i := range dst {
			first := p.blend(plane, sy, sx/across, sx/across)[0]
			if across == 2 {
				beside := p.beside(sx)
				first = (3*first + p.blend(plane, sy, beside, beside)[0] + 8) >> 4
			} else {
				first = (first + 2) >> 2
			}
			dst[i] = uint8(first)
			sy += dy
		}
	}
}

// beside is the second nearest column of colour to pixel x where two share one.
func (p *planarReader) beside(x int) int {
	last := (p.Rect.Max.X+1)/2 - 1
	return min(max(x/2+x%2*2-1, 0), last)
}

// colourRow interpolates along a stored row, in quarters each way: three parts
// of the nearest sample and one of the next.
func (p *planarReader) colourRow(plane []uint8, sx, sy, dx int, dst []uint8) {
	across, _ := p.subsampling()
	end := sx + dx*(len(dst)-1)
	if across == 1 {
		left := min(sx, end)
		sums := p.blend(plane, sy, left, max(sx, end))
		for x := range dst {
			dst[x] = uint8((sums[sx+x*dx-left] + 2) >> 2)
		}
		return
	}
	left, right := p.beside(min(sx, end)), p.beside(max(sx, end))
	left, right = min(left, min(sx, end)/2), max(right, max(sx, end)/2)
	sums := p.blend(plane, sy, left, right)
	for x := range dst {
		at := sx + x*dx
		dst[x] = uint8((3*sums[at/2-left] + sums[p.beside(at)-left] + 8) >> 4)
	}
}

// blend returns four times the colour of columns first to last at row y.
func (p *planarReader) blend(plane []uint8, y, first, last int) []int32 {
	n := last - first + 1
	if cap(p.columns) < n {
		p.columns = make([]int32, n)
	}
	out := p.columns[:n]
	_, down := p.subsampling()
	near, far := y, y
	if down == 2 {
		near = y / 2
		far = min(max(near+y%2*2-1, 0), (p.Rect.Max.Y+1)/2-1)
	}
	a, b := plane[near*p.CStride+first:][:n], plane[far*p.CStride+first:][:n]
	for i := range out {
		out[i] = 3*int32(a[i]) + int32(b[i])
	}
	return out
}
