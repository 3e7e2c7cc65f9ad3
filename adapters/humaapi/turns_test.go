package humaapi_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/humaapi"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

func TestATurnIsTakenInOnceAndFollowed(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	s := start(t, setup{replies: []imagechattest.Reply{{Wait: hold, Text: "네.", Images: [][]byte{picture(t, 64, 32, 1)}}}})
	id := s.session()
	path := base + "/sessions/" + id + "/turns"
	request := object{"kind": "generate", "content": "라떼"}
	r := s.do("POST", path, request, "Idempotency-Key", "k", "Prefer", "wait=1")
	first := s.want(202, r) // it waits for a generator that holds
	if r.Header.Get("Location") != base+"/turns/"+first["id"].(string) || r.Header.Get("Preference-Applied") != "wait=1" {
		t.Errorf("headers: got %v", r.Header)
	}
	if again := s.want(202, s.do("POST", path, request, "Idempotency-Key", "k")); again["id"] != first["id"] {
		t.Errorf("the same key: got turn %v, want %v", again["id"], first["id"])
	}
	s.wantProblem(409, "idempotency_mismatch", s.do("POST", path, object{"kind": "generate", "content": "차"}, "Idempotency-Key", "k"))
	s.wantProblem(409, "conflict", s.do("POST", base+"/turns/"+first["id"].(string)+"/retry", nil))
	open := s.want(200, s.do("GET", base+"/sessions/"+id, nil))
	if turns := open["active_turns"].([]any); len(turns) != 1 {
		t.Errorf("active turns: got %v, want one", turns)
	}
	close(hold)
	done := s.want(200, s.do("POST", path, request, "Idempotency-Key", "k", "Prefer", `respond-async, wait="60"`))
	if done["status"] != "succeeded" || done["assistant_message_id"] == nil {
		t.Errorf("turn: got %v, want it succeeded", done)
	}
	s.wantProblem(409, "conflict", s.do("POST", base+"/turns/"+first["id"].(string)+"/cancel", nil))
}

