package main

import (
	"fmt"
	"log/slog"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// newGenerator makes the generator that the settings name.
func newGenerator(cfg config, log *slog.Logger) (imagechat.Generator, error) {
	switch cfg.Generator {
	default:
		return nil, fmt.Errorf("no generator %q", cfg.Generator)
	}
}
