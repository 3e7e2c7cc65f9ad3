package finish

// The factors of the discrete cosine transform of Loeffler, Ligtenberg and
// Moschytz (ICASSP 1989), in 8192ths: sums and differences of √2·cos(kπ/16).
const (
	dctBits   = 13
	dctExtra  = 2 // more bits between the two passes
	dct0298   = 2446
	dct0390   = 3196
	dct0541   = 4433
	dct0765   = 6270
	dct0899   = 7373
	dct1175   = 9633
	dct1501   = 12299
	dct1847   = 15137
	dct1961   = 16069
	dct2053   = 16819
	dct2562   = 20995
	dct3072   = 25172
	blockSide = 8
	blockSize = blockSide * blockSide
)

// forwardDCT transforms a block of samples around zero. The coefficients are
// eight times those of ITU-R T.81, A.3.3.
func forwardDCT(b *[blockSize]int32) {
	for i := 0; i < blockSize; i += blockSide {
		dctLine(b, i, 1, dctBits-dctExtra, -dctExtra)
	}
	for i := range blockSide {
		dctLine(b, i, blockSide, dctBits+dctExtra, dctExtra)
	}
}

// dctLine transforms eight samples in place; shift is what the products carry
// too much, plain what sums without a product do.
func dctLine(b *[blockSize]int32, at, step int, shift uint, plain int) {
	p := b
	i0, i1, i2, i3 := at, at+step, at+2*step, at+3*step
	i4, i5, i6, i7 := at+4*step, at+5*step, at+6*step, at+7*step
	s0, d0 := p[i0&63]+p[i7&63], p[i0&63]-p[i7&63]
	s1, d1 := p[i1&63]+p[i6&63], p[i1&63]-p[i6&63]
	s2, d2 := p[i2&63]+p[i5&63], p[i2&63]-p[i5&63]
	s3, d3 := p[i3&63]+p[i4&63], p[i3&63]-p[i4&63]

	even0, even3 := s0+s3, s0-s3
	even1, even2 := s1+s2, s1-s2
	if plain < 0 {
		p[i0&63], p[i4&63] = (even0+even1)<<dctExtra, (even0-even1)<<dctExtra
	} else {
		const half = 1 << (dctExtra - 1)
		p[i0&63], p[i4&63] = (even0+even1+half)>>dctExtra, (even0-even1+half)>>dctExtra
	}
	half := int32(1) << (shift - 1)
	turn := (even2+even3)*dct0541 + half
	p[i2&63] = (turn + even3*dct0765) >> shift
	p[i6&63] = (turn - even2*dct1847) >> shift

	z := (d3+d1+d2+d0)*dct1175 + half
	z3, z4 := z-(d3+d1)*dct1961, z-(d2+d0)*dct0390
	z1, z2 := -(d3+d0)*dct0899, -(d2+d1)*dct2562
	p[i7&63] = (d3*dct0298 + z1 + z3) >> shift
	p[i5&63] = (d2*dct2053 + z2 + z4) >> shift
	p[i3&63] = (d1*dct3072 + z2 + z3) >> shift
	p[i1&63] = (d0*dct1501 + z1 + z4) >> shift
}
