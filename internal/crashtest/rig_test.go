//go:build !windows

package crashtest

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini/geminitest"
	"github.com/gemini-image-chat/gemini-image-chat/internal/realserver"
)

func TestMain(m *testing.M) {
	code := m.Run()
	realserver.Cleanup()
	os.Exit(code)
}

// rig is the program, not started yet, and the stand-in that it calls.
type rig struct {
	*realserver.Server
	t      *testing.T
	google *geminitest.Server
}

func newRig(t *testing.T, o geminitest.Options, env ...string) *rig {
	t.Helper()
	o.MaxSide, o.SignatureBytes = 48, 1<<10
	google, err := geminitest.New(&o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(google.Close)
	return newRigAt(t, google, google.URL, env...)
}

// newRigAt calls the stand-in by another address, as when something is between.
func newRigAt(t *testing.T, google *geminitest.Server, url string, env ...string) *rig {
	t.Helper()
	env = append([]string{
		"GEMINI_API_KEY=test", "GEMINI_BASE_URL=" + url, "LOG_LEVEL=warn", "DEFAULT_LANGUAGE=en",
		"REQUESTS_PER_MINUTE=0", "TURNS_PER_MINUTE=0",
	}, env...)
	return &rig{Server: realserver.New(t, env...), t: t, google: google}
}

// turn is what the tests look at of a turn.
type turn struct {
	ID                 string  `json:"id"`
	Status             string  `json:"status"`
	Attempt            int     `json:"attempt"`
	AssistantMessageID string  `json:"assistant_message_id"`
	EstimatedCostUSD   float64 `json:"estimated_cost_usd"`
	CostUSD            float64 `json:"cost_usd"`
	Error              *struct {
		Code      string `json:"code"`
		Detail    string `json:"detail"`
		Retryable bool   `json:"retryable"`
	} `json:"error"`
}

func (t *turn) ended() bool {
	return t.Status == "succeeded" || t.Status == "failed" || t.Status == "cancelled"
}

func (t *turn) code() string {
	if t.Error == nil {
		return ""
	}
	return t.Error.Code
}

type session struct {
	ID       string `json:"id"`
	Messages []struct {
		TurnID string    `json:"turn_id"`
		Images []picture `json:"images"`
	} `json:"messages"`
	MessagesBefore string `json:"messages_before"`
}

type picture struct {
	ID     string `json:"id"`
	SHA256 string `json:"sha256"`
	Bytes  int    `json:"bytes"`
}

// call makes one request and reads the answer into out. The status is 0 when
// the server died meanwhile.
func (r *rig) call(method, path string, body, out any, header ...string) int {
	var reader io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			r.t.Error(err)
			return 0
		}
		reader = bytes.NewReader(b)
	}
	ctx, cancel := context.WithTimeout(context.Background(), realserver.Patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, r.URL+"/api/image-chat"+path, reader)
	if err != nil {
		r.t.Error(err)
		return 0
	}
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	// A client of its own: no connection outlives the server that it leads to.
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	if out != nil {
		if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
			return 0
		}
	}
	return resp.StatusCode
}

// must is call for what has to succeed.
func (r *rig) must(method, path string, body, out any, header ...string) {
	r.t.Helper()
	var raw json.RawMessage
	status := r.call(method, path, body, &raw, header...)
	if status < 200 || status > 299 {
		r.t.Fatalf("%s %s: got %d %s\n%s", method, path, status, raw, r.Output())
	}
	if out != nil {
		if err := json.Unmarshal(raw, out); err != nil {
			r.t.Fatal(err)
		}
	}
}

func (r *rig) newSession() string {
	r.t.Helper()
	var s session
	r.must("POST", "/sessions", map[string]any{"image_purpose": "email_header"}, &s)
	return s.ID
}

// heldTurn starts the server and brings a turn to where the maker has the
// call and does not answer yet.
func (r *rig) heldTurn() (session string, taken turn) {
	r.t.Helper()
	r.google.Script(mustScript(r.t, "[[hold]]"))
	r.Restart()
	session = r.newSession()
	taken, _ = r.submit(session, "a lamp", key)
	r.awaitCalls(1)
	return session, taken
}

