package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

const (
	// readHeaderTimeout ends connections that feed a header byte by byte.
	readHeaderTimeout = 5 * time.Second
	// idleTimeout ends kept-alive connections that ask for nothing more.
	idleTimeout = 2 * time.Minute
	// maxHeaderBytes is far above what a browser sends.
	maxHeaderBytes = 32 << 10
	// farewell is how long sockets and answers in flight get after the turns
	// have ended.
	farewell = 5 * time.Second
)

// A runner is work behind the handler that begins and ends with the server.
type runner interface {
	// Start recovers what an earlier process left, and begins.
	Start(ctx context.Context) error
	// Drain takes nothing new and waits for what runs, or for ctx.
	Drain(ctx context.Context) error
	// Close ends everything and waits for it.
	Close(ctx context.Context) error
}

// A server is the one listener of the process, and what ends in which order.
type server struct {
	cfg     config
	log     *slog.Logger
	service runner
	// sockets says goodbye to WebSockets, which http.Server does not know of
	// after their upgrade.
	sockets func(ctx context.Context) error
	handler http.Handler
	// metrics are served alone, at METRICS_ADDR.
	metrics http.Handler
	// rules is the service itself, for agents on standard input and output.
	rules *imagechat.Service
	// generator and model are what the start block names.
	generator, model string

	// background runs beside the server and ends with the context it is given.
	background []func(context.Context) error

	http   *http.Server
	scrape *http.Server // nil without METRICS_ADDR
	addr   net.Addr
	failed chan error
	// quit ends the background, work is done when all of it has.
	quit context.CancelFunc
	work sync.WaitGroup
}

// start listens, recovers and serves. It returns when requests are answered.
func (s *server) start(ctx context.Context) error {
	s.failed = make(chan error, 1)
	var listening net.ListenConfig
	listener, err := listening.Listen(ctx, "tcp", s.cfg.address())
	if err != nil {
		return listenError(s.cfg, err)
	}
	if err := s.service.Start(ctx); err != nil {
		if errors.Is(err, imagechat.ErrForeignStores) || errors.Is(err, imagechat.ErrInUse) {
			return errors.Join(storageRefusal(s.cfg, err), listener.Close())
		}
		return errors.Join(fmt.Errorf("cannot recover earlier work: %w", err), listener.Close())
	}
	if err := s.serveMetrics(ctx); err != nil {
		return errors.Join(err, listener.Close())
	}
	s.addr = listener.Addr()
	s.http = &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: readHeaderTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		// What net/http writes here is about broken clients.
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	// Not ctx: it ends when the start is over.
	life, quit := context.WithCancel(context.Background())
	s.quit = quit
	for _, run := range s.background {
		s.work.Go(func() {
			if err := run(life); err != nil {
				s.log.Error("background work ended", "error", err)
			}
		})
	}
	go func() {
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- fmt.Errorf("the listener failed: %w", err)
		}
	}()
	return nil
}

// serveMetrics answers scrapers at METRICS_ADDR, where no login is asked for.
func (s *server) serveMetrics(ctx context.Context) error {
	if s.cfg.MetricsAddr == "" {
		return nil
	}
	var listening net.ListenConfig
	listener, err := listening.Listen(ctx, "tcp", s.cfg.MetricsAddr)
	if err != nil {
		return &configError{"METRICS_ADDR", fmt.Sprintf("cannot listen: %v", err), "0.0.0.0:9091"}
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", s.metrics)
	s.scrape = &http.Server{
		Handler: mux, ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readHeaderTimeout, WriteTimeout: time.Minute,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	s.log.Info("serving metrics", "address", listener.Addr().String())
	go func() {
		if err := s.scrape.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.log.Error("the listener of the metrics failed", "error", err)
		}
	}()
	return nil
}

// listenError tells a setting that cannot work from a port that is taken now.
func listenError(c config, err error) error {
	_, unknown := errors.AsType[*net.DNSError](err)
	switch {
	case unknown:
		return &configError{"HOST", fmt.Sprintf("the name %s leads to no address", c.Host), "127.0.0.1"}
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return &configError{"HOST", c.Host + " is no address of this machine", "127.0.0.1"}
	case errors.Is(err, fs.ErrPermission):
		return &configError{"PORT", fmt.Sprintf("this user may not listen on port %d", c.Port), "8000"}
	}
	return fmt.Errorf("cannot listen (HOST, PORT): %w", err)
}

// stop ends in the order that loses least: turns first, while people can
// still watch them end; then sockets, told to resume elsewhere; then the
// answers in flight; then the service.
func (s *server) stop(ctx context.Context) error {
	began := time.Now()
	drain, cancel := context.WithTimeout(ctx, s.cfg.DrainTimeout)
	err := s.service.Drain(drain)
	cancel()
	if errors.Is(err, context.DeadlineExceeded) {
		s.log.Warn("some turns did not end in time and are marked as interrupted", "drain_timeout", s.cfg.DrainTimeout)
		err = nil
	}
	goodbye, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	err = errors.Join(err, s.sockets(goodbye))
	if shutdownErr := s.http.Shutdown(goodbye); shutdownErr != nil {
		s.log.Debug("closing connections that did not end by themselves", "error", shutdownErr)
		err = errors.Join(err, s.http.Close())
	}
	if s.scrape != nil { // last, so that the drain can be watched
		err = errors.Join(err, s.scrape.Close())
	}
	s.quit()
	s.work.Wait()
	err = errors.Join(err, s.service.Close(context.WithoutCancel(ctx)))
	s.log.Info("stopped", "ms", time.Since(began).Milliseconds())
	return err
}

// url is where a person finds the app.
func (s *server) url() string {
	if s.cfg.PublicURL != nil {
		return s.cfg.PublicURL.String()
	}
	_, port, err := net.SplitHostPort(s.addr.String())
	if err != nil {
		return s.addr.String()
	}
	return "http://" + net.JoinHostPort(localHost(s.cfg.Host), port)
}
