package commandline_test

import (
	"io"
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
	From    []string      `short:"r" help:"Pictures to start from, as many as there are words to say that this help is longer than one line."`
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
		"lists at commas, but not at quoted ones":   {`draw p --from=a,"b,c"`, "draw", drawn(func(a *all) { a.Draw.From = []string{"a", "b,c"} })},
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
			c, err := line.Parse(io.Discard, strings.Fields(tt.args))
			if err != nil {
				t.Fatal(err)
			}
			if want := map[string]any{"serve": &got.Serve, "draw": &got.Draw}[tt.command]; c != want {
				t.Errorf("got command %T, want %s", c, tt.command)
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
		"fly":                      `unknown command "fly" for "prog"`,
		"drew p":                   "Did you mean this?\n\tdraw\n",
		"draw p q":                 "unexpected argument q",
		"serve x":                  "unexpected argument x",
		"draw":                     "expected <prompt>",
		"--fast":                   "unknown flag: --fast",
		"-x":                       "unknown shorthand flag: 'x' in -x",
		"--count=1 serve":          "unknown flag: --count",
		"send":                     `required flag(s) "to" not set`,
		"draw p --output":          "flag needs an argument: --output",
		"draw p --count=many":      `invalid argument "many" for "--count" flag`,
		"draw p --exact=perhaps":   `invalid argument "perhaps" for "--exact" flag`,
		"draw p --timeout=3":       `invalid argument "3" for "--timeout" flag: time: missing unit`,
		"draw p --fit=stretch":     `invalid argument "stretch" for "--fit" flag: it must be one of cover, contain`,
		"draw p --format=webp":     `invalid argument "webp" for "--format" flag: it must be one of jpeg, png`,
		"send --to=a --to=b --to=": "",
	} {
		_, line := newLine()
		_, err := line.Parse(io.Discard, strings.Fields(args))
		got := ""
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, want) || (want == "") != (got == "") {
			t.Errorf("%q: got %q, want %q", args, got, want)
		}
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"--help": `What it is for.

Usage:
  prog [flags]
  prog [command]

Commands:
  completion  Generate the autocompletion script for the specified shell
  draw        Draw.
  help        Help about any command
  send        Send.
  serve       Serve.

Flags:
  -h, --help   help for prog

Server:
      --public-url string   Address.
      --log-level string    How much to log.
`,
		"draw -h": `Draw.

Arguments:
  <prompt>    What to draw.

Usage:
  prog draw <prompt> [flags]

Flags:
  -r, --from strings       Pictures to start from, as many as there are
                           words to say that this help is longer than one line.
      --count int          How many. (default 1)
      --exact              To the pixel.
      --fit string         How. (default "cover")
      --format string      Type.
      --timeout duration   Patience. (default 3s)
  -o, --output FILE        Where.
  -h, --help               help for draw

Server:
      --public-url string   Address.
      --log-level string    How much to log.
`,
	} {
		_, line := newLine()
		var b strings.Builder
		c, err := line.Parse(&b, strings.Fields(args))
		if err != nil || c != nil {
			t.Fatalf("%s: got command %v, error %v", args, c, err)
		}
		if diff := cmp.Diff(want, b.String()); diff != "" {
			t.Errorf("%s (-want +got)\n%s", args, diff)
		}
	}
}
