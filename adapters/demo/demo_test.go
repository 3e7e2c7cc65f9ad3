package demo_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/demo"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/memory"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// desk is a generator with somewhere to put its pictures.
type desk struct {
	generator *demo.Generator
	blobs     *memory.BlobStore
	spool     *memory.Spool
	mu        sync.Mutex
	n         int
}

func newDesk() *desk {
	blobs := memory.NewBlobStore()
	return &desk{generator: demo.New(&demo.Options{Delay: -1}).Shrink(4), blobs: blobs, spool: blobs.Spool()}
}

type attemptSpool struct {
	*memory.Spool
	attempt imagechat.AttemptID
}

func (s attemptSpool) Create(ctx context.Context, kind imagechat.SpoolKind) (imagechat.SpoolWriter, error) {
	return s.Spool.Create(ctx, s.attempt, kind)
}

// call prepares a request for a purpose, as the service would.
func (d *desk) call(kind imagechat.TurnKind, purpose, content string) *imagechat.Call {
	p, err := imagechat.DefaultPurposes().Resolve(purpose, 1024, 1024, nil)
	if err != nil {
		panic(err) // a misspelt purpose in a test
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.n++
	attempt := imagechat.AttemptID(fmt.Sprintf("01890000-0000-7000-8000-%012d", d.n))
	return &imagechat.Call{
		Attempt: attempt, Kind: kind, Model: demo.ModelID, Purpose: p, AspectRatio: p.ModelRatio,
		Request: imagechat.TurnRequest{Kind: kind, Content: content}, Blobs: d.blobs, Spool: attemptSpool{d.spool, attempt},
	}
}

// picture runs a call that must draw, and returns the picture's bytes, kept as a blob to be edited later.
func (d *desk) picture(t *testing.T, call *imagechat.Call) (data []byte, anchor *imagechat.InputImage) {
	t.Helper()
	ctx := t.Context()
	result, err := d.generator.Generate(ctx, call)
	if err != nil {
		t.Fatalf("%q: %v", call.Request.Content, err)
	}
	part := result.Image()
	if part == nil {
		t.Fatalf("%q: no picture, only %q", call.Request.Content, result.Text())
	}
	entries, err := d.spool.List(ctx, call.Attempt)
	if err != nil || len(entries) != 1 || entries[0].Blob != part.Blob || entries[0].Size != part.Size {
		t.Fatalf("spooled %+v (%v), the answer says %+v", entries, err, part)
	}
	file, err := d.spool.Open(ctx, entries[0])
	if err != nil {
		t.Fatal(err)
	}
	if data, err = io.ReadAll(file); err != nil {
		t.Fatal(err)
	}
	if err := d.blobs.Put(ctx, part.Blob, bytes.NewReader(data)); err != nil {
		t.Fatal(err)
	}
	return data, &imagechat.InputImage{Blob: part.Blob, Bytes: part.Size, MIMEType: part.MIMEType}
}

func decoded(t *testing.T, data []byte) image.Image {
	t.Helper()
	img, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func TestConverseDrawsWishesAndAnswersTheRest(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		content string
		draws   bool
	}{
		"a Korean wish":                         {"여름 세일 배너 만들어줘", true},
		"a polite Korean wish":                  {"거실 조명 제품 사진을 그려 주세요", true},
		"a Korean noun phrase":                  {"따뜻한 커피 한 잔 사진", true},
		"an unknown subject with a verb":        {"재즈 공연 포스터 만들어 줘", true},
		"an English wish":                       {"Please draw a ceramic mug on a sunny table", true},
		"an English wish as a question":         {"Could you make a banner for our summer sale?", true},
		"a Korean greeting":                     {"안녕하세요", false},
		"an English greeting":                   {"Hello there", false},
		"thanks":                                {"고마워요!", false},
		"a Korean question":                     {"어떤 배경이 어울릴까요?", false},
		"an English question":                   {"What can you do?", false},
		"a wish without a subject":              {"이미지 만들어줘", false},
		"an English wish without a subject":     {"make me an image", false},
		"a question about a subject":            {"커피 광고는 어떻게 만드는 게 좋을까요", false},
		"a remark":                              {"오늘 기분이 좋네요", false},
		"symbols":                               {"!!!", false},
		"a change with no picture to change":    {"더 밝게", false},
		"an emoji":                              {"🎉", false},
		"an abstract English noun, no wish":     {"interesting", false},
		"a subject asked about without drawing": {"What goes well with coffee?", false},
	}
	d := newDesk()
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result, err := d.generator.Generate(t.Context(), d.call(imagechat.KindConverse, "banner_web", tt.content))
			if err != nil {
				t.Fatal(err)
			}
			if got := result.Image() != nil; got != tt.draws {
				t.Errorf("%q: drew = %v, want %v (%s)", tt.content, got, tt.draws, result.Text())
			}
			if !tt.draws && !strings.ContainsAny(result.Text(), "?요.") {
				t.Errorf("%q: the answer %q is no sentence", tt.content, result.Text())
			}
		})
	}
}

