package container

import (
	"os"
	"os/exec"
	"path"
	"strings"
	"testing"
)

// ecosystems are the bot's names for what a file pins.
var ecosystems = map[string]string{"go.mod": "gomod", "package-lock.json": "npm", "Dockerfile": "docker"}

// TestEveryPinIsLookedAt asks that the bot for dependencies knows each folder
// that pins something: a pin that nobody looks at is an advisory that nobody reads.
func TestEveryPinIsLookedAt(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../.github/dependabot.yml")
	if err != nil {
		t.Fatal(err)
	}
	watched := map[string]string{} // the settings of each ecosystem
	for part := range strings.SplitSeq(string(raw), "- package-ecosystem: ") {
		name, rest, _ := strings.Cut(part, "\n")
		watched[name] = rest
	}
	files, err := exec.Command("git", "-C", "../..", "ls-files").Output()
	if err != nil {
		t.Fatal(err)
	}
	pins := 0
	for file := range strings.FieldsSeq(string(files)) {
		ecosystem, ok := ecosystems[path.Base(file)]
		if !ok {
			continue
		}
		pins++
		folder := "/" + strings.TrimPrefix(path.Dir(file), ".")
		if !strings.Contains(watched[ecosystem], `"`+folder+`"`) && !strings.Contains(watched[ecosystem], "directory: "+folder+"\n") {
			t.Errorf("%s: dependabot.yml has no %s for %s", file, ecosystem, folder)
		}
	}
	if pins < 4 {
		t.Fatalf("git knows %d files with pins; the check looked at nothing", pins)
	}
}

// TestTheCompilerOfReleasesIsTheOneOfGoMod asks that the image is built by the
// compiler that go.mod names: its base may have an older one with known faults.
func TestTheCompilerOfReleasesIsTheOneOfGoMod(t *testing.T) {
	t.Parallel()
	module, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(module), "\ntoolchain go1.") {
		t.Fatal("go.mod names no toolchain")
	}
	for _, env := range argsOf(readDockerfile(t), "ENV") {
		if env == "GOTOOLCHAIN=auto" {
			return
		}
	}
	t.Error("the build stage sets no GOTOOLCHAIN=auto, and Go's own image sets local: go.mod's toolchain is passed over")
}
