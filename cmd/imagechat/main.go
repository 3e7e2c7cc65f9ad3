// Command imagechat makes marketing images by conversation: a server with a
// web app, a REST and WebSocket API, and the tools to look after it.
//
// Exit codes: 0 done, 1 failed, 2 wrong usage, 3 bad configuration,
// 4 a server that was asked for did not answer. Data goes to standard output,
// talk to standard error.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/gemini-image-chat/gemini-image-chat/cmd/imagechat/internal/commandline"
)

// Exit codes; scripts rely on them.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitConfig      = 3
	exitUnavailable = 4
)

// errUnavailable marks an error that means "nobody answered".
var errUnavailable = errors.New("unavailable")

// errUsage marks an error of the person who typed the command.
var errUsage = errors.New("wrong usage")

// cli is the command line.
type cli struct {
	settings

	Serve       serveCmd       `cmd:"" default:"withargs" help:"Serve the web app and the API (the default)."`
	Generate    generateCmd    `cmd:"" help:"Draw one picture from the command line, without a server."`
	Export      exportCmd      `cmd:"" help:"Fetch a ZIP of exact sizes from a running server."`
	Backup      backupCmd      `cmd:"" help:"Write database and images into one file, also while the server runs."`
	Verify      verifyCmd      `cmd:"" help:"Check a backup without restoring it."`
	Restore     restoreCmd     `cmd:"" help:"Put a backup into empty data directories."`
	MCP         mcpCmd         `cmd:"" name:"mcp" help:"Serve an agent on standard input and output (Model Context Protocol)."`
	Doctor      doctorCmd      `cmd:"" help:"Check settings, key, database, disk and images."`
	GC          gcCmd          `cmd:"" name:"gc" help:"Delete images that nothing has referred to for a day, and empty the trash."`
	Adopt       adoptCmd       `cmd:"" help:"Declare that the database and the images belong together."`
	Owners      ownersCmd      `cmd:"" help:"List whose data there are, or hand them to another login."`
	OpenAPI     openapiCmd     `cmd:"" name:"openapi" help:"Print the API's document."`
	Finish      finishCmd      `cmd:"" help:"Finish a picture on disk to exact pixels, without a server."`
	Purposes    purposesCmd    `cmd:"" help:"List what pictures can be made for."`
	VerifyMedia verifyMediaCmd `cmd:"" name:"verify-media" help:"Tell what a picture says of itself (C2PA): who signed it, what was done, whether it is intact."`
	Version     versionCmd     `cmd:"" help:"Print the version."`
	Healthcheck healthcheckCmd `cmd:"" help:"Ask a running server whether it is healthy (for containers)."`
}

const about = "Make marketing images by conversation.\n\nEvery setting is an environment variable, too; a .env file in the working directory is read.\nSecrets come from there only, never from a flag: GEMINI_API_KEY, AUTH_TOKENS\n(name:secret[,name:secret…]), METRICS_TOKEN; or from files: GEMINI_API_KEY_FILE and so on."

// A runnable is what each of cli's commands is. It is called through this
// interface, not by its name: see package commandline.
type runnable interface{ Run(p *program) error }

// program is what a command gets to work with. It stands for the process, so
// that tests run commands without one.
type program struct {
	Stdout io.Writer
	Stderr io.Writer
	Lookup func(string) (string, bool) // the environment
	Dir    string                      // where .env is looked for

	settings layered
	agent    *mcpCmd // of imagechat mcp
}

// config parses the settings; commands that need none never fail on them.
func (p *program) config() (config, error) {
	c, err := parseConfig(p.settings)
	// Fly's proxy overwrites the header; nobody else's word is taken for it.
	if app, _ := p.Lookup("FLY_APP_NAME"); app != "" {
		c.ClientAddressHeader = "Fly-Client-IP"
	}
	return c, err
}

func main() {
	p := &program{Stdout: os.Stdout, Stderr: os.Stderr, Lookup: os.LookupEnv, Dir: "."}
	os.Exit(p.run(os.Args[1:]))
}

// run executes one command line and returns the exit code.
func (p *program) run(args []string) int {
	var c cli
	line := commandline.New("imagechat", about, &c)
	sayWhereSettingsComeFrom(line.Flags)
	chosen, err := line.Parse(p.Stdout, args)
	if err != nil {
		fmt.Fprintf(p.Stderr, "imagechat: %v\nTry: imagechat --help\n", err)
		return exitUsage
	}
	if chosen == nil {
		return exitOK
	}
	dotenv, err := readDotEnv(p.Dir)
	if err != nil {
		fmt.Fprintf(p.Stderr, "imagechat: %v\n", err)
		return exitConfig
	}
	if p.settings, err = layer(line.Flags, p.Lookup, dotenv); err != nil {
		return p.report(err)
	}
	return p.report(chosen.(runnable).Run(p))
}

// report prints an error on one line and turns it into an exit code.
func (p *program) report(err error) int {
	if err == nil {
		return exitOK
	}
	fmt.Fprintf(p.Stderr, "imagechat: %v\n", err)
	var bad *configError
	switch {
	case errors.As(err, &bad):
		return exitConfig
	case errors.Is(err, errUsage):
		return exitUsage
	case errors.Is(err, errUnavailable):
		return exitUnavailable
	default:
		return exitFailed
	}
}

// sayWhereSettingsComeFrom adds each flag's environment variable and default to its help.
func sayWhereSettingsComeFrom(flags []*commandline.Flag) {
	for _, flag := range flags {
		name := flag.Tag.Get("from")
		if name == "" {
			continue
		}
		flag.Usage += " ($" + name
		if preset := flag.Tag.Get("preset"); preset != "" {
			flag.Usage += ", default " + preset
		}
		flag.Usage += ")"
	}
}
