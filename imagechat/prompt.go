package imagechat

// Prompt is what a generator is told.
type Prompt struct {
	System string // the standing instruction
	Text   string // the person's wish with everything it implies
}
