package humaapi_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/httpauth"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/humaapi"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/metrics"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/secret"
)

const (
	minaSecret = "mina-has-a-long-secret"
	junSecret  = "jun-has-another-secret"
)

func logins(t *testing.T) *httpauth.Tokens {
	t.Helper()
	tokens, err := httpauth.New([]httpauth.Token{
		{Name: "mina", Secret: secret.New(minaSecret)}, {Name: "jun", Secret: secret.New(junSecret)},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

func bearer(token string) http.Header { return http.Header{"Authorization": {"Bearer " + token}} }

// routes are all operations of the document, ids filled in.
func routes(session, turn, image, brand string) [][2]string {
	fill := strings.NewReplacer("{session_id}", session, "{turn_id}", turn, "{image_id}", image, "{brand_id}", brand)
	var all [][2]string
	for path, item := range humaapi.Document().Paths {
		for method, op := range map[string]bool{"GET": item.Get != nil, "POST": item.Post != nil, "PATCH": item.Patch != nil, "DELETE": item.Delete != nil} {
			if op {
				all = append(all, [2]string{method, fill.Replace(path)})
			}
		}
	}
	return all
}

func TestNobodyGetsInAnywhere(t *testing.T) {
	t.Parallel()
	app := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("the page")) })
	s := start(t, setup{api: humaapi.Options{Auth: logins(t), Web: app, Metrics: metrics.New(metrics.Options{}).Handler()}})
	open := map[string]bool{"GET /health": true, "GET /ready": true, "POST " + base + "/login": true}
	tried := 0
	for _, route := range routes(nobody, nobody, nobody, nobody) {
		if open[route[0]+" "+route[1]] {
			continue
		}
		tried++
		r := s.do(route[0], route[1], object{})
		if r.StatusCode != 401 || r.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s %s: got %d, want 401", route[0], route[1], r.StatusCode)
		}
	}
	for _, path := range []string{"/metrics", "/docs", "/docs/start.js", "/openapi.yaml", "/openapi.json", base + "/nothing", "/ws/image-chat/x"} {
		if r := s.do("GET", path, nil); r.StatusCode != 401 {
			t.Errorf("GET %s: got %d, want 401", path, r.StatusCode)
		}
	}
	if tried < 30 {
		t.Errorf("tried %d routes only", tried)
	}
	for path, want := range map[string]string{"/": "the page", "/sessions/x": "the page", "/health": "healthy"} {
		if r := s.do("GET", path, nil); r.StatusCode != 200 || !strings.Contains(string(r.body), want) {
			t.Errorf("GET %s: got %d and %.80s, want it open", path, r.StatusCode, r.body)
		}
	}
}

func TestAnotherOwnersThingsAreNotThere(t *testing.T) {
	t.Parallel()
	s := start(t, setup{
		api:     humaapi.Options{Auth: logins(t)},
		replies: []imagechattest.Reply{{Text: "네.", Images: [][]byte{picture(t, 64, 32, 5)}}},
	})
	s.header = bearer(minaSecret)
	id := s.session()
	m := s.want(200, s.do("POST", base+"/sessions/"+id+"/generate", object{"prompt": "라떼"}))
	image := m["images"].([]any)[0].(object)["id"].(string)
	brand := s.want(201, s.do("POST", base+"/brands", object{"name": "달빛커피"}))["id"].(string)
	turn := m["turn_id"].(string)

	s.header = bearer(junSecret)
	bodies := map[string]any{
		"/turns": object{"kind": "chat", "content": "x"}, "/estimate": object{"kind": "chat", "content": "x"},
		"/message": object{"content": "x"}, "/generate": object{"prompt": "x"}, "/refine": object{"feedback": "x", "image_id": image},
		"/export/preview": object{"purposes": []string{"email_header"}},
		"/exports":        object{"image_id": image, "purposes": []string{"email_header"}},
	}
	picked := 0
	for _, route := range routes(id, turn, image, brand) {
		method, path := route[0], route[1]
		named := strings.Contains(path, id) || strings.Contains(path, turn) || strings.Contains(path, image) || strings.Contains(path, brand)
		if !named || strings.HasPrefix(path, "/ws/") { // the socket's own test does the same
			continue
		}
		picked++
		body := any(object{})
		for ending, b := range bodies {
			if strings.HasSuffix(path, ending) {
				body = b
			}
		}
		if strings.HasSuffix(path, "/export") {
			path += "?purpose=email_header"
		}
		headers := []string{}
		if strings.HasSuffix(path, "/logo") {
			form, contentType := form(t, "file", picture(t, 8, 8, 1))
			body, headers = form, []string{"Content-Type", contentType}
		}
		if r := s.do(method, path, body, headers...); r.StatusCode != 404 {
			t.Errorf("%s %s: got %d, want 404\n%.300s", method, path, r.StatusCode, r.body)
		}
	}
	if picked < 20 {
		t.Errorf("tried %d routes only", picked)
	}
	for _, list := range []string{"/sessions", "/images", "/brands"} {
		r := s.do("GET", base+list, nil)
		if r.StatusCode != 200 || strings.Contains(string(r.body), id) || strings.Contains(string(r.body), brand) {
			t.Errorf("%s shows what is another's: %d %s", list, r.StatusCode, r.body)
		}
	}
	s.wantProblem(422, "invalid_request", s.do("POST", base+"/sessions", object{"image_purpose": "banner_web", "brand_id": brand}))
	other := s.session()
	s.wantProblem(404, "image_not_found", s.do("POST", base+"/sessions/"+other+"/message",
		object{"content": "x", "reference_image_url": m["image_url"]}))

	s.header = bearer(minaSecret)
	s.want(200, s.do("GET", base+"/sessions/"+id, nil))
}

