package gemini_test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// What a turn costs is measured in processes of their own: this test binary
// again, as the server or as the client. roleEnv holds the job as JSON.
const roleEnv = "GEMINI_TEST_ROLE"

func TestMain(m *testing.M) {
	if raw := os.Getenv(roleEnv); raw != "" {
		if err := playRole([]byte(raw)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// job is what a process is to do.
type job struct {
	Serve bool // be the server
	// Impl is who works: "lifted" (the adapter), "sdk" (package genai alone),
	// "floor" (written by hand for this one answer), "floor-simd".
	Impl   string
	Stream bool
	Send   bool  // send a reference of Size and get a few words
	Size   int64 // bytes of the picture
	Turns  int
	AtOnce int // turns at the same time; the server answers when all have asked
	URL    string
	Dir    string
}

// cost is what a client used for all its turns.
type cost struct {
	CPU   float64 // ms, user and system
	Wall  float64 // ms
	Alloc float64 // MB
	Peak  float64 // MB of resident memory, the process's own included
}

func playRole(raw []byte) error {
	var j job
	if err := json.Unmarshal(raw, &j); err != nil {
		return err
	}
	if j.Serve {
		return serveBodies()
	}
	c, err := j.work()
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(c)
}

// process starts this binary in a role.
func process(tb testing.TB, j job, env ...string) *exec.Cmd {
	tb.Helper()
	raw, err := json.Marshal(j)
	if err != nil {
		tb.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), env...), roleEnv+"="+string(raw))
	cmd.Stderr = os.Stderr
	return cmd
}

// server starts the process that answers and returns its URL.
func server(tb testing.TB) string {
	tb.Helper()
	cmd := process(tb, job{Serve: true})
	out, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	in, err := cmd.StdinPipe() // its end tells the server to stop
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	url, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		tb.Fatal(err)
	}
	return strings.TrimSpace(url)
}

// measure runs a client to its end.
func measure(tb testing.TB, j job, env ...string) cost {
	tb.Helper()
	j.Dir = tb.TempDir()
	out, err := process(tb, j, env...).Output()
	if err != nil {
		tb.Fatalf("%+v: %v", j, err)
	}
	var c cost
	if err := json.Unmarshal(out, &c); err != nil {
		tb.Fatal(err)
	}
	return c
}

// serveBodies answers every request with a picture of the size in the URL's
// path, /SIZE/ATONCE/…, or with words when the request holds one.
func serveBodies() error {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("http://" + ln.Addr().String())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	return http.Serve(ln, &bodies{made: map[string][]byte{}, gates: map[string]*gate{}})
}

type bodies struct {
	mu    sync.Mutex
	made  map[string][]byte
	gates map[string]*gate
}

// gate opens when all have come, for each round anew.
type gate struct {
	n    int
	open chan struct{}
}

func (b *bodies) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	parts := strings.SplitN(strings.Trim(r.URL.Path, "/"), "/", 3)
	size, _ := strconv.ParseInt(parts[0], 10, 64)
	atOnce, _ := strconv.Atoi(parts[1])
	stream := strings.Contains(r.URL.Path, ":stream")
	_, _ = io.Copy(io.Discard, r.Body)
	b.await(parts[0]+parts[1], atOnce)
	body := b.body(size, stream)
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	if stream {
		w.Header().Set("Content-Type", "text/event-stream")
	}
	for len(body) > 0 { // as chunks: the API gives no length
		n := min(len(body), 64<<10)
		_, _ = w.Write(body[:n])
		body = body[n:]
	}
}

func (b *bodies) await(key string, n int) {
	b.mu.Lock()
	g := b.gates[key]
	if g == nil {
		g = &gate{open: make(chan struct{})}
		b.gates[key] = g
	}
	if g.n++; g.n == n {
		close(g.open)
		delete(b.gates, key)
	}
	b.mu.Unlock()
	if n > 1 {
		<-g.open
	}
}

func (b *bodies) body(size int64, stream bool) []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	key := fmt.Sprint(size, stream)
	if b.made[key] == nil {
		b.made[key] = makeBody(size, stream)
	}
	return b.made[key]
}

const usageJSON = `"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":1518,"totalTokenCount":1523,` +
	`"candidatesTokensDetails":[{"modality":"IMAGE","tokenCount":1120}]},"modelVersion":"m","responseId":"r"`

// makeBody is an answer with words and a picture of size bytes; of words alone for 0.
func makeBody(size int64, stream bool) []byte {
	picture := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(picture)
	copy(picture, "\xff\xd8\xff\xe0\x00\x10JFIF\x00")
	parts := []string{`{"text":"Here it is."}`}
	if size > 0 {
		parts = append(parts, `{"inlineData":{"mimeType":"image/jpeg","data":"`+base64.StdEncoding.EncodeToString(picture)+`"}}`)
	}
	var out bytes.Buffer
	if !stream {
		fmt.Fprintf(&out, `{"candidates":[{"content":{"parts":[%s],"role":"model"},"finishReason":"STOP"}],%s}`, strings.Join(parts, ","), usageJSON)
		return out.Bytes()
	}
	for _, p := range parts {
		fmt.Fprintf(&out, "data: {\"candidates\":[{\"content\":{\"parts\":[%s],\"role\":\"model\"}}],%s}\r\n\r\n", p, usageJSON)
	}
	fmt.Fprintf(&out, "data: {\"candidates\":[{\"content\":{\"role\":\"model\"},\"finishReason\":\"STOP\"}],%s}\r\n\r\n", usageJSON)
	return out.Bytes()
}
