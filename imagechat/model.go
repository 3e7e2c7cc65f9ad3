package imagechat

// ModelStatus is how long a model is expected to live.
type ModelStatus string

// The states of a model.
const (
	ModelStable     ModelStatus = "stable"
	ModelDeprecated ModelStatus = "deprecated"
	ModelGone       ModelStatus = "gone"
	// ModelUnlisted: the id is not in our table; it is used as it is, with
	// conservative capabilities.
	ModelUnlisted ModelStatus = "unlisted"
)

// Model is what a generator's model can do and what it costs. Empty Sizes,
// Ratios or Thinking mean that the choice must not be sent.
type Model struct {
	ID          string      `json:"id"`
	Default     bool        `json:"default"`
	Status      ModelStatus `json:"status"`
	Sizes       []string    `json:"sizes"`        // "512", "1K", "2K", "4K"
	DefaultSize string      `json:"default_size"` // one of Sizes, or the size served when none is sent
	Ratios      []string    `json:"ratios"`       // "16:9"
	// MaxReferences is the most images one request may carry.
	MaxReferences int `json:"max_reference_images"`
	// PerImage is the price of one picture by size.
	PerImage map[string]USD `json:"usd_per_image"`
	// Input, Output and ImageOutput are prices of one million tokens.
	Input       USD      `json:"usd_per_million_input"`
	Output      USD      `json:"usd_per_million_output"` // words and thinking
	ImageOutput USD      `json:"usd_per_million_image_output"`
	Thinking    []string `json:"thinking,omitempty"` // levels
	Replacement string   `json:"replacement,omitempty"`
	Source      string   `json:"source,omitempty"`     // of the figures
	CheckedOn   string   `json:"checked_on,omitempty"` // "2006-01-02"
}

// Supports reports whether the model draws size.
func (m *Model) Supports(size string) bool {
	for _, s := range m.Sizes {
		if s == size {
			return true
		}
	}
	return false
}

// Price of one picture at size; the dearest known one where size is not
// priced, so that an estimate is never too small.
func (m *Model) Price(size string) USD {
	if p, ok := m.PerImage[size]; ok {
		return p
	}
	if p, ok := m.PerImage[m.DefaultSize]; ok && size == "" {
		return p
	}
	var most USD
	for _, p := range m.PerImage {
		most = max(most, p)
	}
	return most
}
