package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat/secret"
)

type exportCmd struct {
	Image    string   `arg:"" help:"Id of the image."`
	Purposes []string `required:"" help:"Placements to finish it for, comma-separated; imagechat purposes lists them."`
	Formats  []string `help:"jpeg, png; the purposes decide when not given."`
	Server   string   `placeholder:"URL" help:"A running server; by default the one that HOST and PORT name. Its login is read from IMAGECHAT_TOKEN."`
	Output   string   `short:"o" placeholder:"FILE" help:"Where to write the ZIP; - is standard output."`
}

// Run fetches a ZIP with every file at its exact size from a running server.
func (c *exportCmd) Run(p *program) error {
	base := strings.TrimSuffix(c.Server, "/")
	if base == "" {
		cfg, err := p.config()
		if err != nil {
			return err
		}
		base = "http://" + net.JoinHostPort(localHost(cfg.Host), strconv.Itoa(cfg.Port))
	}
	token, _ := p.Lookup("IMAGECHAT_TOKEN")
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	client := apiClient{base: base + "/api/image-chat", token: secret.New(token)}

	var image struct {
		SessionID string `json:"session_id"`
	}
	if err := client.json(ctx, "/images/"+url.PathEscape(c.Image), &image); err != nil {
		return err
	}
	if image.SessionID == "" {
		return errors.New("this image belongs to no conversation yet; exports are made from a conversation's pictures")
	}
	name, archive, err := client.pack(ctx, image.SessionID, c)
	if err != nil {
		return err
	}
	switch c.Output {
	case "-":
		_, err := p.Stdout.Write(archive)
		return err
	case "":
	default:
		name = c.Output
	}
	if err := writeFile(name, archive); err != nil {
		return err
	}
	fmt.Fprintln(p.Stdout, name)
	return nil
}

// An apiClient speaks to a running server.
type apiClient struct {
	base  string
	token secret.Value
}

// maxAnswer bounds what is read from a server: a pack of all placements is
// some tens of megabytes.
const maxAnswer = 1 << 30

// do sends one request. A problem that the server describes becomes the error.
func (c apiClient) do(ctx context.Context, method, path string, body []byte) (http.Header, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", errUsage, err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if !c.token.IsZero() {
		req.Header.Set("Authorization", "Bearer "+c.token.Reveal())
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", errUnavailable, err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return nil, nil, fmt.Errorf("%w: half an answer: %w", errUnavailable, err)
	}
	if res.StatusCode >= http.StatusBadRequest {
		var problem struct{ Title, Detail string }
		if json.Unmarshal(answer, &problem) != nil || problem.Detail == "" {
			return nil, nil, fmt.Errorf("the server answered %s", res.Status)
		}
		return nil, nil, fmt.Errorf("the server answered %s: %s", res.Status, problem.Detail)
	}
	return res.Header, answer, nil
}

func (c apiClient) json(ctx context.Context, path string, into any) error {
	_, answer, err := c.do(ctx, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	return json.Unmarshal(answer, into)
}

func (c apiClient) pack(ctx context.Context, session string, cmd *exportCmd) (name string, archive []byte, err error) {
	request := map[string]any{"image_id": cmd.Image, "purposes": cmd.Purposes}
	if len(cmd.Formats) > 0 {
		request["formats"] = cmd.Formats
	}
	body, err := json.Marshal(request)
	if err != nil {
		return "", nil, err
	}
	header, archive, err := c.do(ctx, http.MethodPost, "/sessions/"+url.PathEscape(session)+"/exports", body)
	if err != nil {
		return "", nil, err
	}
	name = cmd.Image + ".zip"
	if _, params, err := mime.ParseMediaType(header.Get("Content-Disposition")); err == nil && params["filename"] != "" {
		// Only the last part: a server must not choose the directory.
		name = filepath.Base(filepath.FromSlash(params["filename"]))
	}
	return name, archive, nil
}
