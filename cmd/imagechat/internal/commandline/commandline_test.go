package commandline_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gemini-image-chat/gemini-image-chat/cmd/imagechat/internal/commandline"
)

type common struct {
	PublicURL string `name:"public-url" group:"Server" help:"Address."`
	LogLevel  string `group:"Server" help:"How much to log."`
	CrashAt   string `hidden:"" help:"For tests."`
}

type drawCmd struct {
	Prompt  string        `arg:"" help:"What to draw."`
	From    []string      `short:"r" placeholder:"FILE" help:"Pictures to start from, as many as there are words to say that this help is longer than one line."`
	Count   int           `default:"1" help:"How many."`
	Exact   bool          `help:"To the pixel."`
	Fit     string        `default:"cover" enum:"cover,contain" help:"How."`
	Format  string        `default:"" enum:",jpeg,png" help:"Type."`
	Timeout time.Duration `default:"3s" help:"Patience."`
	Output  string        `short:"o" placeholder:"FILE" help:"Where."`
}

type sendCmd struct {
	To []string `required:"" help:"Whom."`
}

type serveCmd struct{}

type all struct {
	common
	Serve serveCmd `cmd:"" default:"withargs" help:"Serve."`
	Draw  drawCmd  `cmd:"" help:"Draw."`
	Send  sendCmd  `cmd:"" help:"Send."`
}

func newLine() (*all, *commandline.Line) {
	c := &all{}
	return c, commandline.New("prog", "What it is for.", c)
}

func TestParse(t *testing.T) {
	t.Parallel()
	drawn := func(change func(*all)) all {
		a := all{Draw: drawCmd{Prompt: "p", Count: 1, Fit: "cover", Timeout: 3 * time.Second}}
		change(&a)
		return a
	}
	tests := map[string]struct {
		args    string
		command string
		want    all
	}{
		"nothing is the default command":            {"", "serve", drawn(func(a *all) { a.Draw.Prompt = "" })},
		"a common flag goes to the default command": {"--log-level=debug", "serve", drawn(func(a *all) { a.Draw.Prompt = ""; a.LogLevel = "debug" })},
		"common flags stand anywhere":               {"--public-url u draw p --log-level=warn", "draw", drawn(func(a *all) { a.PublicURL = "u"; a.LogLevel = "warn" })},
		"flags stand around arguments":              {"draw --exact p --count 3", "draw", drawn(func(a *all) { a.Draw.Exact = true; a.Draw.Count = 3 })},
		"short flags, in each way of writing":       {"draw p -r a -rb -r=c -o -", "draw", drawn(func(a *all) { a.Draw.From = []string{"a", "b", "c"}; a.Draw.Output = "-" })},
		"lists at commas, but not at \\,":           {`draw p --from=a,b\,c`, "draw", drawn(func(a *all) { a.Draw.From = []string{"a", "b,c"} })},
		"a switch that is turned off":               {"draw p --exact=false", "draw", drawn(func(*all) {})},
		"a duration":                                {"draw p --timeout=1m", "draw", drawn(func(a *all) { a.Draw.Timeout = time.Minute })},
		"an empty choice that is allowed":           {"draw p --format=", "draw", drawn(func(*all) {})},
		"a value that begins with a dash":           {"draw p --output=-x", "draw", drawn(func(a *all) { a.Draw.Output = "-x" })},
		"an argument that begins with a dash":       {"draw -- -p", "draw", drawn(func(a *all) { a.Draw.Prompt = "-p" })},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, line := newLine()
			c, help, err := line.Parse(strings.Fields(tt.args))
			if err != nil || help {
				t.Fatalf("got help %v, error %v", help, err)
			}
			if c.Name != tt.command {
				t.Errorf("got command %s, want %s", c.Name, tt.command)
			}
			if diff := cmp.Diff(tt.want, *got, cmp.AllowUnexported(all{})); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"fly":                      "unexpected argument fly",
		"draw p q":                 "unexpected argument q",
		"serve x":                  "unexpected argument x",
		"draw":                     "expected <prompt>",
		"--fast":                   "unknown flag --fast",
		"-x":                       "unknown flag -x",
		"--count=1 draw p":         "unknown flag --count",
		"send":                     "missing flags: --to=TO,...",
		"draw p --output":          "--output needs a value (one that begins with a dash is written --output=-value)",
		"draw p --output --exact":  "--output needs a value (one that begins with a dash is written --output=-value)",
		"draw p --count=many":      `--count: "many" is not a whole number`,
		"draw p --exact=perhaps":   `--exact: "perhaps" is not true or false`,
		"draw p --timeout=3":       `--timeout: "3" is not a duration such as 3s or 1m30s`,
		"draw p --fit=stretch":     `--fit must be one of "cover","contain" but got "stretch"`,
		"draw p --format=webp":     `--format must be one of "jpeg","png" but got "webp"`,
		"send --to=a --to=b --to=": "",
	} {
		_, line := newLine()
		_, _, err := line.Parse(strings.Fields(args))
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", args, got, want)
		}
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"--help": `Usage: prog <command> [flags]

What it is for.

Flags:
  -h, --help    Show context-sensitive help.

Server
  --public-url=STRING    Address.
  --log-level=STRING     How much to log.

Commands:
  serve [flags]
    Serve.

  draw <prompt> [flags]
    Draw.

  send --to=TO,... [flags]
    Send.

Run "prog <command> --help" for more information on a command.
`,
		"draw -h": `Usage: prog draw <prompt> [flags]

Draw.

Arguments:
  <prompt>    What to draw.

Flags:
  -h, --help             Show context-sensitive help.
  -r, --from=FILE,...    Pictures to start from, as many as there are words to
                         say that this help is longer than one line.
      --count=1          How many.
      --exact            To the pixel.
      --fit="cover"      How.
      --format=STRING    Type.
      --timeout=3s       Patience.
  -o, --output=FILE      Where.

Server
  --public-url=STRING    Address.
  --log-level=STRING     How much to log.
`,
	} {
		_, line := newLine()
		c, help, err := line.Parse(strings.Fields(args))
		if err != nil || !help {
			t.Fatalf("%s: got help %v, error %v", args, help, err)
		}
		var b strings.Builder
		if err := line.WriteHelp(&b, c); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, b.String()); diff != "" {
			t.Errorf("%s (-want +got)\n%s", args, diff)
		}
	}
}
