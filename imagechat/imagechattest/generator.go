package imagechattest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/finish"
)

// TestGenerator checks that a generator keeps the contract of
// imagechat.Generator. open returns the generator, a spool for its answers and
// the blob store beside it, which takes entries over by Adopt. What the
// generator answers must be a picture where the kind demands one, and words in
// a chat.
func TestGenerator(t *testing.T, open func(t *testing.T) (imagechat.Generator, imagechat.Spool, imagechat.BlobStore)) {
	run := func(name string, f func(s *studio)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, spool, blobs := open(t)
			f(&studio{T: t, gen: g, spool: spool, blobs: blobs})
		})
	}
	run("it has a name and one default model", testGeneratorModels)
	run("an unknown model gets careful capabilities", testGeneratorUnknownModel)
	run("a picture is in the spool, whole and true to its type", testGeneratorDraws)
	run("a picture has the ratio asked for", testGeneratorRatio)
	run("a chat answers in words and draws nothing", testGeneratorChats)
	run("words are told as they grow, by one goroutine at a time", testGeneratorProgress)
	run("an edit changes the chosen picture", testGeneratorEdits)
	run("a conversation goes on after earlier turns", testGeneratorHistory)
	run("several calls at once do not disturb each other", testGeneratorConcurrent)
	run("a call whose context has ended ends", testGeneratorCancelled)
	run("a call that is cancelled on the way ends", testGeneratorCancelledOnTheWay)
	run("a full spool is the spool's failure", testGeneratorFullSpool)
}

// studio is one generator with its stores.
type studio struct {
	*testing.T
	gen   imagechat.Generator
	spool imagechat.Spool
	blobs imagechat.BlobStore

	mu    sync.Mutex
	calls int
}

// generatorSpool is the part of a spool that belongs to one attempt. before,
// if set, may refuse an entry.
type generatorSpool struct {
	spool   imagechat.Spool
	attempt imagechat.AttemptID
	before  func(imagechat.SpoolKind) error
}

func (a generatorSpool) Create(ctx context.Context, kind imagechat.SpoolKind) (imagechat.SpoolWriter, error) {
	if a.before != nil {
		if err := a.before(kind); err != nil {
			return nil, err
		}
	}
	return a.spool.Create(ctx, a.attempt, kind)
}

// call makes a request as the Service would.
func (s *studio) call(kind imagechat.TurnKind, content string, anchor *imagechat.InputImage) *imagechat.Call {
	s.mu.Lock()
	s.calls++
	attempt := imagechat.AttemptID(fmt.Sprintf("attempt-%d", s.calls))
	s.mu.Unlock()
	model := s.defaultModel()
	c := &imagechat.Call{
		Attempt: attempt, Kind: kind, Lang: imagechat.LangEN, Model: model.ID, Anchor: anchor,
		Request: imagechat.TurnRequest{Kind: kind, Content: content, Count: 1},
		Blobs:   s.blobs, Spool: generatorSpool{spool: s.spool, attempt: attempt},
	}
	if len(model.Ratios) > 0 {
		c.AspectRatio = "16:9"
		c.Purpose.ModelRatio = "16:9"
		c.Purpose.Width, c.Purpose.Height = 1600, 900
	}
	if anchor != nil {
		c.Context = imagechat.ContextAnchor
	}
	c.Prompt = imagechat.BuildPrompt(imagechat.PromptInput{
		Kind: kind, Content: content, Purpose: c.Purpose, Lang: c.Lang, Anchored: anchor != nil, Count: 1,
	})
	return c
}

func (s *studio) defaultModel() imagechat.Model {
	for _, m := range s.gen.Models() {
		if m.Default {
			return m
		}
	}
	s.Fatal("no default model")
	return imagechat.Model{}
}

func (s *studio) generate(c *imagechat.Call) *imagechat.Result {
	s.Helper()
	res, err := s.gen.Generate(s.Context(), c)
	if err != nil {
		s.Fatalf("Generate %s %q: %v", c.Kind, c.Request.Content, err)
	}
	return res
}

// keep moves an answer to the blob store and returns its picture for an edit.
func (s *studio) keep(c *imagechat.Call, res *imagechat.Result) *imagechat.InputImage {
	s.Helper()
	entries, err := s.spool.List(s.Context(), c.Attempt)
	if err != nil {
		s.Fatal(err)
	}
	for _, e := range entries {
		r, err := s.spool.Open(s.Context(), e)
		if err != nil {
			s.Fatal(err)
		}
		err = s.blobs.Put(s.Context(), e.Blob, r)
		_ = r.Close()
		if err != nil {
			s.Fatal(err)
		}
	}
	p := res.Image()
	if p == nil {
		s.Fatal("no picture")
	}
	info, _ := s.inspect(c, res)
	return &imagechat.InputImage{Blob: p.Blob, Bytes: p.Size, MIMEType: p.MIMEType, Width: info.Width, Height: info.Height}
}

