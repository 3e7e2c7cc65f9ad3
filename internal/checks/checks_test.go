package checks

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const (
	// advisory is about a function that checkedPackage surely calls.
	advisory = `{"schema_version":"1.3.1","id":"GO-2099-0001","modified":"2099-01-02T00:00:00Z","published":"2099-01-01T00:00:00Z",
		"summary":"Stand-in in encoding/json","details":"Stand-in.","affected":[{"package":{"name":"stdlib","ecosystem":"Go"},
		"ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}],
		"ecosystem_specific":{"imports":[{"path":"encoding/json","symbols":["Marshal","Unmarshal","Encoder.Encode","Decoder.Decode"]}]}}],
		"database_specific":{"url":"https://pkg.go.dev/vuln/GO-2099-0001","review_status":"REVIEWED"}}`
	// otherAdvisory is about a module that nothing here uses.
	otherAdvisory = `{"schema_version":"1.3.1","id":"GO-2099-0002","modified":"2099-01-02T00:00:00Z","published":"2099-01-01T00:00:00Z",
		"summary":"Stand-in","details":"Stand-in.","affected":[{"package":{"name":"example.com/other","ecosystem":"Go"},
		"ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}]}],
		"database_specific":{"url":"https://pkg.go.dev/vuln/GO-2099-0002","review_status":"REVIEWED"}}`
	checkedPackage = "./adapters/wire"
	nobodyHome     = "http://127.0.0.1:1"
)

// check runs the steps of scripts/check.sh whose name has the word in it.
func check(t *testing.T, word string, env ...string) (output string, ok bool) {
	t.Helper()
	cmd := exec.Command("bash", "../../scripts/check.sh", word)
	// Go's build cache is this test's own environment; the rest is the step's.
	cmd.Env = append(os.Environ(), append(env, "CHECK_OUT="+t.TempDir(), "CHECK_PACKAGES="+checkedPackage)...)
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return string(out), err == nil
}

func TestKnownVulnerabilitiesInGo(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		entry string
		ok    bool
		says  []string
	}{
		"a database that knows of nothing in use": {otherAdvisory, true, []string{"DB updated: 2099-01-02", "No vulnerabilities found"}},
		"an advisory on what is called":           {advisory, false, []string{"GO-2099-0001", "FAILED"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			writeEntry(t, folder, tt.entry)
			out, ok := check(t, "vulnerabilities in Go", "GOVULNDB=file://"+folder)
			expect(t, out, ok, tt.ok, tt.says...)
		})
		t.Run(name+" and is had as a module", func(t *testing.T) {
			t.Parallel()
			out, ok := check(t, "vulnerabilities in Go", "GOVULNDB="+nobodyHome,
				"GOPROXY=file://"+moduleProxy(t, tt.entry), "GONOSUMDB=golang.org/x/vulndb")
			expect(t, out, ok, tt.ok, append(tt.says, "did not answer")...)
		})
	}
	t.Run("no database and no module", func(t *testing.T) {
		t.Parallel()
		out, ok := check(t, "vulnerabilities in Go", "GOVULNDB="+nobodyHome, "GOPROXY=file://"+t.TempDir())
		expect(t, out, ok, false, "can be had", "FAILED")
	})
}

// writeEntry puts one OSV file where govulncheck reads a folder of them.
func writeEntry(t *testing.T, folder, entry string) {
	t.Helper()
	id := entry[strings.Index(entry, "GO-"):][:len("GO-2099-0001")]
	if err := os.WriteFile(filepath.Join(folder, id+".json"), []byte(entry), 0o600); err != nil {
		t.Fatal(err)
	}
}

// moduleProxy makes a module proxy's folder that has golang.org/x/vulndb with
// one entry in it, laid out as the real one is.
func moduleProxy(t *testing.T, entry string) string {
	t.Helper()
	const version = "v0.0.0-20990102000000-0123456789ab"
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	for name, text := range map[string]string{
		"go.mod":                     "module golang.org/x/vulndb\n",
		"data/osv/GO-2099-0001.json": entry,
	} {
		if strings.Contains(entry, "GO-2099-0002") {
			name = strings.Replace(name, "0001", "0002", 1)
		}
		w, err := z.Create("golang.org/x/vulndb@" + version + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	dir := filepath.Join(root, "golang.org", "x", "vulndb", "@v")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"list":            version + "\n",
		version + ".info": fmt.Sprintf(`{"Version":%q,"Time":"2099-01-02T00:00:00Z"}`, version),
		version + ".mod":  "module golang.org/x/vulndb\n",
		version + ".zip":  packed.String(),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// An npm registry stand-in speaks npm's bulk advisory format: a POST of
// {"name":["version",…]}, answered with {"name":[advisory,…]}.
func npmRegistry(t *testing.T, severity string) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch {
		case r.Method == http.MethodPost && r.URL.Path == "/-/npm/v1/security/advisories/bulk":
			if severity == "" {
				fmt.Fprint(w, `{}`)
				return
			}
			fmt.Fprintf(w, `{"react":[{"id":1,"url":"https://example.com/1","title":"Stand-in","severity":%q,"vulnerable_versions":">=0"}]}`, severity)
		case r.Method == http.MethodGet:
			// Asked to see which versions are affected; there are none to move to.
			fmt.Fprintf(w, `{"name":%q,"dist-tags":{},"versions":{}}`, strings.TrimPrefix(r.URL.Path, "/"))
		default:
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		}
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

func TestKnownVulnerabilitiesInNpmPackages(t *testing.T) {
	t.Parallel()
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
	}))
	t.Cleanup(refusing.Close)
	tests := map[string]struct {
		registry string
		ok       bool
		says     []string
	}{
		"a registry that knows of nothing":    {npmRegistry(t, ""), true, []string{"found 0 vulnerabilities"}},
		"a low advisory":                      {npmRegistry(t, "low"), true, []string{"react", "low severity"}},
		"a high advisory":                     {npmRegistry(t, "high"), false, []string{"react", "high severity", "FAILED"}},
		"a registry that refuses to be asked": {refusing.URL, false, []string{"FAILED"}},
		"no registry":                         {nobodyHome, false, []string{"FAILED"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, ok := check(t, "npm packages", "npm_config_registry="+tt.registry+"/",
				"npm_config_cache="+t.TempDir(), "npm_config_fetch_retries=0")
			expect(t, out, ok, tt.ok, tt.says...)
		})
	}
}

func expect(t *testing.T, output string, got, want bool, says ...string) {
	t.Helper()
	if got != want {
		t.Errorf("passed: %v, want %v\n%s", got, want, output)
	}
	for _, text := range says {
		if !strings.Contains(output, text) {
			t.Errorf("does not say %q\n%s", text, output)
		}
	}
}
