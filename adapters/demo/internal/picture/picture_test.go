package picture

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"maps"
	"slices"
	"strings"
	"testing"

	c "github.com/gemini-image-chat/gemini-image-chat/adapters/demo/internal/canvas"
)

var scenes = []Scene{SceneProduct, SceneLamp, SceneSea, SceneMountain, SceneCity, SceneGeometric, ScenePoster}

func brief(scene Scene) Brief {
	full := c.Rect{X1: 1, Y1: 1}
	return Brief{Width: 160, Height: 120, Seed: 7, Scene: scene, Object: "mug", Style: "modern", Headline: "여름 세일", Sub: "최대 50%",
		Visible: full, Safe: full, Badge: "DEMO"}
}

func TestEverySceneDrawsInEveryStyleAndShape(t *testing.T) {
	t.Parallel()
	for _, scene := range scenes {
		t.Run(string(scene), func(t *testing.T) {
			t.Parallel()
			for i, style := range slices.Sorted(maps.Keys(palettes)) {
				shapes := []image.Point{{X: 120, Y: 120}, {X: 80, Y: 144}, {X: 200, Y: 85}, {X: 368, Y: 44}, {X: 44, Y: 368}}
				for j := range 2 {
					size := shapes[(2*i+j)%len(shapes)]
					b := brief(scene)
					b.Style, b.Width, b.Height, b.Seed = style, size.X, size.Y, uint64(i*10+j)
					b.Object = Objects[(i+j)%len(Objects)]
					b.Season = []string{"", "spring", "summer", "autumn", "winter", "night"}[(i+j)%6]
					img := Draw(b)
					if img.Rect.Size() != size {
						t.Fatalf("%s %v: got %v", style, size, img.Rect.Size())
					}
					if _, spread := c.On(img).Average(c.Rect{X1: float64(size.X), Y1: float64(size.Y)}); spread < 0.02 {
						t.Errorf("%s %v: a blank picture (brightness varies by %.3f)", style, size, spread)
					}
				}
			}
		})
	}
}

func TestEveryObjectLooksDifferent(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, object := range Objects {
		b := brief(SceneProduct)
		b.Object = object
		pix := string(Draw(b).Pix)
		if other, ok := seen[pix]; ok {
			t.Errorf("%s looks like %s", object, other)
		}
		seen[pix] = object
	}
}

func TestEveryStyleLooksDifferent(t *testing.T) {
	t.Parallel()
	for _, scene := range scenes {
		seen := map[string]string{}
		for style := range palettes {
			b := brief(scene)
			b.Style, b.Width, b.Height = style, 96, 72
			pix := string(Draw(b).Pix)
			if other, ok := seen[pix]; ok {
				t.Errorf("%s: style %q looks like %q", scene, style, other)
			}
			seen[pix] = style
		}
	}
}

func TestTheSameBriefGivesTheSamePixels(t *testing.T) {
	t.Parallel()
	for _, scene := range scenes {
		a, b := Draw(brief(scene)), Draw(brief(scene))
		if !bytes.Equal(a.Pix, b.Pix) {
			t.Errorf("%s: two drawings differ", scene)
		}
		other := brief(scene)
		other.Seed++
		if bytes.Equal(a.Pix, Draw(other).Pix) {
			t.Errorf("%s: another seed gives the same picture", scene)
		}
	}
}

