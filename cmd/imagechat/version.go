package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
)

// version and revision are set by the linker for releases, where the source
// may come without its history: -X main.version=1.2.3 -X main.revision=4f0a….
var version, revision = "", ""

// build says what this binary is.
type build struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Modified bool   `json:"modified,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

// currentBuild reads the version from the linker, else from what `go install
// module@version` records.
func currentBuild() build {
	b := build{Version: version, Revision: revision, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if b.Version == "" && info.Main.Version != "(devel)" {
		b.Version = info.Main.Version
	}
	if b.Version == "" {
		b.Version = "dev"
	}
	if b.Revision == "" {
		b.Revision = buildSetting("vcs.revision")
		b.Modified = buildSetting("vcs.modified") == "true"
	}
	return b
}

// buildSetting returns what the Go tool recorded about the build.
func buildSetting(key string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == key {
			return s.Value
		}
	}
	return ""
}

type versionCmd struct {
	JSON bool `name:"json" help:"As JSON."`
}

// Run prints the version.
func (c *versionCmd) Run(p *program) error {
	b := currentBuild()
	if c.JSON {
		return json.NewEncoder(p.Stdout).Encode(b)
	}
	_, err := fmt.Fprintf(p.Stdout, "imagechat %s (%s, %s)\n", b.Version, b.Go, b.Platform)
	return err
}
