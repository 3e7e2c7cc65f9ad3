package wire

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestSentencesUseTheWordsOfTheGlossary reads every sentence for people that
// the program's source holds, wherever it stands.
func TestSentencesUseTheWordsOfTheGlossary(t *testing.T) {
	t.Parallel()
	const root = "../.."
	unwanted := map[string][]string{"KO": glossary(t, root, "Korean"), "EN": glossary(t, root, "English")}
	sentence := regexp.MustCompile(`\b(KO|EN): *("(?:[^"\\\n]|\\.)*")`)
	seen := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git" || d.Name() == "web") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range sentence.FindAllStringSubmatch(string(source), -1) {
			text, err := strconv.Unquote(m[2])
			if err != nil {
				return err
			}
			seen++
			for _, word := range unwanted[m[1]] {
				if strings.Contains(strings.ToLower(text), word) {
					t.Errorf("%s: %q has %q; see docs/words.md", path, text, word)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 200 {
		t.Errorf("only %d sentences were read", seen)
	}
}

// glossary lists the words of a language's table that are not used.
func glossary(t *testing.T, root, language string) []string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(root, "docs", "words.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "## "+language)
	section, _, _ = strings.Cut(section, "\n## ")
	var words []string
	for line := range strings.SplitSeq(section, "\n") {
		cells := strings.Split(line, "|")
		if len(cells) < 5 || strings.HasPrefix(cells[1], "---") || strings.TrimSpace(cells[3]) == "not" {
			continue
		}
		for word := range strings.SplitSeq(cells[3], ",") {
			words = append(words, strings.ToLower(strings.TrimSpace(word)))
		}
	}
	if len(words) < 10 {
		t.Fatalf("the table of %s has only %d words", language, len(words))
	}
	return words
}
