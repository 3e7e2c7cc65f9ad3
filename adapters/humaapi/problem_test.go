package humaapi_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/humaapi"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/memory"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

const nobody = "0199f3c2-7a10-7c3e-9b1a-2f6f1f0c5a11" // an id that nothing has

func TestEveryBadRequestGetsAProblemThatHelps(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	id := s.session()
	before := s.want(200, s.do("GET", base+"/sessions/"+id, nil))
	turns := base + "/sessions/" + id + "/turns"
	long := func(n int) string { return strings.Repeat("가", n) }
	for name, test := range map[string]struct {
		method, path string
		body         any
		headers      []string
		status       int
		code         string
		location     string
	}{
		"an unknown API path":        {"GET", base + "/nothing", nil, nil, 404, "not_found", ""},
		"a method that is not there": {"PUT", base + "/sessions", nil, nil, 405, "malformed_request", ""},
		"malformed JSON":             {"POST", base + "/sessions", "{", nil, 400, "malformed_request", ""},
		"two JSON values":            {"POST", base + "/sessions", `{"image_purpose":"banner_web"}{}`, nil, 400, "malformed_request", ""},
		"JSON that is not UTF-8":     {"POST", base + "/sessions", "{\"image_purpose\":\"\xff\"}", nil, 400, "malformed_request", ""},
		"no body":                    {"POST", base + "/sessions", nil, nil, 400, "malformed_request", ""},
		"another content type":       {"POST", base + "/sessions", "a=b", []string{"Content-Type", "text/plain"}, 415, "malformed_request", ""},
		"a body that is too large":   {"POST", base + "/sessions", `{"title":"` + strings.Repeat("x", 1<<20) + `"}`, nil, 413, "payload_too_large", ""},
		"a missing field":            {"POST", base + "/sessions", object{}, nil, 422, "invalid_request", "image_purpose"},
		"a field that is null":       {"POST", base + "/sessions", object{"image_purpose": nil}, nil, 422, "invalid_request", "image_purpose"},
		"a field of the wrong kind":  {"POST", base + "/sessions", object{"image_purpose": 5}, nil, 422, "invalid_request", "image_purpose"},
		"a field that does not exist": {"POST", base + "/sessions", object{"image_purpose": "banner_web", "owner": "me"}, nil,
			422, "invalid_request", "owner"},
		"an unknown purpose":       {"POST", base + "/sessions", object{"image_purpose": "nowhere"}, nil, 422, "invalid_request", "image_purpose"},
		"an unknown style":         {"POST", base + "/sessions", object{"image_purpose": "banner_web", "style_preset": "x"}, nil, 422, "invalid_request", "style_preset"},
		"a foreign brand":          {"POST", base + "/sessions", object{"image_purpose": "banner_web", "brand_id": nobody}, nil, 422, "invalid_request", "brand_id"},
		"a title that is too long": {"POST", base + "/sessions", object{"image_purpose": "banner_web", "title": long(201)}, nil, 422, "invalid_request", "title"},
		"a session that is none":   {"GET", base + "/sessions/" + nobody, nil, nil, 404, "session_not_found", ""},
		"an id that is none":       {"GET", base + "/sessions/x'--", nil, nil, 404, "session_not_found", ""},
		"a turn that is none":      {"GET", base + "/turns/" + nobody, nil, nil, 404, "turn_not_found", ""},
		"a picture that is none":   {"GET", base + "/images/" + nobody, nil, nil, 404, "image_not_found", ""},
		"bytes of no picture":      {"GET", base + "/images/" + nobody + "/content", nil, nil, 404, "image_not_found", ""},
		"a copy of no picture":     {"GET", base + "/images/" + nobody + "/content?w=640", nil, nil, 404, "image_not_found", ""},
		"an export of no picture":  {"GET", base + "/images/" + nobody + "/export?purpose=banner_web", nil, nil, 404, "image_not_found", ""},
		"a brand that is none":     {"GET", base + "/brands/" + nobody, nil, nil, 404, "not_found", ""},
		"an unknown status":        {"GET", base + "/sessions?status=asleep", nil, nil, 422, "invalid_request", "status"},
		"a limit that is none":     {"GET", base + "/sessions?limit=many", nil, nil, 422, "invalid_request", "limit"},
		"half an offset":           {"GET", base + "/sessions?offset=1.5", nil, nil, 422, "invalid_request", "offset"},
		"a width of half a pixel":  {"POST", base + "/sessions", object{"image_purpose": "custom", "custom_width": 512.5, "custom_height": 512}, nil, 422, "invalid_request", "custom_width"},
		"a broken escape":          {"GET", base + "/sessions?cursor=%zz", nil, nil, 400, "malformed_request", ""},
		"a lone percent sign":      {"GET", base + "/images?q=%", nil, nil, 400, "malformed_request", ""},
		"a session's id too long":  {"GET", base + "/sessions/" + strings.Repeat("x", 101), nil, nil, 404, "session_not_found", ""},
		"a picture's id too long":  {"GET", base + "/images/" + strings.Repeat("x", 101), nil, nil, 404, "image_not_found", ""},
		"a turn's id too long":     {"GET", base + "/turns/" + strings.Repeat("x", 101), nil, nil, 404, "turn_not_found", ""},
		"a brand's id too long":    {"GET", base + "/brands/" + strings.Repeat("x", 101), nil, nil, 404, "not_found", ""},
		"a key that is too long":   {"POST", turns, object{"kind": "chat", "content": "x"}, []string{"Idempotency-Key", strings.Repeat("k", 256)}, 422, "invalid_request", "Idempotency-Key"},
		"a cursor that is none":    {"GET", base + "/sessions?cursor=%00", nil, nil, 422, "invalid_request", "cursor"},
		"an empty turn":            {"POST", turns, object{"kind": "chat", "content": ""}, nil, 422, "invalid_request", "content"},
		"a turn that is too long":  {"POST", turns, object{"kind": "chat", "content": long(2001)}, nil, 422, "invalid_request", "content"},
		"a NUL":                    {"POST", turns, object{"kind": "chat", "content": "a\x00"}, nil, 422, "invalid_request", "content"},
		"an unknown kind":          {"POST", turns, object{"kind": "dance", "content": "x"}, nil, 422, "invalid_request", "kind"},
		"too many pictures":        {"POST", turns, object{"kind": "generate", "content": "x", "count": 5}, nil, 422, "invalid_request", "count"},
		"a prompt of 1001":         {"POST", base + "/sessions/" + id + "/generate", object{"prompt": long(1001)}, nil, 422, "invalid_request", "prompt"},
		"feedback of 501":          {"POST", base + "/sessions/" + id + "/refine", object{"feedback": long(501), "image_id": "x"}, nil, 422, "invalid_request", "feedback"},
		"a message of 2001":        {"POST", base + "/sessions/" + id + "/message", object{"content": long(2001)}, nil, 422, "invalid_request", "content"},
		"another host's picture": {"POST", base + "/sessions/" + id + "/message", object{"content": "x", "reference_image_url": "https://example.com/a.png"}, nil,
			422, "invalid_request", "reference_image_url"},
		"this machine's own services": {"POST", base + "/sessions/" + id + "/message", object{"content": "x", "reference_image_url": "http://169.254.169.254/"}, nil,
			422, "invalid_request", "reference_image_url"},
		"a data URL that is no picture": {"POST", base + "/sessions/" + id + "/message", object{"content": "x", "reference_image_url": "data:image/png;base64,aGVsbG8="}, nil,
			415, "unsupported_image", ""},
		"a Last-Event-ID that is none": {"GET", base + "/sessions/" + id + "/events", nil, []string{"Last-Event-ID", "x"}, 422, "invalid_request", "Last-Event-ID"},
		"an upload that is no form":    {"POST", base + "/uploads", object{}, nil, 400, "malformed_request", ""},
		"a focus outside":              {"GET", base + "/images/" + nobody + "/export?purpose=banner_web&focus=2,0", nil, nil, 422, "invalid_request", "focus"},
		"a page of another site":       {"POST", base + "/sessions", object{"image_purpose": "banner_web"}, []string{"Sec-Fetch-Site", "cross-site"}, 403, "forbidden", ""},
	} {
		p := s.wantProblem(test.status, test.code, s.do(test.method, test.path, test.body, test.headers...))
		if test.location == "" {
			continue
		}
		fields, _ := p["errors"].([]any)
		if len(fields) == 0 || fields[0].(object)["location"] != test.location || fields[0].(object)["message"] == "" {
			t.Errorf("%s: got errors %v, want one at %s", name, p["errors"], test.location)
		}
		if strings.Contains(p["detail"].(string), "가가") {
			t.Errorf("%s: the answer repeats the input", name)
		}
	}
	after := s.want(200, s.do("GET", base+"/sessions/"+id, nil))
	if after["messages_count"] != 0.0 || after["last_seq"] != before["last_seq"] {
		t.Errorf("the session changed: %v", after)
	}
	if page := s.want(200, s.do("GET", base+"/sessions", nil)); page["total"] != 1.0 {
		t.Errorf("sessions: got %v, want 1", page["total"])
	}
}

