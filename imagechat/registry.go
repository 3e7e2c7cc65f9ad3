package imagechat

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"sync"
	"time"
)

//go:embed purposes.json
var purposesJSON []byte

// maxRegistryBytes bounds an operator's file; ours is about 60 KB.
const maxRegistryBytes = 4 << 20

// Registry is a set of purposes. It is immutable, so any number of goroutines may read it.
type Registry struct {
	purposes []Purpose
	groups   []PurposeGroup
	index    map[string]int // id or alias to position in purposes
}

// registryFile is the form of purposes.json and of an operator's own file.
type registryFile struct {
	Groups   []PurposeGroup `json:"groups"`
	Purposes []Purpose      `json:"purposes"`
}

// DefaultPurposes returns the built-in registry: the eight basic purposes and the placements of the platforms, each with
// its source and the date it was checked. It is parsed on first use.
var DefaultPurposes = sync.OnceValue(func() *Registry {
	r, err := LoadPurposes(nil, bytes.NewReader(purposesJSON))
	if err != nil {
		panic(fmt.Sprintf("imagechat: embedded purposes.json: %v", err)) // a build fault, caught by the package's tests
	}
	return r
})

// LoadPurposes reads a JSON file of the form {"groups":[…],"purposes":[…]} (see purposes.json for every field) over base:
// a row with a known id replaces that purpose whole, any other is added after it. A nil base starts from nothing. The
// model ratio and the crop are computed, not read. Unknown fields and every fault of a row are errors that name the row.
func LoadPurposes(base *Registry, from io.Reader) (*Registry, error) {
	var file registryFile
	decoder := json.NewDecoder(io.LimitReader(from, maxRegistryBytes))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&file); err != nil {
		return nil, fmt.Errorf("imagechat: read purposes: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("imagechat: read purposes: more than one JSON value")
	}
	merged := &Registry{}
	if base != nil {
		merged.purposes, merged.groups = slices.Clone(base.purposes), slices.Clone(base.groups)
	}
	for _, g := range file.Groups {
		merged.putGroup(g)
	}
	seen := make(map[string]bool, len(file.Purposes))
	for _, p := range file.Purposes {
		if seen[p.ID] {
			return nil, fmt.Errorf("imagechat: purpose %q is there twice", p.ID)
		}
		seen[p.ID] = true
		if err := p.validate(); err != nil {
			return nil, fmt.Errorf("imagechat: purpose %q: %w", p.ID, err)
		}
		merged.put(p.Sized(p.Width, p.Height, modelRatios))
	}
	return merged, merged.buildIndex()
}

// Get returns the purpose with the id or alias, and whether there is one.
func (r *Registry) Get(id string) (Purpose, bool) {
	i, ok := r.index[id]
	if !ok {
		return Purpose{}, false
	}
	return r.purposes[i].clone(), true
}

// All returns every purpose, the basic ones first, in the order they are shown.
func (r *Registry) All() []Purpose {
	all := make([]Purpose, len(r.purposes))
	for i, p := range r.purposes {
		all[i] = p.clone()
	}
	return all
}

// Groups returns the headings, in the order they are shown.
func (r *Registry) Groups() []PurposeGroup { return slices.Clone(r.groups) }

// Resolve returns the purpose as one turn needs it: for the custom purpose at width x height, for any other at its own
// size (width and height are then ignored, as older clients send them along), with the nearest of the model's ratios;
// nil ratios means ModelRatios. It fails with an InvalidRequest *Error that
// names the field, for an unknown id and for a custom side outside MinCustomSide to MaxCustomSide.
func (r *Registry) Resolve(id string, width, height int, ratios []string) (Purpose, error) {
	p, ok := r.Get(id)
	if !ok {
		return Purpose{}, invalid("image_purpose", "unknown")
	}
	if len(ratios) == 0 {
		ratios = modelRatios
	}
	if !p.IsCustom() {
		return p.Sized(p.Width, p.Height, ratios), nil
	}
	if width < MinCustomSide || width > MaxCustomSide {
		return Purpose{}, invalid("custom_width", "range", MinCustomSide, MaxCustomSide)
	}
	if height < MinCustomSide || height > MaxCustomSide {
		return Purpose{}, invalid("custom_height", "range", MinCustomSide, MaxCustomSide)
	}
	return p.Sized(width, height, ratios), nil
}

func (r *Registry) putGroup(g PurposeGroup) {
	for i := range r.groups {
		if r.groups[i].ID == g.ID {
			r.groups[i] = g
			return
		}
	}
	r.groups = append(r.groups, g)
}

func (r *Registry) put(p Purpose) {
	for i := range r.purposes {
		if r.purposes[i].ID == p.ID {
			r.purposes[i] = p
			return
		}
	}
	r.purposes = append(r.purposes, p)
}

