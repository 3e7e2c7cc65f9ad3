package finish

import (
	_ "embed" // the table of inks
	"encoding/binary"
	"image"
	"math"
	"strings"
	"sync"
)

// tableProfile is a profile that says how pixels look by lookup tables. The
// profile's own stages are evaluated once, on a grid; pixels use the grid.
type tableProfile struct {
	inputs int
	table  func() *inkTable
}

// stages lead from device values, 0 to 1 each, to the connection space:
// ICC.1:2022, 10.10 to 10.12.
type stages struct {
	inputs        int
	in, mid, out  []func(float64) float64 // nil: none
	grid          []int                   // points along each input
	at            func(i int) float64     // the grid's values, three a point
	matrix        *[12]float64
	lab           bool
	scale, offset [3]float64 // of the encoding
}

// newTableProfile reads an A2B0 tag; nil if it is absent or cannot be read.
func newTableProfile(tag []byte, space, connection string) *tableProfile {
	inputs := map[string]int{"GRAY": 1, "RGB": 3, "CMYK": 4}[strings.TrimRight(space, " ")]
	if inputs == 0 || len(tag) < 32 || connection != "XYZ " && connection != "Lab " {
		return nil
	}
	s := &stages{inputs: inputs, lab: connection == "Lab "}
	ok := false
	if int(tag[8]) == inputs && tag[9] == 3 {
		switch string(tag[:4]) {
		case "mft1":
			ok = s.readOld(tag, 1)
		case "mft2":
			ok = s.readOld(tag, 2)
		case "mAB ":
			ok = s.readNew(tag)
		}
	}
	if !ok {
		return nil
	}
	return &tableProfile{inputs: inputs, table: sync.OnceValue(s.bake)}
}

// encoding sets how numbers from 0 to 1 stand for the connection space.
func (s *stages) encoding(lightness, colour float64) {
	if s.lab {
		s.scale, s.offset = [3]float64{lightness, colour, colour}, [3]float64{0, -128, -128}
		return
	}
	const most = 65535.0 / 32768
	s.scale = [3]float64{most, most, most}
}

// readOld reads lut8Type and lut16Type, whose numbers have the given bytes.
func (s *stages) readOld(tag []byte, size int) bool {
	points := int(tag[10])
	rest, entriesIn, entriesOut := tag[min(48, len(tag)):], 256, 256
	s.encoding(100, 255)
	if size == 2 {
		if len(rest) < 4 {
			return false
		}
		entriesIn, entriesOut = int(binary.BigEndian.Uint16(rest)), int(binary.BigEndian.Uint16(rest[2:]))
		rest = rest[4:]
		s.encoding(65535/652.80, 65535.0/256) // the encoding of version 2, in every version
	}
	cells := 3
	for range s.inputs {
		s.grid = append(s.grid, points)
		cells *= points
	}
	if points < 2 || entriesIn < 2 || entriesOut < 2 || len(rest) < size*(s.inputs*entriesIn+cells+3*entriesOut) {
		return false
	}
	take := func(n int) func(i int) float64 {
		part := rest[:n*size]
		rest = rest[n*size:]
		return numbers(part, size)
	}
	for range s.inputs {
		s.in = append(s.in, tableCurve(take(entriesIn), entriesIn))
	}
	s.at = take(cells)
	for range 3 {
		s.out = append(s.out, tableCurve(take(entriesOut), entriesOut))
	}
	return true
}

// numbers reads unsigned integers as fractions of their greatest.
func numbers(data []byte, size int) func(i int) float64 {
	if size == 1 {
		return func(i int) float64 { return float64(data[i]) / 255 }
	}
	return func(i int) float64 { return float64(binary.BigEndian.Uint16(data[2*i:])) / full }
}

func tableCurve(at func(i int) float64, n int) func(float64) float64 {
	return func(x float64) float64 {
		place := float64(unit(x) * float64(n-1))
		i := min(int(place), n-2)
		return at(i) + float64((place-float64(i))*(at(i+1)-at(i)))
	}
}

// unit brings a number between 0 and 1; what is no number is 0.
func unit(x float64) float64 {
	if !(x > 0) {
		return 0
	}
	return min(x, 1)
}

// readNew reads lutAToBType: curves A, the grid, curves M, a matrix, curves B,
// of which all but the last may be missing.
func (s *stages) readNew(tag []byte) bool {
	s.encoding(100, 255)
	offset := func(i int) int64 { return int64(binary.BigEndian.Uint32(tag[12+4*i:])) }
	from := func(at int64) []byte { return tag[min(at, int64(len(tag))):] }
	var ok bool
	if s.out, ok = curves(from(offset(0)), 3); !ok {
		return false
	}
	if at := offset(1); at != 0 {
		body := from(at)
		if len(body) < 48 {
			return false
		}
		s.matrix = &[12]float64{}
		for i := range s.matrix {
			s.matrix[i] = fixed(body[4*i:])
		}
	}
	if at := offset(2); at != 0 {
		if s.mid, ok = curves(from(at), 3); !ok {
			return false
		}
	}
	if offset(3) == 0 {
		return s.inputs == 3 && offset(4) == 0
	}
	if s.in, ok = curves(from(offset(4)), s.inputs); !ok || offset(4) == 0 {
		return false
	}
	return s.readGrid(from(offset(3)))
}

