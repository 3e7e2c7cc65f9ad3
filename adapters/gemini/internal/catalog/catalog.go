// Package catalog holds what is known of Gemini's image models, as data. The
// API itself tells of a model neither that it draws nor sizes, ratios or prices.
package catalog

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

//go:embed models.json
var document []byte

// Catalog is the content of models.json.
type Catalog struct {
	// CheckedOn is the day the figures were last compared with Sources.
	CheckedOn string            `json:"checked_on"`
	Default   string            `json:"default"`
	Sources   map[string]string `json:"sources"`
	Pixels    Pixels            `json:"pixels"`
	Models    []Model           `json:"models"`
}

// Model is one row. Sizes is empty where naming a size is an error.
type Model struct {
	ID          string   `json:"id"`
	Status      string   `json:"status"` // stable, deprecated, gone
	Replacement string   `json:"replacement"`
	Sizes       []string `json:"sizes"`
	DefaultSize string   `json:"default_size"`
	Ratios      []string `json:"ratios"`
	// Pixels adds to the catalog's where the model draws other shapes.
	Pixels        Pixels `json:"pixels"`
	MaxReferences int    `json:"max_references"`
	// USD holds the prices of a million tokens in dollars.
	USD struct{ Input, Output, Image float64 } `json:"usd_per_million"`
	// ImageTokens is what one picture is billed as, by size.
	ImageTokens map[string]int64 `json:"image_tokens"`
	Thinking    []string         `json:"thinking"`
}

// Pixels is width and height at 1K by ratio.
type Pixels map[string][2]int

// UnmarshalJSON leaves the comment under "_" out.
func (p *Pixels) UnmarshalJSON(b []byte) error {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	*p = Pixels{}
	for ratio, v := range raw {
		if ratio == "_" {
			continue
		}
		var size [2]int
		if err := json.Unmarshal(v, &size); err != nil {
			return fmt.Errorf("pixels of %s: %w", ratio, err)
		}
		(*p)[ratio] = size
	}
	return nil
}

// Load reads the embedded catalog. That it can be read is tested.
func Load() *Catalog {
	var c Catalog
	if err := json.Unmarshal(document, &c); err != nil {
		panic("gemini: models.json: " + err.Error())
	}
	for i := range c.Models {
		pixels := maps.Clone(c.Pixels)
		maps.Copy(pixels, c.Models[i].Pixels)
		c.Models[i].Pixels = pixels
	}
	return &c
}

// Find looks a model up by its id.
func (c *Catalog) Find(id string) (Model, bool) {
	i := slices.IndexFunc(c.Models, func(m Model) bool { return m.ID == id })
	if i < 0 {
		return Model{}, false
	}
	return c.Models[i], true
}

// Size is the picture a model draws for a ratio ("16:9") at a size ("2K", ""
// for 1K), in pixels; false when it is not known.
func (m *Model) Size(ratio, size string) (width, height int, ok bool) {
	base, ok := m.Pixels[ratio]
	if !ok {
		return 0, 0, false
	}
	switch size {
	case "512":
		return base[0] / 2, base[1] / 2, true
	case "", "1K":
		return base[0], base[1], true
	case "2K":
		return base[0] * 2, base[1] * 2, true
	case "4K":
		return base[0] * 4, base[1] * 4, true
	}
	return 0, 0, false
}
