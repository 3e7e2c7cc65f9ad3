package main

import (
	"log/slog"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// newGenerator makes the generator that the settings name.
func newGenerator(cfg config, log *slog.Logger) (imagechat.Generator, error) {
	backend := gemini.BackendGemini
	if cfg.Vertex {
		backend = gemini.BackendVertex
	}
	return gemini.New(gemini.Options{
		Backend:  backend,
		APIKey:   cfg.GeminiAPIKey,
		BaseURL:  cfg.GeminiBaseURL,
		Model:    cfg.GeminiModel,
		Project:  cfg.CloudProject,
		Location: cfg.CloudLocation,
		Timeout:  cfg.TurnTimeout,
		Logger:   log,
	})
}
