// Package realserver builds the real program once and runs it for tests: on
// a free port of this machine, with data of its own, killed and restarted at
// will.
package realserver

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Patience is how long a start or an end may take on a busy machine.
const Patience = 60 * time.Second

var build = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "imagechat-real-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "imagechat")
	cmd := exec.Command("go", "build", "-tags", "faultpoints", "-o", path, "./cmd/imagechat")
	cmd.Dir = root()
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

// root is the module's directory.
func root() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..")
}

// Binary returns the path of the program, built with its crash switch. Call
// Cleanup from TestMain to remove it.
func Binary(t testing.TB) string {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// Cleanup removes what Binary built.
func Cleanup() {
	if path, err := build(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
}

// Server is a process of the program.
type Server struct {
	URL  string // such as "http://127.0.0.1:41234"
	Dir  string // its working directory, with its data
	Port int

	t   testing.TB
	env []string

	mu     sync.Mutex
	cmd    *exec.Cmd
	ended  chan struct{}
	output bytes.Buffer
}

// Start runs the program with settings such as "GENERATOR=demo" on top of a
// clean environment, and waits until it is healthy. It ends with the test.
func Start(t testing.TB, env ...string) *Server {
	t.Helper()
	s := New(t, env...)
	s.Restart()
	return s
}

// New prepares a Server without starting it.
func New(t testing.TB, env ...string) *Server {
	t.Helper()
	Binary(t)
	dir := t.TempDir()
	port := freePort(t)
	s := &Server{URL: "http://127.0.0.1:" + strconv.Itoa(port), Dir: dir, Port: port, t: t}
	s.env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "PORT=" + strconv.Itoa(port)}, env...)
	t.Cleanup(s.Kill)
	return s
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// Restart starts the program, with more settings than before if given, and
// waits until it is healthy.
func (s *Server) Restart(env ...string) {
	s.t.Helper()
	if err := s.Launch(env...); err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(s.t.Context(), Patience)
	defer cancel()
	for {
		if s.healthy(ctx) {
			return
		}
		select {
		case <-s.ended:
			s.t.Fatalf("the server ended at its start:\n%s", s.Output())
		case <-ctx.Done():
			s.t.Fatalf("the server did not come up:\n%s", s.Output())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// Launch starts the program and waits for nothing.
func (s *Server) Launch(env ...string) error {
	cmd := exec.Command(Binary(s.t), "serve")
	cmd.Dir = s.Dir
	cmd.Env = append(append([]string(nil), s.env...), env...)
	cmd.Stdout, cmd.Stderr = (*lockedWriter)(s), (*lockedWriter)(s)
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	s.mu.Lock()
	s.cmd, s.ended = cmd, ended
	s.mu.Unlock()
	go func() {
		_ = cmd.Wait() // the state tells
		close(ended)
	}()
	return nil
}

func (s *Server) healthy(ctx context.Context) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/health", nil)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// Signal sends the process a signal.
func (s *Server) Signal(sig os.Signal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd != nil {
		_ = s.cmd.Process.Signal(sig) // it may have ended
	}
}

// PID is the running process's number.
func (s *Server) PID() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cmd.Process.Pid
}

// Kill is kill -9; it waits until the process is gone.
func (s *Server) Kill() {
	s.mu.Lock()
	cmd, ended := s.cmd, s.ended
	s.mu.Unlock()
	if cmd == nil {
		return
	}
	_ = cmd.Process.Signal(syscall.SIGKILL)
	<-ended
}

// Wait waits until the process has ended and returns its exit code, -1 for a signal.
func (s *Server) Wait() int {
	s.t.Helper()
	s.mu.Lock()
	cmd, ended := s.cmd, s.ended
	s.mu.Unlock()
	select {
	case <-ended:
	case <-time.After(Patience):
		s.t.Fatalf("the server did not end:\n%s", s.Output())
	}
	return cmd.ProcessState.ExitCode()
}

// Output is all that the program has printed.
func (s *Server) Output() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.output.String()
}

type lockedWriter Server

func (w *lockedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.output.Write(p)
}
