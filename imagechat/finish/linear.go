package finish

import "math"

// pixel is one linear-light pixel with premultiplied alpha. Each channel is 16
// bits wide in a lane of 32, red and blue in the low lanes, so that one
// multiplication by a filter weight scales two channels at once. A lane holds
// the sum of a whole filter without touching its neighbour: the weights'
// absolute sum stays under 1.3 × weightOne, and 1.3 × 2^14 × 65535 < 2^31.
type pixel struct{ rg, ba int64 }

const (
	full       = 65535 // a channel's maximum
	weightBits = 14
	weightOne  = 1 << weightBits
)

var (
	toLinear = linearTable() // 8-bit sRGB to 16-bit linear
	toSRGB   = srgbTable()   // 16-bit linear to 8-bit sRGB, the nearest
)

// linearTable is the transfer function of IEC 61966-2-1.
func linearTable() *[256]int64 {
	var t [256]int64
	for i := range t {
		t[i] = int64(math.Round(full * linearOf(float64(i)/255)))
	}
	return &t
}

func linearOf(c float64) float64 {
	if c <= 0.04045 {
		return c / 12.92
	}
	return math.Pow((c+0.055)/1.055, 2.4)
}

// srgbTable inverts linearTable: every linear value maps to the 8-bit value
// whose own linear value lies nearest, so that a round trip changes nothing.
func srgbTable() *[full + 1]uint8 {
	var t [full + 1]uint8
	c := 0
	for v := range t {
		for c < 255 && toLinear[c+1]-int64(v) <= int64(v)-toLinear[c] {
			c++
		}
		t[v] = uint8(c)
	}
	return &t
}

func opaquePixel(r, g, b uint8) pixel {
	return pixel{toLinear[r] | toLinear[g]<<32, toLinear[b] | full<<32}
}

// alphaPixel premultiplies in linear light.
func alphaPixel(r, g, b, a uint8) pixel {
	if a == 255 {
		return opaquePixel(r, g, b)
	}
	k := int64(a)
	mul := func(c uint8) int64 { return (toLinear[c]*k + 127) / 255 }
	return pixel{mul(r) | mul(g)<<32, mul(b) | (k*257)<<32}
}

// nrgba converts back to 8-bit sRGB with straight alpha.
func (p pixel) nrgba() (r, g, b, a uint8) {
	lr, lg, lb, la := p.rg&full, p.rg>>32, p.ba&full, p.ba>>32
	if la == full {
		return toSRGB[lr], toSRGB[lg], toSRGB[lb], 255
	}
	a = uint8((la + 128) / 257)
	if a == 0 {
		return 0, 0, 0, 0
	}
	div := func(c int64) uint8 { return toSRGB[min((c*full+la/2)/la, full)] }
	return div(lr), div(lg), div(lb), a
}

// settle turns a lane pair of weighted sums into two channels again.
func settle(sum int64) int64 {
	lo := int64(int32(sum))
	hi := (sum - lo) >> 32
	lo = (lo + weightOne/2) >> weightBits
	hi = (hi + weightOne/2) >> weightBits
	if uint64(lo)|uint64(hi) <= full { // both in range, as nearly always
		return lo | hi<<32
	}
	return min(max(lo, 0), full) | min(max(hi, 0), full)<<32
}