type object = map[string]any

func TestOptionalFieldsMayBeNull(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	got := s.want(201, s.do("POST", base+"/sessions", `{"title":null,"image_purpose":"banner_web","style_preset":null,"brand_guidelines":null,"brand_id":null,"custom_width":null}`))
	if got["style_preset"] != nil || got["brand_guidelines"] != nil || got["final_image_url"] != nil {
		t.Errorf("got %v, want nulls", got)
	}
	id := got["id"].(string)
	s.want(200, s.do("PATCH", base+"/sessions/"+id, object{"style_preset": "modern", "brand_guidelines": object{"tone": "warm"}}))
	got = s.want(200, s.do("PATCH", base+"/sessions/"+id, `{"style_preset":null,"title":"새 이름"}`))
	if got["style_preset"] != nil || got["title"] != "새 이름" || got["brand_guidelines"] == nil {
		t.Errorf("after null: got %v, want the style cleared and the rest kept", got)
	}
}

func TestProblemsSayWhatToChange(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	s.header = http.Header{"Accept-Language": {"en"}}
	for name, test := range map[string]struct {
		reply reply
		want  string
	}{
		"the methods there are":       {s.do("PUT", base+"/sessions", nil), "GET, POST"},
		"the type that is taken":      {s.do("POST", base+"/sessions", "a=b", "Content-Type", "text/plain"), "application/json"},
		"the form that is taken":      {s.do("POST", base+"/uploads", object{}), "multipart/form-data"},
		"how to write a percent sign": {s.do("GET", base+"/images?q=%", nil), "%25"},
		"the least":                   {s.do("GET", base+"/sessions/"+s.session()+"/events?after=-1", nil), "after: It must be at least 0."},
		"a whole number": {s.do("POST", base+"/sessions", `{"image_purpose":"custom","custom_width":512.5,"custom_height":512}`),
			"custom_width: Write a whole number"},
	} {
		if got, _ := test.reply.json(t)["detail"].(string); !strings.Contains(got, test.want) {
			t.Errorf("%s: got %q, want %q in it", name, got, test.want)
		}
	}
}

