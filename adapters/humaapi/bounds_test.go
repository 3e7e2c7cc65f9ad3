package humaapi_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/humaapi"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

func TestAnUploadThatDeclaresTooMuchIsRefusedUnread(t *testing.T) {
	t.Parallel()
	api, err := humaapi.New(start(t, setup{}).svc, &humaapi.Options{Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(api.Handler())
	defer s.Close()
	c, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	// Nothing of the body is sent: the answer must not wait for it.
	fmt.Fprintf(c, "POST %s/uploads HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 100000000000\r\n\r\n", base)
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if r.StatusCode != 413 || !r.Close {
		t.Errorf("got %d (connection kept: %v), want 413 and the connection closed", r.StatusCode, !r.Close)
	}
}

func TestMakingACopyCountsAsARequestAndReadingItDoesNot(t *testing.T) {
	t.Parallel()
	s := start(t, setup{
		api:     humaapi.Options{Auth: logins(t), Limits: humaapi.Limits{RequestsPerMinute: 30}}, // ten at once
		replies: []imagechattest.Reply{{Images: [][]byte{picture(t, 2048, 16, 5)}}},
	})
	s.header = bearer(minaSecret)
	m := s.want(200, s.do("POST", base+"/sessions/"+s.session()+"/generate", object{"prompt": "라떼"}))
	url := m["images"].([]any)[0].(object)["image_url"].(string)
	for range 30 {
		if r := s.do("GET", url+"?w=640", nil); r.StatusCode != 200 {
			t.Fatalf("reading a copy again: got %d", r.StatusCode)
		}
	}
	limited := false
	for _, w := range []int{64, 96, 128, 192, 256, 320, 400, 512, 768, 1024, 1536, 2048} {
		limited = limited || s.do("GET", fmt.Sprint(url, "?w=", w), nil).StatusCode == 429
	}
	if !limited {
		t.Error("twelve copies were made at once where ten requests are allowed")
	}
}

func TestALinkOnAnotherSiteFinishesNoPicture(t *testing.T) {
	t.Parallel()
	s := start(t, setup{
		api:     humaapi.Options{AllowedOrigins: []string{"https://app.example.com"}},
		replies: []imagechattest.Reply{{Images: [][]byte{picture(t, 64, 32, 5)}}},
	})
	m := s.want(200, s.do("POST", base+"/sessions/"+s.session()+"/generate", object{"prompt": "라떼"}))
	image := base + "/images/" + m["images"].([]any)[0].(object)["id"].(string)
	export := image + "/export?width=64&height=64"
	s.wantProblem(403, "forbidden", s.do("GET", export, nil, "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"))
	if got := s.want(200, s.do("GET", image, nil)); got["is_exported"] != false {
		t.Error("a refused export left its mark")
	}
	for _, headers := range [][]string{
		{}, {"Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Site", "none"},
		{"Sec-Fetch-Site", "cross-site", "Origin", "https://app.example.com"},
	} {
		if r := s.do("GET", export, nil, headers...); r.StatusCode != 200 {
			t.Errorf("with %v: got %d, want the file", headers, r.StatusCode)
		}
	}
}
