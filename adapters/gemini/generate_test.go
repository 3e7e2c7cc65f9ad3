package gemini_test

import (
	"bytes"
	"fmt"
	"image"
	_ "image/jpeg"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini/geminitest"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

func TestReadsRecordedAnswers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		file, model string
		want        imagechat.Result
	}{
		{"flash-lite-image.unary.json", "gemini-3.1-flash-lite-image", imagechat.Result{
			Parts: []imagechat.Part{{
				Blob: "78c9164b6731db0c82007ba810a7c935088562a76da164e8c5dbfc44435530d5", Size: 781459, MIMEType: "image/jpeg",
				Signature: "84f4a10260653ee4e89222b999762f235fd25574158a0a433afa864b54d20135", SignatureSize: 1094398,
			}},
			Usage:        imagechat.Tokens{Input: 5, Text: 398, Image: 1120, Total: 1523},
			Cost:         34_198_250, // (5 × 0.25 + 398 × 1.5 + 1120 × 30) / 1,000,000 dollars
			ModelVersion: "gemini-3.1-flash-lite-image", ResponseID: "CL-FarDeAtv5xN8PtsXz6Q4",
		}},
		{"pro-image-text-and-image.unary.json", "gemini-3-pro-image", imagechat.Result{
			Parts: []imagechat.Part{{
				Text: "A little axolotl named Archie lived in a beautiful glass tank, but he always wondered what was beyond the clear walls. " +
					"One day, he bravely peeked over the edge and discovered a whole new world of sunshine and potted plants.\n\n",
				Signature: "37a54d180c8e10cb4d2b12997bfb909b20427b311a1df8bbaa8014d60799ec37", SignatureSize: 825162,
			}, {
				Blob: "5bbb1a8184aea046854b8459f2f4b94d75754ae763b921a092a7f27d93878f99", Size: 852360, MIMEType: "image/jpeg",
				Signature: "e61c283d428bd8904f227f144a2cc7014474f3094d15852a812f359d60f78b43", SignatureSize: 823940,
			}},
			Usage:        imagechat.Tokens{Input: 14, Text: 163, Image: 1120, Thinking: 174, Total: 1471},
			Cost:         138_472_000, // (14 × 2 + (163 + 174) × 12 + 1120 × 120) / 1,000,000 dollars
			ModelVersion: "gemini-3-pro-image-preview", ResponseID: "QV8oae6ZGKGnmtkPoanu6A0",
		}},
		{"image-model-text-only.unary.json", "gemini-2.5-flash-image", imagechat.Result{
			Parts: []imagechat.Part{{Text: "In a hidden cave, a shy axolotl named Pip spent its days dreaming of the world beyond its murky pond. " +
				"One evening, a glimmering portal appeared, offering Pip a chance to explore the vibrant, unknown depths of the ocean."}},
			Usage:        imagechat.Tokens{Input: 18, Text: 48, Total: 66},
			Cost:         125_400, // (18 × 0.3 + 48 × 2.5) / 1,000,000 dollars
			ModelVersion: "gemini-2.5-flash-image", ResponseID: "tofdaKSRBMSgz7IPx5eRyAU",
		}},
	}
	for _, tt := range tests {
		for _, unary := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, unary %v", tt.file, unary), func(t *testing.T) {
				t.Parallel()
				raw, err := os.ReadFile("testdata/" + tt.file)
				if err != nil {
					t.Fatal(err)
				}
				if !unary { // the same answer as the only event of a stream
					raw = append([]byte("data: "), append(bytes.TrimSpace(raw), "\r\n\r\n"...)...)
				}
				k := newKit(t, &geminitest.Options{AnyModel: true, Default: geminitest.Outcome{Raw: raw}}, func(o *gemini.Options) { o.Unary = unary })
				call := k.call(imagechat.KindConverse, "an axolotl")
				call.Model = tt.model
				got, err := k.gen.Generate(t.Context(), call)
				if err != nil {
					t.Fatal(err)
				}
				want := tt.want // a copy: the other way of answering is tested beside this one
				want.Model, want.Context = tt.model, imagechat.ContextFresh
				if diff := cmp.Diff(&want, got, cmpopts.IgnoreFields(imagechat.Result{}, "Duration")); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				for _, p := range got.Parts {
					for _, key := range []imagechat.BlobKey{p.Blob, p.Signature} {
						if key != "" && keyOf(k.spooled(key)) != key {
							t.Errorf("the spooled bytes are not those of %s", key)
						}
					}
				}
			})
		}
	}
}

