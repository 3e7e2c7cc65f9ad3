package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

type serveCmd struct{}

// Run serves until a signal comes or the listener fails.
func (c *serveCmd) Run(p *program) error {
	cfg, err := p.config()
	if err != nil {
		return err
	}
	if p.agent != nil {
		if err := p.agent.prepare(&cfg, p.settings); err != nil {
			return err
		}
	}
	// Read beside the opening of the database: a start on a small machine
	// is waited for.
	go imagechat.DefaultPurposes()
	log := newLogger(p.Stderr, cfg.LogLevel, cfg.LogJSON, p.Lookup)
	// What libraries print by the log package becomes a line like all others.
	slog.SetDefault(log)
	// Two signals may come at once; none may be lost.
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)

	if err := p.guardMachines(cfg, log); err != nil {
		return err
	}
	if err := prepareStorage(cfg); err != nil {
		return err
	}
	release, err := lockDatabase(cfg)
	if err != nil {
		return err
	}
	if err := restoringIn(cfg).refuseHalf(); err != nil {
		return errors.Join(err, release())
	}
	sweepAtStart(cfg, log)
	return errors.Join(p.serve(cfg, log, signals), release())
}

// sweepAtStart takes away what killed backups left.
func sweepAtStart(cfg config, log *slog.Logger) {
	dirs := []string{cfg.dataDir(), cfg.BlobDir}
	if cfg.BackupDir != "" {
		dirs = append(dirs, cfg.BackupDir)
	}
	for _, dir := range dirs {
		n, err := sweepLeftovers(dir)
		if n > 0 {
			log.Info("removed files that killed processes left", "directory", dir, "count", n)
		}
		if err != nil {
			log.Warn("files that killed processes left cannot be removed", "directory", dir, "error", err)
		}
	}
}

// guardMachines lets a new machine wait for the answer; one that has served
// before need not, for it starts either way.
func (p *program) guardMachines(cfg config, log *slog.Logger) error {
	check := func() error {
		return guardSecondMachine(context.Background(), cfg, p.Lookup, net.DefaultResolver.LookupTXT, log)
	}
	if _, err := os.Stat(cfg.DatabasePath); err != nil {
		return check()
	}
	go func() {
		// With a database there, the check only ever logs.
		_ = check()
	}()
	return nil
}

func (p *program) serve(cfg config, log *slog.Logger, signals <-chan os.Signal) error {
	endPause := beginQuietly()
	app, s, err := newApp(cfg, log)
	if err != nil {
		endPause()
		return err
	}
	s.background = append(s.background, settle(endPause))
	start, cancel := context.WithTimeout(context.Background(), startTimeout)
	err = app.Start(start)
	cancel()
	if err != nil {
		return rootCause(err)
	}
	announce(p.Stderr, cfg, s, log)

	var failure error
	left := make(chan error, 1)
	if p.agent != nil {
		go func() { left <- p.agent.serve(context.Background(), s, os.Stdin, os.Stdout) }()
	}
	select {
	case failure = <-left:
	case failure = <-s.failed:
	case sig := <-signals:
		log.Info("stopping; running turns may finish, a second signal stops at once", "signal", sig.String(), "drain_timeout", cfg.DrainTimeout)
	}
	go func() {
		<-signals
		// Everything that was promised is on disk already.
		os.Exit(exitFailed)
	}()
	stop, cancel := context.WithTimeout(context.Background(), cfg.DrainTimeout+2*farewell)
	defer cancel()
	return errors.Join(failure, rootCause(app.Stop(stop)))
}

// startTimeout leaves room for the migration of a large database.
const startTimeout = 5 * time.Minute

// announce says once where the server is and what it serves: as a block for
// people, as one line for machines.
func announce(w io.Writer, cfg config, s *server, log *slog.Logger) {
	generator := s.generator + ", model " + s.model
	if cfg.Generator == "demo" {
		generator = "demo generator: set GEMINI_API_KEY for real pictures"
	}
	data := filepath.Dir(cfg.DatabasePath)
	if abs, err := filepath.Abs(data); err == nil {
		data = abs
	}
	if cfg.LogJSON {
		log.Info("serving", "url", s.url(), "address", s.addr.String(), "generator", generator,
			"data", data, "version", currentBuild().Version, "login", cfg.Login)
		return
	}
	fmt.Fprintf(w, "\nGemini Image Chat %s\n  open       %s\n  generator  %s\n  data       %s\n\n",
		currentBuild().Version, s.url(), generator, data)
	if !cfg.Login && !isLoopback(cfg.Host) {
		log.Warn("anyone who reaches this address can spend the budget: AUTH=none", "address", s.addr.String())
	}
}
