package wire

import (
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// Purpose is where a picture will be used.
type Purpose struct {
	ID           string                `json:"id" example:"sns_instagram_square"`
	Name         string                `json:"name" example:"인스타그램 정사각형"`
	Ratio        string                `json:"ratio" example:"1:1"`
	Width        int32                 `json:"width" doc:"Pixels delivered; 0 for custom" example:"1080"`
	Height       int32                 `json:"height" doc:"Pixels delivered; 0 for custom" example:"1080"`
	Description  string                `json:"description" example:"인스타그램 피드에 올리는 정사각형 이미지예요."`
	Group        string                `json:"group" doc:"Id of the heading" example:"basic"`
	GroupName    string                `json:"group_name" example:"기본"`
	ModelRatio   string                `json:"model_ratio" doc:"The ratio that the model is asked for" example:"1:1"`
	CropPercent  float64               `json:"crop_percent" doc:"What the final crop cuts away" example:"0"`
	MaxBytes     int64                 `json:"max_bytes,omitempty" doc:"Absent where no limit is known" example:"30000000"`
	SafeArea     *SafeArea             `json:"safe_area,omitempty" doc:"Margins that must hold nothing important"`
	Formats      []ExportFormat        `json:"formats" doc:"The preferred one first"`
	Alpha        imagechat.AlphaPolicy `json:"alpha,omitempty" doc:"allowed or preferred; absent where only opaque pictures are shown"`
	Hint         string                `json:"hint,omitempty" doc:"A practical remark"`
	TextRules    string                `json:"text_rules,omitempty" doc:"What the place says about words in pictures"`
	Source       string                `json:"source,omitempty"`
	CheckedOn    string                `json:"checked_on,omitempty" format:"date" doc:"When the figures were checked" example:"2026-11-22"`
	IsUnverified bool                  `json:"is_unverified" doc:"The figures rest on one source or an old one"`
	IsStale      bool                  `json:"is_stale" doc:"The figures were checked more than 180 days ago"`
}

// SafeArea is the margins of a picture in pixels.
type SafeArea struct {
	Left   int32 `json:"left" example:"64"`
	Top    int32 `json:"top" example:"64"`
	Right  int32 `json:"right" example:"64"`
	Bottom int32 `json:"bottom" example:"64"`
}

// NewPurposes shows a registry in the person's language.
func NewPurposes(r *imagechat.Registry, lang imagechat.Lang, now time.Time) []Purpose {
	groups := map[string]imagechat.Localized{}
	for _, g := range r.Groups() {
		groups[g.ID] = g.Name
	}
	return list(r.All(), func(p *imagechat.Purpose) Purpose {
		w := Purpose{
			ID: p.ID, Name: p.Name.In(lang), Ratio: p.Ratio, Width: int32(p.Width), Height: int32(p.Height),
			Description: p.Description.In(lang), Group: p.Group, GroupName: groups[p.Group].In(lang),
			ModelRatio: p.ModelRatio, CropPercent: p.CropPercent, MaxBytes: p.MaxBytes,
			Formats: list(p.Formats, func(f *string) ExportFormat { return ExportFormat(*f) }),
			Alpha:   p.Alpha, Hint: p.Hint.In(lang), TextRules: textRules(p).In(lang),
			Source: p.Source, CheckedOn: p.CheckedOn, IsUnverified: p.Unverified(), IsStale: p.Stale(now),
		}
		if a := p.SafeArea; a != nil {
			w.SafeArea = &SafeArea{int32(a.Left), int32(a.Top), int32(a.Right), int32(a.Bottom)}
		}
		return w
	})
}

// ExportFormat is a file format that pictures are finished in.
type ExportFormat string

// The formats.
const (
	FormatPNG  ExportFormat = "png"
	FormatJPEG ExportFormat = "jpeg"
)

// FitMode is how a picture is made to fill another shape.
type FitMode string

// The fits: cover cuts what is too much, contain adds a margin.
const (
	FitCover   FitMode = "cover"
	FitContain FitMode = "contain"
)

// Style is a look that can be asked for.
type Style struct {
	ID          string `json:"id" example:"minimal"`
	Name        string `json:"name" example:"미니멀"`
	Description string `json:"description" example:"꼭 필요한 것만 남긴 단순한 스타일이에요."`
}

// NewStyles shows the styles in the person's language.
func NewStyles(styles []imagechat.Style, lang imagechat.Lang) []Style {
	return list(styles, func(s *imagechat.Style) Style {
		return Style{ID: s.ID, Name: s.Name.In(lang), Description: s.Description.In(lang)}
	})
}

// Model is what can be asked of the configured generator.
type Model struct {
	ID                 string                   `json:"id" example:"gemini-nano-banana-2.1"`
	Default            bool                     `json:"default"`
	Status             imagechat.ModelStatus    `json:"status" example:"stable"`
	Sizes              []string                 `json:"sizes" example:"1K,2K,4K"`
	DefaultSize        string                   `json:"default_size" example:"1K"`
	Ratios             []string                 `json:"ratios" example:"1:1,4:5,16:9"`
	MaxReferenceImages int32                    `json:"max_reference_images" example:"14"`
	USDPerImage        map[string]imagechat.USD `json:"usd_per_image" doc:"Price of one picture by size"`
	USDPerTurn         map[string]imagechat.USD `json:"usd_per_turn" doc:"Estimate of a conversation's first turn for one picture by size: the picture, what is read and the reply"`
	Thinking           []string                 `json:"thinking" doc:"Thinking levels, none where the choice does not exist"`
	Replacement        string                   `json:"replacement,omitempty" doc:"What to use instead of a model that goes away"`
	Source             string                   `json:"source,omitempty"`
	CheckedOn          string                   `json:"checked_on,omitempty" format:"date"`
}

// NewModels shows the models.
func NewModels(models []imagechat.Model) []Model {
	return list(models, func(m *imagechat.Model) Model {
		prices := m.PerImage
		if prices == nil {
			prices = map[string]imagechat.USD{}
		}
		return Model{
			ID: m.ID, Default: m.Default, Status: m.Status, Sizes: notNil(m.Sizes), DefaultSize: m.DefaultSize,
			Ratios: notNil(m.Ratios), MaxReferenceImages: int32(m.MaxReferences), USDPerImage: prices,
			USDPerTurn: m.PerTurn(), Thinking: notNil(m.Thinking), Replacement: m.Replacement, Source: m.Source, CheckedOn: m.CheckedOn,
		}
	})
}

// HealthStatus says whether the server works.
type HealthStatus string

// The states of the server.
const (
	Healthy   HealthStatus = "healthy"
	Unhealthy HealthStatus = "unhealthy"
)

// Health is the answer of GET /health.
type Health struct {
	Status           HealthStatus `json:"status" example:"healthy"`
	Version          string       `json:"version" example:"1.0.0"`
	Environment      string       `json:"environment" example:"production"`
	GeminiConfigured bool         `json:"gemini_configured" doc:"A key is set; without one the offline demo generator serves"`
	Generator        string       `json:"generator" example:"gemini"`
	Model            string       `json:"model" example:"gemini-nano-banana-2.1"`
	Failing          []string     `json:"failing,omitempty" doc:"The checks that fail: database, blobs, spool"`
	Warnings         []string     `json:"warnings,omitempty" doc:"Troubles that do not stop the server, for the operator"`
}

// ReadyStatus says whether the server takes turns in now.
type ReadyStatus string

// The answers of GET /ready.
const (
	Ready    ReadyStatus = "ready"
	NotReady ReadyStatus = "not_ready"
)

// Readiness is the answer of GET /ready.
type Readiness struct {
	Status  ReadyStatus `json:"status" example:"ready"`
	Failing []string    `json:"failing,omitempty" doc:"The checks that fail: database, blobs, spool, disk, drain"`
}

// Info is the answer of GET /api/info.
type Info struct {
	Name        string            `json:"name" example:"Gemini Image Chat"`
	Version     string            `json:"version" example:"1.0.0"`
	Description string            `json:"description"`
	Endpoints   map[string]string `json:"endpoints" doc:"Where things are, by name"`
	Generator   string            `json:"generator" example:"demo"`
	Model       string            `json:"model" example:"gemini-nano-banana-2.1"`
	Auth        string            `json:"auth" doc:"none or tokens" example:"none"`
	Owner       string            `json:"owner" doc:"Who is logged in; empty without logins"`
	Warnings    []string          `json:"warnings" doc:"Troubles that do not stop the server, for the operator"`
}

// textRules is what a placement says about words in pictures: its own
// sentence, or what its policy means.
func textRules(p *imagechat.Purpose) imagechat.Localized {
	switch {
	case p.TextRules != imagechat.Localized{}:
		return p.TextRules
	case p.Text == imagechat.TextNone:
		return imagechat.Localized{KO: "이미지에 글자, 배지, 워터마크를 넣을 수 없어요.", EN: "No text, badges or watermarks are allowed in the image."}
	case p.Text == imagechat.TextLight:
		return imagechat.Localized{KO: "글자는 몇 단어만 넣는 게 좋아요.", EN: "Keep any text to a few words."}
	}
	return imagechat.Localized{}
}