func (s *stages) readGrid(body []byte) bool {
	if len(body) < 20 {
		return false
	}
	size, cells := int(body[16]), 3
	for i := range s.inputs {
		points := int(body[i])
		if points < 2 {
			return false
		}
		s.grid = append(s.grid, points)
		cells *= points
	}
	if size != 1 && size != 2 || len(body)-20 < cells*size {
		return false
	}
	s.at = numbers(body[20:], size)
	return true
}

// curves reads n curves, each padded to four bytes.
func curves(data []byte, n int) ([]func(float64) float64, bool) {
	var out []func(float64) float64
	for range n {
		f, size := parseCurve(data)
		if f == nil {
			return nil, false
		}
		out = append(out, func(x float64) float64 { return f(unit(x)) })
		data = data[min((size+3)&^3, len(data)):]
	}
	return out, true
}

// xyz is how a device value looks, CIE XYZ under white D50.
func (s *stages) xyz(device []float64) (x, y, z float64) {
	v := make([]float64, s.inputs)
	for i := range v {
		v[i] = device[i]
		if s.in != nil {
			v[i] = s.in[i](v[i])
		}
	}
	var p [3]float64
	if s.at != nil {
		p = s.interpolate(v)
	} else {
		copy(p[:], v)
	}
	if s.mid != nil {
		for k := range p {
			p[k] = s.mid[k](p[k])
		}
	}
	if m := s.matrix; m != nil {
		q := p
		for k := range p {
			p[k] = float64(m[3*k]*q[0]) + float64(m[3*k+1]*q[1]) + float64(m[3*k+2]*q[2]) + m[9+k]
		}
	}
	for k := range p {
		p[k] = float64(s.out[k](p[k])*s.scale[k]) + s.offset[k]
	}
	if s.lab {
		return labToXYZ(p[0], p[1], p[2])
	}
	return p[0], p[1], p[2]
}

// interpolate finds the simplex of a cell that holds the point: with three
// inputs it is one of six tetrahedra.
func (s *stages) interpolate(v []float64) (out [3]float64) {
	base, stride := 0, 3
	var fraction [4]float64
	var strides [4]int
	for i := len(v) - 1; i >= 0; i-- {
		place := float64(unit(v[i]) * float64(s.grid[i]-1))
		cell := min(int(place), s.grid[i]-2)
		fraction[i], strides[i] = place-float64(cell), stride
		base += cell * stride
		stride *= s.grid[i]
	}
	sortDescending(fraction[:len(v)], strides[:len(v)])
	weight := 1 - fraction[0]
	for i := 0; ; i++ {
		for k := range out {
			out[k] += float64(weight * s.at(base+k))
		}
		if i == len(v) {
			return out
		}
		base += strides[i]
		weight = fraction[i]
		if i+1 < len(v) {
			weight -= fraction[i+1]
		}
	}
}

// sortDescending sorts a few numbers, and another list with them.
func sortDescending[N float64 | int64](by []N, with []int) {
	for i := 1; i < len(by); i++ {
		for j := i; j > 0 && by[j] > by[j-1]; j-- {
			by[j], by[j-1] = by[j-1], by[j]
			with[j], with[j-1] = with[j-1], with[j]
		}
	}
}

// d50 is the white of the connection space.
var d50 = [3]float64{0.9642, 1, 0.8249}

func labToXYZ(l, a, b float64) (x, y, z float64) {
	f := func(t float64) float64 {
		if t > 24.0/116 {
			return t * t * t
		}
		return (t - 16.0/116) * 108 / 841
	}
	fy := (l + 16) / 116
	return d50[0] * f(fy+a/500), d50[1] * f(fy), d50[2] * f(fy-b/200)
}

// bake evaluates the stages on a grid. Black becomes black: the light of the
// darkest value is taken away from all (black point compensation, ISO 18619).
func (s *stages) bake() *inkTable {
	points := map[int]int{1: 256, 3: 33, 4: 17}[s.inputs]
	t := newInkTable(s.inputs, points)
	dark := s.darkest()
	device := make([]float64, s.inputs)
	for i := range t.values {
		for k, rest := s.inputs-1, i; k >= 0; k-- {
			device[k] = float64(rest%points) / float64(points-1)
			rest /= points
		}
		x, y, z := s.xyz(device)
		var c [3]float64
		for k, v := range [3]float64{x, y, z} {
			white, black := d50[k], float64(dark*d50[k])
			c[k] = (v - black) * white / (white - black)
		}
		for k, row := range xyzToSRGB {
			light := float64(row[0]*c[0]) + float64(row[1]*c[1]) + float64(row[2]*c[2])
			t.values[i][k] = encodeSRGB(light)
		}
	}
	return t
}

