package wire

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

func hangul(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Hangul, r) })
}

func TestEveryCodeSpeaksBothLanguages(t *testing.T) {
	t.Parallel()
	if len(statuses) != len(imagechat.Codes()) {
		t.Errorf("statuses: got %d, want one for each of %d codes", len(statuses), len(imagechat.Codes()))
	}
	for _, code := range imagechat.Codes() {
		if _, ok := statuses[code]; !ok {
			t.Errorf("%s has no HTTP status", code)
		}
		for name, table := range map[string]map[imagechat.Code]text{"title": titles, "detail": details} {
			s := table[code]
			if !hangul(s.KO) || s.EN == "" || hangul(s.EN) {
				t.Errorf("%s of %s: got %+v, want Korean and English", name, code, s)
			}
		}
		// 해요체: the person is spoken to politely and told what to do.
		if ko := details[code].KO; !strings.HasSuffix(ko, "요.") || strings.Contains(ko, "을(를)") {
			t.Errorf("detail of %s: got %q, want a sentence that ends in 요", code, ko)
		}
	}
}

func TestEveryRuleSpeaksBothLanguages(t *testing.T) {
	t.Parallel()
	for rule, s := range rules {
		if !hangul(s.KO) || s.EN == "" || hangul(s.EN) {
			t.Errorf("%s: got %+v", rule, s)
		}
		for _, lang := range []imagechat.Lang{imagechat.LangKO, imagechat.LangEN} {
			got := fieldSentence(imagechat.FieldError{Location: "x", Rule: rule, Min: 3, Max: 7}, lang)
			if strings.Contains(got, "%") {
				t.Errorf("%s in %s: got %q, want the bounds filled in", rule, lang, got)
			}
		}
	}
}

func TestStatusFramesSpeakBothLanguages(t *testing.T) {
	t.Parallel()
	quiet := map[StatusCode]bool{StatusSession: true, StatusPong: true} // would stay on an older client's screen
	for code, s := range statusTexts {
		if quiet[code] {
			if s != (text{}) {
				t.Errorf("%s: got %+v, want no words", code, s)
			}
			continue
		}
		if s.KO == "" || s.EN == "" || hangul(s.EN) {
			t.Errorf("%s: got %+v", code, s)
		}
	}
	for code, part := range map[StatusCode]string{StatusThinking: "생각 중", StatusGenerating: "생성 중", StatusSaving: "저장 중"} {
		if got := statusTexts[code].KO; !strings.Contains(got, part) {
			t.Errorf("%s: got %q, want it to contain %q", code, got, part)
		}
	}
}

