// Package picture draws the demo's pictures: scenes composed for a placement, and changes to pictures that exist. Drawing
// is deterministic: the same brief gives the same pixels.
package picture

import (
	"image"
	"math/rand/v2"

	c "github.com/gemini-image-chat/gemini-image-chat/adapters/demo/internal/canvas"
)

// Scene is a kind of composition.
type Scene string

// The scenes.
const (
	SceneProduct   Scene = "product" // an object on a plinth
	SceneLamp      Scene = "lamp"    // a lighting still life
	SceneSea       Scene = "sea"
	SceneMountain  Scene = "mountain"
	SceneCity      Scene = "city"
	SceneGeometric Scene = "geometric"
	ScenePoster    Scene = "poster"
)

// Brief is everything a picture is drawn from.
type Brief struct {
	Width, Height int // pixels
	Seed          uint64
	Scene         Scene
	Object        string   // what stands on the plinth: "bottle", "mug", …
	Style         string   // a style preset's id or ""
	Season        string   // "spring", "summer", "autumn", "winter", "night" or ""
	Tint          *c.Color // of the subject
	Ground        *c.Color // of the background
	Plain         bool     // a catalogue picture: the object alone on a plain, light ground
	Brand         []c.Color
	Headline, Sub string // nothing is set where Headline is empty
	// Visible is the part of the picture (fractions 0 to 1) that a later crop leaves, Safe the part of it that must hold
	// the subject and every word.
	Visible, Safe c.Rect
	Badge         string
}

// Caption takes words that a person wants to see. The shorter text leads, the other stands below it.
func (b Brief) Caption(words string) Brief {
	switch {
	case b.Headline == "" || len([]rune(b.Headline)) <= 12 && b.Sub != "":
		b.Headline = words
	case len([]rune(b.Headline)) > 12:
		b.Headline, b.Sub = words, b.Headline
	default:
		b.Sub = words
	}
	return b
}

// scene is a picture in the making.
type scene struct {
	*c.Canvas
	Brief
	p       Palette
	r       *rand.Rand
	subject c.Rect // where the subject stands
	text    c.Rect // where the words stand; empty when there are none
	visible c.Rect
	align   c.Align
	wide    bool
	grey    bool // the words are to be grey too
}

// Draw paints the brief.
func Draw(b Brief) *image.RGBA { return Recipe{Brief: b}.Make() }

// newScene lays a brief out: colours, and places for the subject and the words.
func newScene(b Brief) *scene {
	s := &scene{Canvas: c.New(b.Width, b.Height), Brief: b, r: rand.New(rand.NewPCG(b.Seed, 0x9E3779B97F4A7C15))}
	family := palettes[b.Style]
	s.p = family[s.r.IntN(len(family))]
	if len(b.Brand) > 0 {
		s.p = s.p.Branded(b.Brand)
	}
	if b.Plain {
		s.p.Back, s.p.Back2, s.p.Deep = c.Hex("#FBFAF8"), c.Hex("#EDEBE7"), c.Hex("#34302C")
	}
	if b.Tint != nil {
		s.p = s.p.Wished(*b.Tint)
	}
	if b.Ground != nil {
		s.p = s.p.Grounded(*b.Ground)
	}
	s.arrange()
	return s
}

// paint draws everything but the words.
func (s *scene) paint() {
	switch s.Scene {
	case SceneLamp:
		s.lamp()
	case SceneSea:
		s.sea()
	case SceneMountain:
		s.mountain()
	case SceneCity:
		s.city()
	case SceneGeometric:
		s.geometric()
	case ScenePoster:
		s.poster()
	default:
		s.product()
	}
	s.Finish(s.Seed^0xD1B54A32D192ED03, s.grain(), s.vignette())
}

func (s *scene) grain() float64 {
	if s.Style == "minimal" || s.Style == "professional" {
		return 0.012
	}
	return 0.02
}

func (s *scene) vignette() float64 {
	if s.p.Dark() {
		return 0.35
	}
	return 0.14
}

// arrange divides the safe part of the picture between the subject and the words.
func (s *scene) arrange() {
	s.visible = s.Part(s.Visible)
	safe := s.Part(s.Safe)
	safe = safe.Inset(0.06 * min(safe.W(), safe.H()))
	s.wide = safe.W() > 1.4*safe.H()
	if s.wide {
		side := 0.03 * safe.W()
		safe.X0, safe.X1 = safe.X0+side, safe.X1-side
	}
	s.subject = safe
	flip := s.r.IntN(3) == 0
	if s.Headline == "" {
		return
	}
	if s.wide {
		edge := safe.X0 + 0.5*safe.W()
		if s.outdoors() { // words stand in the sky
			defer func() { s.text.Y1 = safe.Y0 + 0.62*safe.H() }()
		}
		s.text, s.subject = safe, safe
		if flip {
			s.subject.X1, s.text.X0 = edge, edge+0.03*safe.W()
			return
		}
		s.text.X1, s.subject.X0 = edge-0.03*safe.W(), edge
		return
	}
	edge := safe.Y0 + 0.3*safe.H()
	s.text, s.subject = safe, safe
	s.text.Y1, s.subject.Y0 = edge, edge+0.02*safe.H()
	if s.Scene != SceneLamp && s.r.IntN(3) > 0 {
		s.align = c.AlignCenter
	}
}

