package imagechat

import (
	"math"
	"slices"
	"time"
)

// Limits of a custom purpose, in pixels a side.
const (
	MinCustomSide = 256
	MaxCustomSide = 4096
)

// CustomPurpose is the id of the purpose whose size the person gives.
const CustomPurpose = "custom"

// presetLifetime is how long a placement's figures are trusted after they were checked: platforms change their
// limits a few times a year.
const presetLifetime = 180 * 24 * time.Hour

// Confidence says how well a preset's figures are evidenced.
type Confidence string

// From best to least evidenced. Seed presets are fixed by the API's contract: sessions made with them keep their size
// whatever a platform says later.
const (
	ConfidenceSeed   Confidence = "seed"
	ConfidenceHigh   Confidence = "high"   // the platform's own page, or a mirror of it
	ConfidenceMedium Confidence = "medium" // several third parties agree
	ConfidenceLow    Confidence = "low"    // one source, a community or an old one
	ConfidenceOwn    Confidence = "own"    // the operator's own placement: true by decree, needs no source
)

// AlphaPolicy says what a placement does with transparency.
type AlphaPolicy string

// A placement without a policy shows opaque pictures only.
const (
	AlphaNone      AlphaPolicy = ""
	AlphaAllowed   AlphaPolicy = "allowed"
	AlphaPreferred AlphaPolicy = "preferred"
)

// TextPolicy says how many words a placement bears inside the picture.
type TextPolicy string

// A placement without a policy leaves words to the person.
const (
	TextFree  TextPolicy = ""
	TextLight TextPolicy = "light"
	TextNone  TextPolicy = "none"
)

// Insets are the margins of a picture, in pixels, that must hold nothing important.
type Insets struct {
	Left   int `json:"left"`
	Top    int `json:"top"`
	Right  int `json:"right"`
	Bottom int `json:"bottom"`
}

// Purpose is where a picture will be used, with everything that follows from it.
type Purpose struct {
	ID          string    `json:"id"`
	Aliases     []string  `json:"aliases,omitempty"` // other ids that mean the same
	Group       string    `json:"group"`
	Name        Localized `json:"name"`
	Description Localized `json:"description"`
	Hint        Localized `json:"hint,omitzero"` // a practical remark; may be empty

	// Width and Height are the pixels delivered; both are 0 for the custom purpose until Registry.Resolve sets them.
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Ratio  string `json:"ratio"` // as people name it: "1.91:1", "custom"

	// ModelRatio is the aspect ratio to ask a model for, and CropPercent what a crop from it to Width x Height cuts
	// away. Both are computed, never read from a file.
	ModelRatio  string  `json:"model_ratio,omitempty"`
	CropPercent float64 `json:"crop_percent"`

	MaxBytes int64       `json:"max_bytes,omitempty"` // 0: no limit known; megabytes are read as 1,000,000 bytes, the stricter sense
	Formats  []string    `json:"formats"`             // "jpeg", "png"; the preferred one first
	Alpha    AlphaPolicy `json:"alpha,omitempty"`
	// TrueColour says that a PNG with a palette is not accepted ("PNG-24").
	TrueColour bool       `json:"true_colour,omitempty"`
	SafeArea   *Insets    `json:"safe_area,omitempty"`
	Text       TextPolicy `json:"text,omitempty"`
	TextRules  Localized  `json:"text_rules,omitzero"`

	// Guidance tells the model, in English, what makes a picture work here.
	Guidance string `json:"guidance"`

	Source     string     `json:"source,omitempty"`
	CheckedOn  string     `json:"checked_on,omitempty"` // YYYY-MM-DD
	Confidence Confidence `json:"confidence"`
}

// PurposeGroup is a heading that purposes are listed under.
type PurposeGroup struct {
	ID   string    `json:"id"`
	Name Localized `json:"name"`
}

// IsCustom reports whether the person gives the size.
func (p Purpose) IsCustom() bool { return p.ID == CustomPurpose }

// Unverified reports whether the figures rest on a single or old source; whoever shows the purpose says so.
func (p Purpose) Unverified() bool { return p.Confidence == ConfidenceLow }

// Stale reports whether the figures were last checked more than 180 days before now. A purpose that cites no source
// has no figures that could age.
func (p Purpose) Stale(now time.Time) bool {
	checked, err := time.Parse(time.DateOnly, p.CheckedOn)
	return err == nil && now.Sub(checked) > presetLifetime
}

// Sized returns the purpose at width x height pixels, with the model's nearest ratio of ratios and its crop. It is how
// the custom purpose gets a size, and how a preset is fitted to a model that knows fewer ratios.
func (p Purpose) Sized(width, height int, ratios []string) Purpose {
	p.Width, p.Height = width, height
	ratio, crop := NearestRatio(width, height, ratios)
	p.ModelRatio, p.CropPercent = ratio, math.Round(crop*10)/10
	return p
}

// VisibleShare returns which part of the model's picture, in percent of its width and height around the centre, is left
// after the crop to the purpose's pixels. Without a crop both are 100.
func (p Purpose) VisibleShare() (width, height float64) {
	have, ok := ParseRatio(p.ModelRatio)
	if !ok || p.Width <= 0 || p.Height <= 0 {
		return 100, 100
	}
	want := float64(p.Width) / float64(p.Height)
	if want > have {
		return 100, 100 * have / want
	}
	return 100 * want / have, 100
}

func (p Purpose) clone() Purpose {
	p.Aliases = slices.Clone(p.Aliases)
	p.Formats = slices.Clone(p.Formats)
	if p.SafeArea != nil {
		area := *p.SafeArea
		p.SafeArea = &area
	}
	return p
}
