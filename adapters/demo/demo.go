// Package demo is a generator that draws offline: real pictures of real size, made from the words of a request, so that
// everything around a model can be tried without a key, a network or a cent. It reads Korean and English, edits the
// pictures it is given, and marks each picture and reply as a demo. Drawing is deterministic.
package demo

import (
	"context"
	"fmt"
	"hash/fnv"
	"image"
	"io"
	"math"
	"runtime"
	"time"

	_ "image/gif" // decoders of what people upload
	_ "image/jpeg"
	_ "image/png"

	_ "golang.org/x/image/webp"

	c "github.com/gemini-image-chat/gemini-image-chat/adapters/demo/internal/canvas"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/demo/internal/picture"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// ModelID is the id of the demo's only model.
const ModelID = "demo"

const (
	modelVersion = "demo-1"
	badge        = "DEMO"
	// quality of the JPEG: set type stays clean, a 1K picture has 150 to 400 KB.
	quality = 92
	// maxPixels bounds what is decoded of a picture to edit.
	maxPixels = 50_000_000
)

// Options tunes a Generator. The zero value, and nil, mean the defaults.
type Options struct {
	// Delay is how long a picture takes, told as progress; talk takes a third of it. 0 means 1.4 s, negative none.
	Delay time.Duration
}

// Generator draws. It is safe for concurrent use.
type Generator struct {
	delay time.Duration
	// busy bounds the pictures drawn at the same time: each needs up to 30 MB and a whole core for a moment.
	busy chan struct{}
	// shrink divides the pixels a side; 1 but in tests, most of which need no megapixels.
	shrink int
}

// New returns a Generator. It loads nothing: fonts are unpacked with the first picture.
func New(o *Options) *Generator {
	g := &Generator{delay: 1400 * time.Millisecond, busy: make(chan struct{}, min(runtime.GOMAXPROCS(0), 4)), shrink: 1}
	if o != nil && o.Delay != 0 {
		g.delay = max(o.Delay, 0)
	}
	return g
}

// FontLicense returns the SIL Open Font License of the typeface that the pictures' words are set in (Pretendard, copyright
// Kil Hyung-jin). It must go along wherever a program that contains this package goes.
func FontLicense() string { return c.FontLicense }

// Name implements imagechat.Generator.
func (g *Generator) Name() string { return "demo" }

// Models implements imagechat.Generator: one model that costs nothing.
func (g *Generator) Models() []imagechat.Model {
	m := g.Model(ModelID)
	m.Default = true
	return []imagechat.Model{m}
}

// Model implements imagechat.Generator. Every id draws alike, so that settings made for another generator do no harm.
func (g *Generator) Model(id string) imagechat.Model {
	m := imagechat.Model{
		ID: id, Status: imagechat.ModelUnlisted, Sizes: []string{"1K", "2K"}, DefaultSize: "1K",
		Ratios: imagechat.ModelRatios(), MaxReferences: 14, PerImage: map[string]imagechat.USD{"1K": 0, "2K": 0},
	}
	if id == ModelID {
		m.Status, m.Default = imagechat.ModelStable, true
	}
	return m
}

// Generate implements imagechat.Generator.
func (g *Generator) Generate(ctx context.Context, call *imagechat.Call) (*imagechat.Result, error) {
	start := time.Now()
	p := g.plan(call)
	if err := g.pause(ctx, call, p); err != nil {
		return nil, failure(err)
	}
	result := &imagechat.Result{
		Parts: []imagechat.Part{{Text: p.reply}}, Model: ModelID, ModelVersion: modelVersion,
		ResponseID: "demo-" + string(call.Attempt), Context: imagechat.ContextFresh,
	}
	if call.Anchor != nil {
		result.Context = imagechat.ContextAnchor
	}
	if p.draw != nil {
		part, err := g.paint(ctx, call, p)
		if err != nil {
			return nil, failure(err)
		}
		result.Parts = append(result.Parts, *part)
	}
	result.Duration = time.Since(start)
	return result, nil
}

// failure names what ended a call. Nothing here is ever charged.
func failure(err error) error {
	e := *imagechat.AsError(err)
	e.Charge, e.Err = imagechat.ChargeNone, fmt.Errorf("demo: %w", err)
	return &e
}

// planned is what one call comes to: words, and perhaps a picture.
type planned struct {
	reply string
	draw  func(ctx context.Context) (*image.RGBA, *picture.Recipe, error) // nil for words alone
}

func (g *Generator) plan(call *imagechat.Call) planned {
	w, seed := read(call.Request.Content), seedOf(call)
	e := readEdit(call.Request.Content, w)
	subject := len(w.motifs()) > 0 || len(call.References) > 0 || w.has(drawNouns) && subjectOf(call.Request.Content) != "" ||
		w.has(drawVerbs) && subjectOf(call.Request.Content) != ""
	// Where there is a picture, words for a change are a wish, also one that the demo does not understand.
	changes := call.Anchor != nil && (len(e.done) > 0 || w.has(changing) || w.has(moving) || wished().MatchString(w.text)) && (len(e.done) > 0 || !w.has(drawVerbs))
	if call.Kind == imagechat.KindChat || call.Kind == imagechat.KindConverse && w.talksOnly(subject, changes) {
		return planned{reply: talk(call, w, subject, seed)}
	}
	fresh := w.has(anew) || len(w.motifs()) > 0 && w.has(drawVerbs) && !w.has(changing)
	if call.Anchor != nil && (call.Kind == imagechat.KindRefine || changes && !fresh) {
		return planned{reply: changedReply(call, e), draw: func(ctx context.Context) (*image.RGBA, *picture.Recipe, error) {
			return g.change(ctx, call, e, seed)
		}}
	}
	b := compose(call, w, seed)
	b.Width, b.Height = g.pixels(call)
	b.Visible, b.Safe = visibleAndSafe(call.Purpose, b.Width, b.Height)
	b.Brand, b.Badge = brandColors(call.Prompt.System), badge
	return planned{reply: drewReply(call, b.Headline, seed), draw: func(ctx context.Context) (*image.RGBA, *picture.Recipe, error) {
		if len(call.References) > 0 {
			return drawWith(ctx, call, b)
		}
		r := picture.Recipe{Brief: b}
		return r.Make(), &r, nil
	}}
}

// change edits the chosen picture: one of our own by its recipe, any other in its pixels.
func (g *Generator) change(ctx context.Context, call *imagechat.Call, e edit, seed uint64) (*image.RGBA, *picture.Recipe, error) {
	ch := e.change
	if len(e.done) == 0 {
		ch = surprise(seed)
	}
	ch.Seed = seed
	further := 1 + 0.4*float64(call.Index) // each of several pictures goes a little further
	ch.Light, ch.Warmth, ch.Chroma, ch.Contrast = ch.Light*further, ch.Warmth*further, ch.Chroma*further, ch.Contrast*further
	width, height := g.pixels(call)
	visible, safe := visibleAndSafe(call.Purpose, width, height)
	file, err := call.Blobs.Open(ctx, call.Anchor.Blob)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = file.Close() }() // nothing was written
	if r, ok := picture.FindRecipe(file); ok {
		r.Brief.Width, r.Brief.Height, r.Brief.Visible, r.Brief.Safe, r.Brief.Badge = width, height, visible, safe, badge
		if longer, ok := r.With(ch); ok {
			return longer.Make(), &longer, nil
		}
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, nil, fmt.Errorf("image to edit: %w: %w", imagechat.StorageUnavailable, err)
	}
	src, err := decode(file)
	if err != nil {
		return nil, nil, err
	}
	ch.Visible, ch.Safe, ch.Badge = visible, safe, badge
	return picture.Apply(src, width, height, ch), nil, nil
}

