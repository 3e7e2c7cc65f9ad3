package gemini_test

import (
	"net/http/httptest"
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/memory"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// What stands between us and the API answers in its own ways.
func TestTheCauseIsNamedWhoeverAnswers(t *testing.T) {
	t.Parallel()
	const asJSON = "application/json"
	for name, tt := range map[string]struct {
		status     int
		kind, body string
		code       imagechat.Code
		cause      string
		header     []string
	}{
		"a gateway's 402": {402, asJSON, `{"error":{"message":"pay first"}}`, imagechat.QuotaExhausted, "credit", nil},
		"a gateway's quota": {403, asJSON, `{"error":{"message":"pre-consume quota failed: insufficient_user_quota","type":"new_api_error","param":"","code":"insufficient_user_quota"}}`,
			imagechat.QuotaExhausted, "credit", nil},
		"a gateway's overload": {503, asJSON, `{"error":{"message":"no channel"}}`, imagechat.GeneratorOverloaded, "", nil},
		"a firewall's page":    {403, "text/html", "<html>blocked</html>", imagechat.GeneratorProtocol, "web_page", nil},
		"a wrong path":         {404, "text/html", "<html>not here</html>", imagechat.GeneratorProtocol, "not_the_api", nil},
		"an empty 404":         {404, "text/plain", "", imagechat.GeneratorProtocol, "not_the_api", nil},
		"a redirect":           {302, "text/html", "", imagechat.GeneratorProtocol, "redirect", []string{"Location", "https://example.invalid/"}},
		"another country": {400, asJSON, `{"error":{"code":400,"message":"Image generation is not available in your country.","status":"FAILED_PRECONDITION"}}`,
			imagechat.ModelUnavailable, "region", nil},
		"a long talk": {400, asJSON, `{"error":{"code":400,"message":"The input token count (140000) exceeds the maximum number of tokens allowed (131072).","status":"INVALID_ARGUMENT"}}`,
			imagechat.PayloadTooLarge, "conversation", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := httptest.NewServer(fixed(tt.status, tt.kind, tt.body, tt.header...))
			defer srv.Close()
			k := &kit{t: t, gen: newGenerator(t, srv.URL, nil), blobs: memory.NewBlobStore()}
			_, err := k.gen.Generate(t.Context(), k.call(imagechat.KindGenerate, "a bag"))
			e := imagechat.AsError(err)
			if e == nil || e.Code != tt.code || e.Params["cause"] != tt.cause || e.Charge != none || e.Upstream != tt.status {
				t.Errorf("got %+v", e)
			}
		})
	}
}

func TestWhatCannotBeReachedIsToldFromWhatIsBusy(t *testing.T) {
	t.Parallel()
	plain := httptest.NewServer(fixed(200, "text/plain", ""))
	defer plain.Close()
	signed := httptest.NewTLSServer(fixed(200, "text/plain", "")) // by itself
	defer signed.Close()
	for name, tt := range map[string]struct{ url, obstacle string }{
		"nobody listens":          {"http://127.0.0.1:1", "connection"},
		"no TLS there":            {"https" + plain.URL[len("http"):], "certificate"},
		"a certificate of no one": {signed.URL, "certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			k := &kit{t: t, gen: newGenerator(t, tt.url, nil), blobs: memory.NewBlobStore()}
			_, err := k.gen.Generate(t.Context(), k.call(imagechat.KindGenerate, "a bag"))
			e := imagechat.AsError(err)
			if e == nil || e.Params["cause"] != "unreachable" || e.Params["obstacle"] != tt.obstacle || e.Charge != none {
				t.Errorf("got %+v", e)
			}
		})
	}
}

func TestTheVersionMayStandInTheBaseURL(t *testing.T) {
	t.Parallel()
	k := newKit(t, nil, nil)
	k.gen = newGenerator(t, k.srv.URL+"/v1beta/", nil)
	if _, err := k.gen.Generate(t.Context(), k.call(imagechat.KindGenerate, "a bag")); err != nil {
		t.Error(err)
	}
}