func TestABrowserLogsInAndOut(t *testing.T) {
	t.Parallel()
	told := 0
	s := start(t, setup{api: humaapi.Options{Auth: logins(t), PublicURL: "https://img.example.com", OnLogout: func() { told++ }}})
	wrong := s.wantProblem(401, "unauthorized", s.do("POST", base+"/login?lang=en", object{"token": "a guess"}))
	if !strings.Contains(wrong["detail"].(string), "token is not right") {
		t.Errorf("a wrong token: got %q, want it said", wrong["detail"])
	}
	r := s.do("POST", base+"/login", object{"token": " " + minaSecret + "\n"}) // as it was pasted
	if r.StatusCode != 204 {
		t.Fatalf("login: got %d %s", r.StatusCode, r.body)
	}
	cookie := r.Header.Get("Set-Cookie")
	for _, part := range []string{"HttpOnly", "SameSite=Lax", "Secure", "Path=/"} {
		if !strings.Contains(cookie, part) {
			t.Errorf("cookie: got %q, want %s in it", cookie, part)
		}
	}
	if strings.Contains(cookie, minaSecret) {
		t.Error("the cookie holds the secret")
	}
	value, _, _ := strings.Cut(cookie, ";")
	s.header = http.Header{"Cookie": {value}}
	if info := s.want(200, s.do("GET", "/api/info", nil)); info["owner"] != "mina" {
		t.Errorf("owner: got %v", info["owner"])
	}
	// A page of another site has the cookie's browser, but not our origin.
	s.wantProblem(403, "forbidden", s.do("POST", base+"/sessions", object{"image_purpose": "banner_web"}, "Origin", "https://evil.example"))
	out := s.do("POST", base+"/logout", nil)
	if out.StatusCode != 204 || !strings.Contains(out.Header.Get("Set-Cookie"), "Max-Age=0") || told != 1 {
		t.Errorf("logout: got %d, %q, told %d times", out.StatusCode, out.Header.Get("Set-Cookie"), told)
	}
	s.wantProblem(401, "unauthorized", s.do("GET", "/api/info", nil))
}

func TestGuessingIsSlowedDownAndHonestPeopleAreNot(t *testing.T) {
	t.Parallel()
	s := start(t, setup{api: humaapi.Options{Auth: logins(t), Limits: humaapi.Limits{WrongLogins: 3}}})
	ask := func(secret string) reply {
		return s.do("GET", base+"/sessions", nil, "Authorization", "Bearer "+secret)
	}
	s.want(200, ask(minaSecret))
	for range 20 { // a page whose login ended asks on and on
		s.wantProblem(401, "unauthorized", ask("an old login"))
	}
	for range 2 {
		s.wantProblem(401, "unauthorized", s.do("POST", base+"/login", object{"token": "a guess"}))
	}
	r := s.do("POST", base+"/login", object{"token": "a guess"})
	s.wantProblem(429, "rate_limited", r)
	if r.Header.Get("Retry-After") == "" {
		t.Error("429 without Retry-After")
	}
	s.wantProblem(429, "rate_limited", ask("another guess"))
	s.want(200, ask(minaSecret))
	for i := range 40 {
		s.wantProblem(429, "rate_limited", ask(fmt.Sprintf("guess %d", i)))
	}
	// From here on nobody learns at once whether a guess is right.
	s.wantProblem(429, "rate_limited", ask(junSecret))
	s.want(200, ask(minaSecret))
}

func TestALoginOutlastsTheGuessesOfItsNeighbours(t *testing.T) {
	t.Parallel()
	s := start(t, setup{api: humaapi.Options{Auth: logins(t), Limits: humaapi.Limits{WrongLogins: 3}}})
	in := s.do("POST", base+"/login", object{"token": minaSecret})
	s.want(204, in)
	cookie, _, _ := strings.Cut(in.Header.Get("Set-Cookie"), ";")
	for i := range 4 {
		s.do("GET", base+"/sessions", nil, "Authorization", fmt.Sprintf("Bearer guess %d", i))
	}
	s.want(200, s.do("GET", base+"/sessions", nil, "Cookie", cookie))
	// Who comes now with a right one gets in, too, unless the guesser never rests.
	s.want(200, s.do("GET", base+"/sessions", nil, "Authorization", "Bearer "+junSecret))
}