// inspect reads the picture of an answer from the spool.
func (s *studio) inspect(c *imagechat.Call, res *imagechat.Result) (finish.Info, []byte) {
	s.Helper()
	p := res.Image()
	if p == nil {
		s.Fatalf("no picture in %+v", res.Parts)
	}
	entries, err := s.spool.List(s.Context(), c.Attempt)
	if err != nil {
		s.Fatal(err)
	}
	for _, e := range entries {
		if e.Kind != imagechat.SpoolImage || e.Blob != p.Blob {
			continue
		}
		data := readEntry(s.T, s.spool, e)
		info, err := finish.Inspect(bytes.NewReader(data), nil)
		if err != nil {
			s.Fatalf("the picture: %v", err)
		}
		return info, data
	}
	s.Fatalf("the picture %s is not in the spool: %+v", p.Blob, entries)
	return finish.Info{}, nil
}

func testGeneratorModels(s *studio) {
	if s.gen.Name() == "" {
		s.Error("no name")
	}
	defaults := 0
	for _, m := range s.gen.Models() {
		if m.Default {
			defaults++
		}
		if got := s.gen.Model(m.ID); got.ID != m.ID || got.Status != m.Status || got.Price("") != m.Price("") {
			s.Errorf("Model(%q) is not the listed one: %+v", m.ID, got)
		}
		if m.MaxReferences < 1 {
			s.Errorf("%s takes no image at all", m.ID)
		}
		for _, size := range m.Sizes {
			if _, ok := m.PerImage[size]; !ok {
				s.Errorf("%s has no price at %s", m.ID, size)
			}
		}
	}
	if defaults != 1 {
		s.Errorf("%d default models, want one", defaults)
	}
}

func testGeneratorUnknownModel(s *studio) {
	m := s.gen.Model("nobody-knows-this-1")
	if m.ID != "nobody-knows-this-1" || m.Status != imagechat.ModelUnlisted || m.Default {
		s.Errorf("got %+v", m)
	}
	for _, known := range s.gen.Models() {
		if m.Price("") < known.Price("") {
			s.Errorf("an unknown model is estimated at %v, less than %s at %v", m.Price(""), known.ID, known.Price(""))
		}
	}
}

func testGeneratorDraws(s *studio) {
	c := s.call(imagechat.KindGenerate, "A red leather bag on a wooden table", nil)
	res := s.generate(c)
	info, data := s.inspect(c, res)
	p := res.Image()
	if KeyOf(data) != p.Blob || int64(len(data)) != p.Size || info.MIMEType != p.MIMEType {
		s.Errorf("part %+v, but %d bytes of %s under %s", p, len(data), info.MIMEType, KeyOf(data))
	}
	if res.Model != c.Model || res.Partial || res.Error != nil || res.Cost < 0 || res.Usage.Total < 0 {
		s.Errorf("got %+v", res)
	}
	for _, part := range res.Parts {
		if part.Blob == "" && part.Text == "" && part.Signature == "" {
			s.Errorf("an empty part among %+v", res.Parts)
		}
	}
}

func testGeneratorRatio(s *studio) {
	const ratio, want = "4:5", 0.8
	if !slices.Contains(s.defaultModel().Ratios, ratio) {
		return
	}
	c := s.call(imagechat.KindGenerate, "A red leather bag", nil)
	c.AspectRatio, c.Purpose.ModelRatio = ratio, ratio
	info, _ := s.inspect(c, s.generate(c))
	if got := float64(info.Width) / float64(info.Height); math.Abs(got/want-1) > 0.05 {
		s.Errorf("%s: got %d×%d", ratio, info.Width, info.Height)
	}
}

func testGeneratorChats(s *studio) {
	c := s.call(imagechat.KindChat, "Which colours suit autumn?", nil)
	res := s.generate(c)
	entries, err := s.spool.List(s.Context(), c.Attempt)
	if err != nil {
		s.Fatal(err)
	}
	for _, e := range entries {
		if e.Kind == imagechat.SpoolImage {
			s.Errorf("a chat drew: %+v", e)
		}
	}
	if res.Image() != nil || strings.TrimSpace(res.Text()) == "" {
		s.Errorf("got %+v", res.Parts)
	}
}

