package finish

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"
	"math"
)

// maxProfile is the most of an ICC profile that is read, in bytes. Display and
// camera profiles have a few kilobytes, those of presses up to three megabytes.
const maxProfile = 4 << 20

// colourProfile turns another RGB space into linear sRGB: a curve for each
// channel, then a matrix. Cameras of today's telephones write such profiles
// (Display P3), and without it their colours would come out pale.
type colourProfile struct {
	curves [3][256]int64 // 8-bit value to 16-bit linear
	matrix [3][3]int64   // of weightOne
}

// xyzToSRGB goes from the profile connection space (CIE XYZ, white D50) to
// linear sRGB: the inverse of sRGB's colorants adapted to D50 (Bradford).
var xyzToSRGB = [3][3]float64{
	{3.1338561, -1.6168667, -0.4906146},
	{-0.9787684, 1.9161415, 0.0334540},
	{0.0719453, -0.2289914, 1.4052427},
}

// colourSpace turns pixels that were read as if they were sRGB into sRGB.
type colourSpace interface{ apply(row []pixel) }

// parseProfile reads the profiles that describe how pixels look: lookup tables
// of one to four channels (ICC.1:2022, 8.3.2), RGB by curves and a matrix
// (8.3.3), grey by a curve (8.3.4). It is nil for every other kind, for what
// cannot be read, and for sRGB itself.
func parseProfile(icc []byte) colourSpace {
	if len(icc) < 132 || string(icc[36:40]) != "acsp" {
		return nil
	}
	tags, space, connection := profileTags(icc), string(icc[16:20]), string(icc[20:24])
	if table := newTableProfile(tags["A2B0"], space, connection); table != nil {
		return table
	}
	var p *colourProfile
	switch {
	case space == "RGB " && connection == "XYZ ":
		p = matrixProfile(tags)
	case space == "GRAY" && connection == "XYZ ":
		p = greyProfile(tags)
	case space == "GRAY" && connection == "Lab ":
		p = greyProfile(tags)
		if p != nil {
			p.lightness()
		}
	}
	if p == nil || p.isSRGB() {
		return nil
	}
	return p
}

// greyProfile has one curve from black to the white of the connection space.
func greyProfile(tags map[string][]byte) *colourProfile {
	p := &colourProfile{}
	if !curveTag(tags["kTRC"], &p.curves[0]) {
		return nil
	}
	p.curves[1], p.curves[2] = p.curves[0], p.curves[0]
	for k := range p.matrix {
		p.matrix[k][k] = weightOne
	}
	return p
}

// lightness turns curves whose values are CIE L* into light.
func (p *colourProfile) lightness() {
	for k := range p.curves {
		for i, v := range p.curves[k] {
			_, y, _ := labToXYZ(float64(float64(v)/full*100), 0, 0)
			p.curves[k][i] = int64(math.Round(full * y))
		}
	}
}

func matrixProfile(tags map[string][]byte) *colourProfile {
	p := &colourProfile{}
	var columns [3][3]float64
	for c, name := range []string{"r", "g", "b"} {
		xyz, ok := xyzTag(tags[name+"XYZ"])
		if !ok || !curveTag(tags[name+"TRC"], &p.curves[c]) {
			return nil
		}
		columns[c] = xyz
	}
	for row := range 3 {
		for c := range 3 {
			sum := 0.0
			for k := range 3 {
				sum += float64(xyzToSRGB[row][k] * columns[c][k])
			}
			if math.Abs(sum) > 4 { // no real space; it would leave the lanes
				return nil
			}
			p.matrix[row][c] = int64(math.Round(sum * weightOne))
		}
	}
	return p
}

func profileTags(icc []byte) map[string][]byte {
	tags := map[string][]byte{}
	n := min(int(binary.BigEndian.Uint32(icc[128:])), 100)
	for i := range n {
		entry := 132 + 12*i
		if entry+12 > len(icc) {
			break
		}
		offset := int64(binary.BigEndian.Uint32(icc[entry+4:]))
		size := int64(binary.BigEndian.Uint32(icc[entry+8:]))
		if offset+size <= int64(len(icc)) {
			tags[string(icc[entry:entry+4])] = icc[offset : offset+size]
		}
	}
	return tags
}

// fixed reads a signed 15.16 fixed point number.
func fixed(b []byte) float64 { return float64(int32(binary.BigEndian.Uint32(b))) / 65536 }

func xyzTag(tag []byte) (xyz [3]float64, ok bool) {
	if len(tag) < 20 || string(tag[:4]) != "XYZ " {
		return xyz, false
	}
	for k := range xyz {
		xyz[k] = fixed(tag[8+4*k:])
	}
	return xyz, true
}

// curveTag fills a curve from a table, a gamma or a parametric function.
func curveTag(tag []byte, curve *[256]int64) bool {
	f, _ := parseCurve(tag)
	if f == nil {
		return false
	}
	for i := range curve {
		y := f(float64(i) / 255)
		if math.IsNaN(y) {
			return false
		}
		curve[i] = int64(math.Round(full * min(max(y, 0), 1)))
	}
	return true
}

