package imagechat

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
)

// Style is a look that can be asked for beside a purpose.
type Style struct {
	ID          string    `json:"id"`
	Name        Localized `json:"name"`
	Description Localized `json:"description"`

	// Guidance tells the model, in English, what the look is made of.
	Guidance string `json:"guidance"`
}

//go:embed styles.json
var stylesJSON []byte

// defaultStyles parses on first use, so that a program that never asks pays nothing at start.
var defaultStyles = sync.OnceValue(func() []Style {
	var styles []Style
	if err := json.Unmarshal(stylesJSON, &styles); err != nil {
		panic(fmt.Sprintf("imagechat: embedded styles.json: %v", err)) // a build fault, caught by the package's tests
	}
	return styles
})

// Styles returns the eight styles, in the order they are shown. The slice is the caller's.
func Styles() []Style { return slices.Clone(defaultStyles()) }

// StyleByID returns the style with the id, and whether there is one.
func StyleByID(id string) (Style, bool) {
	for _, s := range defaultStyles() {
		if s.ID == id {
			return s, true
		}
	}
	return Style{}, false
}