func TestKindsThatMustOrMustNotDraw(t *testing.T) {
	t.Parallel()
	d := newDesk()
	for _, content := range []string{"여름 세일 배너 만들어줘", "!!!"} {
		talk, err := d.generator.Generate(t.Context(), d.call(imagechat.KindChat, "banner_web", content))
		if err != nil || talk.Image() != nil || talk.Text() == "" {
			t.Errorf("chat %q: got %+v, %v; want words alone", content, talk, err)
		}
		d.picture(t, d.call(imagechat.KindGenerate, "banner_web", content))
		d.picture(t, d.call(imagechat.KindRefine, "banner_web", content)) // nothing to edit: a new one
	}
}

func TestRepliesAreMarkedAndInThePersonsLanguage(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		content string
		lang    imagechat.Lang
		want    string
	}{
		"Korean asked for":                  {"summer sale banner", imagechat.LangKO, "[데모] "},
		"English asked for":                 {"여름 세일 배너", imagechat.LangEN, "[Demo] "},
		"nothing asked for, Korean message": {"여름 세일 배너", "", "[데모] "},
		"nothing asked for, English one":    {"hello", "", "[Demo] "},
	}
	d := newDesk()
	for name, tt := range tests {
		for _, kind := range []imagechat.TurnKind{imagechat.KindConverse, imagechat.KindChat, imagechat.KindGenerate} {
			call := d.call(kind, "banner_web", tt.content)
			call.Lang = tt.lang
			result, err := d.generator.Generate(t.Context(), call)
			if err != nil || !strings.HasPrefix(result.Text(), tt.want) || !strings.Contains(result.Text(), "GEMINI_API_KEY") {
				t.Errorf("%s, %s: got %q, %v", name, kind, result.Text(), err)
			}
			call.History = []imagechat.Utterance{{Role: imagechat.RoleUser}}
			later, err := d.generator.Generate(t.Context(), call)
			if err != nil || !strings.HasPrefix(later.Text(), tt.want) || strings.Contains(later.Text(), "GEMINI_API_KEY") {
				t.Errorf("%s, %s, later: got %q, %v", name, kind, later.Text(), err)
			}
		}
	}
}

