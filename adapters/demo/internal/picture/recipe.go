package picture

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"image"
	"image/jpeg"
	"io"
	"math"
	"slices"

	c "github.com/gemini-image-chat/gemini-image-chat/adapters/demo/internal/canvas"
)

// Recipe is how one of our own pictures was made. It travels inside the JPEG, so that a change can be made to the scene
// instead of to its pixels: the subject keeps its edges, words are set anew, and nothing is compressed twice.
type Recipe struct {
	Brief   Brief    `json:"brief"`
	Changes []Change `json:"changes,omitempty"`
}

// maxChanges bounds what is redone for one more change; after that the pixels themselves are changed.
const maxChanges = 6

// recipeMark begins the comment segment that holds a recipe.
const recipeMark = "imagechat-demo-recipe/1 "

// Make draws the recipe: the scene, the changes to it, and the words above both, so that they stay sharp and the right
// way round.
func (r Recipe) Make() *image.RGBA {
	s := newScene(r.Brief)
	s.paint()
	for _, ch := range r.Changes {
		s.Canvas = c.On(transform(s.Img, r.Brief.Width, r.Brief.Height, ch))
		s.grey = s.grey || ch.Grey
	}
	s.setWords()
	for _, ch := range r.Changes {
		if ch.Caption != "" {
			caption(s.Canvas, s.Part(r.Brief.Safe), ch.Caption, ch.Side)
		}
	}
	setBadge(s.Canvas, s.visible, r.Brief.Badge)
	return s.Img
}

// With adds a change. What concerns the scene itself goes into the brief. It reports false when the recipe has grown too
// long to be redone.
func (r Recipe) With(ch Change) (Recipe, bool) {
	if ch.Background != nil {
		r.Brief.Ground, ch.Background = ch.Background, nil
	}
	if ch.Caption != "" && ch.Side == "" && !r.Brief.Plain {
		r.Brief, ch.Caption = r.Brief.Caption(ch.Caption), ""
	}
	blank := Change{Seed: ch.Seed}
	if ch != blank {
		r.Changes = append(slices.Clone(r.Changes), ch)
	}
	return r, len(r.Changes) <= maxChanges
}

// Encode writes img as a JPEG that carries the recipe; a nil recipe is left out.
func Encode(w io.Writer, img image.Image, quality int, r *Recipe) error {
	if r == nil {
		return jpeg.Encode(w, img, &jpeg.Options{Quality: quality})
	}
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	comment := append([]byte(recipeMark), text...)
	if len(comment) > 0xFFFF-2 {
		return jpeg.Encode(w, img, &jpeg.Options{Quality: quality})
	}
	segment := binary.BigEndian.AppendUint16([]byte{0xFF, 0xD8, 0xFF, 0xFE}, uint16(len(comment)+2))
	if _, err := w.Write(append(segment, comment...)); err != nil {
		return err
	}
	return jpeg.Encode(&skipper{w: w, left: 2}, img, &jpeg.Options{Quality: quality})
}

// skipper drops the first bytes written: the encoder's own start-of-image marker, which already stands before the comment.
type skipper struct {
	w    io.Writer
	left int
}

func (s *skipper) Write(p []byte) (int, error) {
	drop := min(s.left, len(p))
	s.left -= drop
	n, err := s.w.Write(p[drop:])
	return n + drop, err
}

// FindRecipe reads the recipe at the head of a JPEG. It reports false for every other file and for a recipe that asks for
// more than we draw.
func FindRecipe(head io.Reader) (Recipe, bool) {
	var start [6]byte
	if _, err := io.ReadFull(head, start[:]); err != nil || !bytes.Equal(start[:4], []byte{0xFF, 0xD8, 0xFF, 0xFE}) {
		return Recipe{}, false
	}
	size := int(binary.BigEndian.Uint16(start[4:])) - 2
	if size < len(recipeMark) {
		return Recipe{}, false
	}
	comment := make([]byte, size)
	if _, err := io.ReadFull(head, comment); err != nil || !bytes.HasPrefix(comment, []byte(recipeMark)) {
		return Recipe{}, false
	}
	var r Recipe
	if err := json.Unmarshal(comment[len(recipeMark):], &r); err != nil || !r.sane() {
		return Recipe{}, false
	}
	return r, true
}

// sane keeps a file from asking for more work than any request could.
func (r Recipe) sane() bool {
	b := r.Brief
	within := func(r c.Rect) bool {
		return r.X0 >= 0 && r.Y0 >= 0 && r.X1 <= 1 && r.Y1 <= 1 && r.X0 < r.X1 && r.Y0 < r.Y1
	}
	_, styled := palettes[b.Style]
	if !styled || b.Width < 64 || b.Height < 64 || b.Width > 8192 || b.Height > 8192 || b.Width*b.Height > 8<<20 ||
		!within(b.Visible) || !within(b.Safe) || len(r.Changes) > maxChanges || len(b.Headline)+len(b.Sub) > 4096 {
		return false
	}
	return b.sane() && !slices.ContainsFunc(r.Changes, func(ch Change) bool { return !ch.sane() })
}

func (b Brief) sane() bool {
	colors := b.Brand
	for _, k := range []*c.Color{b.Tint, b.Ground} {
		if k != nil {
			colors = append(slices.Clip(colors), *k)
		}
	}
	return len(colors) <= 8 && !slices.ContainsFunc(colors, func(k c.Color) bool { return !k.Valid() })
}

func (ch Change) sane() bool {
	strongest := max(math.Abs(ch.Light), math.Abs(ch.Warmth), math.Abs(ch.Chroma), math.Abs(ch.Contrast))
	return strongest <= 4 && (ch.Zoom == 0 || ch.Zoom >= 0.2 && ch.Zoom <= 4) && len(ch.Caption) <= 4096 &&
		(ch.Tint == nil || ch.Tint.Valid()) && (ch.Background == nil || ch.Background.Valid())
}
