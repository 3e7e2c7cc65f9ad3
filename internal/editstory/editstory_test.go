package editstory

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini/geminitest"
	"github.com/gemini-image-chat/gemini-image-chat/internal/realserver"
)

func TestMain(m *testing.M) {
	code := m.Run()
	realserver.Cleanup()
	os.Exit(code)
}

const (
	base = "/api/image-chat"
	// key is what the other side demands; it must never be seen.
	key = "AIzaCanary-editstory-1"
)

// story is one program and the Gemini that it talks to.
type story struct {
	t       *testing.T
	gemini  *geminitest.Server
	program *realserver.Server
	session string
	images  []image
}

type image struct {
	ID       string `json:"id"`
	Parent   string `json:"parent_image_id"`
	SHA256   string `json:"sha256"`
	ImageURL string `json:"image_url"`
	Origin   struct {
		C2PA         bool   `json:"c2pa"`
		ResponseID   string `json:"response_id"`
		ModelVersion string `json:"model_version"`
	} `json:"provenance"`
}

func begin(t *testing.T, env ...string) *story {
	t.Helper()
	gemini, err := geminitest.New(&geminitest.Options{MaxSide: 300, SignatureBytes: 300_000, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(gemini.Close)
	s := &story{t: t, gemini: gemini}
	s.program = realserver.Start(t, append(env, "GENERATOR=gemini", "GEMINI_BASE_URL="+gemini.URL, "LOG_LEVEL=debug")...)
	var made struct{ ID string }
	s.post("/sessions", map[string]any{"image_purpose": "sns_instagram_portrait"}, &made)
	s.session = made.ID
	return s
}

func (s *story) post(path string, body, into any) {
	s.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.program.URL+base+path, bytes.NewReader(raw))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	s.decode(req, into)
}

func (s *story) decode(req *http.Request, into any) {
	s.t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	if resp.StatusCode/100 != 2 {
		s.t.Fatalf("%s %s: %d %s", req.Method, req.URL.Path, resp.StatusCode, got)
	}
	if err := json.Unmarshal(got, into); err != nil {
		s.t.Fatalf("%s %s: %v in %s", req.Method, req.URL.Path, err, got)
	}
}

// rest makes a turn by one of the plain routes, which answer when it ended.
func (s *story) rest(route string, body map[string]any) {
	s.t.Helper()
	var m struct{ Images []image }
	s.post("/sessions/"+s.session+route, body, &m)
	s.keep(route, m.Images)
}

// socket makes a turn by a frame and waits for its reply.
func (s *story) socket(kind, content string) {
	s.t.Helper()
	url := strings.Replace(s.program.URL, "http", "ws", 1) + "/ws/image-chat/" + s.session
	ws, resp, err := websocket.DefaultDialer.DialContext(s.t.Context(), url, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	resp.Body.Close()
	defer ws.Close()
	if err := ws.WriteJSON(map[string]any{"type": kind, "content": content}); err != nil {
		s.t.Fatal(err)
	}
	for {
		if err := ws.SetReadDeadline(time.Now().Add(realserver.Patience)); err != nil {
			s.t.Fatal(err)
		}
		var f struct {
			Type, Content string
			Data          struct{ Message struct{ Images []image } }
		}
		if err := ws.ReadJSON(&f); err != nil {
			s.t.Fatal(err)
		}
		switch f.Type {
		case "status":
		case "image", "mixed":
			s.keep(kind, f.Data.Message.Images)
			return
		default:
			s.t.Fatalf("%s: got %+v", kind, f)
		}
	}
}

func (s *story) keep(what string, images []image) {
	s.t.Helper()
	if len(images) != 1 {
		s.t.Fatalf("%s: %d images", what, len(images))
	}
	s.images = append(s.images, images[0])
}

// checkBytes expects what is served to be what was sent, marked as its maker
// marked it.
func (s *story) checkBytes() {
	s.t.Helper()
	for i, img := range s.images {
		resp, err := http.Get(s.program.URL + img.ImageURL)
		if err != nil {
			s.t.Fatal(err)
		}
		raw, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		sum := sha256.Sum256(raw)
		if err != nil || hex.EncodeToString(sum[:]) != img.SHA256 || resp.Header.Get("Content-Type") != "image/jpeg" {
			s.t.Errorf("image %d: %s, %d bytes, %v", i, resp.Status, len(raw), err)
		}
		if !img.Origin.C2PA || img.Origin.ResponseID == "" || img.Origin.ModelVersion == "" {
			s.t.Errorf("image %d: provenance %+v", i, img.Origin)
		}
	}
}

// turnsSent is how many turns each request told, and whether it was refused.
func (s *story) turnsSent() (turns []int) {
	s.t.Helper()
	for _, r := range s.gemini.Requests() {
		if r.Outcome != "" {
			s.t.Errorf("request %d was %s", r.Number, r.Outcome)
		}
		if r.Length != r.Bytes {
			s.t.Errorf("request %d announced %d of %d bytes", r.Number, r.Length, r.Bytes)
		}
		turns = append(turns, len(r.Content))
	}
	return turns
}

func (s *story) tell() {
	s.t.Helper()
	s.rest("/generate", map[string]any{"prompt": "나무 탁자 위의 빨간 가죽 가방"})
	s.rest("/refine", map[string]any{"feedback": "파란색으로", "image_id": s.images[0].ID})
	s.socket("refine", "더 밝게")
	s.program.Kill()
	s.program.Restart()
	s.socket("converse", "배경을 비워 줘")
	s.rest("/refine", map[string]any{"feedback": "로고 자리를 남겨 줘", "image_id": s.images[3].ID})
	// The first picture again: the talk after it must not be replayed.
	s.rest("/refine", map[string]any{"feedback": "처음 것을 초록색으로", "image_id": s.images[0].ID})
	if diff := cmp.Diff([]int{1, 3, 5, 7, 9, 1}, s.turnsSent()); diff != "" {
		s.t.Errorf("turns told (-want +got):\n%s", diff)
	}
	if got := s.images[5].Parent; got != s.images[0].ID {
		s.t.Errorf("the last picture's parent is %s, want the first picture", got)
	}
	s.checkBytes()
	if strings.Contains(s.program.Output(), key) {
		s.t.Error("the key is in the log")
	}
}

func TestEditsGoOnAcrossAKill(t *testing.T) {
	t.Parallel()
	begin(t, "GEMINI_API_KEY="+key).tell()
}

func TestEditsGoOnAcrossAKillOnVertexAI(t *testing.T) {
	t.Parallel()
	account := filepath.Join(t.TempDir(), "account.json")
	s := begin(t, "GEMINI_BACKEND=vertex", "GOOGLE_CLOUD_PROJECT=shop", "GOOGLE_CLOUD_LOCATION=europe-west4",
		"GOOGLE_APPLICATION_CREDENTIALS="+account)
	if err := s.gemini.WriteServiceAccount(account); err != nil { // later than the program's own start
		t.Fatal(err)
	}
	s.tell()
	want := "/v1beta1/projects/shop/locations/europe-west4/publishers/google/models/"
	if got := s.gemini.Last().Path; !strings.HasPrefix(got, want) {
		t.Errorf("got path %s, want %s…", got, want)
	}
}
