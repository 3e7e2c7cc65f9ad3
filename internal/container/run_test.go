package container

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	imageUID = 65532 // distroless's nonroot
	token    = "container-test-secret"
	revision = "0123456789abcdef0123456789abcdef01234567"
	// maxImageMB is of the image unpacked, as it lies on a disk; what a
	// machine pulls is a third of it.
	maxImageMB = 41
	// baseMB is the image's base, unpacked: certificates, time zones, passwd.
	baseMB = 2
	// maxProgramMB is what the program may weigh. It grows by five at once
	// when something that is linked finds methods by names that are not
	// constants, as text/template does: the linker then keeps every method
	// (go build -ldflags=-dumpdep marks the culprit <ReflectMethod>). Agents'
	// tools (1.8 MB) and signed files (0.9 MB) came above the 35 of before.
	maxProgramMB = 39
	// maxIdleMiB leaves the machine's 512 MB to work, not to waiting.
	maxIdleMiB = 24
)

var (
	goBuild = regexp.MustCompile(`go build (.*) -o /out/imagechat (\S+)`)
	ldflags = regexp.MustCompile(`-ldflags "([^"]*)"`)
)

// built is the program, built once for all tests here.
var built struct {
	once sync.Once
	file string
	err  error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if built.file != "" {
		if err := os.RemoveAll(filepath.Dir(built.file)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// buildProgram runs the Dockerfile's own build line on what the builder would
// be sent, and returns the program.
func buildProgram(t *testing.T) string {
	t.Helper()
	line := strings.Join(argsOf(readDockerfile(t), "RUN"), "\n")
	built.once.Do(func() {
		dir, err := os.MkdirTemp("", "imagechat-build-")
		if err != nil {
			built.err = err
			return
		}
		built.file = filepath.Join(dir, "imagechat")
		source := filepath.Join(dir, "src")
		if built.err = copyContext("../..", source); built.err == nil {
			built.err = runBuildLine(line, source, built.file)
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return built.file
}

func runBuildLine(line, source, out string) error {
	m := goBuild.FindStringSubmatch(line)
	if m == nil {
		return fmt.Errorf("no build line in %q", line)
	}
	flags := ldflags.FindStringSubmatch(m[1])
	if flags == nil {
		return fmt.Errorf("no -ldflags in %q", m[1])
	}
	args := append([]string{"build"}, strings.Fields(ldflags.ReplaceAllString(m[1], ""))...)
	args = append(args, "-ldflags", strings.NewReplacer("$VERSION", "1.2.3-test", "$REVISION", revision).Replace(flags[1]), "-o", out, m[2])
	cmd := exec.Command("go", args...)
	cmd.Dir = source
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if b, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go %q: %w\n%s", args, err, b)
	}
	return nil
}

func TestImageIsSmall(t *testing.T) {
	t.Parallel()
	info, err := os.Stat(buildProgram(t))
	if err != nil {
		t.Fatal(err)
	}
	size := float64(info.Size()) / 1e6
	t.Logf("the program is %.1f MB, the image about %.1f MB", size, size+baseMB)
	if size > maxProgramMB {
		t.Errorf("the program is %.1f MB, want at most %d MB", size, maxProgramMB)
	}
	if size+baseMB > maxImageMB {
		t.Errorf("the image is %.1f MB unpacked, want at most %d MB", size+baseMB, maxImageMB)
	}
}

// makeRoot lays out what the image and its volume hold, and nothing else.
func makeRoot(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for dir, mode := range map[string]os.FileMode{"etc": 0o755, "tmp": 0o777 | os.ModeSticky, "data": 0o755} {
		if err := os.Mkdir(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(filepath.Join(root, dir), mode); err != nil {
			t.Fatal(err)
		}
	}
	passwd := "root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n"
	if err := os.WriteFile(filepath.Join(root, "etc", "passwd"), []byte(passwd), 0o644); err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(buildProgram(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "imagechat"), program, 0o755); err != nil {
		t.Fatal(err)
	}
	return root
}

// A container is the program inside an empty root.
type container struct {
	t    *testing.T
	root string
	env  map[string]string
	attr *syscall.SysProcAttr
	base string
	cmd  *exec.Cmd
	log  bytes.Buffer
}

// newContainer sets up the image's environment with fly.toml's over it, as
// Fly does. PORT alone is another, because 8080 may be taken here.
func newContainer(t *testing.T, root string) *container {
	t.Helper()
	c := &container{t: t, root: root, env: imageEnv(final(readDockerfile(t)))}
	for k, v := range readFly(t)["env"] {
		c.env[k] = v
	}
	c.env["AUTH_TOKENS"] = "tester:" + token
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c.env["PORT"] = strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	c.base = "http://127.0.0.1:" + c.env["PORT"]
	c.attr = &syscall.SysProcAttr{Chroot: root}
	if os.Geteuid() != 0 {
		// In a user namespace of its own the process is uid 65532 to itself,
		// as with docker run --user 65532, and may change its root.
		c.attr.Cloneflags = syscall.CLONE_NEWUSER
		c.attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: imageUID, HostID: os.Geteuid(), Size: 1}}
		c.attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: imageUID, HostID: os.Getegid(), Size: 1}}
	}
	return c
}

func (c *container) command(args ...string) *exec.Cmd {
	cmd := exec.Command("/imagechat", args...)
	cmd.Path, cmd.Dir, cmd.SysProcAttr = "/imagechat", "/", c.attr
	// exec.Command has looked for the program outside the root.
	cmd.Err = nil
	cmd.Env = []string{}
	for k, v := range c.env {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	return cmd
}

func (c *container) start() {
	c.t.Helper()
	c.cmd = c.command()
	c.cmd.Stdout, c.cmd.Stderr = &c.log, &c.log
	if err := c.cmd.Start(); err != nil {
		c.t.Fatalf("cannot enter an empty root as uid %d: run as root, or where user namespaces are allowed: %v", os.Geteuid(), err)
	}
	c.t.Cleanup(func() { _ = c.cmd.Process.Kill() })
	deadline := time.Now().Add(20 * time.Second)
	for {
		res, err := http.Get(c.base + "/health")
		if err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Now().After(deadline) {
			_ = c.cmd.Process.Kill()
			_ = c.cmd.Wait()
			c.t.Fatalf("not healthy: %v\n%s", err, &c.log)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// stop sends the image's stop signal and returns the exit code.
func (c *container) stop(within time.Duration) int {
	c.t.Helper()
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		c.t.Fatal(err)
	}
	timer := time.AfterFunc(within, func() { _ = c.cmd.Process.Kill() })
	defer timer.Stop()
	_ = c.cmd.Wait()
	return c.cmd.ProcessState.ExitCode()
}

// call sends JSON with the login and decodes the answer.
func (c *container) call(method, path string, body, answer any) int {
	c.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(context.Background(), method, c.base+"/api/image-chat"+path, bytes.NewReader(raw))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatalf("%s %s: %v\n%s", method, path, err, &c.log)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	if answer != nil {
		if err := json.Unmarshal(b, answer); err != nil {
			c.t.Fatalf("%s %s: %v in %s", method, path, err, b)
		}
	}
	return res.StatusCode
}

// status reads one field of /proc/PID/status.
func (c *container) status(field string) string {
	c.t.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
	if err != nil {
		c.t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		if v, ok := strings.CutPrefix(line, field+":"); ok {
			return strings.TrimSpace(v)
		}
	}
	c.t.Fatalf("no %s in %s", field, raw)
	return ""
}

func TestImageRunsInAnEmptyRoot(t *testing.T) {
	t.Parallel()
	root := makeRoot(t)
	c := newContainer(t, root)
	c.start()

	wantUID := imageUID
	if os.Geteuid() != 0 {
		wantUID = os.Geteuid() // as seen from outside the namespace
	}
	if got := strings.Fields(c.status("Uid")); got[0] != strconv.Itoa(wantUID) || got[1] != got[0] || got[2] != got[0] {
		t.Errorf("runs as uid %v, want %d for good (real, effective and saved)", got, wantUID)
	}
	if got := strings.Fields(c.status("CapEff"))[0]; os.Geteuid() == 0 && strings.Trim(got, "0") != "" {
		t.Errorf("keeps the capabilities %s, want none", got)
	}
	if b, err := c.command("healthcheck").CombinedOutput(); err != nil {
		t.Errorf("the image's health check: %v\n%s", err, b)
	}
	c.checkIdleMemory()
	if code := c.call("GET", "/sessions", nil, nil); code != http.StatusOK {
		t.Errorf("with the login: HTTP %d", code)
	}
	if out, err := c.command("version", "--json").Output(); err != nil || !strings.Contains(string(out), `"1.2.3-test","revision":"`+revision+`"`) {
		t.Errorf("the image says %s, %v of itself, want the version and revision it was built from", out, err)
	}
	if res, err := http.Get(c.base + "/api/image-chat/sessions"); err != nil || res.StatusCode != http.StatusUnauthorized {
		t.Errorf("without the login: %v, %v; want HTTP 401", res, err)
	}
	testDrain(t, c)
}

// checkIdleMemory waits until the program has given back what its start
// needed. It weighs what is the program's own; pages of its file are the
// kernel's cache, and giving them up needs /proc, which this root has not
// (make bench weighs both).
func (c *container) checkIdleMemory() {
	c.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		kb, err := strconv.Atoi(strings.Fields(c.status("RssAnon"))[0])
		if err != nil {
			c.t.Fatal(err)
		}
		if kb <= maxIdleMiB*1024 {
			c.t.Logf("idle memory: %.1f MiB", float64(kb)/1024)
			return
		}
		if time.Now().After(deadline) {
			c.t.Errorf("idle memory is %d KiB, want at most %d MiB", kb, maxIdleMiB)
			return
		}
	}
}

// testDrain stops the container in the middle of a turn: it must finish the
// turn within the machine's kill_timeout, leave with 0, and have it after a
// restart.
func testDrain(t *testing.T, c *container) {
	var session, turn struct{ ID, Status string }
	if code := c.call("POST", "/sessions", map[string]any{"image_purpose": "banner_web"}, &session); code != http.StatusCreated {
		t.Fatalf("new session: HTTP %d\n%s", code, &c.log)
	}
	if code := c.call("POST", "/sessions/"+session.ID+"/turns", map[string]any{"kind": "generate", "content": "가을 배너"}, &turn); code != http.StatusAccepted {
		t.Fatalf("new turn: HTTP %d\n%s", code, &c.log)
	}
	for turn.Status == "queued" {
		time.Sleep(50 * time.Millisecond) // no more requests than a client may send
		c.call("GET", "/turns/"+turn.ID, nil, &turn)
	}
	kill, err := strconv.Atoi(readFly(t)[""]["kill_timeout"])
	if err != nil {
		t.Fatal(err)
	}
	if code := c.stop(time.Duration(kill) * time.Second); code != 0 {
		t.Errorf("stopped in the middle of a turn: exit code %d, want 0\n%s", code, &c.log)
	}
	c.start()
	c.call("GET", "/turns/"+turn.ID, nil, &turn)
	if turn.Status != "succeeded" {
		t.Errorf("after the restart the turn is %q, want succeeded\n%s", turn.Status, &c.log)
	}
	if code := c.stop(20 * time.Second); code != 0 {
		t.Errorf("stopped at rest: exit code %d, want 0\n%s", code, &c.log)
	}
}

func TestVolumeOfRootIsRefusedInOneSentence(t *testing.T) {
	t.Parallel()
	root := makeRoot(t)
	c := newContainer(t, root)
	if os.Geteuid() == 0 {
		c.attr.Credential = &syscall.Credential{Uid: imageUID, Gid: imageUID}
	} else if err := os.Chmod(filepath.Join(root, "data"), 0o555); err != nil {
		t.Fatal(err)
	}
	out, err := c.command().CombinedOutput()
	if err == nil {
		t.Fatalf("started on a volume that it cannot write\n%s", out)
	}
	if s := strings.TrimSpace(string(out)); strings.Count(s, "\n") > 0 || !strings.Contains(s, "RUN_AS=65532:65532") || !strings.Contains(s, "/data/app") {
		t.Errorf("got %q, want one sentence that says what to do", s)
	}
}
