//go:build !windows

package operations

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini/geminitest"
	"github.com/gemini-image-chat/gemini-image-chat/internal/realserver"
)

const (
	canaryKey   = "AIzaCanaryKey-7f3a9c51d2"
	canaryToken = "canary-token-4b8e1f6a"
)

func TestMain(m *testing.M) {
	code := m.Run()
	realserver.Cleanup()
	os.Exit(code)
}

// A rig is the program with a login, and the stand-in for Gemini.
type rig struct {
	*realserver.Server
	t   *testing.T
	env []string
}

func newRig(t *testing.T, env ...string) *rig {
	t.Helper()
	google, err := geminitest.New(&geminitest.Options{MaxSide: 48, SignatureBytes: 1 << 10})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(google.Close)
	env = append([]string{
		"GEMINI_API_KEY=" + canaryKey, "GEMINI_BASE_URL=" + google.URL, "AUTH_TOKENS=anna:" + canaryToken,
		"LOG_LEVEL=debug", "REQUESTS_PER_MINUTE=0", "TURNS_PER_MINUTE=0",
	}, env...)
	return &rig{Server: realserver.New(t, env...), t: t, env: env}
}

// run runs a command of the program beside the server.
func (r *rig) run(env []string, args ...string) (code int, stdout, stderr string) {
	r.t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.Command(realserver.Binary(r.t), args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = r.Dir, &out, &errs
	cmd.Env = append(append([]string{"PATH=" + os.Getenv("PATH")}, r.env...), env...)
	_ = cmd.Run()
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// call sends one request with the login; the answer must be a success.
func (r *rig) call(method, path string, body, answer any) []byte {
	r.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		r.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.URL+"/api/image-chat"+path, bytes.NewReader(raw))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+canaryToken)
	req.Header.Set("Prefer", "wait=60")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	if res.StatusCode >= http.StatusBadRequest {
		r.t.Fatalf("%s %s: %s: %s", method, path, res.Status, b)
	}
	if answer != nil {
		if err := json.Unmarshal(b, answer); err != nil {
			r.t.Fatalf("%s %s: %v in %s", method, path, err, b)
		}
	}
	return b
}

// A picture is what a client was told of one.
type picture struct{ session, id, sha256 string }

// draw holds one conversation and returns its picture.
func (r *rig) draw() picture {
	r.t.Helper()
	var session struct{ ID string }
	r.call("POST", "/sessions", map[string]any{"image_purpose": "email_header"}, &session)
	var turn struct{ Status string }
	r.call("POST", "/sessions/"+session.ID+"/turns", map[string]any{"kind": "generate", "content": "가을 세일 배너"}, &turn)
	if turn.Status != "succeeded" {
		r.t.Fatalf("turn ended as %q\n%s", turn.Status, r.Output())
	}
	var images struct {
		Images []struct{ ID, SHA256 string }
	}
	r.call("GET", "/images?session_id="+session.ID, nil, &images)
	if len(images.Images) != 1 {
		r.t.Fatalf("%d pictures, want 1", len(images.Images))
	}
	return picture{session.ID, images.Images[0].ID, images.Images[0].SHA256}
}

// checkPicture compares what is served with what was promised.
func (r *rig) checkPicture(p picture) {
	r.t.Helper()
	sum := sha256.Sum256(r.call("GET", "/images/"+p.id+"/content", nil, nil))
	if got := hex.EncodeToString(sum[:]); got != p.sha256 {
		r.t.Errorf("picture %s has the SHA-256 %s, want %s", p.id, got, p.sha256)
	}
	var session struct{ Messages []json.RawMessage }
	r.call("GET", "/sessions/"+p.session, nil, &session)
	if len(session.Messages) != 2 {
		r.t.Errorf("session %s has %d messages, want 2", p.session, len(session.Messages))
	}
}

func TestBackupUnderLoadKillRestore(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.Restart()
	var before []picture
	for range 5 {
		before = append(before, r.draw())
	}

	// Conversations go on while the backup is made.
	stop := make(chan struct{})
	var load sync.WaitGroup
	load.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				r.draw()
			}
		}
	})
	code, _, stderr := r.run(nil, "backup", "b.tar")
	close(stop)
	load.Wait()
	if code != 0 {
		t.Fatalf("backup: exit code %d: %s", code, stderr)
	}
	r.Kill()

	if code, stdout, stderr := r.run(nil, "verify", "b.tar"); code != 0 || !strings.Contains(stdout, "good") {
		t.Fatalf("verify: exit code %d: %s%s", code, stdout, stderr)
	}
	if code, _, stderr := r.run(nil, "restore", "b.tar"); code != 1 || !strings.Contains(stderr, "already") {
		t.Errorf("restore over what is there: exit code %d, %q; want a refusal", code, stderr)
	}
	elsewhere := []string{"DATABASE_URL=sqlite:///restored/chat.db", "BLOB_URL=file:///./restored/blobs"}
	if code, _, stderr := r.run(elsewhere, "restore", "b.tar"); code != 0 {
		t.Fatalf("restore: exit code %d: %s", code, stderr)
	}
	r.Restart(elsewhere...)
	for _, p := range before {
		r.checkPicture(p)
	}
	if code, stdout, _ := r.run(elsewhere, "doctor"); code != 0 || !strings.Contains(stdout, "0 missing") {
		t.Errorf("doctor after the restore: exit code %d\n%s", code, stdout)
	}
}

