package main

import (
	"context"
	"log/slog"
	"net/http"

	"go.uber.org/dig"
	"go.uber.org/fx"
	"go.uber.org/fx/fxevent"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/memory"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// newApp wires the program. It is the only place that knows fx: constructors
// are plain functions, and what starts and ends when is written out in
// [server], because fx would stop things in the order of their construction.
func newApp(cfg config, log *slog.Logger) (*fx.App, *server, error) {
	var s *server
	app := fx.New(
		fx.Supply(cfg, log),
		fx.Provide(openPorts, newService, newHandler, newServer),
		fx.Invoke(func(life fx.Lifecycle, s *server) {
			life.Append(fx.Hook{OnStart: s.start, OnStop: s.stop})
		}),
		fx.Populate(&s),
		fx.WithLogger(func() fxevent.Logger {
			l := &fxevent.SlogLogger{Logger: log}
			l.UseLogLevel(slog.LevelDebug)
			l.UseErrorLevel(slog.LevelDebug) // the error itself is returned and printed
			return l
		}),
	)
	return app, s, rootCause(app.Err())
}

// rootCause takes off what dig says about its own plumbing.
func rootCause(err error) error {
	if err == nil {
		return nil
	}
	return dig.RootCause(err)
}

func openPorts(cfg config, log *slog.Logger) (imagechat.Ports, error) {
	g, err := newGenerator(cfg, log)
	return memory.Ports(g), err
}

func newService(cfg config, log *slog.Logger, ports imagechat.Ports) (*imagechat.Service, error) {
	purposes, err := loadPurposes(cfg.PlacementsFile)
	if err != nil {
		return nil, err
	}
	return imagechat.New(ports, &imagechat.Options{
		Logger:             log,
		Purposes:           purposes,
		Lang:               imagechat.Lang(cfg.DefaultLanguage),
		Model:              generatorModel(cfg),
		MaxConcurrentTurns: cfg.MaxConcurrentTurns,
		TurnTimeout:        cfg.TurnTimeout,
		DailyBudget:        imagechat.Dollars(cfg.DailyBudgetUSD),
		SessionBudget:      imagechat.Dollars(cfg.SessionBudgetUSD),
		Fault:              faultHook(cfg.CrashAt),
	})
}

func newHandler() http.Handler { return http.NotFoundHandler() }

func newServer(cfg config, log *slog.Logger, service *imagechat.Service, handler http.Handler) *server {
	return &server{
		cfg: cfg, log: log, service: service, handler: handler,
		sockets:   func(context.Context) error { return nil },
		generator: service.GeneratorName(), model: service.DefaultModel(),
	}
}
