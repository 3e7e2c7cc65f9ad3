package gemini

import (
	"strings"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini/internal/catalog"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// DefaultModel is the model for those who name none.
const DefaultModel = "gemini-nano-banana-2.1"

// Models implements imagechat.Generator: the models that can be expected to
// answer, and the configured one in any case.
func (g *Generator) Models() []imagechat.Model {
	var out []imagechat.Model
	listed := false
	for _, m := range g.catalog.Models {
		if m.Status == string(imagechat.ModelGone) && m.ID != g.o.Model {
			continue
		}
		listed = listed || m.ID == g.o.Model
		out = append(out, g.model(m))
	}
	if !listed {
		out = append(out, g.Model(g.o.Model))
	}
	return out
}

// Model implements imagechat.Generator.
func (g *Generator) Model(id string) imagechat.Model {
	id = g.modelID(id)
	if m, ok := g.catalog.Find(id); ok {
		return g.model(m)
	}
	// An unknown model gets what every image model of the last year had, and
	// the dearest prices known, so that an estimate is not too small.
	m := g.model(g.dearest())
	m.ID, m.Default, m.Status = id, id == g.o.Model, imagechat.ModelUnlisted
	m.Sizes, m.Thinking, m.Replacement = nil, nil, ""
	m.PerImage = map[string]imagechat.USD{m.DefaultSize: m.Price("")}
	m.MaxReferences = conservativeReferences
	return m
}

// modelID is an id as the catalog writes it. The API's own lists and messages
// say "models/…", Vertex AI says "publishers/google/models/…".
func (g *Generator) modelID(id string) string {
	id = strings.TrimSpace(id)
	plain := strings.TrimPrefix(strings.TrimPrefix(id, "publishers/google/"), "models/")
	if lower := strings.ToLower(plain); lower != plain {
		if _, ok := g.catalog.Find(lower); ok {
			return lower
		}
	}
	return plain
}

// conservativeReferences is what the first image models took.
const conservativeReferences = 3

func (g *Generator) dearest() catalog.Model {
	most := g.catalog.Models[0]
	for _, m := range g.catalog.Models {
		if m.USD.Image > most.USD.Image {
			most = m
		}
	}
	return most
}

func (g *Generator) model(m catalog.Model) imagechat.Model {
	out := imagechat.Model{
		ID: m.ID, Default: m.ID == g.o.Model, Status: imagechat.ModelStatus(m.Status),
		Sizes: m.Sizes, DefaultSize: m.DefaultSize, Ratios: m.Ratios, MaxReferences: m.MaxReferences,
		PerImage: map[string]imagechat.USD{},
		Input:    imagechat.Dollars(m.USD.Input), Output: imagechat.Dollars(m.USD.Output), ImageOutput: imagechat.Dollars(m.USD.Image),
		Thinking: m.Thinking, Replacement: m.Replacement,
		Source: g.catalog.Sources["prices"], CheckedOn: g.catalog.CheckedOn,
	}
	for size, tokens := range m.ImageTokens {
		out.PerImage[size] = perMillion(tokens, out.ImageOutput)
	}
	return out
}

// perMillion is the price of tokens at a price per million, rounded up to the
// billionth of a dollar.
func perMillion(tokens int64, price imagechat.USD) imagechat.USD {
	return (imagechat.USD(tokens)*price + 999_999) / 1_000_000
}
