package container

import (
	"bufio"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// An instruction is one line of a Dockerfile, continuation lines joined.
type instruction struct{ Name, Args string }

func readDockerfile(t *testing.T) []instruction {
	t.Helper()
	raw, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	var list []instruction
	for line := range strings.SplitSeq(strings.ReplaceAll(string(raw), "\\\n", " "), "\n") {
		name, args, _ := strings.Cut(strings.TrimSpace(line), " ")
		if name != "" && !strings.HasPrefix(name, "#") {
			list = append(list, instruction{strings.ToUpper(name), strings.Join(strings.Fields(args), " ")})
		}
	}
	return list
}

// final returns the instructions of the last stage, its FROM first.
func final(list []instruction) []instruction {
	last := 0
	for i, in := range list {
		if in.Name == "FROM" {
			last = i
		}
	}
	return list[last:]
}

func argsOf(list []instruction, name string) []string {
	var all []string
	for _, in := range list {
		if in.Name == name {
			all = append(all, in.Args)
		}
	}
	return all
}

// imageEnv is what the image's ENV lines set.
func imageEnv(list []instruction) map[string]string {
	env := map[string]string{}
	for _, args := range argsOf(list, "ENV") {
		for pair := range strings.FieldsSeq(args) {
			k, v, _ := strings.Cut(pair, "=")
			env[k] = v
		}
	}
	return env
}

var digest = regexp.MustCompile(`^\S+:\S+@sha256:[0-9a-f]{64}$`)

func TestDockerfileRules(t *testing.T) {
	t.Parallel()
	list := readDockerfile(t)
	image := final(list)

	for _, from := range argsOf(list, "FROM") {
		fields := strings.Fields(from)
		for strings.HasPrefix(fields[0], "--") {
			fields = fields[1:]
		}
		if !digest.MatchString(fields[0]) {
			t.Errorf("FROM %s: pin the base by tag and digest", fields[0])
		}
	}
	if base := argsOf(image, "FROM")[0]; !strings.Contains(base, "distroless/static") {
		t.Errorf("the image's base is %s, want distroless static: no shell, no package manager", base)
	}
	if run := argsOf(image, "RUN"); len(run) > 0 {
		t.Errorf("the image runs %q while it is built; it has no shell for that", run)
	}
	if copied := argsOf(image, "COPY"); len(copied) != 1 || !strings.HasPrefix(copied[0], "--from=build ") {
		t.Errorf("the image copies %q, want the program from the build stage and nothing else", copied)
	}
	for _, name := range []string{"ENTRYPOINT", "HEALTHCHECK"} {
		if args := argsOf(image, name); len(args) != 1 || !strings.Contains(args[0], `["/imagechat"`) {
			t.Errorf("%s %q: want the exec form of /imagechat, so that signals and exit codes arrive", name, args)
		}
	}
	if got := argsOf(image, "STOPSIGNAL"); len(got) != 1 || got[0] != "SIGTERM" {
		t.Errorf("STOPSIGNAL %q, want SIGTERM", got)
	}
	if got := imageEnv(image)["RUN_AS"]; got != "65532:65532" {
		t.Errorf("RUN_AS=%q: the program must leave root for 65532", got)
	}
	for _, in := range list {
		if in.Name == "ADD" || strings.Contains(in.Args, "curl ") || strings.Contains(in.Args, "wget ") {
			t.Errorf("%s %s: nothing is fetched but Go modules", in.Name, in.Args)
		}
		if k := strings.ToUpper(in.Args); (in.Name == "ENV" || in.Name == "ARG") && (strings.Contains(k, "KEY") || strings.Contains(k, "TOKEN") || strings.Contains(k, "SECRET")) {
			t.Errorf("%s %s: secrets don't belong in an image", in.Name, in.Args)
		}
	}
	if build := strings.Join(argsOf(list, "RUN"), "\n"); !strings.Contains(build, "CGO_ENABLED=0") || !strings.Contains(build, "-trimpath") {
		t.Errorf("the build is %q, want CGO_ENABLED=0 (the base has no libc) and -trimpath", build)
	}
}

func TestTheDeployPageTellsTheImageWhatItIs(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/deploy.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range argsOf(readDockerfile(t), "ARG") {
		name, _, _ := strings.Cut(args, "=")
		if strings.HasPrefix(name, "TARGET") {
			continue // the builder's own
		}
		// Two deploys on Fly, and docker build.
		if n := strings.Count(string(page), "--build-arg "+name+"="); n != 3 {
			t.Errorf("docs/deploy.md gives %s in %d commands, want 3", name, n)
		}
	}
}

func TestDockerignoreLetsNothingPrivateIn(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../.dockerignore")
	if err != nil {
		t.Fatal(err)
	}
	rules := map[string]bool{}
	first := ""
	for line := range strings.Lines(string(raw)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			if first == "" {
				first = line
			}
			rules[line] = true
		}
	}
	if first != "*" {
		t.Errorf("the first rule is %q, want * so that new files stay out unless they are let in", first)
	}
	for _, private := range []string{"!.env", "!.git", "!data", "!*"} {
		if rules[private] {
			t.Errorf("%s lets private files into the build", private)
		}
	}
}

