package gemini

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"google.golang.org/genai"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

const (
	// listEvery is how long a list of models is believed.
	listEvery = 24 * time.Hour
	// listRetry is the pause after a list that could not be had.
	listRetry   = 15 * time.Minute
	listTimeout = 30 * time.Second
	listPage    = 200
)

var errNoModels = errors.New("gemini: the list of models is empty")

// liveness is what is known of the models that answer.
type liveness struct {
	mu      sync.Mutex
	checked bool
	models  []string
	problem imagechat.Localized // why the list could not be had, for the operator
}

// listing is the content of Options.CacheFile.
type listing struct {
	At     time.Time `json:"at"`
	From   string    `json:"from"` // backend and base URL: another server has other models
	Models []string  `json:"models"`
}

// Run keeps watch over the configured model until ctx ends: at the start and
// once a day it asks which models live. It returns nil.
func (g *Generator) Run(ctx context.Context) error {
	for {
		err := g.CheckModelsIfDue(ctx)
		for _, w := range g.Warnings() {
			g.o.Logger.WarnContext(ctx, w.EN)
		}
		wait := listEvery
		if err != nil {
			g.o.Logger.DebugContext(ctx, "the list of models could not be had", "error", err)
			wait = listRetry
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		}
	}
}

// CheckModelsIfDue asks the API which models live unless the answer is known
// since less than a day.
func (g *Generator) CheckModelsIfDue(ctx context.Context) error {
	if g.recall() {
		return nil
	}
	return g.CheckModels(ctx)
}

// CheckModels asks the API once which models live.
func (g *Generator) CheckModels(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, listTimeout)
	defer cancel()
	models, err := g.listModels(ctx)
	if err != nil {
		x := &exchange{status: statusOf(err)}
		if broken, ok := errors.AsType[*url.Error](err); ok {
			x.err = broken.Err // the connection's own words, without those of the layers above
		}
		e := g.failure(ctx, err, x, g.o.Model)
		g.alive.mu.Lock()
		defer g.alive.mu.Unlock()
		g.alive.problem = imagechat.Localized{}
		if e.Code == imagechat.GeneratorRejectedKey {
			g.alive.problem = rejectedKey(e.Reason)
		}
		return e
	}
	g.learn(models)
	g.remember(models)
	return nil
}

func statusOf(err error) int {
	if e, ok := errors.AsType[genai.APIError](err); ok {
		return e.Code
	}
	return 0
}

// listModels reads all pages; a panic of the SDK is a list of a wrong shape.
func (g *Generator) listModels(ctx context.Context) (models []string, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", errPanic, r)
		}
	}()
	page, err := g.client.Models.List(ctx, &genai.ListModelsConfig{PageSize: listPage, QueryBase: genai.Ptr(true)})
	for ; err == nil; page, err = page.Next(ctx) {
		for _, m := range page.Items {
			models = append(models, m.Name[strings.LastIndexByte(m.Name, '/')+1:])
		}
	}
	switch {
	case !errors.Is(err, genai.ErrPageDone):
		return nil, err
	case len(models) == 0:
		return nil, errNoModels
	}
	return models, nil
}

func (g *Generator) learn(models []string) {
	g.alive.mu.Lock()
	defer g.alive.mu.Unlock()
	g.alive.checked, g.alive.models, g.alive.problem = true, models, imagechat.Localized{}
}

// Warnings implements imagechat.Warner. It asks nobody: it tells what the
// models' table and the last check say.
func (g *Generator) Warnings() []imagechat.Localized {
	m := g.Model(g.o.Model)
	g.alive.mu.Lock()
	defer g.alive.mu.Unlock()
	switch {
	case g.alive.problem != imagechat.Localized{}:
		return []imagechat.Localized{g.alive.problem}
	case g.alive.checked && !slices.Contains(g.alive.models, m.ID):
		return g.warnOf(&m, "이 키로는 %s 모델을 쓸 수 없어요.", "The model %s is not among those that the Gemini API offers to this key.")
	case m.Status == imagechat.ModelGone:
		return g.warnOf(&m, "%s 모델은 서비스가 끝났어요.", "The model %s was shut down.")
	case m.Status == imagechat.ModelDeprecated:
		return g.warnOf(&m, "%s 모델은 곧 서비스가 끝날 수 있어요.", "The model %s is deprecated and may be shut down.")
	}
	return nil
}

// rejectedKey says what to do about a key that the API does not take.
func rejectedKey(reason string) imagechat.Localized {
	return imagechat.Localized{
		KO: "Gemini가 이 API 키를 거절해서 이미지를 만들 수 없어요. 서버의 .env에서 GEMINI_API_KEY를 고치고 다시 시작해 주세요. 자세한 점검은 imagechat doctor로 할 수 있어요. Gemini의 설명: " + reason,
		EN: "The Gemini API rejects the key, so no images can be made. Correct GEMINI_API_KEY in the server's .env and restart it; imagechat doctor tells more. Gemini says: " + reason,
	}
}

// warnOf is a warning about a model with, where there is one, the model to
// use in its place.
func (g *Generator) warnOf(m *imagechat.Model, ko, en string) []imagechat.Localized {
	w := imagechat.Localized{KO: fmt.Sprintf(ko, m.ID), EN: fmt.Sprintf(en, m.ID)}
	instead := m.Replacement
	if instead == "" && m.ID != g.catalog.Default {
		instead = g.catalog.Default
	}
	if instead != "" {
		w.KO += " GEMINI_MODEL을 다음 모델로 바꿔 주세요: " + instead
		w.EN += " Set GEMINI_MODEL to " + instead + "."
	}
	return []imagechat.Localized{w}
}

func (g *Generator) origin() string { return string(g.o.Backend) + " " + g.o.BaseURL }

// recall reads the last list from the cache; false when there is none that is
// still good.
func (g *Generator) recall() bool {
	if g.o.CacheFile == "" {
		return false
	}
	raw, err := os.ReadFile(g.o.CacheFile)
	if err != nil {
		return false // not there yet; and a list costs nothing
	}
	var l listing
	if json.Unmarshal(raw, &l) != nil || l.From != g.origin() || !slices.Contains(l.Models, g.o.Model) {
		return false // a model that was missing is looked for again at every start
	}
	if age := g.o.Now().Sub(l.At); age < 0 || age >= listEvery {
		return false
	}
	g.learn(l.Models)
	return true
}

// remember writes the list for the next start. A failure costs one request
// then, so it is only logged.
func (g *Generator) remember(models []string) {
	if g.o.CacheFile == "" {
		return
	}
	raw, err := json.Marshal(listing{At: g.o.Now().UTC(), From: g.origin(), Models: models})
	if err == nil {
		err = replaceFile(g.o.CacheFile, raw)
	}
	if err != nil {
		g.o.Logger.Warn("the list of models could not be kept for the next start", "error", err)
	}
}

// replaceFile swaps a file's content in one step. It may be lost in a power
// cut: it is a cache.
func replaceFile(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
