package demo

import (
	"regexp"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/demo/internal/picture"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// edit is what a message asks to change, and how to say so.
type edit struct {
	change picture.Change
	done   []imagechat.Localized
}

func (e *edit) say(ko, en string) { e.done = append(e.done, imagechat.Localized{KO: ko, EN: en}) }

// step is one kind of change that words call for.
type step struct {
	words  string
	ko, en string
	apply  func(ch *picture.Change, strength float64)
}

var steps = []step{
	{"밝게 밝은 밝아 환하게 환한 화사 bright brighter lighten lighter", "더 밝게", "brighter", func(ch *picture.Change, s float64) { ch.Light += s }},
	{"어둡게 어두운 어두워 darker dark darken moody", "더 어둡게", "darker", func(ch *picture.Change, s float64) { ch.Light -= s }},
	{"따뜻 따듯 포근 warm warmer cozy cosy", "더 따뜻하게", "warmer", func(ch *picture.Change, s float64) { ch.Warmth += 1.6 * s }},
	{"차갑 차가운 시원 쿨톤 cool cooler cold colder", "더 시원하게", "cooler", func(ch *picture.Change, s float64) { ch.Warmth -= 1.6 * s }},
	{"선명 쨍 비비드 강렬 화려 vivid saturated vibrant colorful colourful bold bolder", "색을 더 선명하게", "more vivid", func(ch *picture.Change, s float64) { ch.Chroma += 1.3 * s; ch.Contrast += 0.4 * s }},
	{"차분 톤다운 톤_다운 은은 파스텔 muted calm calmer pastel softer subtle", "색을 더 차분하게", "calmer in colour", func(ch *picture.Change, s float64) { ch.Chroma -= 1.2 * s; ch.Contrast -= 0.4 * s }},
	{"대비 contrast contrasty", "대비를 세게", "stronger in contrast", func(ch *picture.Change, s float64) { ch.Contrast += 1.4 * s }},
	{"흑백 black_and_white monochrome grayscale greyscale", "흑백으로", "in black and white", func(ch *picture.Change, _ float64) { ch.Grey = true }},
	{"세피아 빈티지 레트로 sepia vintage retro", "빈티지 톤으로", "in a vintage tone", func(ch *picture.Change, _ float64) { ch.Sepia = true }},
	{"흐리게 흐릿 아웃포커스 블러 blur blurred blurry bokeh", "배경을 흐리게", "with a blurred background", func(ch *picture.Change, _ float64) { ch.Blur = true }},
	{"크게 확대 가까이 클로즈업 zoom_in closer bigger larger close-up closeup", "더 가까이", "closer", func(ch *picture.Change, s float64) { ch.Zoom = 1 + 0.6*s }},
	{"작게 축소 멀리 여백 zoom_out smaller further farther margin more_space", "여백을 넓게", "with more space around it", func(ch *picture.Change, s float64) { ch.Zoom = 1 - 0.5*s }},
	{"좌우 반전 뒤집 mirror mirrored flip flipped", "좌우를 바꿔서", "mirrored", func(ch *picture.Change, _ float64) { ch.Mirror = true }},
	{"눈이 눈을 눈_내 눈송이 눈발 snow snowy snowflake", "눈을 내려서", "with falling snow", func(ch *picture.Change, _ float64) { ch.Overlay = picture.OverlaySnow }},
	{"반짝 스파클 별빛 sparkle sparkling glitter star", "반짝임을 더해서", "with sparkles", func(ch *picture.Change, _ float64) { ch.Overlay = picture.OverlaySparkles }},
	{"색종이 컨페티 축하 축제 confetti festive celebration", "색종이를 뿌려서", "with confetti", func(ch *picture.Change, _ float64) { ch.Overlay = picture.OverlayConfetti }},
	{"햇살 햇빛 햇볕 노을 sunlight sunshine sunny sunrays sunset", "햇살을 더해서", "with sunlight", func(ch *picture.Change, _ float64) { ch.Overlay = picture.OverlaySun }},
	{"꽃잎 벚꽃 petal blossom", "꽃잎을 날려서", "with petals", func(ch *picture.Change, _ float64) { ch.Overlay = picture.OverlayPetals }},
	{"테두리 액자 프레임 frame border", "테두리를 둘러서", "with a frame", func(ch *picture.Change, _ float64) { ch.Overlay = picture.OverlayFrame }},
}

const backgrounds = "배경 뒷배경 벽_ 벽을 background backdrop wall"

// readEdit finds the changes in a message. An edit without done asks for nothing that is known here.
func readEdit(content string, w words) edit {
	var e edit
	unquoted := read(quoted().ReplaceAllString(norm.NFC.String(content), " "))
	if text := captionIn(content, w); text != "" {
		e.change.Caption = text
		switch {
		case w.has("위에 위쪽 상단 맨_위 top above"):
			e.change.Side = picture.SideTop
		case w.has("아래 하단 밑에 bottom below"):
			e.change.Side = picture.SideBottom
		}
		e.say("문구를 넣어서", "with your words")
	}
	strength := unquoted.strength()
	for _, s := range steps {
		if unquoted.has(s.words) {
			s.apply(&e.change, strength)
			e.say(s.ko, s.en)
		}
	}
	subject, ground := unquoted.colors()
	if ground != nil {
		e.change.Background = &ground.color
		e.say("배경을 "+ground.name.KO+"으로", "on a "+ground.name.EN+" background")
	} else if subject != nil && !e.change.Grey {
		e.change.Tint = &subject.color
		e.say(subject.name.KO+" 톤으로", "in "+subject.name.EN)
	}
	return e
}

// strength is how far an ordinary change goes, 0.22 to 0.65.
func (w words) strength() float64 {
	switch {
	case w.has("조금 살짝 약간 slightly little bit"):
		return 0.22
	case w.has("훨씬 아주 많이 매우 확_ 엄청 much very lot far"):
		return 0.65
	}
	return 0.42
}

var (
	koreanCaption  = pattern(`^(.{1,80}?)\s*(?:이라고|라고|이라는|라는)\s*(?:문구|글자|글|텍스트|말|제목)?[을를도]?\s*(?:써|적|넣|추가|달)`)
	afterColon     = pattern(`(?:문구|글자|텍스트|제목|카피|캡션|caption|text|title|headline|words)[^:：]{0,20}[:：]\s*(.{1,80})`)
	englishCaption = pattern(`(?i)(?:add|write|put|set)\s+(?:the\s+|a\s+)?(?:text|words?|caption|title|headline|slogan)\s+(?:that\s+says\s+|saying\s+)?(.{1,80}?)(?:\s+(?:on|at|in|to|into|over)\s+(?:the\s+|it).*)?$`)
)

const captionWords = "문구 글자 글씨 텍스트 제목 카피 캡션 써 적어 넣어 추가 text word caption title headline slogan write add put say"

func captionIn(content string, w words) string {
	content = strings.TrimSpace(norm.NFC.String(content))
	if m := quoted().FindStringSubmatch(content); m != nil && w.has(captionWords) {
		return strings.TrimSpace(m[1])
	}
	for _, form := range []func() *regexp.Regexp{afterColon, koreanCaption, englishCaption} {
		if m := form().FindStringSubmatch(content); m != nil {
			return strings.Trim(m[1], " '.")
		}
	}
	return ""
}

// surprise is the change for words that were not understood: a refinement must still be a picture that differs.
func surprise(seed uint64) picture.Change {
	warmth := 0.5
	if seed&1 == 0 {
		warmth = -0.5
	}
	return picture.Change{Light: 0.12, Warmth: warmth, Chroma: 0.2, Contrast: 0.15, Zoom: 1.1}
}