func TestPicturesHaveTheModelsTruePixels(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		purpose, ratio, size string
		want                 image.Point
	}{
		"square":                       {"sns_instagram_square", "1:1", "", image.Pt(1024, 1024)},
		"4:5":                          {"sns_instagram_portrait", "4:5", "1K", image.Pt(928, 1152)},
		"16:9 at 2K":                   {"sns_facebook", "16:9", "2K", image.Pt(2752, 1536)},
		"21:9":                         {"banner_web", "21:9", "", image.Pt(1584, 672)},
		"8:1":                          {"naver_timeboard", "8:1", "", image.Pt(2928, 352)},
		"no ratio sent: the purpose's": {"ig_fb_story", "", "", image.Pt(768, 1376)},
		"an unknown ratio":             {"ig_fb_story", "9:21", "", image.Pt(768, 1376)},
	}
	d := newDesk()
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			call := d.call(imagechat.KindGenerate, tt.purpose, "새 조명")
			call.AspectRatio, call.Size = tt.ratio, tt.size
			width, height := demo.New(nil).Pixels(call)
			if got := image.Pt(width, height); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
	t.Run("and the file really has them", func(t *testing.T) {
		t.Parallel()
		full := newDesk()
		full.generator.Shrink(1)
		data, _ := full.picture(t, full.call(imagechat.KindGenerate, "naver_timeboard", "새 조명"))
		if got, want := decoded(t, data).Bounds().Size(), image.Pt(2928, 352); got != want {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func TestSeveralPicturesOfOneWishDiffer(t *testing.T) {
	t.Parallel()
	d := newDesk()
	seen := map[string]int{}
	for i := range 3 {
		call := d.call(imagechat.KindGenerate, "sns_instagram_square", "여름 세일 배너")
		call.Index = i
		data, _ := d.picture(t, call)
		if j, ok := seen[string(data)]; ok {
			t.Errorf("pictures %d and %d are the same", j, i)
		}
		seen[string(data)] = i
	}
	_, anchor := d.picture(t, d.call(imagechat.KindGenerate, "sns_instagram_square", "커피"))
	brightness := 0.0
	for i := range 2 {
		call := d.call(imagechat.KindRefine, "sns_instagram_square", "조금 더 밝게")
		call.Index, call.Anchor = i, anchor
		data, _ := d.picture(t, call)
		r, g, b := shade(decoded(t, data), 0, 0, 100, 100)
		if r+g+b < brightness+3 {
			t.Errorf("refinement %d has brightness %.0f, the one before %.0f", i, r+g+b, brightness)
		}
		brightness = r + g + b
	}
	again, _ := d.picture(t, d.call(imagechat.KindGenerate, "sns_instagram_square", "여름 세일 배너"))
	if _, ok := seen[string(again)]; !ok {
		t.Error("the same wish at the same point gives another picture")
	}
}

// shade is the mean of each channel over a part of a picture, given in hundredths.
func shade(img image.Image, x0, y0, x1, y1 int) (r, g, b float64) {
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	n := 0.0
	for y := y0 * h / 100; y < y1*h/100; y += 4 {
		for x := x0 * w / 100; x < x1*w/100; x += 4 {
			cr, cg, cb, _ := img.At(x, y).RGBA()
			r, g, b, n = r+float64(cr)/257, g+float64(cg)/257, b+float64(cb)/257, n+1
		}
	}
	return r / n, g / n, b / n
}

func TestRefineChangesTheChosenPicture(t *testing.T) {
	t.Parallel()
	d := newDesk()
	first, anchor := d.picture(t, d.call(imagechat.KindGenerate, "product_showcase", "새로 나온 핸드크림"))
	d.picture(t, d.call(imagechat.KindGenerate, "product_showcase", "도시의 야경")) // a newer one, not to be touched
	before := decoded(t, first)
	refine := func(content string) image.Image {
		call := d.call(imagechat.KindRefine, "product_showcase", content)
		call.Anchor = anchor
		data, _ := d.picture(t, call)
		return decoded(t, data)
	}
	r0, _, b0 := shade(before, 0, 0, 100, 100)
	if r, _, _ := shade(refine("훨씬 더 밝게"), 0, 0, 100, 100); r < r0+8 {
		t.Errorf("brighter: red %.0f → %.0f", r0, r)
	}
	if r, _, b := shade(refine("make it warmer"), 0, 0, 100, 100); r-b < r0-b0+10 {
		t.Errorf("warmer: red less blue %.0f → %.0f", r0-b0, r-b)
	}
	blue := refine("파란 배경으로 바꿔 줘")
	if r, _, b := shade(blue, 2, 35, 12, 60); b < r+60 {
		t.Errorf("blue background: the left edge has red %.0f and blue %.0f", r, b)
	}
	if difference := meanDifference(before, refine("아주 살짝 다르게")); difference < 2 || difference > 60 {
		t.Errorf("words not understood: mean difference %.1f, want a visible but related picture", difference)
	}
}

func meanDifference(a, b image.Image) float64 {
	sum, n := 0.0, 0.0
	for y := 0; y < a.Bounds().Dy(); y += 8 {
		for x := 0; x < a.Bounds().Dx(); x += 8 {
			ar, _, _, _ := a.At(x, y).RGBA()
			br, _, _, _ := b.At(x, y).RGBA()
			d := (float64(ar) - float64(br)) / 257
			sum, n = sum+max(d, -d), n+1
		}
	}
	return sum / n
}

func TestRefineBuildsOnEarlierChangesAndOnUploads(t *testing.T) {
	t.Parallel()
	d := newDesk()
	_, anchor := d.picture(t, d.call(imagechat.KindGenerate, "sns_instagram_square", "겨울 산 풍경"))
	for i := range 8 { // longer than what one picture remembers of its making
		call := d.call(imagechat.KindRefine, "sns_instagram_square", "흑백으로")
		if i > 0 {
			call.Request.Content = "조금 더 밝게"
		}
		call.Anchor = anchor
		var data []byte
		data, anchor = d.picture(t, call)
		img := decoded(t, data)
		if r, g, b := shade(img, 5, 5, 95, 80); max(r, g, b)-min(r, g, b) > 2 {
			t.Fatalf("after change %d the picture is no longer grey: %.0f %.0f %.0f", i+1, r, g, b)
		}
	}
	upload := image.NewRGBA(image.Rect(0, 0, 300, 200)) // black
	var file bytes.Buffer
	if err := jpeg.Encode(&file, upload, nil); err != nil {
		t.Fatal(err)
	}
	key := put(t, d, file.Bytes())
	call := d.call(imagechat.KindRefine, "sns_instagram_square", "햇살을 더해 줘")
	call.Anchor = &imagechat.InputImage{Blob: key}
	data, _ := d.picture(t, call)
	if r, _, b := shade(decoded(t, data), 70, 2, 95, 25); r < 80 || b > r {
		t.Errorf("sunlight on an upload: red %.0f, blue %.0f", r, b)
	}
}

func TestConverseEditsOrStartsAnewAsTheWordsSay(t *testing.T) {
	t.Parallel()
	d := newDesk()
	_, anchor := d.picture(t, d.call(imagechat.KindGenerate, "sns_instagram_square", "거실 조명"))
	for content, want := range map[string]imagechat.ContextMode{"더 따뜻하게 해 줘": imagechat.ContextAnchor, "warmer": imagechat.ContextAnchor} {
		call := d.call(imagechat.KindConverse, "sns_instagram_square", content)
		call.Anchor = anchor
		result, err := d.generator.Generate(t.Context(), call)
		if err != nil || result.Image() == nil || result.Context != want {
			t.Errorf("%q: %+v, %v", content, result, err)
		}
	}
	for _, wish := range []string{"제목을 넣을 자리를 왼쪽에 비워줘", "컵을 오른쪽으로 옮겨 주세요", "could you leave room for a title on the left?"} {
		call := d.call(imagechat.KindConverse, "sns_instagram_square", wish)
		call.Anchor = anchor
		if result, err := d.generator.Generate(t.Context(), call); err != nil || result.Image() == nil || result.Context != imagechat.ContextAnchor {
			t.Errorf("%q about a picture: got %+v, %v, want it changed", wish, result, err)
		}
	}
	call := d.call(imagechat.KindConverse, "sns_instagram_square", "고마워요")
	call.Anchor = anchor
	if result, err := d.generator.Generate(t.Context(), call); err != nil || result.Image() != nil {
		t.Errorf("thanks: %+v, %v; want words alone", result, err)
	}
	fresh := d.call(imagechat.KindConverse, "sns_instagram_square", "흰 머그컵 사진을 새로 만들어 줘")
	plain, _ := d.picture(t, fresh)
	fresh = d.call(imagechat.KindConverse, "sns_instagram_square", "흰 머그컵 사진을 새로 만들어 줘")
	fresh.Anchor = anchor
	data, _ := d.picture(t, fresh)
	if difference := meanDifference(decoded(t, plain), decoded(t, data)); difference > 90 {
		t.Errorf("a new wish beside an old picture: mean difference %.0f", difference)
	}
}

func TestTheBrandsColoursAreUsed(t *testing.T) {
	t.Parallel()
	d := newDesk()
	draw := func(brand *imagechat.Brand) image.Image {
		call := d.call(imagechat.KindGenerate, "sns_instagram_square", "향수")
		call.Prompt = imagechat.BuildPrompt(imagechat.PromptInput{Kind: call.Kind, Content: "향수", Purpose: call.Purpose, Brand: brand})
		data, _ := d.picture(t, call)
		return decoded(t, data)
	}
	plain := draw(nil)
	branded := draw(&imagechat.Brand{Name: "x", Palette: []imagechat.Color{{Name: "green", Hex: "#0A9A3C"}}})
	_, g0, _ := shade(plain, 0, 0, 100, 100)
	r, g, b := shade(branded, 0, 0, 100, 100)
	if g < max(r, b)+3 || meanDifference(plain, branded) < 4 {
		t.Errorf("a green brand gives %.0f %.0f %.0f (green was %.0f)", r, g, b, g0)
	}
}

func TestProgressIsToldInABelievableTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk()
		d.generator = demo.New(nil).Shrink(4)
		call := d.call(imagechat.KindGenerate, "banner_mobile", "여름 세일 배너")
		var told []string
		call.Progress = func(p imagechat.Progress) {
			if p.Drawing {
				told = append(told, "drawing")
			} else {
				told = append(told, p.Text)
			}
		}
		start := time.Now()
		result, err := d.generator.Generate(t.Context(), call)
		if took := time.Since(start); err != nil || took < time.Second || took > 2*time.Second {
			t.Fatalf("took %v, %v; want 1 to 2 s", took, err)
		}
		if len(told) < 3 || told[len(told)-1] != "drawing" || told[len(told)-2] != result.Text() {
			t.Errorf("told %q", told)
		}
		for i := 1; i < len(told)-1; i++ {
			if !strings.HasPrefix(told[i], told[i-1]) {
				t.Errorf("%q does not go on from %q", told[i], told[i-1])
			}
		}
	})
}

func TestACallEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk()
		d.generator = demo.New(&demo.Options{Delay: time.Hour}).Shrink(4)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		result, err := d.generator.Generate(ctx, d.call(imagechat.KindGenerate, "banner_web", "세일"))
		if result != nil || !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Minute {
			t.Errorf("got %v, %v after %v", result, err, time.Since(start))
		}
		cancelled, stop := context.WithCancel(t.Context())
		stop()
		quick := demo.New(&demo.Options{Delay: -1})
		if _, err := quick.Generate(cancelled, d.call(imagechat.KindGenerate, "banner_web", "세일")); !errors.Is(err, context.Canceled) {
			t.Errorf("already cancelled: got %v", err)
		}
	})
}

func TestManyCallsAtOnceAreWhatTheyAreAlone(t *testing.T) {
	t.Parallel()
	d := newDesk()
	alone, _ := d.picture(t, d.call(imagechat.KindGenerate, "kakao_display_2x1", "커피"))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if together, _ := d.picture(t, d.call(imagechat.KindGenerate, "kakao_display_2x1", "커피")); !bytes.Equal(alone, together) {
				t.Error("a picture drawn beside others differs")
			}
		})
	}
	wg.Wait()
}

func TestTheModelCostsNothingAndAcceptsAnyID(t *testing.T) {
	t.Parallel()
	g := demo.New(nil)
	models := g.Models()
	if len(models) != 1 || !models[0].Default || models[0].ID != demo.ModelID || models[0].Status != imagechat.ModelStable {
		t.Fatalf("models: %+v", models)
	}
	if diff := cmp.Diff(models[0], g.Model(demo.ModelID)); diff != "" {
		t.Errorf("Model and Models disagree:\n%s", diff)
	}
	other := g.Model("gemini-nano-banana-2.1")
	if other.Status != imagechat.ModelUnlisted || other.Default || other.Price("1K") != 0 || other.Price("4K") != 0 || !other.Supports("1K") {
		t.Errorf("another id: %+v", other)
	}
	if text := demo.FontLicense(); !strings.Contains(text, "SIL OPEN FONT LICENSE") || !strings.Contains(text, "Pretendard") {
		t.Errorf("the typeface's licence is %.80q", text)
	}
	if g.Name() != "demo" {
		t.Errorf("name %q", g.Name())
	}
}

func BenchmarkPicture(b *testing.B) {
	d := newDesk()
	d.generator.Shrink(1)
	for name, content := range map[string]string{"lamp": "거실 조명", "sea": "여름 바다", "mountain": "가을 산책", "poster": "세일"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := d.generator.Generate(b.Context(), d.call(imagechat.KindGenerate, "sns_instagram_square", content)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
