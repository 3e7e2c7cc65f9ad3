package demo

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// words is a message made ready for looking words up in it.
type words struct {
	text   string   // NFC, lower case
	tokens []string // its words of Latin letters and digits
}

func read(content string) words {
	text := strings.ToLower(norm.NFC.String(content))
	tokens := strings.FieldsFunc(text, func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\''
	})
	return words{text, tokens}
}

// has reports whether one of the space-separated candidates occurs: Hangul ones anywhere, since particles and endings
// hang on them; Latin ones as whole words, with or without a plural s. An underscore in a candidate stands for a space.
func (w words) has(candidates string) bool {
	_, found := w.find(candidates)
	return found
}

// find is has with the place, in bytes, of the candidate that was found.
func (w words) find(candidates string) (at int, found bool) {
	for candidate := range strings.FieldsSeq(candidates) {
		candidate = strings.ReplaceAll(candidate, "_", " ")
		anywhere := candidate[0] >= 0x80 || strings.Contains(candidate, " ")
		if !anywhere && !slices.Contains(w.tokens, candidate) && !slices.Contains(w.tokens, candidate+"s") {
			continue
		}
		if at = strings.Index(w.text, candidate); at >= 0 {
			return at, true
		}
	}
	return 0, false
}

// What people call the act of drawing, the thing drawn, and a change to it.
const (
	drawVerbs = "만들 그려 그리고_싶 그려줘 생성 제작 디자인해 뽑아 보여줘 보여_줘 make create draw generate design paint render produce show_me give_me"
	drawNouns = "이미지 사진 그림 배너 포스터 썸네일 광고 시안 카드뉴스 전단 상세페이지 표지 image picture photo banner poster thumbnail ad flyer cover visual"
	changing  = "바꿔 변경 더_ 덜_ 추가 넣어 빼 고쳐 수정 조금 살짝 change more less add remove edit bit slightly make_it"
	anew      = "새로 새로운 다른_그림 다른_이미지 처음부터 new another different"
	questions = "뭐 무엇 무얼 어떻게 왜_ 언제 까요 나요 어떤_게 어떤_것 추천 what how why which who when help recommend"
	// moving are further words of a change, where there is a picture to change.
	moving    = "비워 비우 남겨 옮겨 지워 없애 키워 줄여 늘려 맞춰 돌려 놓아 놔_ 덮어 칠해 띄워 leave move put keep turn shift place clear erase enlarge shrink replace swap"
	greetings = "안녕 반가 고마 감사 좋은_아침 hello hi hey thanks thank good_morning"
)

// talksOnly reports whether a message that may be answered either way holds no wish for a picture.
func (w words) talksOnly(subject, changes bool) bool {
	asks := w.has(questions) || strings.HasSuffix(strings.TrimSpace(w.text), "?")
	switch {
	case w.has(drawVerbs):
		return !subject && !changes
	case changes && !w.has(questions):
		return false // "could you …?" is a wish, too
	case asks || w.has(greetings) && !w.has(drawNouns):
		return true
	}
	return !subject
}

