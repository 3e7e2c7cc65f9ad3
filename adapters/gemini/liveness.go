package gemini

import (
	"context"
	"encoding/json"
	"fmt"
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

// liveness is what is known of the models that answer.
type liveness struct {
	mu      sync.Mutex
	checked bool
	models  []string
	problem string // why the list could not be had, for the operator
}

// listing is the content of Options.CacheFile.
type listing struct {
	At     time.Time `json:"at"`
	From   string    `json:"from"` // backend and base URL: another server has other models
	Models []string  `json:"models"`
}

// Run keeps watch over the configured model until ctx ends: once at the start
// and once a day it asks which models live. It returns nil.
func (g *Generator) Run(ctx context.Context) error {
	wait := g.recall()
	for {
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		}
		wait = listEvery
		if err := g.CheckModels(ctx); err != nil {
			wait = listRetry
		}
		for _, w := range g.Warnings() {
			g.o.Logger.WarnContext(ctx, w)
		}
	}
}

// CheckModels asks the API once which models live.
func (g *Generator) CheckModels(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, listTimeout)
	defer cancel()
	models, err := g.listModels(ctx)
	if err != nil {
		e := g.failure(ctx, err, &exchange{status: statusOf(err)}, g.o.Model)
		g.alive.mu.Lock()
		defer g.alive.mu.Unlock()
		g.alive.problem = ""
		if e.Code == imagechat.GeneratorRejectedKey {
			g.alive.problem = "The Gemini API rejects the key: " + e.Reason
		}
		return e
	}
	g.learn(models)
	g.remember(models)
	return nil
}

func statusOf(err error) int {
	if e, ok := err.(genai.APIError); ok {
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
	if err != genai.ErrPageDone {
		return nil, err
	}
	return models, nil
}

func (g *Generator) learn(models []string) {
	g.alive.mu.Lock()
	defer g.alive.mu.Unlock()
	g.alive.checked, g.alive.models, g.alive.problem = true, models, ""
}

// Warnings implements imagechat.Warner. It asks nobody: it tells what the
// models' table and the last check say.
func (g *Generator) Warnings() []string {
	var out []string
	m := g.Model(g.o.Model)
	instead := ""
	if m.Replacement != "" {
		instead = " Set GEMINI_MODEL to " + m.Replacement + "."
	} else if m.ID != g.catalog.Default {
		instead = " Set GEMINI_MODEL to " + g.catalog.Default + "."
	}
	g.alive.mu.Lock()
	defer g.alive.mu.Unlock()
	switch {
	case g.alive.problem != "":
		out = append(out, g.alive.problem)
	case g.alive.checked && !slices.Contains(g.alive.models, m.ID):
		out = append(out, "The model "+m.ID+" is not among those that the Gemini API offers to this key."+instead)
	case m.Status == imagechat.ModelGone:
		out = append(out, "The model "+m.ID+" was shut down."+instead)
	case m.Status == imagechat.ModelDeprecated:
		out = append(out, "The model "+m.ID+" is deprecated and may be shut down."+instead)
	}
	return out
}

func (g *Generator) origin() string { return string(g.o.Backend) + " " + g.o.BaseURL }

// recall reads the last list from the cache and returns how long it is still
// good for.
func (g *Generator) recall() time.Duration {
	if g.o.CacheFile == "" {
		return 0
	}
	raw, err := os.ReadFile(g.o.CacheFile)
	if err != nil {
		return 0 // not there yet; and a list costs nothing
	}
	var l listing
	if json.Unmarshal(raw, &l) != nil || l.From != g.origin() || !slices.Contains(l.Models, g.o.Model) {
		return 0 // a model that was missing is looked for again at every start
	}
	age := g.o.Now().Sub(l.At)
	if age < 0 || age >= listEvery {
		return 0
	}
	g.learn(l.Models)
	return listEvery - age
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
