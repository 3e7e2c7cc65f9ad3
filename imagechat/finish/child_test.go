//go:build unix

package finish

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// childVariable names what a copy of the test binary is to do instead of
// testing, so that time and memory of one operation are measured from outside,
// in a process of its own: "KIND PATH".
const childVariable = "FINISH_TEST_CHILD"

func TestMain(m *testing.M) {
	if job := os.Getenv(childVariable); job != "" {
		kind, path, _ := strings.Cut(job, " ")
		run := childJobs[kind]
		if kind == "measure" {
			run = measureProgram
		}
		if err := run(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

var childJobs = map[string]func(path string) error{
	"one": func(path string) error {
		return childPack(path, []Spec{{Width: 1080, Height: 1080}})
	},
	"pack": func(path string) error { return childPack(path, packSpecs()) },
	"clean": func(path string) error {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = Clean(context.Background(), f, nil)
		return err
	},
	"many": manyExports,
}

func childPack(path string, specs []Spec) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return Pack(context.Background(), f, specs, nil, func(_ int, _ Result, err error) error { return err })
}

// cost is what a process used.
type cost struct {
	CPU, Wall time.Duration
	PeakMB    float64
}

func (c cost) plus(d cost) cost {
	return cost{c.CPU + d.CPU, c.Wall + d.Wall, max(c.PeakMB, d.PeakMB)}
}

// measure runs a program from a small process in between: Linux counts the
// memory of the process that forked into the peak of the one that was started,
// and a test process is larger than what it measures.
func measure(t testing.TB, job string, args ...string) cost {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if len(args) == 0 {
		args = []string{exe}
	}
	cmd := exec.Command(exe, args...)
	cmd.Env = append(os.Environ(), childVariable+"=measure "+job)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", args, err, stderr.String())
	}
	var c cost
	if err := json.Unmarshal(out, &c); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return c
}

// measureProgram is the process in between: it runs os.Args[1:] with the job
// and writes the cost to its output.
func measureProgram(job string) error {
	cmd := exec.Command(os.Args[1], os.Args[2:]...)
	cmd.Env = append(os.Environ(), childVariable+"="+job)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return err
	}
	wall := time.Since(start)
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return fmt.Errorf("this system reports %T", cmd.ProcessState.SysUsage())
	}
	unit := 1024.0 // ru_maxrss is in KB, on macOS in bytes
	if runtime.GOOS == "darwin" {
		unit = 1
	}
	return json.NewEncoder(os.Stdout).Encode(cost{
		CPU:  cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(),
		Wall: wall, PeakMB: float64(usage.Maxrss) * unit / (1 << 20),
	})
}

// vips finds one of libvips' programs. The comparison is part of what the
// package promises, so its absence is a failure and not a reason to skip.
func vips(t testing.TB, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Fatalf("%s is needed: apt-get install libvips-tools", program)
	}
	return path
}