func TestAWholeNumberMayBeSpelledAsJSONAllows(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	got := s.want(201, s.do("POST", base+"/sessions", `{"image_purpose":"custom","custom_width":512.0,"custom_height":5e2}`))
	if got["custom_width"] != 512.0 || got["custom_height"] != 500.0 {
		t.Errorf("got %v × %v, want 512 × 500", got["custom_width"], got["custom_height"])
	}
}

func TestACursorBelongsToItsList(t *testing.T) {
	t.Parallel()
	s := start(t, setup{replies: []imagechattest.Reply{{Images: [][]byte{picture(t, 8, 8, 1)}}, {Images: [][]byte{picture(t, 8, 8, 2)}}}})
	for range 2 {
		s.want(200, s.do("POST", base+"/sessions/"+s.session()+"/generate", object{"prompt": "라떼"}))
	}
	cursors := map[string]string{}
	for _, list := range []string{"/sessions", "/images"} {
		cursors[list], _ = s.want(200, s.do("GET", base+list+"?limit=1", nil))["next_cursor"].(string)
		s.want(200, s.do("GET", base+list+"?cursor="+cursors[list], nil))
		// As earlier versions made them, of no list.
		raw, err := base64.RawURLEncoding.DecodeString(cursors[list])
		if err != nil {
			t.Fatal(err)
		}
		_, position, _ := strings.Cut(string(raw), ":")
		s.want(200, s.do("GET", base+list+"?cursor="+base64.RawURLEncoding.EncodeToString([]byte(position)), nil))
	}
	s.wantProblem(422, "invalid_request", s.do("GET", base+"/images?cursor="+cursors["/sessions"], nil))
	s.wantProblem(422, "invalid_request", s.do("GET", base+"/sessions?cursor="+cursors["/images"], nil))
}

