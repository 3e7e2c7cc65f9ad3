//go:build !windows

package operations

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/internal/realserver"
)

// flip changes a byte in the middle of a file.
func flip(t *testing.T, file string) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)/2] ^= 1
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
}

// wantRun runs a command that must exit with a code and say something.
func (r *rig) wantRun(want int, says string, env []string, args ...string) {
	r.t.Helper()
	if code, stdout, stderr := r.run(env, args...); code != want || !strings.Contains(stdout+stderr, says) {
		r.t.Fatalf("%q: exit code %d, want %d and %q\n%s%s", args, code, want, says, stdout, stderr)
	}
}

func TestOneDamagedPictureCostsNoOther(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.Restart()
	p := r.draw()
	r.wantRun(0, "", nil, "backup", "old.tar")
	r.wantRun(0, "0 missing, 0 damaged of", nil, "doctor", "--deep")

	flip(t, blobFile(t, r.Dir, p.sha256))
	r.wantRun(1, " 0 missing, 1 damaged of", nil, "doctor")
	r.wantRun(1, "0 missing and 1 damaged files of the store: "+p.sha256, nil, "backup", "new.tar")
	r.wantRun(0, "not in it: 1", nil, "verify", "new.tar")
	elsewhere := []string{"DATABASE_URL=sqlite:///restored/chat.db", "BLOB_URL=file:///./restored/blobs"}
	r.wantRun(0, "not in it: 1", elsewhere, "restore", "new.tar")
	r.wantRun(1, " 1 missing, 0 damaged of", elsewhere, "doctor")

	// What doctor advises, beside the server.
	r.wantRun(1, "does not have them: 1", nil, "restore", "--mend", "new.tar")
	r.wantRun(0, "images put back: 1", nil, "restore", "--mend", "old.tar")
	r.wantRun(0, "0 missing, 0 damaged", nil, "doctor")
	r.checkPicture(p)
}

func TestARestoreThatWasKilledCanBeDoneAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.Restart()
	p := r.draw()
	r.wantRun(0, "", nil, "backup", "b.tar")
	raw, err := os.ReadFile(filepath.Join(r.Dir, "b.tar"))
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := []string{"DATABASE_URL=sqlite:///restored/chat.db", "BLOB_URL=file:///./restored/blobs"}

	// The backup comes through a pipe that never ends. Once its first bytes
	// were taken, with more than a pipe holds, the pictures are in place.
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd := exec.Command(realserver.Binary(t), "restore", "/dev/stdin")
	cmd.Dir, cmd.Stdin, cmd.Env = r.Dir, in, append(append([]string{"PATH=" + os.Getenv("PATH")}, r.env...), elsewhere...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	in.Close()
	end := bytes.LastIndex(raw, []byte("manifest.json"))
	if _, err := out.Write(raw[:end-512]); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	blobFile(t, filepath.Join(r.Dir, "restored"), p.sha256)

	r.wantRun(1, "a restore was cut off here", elsewhere, "serve")
	r.wantRun(1, "a restore was cut off here", elsewhere, "doctor")
	r.wantRun(0, "restored", elsewhere, "restore", "b.tar")
	r.wantRun(0, "0 missing, 0 damaged of", elsewhere, "doctor")
	entries, err := os.ReadDir(filepath.Join(r.Dir, "restored"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.Contains(e.Name(), ".restoring") {
			t.Errorf("the second restore left %s", e.Name())
		}
	}
}
