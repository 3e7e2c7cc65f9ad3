package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

type healthcheckCmd struct {
	Timeout time.Duration `default:"3s" help:"How long to wait for the answer."`
}

// Run asks the server that the same settings start. It exits with 4 when
// nobody answers and with 1 when the answer is "unhealthy", so that an image
// without a shell and without curl can check itself.
func (c *healthcheckCmd) Run(p *program) error {
	cfg, err := p.config()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), c.Timeout)
	defer cancel()
	return checkHealth(ctx, "http://"+net.JoinHostPort(localHost(cfg.Host), strconv.Itoa(cfg.Port)))
}

// localHost is where this machine reaches a server that listens on host.
func localHost(host string) string {
	host = strings.Trim(host, "[]")
	ip, err := netip.ParseAddr(host)
	switch {
	case host == "", err == nil && ip == netip.IPv4Unspecified():
		return "127.0.0.1"
	case err == nil && ip == netip.IPv6Unspecified():
		return "::1"
	default:
		return host
	}
}

func checkHealth(ctx context.Context, base string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/health", nil)
	if err != nil {
		return fmt.Errorf("%w: %w", errUnavailable, err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("%w: no answer from %s: %w", errUnavailable, base, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	if err != nil {
		return fmt.Errorf("%w: half an answer from %s: %w", errUnavailable, base, err)
	}
	var answer struct{ Status string }
	if err := json.Unmarshal(body, &answer); err != nil || res.StatusCode != http.StatusOK || answer.Status != "healthy" {
		return fmt.Errorf("%s is not healthy: HTTP %d %.200s", base, res.StatusCode, strings.TrimSpace(string(body)))
	}
	return nil
}