func TestNullClearsOnlyWhatMayBeWithoutAValue(t *testing.T) {
	t.Parallel()
	s := start(t, setup{replies: []imagechattest.Reply{{Images: [][]byte{picture(t, 8, 8, 1)}}}})
	session := base + "/sessions/" + s.session()
	image := base + "/images/" + s.want(200, s.do("POST", session+"/generate", object{"prompt": "라떼"}))["images"].([]any)[0].(object)["id"].(string)
	brand := base + "/brands/" + s.want(201, s.do("POST", base+"/brands", object{"name": "가게", "do": []string{"밝게"}}))["id"].(string)
	for path, property := range map[string]string{session: "status", session + "?": "image_purpose", image: "is_selected", brand: "name"} {
		before := s.want(200, s.do("GET", path, nil))[property]
		p := s.wantProblem(422, "invalid_request", s.do("PATCH", path, object{property: nil}))
		fields, _ := p["errors"].([]any)
		if len(fields) != 1 || fields[0].(object)["location"] != property || fields[0].(object)["rule"] != "not_null" {
			t.Errorf("%s: got errors %v, want that it cannot be cleared", property, p["errors"])
		}
		if got := s.want(200, s.do("PATCH", path, object{property: before})); got[property] != before {
			t.Errorf("%s: got %v, want %v", property, got[property], before)
		}
	}
	if got := s.want(200, s.do("PATCH", brand, object{"do": nil})); len(got["do"].([]any)) != 0 || got["name"] != "가게" {
		t.Errorf("a list that is cleared: got %v", got)
	}
}

func TestNumbersOfGuidelinesStayAsTheyCame(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	const guidelines = `{"list":[0.10,{"n":1e2}],"no":12345678901234567890,"width":512.0}`
	r := s.do("POST", base+"/sessions", `{"image_purpose":"banner_web","brand_guidelines":`+guidelines+`}`)
	id := s.want(201, r)["id"].(string)
	for name, body := range map[string][]byte{
		"made":    r.body,
		"read":    s.do("GET", base+"/sessions/"+id, nil).body,
		"changed": s.do("PATCH", base+"/sessions/"+id, `{"brand_guidelines":`+guidelines+`}`).body,
	} {
		if !strings.Contains(string(body), guidelines) {
			t.Errorf("%s: got %s, want %s in it", name, body, guidelines)
		}
	}
}

func TestTheGeneratorsFailuresKeepTheirStatusAndReason(t *testing.T) {
	t.Parallel()
	s := start(t, setup{replies: []imagechattest.Reply{
		{Err: &imagechat.Error{Code: imagechat.ContentBlocked, Reason: "IMAGE_SAFETY", Charge: imagechat.ChargeMetered}},
		{Err: &imagechat.Error{Code: imagechat.GeneratorRejectedKey, Charge: imagechat.ChargeNone}},
	}})
	path := base + "/sessions/" + s.session() + "/generate"
	p := s.wantProblem(422, "content_blocked", s.do("POST", path, object{"prompt": "x"}))
	if !strings.Contains(p["detail"].(string), "IMAGE_SAFETY") || p["reason"] != "IMAGE_SAFETY" {
		t.Errorf("got %v, want the generator's own reason", p)
	}
	s.wantProblem(502, "generator_rejected_key", s.do("POST", path, object{"prompt": "x"}))
}