func TestSentencesSayTheirNumbers(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 11, 30, 0, 0, time.UTC)
	ko, en := Locale{Lang: imagechat.LangKO, Now: now}, Locale{Lang: imagechat.LangEN, Now: now}
	tokyo := Locale{Lang: imagechat.LangEN, Now: now, Zone: time.FixedZone("JST", 9*3600)}
	budget := &imagechat.Error{
		Code: imagechat.BudgetExceeded, ResetsAt: now.Add(3 * time.Hour),
		Params: map[string]string{"budget": "daily", "spent": "4.97", "cap": "5", "estimate": "0.0459"},
	}
	over := func(which, spent, limit, estimate string) error {
		return &imagechat.Error{Code: imagechat.BudgetExceeded, Params: map[string]string{"budget": which, "spent": spent, "cap": limit, "estimate": estimate}}
	}
	for name, test := range map[string]struct {
		err  error
		l    Locale
		want string
	}{
		"budget in Korean tells Korea's clock": {budget, ko, "남은 예산 $0.03보다 비싼 요청이에요(예상 비용 $0.046, 예산 $5.00). 11월 22일 오후 11:30부터 예산이 다시 생겨요."},
		"budget in English tells UTC":          {budget, en, "more than the $0.03 that is left (estimated cost $0.046, budget $5.00). The budget frees up from Nov 22, 14:30 UTC."},
		"budget as the web app writes money":   {over("daily", "0.036", "0.08", "0.0459"), ko, "남은 예산 $0.044보다 비싼 요청이에요(예상 비용 $0.046, 예산 $0.08)."},
		"budget below a cent":                  {over("daily", "0.000476", "0.001", "0.05"), en, "the $0.0005 that is left (estimated cost $0.05, budget $0.001). Make fewer or smaller images"},
		"budget of which nothing is left":      {over("session", "0.3", "0.2", "0.05"), en, "The budget of $0.20 is used up. Start a new conversation"},
		"the person's own clock":               {budget, tokyo, "Nov 22, 23:30 JST"},
		"quota":                                {&imagechat.Error{Code: imagechat.QuotaExhausted, ResetsAt: now.Add(time.Hour)}, ko, "11월 22일 오후 9:30에 다시 채워지니"},
		"a wait is never told too short":       {&imagechat.Error{Code: imagechat.RateLimited, RetryAfter: 1001 * time.Millisecond}, ko, "2초 뒤에"},
		"long waits are in minutes":            {&imagechat.Error{Code: imagechat.GeneratorOverloaded, RetryAfter: 10 * time.Minute}, en, "in 10 min."},
		"a limit in bytes":                     {&imagechat.Error{Code: imagechat.PayloadTooLarge, Params: map[string]string{"max_bytes": "20971520"}}, ko, "20MB까지"},
		"a limit of a platform":                {&imagechat.Error{Code: imagechat.PayloadTooLarge, Params: map[string]string{"max_bytes": "300000"}}, en, "300KB"},
		"a model and its heir":                 {&imagechat.Error{Code: imagechat.ModelUnavailable, Params: map[string]string{"model": "old-1", "replacement": "new-2"}}, en, "old-1. Change to this one and try again: new-2"},
		"the generator's own words":            {&imagechat.Error{Code: imagechat.ContentBlocked, Reason: "IMAGE_SAFETY"}, ko, "이미지 모델이 알린 이유: IMAGE_SAFETY"},
		"a field and its bounds":               {&imagechat.Error{Code: imagechat.InvalidRequest, Fields: []imagechat.FieldError{{Location: "content", Rule: "too_long", Min: 1, Max: 2000}}}, ko, "content: 1자에서 2000자까지 쓸 수 있어요."},
		"too many pixels":                      {&imagechat.Error{Code: imagechat.InvalidImage, Params: map[string]string{"cause": "pixels"}}, ko, "50메가픽셀"},
		"a file that takes much to read":       {&imagechat.Error{Code: imagechat.InvalidImage, Params: map[string]string{"cause": "memory"}}, en, "not a progressive one"},
		"a bound of nothing":                   {&imagechat.Error{Code: imagechat.InvalidRequest, Fields: []imagechat.FieldError{{Location: "offset", Rule: "minimum"}}}, ko, "offset: 0 이상이어야 해요."},
		"a cursor says where to begin":         {&imagechat.Error{Code: imagechat.InvalidRequest, Fields: []imagechat.FieldError{{Location: "cursor", Rule: "unknown"}}}, en, "Begin again at the first page."},
		"a token that is wrong":                {&imagechat.Error{Code: imagechat.Unauthorized, Params: map[string]string{"cause": "wrong_token"}}, ko, "이 토큰은 맞지 않아요."},
		"too many of a list":                   {&imagechat.Error{Code: imagechat.InvalidRequest, Fields: []imagechat.FieldError{{Location: "palette", Rule: "too_many", Max: 12}}}, en, "palette: At most 12 of them."},
	} {
		if got := NewProblem(test.err, test.l).Detail; !strings.Contains(got, test.want) {
			t.Errorf("%s: got %q, want it to contain %q", name, got, test.want)
		}
	}
}

func TestAnUnexpectedErrorShowsNothingOfItself(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"a plain error":    errors.New("open /data/image_chat.db: permission denied"),
		"an unknown code":  imagechat.Code("brand_new"),
		"internal, caused": &imagechat.Error{Code: imagechat.Internal, Reason: "SELECT * FROM x", Err: errors.New("key AIza123")},
	} {
		p := NewProblem(err, Locale{Lang: imagechat.LangEN})
		if p.Code != imagechat.Internal || p.Status != 500 || p.Detail != details[imagechat.Internal].EN || p.Reason != "" {
			t.Errorf("%s: got %+v", name, p)
		}
	}
}

func TestAReplyThatIsOnlyAFailureReadsAsItsReason(t *testing.T) {
	t.Parallel()
	l := Locale{Lang: imagechat.LangKO}
	m := NewMessage(&imagechat.Message{Role: imagechat.RoleAssistant, Error: &imagechat.Error{Code: imagechat.ContentBlocked}}, l)
	if m.TextContent == nil || *m.TextContent != m.Error.Detail {
		t.Errorf("got text %v, want the problem's detail %q", m.TextContent, m.Error.Detail)
	}
	partial := NewMessage(&imagechat.Message{
		Role: imagechat.RoleAssistant, Error: &imagechat.Error{Code: imagechat.ContentBlocked}, Images: []imagechat.Image{{}},
	}, l)
	if partial.TextContent != nil || partial.Error == nil {
		t.Errorf("a reply with pictures: got text %v, want its own words only", partial.TextContent)
	}
}

