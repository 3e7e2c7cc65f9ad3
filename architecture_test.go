// Package architecture checks which way the arrows run:
// cmd → adapters → imagechat.
package architecture

import (
	"encoding/json"
	"errors"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const module = "github.com/gemini-image-chat/gemini-image-chat/"

// goPackage is what `go list -json` says of a package.
type goPackage struct {
	ImportPath string
	Standard   bool
	Imports    []string
}

func listPackages(t *testing.T) map[string]goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Standard,Imports", "./...")
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("go list: %v\n%s", err, exit.Stderr)
		}
		t.Fatal(err)
	}
	packages := map[string]goPackage{}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages[p.ImportPath] = p
	}
}

// extras are third-party packages that a package of the library may use
// beside the standard library and golang.org/x.
var extras = map[string]string{
	"imagechat/imagechattest": "github.com/google/go-cmp/",
}

// complaint says why from must not import to, or "".
func complaint(from, to string, toStandard bool) string {
	from, to = strings.TrimPrefix(from, module), strings.TrimPrefix(to, module)
	switch layer, _, _ := strings.Cut(from, "/"); layer {
	case "imagechat":
		if layer, _, _ := strings.Cut(to, "/"); toStandard || layer == "imagechat" || strings.HasPrefix(to, "golang.org/x/") {
			return ""
		}
		if extra, ok := extras[from]; ok && strings.HasPrefix(to, extra) {
			return ""
		}
		return "the library uses the standard library and golang.org/x only"
	case "adapters":
		if strings.HasPrefix(to, "cmd/") {
			return "adapters do not know the program"
		}
		if strings.HasPrefix(to, "github.com/prometheus/") && from != "adapters/metrics" {
			return "metrics are counted in adapters/metrics only"
		}
		if !strings.HasPrefix(to, "adapters/") || to == "adapters/wire" {
			return ""
		}
		// adapters/gemini and adapters/gemini/geminitest are one adapter.
		if strings.Split(from, "/")[1] != strings.Split(to, "/")[1] {
			return "adapters do not know one another"
		}
	}
	return ""
}

func TestArrowsRunOneWay(t *testing.T) {
	t.Parallel()
	packages := listPackages(t)
	ours := 0
	for path, p := range packages {
		if !strings.HasPrefix(path, module) {
			continue
		}
		ours++
		for _, imported := range p.Imports {
			if why := complaint(path, imported, packages[imported].Standard || imported == "C"); why != "" {
				t.Errorf("%s imports %s: %s", path, imported, why)
			}
		}
	}
	if ours < 3 {
		t.Fatalf("go list found %d packages of ours; the check looked at nothing", ours)
	}
}

func TestTheRulesRefuseWhatTheyShould(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		from, to string
		standard bool
		refused  bool
	}{
		{"the library may use the standard library", "imagechat", "net/http", true, false},
		{"the library may use golang.org/x", "imagechat", "golang.org/x/image/draw", false, false},
		{"the library may not use an adapter", "imagechat", module + "adapters/memory", false, true},
		{"the library may not use others' packages", "imagechat", "github.com/uptrace/bun", false, true},
		{"finishing may not, either", "imagechat/finish", "github.com/klauspost/compress/zlib", false, true},
		{"an adapter may use the library", "adapters/demo", module + "imagechat", false, false},
		{"an adapter may not use another", "adapters/demo", module + "adapters/memory", false, true},
		{"adapters may share JSON shapes", "adapters/humaapi", module + "adapters/wire", false, false},
		{"the metrics may count for Prometheus", "adapters/metrics", "github.com/prometheus/client_golang/prometheus", false, false},
		{"an API may not count by itself", "adapters/humaapi", "github.com/prometheus/client_golang/prometheus", false, true},
		{"an adapter may use its own part", "adapters/gemini/geminitest", module + "adapters/gemini", false, false},
		{"an adapter may not use the program", "adapters/demo", module + "cmd/imagechat", false, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := complaint(module+test.from, test.to, test.standard) != ""; got != test.refused {
				t.Errorf("refused = %v, want %v", got, test.refused)
			}
		})
	}
}

func TestOnlyAppKnowsFx(t *testing.T) {
	t.Parallel()
	for path, p := range listPackages(t) {
		for _, imported := range p.Imports {
			if strings.HasPrefix(imported, "go.uber.org/fx") && strings.HasPrefix(path, module) && path != module+"cmd/imagechat" {
				t.Errorf("%s imports fx; only cmd/imagechat may", path)
			}
		}
	}
	files, err := filepath.Glob("cmd/imagechat/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("found %d files, %v", len(files), err)
	}
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range f.Imports {
			if strings.HasPrefix(i.Path.Value, `"go.uber.org/fx`) && filepath.Base(file) != "app.go" {
				t.Errorf("%s imports fx; only app.go may", file)
			}
		}
	}
}
