package main

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"go.uber.org/dig"
	"go.uber.org/fx"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/bunstore"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/fsblob"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/httpauth"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/humaapi"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/melodyhub"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/metrics"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/wire"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/web"
)

// newApp wires the program. It is the only place that knows fx: constructors
// are plain functions, and what starts and ends when is written out in
// [server], because fx would stop things in the order of their construction.
func newApp(cfg config, log *slog.Logger) (*fx.App, *server, error) {
	var s *server
	app := fx.New(
		fx.Supply(cfg, log, &socketCount{}),
		fx.Provide(newGenerator, openStore, openBlobs, newPorts, newMetrics, newService, newPlaces, newHub, newHandler, newServer),
		fx.Invoke(func(life fx.Lifecycle, s *server) {
			life.Append(fx.Hook{OnStart: s.start, OnStop: s.stop})
		}),
		fx.Populate(&s),
		// It tells of its own plumbing only; errors are returned and printed.
		fx.NopLogger,
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

func openStore(life fx.Lifecycle, cfg config, log *slog.Logger) (*bunstore.Store, error) {
	store, err := bunstore.Open(context.Background(), databaseURL(cfg.DatabasePath), &bunstore.Options{Logger: log, CopyBeforeMigration: true})
	if err != nil {
		return nil, err
	}
	life.Append(fx.StopHook(store.Close))
	return store, nil
}

func openBlobs(life fx.Lifecycle, cfg config) (*fsblob.Store, error) {
	blobs, err := fsblob.Open(cfg.BlobDir)
	if err != nil {
		return nil, err
	}
	life.Append(fx.StopHook(blobs.Close))
	return blobs, nil
}

func newPorts(g imagechat.Generator, store *bunstore.Store, blobs *fsblob.Store) imagechat.Ports {
	return imagechat.Ports{Generator: g, Repository: store, Blobs: blobs, Spool: blobs.Spool()}
}

// socketCount is told by the hub, which is made after the metrics that ask for it.
type socketCount struct{ hub atomic.Pointer[melodyhub.Hub] }

func (c *socketCount) now() int {
	if hub := c.hub.Load(); hub != nil {
		return hub.Len()
	}
	return 0
}

func newMetrics(cfg config, store *bunstore.Store, blobs *fsblob.Store, sockets *socketCount) *metrics.Metrics {
	b := currentBuild()
	return metrics.New(metrics.Options{
		Version: b.Version, Revision: b.Revision,
		FreeBytes: func() (int64, error) { return blobs.FreeBytes(context.Background()) },
		Sockets:   sockets.now,
		Damaged:   store.Damaged,

		StorageBytes: newStorageSizes(cfg.DatabasePath, blobs).now,
		LastBackup:   func() time.Time { return lastBackup(cfg) },
	})
}

func newPlaces(cfg config, counted *metrics.Metrics) *wire.Places {
	places := wire.NewPlaces(cfg.Limits.Sockets, cfg.Limits.SocketsPerOwner)
	places.OnRefused = func() { counted.Refused("sockets") }
	return places
}

func newHub(cfg config, log *slog.Logger, service *imagechat.Service, places *wire.Places, sockets *socketCount) (*melodyhub.Hub, error) {
	hub, err := melodyhub.New(service, &melodyhub.Options{
		Logger: log, AllowedOrigins: cfg.AllowedOrigins, PublicURL: publicURL(cfg),
		Places: places,
	})
	if err != nil {
		return nil, err
	}
	sockets.hub.Store(hub)
	return hub, nil
}

func publicURL(cfg config) string {
	if cfg.PublicURL == nil {
		return ""
	}
	return cfg.PublicURL.String()
}

func newService(cfg config, log *slog.Logger, ports imagechat.Ports, counted *metrics.Metrics) (*imagechat.Service, error) {
	options, err := serviceOptions(cfg, log)
	if err != nil {
		return nil, err
	}
	signer, err := newSigner(cfg)
	if err != nil {
		return nil, err
	}
	options.Signer = signer
	options.OnCall, options.OnTurn, options.OnRefused = counted.Call, counted.Turn, counted.TurnRefused
	service, err := imagechat.New(ports, options)
	if err != nil {
		return nil, err
	}
	counted.Watch(service)
	return service, nil
}

// serviceOptions is what the settings say about the service.
func serviceOptions(cfg config, log *slog.Logger) (*imagechat.Options, error) {
	purposes, err := loadPurposes(cfg.PlacementsFile)
	if err != nil {
		return nil, err
	}
	return &imagechat.Options{
		Logger:             log,
		Purposes:           purposes,
		Lang:               imagechat.Lang(cfg.DefaultLanguage),
		Model:              generatorModel(cfg),
		AllowedModels:      cfg.AllowedModels,
		MaxConcurrentTurns: cfg.MaxConcurrentTurns,
		MaxWaitingTurns:    noneIfZero(cfg.MaxWaitingTurns),
		UploadQuota:        noneIfZero(int64(cfg.Limits.UploadQuotaMB) * 1_000_000),
		TurnTimeout:        cfg.TurnTimeout,
		DailyBudget:        imagechat.Dollars(cfg.DailyBudgetUSD),
		SessionBudget:      imagechat.Dollars(cfg.SessionBudgetUSD),
		Fault:              faultHook(cfg.CrashAt),
	}, nil
}

// noneIfZero is a bound as the library takes it: there 0 is the default, and a
// negative one none.
func noneIfZero[T int | int64](bound T) T {
	if bound == 0 {
		return -1
	}
	return bound
}

func newHandler(cfg config, log *slog.Logger, store *bunstore.Store, service *imagechat.Service, hub *melodyhub.Hub, places *wire.Places, counted *metrics.Metrics) (http.Handler, error) {
	options := &humaapi.Options{
		Places:              places,
		Version:             currentBuild().Version,
		Environment:         cfg.AppEnv,
		GeminiConfigured:    cfg.Generator == "gemini",
		Lang:                imagechat.Lang(cfg.DefaultLanguage),
		AllowedOrigins:      cfg.AllowedOrigins,
		LocalOnly:           !cfg.Login && isLoopback(cfg.Host),
		TrustedProxies:      cfg.TrustedProxies,
		ClientAddressHeader: cfg.ClientAddressHeader,
		ReferenceHosts:      cfg.ReferenceURLHosts,
		Limits: humaapi.Limits{
			RequestsPerMinute: cfg.Limits.RequestsPerMinute,
			TurnsPerMinute:    cfg.Limits.TurnsPerMinute,
		},
		Logger: log,
		Meter:  counted,
		Web:    lazyHandler("the web app", func() (http.Handler, error) { return web.Handler(nil) }, log),
		Hub:    hub,
		Agents: lazyHandler("the agents' tools", func() (http.Handler, error) { return agentsHandler(cfg, log, service) }, log),
		// A revoked login loses its sockets, too.
		OnLogout: hub.Recheck,

		PublicURL: publicURL(cfg),
	}
	// With a listener of their own, the metrics are nowhere else.
	if cfg.MetricsAddr == "" {
		options.Metrics, options.MetricsToken = counted.Handler(), cfg.MetricsToken
	}
	if cfg.Login {
		auth, err := newAuthenticator(cfg, store)
		if err != nil {
			return nil, err
		}
		options.Auth = auth
	}
	api, err := humaapi.New(service, options)
	if err != nil {
		return nil, err
	}
	return api.Handler(), nil
}

func newAuthenticator(cfg config, store *bunstore.Store) (imagechat.Authenticator, error) {
	var tokens []httpauth.Token
	for _, t := range cfg.Tokens {
		tokens = append(tokens, httpauth.Token(t))
	}
	return httpauth.New(tokens, &httpauth.Options{Revocations: store})
}

func newServer(cfg config, log *slog.Logger, g imagechat.Generator, store *bunstore.Store, service *imagechat.Service, hub *melodyhub.Hub, handler http.Handler, counted *metrics.Metrics) *server {
	s := &server{
		cfg: cfg, log: log, service: service, handler: handler,
		sockets:   hub.Close,
		generator: service.GeneratorName(), model: service.DefaultModel(), rules: service,
		metrics: counted.Handler(),
	}
	s.background = append(s.background, maintainer(store.Maintain, log), patroller(store.Patrol, log))
	if cfg.BackupDir != "" {
		s.background = append(s.background, scheduledBackups(cfg, log))
	}
	// A generator may watch its maker in the background, as gemini does.
	if watcher, ok := g.(interface{ Run(context.Context) error }); ok {
		s.background = append(s.background, watcher.Run)
	}
	return s
}