func TestTheClientsAddressIsBelievedFromTrustedHandsOnly(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		options humaapi.Options
		headers []string
		want    string
	}{
		"a stranger's header is passed by": {humaapi.Options{}, []string{"X-Forwarded-For", "192.0.2.1"}, "127.0.0.1"},
		"a trusted proxy's last word counts": {humaapi.Options{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}},
			[]string{"X-Forwarded-For", "192.0.2.66, 198.51.100.7"}, "198.51.100.7"},
		"proxies of ours are looked through": {humaapi.Options{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")}},
			[]string{"X-Forwarded-For", "192.0.2.66, 198.51.100.7, 10.1.2.3"}, "198.51.100.7"},
		"the platform's header counts where it is configured": {humaapi.Options{ClientAddressHeader: "Fly-Client-IP"},
			[]string{"Fly-Client-IP", "198.51.100.9", "X-Forwarded-For", "192.0.2.1"}, "198.51.100.9"},
		"and nowhere else": {humaapi.Options{}, []string{"Fly-Client-IP", "198.51.100.9"}, "127.0.0.1"},
	} {
		log := make(lines, 1)
		test.options.Logger = slog.New(slog.NewTextHandler(log, nil))
		s := start(t, setup{api: test.options})
		s.do("GET", base+"/styles", nil, test.headers...)
		if got, want := <-log, "address="+test.want+"\n"; !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q in it", name, got, want)
		}
	}
}

// lines is a log's writer that hands the lines over.
type lines chan string

func (l lines) Write(b []byte) (int, error) {
	l <- string(b)
	return len(b), nil
}

func TestAServerOfThisMachineAnswersToItsOwnNamesOnly(t *testing.T) {
	t.Parallel()
	s := start(t, setup{api: humaapi.Options{LocalOnly: true}})
	for host, want := range map[string]int{"localhost:8000": 200, "127.0.0.1": 200, "[::1]:8000": 200, "studio.localhost": 200, "rebound.example:8000": 403} {
		if r := s.do("GET", base+"/styles", nil, "Host", host); r.StatusCode != want {
			t.Errorf("Host %s: got %d, want %d", host, r.StatusCode, want)
		}
	}
}

func TestAllowedOriginsMayCallAndOthersMayNot(t *testing.T) {
	t.Parallel()
	const friend = "https://studio.example.com"
	s := start(t, setup{api: humaapi.Options{AllowedOrigins: []string{friend}}})
	asked := s.do("OPTIONS", base+"/sessions", nil, "Origin", friend, "Access-Control-Request-Method", "POST")
	if asked.StatusCode != 204 || asked.Header.Get("Access-Control-Allow-Origin") != friend || !strings.Contains(asked.Header.Get("Access-Control-Allow-Headers"), "Idempotency-Key") {
		t.Errorf("preflight: got %d %v", asked.StatusCode, asked.Header)
	}
	r := s.do("POST", base+"/sessions", object{"image_purpose": "banner_web"}, "Origin", friend, "Sec-Fetch-Site", "cross-site")
	if r.StatusCode != 201 || r.Header.Get("Access-Control-Allow-Origin") != friend {
		t.Errorf("a friend: got %d %v", r.StatusCode, r.Header)
	}
	r = s.do("GET", base+"/sessions", nil, "Origin", "https://evil.example")
	if r.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("a stranger: got %v", r.Header)
	}
}

func TestEveryAnswerCarriesTheProtectingHeaders(t *testing.T) {
	t.Parallel()
	s := start(t, setup{api: humaapi.Options{PublicURL: "https://img.example.com"}})
	for _, path := range []string{"/health", base + "/styles", base + "/nothing", "/docs", "/page"} {
		h := s.do("GET", path, nil).Header
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
			"Strict-Transport-Security": "max-age=31536000; includeSubDomains", "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
		} {
			if h.Get(name) != want {
				t.Errorf("%s of %s: got %q, want %q", name, path, h.Get(name), want)
			}
		}
		if path != "/page" && !strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("Content-Security-Policy of %s: got %q", path, h.Get("Content-Security-Policy"))
		}
	}
}

func TestAnEmbeddingProgramBringsItsOwnUsers(t *testing.T) {
	t.Parallel()
	s := start(t, setup{api: humaapi.Options{Auth: staff{}}})
	s.header = bearer("badge-7")
	if info := s.want(200, s.do("GET", "/api/info", nil)); info["owner"] != "employee 7" {
		t.Errorf("owner: got %v", info["owner"])
	}
}

type staff struct{}

func (staff) Authenticate(_ context.Context, value string) (imagechat.Owner, error) {
	if n, ok := strings.CutPrefix(value, "badge-"); ok {
		return imagechat.Owner("employee " + n), nil
	}
	return "", imagechat.Unauthorized
}
