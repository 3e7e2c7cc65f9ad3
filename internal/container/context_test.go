package container

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// An ignoreRule is one line of .dockerignore; the last that matches decides.
// https://docs.docker.com/build/concepts/context/#dockerignore-files
type ignoreRule struct {
	pattern string
	keep    bool
}

func readIgnore(text string) []ignoreRule {
	var rules []ignoreRule
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		pattern, keep := strings.CutPrefix(line, "!")
		rules = append(rules, ignoreRule{pattern, keep})
	}
	return rules
}

// matches reports whether the rule names the file or a directory above it.
func (r ignoreRule) matches(file string) bool {
	anywhere, ok := strings.CutPrefix(r.pattern, "**/")
	parts := strings.Split(file, "/")
	for i := range parts {
		if ok {
			if match, _ := path.Match(anywhere, parts[i]); match {
				return true
			}
		} else if match, _ := path.Match(r.pattern, strings.Join(parts[:i+1], "/")); match {
			return true
		}
	}
	return false
}

// copyContext copies what the builder would be sent.
func copyContext(from, to string) error {
	text, err := os.ReadFile(filepath.Join(from, ".dockerignore"))
	if err != nil {
		return err
	}
	rules := readIgnore(string(text))
	return filepath.WalkDir(from, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git") {
			return fs.SkipDir
		}
		kept := true
		for _, r := range rules {
			if r.matches(filepath.ToSlash(rel)) {
				kept = r.keep
			}
		}
		if !kept || !d.Type().IsRegular() {
			return nil
		}
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		return os.WriteFile(target, content, 0o644)
	})
}