// darkest is the luminance of full ink, or of no light, at most that of L* 50.
func (s *stages) darkest() float64 {
	device := make([]float64, s.inputs)
	if s.inputs == 4 {
		for i := range device {
			device[i] = 1
		}
	}
	_, y, _ := s.xyz(device)
	_, most, _ := labToXYZ(50, 0, 0)
	if !(y > 0) { // not a number, or below nothing
		return 0
	}
	return min(y, most)
}

// encodeSRGB gives the 16-bit sRGB value of light from 0 to 1.
func encodeSRGB(light float64) uint16 {
	if !(light > 0) {
		return 0
	}
	v := 1.055*math.Pow(min(light, 1), 1/2.4) - 0.055
	if light <= 0.0031308 {
		v = 12.92 * light
	}
	return uint16(math.Round(full * v))
}

// inkTable holds the sRGB values, of 16 bits, of a grid of one to four channels,
// the last changing fastest.
type inkTable struct {
	inputs int
	values [][3]uint16
	cell   [256]int   // of a byte: the grid point below it
	part   [256]int64 // and how far it is to the next, of partOne
}

const partOne = 1 << 16

func newInkTable(inputs, points int) *inkTable {
	n := 1
	for range inputs {
		n *= points
	}
	t := &inkTable{inputs: inputs, values: make([][3]uint16, n)}
	for v := range 256 {
		place := v * (points - 1) * partOne / 255
		t.cell[v] = min(place/partOne, points-2)
		t.part[v] = int64(place - t.cell[v]*partOne)
	}
	return t
}

//go:embed cmyk/swop.rgb
var swopRGB []byte

// swop is how inks without a profile look: in web offset printing on coated
// paper, which is what such files are mostly made for. cmyk/make.sh made it.
var swop = sync.OnceValue(func() *inkTable {
	t := newInkTable(4, 9)
	for i := range t.values {
		for k := range 3 {
			t.values[i][k] = uint16(swopRGB[3*i+k]) * 257
		}
	}
	return t
})

// pixel looks up one device value and interpolates as stages.interpolate does.
func (t *inkTable) pixel(device [4]uint8) (r, g, b int64) {
	n, points := t.inputs, t.points()
	var part [4]int64
	var strides [4]int
	base, stride := 0, 1
	for i := n - 1; i >= 0; i-- {
		part[i], strides[i] = t.part[device[i]], stride
		base += t.cell[device[i]] * stride
		stride *= points
	}
	sortDescending(part[:n], strides[:n])
	weight := partOne - part[0]
	var sum [3]int64
	for i := 0; ; i++ {
		for k, v := range t.values[base] {
			sum[k] += weight * int64(v)
		}
		if i == n {
			return linearOf16(sum[0]), linearOf16(sum[1]), linearOf16(sum[2])
		}
		base += strides[i]
		weight = part[i]
		if i+1 < n {
			weight -= part[i+1]
		}
	}
}

func (t *inkTable) points() int { return t.cell[255] + 2 }

// linearOf16 is the light of a 16-bit sRGB value that carries partOne.
func linearOf16(sum int64) int64 {
	v := sum / partOne * 255
	i := min(v/full, 254)
	rest := v - i*full
	return toLinear[i] + (toLinear[i+1]-toLinear[i])*rest/full
}

// read converts a line of inks.
func (t *inkTable) read(m *image.CMYK, sx, sy, dx, dy int, dst []pixel) {
	i, step := m.PixOffset(sx, sy), 4*dx+m.Stride*dy
	var last [4]uint8
	var same pixel
	for x := range dst {
		device := [4]uint8(m.Pix[i:])
		if device != last || x == 0 {
			r, g, b := t.pixel(device)
			last, same = device, pixel{r | g<<32, b | full<<32}
		}
		dst[x] = same
		i += step
	}
}

// apply converts pixels that were read as if they were sRGB. Inks have been
// converted while they were read.
func (p *tableProfile) apply(row []pixel) {
	if p.inputs == 4 {
		return
	}
	t := p.table()
	for i, px := range row {
		r, g, b, a := px.nrgba()
		lr, lg, lb := t.pixel([4]uint8{r, g, b})
		k := int64(a)
		row[i] = pixel{lr*k/255 | lg*k/255<<32, lb*k/255 | k*257<<32}
	}
}