// changedBox is the smallest rectangle that holds every pixel that differs by more than a hair.
func changedBox(a, b *image.RGBA) image.Rectangle {
	var box image.Rectangle
	for y := range a.Rect.Dy() {
		for x := range a.Rect.Dx() {
			i := a.PixOffset(x, y)
			if d := int(a.Pix[i]) - int(b.Pix[i]); d > 60 || d < -60 {
				box = box.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return box
}

func TestWordsStayInsideTheSafePartAndTheBadgeInsideTheVisibleOne(t *testing.T) {
	t.Parallel()
	for _, shape := range []image.Point{{X: 396, Y: 168}, {X: 192, Y: 344}, {X: 256, Y: 256}} {
		for _, scene := range scenes {
			b := brief(scene)
			b.Width, b.Height, b.Badge = shape.X, shape.Y, ""
			b.Visible, b.Safe = c.Rect{X0: 0.05, Y0: 0.11, X1: 0.95, Y1: 0.89}, c.Rect{X0: 0.1, Y0: 0.2, X1: 0.9, Y1: 0.7}
			b.Headline = strings.Repeat("아주 긴 제목 ", 12)
			worded := newScene(b)
			worded.paint()
			plain := image.NewRGBA(worded.Img.Rect)
			copy(plain.Pix, worded.Img.Pix)
			worded.setWords()
			box := changedBox(plain, worded.Img)
			within := image.Rect(int(0.1*worded.W), int(0.2*worded.H), int(0.9*worded.W)+1, int(0.7*worded.H)+1)
			if box.Empty() || !box.In(within) {
				t.Errorf("%s %v: words cover %v, want inside %v", scene, shape, box, within)
			}
			bare := Draw(b)
			b.Badge = "DEMO"
			badge := changedBox(bare, Draw(b))
			visible := image.Rect(int(0.05*worded.W), int(0.11*worded.H), int(0.95*worded.W)+1, int(0.89*worded.H)+1)
			if badge.Empty() || !badge.In(visible) {
				t.Errorf("%s %v: the badge covers %v, want inside %v", scene, shape, badge, visible)
			}
		}
	}
}

func TestARecipeTravelsInsideAJPEGThatEveryoneCanRead(t *testing.T) {
	t.Parallel()
	r := Recipe{Brief: brief(SceneLamp)}
	var file bytes.Buffer
	if err := Encode(&file, r.Make(), 92, &r); err != nil {
		t.Fatal(err)
	}
	img, err := jpeg.Decode(bytes.NewReader(file.Bytes()))
	if err != nil || img.Bounds().Size() != (image.Point{X: 160, Y: 120}) {
		t.Fatalf("decoding gave %v, %v", img, err)
	}
	again, ok := FindRecipe(bytes.NewReader(file.Bytes()))
	if !ok || !bytes.Equal(again.Make().Pix, r.Make().Pix) {
		t.Errorf("the recipe that was found (%v) does not draw the same picture", ok)
	}
}

func TestForeignAndHostileRecipesAreNotFollowed(t *testing.T) {
	t.Parallel()
	wrap := func(text string) []byte {
		comment := append([]byte(recipeMark), text...)
		return append(binary.BigEndian.AppendUint16([]byte{0xFF, 0xD8, 0xFF, 0xFE}, uint16(len(comment)+2)), comment...)
	}
	good := `{"brief":{"Width":%d,"Height":%d,"Style":%q,"Visible":{"X0":0,"Y0":0,"X1":%s,"Y1":1},"Safe":{"X0":0,"Y0":0,"X1":1,"Y1":1}},"changes":[%s]}`
	if _, ok := FindRecipe(bytes.NewReader(wrap(fmt.Sprintf(good, 100, 100, "modern", "1", `{"Zoom":2}`)))); !ok {
		t.Fatal("a sound recipe was refused")
	}
	tests := map[string][]byte{
		"empty":               nil,
		"another comment":     {0xFF, 0xD8, 0xFF, 0xFE, 0, 6, 'h', 'i', 'h', 'o'},
		"no comment":          {0xFF, 0xD8, 0xFF, 0xE0, 0, 6, 'h', 'i', 'h', 'o'},
		"a comment cut off":   wrap(`{}`)[:20],
		"an impossible size":  {0xFF, 0xD8, 0xFF, 0xFE, 0, 0, 0},
		"broken JSON":         wrap(`{"brief":`),
		"too many pixels":     wrap(fmt.Sprintf(good, 8000, 8000, "modern", "1", "")),
		"a negative size":     wrap(fmt.Sprintf(good, -5, 100, "modern", "1", "")),
		"an unknown style":    wrap(fmt.Sprintf(good, 100, 100, "baroque", "1", "")),
		"a part outside":      wrap(fmt.Sprintf(good, 100, 100, "modern", "9", "")),
		"an absurd zoom":      wrap(fmt.Sprintf(good, 100, 100, "modern", "1", `{"Zoom":1e9}`)),
		"more than we redo":   wrap(fmt.Sprintf(good, 100, 100, "modern", "1", strings.Repeat(`{"Light":1},`, 20)+`{}`)),
		"an absurd strength":  wrap(fmt.Sprintf(good, 100, 100, "modern", "1", `{"Light":1e300}`)),
		"an absurd colour":    wrap(fmt.Sprintf(good, 100, 100, "modern", "1", `{"Tint":{"R":-7}}`)),
		"words without bound": wrap(fmt.Sprintf(good, 100, 100, "modern", "1", fmt.Sprintf(`{"Caption":%q}`, strings.Repeat("x", 9000)))),
	}
	for name, file := range tests {
		if r, ok := FindRecipe(bytes.NewReader(file)); ok {
			t.Errorf("%s: got the recipe %+v", name, r)
		}
	}
}

func FuzzFindRecipe(f *testing.F) {
	var file bytes.Buffer
	r := Recipe{Brief: brief(SceneGeometric), Changes: []Change{{Light: 0.3, Zoom: 0.8, Caption: "글"}}}
	r.Brief.Width, r.Brief.Height = 64, 64
	if err := Encode(&file, image.NewRGBA(image.Rect(0, 0, 8, 8)), 80, &r); err != nil {
		f.Fatal(err)
	}
	f.Add(file.Bytes())
	f.Add([]byte("\xFF\xD8\xFF\xFE\x00\x02"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, ok := FindRecipe(bytes.NewReader(data))
		if !ok {
			return
		}
		r.Brief.Width, r.Brief.Height = 64, 64 // whoever redraws says the size
		if img := r.Make(); img.Rect.Size() != (image.Point{X: 64, Y: 64}) {
			t.Errorf("got %v", img.Rect)
		}
	})
}

func TestARecipeForgetsNothingUntilItIsTooLong(t *testing.T) {
	t.Parallel()
	r := Recipe{Brief: brief(SceneProduct)}
	for i := range maxChanges {
		var ok bool
		if r, ok = r.With(Change{Light: 0.1}); !ok || len(r.Changes) != i+1 {
			t.Fatalf("after change %d: %d changes, %v", i+1, len(r.Changes), ok)
		}
	}
	if _, ok := r.With(Change{Light: 0.1}); ok {
		t.Error("a recipe may grow without end")
	}
}

// scenery is a picture that is not ours: a red disc on a grey wall.
func scenery() *image.RGBA {
	cv := c.New(240, 180)
	cv.Fill(c.Linear(c.Point{}, c.Point{Y: 180}, c.Two(c.Hex("#B0B4B8"), c.Hex("#989CA0"))...))
	cv.Draw(c.Circle(100, 90, 45), c.Solid(c.Hex("#C02020")), 1)
	return cv.Img
}

func apply(ch Change) *image.RGBA {
	ch.Visible, ch.Safe = c.Rect{X1: 1, Y1: 1}, c.Rect{X1: 1, Y1: 1}
	return Apply(scenery(), 240, 180, ch)
}

func at(img *image.RGBA, x, y int) c.Color { return pixel(img, y*img.Rect.Dx()+x) }

func TestChangesDoWhatTheySay(t *testing.T) {
	t.Parallel()
	before := scenery()
	wall, disc := at(before, 10, 10), at(before, 100, 90)
	blue := c.Hex("#2F6FD0")
	tests := map[string]struct {
		change Change
		holds  func(img *image.RGBA) bool
	}{
		"brighter":         {Change{Light: 0.5}, func(i *image.RGBA) bool { return at(i, 10, 10).Luma() > wall.Luma()+0.05 }},
		"darker":           {Change{Light: -0.5}, func(i *image.RGBA) bool { return at(i, 10, 10).Luma() < wall.Luma()-0.05 }},
		"warmer":           {Change{Warmth: 0.6}, func(i *image.RGBA) bool { k := at(i, 10, 10); return k.R-k.B > wall.R-wall.B+0.1 }},
		"cooler":           {Change{Warmth: -0.6}, func(i *image.RGBA) bool { k := at(i, 10, 10); return k.B-k.R > 0.1 }},
		"more vivid":       {Change{Chroma: 0.5}, func(i *image.RGBA) bool { return at(i, 100, 90).LCh().C > disc.LCh().C }},
		"calmer":           {Change{Chroma: -0.5}, func(i *image.RGBA) bool { return at(i, 100, 90).LCh().C < disc.LCh().C-0.03 }},
		"grey":             {Change{Grey: true}, func(i *image.RGBA) bool { k := at(i, 100, 90); return k.R == k.G && k.G == k.B }},
		"sepia":            {Change{Sepia: true}, func(i *image.RGBA) bool { k := at(i, 10, 10); return k.R > k.G && k.G > k.B }},
		"blue background":  {Change{Background: &blue}, func(i *image.RGBA) bool { k := at(i, 10, 10); return k.B > k.R+0.25 }},
		"...keeps subject": {Change{Background: &blue}, func(i *image.RGBA) bool { k := at(i, 100, 90); return k.R > 0.65 && k.B < 0.25 }},
		"...up to its rim": {Change{Background: &blue}, func(i *image.RGBA) bool { k := at(i, 100, 49); return k.R > 0.6 && k.B < 0.3 }},
		"a blue tint":      {Change{Tint: &blue}, func(i *image.RGBA) bool { k := at(i, 10, 10); return k.B > k.R+0.1 }},
		"mirrored":         {Change{Mirror: true}, func(i *image.RGBA) bool { return at(i, 139, 90).R > 0.6 && at(i, 70, 90).R < 0.72 }},
		"closer":           {Change{Zoom: 1.5}, func(i *image.RGBA) bool { return at(i, 30, 90).R > 0.7 && at(i, 30, 90).G < 0.3 }},
		"farther":          {Change{Zoom: 0.6}, func(i *image.RGBA) bool { return at(i, 66, 90).G > 0.3 && at(i, 108, 90).G < 0.3 }},
		"snow":             {Change{Overlay: OverlaySnow, Seed: 1}, func(i *image.RGBA) bool { return !bytes.Equal(before.Pix, i.Pix) }},
		"sparkles":         {Change{Overlay: OverlaySparkles, Seed: 1}, func(i *image.RGBA) bool { return !changedBox(before, i).Empty() }},
		"confetti":         {Change{Overlay: OverlayConfetti, Seed: 1}, func(i *image.RGBA) bool { return !changedBox(before, i).Empty() }},
		"petals":           {Change{Overlay: OverlayPetals, Seed: 1}, func(i *image.RGBA) bool { return !changedBox(before, i).Empty() }},
		"sunlight":         {Change{Overlay: OverlaySun}, func(i *image.RGBA) bool { return at(i, 190, 25).Luma() > wall.Luma()+0.15 }},
		"a frame":          {Change{Overlay: OverlayFrame}, func(i *image.RGBA) bool { return at(i, 2, 90).Luma() > 0.95 && at(i, 100, 90) == disc }},
		"a badge":          {Change{Badge: "DEMO"}, func(i *image.RGBA) bool { return !changedBox(before, i).Empty() }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if img := apply(tt.change); !tt.holds(img) {
				t.Errorf("wall %v → %v, disc %v → %v", wall, at(img, 10, 10), disc, at(img, 100, 90))
			}
		})
	}
}

func TestACaptionKeepsOffTheSubjectAndGoesWhereItWasAsked(t *testing.T) {
	t.Parallel()
	before := scenery()
	for side, within := range map[Side]image.Rectangle{
		SideTop: image.Rect(0, 0, 240, 60), SideBottom: image.Rect(0, 120, 240, 180), "": image.Rect(0, 0, 240, 180),
	} {
		box := changedBox(before, apply(Change{Caption: "새 문구", Side: side}))
		if box.Empty() || !box.In(within) || box.Overlaps(image.Rect(80, 70, 120, 110)) {
			t.Errorf("side %q: the words cover %v, want inside %v and off the disc", side, box, within)
		}
	}
}

func TestAnotherShapeKeepsTheWholePicture(t *testing.T) {
	t.Parallel()
	img := Apply(scenery(), 180, 320, Change{Visible: c.Rect{X1: 1, Y1: 1}, Safe: c.Rect{X1: 1, Y1: 1}})
	// The disc's place and size when 240 px of width become 180.
	if k := at(img, 75, 160); k.R < 0.6 || k.G > 0.3 {
		t.Errorf("the disc's middle is %v", k)
	}
	if k := at(img, 75, 160+60); k.G < 0.3 {
		t.Errorf("below the disc is %v, want wall", k)
	}
}

func TestATransparentSourceStandsOnWhite(t *testing.T) {
	t.Parallel()
	src := image.NewNRGBA(image.Rect(0, 0, 50, 50))
	src.Set(25, 25, color.NRGBA{255, 0, 0, 255})
	img := Apply(src, 50, 50, Change{Visible: c.Rect{X1: 1, Y1: 1}, Safe: c.Rect{X1: 1, Y1: 1}})
	if k := at(img, 3, 3); k != c.Hex("#FFFFFF") {
		t.Errorf("got %v, want white", k)
	}
}

func TestTinyAndExtremeSourcesAreHarmless(t *testing.T) {
	t.Parallel()
	blue := c.Hex("#2F6FD0")
	for _, size := range []image.Point{{X: 1, Y: 1}, {X: 1, Y: 900}, {X: 900, Y: 1}, {X: 3, Y: 2}} {
		src := image.NewRGBA(image.Rect(5, 5, 5+size.X, 5+size.Y))
		for _, ch := range []Change{{}, {Zoom: 0.5}, {Zoom: 2}, {Background: &blue, Blur: true}, {Caption: "글"}} {
			ch.Visible, ch.Safe = c.Rect{X1: 1, Y1: 1}, c.Rect{X1: 1, Y1: 1}
			if img := Apply(src, 64, 48, ch); img.Rect.Size() != (image.Point{X: 64, Y: 48}) {
				t.Errorf("%v: got %v", size, img.Rect)
			}
		}
	}
}