// receivedTurn brings a turn to where its answer is received and waits to be
// recorded: another program has the database locked, until record is called.
func (r *rig) receivedTurn() (session string, taken turn, record func()) {
	r.t.Helper()
	session, taken = r.heldTurn()
	foreign := r.raw()
	r.exec(foreign, "BEGIN IMMEDIATE")
	r.google.Release()
	r.awaitSpooled()
	return session, taken, func() { r.exec(foreign, "ROLLBACK") }
}

// submit asks for a picture under a key; the status tells how that ended.
func (r *rig) submit(id, words, key string) (turn, int) {
	var t turn
	status := r.call("POST", "/sessions/"+id+"/turns", map[string]any{"kind": "generate", "content": words}, &t, "Idempotency-Key", key)
	return t, status
}

// wait returns the turn once it has ended.
func (r *rig) wait(id string) turn {
	r.t.Helper()
	deadline := time.Now().Add(realserver.Patience)
	for {
		var t turn
		r.must("GET", "/turns/"+id, nil, &t)
		if t.ended() {
			return t
		}
		if time.Now().After(deadline) {
			r.t.Fatalf("turn %s is %s for ever\n%s", id, t.Status, r.Output())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// pictures returns the hashes of a turn's pictures, after reading each of
// them to its end.
func (r *rig) pictures(sessionID, turnID string) []string {
	r.t.Helper()
	return r.allPictures(sessionID)[turnID]
}

// allPictures does so for every turn of a session.
func (r *rig) allPictures(sessionID string) map[string][]string {
	r.t.Helper()
	out := map[string][]string{}
	for before := ""; ; {
		var s session
		r.must("GET", "/sessions/"+sessionID+"?messages_before="+before, nil, &s)
		for _, m := range s.Messages {
			for _, img := range m.Images {
				r.read(img)
				out[m.TurnID] = append(out[m.TurnID], img.SHA256)
			}
		}
		if before = s.MessagesBefore; before == "" {
			return out
		}
	}
}

func (r *rig) read(img picture) {
	r.t.Helper()
	resp, err := http.Get(r.URL + "/api/image-chat/images/" + img.ID + "/content")
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	sum := sha256.Sum256(b)
	if err != nil || resp.StatusCode != http.StatusOK || len(b) != img.Bytes || hex.EncodeToString(sum[:]) != img.SHA256 {
		r.t.Errorf("picture %s: got %d, %d bytes, %v; want 200 and %d bytes", img.ID, resp.StatusCode, len(b), err, img.Bytes)
	}
}

// events reads a session's durable events from the first one until none
// comes for a moment, and returns their numbers.
func (r *rig) events(id string, want int) []int64 {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), realserver.Patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.URL+"/api/image-chat/sessions/"+id+"/events?after=0", nil)
	if err != nil {
		r.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	var seqs []int64
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 4<<20)
	for len(seqs) < want && lines.Scan() {
		if text, ok := strings.CutPrefix(lines.Text(), "id:"); ok {
			var n int64
			if _, err := fmt.Sscan(text, &n); err != nil {
				r.t.Fatal(err)
			}
			seqs = append(seqs, n)
		}
	}
	return seqs
}

// wantEvents checks that a session's events are 1 to n, each once.
func (r *rig) wantEvents(id string, n int) {
	r.t.Helper()
	got := r.events(id, n)
	for i, seq := range got {
		if seq != int64(i+1) {
			r.t.Errorf("got events %v, want 1 to %d", got, n)
			return
		}
	}
	if len(got) != n {
		r.t.Errorf("got %d events, want %d", len(got), n)
	}
}

// wantEmptySpool checks that nothing that was received lies about unused.
func (r *rig) wantEmptySpool() {
	r.t.Helper()
	deadline := time.Now().Add(5 * time.Second)
	for {
		left, err := filepath.Glob(filepath.Join(r.Dir, "data", "blobs", "spool", "*"))
		if err != nil {
			r.t.Fatal(err)
		}
		if len(left) == 0 {
			return
		}
		if time.Now().After(deadline) {
			r.t.Errorf("the spool holds %v", left)
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (r *rig) usage() float64 {
	r.t.Helper()
	var u struct {
		USD float64 `json:"usd"`
	}
	r.must("GET", "/usage", nil, &u)
	return u.USD
}

var tag = regexp.MustCompile(`#[0-9]+#`)

// callsByTag counts the stand-in's calls by the tag in their words.
func (r *rig) callsByTag() map[string]int {
	counts := map[string]int{}
	for _, q := range r.google.Requests() {
		counts[tag.FindString(q.Prompt)]++
	}
	return counts
}
