package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/secret"
)

// reserveBytes is the room below which the service takes no turn that costs
// money: one large picture, and what SQLite needs to record it.
const reserveBytes = 128 << 20

// doctorTimeout bounds the checks that ask somebody else.
const doctorTimeout = 15 * time.Second

type doctorCmd struct {
	JSON bool `name:"json" help:"As JSON."`
	Deep bool `help:"Read every image and check its bytes, however long that takes."`
}

// A verdict is how a check ended.
type verdict string

const (
	good    verdict = "ok"
	warning verdict = "warning"
	bad     verdict = "failed"
)

// A finding is one thing that was looked at.
type finding struct {
	Check   string  `json:"check"`
	Verdict verdict `json:"verdict"`
	Detail  string  `json:"detail"`
	// Fix is the command or the change that mends it, empty when all is well.
	Fix string `json:"fix,omitempty"`
}

// A report is everything that doctor says.
type report struct {
	Version  build           `json:"version"`
	Settings []settingReport `json:"settings"`
	Findings []finding       `json:"findings"`
	OK       bool            `json:"ok"`
}

type settingReport struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Source source `json:"source"`
}

var errUnwell = errors.New("doctor found something that must be mended; see above")

// Run checks everything that can keep the server from working.
func (c *doctorCmd) Run(p *program) error {
	r := report{Version: currentBuild(), Settings: settingsReport(p.settings)}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	cfg, err := p.config()
	if err != nil {
		r.Findings = []finding{{"settings", bad, err.Error(), "change the variable as the example shows"}}
	} else {
		r.Findings = append([]finding{{"settings", good, "every setting can be used", ""}}, p.examine(ctx, cfg, c.Deep)...)
	}
	r.OK = !slices.ContainsFunc(r.Findings, func(f finding) bool { return f.Verdict == bad })
	if c.JSON {
		e := json.NewEncoder(p.Stdout)
		e.SetIndent("", "  ")
		err = e.Encode(r)
	} else {
		err = r.print(p.Stdout)
	}
	if err == nil && !r.OK {
		err = errUnwell
	}
	return err
}

func (p *program) examine(ctx context.Context, cfg config, deep bool) []finding {
	all := []finding{checkLogin(cfg)}
	asking, cancel := context.WithTimeout(ctx, doctorTimeout)
	all = append(all, p.checkGenerator(asking, cfg)...)
	cancel()
	if _, err := os.Stat(cfg.DatabasePath); errors.Is(err, os.ErrNotExist) {
		return append(all, checkEmptyStorage(cfg)...)
	}
	// As the server would: files made here must belong to its user.
	if err := prepareStorage(cfg); err != nil {
		return append(all, finding{"storage", bad, err.Error(), "chown the directories, or start as root with RUN_AS"})
	}
	return append(all, checkStorage(ctx, cfg, deep)...)
}

func settingsReport(all layered) []settingReport {
	var list []settingReport
	for _, name := range slices.Sorted(maps.Keys(all)) {
		s := all[name]
		if s.Name == "IMAGECHAT_CRASH_AT" && s.Text == "" {
			continue
		}
		value := s.Text
		if s.Secret || strings.Contains(value, "@") {
			value = secret.New(value).String()
		}
		list = append(list, settingReport{name, value, s.Source})
	}
	return list
}

func checkLogin(cfg config) finding {
	const check = "login"
	switch {
	case cfg.Login && len(cfg.Tokens) == 1:
		return finding{check, good, "1 login", ""}
	case cfg.Login:
		return finding{check, good, fmt.Sprintf("%d logins", len(cfg.Tokens)), ""}
	case len(cfg.Tokens) > 0:
		return finding{check, warning, "the logins of AUTH_TOKENS are ignored, and whoever reaches " + cfg.Host + " can spend your budget (AUTH=none)",
			"remove AUTH, so that they count, or AUTH_TOKENS"}
	case isLoopback(cfg.Host):
		return finding{check, good, "none, and only this machine can reach " + cfg.Host, ""}
	default:
		return finding{check, warning, "anyone who reaches " + cfg.Host + " can spend your budget (AUTH=none)",
			"set AUTH_TOKENS=name:secret and remove AUTH"}
	}
}

// modelLister is a generator that can ask its maker what the key may use.
type modelLister interface {
	CheckModels(ctx context.Context) error
}

func (p *program) checkGenerator(ctx context.Context, cfg config) []finding {
	const check = "generator"
	if cfg.Generator == "demo" {
		return []finding{{check, warning, "demo: pictures are drawn offline and are no real ones", "set GEMINI_API_KEY"}}
	}
	g, err := newGenerator(cfg, newLogger(io.Discard, cfg.LogLevel, false, p.Lookup))
	if err != nil {
		return []finding{{check, bad, err.Error(), "set GEMINI_API_KEY to a key from https://aistudio.google.com/apikey"}}
	}
	var all []finding
	if lister, ok := g.(modelLister); ok {
		switch err := lister.CheckModels(ctx); {
		case errors.Is(err, imagechat.GeneratorRejectedKey):
			all = append(all, finding{"key", bad, "Gemini refuses the key", "set GEMINI_API_KEY to a key from https://aistudio.google.com/apikey"})
		case err != nil:
			all = append(all, finding{"key", bad, inWords(err), "check the network and GEMINI_BASE_URL"})
		default:
			all = append(all, finding{"key", good, "accepted", ""})
		}
	}
	if warner, ok := g.(imagechat.Warner); ok {
		for _, w := range warner.Warnings() {
			all = append(all, finding{"model", warning, w.EN, "set GEMINI_MODEL to a model that lives"})
		}
	}
	if model := g.Model(cfg.GeminiModel); model.Status == imagechat.ModelGone {
		all = append(all, finding{"model", bad, cfg.GeminiModel + " was shut down by its maker", "set GEMINI_MODEL=" + model.Replacement})
	} else {
		all = append(all, finding{"model", good, fmt.Sprintf("%s (%s)", cfg.GeminiModel, model.Status), ""})
	}
	return all
}

// inWords says why Gemini gave no list of its models.
func inWords(err error) string {
	e, ok := errors.AsType[*imagechat.Error](err)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "Gemini cannot be reached: no answer came in time"
	case !ok || e.Err == nil:
		return "Gemini cannot be asked: " + err.Error()
	case e.Reason != "":
		return "Gemini cannot be asked: it says " + e.Reason
	case e.Code == imagechat.GeneratorOverloaded:
		return "Gemini cannot be reached: " + e.Err.Error()
	default:
		return "Gemini's answer cannot be understood: " + e.Err.Error()
	}
}

// print writes the report for people: what is well in one line each, what is
// not with its fix beneath.
func (r report) print(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "imagechat %s (%s, %s)\n\nsettings\n", r.Version.Version, r.Version.Go, r.Version.Platform)
	for _, s := range r.Settings {
		fmt.Fprintf(&b, "  %-24s %-44s %s\n", s.Name, s.Value, s.Source)
	}
	b.WriteString("\nfindings\n")
	for _, f := range r.Findings {
		mark := map[verdict]string{good: "✓", warning: "!", bad: "✗"}[f.Verdict]
		fmt.Fprintf(&b, "  %s %-12s %s\n", mark, f.Check, f.Detail)
		if f.Fix != "" {
			fmt.Fprintf(&b, "    %-12s → %s\n", "", f.Fix)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// dataDir is where both halves of the data lie, for messages.
func (c config) dataDir() string { return filepath.Dir(c.DatabasePath) }
