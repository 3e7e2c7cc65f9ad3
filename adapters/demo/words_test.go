package demo

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/demo/internal/picture"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

func TestHeadlinesAreTheWishWithoutThePlease(t *testing.T) {
	t.Parallel()
	tests := map[string][2]string{
		"여름 세일 배너 만들어줘":                               {"여름 세일", ""},
		"여름 세일 배너를 만들어 주세요.":                          {"여름 세일", ""},
		"신제품 무드등 이미지 하나 그려 줘!":                        {"신제품 무드등", ""},
		"“오늘만 반값” 문구로 배너 만들어줘":                        {"오늘만 반값", ""},
		"\"Hello Spring\" and \"20% off\" poster":     {"Hello Spring", "20% off"},
		"새벽 배송 시작, 내일 아침 도착":                          {"새벽 배송 시작", "내일 아침 도착"},
		"Please make me a banner for our summer sale": {"Summer sale", ""},
		"Could you draw a picture of a red bicycle?":  {"Red bicycle", ""},
		"I want an image of a lighthouse at night":    {"Lighthouse at night", ""},
		"cozy reading corner photo":                   {"Cozy reading corner", ""},
		"이미지 만들어줘":                                    {"", ""},
		"make me an image":                            {"", ""},
		"!!!":                                         {"", ""},
		"don't stop":                                  {"Don't stop", ""},
		"겨울":                                          {"겨울", ""}, // NFD, as macOS types it
	}
	for content, want := range tests {
		head, sub := headline(content)
		if got := [2]string{head, sub}; got != want {
			t.Errorf("headline(%q) = %q, want %q", content, got, want)
		}
	}
}

func TestLongWishesBecomeAShortHeadlineAndALineBelow(t *testing.T) {
	t.Parallel()
	for _, content := range []string{
		"Invitation to our annual developer conference in Seoul with three days of talks and workshops for everyone who builds things",
		"햇살이 드는 넓은 거실에 놓인 황동 스탠드 조명과 그 옆에서 책을 읽는 사람이 있는 차분하고 따뜻한 가을 저녁의 풍경과 고양이 두 마리",
		"띄어쓰기가하나도없는아주긴문장을누군가가이렇게길게입력한다고해도제목은적당한길이로잘려야하고나머지는버려도된다고생각한다그렇다",
	} {
		head, sub := headline(content)
		if n := len([]rune(head)); n == 0 || n > maxHead {
			t.Errorf("%.20q: the headline %q has %d runes", content, head, n)
		}
		if n := len([]rune(sub)); n > maxSub {
			t.Errorf("%.20q: the line below has %d runes", content, n)
		}
	}
}

func TestEditsAreReadInBothLanguages(t *testing.T) {
	t.Parallel()
	said := func(e edit, lang imagechat.Lang) (out []string) {
		for _, d := range e.done {
			out = append(out, d.In(lang))
		}
		return out
	}
	tests := map[string]struct {
		content string
		lang    imagechat.Lang
		want    []string
	}{
		"two changes":                {"더 밝게, 배경은 파란색으로", imagechat.LangKO, []string{"더 밝게", "배경을 파란색으로"}},
		"English background":         {"on a green background, darker", imagechat.LangEN, []string{"darker", "on a green background"}},
		"a tint":                     {"전체를 보라색으로", imagechat.LangKO, []string{"보라색 톤으로"}},
		"quoted words":               {"‘아니’ “여름 세일” 문구 넣어줘", imagechat.LangKO, []string{"문구를 넣어서"}},
		"colours inside a quotation": {"add the text \"Blue Friday\"", imagechat.LangEN, []string{"with your words"}},
		"black and white, no tint":   {"make it black and white", imagechat.LangEN, []string{"in black and white"}},
		"snow":                       {"눈 내리게 해줘", imagechat.LangKO, []string{"눈을 내려서"}},
		"nothing known":              {"음, 뭔가 아쉬워요", imagechat.LangKO, nil},
	}
	for name, tt := range tests {
		e := readEdit(tt.content, read(tt.content))
		if diff := cmp.Diff(tt.want, said(e, tt.lang)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestColoursGoToWhatTheyAreSaidOf(t *testing.T) {
	t.Parallel()
	name := func(n *named) string {
		if n == nil {
			return ""
		}
		return n.name.EN
	}
	for content, want := range map[string][2]string{
		"파란색 머그컵, 하얀 배경":                 {"blue", "white"},
		"하얀 배경에 파란 머그컵":                  {"blue", "white"},
		"노란 배경":                          {"", "yellow"},
		"배경은 초록색으로":                      {"", "green"},
		"빨간 가방":                          {"red", ""},
		"a red bag on a blue background": {"red", "blue"},
		"a hundred redundant words":      {"", ""}, // colours inside other words are none
		"그냥 커피":                          {"", ""},
	} {
		subject, ground := read(content).colors()
		if got := [2]string{name(subject), name(ground)}; got != want {
			t.Errorf("%q: got subject and ground %q, want %q", content, got, want)
		}
	}
}

func TestCaptionsAreFound(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		want string
		side picture.Side
	}{
		"\"여름 세일\" 문구 넣어줘":                        {"여름 세일", ""},
		"위쪽에 “오픈” 글자 추가":                          {"오픈", picture.SideTop},
		"여름 세일이라고 써줘":                             {"여름 세일", ""},
		"문구: 오늘만 반값":                              {"오늘만 반값", ""},
		"add the text Friday night at the bottom": {"Friday night", picture.SideBottom},
		"caption: Fresh every day":                {"Fresh every day", ""},
		"더 밝게":                                    {"", ""},
		"\"이 느낌\" 더 살려서 밝게":                       {"", ""},
	}
	for content, want := range tests {
		e := readEdit(content, read(content))
		if e.change.Caption != want.want || e.change.Side != want.side {
			t.Errorf("%q: got %q at %q, want %q at %q", content, e.change.Caption, e.change.Side, want.want, want.side)
		}
	}
}

func TestEverythingThatIsSaidExistsInBothLanguages(t *testing.T) {
	t.Parallel()
	for _, s := range steps {
		if s.words == "" || s.ko == "" || s.en == "" {
			t.Errorf("incomplete step %+v", s)
		}
	}
	for _, k := range colors {
		if k.name.KO == "" || k.name.EN == "" || len(k.hex) != 7 {
			t.Errorf("incomplete colour %+v", k)
		}
	}
}

func FuzzReadingWords(f *testing.F) {
	for _, seed := range []string{"여름 세일 배너 만들어줘", "make me a \"big\" banner of", "배경은 파란색으로, 더 밝게", "문구: ", "\xff\xfe", "“”", "좀 그려"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		head, sub := headline(content)
		if len([]rune(head)) > 130 || len([]rune(sub)) > 130 {
			t.Errorf("headline(%q) = %q, %q", content, head, sub)
		}
		if e := readEdit(content, read(content)); len([]rune(e.change.Caption)) > 130 {
			t.Errorf("a caption of %d runes", len([]rune(e.change.Caption)))
		}
	})
}
