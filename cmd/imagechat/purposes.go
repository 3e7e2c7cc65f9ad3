package main

import (
	"encoding/json"
	"fmt"
	"os"
	"text/tabwriter"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

type purposesCmd struct {
	JSON bool `name:"json" help:"As JSON."`
}

// Run lists what pictures can be made for.
func (c *purposesCmd) Run(p *program) error {
	purposes, err := p.purposes()
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(p.Stdout).Encode(purposes.All())
	}
	w := tabwriter.NewWriter(p.Stdout, 0, 0, 2, ' ', 0)
	for _, one := range purposes.All() {
		size := "any"
		if !one.IsCustom() {
			size = fmt.Sprintf("%d×%d", one.Width, one.Height)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", one.ID, size, one.Name.EN, one.Name.KO)
	}
	return w.Flush()
}

// purposes is the built-in table with the operator's own rows over it.
func (p *program) purposes() (*imagechat.Registry, error) {
	return loadPurposes(p.settings.text("PLACEMENTS_FILE"))
}

func loadPurposes(path string) (*imagechat.Registry, error) {
	if path == "" {
		return imagechat.DefaultPurposes(), nil
	}
	const name = "PLACEMENTS_FILE"
	f, err := os.Open(path)
	if err != nil {
		return nil, &configError{Variable: name, Problem: err.Error(), Example: "./placements.json"}
	}
	defer f.Close()
	r, err := imagechat.LoadPurposes(imagechat.DefaultPurposes(), f)
	if err != nil {
		return nil, &configError{Variable: name, Problem: err.Error(), Example: "./placements.json"}
	}
	return r, nil
}