func TestTheClientsGoingAwayCancelsNothing(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	s := start(t, setup{replies: []imagechattest.Reply{{Wait: hold, Text: "다 됐어요."}}})
	id := s.session()
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, "POST", s.URL+base+"/sessions/"+id+"/message", strings.NewReader(`{"content":"안녕"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		if resp, err := http.DefaultClient.Do(req); err == nil {
			_ = resp.Body.Close()
		}
	}()
	if err := s.script.WaitCalls(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	cancel()
	<-gone
	close(hold)
	turns := s.want(200, s.do("GET", base+"/sessions/"+id, nil))
	for len(turns["active_turns"].([]any)) > 0 {
		turns = s.want(200, s.do("GET", base+"/sessions/"+id, nil))
	}
	messages := turns["messages"].([]any)
	if len(messages) != 2 || messages[1].(object)["text_content"] != "다 됐어요." {
		t.Errorf("messages: got %v, want the reply", messages)
	}
}

// events reads a stream of server-sent events.
type events struct {
	t *testing.T
	r *bufio.Reader
}

func (s *server) follow(path string, headers ...string) *events {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), "GET", s.URL+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = resp.Body.Close() })
	if resp.StatusCode != 200 || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") || resp.Header.Get("Cache-Control") != "no-store" {
		s.t.Fatalf("got %d with %v", resp.StatusCode, resp.Header)
	}
	return &events{s.t, bufio.NewReader(resp.Body)}
}

// next returns the next block: its lines up to an empty one.
func (e *events) next() string {
	e.t.Helper()
	var block strings.Builder
	for {
		line, err := e.r.ReadString('\n')
		if err != nil {
			e.t.Fatalf("stream: %v after %q", err, block.String())
		}
		if line == "\n" {
			return block.String()
		}
		block.WriteString(line)
	}
}

func TestTheEventStreamResumesWithoutAGapOrARepeat(t *testing.T) {
	t.Parallel()
	s := start(t, setup{api: humaapi.Options{KeepAlive: 50 * time.Millisecond}})
	id := s.session()
	rename := func(title string) { s.want(200, s.do("PATCH", base+"/sessions/"+id, object{"title": title})) }
	rename("하나")
	rename("둘")
	rename("셋")
	path := base + "/sessions/" + id + "/events"
	e := s.follow(path+"?after=0", "Last-Event-ID", "1")
	if got := e.next(); !strings.Contains(got, `"connected"`) || strings.Contains(got, "id:") {
		t.Errorf("greeting: got %q", got)
	}
	for _, want := range []string{"id: 2\ndata: ", "id: 3\ndata: "} {
		if got := e.next(); !strings.HasPrefix(got, want) {
			t.Errorf("replay: got %q, want %q", got, want)
		}
	}
	if got := e.next(); !strings.HasPrefix(got, ":") {
		t.Errorf("a quiet line: got %q, want a comment", got)
	}
	rename("넷")
	for got := e.next(); ; got = e.next() {
		if strings.HasPrefix(got, ":") {
			continue
		}
		if !strings.HasPrefix(got, "id: 4\n") || !strings.Contains(got, "넷") {
			t.Errorf("live: got %q", got)
		}
		return
	}
}

func form(t *testing.T, field string, data []byte) (body []byte, contentType string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile(field, "로고 최종.png")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), w.FormDataContentType()
}

// header is the beginning of a PNG of w × h pixels.
func header(w, h uint32) []byte {
	chunk := append([]byte("IHDR"), 0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0)
	binary.BigEndian.PutUint32(chunk[4:], w)
	binary.BigEndian.PutUint32(chunk[8:], h)
	b := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), chunk...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(chunk))
}

func TestUploadsAreCheckedByTheirBytes(t *testing.T) {
	t.Parallel()
	s := start(t, setup{replies: []imagechattest.Reply{{Text: "좋아요."}, {Text: "좋아요."}}})
	good := picture(t, 80, 40, 3)
	wide, wideType := form(t, "file", header(10000, 6000))
	body, contentType := form(t, "file", good)
	image := s.want(201, s.do("POST", base+"/uploads", body, "Content-Type", contentType))
	if image["role"] != "reference" || image["width"] != 80.0 || image["session_id"] != nil {
		t.Errorf("image: got %v", image)
	}
	for name, test := range map[string]struct {
		field  string
		data   []byte
		status int
		code   string
	}{
		"HTML under a picture's name": {"file", []byte("<script>alert(1)</script>"), 415, "unsupported_image"},
		"half a picture":              {"file", good[:len(good)/2], 422, "invalid_image"},
		"too many bytes":              {"file", append(good, make([]byte, 20<<20)...), 413, "payload_too_large"},
		"no file":                     {"note", good, 422, "invalid_request"},
	} {
		body, contentType := form(t, test.field, test.data)
		t.Log(name)
		s.wantProblem(test.status, test.code, s.do("POST", base+"/uploads", body, "Content-Type", contentType))
	}
	body, contentType = form(t, "file", good)
	s.wantProblem(400, "malformed_request", s.do("POST", base+"/uploads", body[:len(body)-200], "Content-Type", contentType))

	for name, head := range map[string]string{
		"a NUL in the file's name":      "Content-Disposition: form-data; name=\"file\"; filename=\"a\x00.png\"\r\n",
		"a header without a colon":      "Content-Disposition form-data\r\n",
		"an encoding that it is not in": "Content-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\nContent-Transfer-Encoding: quoted-printable\r\n",
	} {
		body := "--x\r\n" + head + "\r\n" + string(good) + "\r\n--x--\r\n"
		t.Log(name)
		s.wantProblem(400, "malformed_request", s.do("POST", base+"/uploads", body, "Content-Type", "multipart/form-data; boundary=x"))
	}
	large := s.wantProblem(422, "invalid_image", s.do("POST", base+"/uploads?lang=en", wide, "Content-Type", wideType))
	if !strings.Contains(large["detail"].(string), "50 megapixels") {
		t.Errorf("too many pixels: got %q, want the limit", large["detail"])
	}

	// An upload, and a data: URL, can be referred to.
	path := base + "/sessions/" + s.session() + "/message"
	for _, reference := range []string{image["image_url"].(string), "data:image/png;base64," + base64.StdEncoding.EncodeToString(good)} {
		s.want(200, s.do("POST", path, object{"content": "이 사진 어때?", "reference_image_url": reference}))
	}
}

func TestPicturesAreServedAsTheyAre(t *testing.T) {
	t.Parallel()
	data := picture(t, 200, 100, 9)
	s := start(t, setup{replies: []imagechattest.Reply{{Images: [][]byte{data}}}})
	m := s.want(200, s.do("POST", base+"/sessions/"+s.session()+"/generate", object{"prompt": "라떼"}))
	url := m["image_url"].(string)
	whole := s.do("GET", url, nil)
	for header, want := range map[string]string{
		"Content-Type": "image/png", "Cache-Control": "private, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff",
		"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox", "Accept-Ranges": "bytes",
		"Cross-Origin-Resource-Policy": "same-origin",
	} {
		if got := whole.Header.Get(header); got != want {
			t.Errorf("%s: got %q, want %q", header, got, want)
		}
	}
	if !bytes.Equal(whole.body, data) {
		t.Error("the bytes are not the generator's")
	}
	if r := s.do("GET", url, nil, "If-None-Match", whole.Header.Get("ETag")); r.StatusCode != 304 || len(r.body) != 0 {
		t.Errorf("If-None-Match: got %d and %d bytes", r.StatusCode, len(r.body))
	}
	if r := s.do("GET", url, nil, "Range", "bytes=10-19"); r.StatusCode != 206 || !bytes.Equal(r.body, data[10:20]) {
		t.Errorf("range: got %d and %d bytes", r.StatusCode, len(r.body))
	}
	beyond := s.do("GET", url+"?lang=en", nil, "Range", "bytes=99999-")
	p := s.wantProblem(416, "malformed_request", beyond)
	if got, want := beyond.Header.Get("Content-Range"), "bytes */"+strconv.Itoa(len(data)); got != want || !strings.Contains(p["detail"].(string), "outside of the file") {
		t.Errorf("a range beyond the end: got Content-Range %q and %q, want %q", got, p["detail"], want)
	}
	if r := s.do("HEAD", url, nil); r.StatusCode != 200 || r.ContentLength != int64(len(data)) {
		t.Errorf("HEAD: got %d and length %d", r.StatusCode, r.ContentLength)
	}
	named := s.do("GET", url+"?download=1", nil).Header.Get("Content-Disposition")
	if !strings.HasPrefix(named, "attachment; ") || !strings.Contains(named, "filename*=UTF-8''") || !strings.Contains(named, "%EC%97%AC%EB%A6%84") {
		t.Errorf("Content-Disposition: got %q, want the title in it", named)
	}
	export := s.do("GET", strings.TrimSuffix(url, "/content")+"/export?purpose=email_header", nil)
	if export.StatusCode != 200 || len(export.body) == 0 {
		t.Errorf("export: got %d\n%.300s", export.StatusCode, export.body)
	}
	session := m["session_id"].(string)
	image := m["images"].([]any)[0].(object)["id"]
	zip := s.do("POST", base+"/sessions/"+session+"/exports", object{"image_id": image, "purposes": []string{"email_header", "sns_facebook"}})
	if zip.StatusCode != 200 || zip.Header.Get("Content-Type") != "application/zip" || !bytes.HasPrefix(zip.body, []byte("PK")) {
		t.Errorf("ZIP: got %d\n%.300s", zip.StatusCode, zip.body)
	}
	s.wantProblem(422, "invalid_request", s.do("POST", base+"/sessions/"+session+"/exports", object{"image_id": image, "purposes": []string{"nowhere"}}))
}

func TestAKnownTurnIsAnsweredWhenTheAllowanceIsUsedUp(t *testing.T) {
	t.Parallel()
	s := start(t, setup{
		api:     humaapi.Options{Auth: logins(t), Limits: humaapi.Limits{TurnsPerMinute: 2}}, // one at once
		replies: []imagechattest.Reply{{Text: "네."}},
	})
	s.header = bearer(minaSecret)
	path := base + "/sessions/" + s.session() + "/turns"
	first := s.want(202, s.do("POST", path, object{"kind": "chat", "content": "하나"}, "Idempotency-Key", "k1"))
	again := s.want(202, s.do("POST", path, object{"kind": "chat", "content": "하나"}, "Idempotency-Key", "k1"))
	if again["id"] != first["id"] {
		t.Errorf("the same turn again: got %v, want %v", again["id"], first["id"])
	}
	s.wantProblem(429, "rate_limited", s.do("POST", path, object{"kind": "chat", "content": "둘"}, "Idempotency-Key", "k2"))
	s.wantProblem(409, "idempotency_mismatch", s.do("POST", path, object{"kind": "chat", "content": "둘"}, "Idempotency-Key", "k1"))
}
