package finish

import (
	"image/color"
	"math"
	"slices"
	"testing"
)

// TestProfilesAgreeWithLittleCMS compares every pixel with what Little CMS makes
// of the same file, in CIEDE2000: a mean of 1 and a 95th percentile of 2.5.
func TestProfilesAgreeWithLittleCMS(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"profile-matrix.jpg", "profile-table.jpg", "profile-grey.jpg", "ink-profile.jpg", "ink-plain.jpg"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, want := asItIs(t, reference(t, name)), decoded(t, reference(t, name+".png"))
			var all []float64
			sum := 0.0
			for y := range want.Bounds().Dy() {
				for x := range want.Bounds().Dx() {
					d := deltaE(straight(got, x, y), straight(want, x, y))
					all = append(all, d)
					sum += d
				}
			}
			slices.Sort(all)
			mean, p95 := sum/float64(len(all)), all[len(all)*95/100]
			t.Logf("ΔE2000: mean %.2f, 95th percentile %.2f, most %.2f", mean, p95, all[len(all)-1])
			if mean > 1 || p95 > 2.5 {
				t.Errorf("ΔE2000: mean %.2f, 95th percentile %.2f", mean, p95)
			}
		})
	}
}

func lab(c color.NRGBA) (l, a, b float64) {
	linear := [3]float64{linearOf(float64(c.R) / 255), linearOf(float64(c.G) / 255), linearOf(float64(c.B) / 255)}
	var f [3]float64
	for k, row := range [3][3]float64{{0.43607, 0.38515, 0.14307}, {0.22249, 0.71687, 0.06061}, {0.01392, 0.09708, 0.71410}} {
		v := (row[0]*linear[0] + row[1]*linear[1] + row[2]*linear[2]) / [3]float64{0.9642, 1, 0.8249}[k]
		if f[k] = math.Cbrt(v); v <= 216.0/24389 {
			f[k] = (24389.0/27*v + 16) / 116
		}
	}
	return 116*f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])
}

// deltaE is CIEDE2000 (Sharma, Wu and Dalal 2005).
func deltaE(x, y color.NRGBA) float64 {
	l1, a1, b1 := lab(x)
	l2, a2, b2 := lab(y)
	seventh := func(c float64) float64 { return math.Sqrt(math.Pow(c, 7) / (math.Pow(c, 7) + math.Pow(25, 7))) }
	g := 0.5 * (1 - seventh((math.Hypot(a1, b1)+math.Hypot(a2, b2))/2))
	a1, a2 = a1*(1+g), a2*(1+g)
	c1, c2 := math.Hypot(a1, b1), math.Hypot(a2, b2)
	angle := func(a, b float64) float64 { return math.Mod(math.Atan2(b, a)*180/math.Pi+360, 360) }
	h1, h2 := angle(a1, b1), angle(a2, b2)
	dh, sumH := h2-h1, h1+h2
	switch {
	case c1*c2 == 0:
		dh = 0
	case math.Abs(dh) > 180 && h2 <= h1:
		dh += 360
	case math.Abs(dh) > 180:
		dh -= 360
	}
	meanH := sumH / 2
	switch {
	case c1*c2 == 0:
		meanH = sumH
	case math.Abs(h1-h2) > 180 && sumH < 360:
		meanH += 180
	case math.Abs(h1-h2) > 180:
		meanH -= 180
	}
	rad := func(d float64) float64 { return d * math.Pi / 180 }
	dL, dC, dH := l2-l1, c2-c1, 2*math.Sqrt(c1*c2)*math.Sin(rad(dh/2))
	meanL, meanC := (l1+l2)/2, (c1+c2)/2
	t := 1 - 0.17*math.Cos(rad(meanH-30)) + 0.24*math.Cos(rad(2*meanH)) + 0.32*math.Cos(rad(3*meanH+6)) - 0.20*math.Cos(rad(4*meanH-63))
	sl := 1 + 0.015*(meanL-50)*(meanL-50)/math.Sqrt(20+(meanL-50)*(meanL-50))
	sc, sh := 1+0.045*meanC, 1+0.015*meanC*t
	turn := -math.Sin(rad(60*math.Exp(-math.Pow((meanH-275)/25, 2)))) * 2 * seventh(meanC)
	return math.Sqrt(math.Pow(dL/sl, 2) + math.Pow(dC/sc, 2) + math.Pow(dH/sh, 2) + turn*dC/sc*dH/sh)
}

// TestCIEDE2000 holds the measure to what is known without it.
func TestCIEDE2000(t *testing.T) {
	t.Parallel()
	grey := color.NRGBA{119, 119, 119, 255}
	if d := deltaE(grey, grey); d != 0 {
		t.Errorf("a colour from itself: %v", d)
	}
	black, white := color.NRGBA{0, 0, 0, 255}, color.NRGBA{255, 255, 255, 255}
	if d := deltaE(black, white); math.Abs(d-100) > 0.1 {
		t.Errorf("black from white: %v, want 100", d)
	}
}
