package catalog

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestEveryModelIsWhole(t *testing.T) {
	t.Parallel()
	c := Load()
	if _, err := time.Parse(time.DateOnly, c.CheckedOn); err != nil {
		t.Error(err)
	}
	if d, ok := c.Find(c.Default); !ok || d.Status != "stable" {
		t.Errorf("the default %q is not a stable model", c.Default)
	}
	for _, m := range c.Models {
		t.Run(m.ID, func(t *testing.T) {
			t.Parallel()
			switch m.Status {
			case "stable":
			case "deprecated", "gone":
				r, ok := c.Find(m.Replacement)
				if !ok || r.Status != "stable" {
					t.Errorf("replacement %q is not a stable model", m.Replacement)
				}
			default:
				t.Errorf("unknown status %q", m.Status)
			}
			if m.Status == "gone" {
				return
			}
			if m.USD.Input <= 0 || m.USD.Output <= 0 || m.USD.Image <= 0 || m.MaxReferences <= 0 {
				t.Errorf("a price or the references are missing: %+v", m)
			}
			for _, s := range append(m.Sizes, m.DefaultSize) {
				if m.ImageTokens[s] <= 0 {
					t.Errorf("size %s has no price", s)
				}
			}
		})
	}
}

// The sizes drawn must have the ratio they stand for, or a crop is planned wrong.
func TestPixelsHaveTheirRatio(t *testing.T) {
	t.Parallel()
	for _, m := range Load().Models {
		for _, ratio := range m.Ratios {
			w, h, ok := m.Size(ratio, "2K")
			if !ok {
				continue // not published
			}
			a, b, _ := strings.Cut(ratio, ":")
			x, _ := strconv.ParseFloat(a, 64)
			y, _ := strconv.ParseFloat(b, 64)
			if got, want := float64(w)/float64(h), x/y; math.Abs(got/want-1) > 0.045 {
				t.Errorf("%s %s: %d×%d is %.3f, want %.3f", m.ID, ratio, w, h, got, want)
			}
		}
	}
}

func TestSizeScales(t *testing.T) {
	t.Parallel()
	m, _ := Load().Find("gemini-nano-banana-2.1")
	for _, tt := range []struct {
		ratio, size string
		w, h        int
		ok          bool
	}{
		{"16:9", "", 1376, 768, true},
		{"16:9", "2K", 2752, 1536, true},
		{"8:1", "4K", 11712, 1408, true},
		{"1:1", "512", 512, 512, true},
		{"1:4", "1K", 0, 0, false},
		{"1:1", "8K", 0, 0, false},
	} {
		if w, h, ok := m.Size(tt.ratio, tt.size); w != tt.w || h != tt.h || ok != tt.ok {
			t.Errorf("%s at %q: got %d×%d %v, want %d×%d %v", tt.ratio, tt.size, w, h, ok, tt.w, tt.h, tt.ok)
		}
	}
}
