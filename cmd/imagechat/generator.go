package main

import (
	"log/slog"
	"path/filepath"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/demo"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// newGenerator makes the generator that the settings name.
func newGenerator(cfg config, log *slog.Logger) (imagechat.Generator, error) {
	if cfg.Generator == "demo" {
		return demo.New(nil), nil
	}
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
		// Which models live is asked once a day, not at every start.
		CacheFile: filepath.Join(cfg.dataDir(), "models.json"),
		Logger:    log,
	})
}

// generatorModel is the default model of turns; the demo has one of its own.
func generatorModel(cfg config) string {
	if cfg.Generator == "demo" {
		return ""
	}
	return cfg.GeminiModel
}