func TestWhatIsWrongWithAPictureIsSaidByItsName(t *testing.T) {
	t.Parallel()
	for name, table := range map[string]map[string]text{"kinds": unsupportedKinds, "answers": brokenAnswers} {
		for kind, s := range table {
			if !hangul(s.KO) || !strings.HasSuffix(s.KO, "요.") || s.EN == "" || hangul(s.EN) {
				t.Errorf("%s of %s: got %+v", kind, name, s)
			}
		}
	}
	ko, en := Locale{Lang: imagechat.LangKO}, Locale{Lang: imagechat.LangEN}
	for name, test := range map[string]struct {
		code   imagechat.Code
		params map[string]string
		l      Locale
		want   string
		not    string
	}{
		"an iPhone's photo":                {imagechat.UnsupportedImage, map[string]string{"cause": "heic"}, ko, "높은 호환성", "PNG, JPEG, WebP, GIF 이미지만"},
		"a JPEG of a rare kind":            {imagechat.UnsupportedImage, map[string]string{"cause": "jpeg"}, en, "This is a JPEG", "Only PNG"},
		"a file of no known kind":          {imagechat.UnsupportedImage, map[string]string{"cause": ""}, en, "Only PNG, JPEG, WebP and GIF", "cannot be read here"},
		"a side that is too long":          {imagechat.InvalidImage, map[string]string{"cause": "side", "max_side": "65535"}, ko, "65535픽셀", "손상"},
		"a generated picture's true limit": {imagechat.InvalidImage, map[string]string{"cause": "pixels", "max_pixels": "100000000", "of": "kept"}, ko, "100메가픽셀", "다시 올려"},
		"a generated picture that broke":   {imagechat.InvalidImage, map[string]string{"cause": "damaged", "of": "kept"}, en, "make the image again", "pload"},
		"an upload's limit":                {imagechat.InvalidImage, map[string]string{"cause": "pixels", "max_pixels": "50000000"}, en, "50 megapixels", "download"},
		"an upload that broke":             {imagechat.InvalidImage, map[string]string{"cause": "damaged"}, ko, "다른 파일로 다시 올려", "내려받"},
		"a picture that arrived cut off":   {imagechat.GeneratorProtocol, map[string]string{"cause": "broken_image"}, ko, "이미지 파일이 깨져", "한도"},
	} {
		got := NewProblem(&imagechat.Error{Code: test.code, Params: test.params}, test.l).Detail
		if !strings.Contains(got, test.want) || strings.Contains(got, test.not) {
			t.Errorf("%s: got %q, want it to contain %q and not %q", name, got, test.want, test.not)
		}
	}
}

// Who cannot reach the generator must not be told that it is busy, and nobody
// is told of a charge where there was none.
func TestEachCauseOfAGeneratorFailureHasItsOwnSentence(t *testing.T) {
	t.Parallel()
	unreachable := func(obstacle string) *imagechat.Error {
		return &imagechat.Error{Code: imagechat.GeneratorOverloaded, Charge: imagechat.ChargeNone, Params: map[string]string{"cause": "unreachable", "obstacle": obstacle}}
	}
	all := []*imagechat.Error{unreachable("proxy"), unreachable("name"), unreachable("certificate"), unreachable("connection"),
		{Code: imagechat.GeneratorOverloaded}, {Code: imagechat.GeneratorProtocol, Charge: imagechat.ChargeNone}, {Code: imagechat.GeneratorProtocol}}
	for code, causes := range generatorCauses {
		for cause := range causes {
			all = append(all, &imagechat.Error{Code: code, Charge: imagechat.ChargeNone, Params: map[string]string{"cause": cause}})
		}
	}
	for _, lang := range []imagechat.Lang{imagechat.LangKO, imagechat.LangEN} {
		seen := map[string]bool{}
		for _, e := range all {
			s := sentence(e.Code, e, Locale{Lang: lang})
			if seen[s] {
				t.Errorf("%v: %q is said of another cause as well", e, s)
			}
			seen[s] = true
		}
	}
}
