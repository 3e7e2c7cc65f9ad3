package imagechattest

import (
	"bufio"
	"os"
	"os/exec"
	"testing"
)

// Child is the test's own binary, started once more to be killed: the way to
// see what a store keeps of a process that ends without warning.
type Child struct {
	cmd   *exec.Cmd
	lines *bufio.Scanner
}

// childVariable tells the binary that it is a child, and what to do.
const childVariable = "IMAGECHATTEST_CHILD"

// ChildTask returns what the binary was started for by StartChild, and the
// directory to do it in. TestMain asks it before it runs any test; task is
// empty in a binary that is no child.
func ChildTask() (task, dir string) {
	return os.Getenv(childVariable), os.Getenv(childVariable + "_DIR")
}

// StartChild starts the test's binary for a task. It ends with the test.
func StartChild(t *testing.T, task, dir string) *Child {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"="+task, childVariable+"_DIR="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c := &Child{cmd: cmd, lines: bufio.NewScanner(out)}
	t.Cleanup(func() { c.Kill() })
	return c
}

// Line waits for the next line that the child prints; false when it ended.
func (c *Child) Line() (string, bool) {
	ok := c.lines.Scan()
	return c.lines.Text(), ok
}

// Kill ends the child as kill -9 does and returns the lines that were not
// read yet, when it is gone. Killing twice is no error.
func (c *Child) Kill() []string {
	_ = c.cmd.Process.Kill()
	var rest []string
	for c.lines.Scan() {
		rest = append(rest, c.lines.Text())
	}
	if c.cmd.ProcessState == nil {
		_ = c.cmd.Wait() // reports the kill
	}
	return rest
}
