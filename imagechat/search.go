package imagechat

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Search works on substrings of a folded form of the text, so that every
// repository finds the same things with the plainest of operations.
//
// Hangul is spelled out in the letters that a keyboard types (compatibility
// jamo, U+3131–U+3163): "조명" becomes ㅈㅗㅁㅕㅇ, and "조ㅁ", half typed, is a
// substring of it. The initial consonants follow on a line of their own, in
// letters of another block (U+1100–U+1112) so that they never match by
// accident: "ㅈㅁ" finds "조명", and "ㅈ" followed by "ㅁ" at a syllable's
// border ("잊마") is not taken for it.

// initialsMark separates the spelled-out text from its initial consonants. It
// can be part of no key, since white space never is.
const initialsMark = '\n'

const (
	hangulFirst  = 0xAC00 // 가
	hangulLast   = 0xD7A3 // 힣
	hangulVowels = 21
	hangulFinals = 28 // the first is none
	choseong     = 0x1100
)

// The letters of a syllable in the order of Unicode's Hangul arithmetic
// (The Unicode Standard, §3.12). Compound vowels and finals are given as the
// keys that type them, so that a half-typed syllable is a prefix of the whole.
var (
	initialLetters = []rune("ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ")
	vowelLetters   = []string{
		"ㅏ", "ㅐ", "ㅑ", "ㅒ", "ㅓ", "ㅔ", "ㅕ", "ㅖ", "ㅗ", "ㅗㅏ", "ㅗㅐ", "ㅗㅣ", "ㅛ",
		"ㅜ", "ㅜㅓ", "ㅜㅔ", "ㅜㅣ", "ㅠ", "ㅡ", "ㅡㅣ", "ㅣ",
	}
	finalLetters = []string{
		"", "ㄱ", "ㄲ", "ㄱㅅ", "ㄴ", "ㄴㅈ", "ㄴㅎ", "ㄷ", "ㄹ", "ㄹㄱ", "ㄹㅁ", "ㄹㅂ", "ㄹㅅ", "ㄹㅌ",
		"ㄹㅍ", "ㄹㅎ", "ㅁ", "ㅂ", "ㅂㅅ", "ㅅ", "ㅆ", "ㅇ", "ㅈ", "ㅊ", "ㅋ", "ㅌ", "ㅍ", "ㅎ",
	}
	// compoundLetters are single characters that a keyboard makes of two keys.
	compoundLetters = map[rune]string{
		'ㄳ': "ㄱㅅ", 'ㄵ': "ㄴㅈ", 'ㄶ': "ㄴㅎ", 'ㄺ': "ㄹㄱ", 'ㄻ': "ㄹㅁ", 'ㄼ': "ㄹㅂ", 'ㄽ': "ㄹㅅ",
		'ㄾ': "ㄹㅌ", 'ㄿ': "ㄹㅍ", 'ㅀ': "ㄹㅎ", 'ㅄ': "ㅂㅅ", 'ㅘ': "ㅗㅏ", 'ㅙ': "ㅗㅐ", 'ㅚ': "ㅗㅣ",
		'ㅝ': "ㅜㅓ", 'ㅞ': "ㅜㅔ", 'ㅟ': "ㅜㅣ", 'ㅢ': "ㅡㅣ",
	}
)

// SearchText returns the form of s that search keys are looked for in. It is
// valid UTF-8 without control characters but for one newline before the
// initial consonants. Repositories store it: when it changes, they need a
// migration that folds everything anew.
func SearchText(s string) string {
	s = fold(s)
	var text, initials strings.Builder
	for _, r := range s {
		spell(&text, r)
		if i := initialOf(r); i != "" {
			initials.WriteString(i)
		} else if initials.Len() > 0 && !strings.HasSuffix(initials.String(), " ") {
			initials.WriteByte(' ')
		}
	}
	if t := strings.TrimSuffix(initials.String(), " "); t != "" {
		text.WriteRune(initialsMark)
		text.WriteString(t)
	}
	return text.String()
}

// SearchKeys splits a person's words into keys, each of which must be a
// substring of a text's SearchText. No keys match everything.
func SearchKeys(query string) []string {
	var keys []string
	for _, word := range strings.Fields(fold(query)) {
		var key strings.Builder
		if onlyConsonants(word) {
			for _, r := range word {
				key.WriteString(initialOf(r))
			}
		} else {
			for _, r := range word {
				spell(&key, r)
			}
		}
		if k := key.String(); !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	return keys
}

// fold takes away what search does not tell apart: composition, letter case,
// control characters and the amount of white space.
func fold(s string) string {
	s = norm.NFC.String(strings.ToValidUTF8(s, "\uFFFD"))
	// A Caser keeps state, so each call has its own. Folding may undo the
	// composition of a few letters.
	s = norm.NFC.String(cases.Fold().String(s))
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}), " ")
}

// spell writes the keyboard letters of r, or r itself where it is not Hangul.
func spell(b *strings.Builder, r rune) {
	switch {
	case r >= hangulFirst && r <= hangulLast:
		n := int(r - hangulFirst)
		b.WriteRune(initialLetters[n/(hangulVowels*hangulFinals)])
		b.WriteString(vowelLetters[n/hangulFinals%hangulVowels])
		b.WriteString(finalLetters[n%hangulFinals])
	case compoundLetters[r] != "":
		b.WriteString(compoundLetters[r])
	case r >= choseong && int(r-choseong) < len(initialLetters):
		// A lone conjoining consonant is one that no vowel followed. It is
		// spelled, so that it never meets the initials' own block.
		b.WriteRune(initialLetters[r-choseong])
	default:
		b.WriteRune(r)
	}
}

// initialOf returns the initial consonants, in the block set aside for them,
// that a person would type for r; empty where there are none.
func initialOf(r rune) string {
	if r >= hangulFirst && r <= hangulLast {
		return string(choseong + (r-hangulFirst)/(hangulVowels*hangulFinals))
	}
	if r >= choseong && int(r-choseong) < len(initialLetters) {
		return string(r)
	}
	letters := []rune{r}
	if c := compoundLetters[r]; c != "" {
		letters = []rune(c)
	}
	var s strings.Builder
	for _, l := range letters {
		i := slices.Index(initialLetters, l)
		if i < 0 {
			return ""
		}
		s.WriteRune(choseong + rune(i))
	}
	return s.String()
}

func onlyConsonants(word string) bool {
	for _, r := range word {
		if r >= hangulFirst && r <= hangulLast || initialOf(r) == "" {
			return false
		}
	}
	return true
}