func TestDrawsTalksAndTellsOnTheWay(t *testing.T) {
	t.Parallel()
	k := newKit(t, &geminitest.Options{SignatureBytes: 1_100_000}, nil)
	call := k.call(imagechat.KindGenerate, "a red bag [[thoughts]]")
	call.Size, call.Thinking = "2K", "high"
	var w watcher
	call.Progress = w.see
	res, err := k.gen.Generate(t.Context(), call)
	if err != nil {
		t.Fatal(err)
	}
	cfg, format, err := image.DecodeConfig(bytes.NewReader(k.spooled(res.Image().Blob)))
	if err != nil || cfg.Width != 2752 || cfg.Height != 1536 || format != "jpeg" {
		t.Errorf("got %s %d×%d, %v", format, cfg.Width, cfg.Height, err)
	}
	if got, want := res.Text(), "Here is your picture: a red bag"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if res.Usage.Image != 1680 || res.Usage.Thinking == 0 || res.Cost < imagechat.Dollars(.0504) {
		t.Errorf("usage %+v, cost %v", res.Usage, res.Cost)
	}
	req := k.srv.Last()
	if req.Ratio != "16:9" || req.Size != "2K" || req.Thinking != "HIGH" || req.System != "You draw." || !req.Stream {
		t.Errorf("request: %+v", req)
	}
	if req.Length != req.Bytes {
		t.Errorf("Content-Length %d of %d bytes", req.Length, req.Bytes)
	}
	checkProgress(t, w.all, res.Text())
}

// checkProgress expects thoughts, growing words, then drawing.
func checkProgress(t *testing.T, all []imagechat.Progress, text string) {
	t.Helper()
	var kinds []string
	var last string
	for _, p := range all {
		kind := "thinking"
		switch {
		case p.Drawing:
			kind = "drawing"
		case p.Text != "":
			kind = "text"
			if !strings.HasPrefix(p.Text, last) || p.Text == last {
				t.Errorf("the words went from %q to %q", last, p.Text)
			}
			last = p.Text
		}
		if len(kinds) == 0 || kinds[len(kinds)-1] != kind {
			kinds = append(kinds, kind)
		}
	}
	if diff := cmp.Diff([]string{"thinking", "text", "drawing"}, kinds); diff != "" {
		t.Errorf("order of progress (-want +got):\n%s", diff)
	}
	if last != text {
		t.Errorf("the last words told are %q, want %q", last, text)
	}
}