// flySetting returns the values of a key in a table of fly.toml, which is
// plain enough to be read line by line.
func readFly(t *testing.T) map[string]map[string]string {
	t.Helper()
	f, err := os.Open("../../fly.toml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	tables, table := map[string]map[string]string{"": {}}, ""
	for s := bufio.NewScanner(f); s.Scan(); {
		line := strings.TrimSpace(s.Text())
		switch k, v, ok := strings.Cut(line, " = "); {
		case strings.HasPrefix(line, "["):
			table = strings.Trim(line, "[]")
			tables[table] = map[string]string{}
		case ok && !strings.HasPrefix(line, "#"):
			tables[table][k] = strings.Trim(v, `"`)
		}
	}
	return tables
}

func TestFlyMachineFitsTheProgram(t *testing.T) {
	t.Parallel()
	fly := readFly(t)
	env := fly["env"]
	tests := []struct{ name, got, want string }{
		{"the app has its name", fly[""]["app"], "gemini-image-chat"},
		{"it runs in Tokyo", fly[""]["primary_region"], "nrt"},
		{"it is stopped by the signal that drains", fly[""]["kill_signal"], "SIGTERM"},
		{"the proxy goes where the program listens", fly["http_service"]["internal_port"], env["PORT"]},
		{"the program listens beyond loopback", env["HOST"], "0.0.0.0"},
		{"a machine is stopped, never suspended in the middle of a call", fly["http_service"]["auto_stop_machines"], "stop"},
		{"the check asks for health", fly["http_service.checks"]["path"], "/health"},
		{"the volume is where the data goes", fly["mounts"]["destination"], "/data"},
		{"it has 512 MB", fly["vm"]["memory"], "512mb"},
		{"a new release replaces the machine that has the volume", fly["deploy"]["strategy"], "rolling"},
	}
	for _, test := range tests {
		if test.got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, test.got, test.want)
		}
	}
	for _, name := range []string{"DATABASE_URL", "BLOB_URL"} {
		if !strings.Contains(env[name], "/data/app/") {
			t.Errorf("%s=%q is not in a sub-directory of the volume, beside lost+found", name, env[name])
		}
	}
	if env["GOMEMLIMIT"] == "" {
		t.Error("GOMEMLIMIT is not set")
	}
	for k := range env {
		if strings.Contains(k, "KEY") || strings.Contains(k, "TOKEN") {
			t.Errorf("%s stands in fly.toml; it belongs into fly secrets", k)
		}
	}
	drain, err := time.ParseDuration(env["DRAIN_TIMEOUT"])
	if err != nil {
		t.Fatal(err)
	}
	// Two farewells of 5 s follow the drain.
	if kill, err := strconv.Atoi(fly[""]["kill_timeout"]); err != nil || time.Duration(kill)*time.Second < drain+10*time.Second {
		t.Errorf("kill_timeout %q leaves no room after DRAIN_TIMEOUT %s", fly[""]["kill_timeout"], drain)
	}
	call, err := time.ParseDuration(env["TURN_TIMEOUT"])
	if err != nil || call > drain {
		t.Errorf("a call of %s may outlast the drain of %s", call, drain)
	}
}