// drawWith makes a picture from the references: prints of products and people, a logo in its corner, the colour of a style.
// It has no recipe, since a recipe could not hold them.
func drawWith(ctx context.Context, call *imagechat.Call, b picture.Brief) (*image.RGBA, *picture.Recipe, error) {
	var refs picture.References
	for _, ref := range call.References {
		src, err := open(ctx, call.Blobs, ref.Blob)
		if err != nil {
			return nil, nil, err
		}
		switch ref.Role {
		case "logo":
			refs.Logo = src
		case "style":
			mean := picture.MeanColor(src)
			b.Tint = &mean
		default:
			refs.Photos = append(refs.Photos, src)
		}
	}
	return picture.DrawWith(b, refs), nil, nil
}

func open(ctx context.Context, blobs imagechat.BlobStore, key imagechat.BlobKey) (image.Image, error) {
	file, err := blobs.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // nothing was written
	return decode(file)
}

// decode reads a picture, its size checked before its pixels are unpacked.
func decode(file io.ReadSeeker) (image.Image, error) {
	config, _, err := image.DecodeConfig(file)
	if err != nil {
		return nil, fmt.Errorf("image to edit: %w: %w", imagechat.InvalidImage, err)
	}
	if config.Width < 1 || config.Height < 1 || config.Width > maxPixels/config.Height {
		return nil, fmt.Errorf("image to edit has %dx%d pixels: %w", config.Width, config.Height, imagechat.InvalidImage)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("image to edit: %w: %w", imagechat.StorageUnavailable, err)
	}
	src, _, err := image.Decode(file)
	if err != nil {
		return nil, fmt.Errorf("image to edit: %w: %w", imagechat.InvalidImage, err)
	}
	return src, nil
}

