package humaapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/humaapi"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

// cookieOf logs in and returns the cookie as a browser sends it.
func cookieOf(t *testing.T, s *server, token string) string {
	t.Helper()
	r := s.do("POST", base+"/login", object{"token": token})
	cookie, _, _ := strings.Cut(r.Header.Get("Set-Cookie"), ";")
	if r.StatusCode != 204 || cookie == "" {
		t.Fatalf("login: got %d, %q", r.StatusCode, cookie)
	}
	return cookie
}

func TestACookieOfANeighbourStandsInNobodysWay(t *testing.T) {
	t.Parallel()
	for _, public := range []string{"https://img.example.com", ""} {
		s := start(t, setup{api: humaapi.Options{Auth: logins(t), PublicURL: public}})
		mina, jun := cookieOf(t, s, minaSecret), cookieOf(t, s, junSecret)
		name, _, _ := strings.Cut(mina, "=")
		want := humaapi.CookieName
		if public != "" {
			want = humaapi.SecureCookieName
		}
		if name != want {
			t.Errorf("with PublicURL %q the cookie is %s, want %s", public, name, want)
		}
		for what, test := range map[string]struct {
			cookies string
			owner   string // "" for nobody
		}{
			"one":                      {mina, "mina"},
			"one behind one of no use": {name + "=garbage; " + mina, "mina"},
			"of two the first":         {jun + "; " + mina, "jun"},
			"the secret itself":        {name + "=" + minaSecret, ""},
			"none of use":              {name + "=garbage", ""},
		} {
			r := s.do("GET", "/api/info", nil, "Cookie", test.cookies)
			if test.owner == "" {
				if r.StatusCode != http.StatusUnauthorized {
					t.Errorf("%q, %s: got %d, want 401", public, what, r.StatusCode)
				}
				continue
			}
			if got := s.want(200, r)["owner"]; got != test.owner {
				t.Errorf("%q, %s: got %v, want %s", public, what, got, test.owner)
			}
		}
		if public == "" {
			continue
		}
		// A neighbour can set a cookie without the prefix: it means nothing here.
		_, value, _ := strings.Cut(jun, "=")
		if got := s.want(200, s.do("GET", "/api/info", nil, "Cookie", humaapi.CookieName+"="+value+"; "+mina))["owner"]; got != "mina" {
			t.Errorf("beside a neighbour's cookie: got %v, want mina", got)
		}
		if r := s.do("GET", "/api/info", nil, "Cookie", humaapi.CookieName+"="+value); r.StatusCode != http.StatusUnauthorized {
			t.Errorf("a neighbour's cookie alone: got %d, want 401", r.StatusCode)
		}
	}
}

func TestTheAppsFilesAreNotCounted(t *testing.T) {
	t.Parallel()
	app := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("the page")) })
	s := start(t, setup{api: humaapi.Options{Auth: logins(t), Web: app, Limits: humaapi.Limits{RequestsPerMinute: 6}}})
	for range 40 {
		if r := s.do("GET", "/assets/app.js", nil); r.StatusCode != 200 {
			t.Fatalf("a file of the app: got %d", r.StatusCode)
		}
	}
	limited := false
	for range 10 { // a stranger's requests for data are
		limited = limited || s.do("GET", base+"/sessions", nil).StatusCode == http.StatusTooManyRequests
	}
	if !limited {
		t.Error("requests without a login have no limit")
	}
}

func TestPagesOfAllowedOriginsShowPicturesByPlainImages(t *testing.T) {
	t.Parallel()
	s := start(t, setup{
		api:     humaapi.Options{AllowedOrigins: []string{"https://studio.example.com"}},
		replies: []imagechattest.Reply{{Images: [][]byte{picture(t, 64, 32, 5)}}},
	})
	id := s.session()
	m := s.want(200, s.do("POST", base+"/sessions/"+id+"/generate", object{"prompt": "latte"}))
	url := m["image_url"].(string)
	for page, want := range map[string]string{
		"https://studio.example.com/": "cross-origin", "https://evil.example/": "same-origin",
		"https://studio.example.com.evil.example/": "same-origin", "": "same-origin",
	} {
		header := []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "image"}
		if page != "" {
			header = append(header, "Referer", page)
		}
		r := s.do("GET", url, nil, header...)
		if got := r.Header.Get("Cross-Origin-Resource-Policy"); r.StatusCode != 200 || got != want {
			t.Errorf("a picture on %q: got %d, %s, want %s", page, r.StatusCode, got, want)
		}
		if vary := strings.Join(r.Header.Values("Vary"), ", "); !strings.Contains(vary, "Origin") || !strings.Contains(vary, "Referer") {
			t.Errorf("Vary: %q", vary)
		}
	}
}