func TestSendsOnlyWhatTheModelHas(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		change   func(*imagechat.Call)
		want     geminitest.Request
		modality []string
	}{
		{"a model with everything", func(c *imagechat.Call) { c.Size, c.Thinking = "4K", "minimal" },
			geminitest.Request{Ratio: "16:9", Size: "4K", Thinking: "MINIMAL", Thoughts: true}, []string{"TEXT", "IMAGE"}},
		{"a size the model has not", func(c *imagechat.Call) { c.Size, c.Thinking = "512", "low" },
			geminitest.Request{Ratio: "16:9", Thoughts: true}, []string{"TEXT", "IMAGE"}},
		{"a model that refuses sizes", func(c *imagechat.Call) { c.Model, c.Size = "gemini-3.1-flash-lite-image", "1K" },
			geminitest.Request{Ratio: "16:9", Thoughts: true}, []string{"TEXT", "IMAGE"}},
		{"a model whose thinking cannot be set", func(c *imagechat.Call) { c.Model, c.Thinking = "gemini-3-pro-image", "high" },
			geminitest.Request{Ratio: "16:9"}, []string{"TEXT", "IMAGE"}},
		{"a chat never draws", func(c *imagechat.Call) { c.Kind = imagechat.KindChat },
			geminitest.Request{Thoughts: true}, []string{"TEXT"}},
		{"an unknown model", func(c *imagechat.Call) { c.Model, c.Size, c.Thinking = "gemini-9-image", "2K", "high" },
			geminitest.Request{Ratio: "16:9"}, []string{"TEXT", "IMAGE"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t, &geminitest.Options{MaxSide: 200, AnyModel: true}, nil)
			call := k.call(imagechat.KindConverse, "a bag")
			tt.change(call)
			if _, err := k.gen.Generate(t.Context(), call); err != nil {
				t.Fatal(err)
			}
			got := k.srv.Last()
			if diff := cmp.Diff(tt.modality, got.Modalities); diff != "" {
				t.Errorf("modalities (-want +got):\n%s", diff)
			}
			got = geminitest.Request{Ratio: got.Ratio, Size: got.Size, Thinking: got.Thinking, Thoughts: got.Thoughts}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestShowsTheLastPictureAndNeverADraft(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		directive      string
		drafts, images int
	}{{"[[drafts]]", 2, 1}, {"[[images 10]]", 0, 10}, {"[[image]]", 0, 1}} {
		t.Run(tt.directive, func(t *testing.T) {
			t.Parallel()
			k := newKit(t, nil, nil)
			res, err := k.gen.Generate(t.Context(), k.call(imagechat.KindGenerate, "a bag "+tt.directive))
			if err != nil {
				t.Fatal(err)
			}
			var drafts, images int
			last := imagechat.BlobKey("")
			for _, p := range res.Parts {
				switch {
				case p.Blob != "" && p.Thought:
					drafts++
				case p.Blob != "":
					images++
					last = p.Blob
				}
			}
			if drafts != tt.drafts || images != tt.images || res.Image().Blob != last || res.Image().Thought {
				t.Errorf("got %d drafts, %d images, shown %+v", drafts, images, res.Image())
			}
			if d, i := k.spooledAs(imagechat.SpoolDraft), k.spooledAs(imagechat.SpoolImage); d != tt.drafts || i != tt.images {
				t.Errorf("spooled %d drafts and %d pictures", d, i)
			}
			if strings.Contains(res.Text(), "place the product") {
				t.Errorf("a thought in the reply: %q", res.Text())
			}
			if got, want := res.Usage.Image, int64(1120*tt.images); got != want {
				t.Errorf("got %d image tokens, want %d", got, want)
			}
		})
	}
}

func TestSendsReferencesInOrderWithTheirRoles(t *testing.T) {
	t.Parallel()
	k := newKit(t, nil, nil)
	var refs []imagechat.InputImage
	for i, role := range []string{"product", "person", "style", "logo", ""} {
		content := bytes.Repeat([]byte{byte(i)}, 100_000+i)
		if err := k.blobs.Put(t.Context(), keyOf(content), bytes.NewReader(content)); err != nil {
			t.Fatal(err)
		}
		// A size that is not known is looked up.
		refs = append(refs, imagechat.InputImage{Blob: keyOf(content), Bytes: int64(len(content) * (i % 2)), MIMEType: "image/png", Role: role})
	}
	call := k.call(imagechat.KindGenerate, "put it on a table")
	call.Anchor, call.References = &refs[4], refs[:4]
	res, err := k.gen.Generate(t.Context(), call)
	if err != nil {
		t.Fatal(err)
	}
	if res.Context != imagechat.ContextAnchor {
		t.Errorf("told by %s", res.Context)
	}
	var got []string
	for _, p := range k.srv.Last().Content[0].Parts {
		got = append(got, p.Text+p.SHA256)
	}
	want := []string{
		"Attached picture 1:", string(refs[4].Blob),
		"Attached picture 2 (product):", string(refs[0].Blob),
		"Attached picture 3 (person):", string(refs[1].Blob),
		"Attached picture 4 (style):", string(refs[2].Blob),
		"Attached picture 5 (logo):", string(refs[3].Blob),
		"put it on a table",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRefusesMoreImagesThanTheModelTakes(t *testing.T) {
	t.Parallel()
	img := imagechat.InputImage{Blob: keyOf([]byte("x")), Bytes: 1, MIMEType: "image/png"}
	for _, tt := range []struct {
		name   string
		refs   int
		anchor *imagechat.InputImage
		model  string
		max    int // that the error names; 0 for none
	}{
		{"as many as it takes", 14, nil, gemini.DefaultModel, 0},
		{"one more", 15, nil, gemini.DefaultModel, 14},
		{"the picture to change counts", 14, &img, gemini.DefaultModel, 13},
		{"an unknown model may take more than we think", 9, nil, "gemini-9-image", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t, &geminitest.Options{MaxSide: 100, AnyModel: true}, nil)
			if err := k.blobs.Put(t.Context(), img.Blob, strings.NewReader("x")); err != nil {
				t.Fatal(err)
			}
			call := k.call(imagechat.KindGenerate, "a bag")
			call.Model, call.Anchor = tt.model, tt.anchor
			call.References = slices.Repeat([]imagechat.InputImage{img}, tt.refs)
			_, err := k.gen.Generate(t.Context(), call)
			got := 0
			if e := imagechat.AsError(err); e != nil && e.Code == imagechat.InvalidRequest && len(e.Fields) == 1 {
				got = e.Fields[0].Max
			}
			if got != tt.max || (err == nil) != (tt.max == 0) || k.srv.Calls() != map[bool]int{true: 1}[tt.max == 0] {
				t.Errorf("got %v after %d calls, want a maximum of %d", err, k.srv.Calls(), tt.max)
			}
		})
	}
}

func TestVertexAI(t *testing.T) {
	t.Parallel()
	for _, unary := range []bool{false, true} {
		k := newKit(t, &geminitest.Options{MaxSide: 200, Key: "token-1"}, nil)
		k.gen = newGenerator(t, k.srv.URL, func(o *gemini.Options) {
			o.Backend, o.Project, o.Location, o.Unary = gemini.BackendVertex, "shop", "europe-west4", unary
			o.Token = fixedToken
		})
		c := &conversation{k: k, gen: k.gen}
		c.turn("a bag", nil)
		res := c.turn("in red [[drafts]]", nil)
		if res.Context != imagechat.ContextReplay || res.Image() == nil {
			t.Errorf("unary %v: got %+v", unary, res)
		}
		req := k.srv.Last()
		if want := "/v1beta1/projects/shop/locations/europe-west4/publishers/google/models/gemini-nano-banana-2.1:"; !req.Vertex || !strings.HasPrefix(req.Path, want) {
			t.Errorf("got path %s, want %s…", req.Path, want)
		}
		if req.Header.Get("X-Goog-Api-Key") != "" || req.Header.Get("Authorization") != "Bearer token-1" {
			t.Errorf("headers %v", req.Header)
		}
		_, err := k.gen.Generate(t.Context(), k.call(imagechat.KindGenerate, "[[refuse]]"))
		if e := imagechat.AsError(err); e == nil || e.Code != imagechat.ContentBlocked || e.Reason != geminitest.UnableToShow {
			t.Errorf("refusal: got %+v", e)
		}
		if err := k.gen.CheckModels(t.Context()); err != nil || len(k.gen.Warnings()) != 0 {
			t.Errorf("models: %v, %v", err, k.gen.Warnings())
		}
	}
}

func TestModels(t *testing.T) {
	t.Parallel()
	k := newKit(t, nil, nil)
	var got []string
	for _, m := range k.gen.Models() {
		got = append(got, fmt.Sprintf("%s %s %v %v", m.ID, m.Status, m.Default, m.PerImage["1K"]))
	}
	want := []string{
		"gemini-nano-banana-2.1 stable true 0.0336",
		"gemini-3-pro-image stable false 0.1344",
		"gemini-3.1-flash-lite-image stable false 0.0336",
		"gemini-3.1-flash-image deprecated false 0.0672",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	other := newGenerator(t, k.srv.URL, func(o *gemini.Options) { o.Model = "gemini-9-image" })
	m := other.Models()
	last := m[len(m)-1]
	if last.ID != "gemini-9-image" || last.Status != imagechat.ModelUnlisted || !last.Default || len(last.Sizes) != 0 ||
		!slices.Contains(last.Ratios, "16:9") || last.Price("1K") < imagechat.Dollars(.13) || last.Replacement != "" {
		t.Errorf("an unlisted model: %+v", last)
	}
}