// paint draws and spools the picture.
func (g *Generator) paint(ctx context.Context, call *imagechat.Call, p planned) (*imagechat.Part, error) {
	select {
	case g.busy <- struct{}{}:
		defer func() { <-g.busy }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	img, recipe, err := p.draw(ctx)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	w, err := call.Spool.Create(ctx, imagechat.SpoolImage)
	if err != nil {
		return nil, err
	}
	defer w.Abort()
	if err := picture.Encode(w, img, quality, recipe); err != nil {
		return nil, err
	}
	entry, err := w.Commit()
	if err != nil {
		return nil, err
	}
	return &imagechat.Part{Blob: entry.Blob, Size: entry.Size, MIMEType: "image/jpeg"}, nil
}

// pause takes the time that a model would, telling the words as they come and then the drawing.
func (g *Generator) pause(ctx context.Context, call *imagechat.Call, p planned) error {
	tell := func(told imagechat.Progress) {
		if call.Progress != nil {
			call.Progress(told)
		}
	}
	runes := []rune(p.reply)
	const pieces = 4
	for i := 1; i <= pieces; i++ {
		if err := sleep(ctx, g.delay/3/pieces); err != nil {
			return err
		}
		tell(imagechat.Progress{Text: string(runes[:len(runes)*i/pieces])})
	}
	if p.draw == nil {
		return nil
	}
	tell(imagechat.Progress{Drawing: true})
	return sleep(ctx, g.delay*2/3)
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// seedOf makes the same wish at the same point of a conversation give the same picture, and asking again another one.
func seedOf(call *imagechat.Call) uint64 {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%s|%s|%s|%d|%d", call.Request.Content, call.Style.ID, call.Purpose.ID, call.Index, len(call.History))
	if call.Anchor != nil {
		_, _ = fmt.Fprintf(h, "|%s", call.Anchor.Blob)
	}
	return h.Sum64()
}

// modelPixels are the pixels that Gemini's image models give for each ratio at 1K
// (https://ai.google.dev/gemini-api/docs/image-generation); 2K is twice that a side.
var modelPixels = map[string]image.Point{
	"1:1": {X: 1024, Y: 1024}, "2:3": {X: 848, Y: 1264}, "3:2": {X: 1264, Y: 848}, "3:4": {X: 896, Y: 1200}, "4:3": {X: 1200, Y: 896},
	"4:5": {X: 928, Y: 1152}, "5:4": {X: 1152, Y: 928}, "9:16": {X: 768, Y: 1376}, "16:9": {X: 1376, Y: 768}, "21:9": {X: 1584, Y: 672},
	"1:4": {X: 512, Y: 2048}, "4:1": {X: 2048, Y: 512}, "1:8": {X: 352, Y: 2928}, "8:1": {X: 2928, Y: 352},
}

// pixels is the size to draw at: that of the ratio asked for, or else of the purpose's, or else a square.
func (g *Generator) pixels(call *imagechat.Call) (width, height int) {
	size, ok := modelPixels[call.AspectRatio]
	if !ok {
		if size, ok = modelPixels[call.Purpose.ModelRatio]; !ok {
			size = modelPixels["1:1"]
		}
	}
	if call.Size == "2K" {
		size = size.Mul(2)
	}
	return size.X / g.shrink, size.Y / g.shrink
}

// visibleAndSafe are the parts of the picture, as fractions, that the crop to the purpose's pixels leaves and that nothing
// of the placement's own covers.
func visibleAndSafe(p imagechat.Purpose, width, height int) (visible, safe c.Rect) {
	visible = c.Rect{X1: 1, Y1: 1}
	if p.Width <= 0 || p.Height <= 0 {
		return visible, visible
	}
	have, want := float64(width)/float64(height), float64(p.Width)/float64(p.Height)
	share := math.Min(have, want) / math.Max(have, want)
	if want > have {
		visible.Y0, visible.Y1 = (1-share)/2, (1+share)/2
	} else {
		visible.X0, visible.X1 = (1-share)/2, (1+share)/2
	}
	safe = visible
	if a := p.SafeArea; a != nil {
		perX, perY := (visible.X1-visible.X0)/float64(p.Width), (visible.Y1-visible.Y0)/float64(p.Height)
		safe = c.Rect{
			X0: visible.X0 + float64(a.Left)*perX, Y0: visible.Y0 + float64(a.Top)*perY,
			X1: visible.X1 - float64(a.Right)*perX, Y1: visible.Y1 - float64(a.Bottom)*perY,
		}
	}
	return visible, safe
}

var (
	brandPart = pattern(`(?s)<brand>\n(.*)\n</brand>`)
	hexColor  = pattern(`#[0-9A-Fa-f]{6}\b`)
)

// brandColors reads the brand's first colours from the prompt, where a model would find them too.
func brandColors(system string) []c.Color {
	part := brandPart().FindStringSubmatch(system)
	if part == nil {
		return nil
	}
	var found []c.Color
	for _, hex := range hexColor().FindAllString(part[1], 2) {
		found = append(found, c.Hex(hex))
	}
	return found
}
