package picture

import (
	"math"

	c "github.com/gemini-image-chat/gemini-image-chat/adapters/demo/internal/canvas"
)

// Palette is the six colours of a picture.
type Palette struct {
	Back, Back2  c.Color // the ground, and its lighter or darker end
	Main, Accent c.Color // the subject, and what sets it off
	Deep, Light  c.Color // the darkest and the lightest of the family
}

func palette(hex ...string) Palette {
	return Palette{c.Hex(hex[0]), c.Hex(hex[1]), c.Hex(hex[2]), c.Hex(hex[3]), c.Hex(hex[4]), c.Hex(hex[5])}
}

// palettes are three families for each style preset; the empty style has its own.
var palettes = map[string][]Palette{
	"": {
		palette("#F3E6D6", "#E2C9AE", "#B5563C", "#2F5D62", "#2A1E1A", "#FFFBF4"),
		palette("#DDE8E4", "#B9D0C8", "#2E6A61", "#EFA54A", "#15302C", "#FBFFFD"),
		palette("#F1DFE0", "#E0BFC2", "#8E4A5E", "#D9A441", "#3A1C26", "#FFFAFA"),
	},
	"modern": {
		palette("#F4EFE8", "#E0D4C5", "#2F3E46", "#E4572E", "#1D2529", "#FFFDF9"),
		palette("#DCE7EA", "#B7CED5", "#1F4E5F", "#F2A541", "#12303B", "#FAFDFD"),
		palette("#EAE3F2", "#CFC0E2", "#5B4B8A", "#F28F79", "#2B2345", "#FFFCFF"),
	},
	"minimal": {
		palette("#F2F0EC", "#DDD8D0", "#A39C92", "#C2B08F", "#3A3835", "#FFFFFF"),
		palette("#EEF1F0", "#D2DCD8", "#869C93", "#C9B79C", "#2E3734", "#FFFFFF"),
		palette("#F6EEEA", "#E6D2C8", "#C3947F", "#A7B0A0", "#4A3832", "#FFFDFB"),
	},
	"vibrant": {
		palette("#FFC21A", "#FF9500", "#D62246", "#008F95", "#3A0F2B", "#FFF6E0"),
		palette("#FF6F9C", "#FF4F86", "#5A2DD6", "#FFD23F", "#2A0E52", "#FFF3F7"),
		palette("#2CCFC9", "#0FA3AD", "#FF5A36", "#FFC914", "#0B3142", "#F0FFFE"),
	},
	"luxury": {
		palette("#2A221C", "#15110E", "#B08D57", "#E6C88F", "#0C0A09", "#F5E9D3"),
		palette("#17302B", "#0B1A17", "#B99A5B", "#E3CE9C", "#081210", "#F1EBDD"),
		palette("#2A1F3A", "#150F1F", "#C29B74", "#EBCFB0", "#0D0A12", "#F6EDE4"),
	},
	"playful": {
		palette("#FFD9E8", "#FFBBD6", "#7C6BEA", "#FFB84D", "#3B2B73", "#FFFFFF"),
		palette("#CFF3EA", "#9FE2D1", "#FF7A8A", "#FFD166", "#1F4D45", "#FFFFFF"),
		palette("#FFF0B8", "#FFDE73", "#4D9DE0", "#FF6F59", "#40331A", "#FFFFFF"),
	},
	"professional": {
		palette("#E9EFF6", "#C3D4E8", "#1F4B99", "#4DA3FF", "#10233F", "#FFFFFF"),
		palette("#EFF2F4", "#CDD8DE", "#34566B", "#F0A23B", "#182A35", "#FFFFFF"),
		palette("#E6EEF0", "#BFD3D9", "#0F6B75", "#7AC7C4", "#0B2B30", "#FFFFFF"),
	},
	"natural": {
		palette("#F1EAD9", "#DBCBA6", "#7C8B5A", "#C98F5A", "#3B3A25", "#FFFCF2"),
		palette("#E9E6DA", "#C9C8B0", "#5F7161", "#D8A47F", "#2B332B", "#FDFBF3"),
		palette("#F5E6D8", "#E2C1A2", "#9C6B4A", "#8CA37A", "#40291B", "#FFFAF3"),
	},
	"tech": {
		palette("#16244A", "#0A0F1F", "#37D5FF", "#8B5CF6", "#05070F", "#EAF6FF"),
		palette("#10303A", "#081117", "#2EF2C2", "#3B82F6", "#04070A", "#E9FFFA"),
		palette("#2B1750", "#100A1E", "#FF4FD8", "#5EE7FF", "#07040F", "#F8ECFF"),
	},
}

// Dark reports whether light text belongs on the ground.
func (p Palette) Dark() bool { return p.Back.Luma() < 0.45 }

// Tinted moves the whole family to the hue of k, each colour keeping its own lightness. The accent goes a third of the
// circle away, so that it still sets the subject off.
func (p Palette) Tinted(k c.Color) Palette {
	want := k.LCh()
	toHue := func(from c.Color, chroma, turn float64) c.Color {
		l := from.LCh()
		l.H, l.C = want.H+turn, chroma
		return l.Color()
	}
	ground := 0.05
	if p.Dark() {
		ground = 0.045
	}
	main := k
	// A subject of the ground's own lightness would vanish in it.
	if math.Abs(main.Luma()-p.Back.Luma()) < 0.18 {
		main = main.Lighter(map[bool]float64{true: 0.28, false: -0.28}[p.Dark()])
	}
	return Palette{
		Back: toHue(p.Back, ground, 0), Back2: toHue(p.Back2, ground*1.6, 0), Main: main,
		Accent: toHue(p.Accent, max(p.Accent.LCh().C, 0.1), 2.3), Deep: toHue(p.Deep, 0.04, 0), Light: p.Light,
	}
}

// Wished follows a colour that a person named: the whole family moves to its hue. White, grey and black have no hue and
// colour the subject alone.
func (p Palette) Wished(k c.Color) Palette {
	if k.LCh().C >= 0.03 {
		return p.Tinted(k)
	}
	p.Main = k
	if math.Abs(k.Luma()-p.Back.Luma()) < 0.18 {
		p.Back, p.Back2 = p.Back.Lighter(-0.09), p.Back2.Lighter(-0.14)
	}
	return p
}

// Grounded puts the family on a ground of the colour.
func (p Palette) Grounded(k c.Color) Palette {
	p.Back, p.Back2 = k.Lighter(0.05), k.Lighter(-0.05)
	if math.Abs(p.Main.Luma()-k.Luma()) < 0.12 {
		p.Main = p.Main.Lighter(map[bool]float64{true: 0.25, false: -0.25}[k.Luma() < 0.5])
	}
	return p
}

// Branded takes a brand's own colours: the first for the subject, the second to set it off.
func (p Palette) Branded(colors []c.Color) Palette {
	if len(colors) == 0 {
		return p
	}
	p = p.Tinted(colors[0])
	p.Main = colors[0]
	if len(colors) > 1 {
		p.Accent = colors[1]
	}
	return p
}