// pattern compiles on first use: together these cost half a millisecond, which a start does not have to spare.
func pattern(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

var (
	quoted = pattern(`["“「『«]([^"“”「」『』«»]{1,120})["”」』»]`)

	koreanRequest = pattern(`\s*(?:좀|하나|한\s*장|두\s*장|세\s*장|네\s*장|\d+\s*장)?\s*(?:더\s*)?(?:만들|그려|그리|생성|제작|디자인해|뽑아|보여|부탁|해\s*줘|해주세요|원해|필요해|주세요).*$`)
	// wished is a request that names no act of drawing: "글자를 넣어 주세요".
	wished = pattern(`[가-힣]\s*(?:줘|줘요|주세요|주라|줄래|줄래요|주실래요|주시겠어요)[.!~?]*\s*$`)

	koreanNoun = pattern(`\s*(?:용\s*)?(?:이미지|사진|그림|배너|포스터|썸네일|광고|시안|카드뉴스|전단지|전단|표지)(?:를|을|로|으로|가|이)?\s*$`)
	koreanTail = pattern(`(?:(?:\s+(?:을|를|에 대한|관련|위한|느낌의?|분위기의?))|(?:[을를]))\s*$`)

	englishRequest = pattern(`(?i)^(?:hi[,! ]+|hello[,! ]+|please\s+)*(?:(?:can|could|would)\s+you\s+(?:please\s+)?)?(?:i\s+(?:want|need)\s+(?:to\s+(?:have|see)\s+)?|i'd\s+like\s+(?:to\s+(?:have|see)\s+)?|(?:make|create|draw|generate|design|paint|render|produce|show|give)\s+(?:me\s+|us\s+)?)?(?:an?\s+|the\s+|some\s+|\d+\s+|two\s+|three\s+|four\s+)?`)
	englishNoun    = pattern(`(?i)^(?:(?:web|email|mobile|instagram|facebook|square|wide)\s+)*(?:images?|pictures?|photos?|banners?|posters?|thumbnails?|ads?|flyers?|covers?)(?:\s+(?:of|for|about|with|showing|that\s+(?:shows|says))\b|$)\s*(?:an?\s+|the\s+|our\s+|my\s+)?`)
	englishTail    = pattern(`(?i)\s+(?:images?|pictures?|photos?|banners?|posters?|thumbnails?|ads?|flyers?|please)[.!]*$`)
)

// headline finds the words to set: those in quotation marks, or else the wish without its "please make me a banner of".
func headline(content string) (head, sub string) {
	content = norm.NFC.String(strings.TrimSpace(content))
	if found := quoted().FindAllStringSubmatch(content, 2); len(found) > 0 {
		if len(found) > 1 {
			sub = strings.TrimSpace(found[1][1])
		}
		return strings.TrimSpace(found[0][1]), sub
	}
	return split(subjectOf(content))
}

// subjectOf is what a wish is about; empty when it is about nothing.
func subjectOf(content string) string {
	first := content
	if end := strings.IndexAny(content, "\n!?;"); end > 0 {
		first = content[:end]
	}
	if sentence, _, more := strings.Cut(first, ". "); more {
		first = sentence
	}
	first = strings.TrimRight(strings.TrimSpace(first), ".…~ ")
	s := koreanRequest().ReplaceAllString(first, "")
	s = koreanTail().ReplaceAllString(s, "")
	s = koreanNoun().ReplaceAllString(s, "")
	s = koreanTail().ReplaceAllString(s, "")
	if !hasHangul(s) {
		s = englishRequest().ReplaceAllString(s, "")
		s = englishNoun().ReplaceAllString(s, "")
		s = englishTail().ReplaceAllString(s, "")
	}
	s = strings.Trim(s, " ,.:-")
	if len([]rune(s)) < 2 || !strings.ContainsFunc(s, unicode.IsLetter) {
		return ""
	}
	return capital(s)
}

// Lengths, in runes, of what reads as one headline and of the line below it.
const (
	maxHead = 44
	maxSub  = 110
)

// split keeps a headline short: at its comma, or else between words; the rest becomes the line below.
func split(s string) (head, sub string) {
	if before, after, found := strings.Cut(s, ","); found && len([]rune(before)) >= 3 && len([]rune(before)) <= maxHead {
		return before, shorten(strings.TrimSpace(after), maxSub)
	}
	if len([]rune(s)) <= maxHead {
		return s, ""
	}
	fields := strings.Fields(s)
	for len(fields) > 0 && len([]rune(head))+len([]rune(fields[0])) < maxHead*2/3 {
		head, fields = strings.TrimSpace(head+" "+fields[0]), fields[1:]
	}
	if head == "" {
		return shorten(s, maxHead), ""
	}
	return head, shorten(strings.Join(fields, " "), maxSub)
}

func shorten(s string, most int) string {
	runes := []rune(s)
	if len(runes) <= most {
		return s
	}
	cut := string(runes[:most-1])
	if space := strings.LastIndexByte(cut, ' '); space > len(cut)/2 {
		cut = cut[:space]
	}
	return strings.TrimRight(cut, " ,.") + "…"
}

func capital(s string) string {
	runes := []rune(s)
	runes[0] = unicode.ToUpper(runes[0])
	return string(runes)
}

func hasHangul(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Hangul, r) })
}