// outdoors reports a scene with a horizon across the whole picture.
func (s *scene) outdoors() bool {
	return s.Scene == SceneSea || s.Scene == SceneMountain || s.Scene == SceneCity
}

// horizon is where sky and land meet: lower in wide pictures with words, which stand in the sky.
func (s *scene) horizon(usual float64) float64 {
	if s.wide && s.Headline != "" {
		usual = 0.68
	}
	return s.visible.Y0 + s.visible.H()*usual
}

// setWords sets the headline and the line under it, in whichever of the palette's ends is easier to read there.
func (s *scene) setWords() {
	if s.Headline == "" {
		return
	}
	place := 0.35
	if s.wide && !s.outdoors() {
		place = 0.5
	}
	room := s.text
	unit := s.Unit()
	if s.W > 2.2*s.H {
		unit *= 1.45 // strips are shown small; their words need to be larger
	}
	most := min(room.W()/4.2, room.H()*0.42, unit*17)
	least := max(s.Unit()*3.4, 12)
	headRoom := room
	if s.Sub != "" {
		headRoom.Y1 = room.Y0 + room.H()*0.68
	}
	head := c.Fit(s.Headline, headRoom, most, least, 4, s.align, 0)
	if head == nil {
		return
	}
	gap := head.Size * 0.35
	var sub *c.Type
	if s.Sub != "" {
		below := room
		below.Y0 = head.Box.Y1 + gap
		sub = c.Fit(s.Sub, below, max(head.Size*0.36, least*0.8), max(s.Unit()*2.4, 9), 3, s.align, 0)
	}
	block := head.Box
	if sub != nil {
		block.X0, block.X1, block.Y1 = min(block.X0, sub.Box.X0), max(block.X1, sub.Box.X1), sub.Box.Y1
	}
	shift := (room.H() - (block.Y1 - block.Y0)) * place
	shift = max(0, shift)
	block.Y0, block.Y1 = block.Y0+shift, block.Y1+shift
	ink := s.inkFor(block)
	if s.grey {
		ink = c.Color{R: ink.Luma(), G: ink.Luma(), B: ink.Luma()}
	}
	head.Shift(0, shift)
	head.Draw(s.Canvas, ink)
	if sub != nil {
		sub.Shift(0, shift)
		ground, _ := s.Average(block)
		sub.Draw(s.Canvas, ink.Mix(ground, 0.18))
	}
}

// inkFor chooses the text's colour and, on a restless ground, calms it first.
func (s *scene) inkFor(block c.Rect) c.Color { return calm(s.Canvas, block, s.p.Deep, s.p.Light) }

func calm(cv *c.Canvas, block c.Rect, dark, light c.Color) c.Color {
	ground, restless := cv.Average(block)
	ink, veil := dark, light
	if ground.Luma() < 0.52 {
		ink, veil = light, dark
	}
	distance := ground.Luma() - ink.Luma()
	if distance < 0 {
		distance = -distance
	}
	if restless > 0.09 || distance < 0.42 {
		pad := cv.Unit() * 9
		grown := block.Inset(-pad)
		cv.Soft(c.RoundRect(grown, grown.H()/2), c.Solid(veil.Mix(ground, 0.5)), 0.6, pad*2.2)
	}
	return ink
}

// setBadge marks the picture as a demo, inside what a later crop leaves.
func setBadge(cv *c.Canvas, visible c.Rect, words string) {
	if words == "" {
		return
	}
	size := max(cv.Unit()*2.1, cv.W*0.011, 9)
	margin := cv.Unit() * 2.4
	limit := c.Rect{X0: visible.X0 + margin, Y0: visible.Y0, X1: visible.X1 - margin - size*0.7, Y1: visible.Y1 - margin - size*0.35}
	t := c.Fit(words, limit, size, size, 1, c.AlignRight, 1)
	if t == nil {
		return
	}
	pill := c.Rect{X0: t.Box.X0 - size*0.7, Y0: t.Box.Y0 - size*0.3, X1: t.Box.X1 + size*0.7, Y1: t.Box.Y1 + size*0.3}
	cv.Draw(c.RoundRect(pill, pill.H()/2), c.Solid(c.Hex("#15171A")), 0.62)
	t.Draw(cv, c.Hex("#FFFFFF"))
}

// vary returns a number around v, at most the share d away from it.
func (s *scene) vary(v, d float64) float64 { return v * (1 + d*(2*s.r.Float64()-1)) }