// parseCurve reads a curve and how many bytes it takes; nil if it cannot be read.
func parseCurve(tag []byte) (f func(x float64) float64, size int) {
	if len(tag) < 12 {
		return nil, 0
	}
	switch string(tag[:4]) {
	case "curv":
		n := int64(binary.BigEndian.Uint32(tag[8:]))
		return sampledCurve(tag[12:], n), int(12 + 2*n)
	case "para":
		kind := binary.BigEndian.Uint16(tag[8:])
		if int(kind) < len(parameterCounts) {
			size = 12 + 4*parameterCounts[kind]
		}
		return parametricCurve(tag[12:], kind), size
	default:
		return nil, 0
	}
}

// parameterCounts are the numbers of the five functions of ICC.1:2022, 10.18.
var parameterCounts = [...]int{1, 3, 4, 5, 7}

func sampledCurve(data []byte, n int64) func(float64) float64 {
	switch {
	case n == 0:
		return func(x float64) float64 { return x }
	case int64(len(data)) < 2*n:
		return nil
	case n == 1:
		gamma := float64(binary.BigEndian.Uint16(data)) / 256
		return func(x float64) float64 { return math.Pow(x, gamma) }
	}
	at := func(i int) float64 { return float64(binary.BigEndian.Uint16(data[2*i:])) / full }
	return func(x float64) float64 {
		place := float64(x * float64(n-1))
		i := min(int(place), int(n)-2)
		return at(i) + float64((place-float64(i))*(at(i+1)-at(i)))
	}
}

// parametricCurve is one of the five functions of ICC.1:2022, 10.18.
func parametricCurve(data []byte, kind uint16) func(float64) float64 {
	if int(kind) >= len(parameterCounts) || len(data) < 4*parameterCounts[kind] {
		return nil
	}
	var v [7]float64 // g a b c d e f
	for i := range parameterCounts[kind] {
		v[i] = fixed(data[4*i:])
	}
	g, a, b, c, d, e, f := v[0], v[1], v[2], v[3], v[4], v[5], v[6]
	power := func(x float64) float64 { return math.Pow(float64(a*x)+b, g) }
	switch kind {
	case 0:
		return func(x float64) float64 { return math.Pow(x, g) }
	case 1, 2: // c is 0 in kind 1
		return func(x float64) float64 {
			if float64(a*x)+b < 0 {
				return c
			}
			return power(x) + c
		}
	default: // e and f are 0 in kind 3
		return func(x float64) float64 {
			if x < d {
				return float64(c*x) + f
			}
			return power(x) + e
		}
	}
}

// isSRGB tells whether nothing would change by more than rounding: many files
// carry sRGB itself, in many spellings.
func (p *colourProfile) isSRGB() bool {
	for row := range 3 {
		for c := range 3 {
			want := int64(0)
			if row == c {
				want = weightOne
			}
			if d := p.matrix[row][c] - want; max(d, -d) > weightOne/200 {
				return false
			}
		}
	}
	for _, curve := range p.curves {
		for i, v := range curve {
			if d := v - toLinear[i]; max(d, -d) > full/200 {
				return false
			}
		}
	}
	return true
}

// apply converts pixels that were read as if they were sRGB. What lies outside
// of sRGB is set to its edge.
func (p *colourProfile) apply(row []pixel) {
	for i, px := range row {
		r, g, b, a := px.nrgba()
		in := [3]int64{p.curves[0][r], p.curves[1][g], p.curves[2][b]}
		var out [3]int64
		for k, m := range p.matrix {
			v := (m[0]*in[0] + m[1]*in[1] + m[2]*in[2] + weightOne/2) >> weightBits
			out[k] = min(max(v, 0), full) * int64(a) / 255
		}
		row[i] = pixel{out[0] | out[1]<<32, out[2] | (int64(a)*257)<<32}
	}
}

// addProfilePart keeps the content of an APP2 segment that holds a part of a
// profile; the parts are numbered from 1 (ICC.1:2022, B.4).
func (h *header) addProfilePart(segment []byte) {
	part, ok := bytes.CutPrefix(segment, []byte("ICC_PROFILE\x00"))
	if !ok || len(part) < 2 || part[0] == 0 || part[0] > part[1] {
		return
	}
	for len(h.icc) < int(part[0]) {
		h.icc = append(h.icc, nil)
	}
	h.icc[part[0]-1] = part[2:]
}

// pngProfile unpacks an iCCP chunk: a name, a zero, the method (0: deflate) and
// the profile.
func pngProfile(chunk []byte) []byte {
	_, packed, ok := bytes.Cut(chunk, []byte{0})
	if !ok || len(packed) < 2 || packed[0] != 0 {
		return nil
	}
	z, err := zlib.NewReader(bytes.NewReader(packed[1:]))
	if err != nil {
		return nil
	}
	icc, err := io.ReadAll(io.LimitReader(z, maxProfile))
	if err != nil {
		return nil
	}
	return icc
}
