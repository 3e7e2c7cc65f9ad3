package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/mcpapi"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

type mcpCmd struct {
	Directory string `short:"d" default:"." placeholder:"DIR" help:"Where exported files are written."`
	Owner     string `help:"Login whose conversations the agent works in; needed where there are logins."`
}

// Run serves one agent on standard input and output: the whole server on a
// free port of this machine, so that a person can look on in a browser, with
// the tools on the streams.
func (c *mcpCmd) Run(p *program) error {
	p.agent = c
	return (&serveCmd{}).Run(p)
}

// prepare makes the settings those of a server beside an agent.
func (c *mcpCmd) prepare(cfg *config, given layered) error {
	if cfg.Login && c.Owner == "" {
		return fmt.Errorf("%w: there are logins: say in whose name the agent works, such as --owner %s", errUsage, cfg.Tokens[0].Name)
	}
	if info, err := os.Stat(c.Directory); err != nil || !info.IsDir() {
		return fmt.Errorf("%w: --directory %s is no folder: make it first", errUsage, c.Directory)
	}
	if given["PORT"].Source == fromDefault {
		cfg.Port = 0
	}
	return nil
}

// serve answers the agent until it closes its side.
func (c *mcpCmd) serve(ctx context.Context, s *server, in io.ReadCloser, out io.WriteCloser) error {
	o := mcpOptions(s.cfg, s.log)
	o.Address = s.url() + "/api/image-chat"
	o.Save = c.save
	agents, err := mcpapi.New(s.rules, o)
	if err != nil {
		return err
	}
	ctx = imagechat.WithOwner(ctx, imagechat.Owner(c.Owner))
	return agents.Serve(ctx, in, out)
}

// save writes a file beside those that are there: a name that is taken gets a number.
func (c *mcpCmd) save(name string, from io.Reader) (string, error) {
	extension := filepath.Ext(name)
	stem := strings.TrimSuffix(filepath.Base(name), extension)
	for n := 1; n < 1000; n++ {
		path := filepath.Join(c.Directory, stem+extension)
		if n > 1 {
			path = filepath.Join(c.Directory, fmt.Sprintf("%s (%d)%s", stem, n, extension))
		}
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // a picture for the person and whoever they share the folder with
		if errors.Is(err, os.ErrExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		if _, err := io.Copy(f, from); err != nil {
			return "", errors.Join(err, f.Close(), os.Remove(path))
		}
		if err := f.Close(); err != nil {
			return "", err
		}
		return filepath.Abs(path)
	}
	return "", fmt.Errorf("%s: too many files of that name", name)
}

func mcpOptions(cfg config, log *slog.Logger) *mcpapi.Options {
	confirm := imagechat.Dollars(cfg.MCPConfirmAboveUSD)
	return &mcpapi.Options{Version: currentBuild().Version, Lang: imagechat.Lang(cfg.DefaultLanguage), ConfirmAbove: &confirm, Logger: log}
}

func agentsHandler(cfg config, log *slog.Logger, service *imagechat.Service) (http.Handler, error) {
	o := mcpOptions(cfg, log)
	if address := publicURL(cfg); address != "" {
		o.Address = strings.TrimSuffix(address, "/") + "/api/image-chat"
	}
	agents, err := mcpapi.New(service, o)
	if err != nil {
		return nil, err
	}
	return agents.Handler(), nil
}