func TestTheLanguageIsThePersons(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	for name, test := range map[string]struct {
		path    string
		headers []string
		want    string
	}{
		"Korean by default":           {"", nil, "대화를 찾지 못했어요"},
		"English by header":           {"", []string{"Accept-Language", "en-US,en;q=0.9,ko;q=0.2"}, "Conversation not found"},
		"the query beats the header":  {"?lang=ko", []string{"Accept-Language", "en"}, "대화를 찾지 못했어요"},
		"an unknown one is passed by": {"", []string{"Accept-Language", "fr"}, "대화를 찾지 못했어요"},
	} {
		if got := s.do("GET", base+"/sessions/"+nobody+test.path, nil, test.headers...).json(t)["title"]; got != test.want {
			t.Errorf("%s: got %v, want %s", name, got, test.want)
		}
	}
}

func TestAPanicIsAnswered(t *testing.T) {
	t.Parallel()
	s := start(t, setup{api: humaapi.Options{Web: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret detail") })}})
	r := s.do("GET", "/anything", nil)
	s.wantProblem(500, "internal", r)
	if strings.Contains(string(r.body), "secret detail") {
		t.Errorf("the answer tells the panic: %s", r.body)
	}
}

func TestASlashTooManyIsForgiven(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	r := s.do("POST", base+"/sessions/?lang=en", object{"image_purpose": "banner_web"})
	if r.StatusCode != http.StatusPermanentRedirect || r.Header.Get("Location") != base+"/sessions?lang=en" {
		t.Errorf("got %d to %q", r.StatusCode, r.Header.Get("Location"))
	}
	if r := s.do("PUT", base+"/sessions", nil); r.Header.Get("Allow") != "GET, POST" {
		t.Errorf("Allow: got %q", r.Header.Get("Allow"))
	}
}

func TestHealthSaysWhichCheckFailsAndNotWhy(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	if got := s.want(200, s.do("GET", "/health", nil)); got["status"] != "healthy" || got["gemini_configured"] != false {
		t.Errorf("got %v", got)
	}
	s.ports.Repository.(*memory.Repository).FailNext("CheckHealth", 1, errors.New("open /data/image_chat.db: permission denied"))
	r := s.do("GET", "/health", nil)
	got := s.want(503, r)
	if got["status"] != "unhealthy" || strings.Contains(string(r.body), "/data") || len(got["failing"].([]any)) != 1 || got["failing"].([]any)[0] != "database" {
		t.Errorf("got %s", r.body)
	}
	s.want(200, s.do("GET", "/health", nil))
}

func TestAFailingStoreIsToldWithoutItsSecrets(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	turns := base + "/sessions/" + s.session() + "/turns"
	repository := s.ports.Repository.(*memory.Repository)
	for _, test := range []struct {
		err    error
		status int
		code   string
	}{
		{fmt.Errorf("bunstore: disk I/O at /data: %w", imagechat.StorageFull), 507, "storage_full"},
		{fmt.Errorf("bunstore: locked: %w", imagechat.StorageUnavailable), 503, "storage_unavailable"},
		{errors.New("INSERT INTO turns: /data is gone"), 500, "internal"},
	} {
		repository.FailNext("CreateTurn", 1, test.err)
		r := s.do("POST", turns, object{"kind": "chat", "content": "안녕"})
		s.wantProblem(test.status, test.code, r)
		for _, secret := range []string{"/data", "INSERT", "bunstore"} {
			if strings.Contains(string(r.body), secret) {
				t.Errorf("the answer tells %q: %s", secret, r.body)
			}
		}
	}
}