// buildIndex also checks what only the whole set shows: names that collide and groups that do not exist.
func (r *Registry) buildIndex() error {
	groups := make(map[string]bool, len(r.groups))
	for _, g := range r.groups {
		if !presetID(g.ID) || g.Name.KO == "" || g.Name.EN == "" {
			return fmt.Errorf("imagechat: purpose group %q needs an id and a name in both languages", g.ID)
		}
		groups[g.ID] = true
	}
	r.index = make(map[string]int, 2*len(r.purposes))
	for i, p := range r.purposes {
		if !groups[p.Group] {
			return fmt.Errorf("imagechat: purpose %q: unknown group %q", p.ID, p.Group)
		}
		for _, name := range append([]string{p.ID}, p.Aliases...) {
			if other, taken := r.index[name]; taken {
				return fmt.Errorf("imagechat: purpose %q: the id %q already means %q", p.ID, name, r.purposes[other].ID)
			}
			r.index[name] = i
		}
	}
	return nil
}

// presetID reports whether an id is fit for file names, URLs and JSON without escaping.
func presetID(id string) bool {
	return len(id) >= 1 && len(id) <= 64 && id[0] != '_' && strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

func (p Purpose) validate() error {
	for _, id := range append([]string{p.ID}, p.Aliases...) {
		if !presetID(id) {
			return fmt.Errorf("id %q: use a-z, 0-9 and _, at most 64", id)
		}
	}
	for field, text := range map[string]Localized{"name": p.Name, "description": p.Description} {
		if text.KO == "" || text.EN == "" {
			return fmt.Errorf("%s is needed in ko and en", field)
		}
	}
	for field, text := range map[string]Localized{"hint": p.Hint, "text_rules": p.TextRules} {
		if (text.KO == "") != (text.EN == "") {
			return fmt.Errorf("%s is given in one language only", field)
		}
	}
	if p.Guidance == "" {
		return errors.New("guidance for the model is needed")
	}
	if p.CropPercent != 0 || p.ModelRatio != "" {
		return errors.New("model_ratio and crop_percent are computed, leave them out")
	}
	return errors.Join(p.validateSize(), p.validateDelivery(), p.validateEvidence())
}

func (p Purpose) validateSize() error {
	if p.IsCustom() {
		if p.Width != 0 || p.Height != 0 || p.Ratio != "custom" {
			return errors.New(`the custom purpose has width 0, height 0 and ratio "custom"`)
		}
		return nil
	}
	if p.Width < 1 || p.Height < 1 || p.Width > 8192 || p.Height > 8192 {
		return fmt.Errorf("size %dx%d: each side is 1 to 8192 px", p.Width, p.Height)
	}
	named, ok := ParseRatio(p.Ratio)
	if actual := float64(p.Width) / float64(p.Height); !ok || math.Abs(named/actual-1) > 0.01 {
		return fmt.Errorf("ratio %q does not describe %dx%d", p.Ratio, p.Width, p.Height)
	}
	if a := p.SafeArea; a != nil {
		if min(a.Left, a.Top, a.Right, a.Bottom) < 0 || a.Left+a.Right >= p.Width || a.Top+a.Bottom >= p.Height {
			return fmt.Errorf("safe_area %+v leaves nothing of %dx%d", *a, p.Width, p.Height)
		}
	}
	return nil
}

func (p Purpose) validateDelivery() error {
	if p.MaxBytes < 0 {
		return errors.New("max_bytes is negative")
	}
	if len(p.Formats) == 0 {
		return errors.New(`formats needs "jpeg", "png" or both`)
	}
	for _, f := range p.Formats {
		if f != "jpeg" && f != "png" {
			return fmt.Errorf(`format %q: only "jpeg" and "png" are made`, f)
		}
	}
	if !slices.Contains([]AlphaPolicy{AlphaNone, AlphaAllowed, AlphaPreferred}, p.Alpha) {
		return fmt.Errorf(`alpha %q: use "allowed" or "preferred", or leave it out`, p.Alpha)
	}
	if p.Alpha != AlphaNone && !slices.Contains(p.Formats, "png") {
		return errors.New("alpha needs the format png")
	}
	if !slices.Contains([]TextPolicy{TextFree, TextLight, TextNone}, p.Text) {
		return fmt.Errorf(`text %q: use "light" or "none", or leave it out`, p.Text)
	}
	return nil
}

func (p Purpose) validateEvidence() error {
	switch p.Confidence {
	case ConfidenceSeed, ConfidenceOwn:
	case ConfidenceHigh, ConfidenceMedium, ConfidenceLow:
		if p.Source == "" {
			return fmt.Errorf("confidence %q needs a source", p.Confidence)
		}
	default:
		return fmt.Errorf(`confidence %q: use "seed", "high", "medium", "low" or "own"`, p.Confidence)
	}
	if (p.Source == "") != (p.CheckedOn == "") {
		return errors.New("source and checked_on belong together")
	}
	if p.CheckedOn != "" {
		if _, err := time.Parse(time.DateOnly, p.CheckedOn); err != nil {
			return fmt.Errorf("checked_on %q is no date like 2026-11-22", p.CheckedOn)
		}
	}
	return nil
}
