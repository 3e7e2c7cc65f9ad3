package finish

import (
	"image"
	"math"
)

// Fit says how a picture of another ratio meets the wanted size.
type Fit string

const (
	Cover   Fit = "cover"   // fill the size, cutting what does not fit; the default
	Contain Fit = "contain" // keep everything, extending the background
)

// Point is a place in a picture as fractions of its width and height from the
// top left: {0.5, 0.5} is the middle.
type Point struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
}

// CropPercent is how much of a picture's area is lost when it is cut from one
// ratio to another, 0 to 100, rounded to a tenth: 7 for 16:9 to 1200×628. Both
// sizes may be pixels or ratio terms; a size without area gives 0.
func CropPercent(sourceWidth, sourceHeight, width, height int) float64 {
	if sourceWidth <= 0 || sourceHeight <= 0 || width <= 0 || height <= 0 {
		return 0
	}
	kept := float64(sourceWidth) * float64(height) / (float64(sourceHeight) * float64(width))
	if kept > 1 {
		kept = 1 / kept
	}
	return math.Round((1-kept)*1000) / 10
}

// coverSize is the largest part of a w × h picture that has the ratio of
// width × height, at least a pixel each way.
func coverSize(w, h, width, height int) (cw, ch int) {
	if w*height > h*width {
		return min(max((h*width+height/2)/height, 1), w), h
	}
	return w, min(max((w*height+width/2)/width, 1), h)
}

// containSize is the size at which a w × h picture just fits width × height.
func containSize(w, h, width, height int) (iw, ih int) {
	if w*height > h*width {
		return width, min(max((width*h+w/2)/w, 1), height)
	}
	return min(max((height*w+h/2)/h, 1), width), height
}

// around places a cw × ch rectangle with its middle at the focus, moved inside
// the w × h picture where it sticks out.
func around(focus Point, w, h, cw, ch int) image.Rectangle {
	place := func(f float64, n, c int) int {
		return min(max(int(math.Round(float64(f*float64(n))-float64(c)/2)), 0), n-c)
	}
	x, y := place(focus.X, w, cw), place(focus.Y, h, ch)
	return image.Rect(x, y, x+cw, y+ch)
}

// middle is the centre of r as a fraction of a w × h picture, to four digits.
func middle(r image.Rectangle, w, h int) Point {
	round := func(v float64) float64 { return math.Round(v*1e4) / 1e4 }
	return Point{
		X: round(float64(r.Min.X+r.Max.X) / 2 / float64(w)),
		Y: round(float64(r.Min.Y+r.Max.Y) / 2 / float64(h)),
	}
}
