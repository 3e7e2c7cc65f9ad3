package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/memory"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

type generateCmd struct {
	Prompt    string   `arg:"" help:"What to draw, in Korean or English."`
	Purpose   string   `default:"sns_instagram_square" help:"Placement it is for; imagechat purposes lists them."`
	Style     string   `help:"Style preset."`
	Reference []string `short:"r" placeholder:"FILE" help:"Picture to start from; may be given several times."`
	Count     int      `default:"1" help:"How many pictures, 1 to 4."`
	Exact     bool     `help:"Finish to the purpose's exact pixels instead of keeping the model's own."`
	Output    string   `short:"o" placeholder:"FILE" help:"Where to write it; several pictures get a number."`
	Force     bool     `help:"Replace a file that is there already."`
}

// Run draws without a server and without a record: the pictures are files,
// and what was spent is told, but counts toward no budget.
func (c *generateCmd) Run(p *program) error {
	cfg, err := p.config()
	if err != nil {
		return err
	}
	log := newLogger(p.Stderr, max(cfg.LogLevel, slog.LevelWarn), cfg.LogJSON, p.Lookup)
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	generator, err := newGenerator(cfg, log)
	if err != nil {
		return err
	}
	options, err := serviceOptions(cfg, log)
	if err != nil {
		return err
	}
	service, err := imagechat.New(memory.Ports(generator), options)
	if err != nil {
		return err
	}
	if err := service.Start(ctx); err != nil {
		return err
	}
	defer func() {
		// The pictures are files by now; what is closed lives in memory.
		_ = service.Close(context.WithoutCancel(ctx))
	}()
	if err := c.checkTarget(); err != nil {
		return err
	}
	message, turn, err := c.draw(ctx, service, imagechat.Lang(cfg.DefaultLanguage))
	if err != nil {
		return err
	}
	if message.Text != "" {
		fmt.Fprintln(p.Stderr, message.Text)
	}
	for i := range message.Images {
		name, err := c.write(ctx, service, &message.Images[i], i, len(message.Images))
		if err != nil {
			return err
		}
		fmt.Fprintln(p.Stdout, name)
	}
	fmt.Fprintf(p.Stderr, "%s, $%s\n", service.DefaultModel(), turn.Cost)
	return nil
}

func (c *generateCmd) draw(ctx context.Context, service *imagechat.Service, lang imagechat.Lang) (*imagechat.Message, *imagechat.Turn, error) {
	request := imagechat.TurnRequest{Kind: imagechat.KindGenerate, Content: c.Prompt, StylePreset: c.Style, Count: c.Count, Lang: lang}
	for _, name := range c.Reference {
		f, err := os.Open(name)
		if err != nil {
			return nil, nil, err
		}
		uploaded, err := service.Upload(ctx, f, imagechat.ImageReference)
		f.Close()
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", name, err)
		}
		request.ReferenceIDs = append(request.ReferenceIDs, uploaded.ID)
	}
	session, err := service.CreateSession(ctx, imagechat.NewSession{ImagePurpose: c.Purpose})
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", errUsage, err)
	}
	submission, err := service.Submit(ctx, session.ID, request, "")
	if err != nil {
		return nil, nil, err
	}
	turn, err := service.Wait(ctx, submission.Turn.ID)
	if ctx.Err() != nil {
		return nil, nil, fmt.Errorf("stopped while drawing: %w", ctx.Err())
	}
	if err != nil {
		return nil, nil, err
	}
	if turn.Error != nil {
		return nil, nil, turn.Error
	}
	message, err := service.Message(ctx, turn.AssistantMessageID)
	return message, turn, err
}

// write stores one picture as a file and returns the file's name.
func (c *generateCmd) write(ctx context.Context, service *imagechat.Service, img *imagechat.Image, i, n int) (string, error) {
	var data []byte
	var err error
	extension := "." + img.Format
	if c.Exact {
		file, err := service.Export(ctx, img.ID, imagechat.ExportSpec{Purpose: c.Purpose})
		if err != nil {
			return "", err
		}
		defer file.Close()
		if data, err = io.ReadAll(file.Content); err != nil {
			return "", err
		}
		extension = filepath.Ext(file.Name)
	} else {
		_, r, err := service.OpenImage(ctx, img.ID)
		if err != nil {
			return "", err
		}
		data, err = io.ReadAll(r)
		r.Close()
		if err != nil {
			return "", err
		}
	}
	name := c.Output
	if name == "" {
		name = c.Purpose + extension
	}
	if n > 1 {
		ext := filepath.Ext(name)
		name = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(name, ext), i+1, ext)
	}
	if c.Output == "" {
		name = freeName(name)
	}
	if err = writeFile(name, data); err == nil {
		return name, nil
	}
	// It is paid for: it is kept wherever there is room.
	kept := freeName(filepath.Join(os.TempDir(), filepath.Base(name)))
	if writeFile(kept, data) != nil {
		return "", err
	}
	return kept, nil
}

// checkTarget fails before anything is paid for when the pictures could not be
// written, or would replace a file.
func (c *generateCmd) checkTarget() error {
	f, err := os.CreateTemp(filepath.Dir(c.Output), ".imagechat-*")
	if err != nil {
		return fmt.Errorf("nothing was drawn, because it could not be written: %w", err)
	}
	if err := errors.Join(f.Close(), os.Remove(f.Name())); err != nil {
		return err
	}
	for i := range c.Count {
		name := c.target(i)
		if _, err := os.Lstat(name); c.Output != "" && !c.Force && err == nil {
			return fmt.Errorf("%w: %s is there already; choose another name or give --force", errUsage, name)
		}
	}
	return nil
}

// target is the name that was asked for of the i-th picture.
func (c *generateCmd) target(i int) string {
	if c.Count <= 1 {
		return c.Output
	}
	ext := filepath.Ext(c.Output)
	return fmt.Sprintf("%s-%d%s", strings.TrimSuffix(c.Output, ext), i+1, ext)
}

// freeName is name, with a number where a file of that name is there.
func freeName(name string) string {
	ext := filepath.Ext(name)
	for n, try := 2, name; ; n++ {
		if _, err := os.Lstat(try); err != nil {
			return try
		}
		try = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(name, ext), n, ext)
	}
}