func TestDamagedBackupIsNotRestored(t *testing.T) {
	t.Parallel()
	r := newRig(t, "GENERATOR=demo")
	r.Restart()
	r.call("POST", "/sessions", map[string]any{"image_purpose": "email_header"}, nil)
	if code, _, stderr := r.run(nil, "backup", "b.tar"); code != 0 {
		t.Fatalf("backup: %s", stderr)
	}
	file := filepath.Join(r.Dir, "b.tar")
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const good = "good.tar"
	if err := os.WriteFile(filepath.Join(r.Dir, good), raw, 0o600); err != nil {
		t.Fatal(err)
	}
	raw[len(raw)/2] ^= 1 // in the middle of the database
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	elsewhere := []string{"DATABASE_URL=sqlite:///restored/chat.db", "BLOB_URL=file:///./restored/blobs"}
	for _, command := range []string{"verify", "restore"} {
		if code, _, stderr := r.run(elsewhere, command, "b.tar"); code != 1 || !strings.Contains(stderr, "damaged") {
			t.Errorf("%s: exit code %d, %q; want 1 and the reason", command, code, stderr)
		}
	}
	if _, err := os.Stat(filepath.Join(r.Dir, "restored", "chat.db")); err == nil {
		t.Error("a damaged backup left a database behind")
	}
	if code, _, stderr := r.run(elsewhere, "restore", good); code != 0 {
		t.Errorf("the good backup into the same place: exit code %d, %q", code, stderr)
	}
}

func TestDoctorFindsWhatIsBroken(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.Restart()
	p := r.draw()
	if code, stdout, stderr := r.run(nil, "doctor"); code != 0 {
		t.Fatalf("all is well, but: exit code %d\n%s%s", code, stdout, stderr)
	}
	r.Kill()

	tests := []struct {
		name string
		env  []string
		harm func()
		says string
	}{
		{"a bad setting", []string{"PORT=x"}, nil, "whole number"},
		{"Gemini is away", []string{"GEMINI_BASE_URL=http://127.0.0.1:1"}, nil, "Gemini cannot be reached: dial tcp 127.0.0.1:1"},
		{"a picture is gone", nil, func() {
			if err := os.Remove(blobFile(t, r.Dir, p.sha256)); err != nil {
				t.Fatal(err)
			}
		}, "1 missing"},
		{"the database is damaged", nil, func() { overwrite(t, filepath.Join(r.Dir, "data", "image_chat.db")) }, "damaged"},
	}
	for _, test := range tests { // in order: each leaves its damage
		if test.harm != nil {
			test.harm()
		}
		code, stdout, _ := r.run(test.env, "doctor", "--json")
		var report struct {
			OK       bool
			Findings []struct{ Verdict, Detail, Fix string }
		}
		if err := json.Unmarshal([]byte(stdout), &report); err != nil {
			t.Fatalf("%s: %v in %s", test.name, err, stdout)
		}
		found := false
		for _, f := range report.Findings {
			if f.Verdict == "failed" && f.Fix == "" {
				t.Errorf("%s: %q comes without a fix", test.name, f.Detail)
			}
			found = found || f.Verdict == "failed" && strings.Contains(f.Detail, test.says)
		}
		if code != 1 || report.OK || !found {
			t.Errorf("%s: exit code %d, want 1 and a finding that says %q\n%s", test.name, code, test.says, stdout)
		}
	}
}

// blobFile finds a blob by its name.
func blobFile(t *testing.T, dir, key string) string {
	t.Helper()
	var file string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Name() == key {
			file = path
		}
		return err
	})
	if err != nil || file == "" {
		t.Fatalf("blob %s: %v", key, err)
	}
	return file
}

