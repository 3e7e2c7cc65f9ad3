package demo

import "github.com/gemini-image-chat/gemini-image-chat/imagechat"

// Shrink makes every picture n times smaller a side.
func (g *Generator) Shrink(n int) *Generator {
	g.shrink = n
	return g
}

// Pixels is the size that a call is drawn at.
func (g *Generator) Pixels(call *imagechat.Call) (width, height int) { return g.pixels(call) }
