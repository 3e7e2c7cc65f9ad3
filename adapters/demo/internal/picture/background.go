package picture

import (
	"image"
	"math"

	xdraw "golang.org/x/image/draw"

	c "github.com/gemini-image-chat/gemini-image-chat/adapters/demo/internal/canvas"
)

// maskSide is the longer side of the copy that the background is found on; the mask is scaled up smoothly.
const maskSide = 320

// backgroundMask finds what surrounds the subject: pixels that can be reached from the picture's edge through small
// steps of colour without straying far from the edge's own colours. Values run from 0 (subject) to 255 (background).
// It reports the share of the picture that is background.
func backgroundMask(img *image.RGBA) (*image.Alpha, float64) {
	scale := float64(maskSide) / float64(max(img.Rect.Dx(), img.Rect.Dy()))
	w, h := max(int(float64(img.Rect.Dx())*scale), 8), max(int(float64(img.Rect.Dy())*scale), 8)
	small := image.NewRGBA(image.Rect(0, 0, w, h))
	xdraw.ApproxBiLinear.Scale(small, small.Rect, img, img.Rect, xdraw.Src, nil)
	lab := make([][3]float64, w*h)
	for i := range lab {
		k := c.Color{R: float64(small.Pix[4*i]) / 255, G: float64(small.Pix[4*i+1]) / 255, B: float64(small.Pix[4*i+2]) / 255}.LCh()
		lab[i] = [3]float64{k.L, k.C * math.Cos(k.H), k.C * math.Sin(k.H)}
	}
	reached, count := flood(lab, w, h)
	mask := image.NewAlpha(small.Rect)
	for i, in := range reached {
		if in {
			mask.Pix[i] = 255
		}
	}
	smooth := image.NewAlpha(small.Rect)
	blurAlpha(smooth, mask)
	big := image.NewAlpha(img.Rect)
	xdraw.BiLinear.Scale(big, big.Rect, smooth, smooth.Rect, xdraw.Src, nil)
	return big, float64(count) / float64(w*h)
}

// flood walks in from the edge. A step may change the colour a little, the whole way only so far: gradients are followed,
// objects are not.
func flood(lab [][3]float64, w, h int) (reached []bool, count int) {
	const step, drift = 0.028, 0.26
	type visit struct{ at, seed int }
	reached = make([]bool, w*h)
	var queue []visit
	enter := func(at, seed int) {
		if !reached[at] {
			reached[at], count = true, count+1
			queue = append(queue, visit{at, seed})
		}
	}
	for x := range w {
		enter(x, x)
		enter((h-1)*w+x, (h-1)*w+x)
	}
	for y := range h {
		enter(y*w, y*w)
		enter(y*w+w-1, y*w+w-1)
	}
	for len(queue) > 0 {
		v := queue[0]
		queue = queue[1:]
		x, y := v.at%w, v.at/w
		for _, d := range [][2]int{{1, 0}, {-1, 0}, {0, 1}, {0, -1}} {
			nx, ny := x+d[0], y+d[1]
			if nx < 0 || ny < 0 || nx >= w || ny >= h {
				continue
			}
			at := ny*w + nx
			if !reached[at] && distance(lab[v.at], lab[at]) < step && distance(lab[v.seed], lab[at]) < drift {
				enter(at, v.seed)
			}
		}
	}
	return reached, count
}

// distance weighs lightness less than colour, because light falls off across a plain wall.
func distance(a, b [3]float64) float64 {
	return math.Sqrt(0.5*(a[0]-b[0])*(a[0]-b[0]) + (a[1]-b[1])*(a[1]-b[1]) + (a[2]-b[2])*(a[2]-b[2]))
}

// blurAlpha averages 3 x 3 pixels, which rounds the stairs of the small mask.
func blurAlpha(dst, src *image.Alpha) {
	w, h := src.Rect.Dx(), src.Rect.Dy()
	for y := range h {
		for x := range w {
			sum, n := 0, 0
			for dy := max(y-1, 0); dy <= min(y+1, h-1); dy++ {
				for dx := max(x-1, 0); dx <= min(x+1, w-1); dx++ {
					sum, n = sum+int(src.Pix[dy*src.Stride+dx]), n+1
				}
			}
			dst.Pix[y*dst.Stride+x] = uint8(sum / n)
		}
	}
}

// changeBackground recolours or softens what surrounds the subject. Where next to nothing or nearly everything would
// count as background, the whole picture is led towards the colour instead.
func changeBackground(img *image.RGBA, ch Change) {
	mask, share := backgroundMask(img)
	if share < 0.08 || share > 0.985 {
		if ch.Background != nil {
			regrade(img, Change{Tint: ch.Background})
		}
		return
	}
	if ch.Blur {
		soft := image.NewRGBA(img.Rect)
		copy(soft.Pix, img.Pix)
		soften(soft, float64(min(img.Rect.Dx(), img.Rect.Dy()))/20)
		xdraw.DrawMask(img, img.Rect, soft, image.Point{}, mask, image.Point{}, xdraw.Over)
	}
	if ch.Background != nil {
		repaint(img, mask, *ch.Background)
	}
}

// repaint gives the background a colour and keeps its light and shade: each pixel's brightness relative to the
// background's own average.
func repaint(img *image.RGBA, mask *image.Alpha, to c.Color) {
	var sum, n float64
	for i, m := range mask.Pix {
		if m > 200 {
			sum, n = sum+pixel(img, i).Luma(), n+1
		}
	}
	mean := sum / max(n, 1)
	for i, m := range mask.Pix {
		if m == 0 {
			continue
		}
		k := pixel(img, i)
		shade := k.Luma() - mean
		painted := to.Mix(c.Hex("#FFFFFF"), min(max(shade*1.1, 0), 0.6))
		if shade < 0 {
			painted = to.Mix(c.Color{}, min(-shade*1.4, 0.7))
		}
		v := k.Mix(painted, float64(m)/255).RGBA8()
		img.Pix[4*i], img.Pix[4*i+1], img.Pix[4*i+2] = v.R, v.G, v.B
	}
}

func pixel(img *image.RGBA, i int) c.Color {
	px := img.Pix[4*i : 4*i+3]
	return c.Color{R: float64(px[0]) / 255, G: float64(px[1]) / 255, B: float64(px[2]) / 255}
}
