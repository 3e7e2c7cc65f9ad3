package imagechat

import (
	"strconv"
	"strings"
)

// Lang is a language that human-readable text exists in.
type Lang string

// The languages that every text of this library is written in.
const (
	LangKO Lang = "ko"
	LangEN Lang = "en"
)

// Localized is one text in every language of the library.
type Localized struct {
	KO string `json:"ko"`
	EN string `json:"en"`
}

// In returns the text in lang, and in English when lang is unknown.
func (t Localized) In(lang Lang) string {
	if lang == LangKO {
		return t.KO
	}
	return t.EN
}

// ParseLang picks the language of an Accept-Language header (RFC 9110 §12.5.4) or of a bare tag such as "ko" or
// "en-US": the known language with the highest weight, the earlier of two equals, and fallback when none is known.
func ParseLang(acceptLanguage string, fallback Lang) Lang {
	best, bestWeight := fallback, 0.0
	for part := range strings.SplitSeq(acceptLanguage, ",") {
		tag, params, _ := strings.Cut(part, ";")
		primary, _, _ := strings.Cut(strings.TrimSpace(tag), "-")
		lang := Lang(strings.ToLower(primary))
		if primary == "*" {
			lang = fallback
		}
		if lang != LangKO && lang != LangEN {
			continue
		}
		if weight := languageWeight(params); weight > bestWeight {
			best, bestWeight = lang, weight
		}
	}
	return best
}

// languageWeight reads the q parameter; an absent one means 1 and an unreadable one means the language is not wanted.
func languageWeight(params string) float64 {
	value, ok := strings.CutPrefix(strings.TrimSpace(params), "q=")
	if !ok {
		return 1
	}
	weight, err := strconv.ParseFloat(value, 64)
	if err != nil || weight < 0 || weight > 1 {
		return 0
	}
	return weight
}
