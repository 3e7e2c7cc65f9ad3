package canvas

import (
	"image/color"
	"math"
	"strconv"
)

// Color is an opaque sRGB colour; channels run from 0 to 1.
type Color struct{ R, G, B float64 }

// Hex reads "#RRGGBB". Anything else is black: hex colours here are constants or were checked before.
func Hex(s string) Color {
	v, err := strconv.ParseUint(s[min(1, len(s)):], 16, 32)
	if err != nil || len(s) != 7 {
		return Color{}
	}
	return Color{float64(v>>16&255) / 255, float64(v>>8&255) / 255, float64(v&255) / 255}
}

// Valid reports whether every channel lies between 0 and 1.
func (c Color) Valid() bool {
	return c.R >= 0 && c.R <= 1 && c.G >= 0 && c.G <= 1 && c.B >= 0 && c.B <= 1
}

// Mix returns the colour the share t (0 to 1) of the way from c to o.
func (c Color) Mix(o Color, t float64) Color {
	return Color{c.R + (o.R-c.R)*t, c.G + (o.G-c.G)*t, c.B + (o.B-c.B)*t}
}

// Luma is the perceived brightness, 0 to 1 (Rec. 709 weights on the encoded values).
func (c Color) Luma() float64 { return 0.2126*c.R + 0.7152*c.G + 0.0722*c.B }

// RGBA8 rounds to eight bits a channel.
func (c Color) RGBA8() color.RGBA {
	return color.RGBA{byteOf(c.R), byteOf(c.G), byteOf(c.B), 255}
}

func byteOf(v float64) uint8 {
	return uint8(255*min(max(v, 0), 1) + 0.5)
}

// LCh is a colour in OKLCh (Björn Ottosson, https://bottosson.github.io/posts/oklab/): perceived lightness 0 to 1,
// chroma from 0 to about 0.3, hue in radians.
type LCh struct{ L, C, H float64 }

// LCh converts from sRGB.
func (c Color) LCh() LCh {
	r, g, b := linear(c.R), linear(c.G), linear(c.B)
	l := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*b)
	m := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*b)
	s := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*b)
	lightness := 0.2104542553*l + 0.7936177850*m - 0.0040720468*s
	a := 1.9779984951*l - 2.4285922050*m + 0.4505937099*s
	bb := 0.0259040371*l + 0.7827717662*m - 0.8086757660*s
	return LCh{lightness, math.Hypot(a, bb), math.Atan2(bb, a)}
}

// Color converts to sRGB; what lies outside is clipped a channel at a time.
func (k LCh) Color() Color {
	a, b := k.C*math.Cos(k.H), k.C*math.Sin(k.H)
	l := k.L + 0.3963377774*a + 0.2158037573*b
	m := k.L - 0.1055613458*a - 0.0638541728*b
	s := k.L - 0.0894841775*a - 1.2914855480*b
	l, m, s = l*l*l, m*m*m, s*s*s
	return Color{
		encoded(4.0767416621*l - 3.3077115913*m + 0.2309699292*s),
		encoded(-1.2684380046*l + 2.6097574011*m - 0.3413193965*s),
		encoded(-0.0041960863*l - 0.7034186147*m + 1.7076147010*s),
	}
}

// Lighter moves the perceived lightness by d (-1 to 1) and keeps the hue.
func (c Color) Lighter(d float64) Color {
	k := c.LCh()
	k.L = min(max(k.L+d, 0), 1)
	return k.Color()
}

// Turned rotates the hue by deg degrees and scales the chroma.
func (c Color) Turned(deg, chroma float64) Color {
	k := c.LCh()
	k.H += deg * math.Pi / 180
	k.C *= chroma
	return k.Color()
}

func linear(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

func encoded(v float64) float64 {
	v = min(max(v, 0), 1)
	if v <= 0.0031308 {
		return v * 12.92
	}
	return 1.055*math.Pow(v, 1/2.4) - 0.055
}
