package imagechat

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// found is what every repository does with keys.
func found(text, query string) bool {
	t := SearchText(text)
	for _, k := range SearchKeys(query) {
		if !strings.Contains(t, k) {
			return false
		}
	}
	return true
}

func TestSearchFindsWhatAPersonMeans(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text, query string
		want              bool
	}{
		{"a whole word", "따뜻한 조명 아래", "조명", true},
		{"a half-typed syllable", "조명", "조ㅁ", true},
		{"a syllable without its final yet", "조명", "조며", true},
		{"a vowel on its way to a compound", "과일", "고", true},
		{"a final on its way to a compound", "값싼", "갑", true},
		{"initial consonants", "따뜻한 조명", "ㅈㅁ", true},
		{"initial consonants in the middle of a word", "자연조명등", "ㅈㅁ", true},
		{"initials that the keyboard joined", "가수", "ㄳ", true},
		{"initials do not match across words", "소주 맛집", "ㅈㅁ", false},
		{"initials do not match a final and an initial", "잊마", "ㅈㅁ", false},
		{"letters written alone", "재밌다 ㅋㅋㅋ", "ㅋㅋ", true},
		{"initials in another order", "명조", "ㅈㅁ", false},
		{"decomposed text", "\u110c\u1169\u1106\u1167\u11bc", "조명", true},
		{"decomposed query", "조명", "\u110c\u1169\u1106\u1167\u11bc", true},
		{"letter case", "Summer SALE", "sale", true},
		{"German sharp s", "STRASSE", "straße", true},
		{"accents composed otherwise", "cafe\u0301", "CAFÉ", true},
		{"several words in any order", "여름 바다 세일", "세일 여름", true},
		{"several words, one missing", "여름 바다", "여름 겨울", false},
		{"white space does not count", "여름\t\n세일", "  여름   세일 ", true},
		{"an empty query finds all", "여름", " ", true},
		{"per cent and underscore are themselves", "100% off_now", "0% f_n", true},
		{"per cent is no wildcard", "100 off", "1%f", false},
		{"emoji", "여름 🏖️ 세일", "🏖️", true},
		{"a word that is not there", "여름", "겨울", false},
		{"NUL ends nothing", "a\x00조명", "조명", true},
		{"invalid UTF-8 hides nothing", "\xff\xfe조명", "조명", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := found(tt.text, tt.query); got != tt.want {
				t.Errorf("search for %q in %q: got %v, want %v\ntext %q\nkeys %q",
					tt.query, tt.text, got, tt.want, SearchText(tt.text), SearchKeys(tt.query))
			}
		})
	}
}

func TestSearchText(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"empty", "", ""},
		{"without Hangul there are no initials", "Big  Sale", "big sale"},
		{"a word", "조명", "ㅈㅗㅁㅕㅇ\n\u110c\u1106"},
		{"two words", "새 조명!", "ㅅㅐ ㅈㅗㅁㅕㅇ!\n\u1109 \u110c\u1106"},
		{"compounds are spelled by key", "값 과", "ㄱㅏㅂㅅ ㄱㅗㅏ\n\u1100 \u1100"},
		{"control characters are white space", "a\x00b\nc", "a b c"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := SearchText(tt.in); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestSearchKeys(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in string
		want     []string
	}{
		{"nothing", " \t", nil},
		{"words, each once", "Sale sale 조명", []string{"sale", "ㅈㅗㅁㅕㅇ"}},
		{"initials", "ㅈㅁ", []string{"\u110c\u1106"}},
		{"initials with a digit are spelled", "ㅈ1", []string{"ㅈ1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, SearchKeys(tt.in)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func FuzzSearch(f *testing.F) {
	for _, s := range []string{"조명", "ㅈㅁ", "a\x00b", "\xff", "İstanbul", "ǰ", "\u1106\u1167", "값 과 ㄳ", "ﬃ", "\u1112\u11ab"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text := SearchText(s)
		if !utf8.ValidString(text) {
			t.Fatalf("SearchText(%q) = %q is not UTF-8", s, text)
		}
		if i := strings.IndexFunc(text, unicode.IsControl); i >= 0 && strings.Count(text, "\n") != 1 {
			t.Fatalf("SearchText(%q) = %q has control characters", s, text)
		}
		for _, k := range SearchKeys(s) {
			if k == "" || strings.ContainsFunc(k, unicode.IsSpace) {
				t.Fatalf("SearchKeys(%q) has the key %q", s, k)
			}
		}
		if !found(s, s) {
			t.Fatalf("%q does not find itself: text %q, keys %q", s, text, SearchKeys(s))
		}
	})
}
