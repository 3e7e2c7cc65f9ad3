package finish

import (
	"encoding/json"
	"os"
	"slices"
	"sync"
	"testing"
)

// placement is what finishing needs to know of a purpose of the registry.
type placement struct {
	ID       string   `json:"id"`
	Width    int      `json:"width"`
	Height   int      `json:"height"`
	MaxBytes int64    `json:"max_bytes"`
	Formats  []Format `json:"formats"`
	Alpha    string   `json:"alpha"`
}

func (p placement) spec() Spec {
	return Spec{Width: p.Width, Height: p.Height, MaxBytes: p.MaxBytes, Formats: p.Formats, Alpha: p.Alpha != ""}
}

var registry = sync.OnceValues(func() ([]placement, error) {
	data, err := os.ReadFile("../purposes.json")
	if err != nil {
		return nil, err
	}
	var file struct {
		Purposes []placement `json:"purposes"`
	}
	err = json.Unmarshal(data, &file)
	file.Purposes = slices.DeleteFunc(file.Purposes, func(p placement) bool { return p.Width == 0 }) // custom
	return file.Purposes, err
})

func placements(t testing.TB) []placement {
	t.Helper()
	all, err := registry()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 40 {
		t.Fatalf("the registry has %d placements, want at least 40", len(all))
	}
	return all
}

// packSpecs are the first forty placements of the registry.
func packSpecs() []Spec {
	all, err := registry()
	if err != nil {
		panic(err) // in a child process, whose parent has read the same file
	}
	var specs []Spec
	for _, p := range all[:40] {
		s := p.spec()
		s.Width, s.Height = side(s.Width), side(s.Height)
		specs = append(specs, s)
	}
	return specs
}
