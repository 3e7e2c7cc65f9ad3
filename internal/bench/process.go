package main

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
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A process is a running server.
type process struct {
	cmd   *exec.Cmd
	base  string
	ready time.Duration // from exec to the first 200 of /health
	cpu   time.Duration // of the processor, until then
	log   *lockedBuffer
}

// lockedBuffer collects what a process says while it is read elsewhere.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// freePort asks the system for a port and gives it back.
func freePort(ctx context.Context) (string, error) {
	var c net.ListenConfig
	l, err := c.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

// start runs a server on data and waits until it is healthy.
func (b *bench) start(ctx context.Context, data string, env []string) (*process, error) {
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	p := &process{base: "http://127.0.0.1:" + port, log: &lockedBuffer{}}
	p.cmd = exec.CommandContext(ctx, b.program)
	p.cmd.Dir = b.dir
	p.cmd.Env = append([]string{
		"PORT=" + port, "LOG_LEVEL=warn", "REQUESTS_PER_MINUTE=0", "TURNS_PER_MINUTE=0",
		"DATABASE_URL=sqlite:///" + filepath.Join(data, "chat.db"),
		"BLOB_URL=file://" + filepath.Join(data, "blobs"),
	}, env...)
	p.cmd.Stderr = p.log
	begun := time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	for {
		if p.healthy() {
			p.ready = time.Since(begun)
			p.cpu, err = p.processorTime()
			return p, err
		}
		if time.Since(begun) > 30*time.Second {
			_ = p.cmd.Process.Kill()
			return nil, fmt.Errorf("not healthy after 30 s:\n%s", p.log)
		}
		time.Sleep(200 * time.Microsecond)
	}
}

// plain keeps no connections, so that each health check is a new client's.
var plain = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 5 * time.Second}

func (p *process) healthy() bool {
	res, err := plain.Get(p.base + "/health")
	if err != nil {
		return false
	}
	defer res.Body.Close()
	return res.StatusCode == http.StatusOK
}

func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	if err := p.cmd.Wait(); err != nil {
		return fmt.Errorf("stop: %w\n%s", err, p.log)
	}
	return nil
}

// processorTime is what all threads have run for so far; unlike the time on
// the wall it says the same on a busy machine, nearly.
func (p *process) processorTime() (time.Duration, error) {
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	var sum time.Duration
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			continue // the thread has just ended
		}
		var ran int64
		if _, err := fmt.Sscan(string(raw), &ran); err != nil {
			return 0, err
		}
		sum += time.Duration(ran)
	}
	return sum, nil
}

// memory reads a field of /proc/PID/status, in MB of 1,048,576 bytes.
func (p *process) memory(field string) (float64, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(raw)) {
		if v, ok := strings.CutPrefix(line, field+":"); ok {
			kb, err := strconv.Atoi(strings.Fields(v)[0])
			return float64(kb) / 1024, err
		}
	}
	return 0, fmt.Errorf("no %s in /proc", field)
}

// api sends JSON and decodes the answer, which must be a success.
func (p *process) api(ctx context.Context, method, path string, body, answer any, header ...string) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, p.base+"/api/image-chat"+path, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return do(req, answer)
}

// do sends a request and decodes the answer, which must be a success.
func do(req *http.Request, answer any) error {
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%s %s: %s: %s", req.Method, req.URL.Path, res.Status, b)
	}
	if answer == nil || len(b) == 0 {
		return nil
	}
	return json.Unmarshal(b, answer)
}
