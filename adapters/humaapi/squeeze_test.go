package humaapi_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

func unzip(t *testing.T, b []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatalf("no gzip: %v", err)
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		t.Fatalf("gzip that breaks off: %v", err)
	}
	return plain
}

func TestDocumentsAreCompressedForWhoTakesThat(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	for _, path := range []string{base + "/purposes", base + "/purposes?lang=en", "/openapi.json", "/openapi.yaml"} {
		plain := s.do("GET", path, nil, "Accept-Encoding", "identity")
		if got := plain.Header.Get("Content-Encoding"); plain.StatusCode != 200 || got != "" {
			t.Errorf("%s for who takes none: got %d, encoded as %q", path, plain.StatusCode, got)
		}
		for _, accepts := range []string{"gzip", "br, GZIP;q=0.5"} {
			packed := s.do("GET", path, nil, "Accept-Encoding", accepts)
			if got := packed.Header.Get("Content-Encoding"); got != "gzip" {
				t.Errorf("%s for %q: encoded as %q", path, accepts, got)
				continue
			}
			if !bytes.Equal(unzip(t, packed.body), plain.body) {
				t.Errorf("%s for %q: another body", path, accepts)
			}
			if len(packed.body) > len(plain.body)/3 {
				t.Errorf("%s: got %d bytes of %d", path, len(packed.body), len(plain.body))
			}
			if packed.ContentLength >= 0 && packed.ContentLength != int64(len(packed.body)) {
				t.Errorf("%s: Content-Length %d of %d bytes", path, packed.ContentLength, len(packed.body))
			}
		}
		if got := s.do("GET", path, nil, "Accept-Encoding", "br, gzip;q=0.000"); got.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s for who refuses gzip: encoded as %q", path, got.Header.Get("Content-Encoding"))
		}
		for _, r := range []reply{plain, s.do("GET", path, nil, "Accept-Encoding", "gzip")} {
			if got := strings.Join(r.Header.Values("Vary"), ","); got != "Accept-Encoding" {
				t.Errorf("%s: Vary %q", path, got)
			}
		}
	}
}

func TestShortAnswersAndProblemsComeAsTheyAre(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	s.header.Set("Accept-Encoding", "gzip")
	if got := s.do("GET", "/health", nil); got.StatusCode != 200 || got.Header.Get("Content-Encoding") != "" || got.json(t)["status"] != "healthy" {
		t.Errorf("health: got %d, encoded as %q", got.StatusCode, got.Header.Get("Content-Encoding"))
	}
	s.wantProblem(404, "session_not_found", s.do("GET", base+"/sessions/01990000-0000-7000-8000-000000000000", nil))
	id := s.session()
	if got := s.do("DELETE", base+"/sessions/"+id, nil); got.StatusCode != 204 || len(got.body) != 0 {
		t.Errorf("deleting: got %d and %d bytes", got.StatusCode, len(got.body))
	}
}

func TestPicturesArchivesAndStreamsAreNotCompressed(t *testing.T) {
	t.Parallel()
	data := picture(t, 200, 100, 9)
	s := start(t, setup{replies: []imagechattest.Reply{{Images: [][]byte{data}}}})
	s.header.Set("Accept-Encoding", "gzip")
	session := s.session()
	// Long enough to be compressed when it is asked for, and sent after a wait.
	turn := s.do("POST", base+"/sessions/"+session+"/turns", object{"kind": "generate", "content": strings.Repeat("라떼 ", 600)}, "Prefer", "wait=10")
	if turn.StatusCode != 200 || turn.Header.Get("Content-Encoding") != "gzip" || !bytes.Contains(unzip(t, turn.body), []byte(`"succeeded"`)) {
		t.Fatalf("a turn that was waited for: got %d, encoded as %q", turn.StatusCode, turn.Header.Get("Content-Encoding"))
	}
	list := s.do("GET", base+"/images", nil)
	if list.Header.Get("Content-Encoding") == "gzip" {
		list.body = unzip(t, list.body)
	}
	image := list.json(t)["images"].([]any)[0].(object)
	content := image["image_url"].(string)
	for _, path := range []string{content, content + "?w=64", content + "?download=1", strings.TrimSuffix(content, "/content") + "/export?purpose=email_header"} {
		got := s.do("GET", path, nil)
		if got.StatusCode != 200 || got.Header.Get("Content-Encoding") != "" || strings.Contains(strings.Join(got.Header.Values("Vary"), ","), "Encoding") {
			t.Errorf("%s: got %d, encoded as %q, Vary %q", path, got.StatusCode, got.Header.Get("Content-Encoding"), got.Header.Values("Vary"))
		}
	}
	whole := s.do("GET", content, nil)
	if again := s.do("GET", content, nil, "If-None-Match", whole.Header.Get("ETag")); !bytes.Equal(whole.body, data) || again.StatusCode != 304 {
		t.Errorf("a picture: got %d bytes of %d, and %d the second time", len(whole.body), len(data), again.StatusCode)
	}
	zip := s.do("POST", base+"/sessions/"+session+"/exports", object{"image_id": image["id"], "purposes": []string{"email_header"}})
	if zip.StatusCode != 200 || zip.Header.Get("Content-Encoding") != "" || !bytes.HasPrefix(zip.body, []byte("PK")) {
		t.Errorf("ZIP: got %d, encoded as %q", zip.StatusCode, zip.Header.Get("Content-Encoding"))
	}
	e := s.follow(base + "/sessions/" + session + "/events?after=0")
	if got := e.next(); !strings.Contains(got, `"connected"`) { // at once and readable
		t.Errorf("the stream: got %q", got)
	}
}