func testGeneratorProgress(s *studio) {
	c := s.call(imagechat.KindGenerate, "A red leather bag", nil)
	var mu sync.Mutex
	last := ""
	c.Progress = func(p imagechat.Progress) {
		if !mu.TryLock() {
			s.Error("progress is told by two goroutines at once")
			return
		}
		defer mu.Unlock()
		if p.Text == "" {
			return
		}
		if !strings.HasPrefix(p.Text, last) {
			s.Errorf("the words went from %q to %q", last, p.Text)
		}
		last = p.Text
	}
	res := s.generate(c)
	mu.Lock()
	defer mu.Unlock()
	if !strings.HasPrefix(res.Text(), last) {
		s.Errorf("told %q, but the reply is %q", last, res.Text())
	}
}

func testGeneratorEdits(s *studio) {
	first := s.call(imagechat.KindGenerate, "A red leather bag", nil)
	chosen := s.keep(first, s.generate(first))
	c := s.call(imagechat.KindRefine, "Make it blue", chosen)
	res := s.generate(c)
	if s.inspect(c, res); res.Image().Blob == chosen.Blob {
		s.Error("the edit gave the same picture back")
	}
	if res.Context != "" && res.Context != imagechat.ContextAnchor {
		s.Errorf("told by %s", res.Context)
	}
}

func testGeneratorHistory(s *studio) {
	var history []imagechat.Utterance
	for _, wish := range []string{"A red leather bag", "Make it blue"} {
		c := s.call(imagechat.KindGenerate, wish, nil)
		c.History = history
		if len(history) > 0 {
			c.Context = imagechat.ContextReplay
		}
		res := s.generate(c)
		img := s.keep(c, res)
		history = append(history,
			imagechat.Utterance{Role: imagechat.RoleUser, Text: wish},
			imagechat.Utterance{Role: imagechat.RoleAssistant, Text: res.Text(), Model: c.Model, Parts: res.Parts, Images: []imagechat.InputImage{*img}})
	}
}

func testGeneratorConcurrent(s *studio) {
	const n = 3
	calls := make([]*imagechat.Call, n)
	results := make([]*imagechat.Result, n)
	var all sync.WaitGroup
	for i := range n {
		calls[i] = s.call(imagechat.KindGenerate, fmt.Sprintf("A bag, number %d", i), nil)
		calls[i].Index = i
		all.Go(func() {
			res, err := s.gen.Generate(s.Context(), calls[i])
			if err != nil {
				s.Errorf("call %d: %v", i, err)
				return
			}
			results[i] = res
		})
	}
	all.Wait()
	seen := map[imagechat.BlobKey]int{}
	for i, res := range results {
		if res == nil {
			continue
		}
		s.inspect(calls[i], res) // each in the spool of its own attempt
		if other, twice := seen[res.Image().Blob]; twice {
			s.Errorf("calls %d and %d drew the same picture", other, i)
		}
		seen[res.Image().Blob] = i
	}
}

func testGeneratorCancelled(s *studio) {
	ctx, cancel := context.WithCancel(s.Context())
	cancel()
	_, err := s.gen.Generate(ctx, s.call(imagechat.KindGenerate, "A red leather bag", nil))
	s.wantCancelled(err)
}

func testGeneratorCancelledOnTheWay(s *studio) {
	ctx, cancel := context.WithCancel(s.Context())
	defer cancel()
	c := s.call(imagechat.KindGenerate, "A red leather bag", nil)
	c.Spool = generatorSpool{spool: s.spool, attempt: c.Attempt, before: func(imagechat.SpoolKind) error {
		cancel() // somebody cancels when the picture begins to arrive
		return ctx.Err()
	}}
	_, err := s.gen.Generate(ctx, c)
	s.wantCancelled(err)
}

func (s *studio) wantCancelled(err error) {
	s.Helper()
	e := imagechat.AsError(err)
	if !errors.Is(err, context.Canceled) || e.Code != imagechat.Cancelled || e.Charge == "" {
		s.Errorf("got %v (%+v), want cancelled with what it may cost", err, e)
	}
}

func testGeneratorFullSpool(s *studio) {
	c := s.call(imagechat.KindGenerate, "A red leather bag", nil)
	c.Spool = generatorSpool{spool: s.spool, attempt: c.Attempt, before: func(imagechat.SpoolKind) error {
		return fmt.Errorf("test: %w", imagechat.StorageFull)
	}}
	_, err := s.gen.Generate(s.Context(), c)
	if e := imagechat.AsError(err); e == nil || e.Code != imagechat.StorageFull || e.Charge == "" {
		s.Errorf("got %+v, want storage_full with what it may cost", e)
	}
}