// overwrite puts rubbish over every page of a database but the first, and
// removes the log that would mend it.
func overwrite(t *testing.T, file string) {
	t.Helper()
	for _, log := range []string{file + "-wal", file + "-shm"} {
		if err := os.Remove(log); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(bytes.Repeat([]byte{0x5a}, int(info.Size())-4096), 4096); err != nil {
		t.Fatal(err)
	}
}

func TestSecretsAreNowhere(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.Restart()
	p := r.draw()
	said := r.Output()
	for _, args := range [][]string{
		{"doctor"}, {"doctor", "--json"}, {"backup", "b.tar"}, {"verify", "b.tar"}, {"--help"}, {"version"},
		{"serve", "--port", "x"}, {"export", p.id, "--purposes=email_header", "--server=" + r.URL},
	} {
		_, stdout, stderr := r.run([]string{"IMAGECHAT_TOKEN=" + canaryToken}, args...)
		said += stdout + stderr
	}
	// A wrong key, as Gemini's refusal would tell it, and a broken address.
	for _, env := range []string{"GEMINI_BASE_URL=http://127.0.0.1:1", "AUTH_TOKENS=" + canaryToken, "GEMINI_API_KEY=" + canaryKey + "\x01"} {
		_, stdout, stderr := r.run([]string{env}, "doctor")
		said += stdout + stderr
	}
	for _, path := range []string{"/health", "/metrics", "/api/image-chat/usage", "/api/image-chat/sessions/" + p.session} {
		said += get(t, r.URL+path)
	}
	r.Signal(os.Interrupt)
	if code := r.Wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	said += r.Output()
	if len(said) < 1000 {
		t.Fatalf("only %d bytes were said; the test looked at nothing", len(said))
	}
	for _, secret := range []string{canaryKey, canaryToken} {
		if i := strings.Index(said, secret); i >= 0 {
			t.Errorf("said aloud: …%s…", said[max(0, i-80):min(len(said), i+80)])
		}
		searchFiles(t, r.Dir, secret)
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+canaryToken)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(res.Header) + string(b)
}

// searchFiles looks into everything that was written: database, log, blobs,
// backup.
func searchFiles(t *testing.T, dir, secret string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		files++
		b, err := os.ReadFile(path)
		if err == nil && bytes.Contains(b, []byte(secret)) {
			t.Errorf("%s holds a secret", path)
		}
		return err
	})
	if err != nil || files < 3 {
		t.Fatalf("looked into %d files: %v", files, err)
	}
}

func TestASettingThatCannotWorkEndsTheStartWithItsExample(t *testing.T) {
	t.Parallel()
	r := newRig(t, "GENERATOR=demo")
	if err := os.Mkdir(filepath.Join(r.Dir, "dir"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, setting := range []string{
		"HOST=999.1.1.1", "HOST=203.0.113.1", // the second is nobody's: RFC 5737
		"DATABASE_URL=sqlite:////dev/null/chat.db", "DATABASE_URL=sqlite:///dir", "BLOB_URL=file:///dev/null/blobs",
	} {
		name, _, _ := strings.Cut(setting, "=")
		code, _, stderr := r.run([]string{setting}, "serve")
		if line := strings.TrimSpace(stderr); code != 3 || strings.Contains(line, "\n") || !strings.Contains(line, "example: "+name+"=") {
			t.Errorf("%s: exit code %d and %q, want 3 and one line with an example", setting, code, line)
		}
	}
}

func TestDoctorLooksAtAPlaceWithoutADatabase(t *testing.T) {
	t.Parallel()
	r := newRig(t, "GENERATOR=demo")
	r.wantRun(0, "! database     none yet; the first start makes ./data/image_chat.db\n", nil, "doctor")
	r.wantRun(0, "✓ disk         writable", nil, "doctor")
	r.wantRun(1, "✗ storage", []string{"DATABASE_URL=sqlite:////proc/nowhere/chat.db"}, "doctor")
	if entries, err := os.ReadDir(r.Dir); err != nil || len(entries) > 0 {
		t.Errorf("doctor left %v, %v", entries, err)
	}
	if err := os.MkdirAll(filepath.Join(r.Dir, "data", "blobs"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(r.Dir, "data", "blobs", "picture"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	r.wantRun(0, "but there are images in ./data/blobs", nil, "doctor")
	r.wantRun(0, "✓ login        1 login\n", nil, "doctor")
	r.wantRun(0, "! login        the logins of AUTH_TOKENS are ignored", []string{"AUTH=none"}, "doctor")
}

func TestSecondProcessIsRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t, "GENERATOR=demo")
	r.Restart()
	begun := time.Now()
	code, _, stderr := r.run([]string{"PORT=0"}, "serve")
	if code != 1 || !strings.Contains(stderr, "another imagechat") {
		t.Errorf("exit code %d after %s, %q; want a refusal", code, time.Since(begun), stderr)
	}
}
