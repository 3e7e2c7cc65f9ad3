package crashtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// ownMounts says, in the environment, that this process may mount what it likes.
const ownMounts = "IMAGECHAT_TEST_OWN_MOUNTS"

// inOwnMounts reports whether the calling test may mount file systems that
// nobody else sees. If not, it runs that test again in a process that may,
// which root can make, and others where user namespaces are allowed. Where neither is
// permitted it says so; a full disk is then played by a limit on the size of
// files alone, in the tests of disk_linux_test.go.
func inOwnMounts(t *testing.T) bool {
	t.Helper()
	if os.Getenv(ownMounts) != "" {
		if err := unix.Mount("none", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
			t.Fatal(err)
		}
		return true
	}
	var refusal error
	for _, inUserNamespace := range []bool{false, true} {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
		cmd.Env, cmd.SysProcAttr = append(os.Environ(), ownMounts+"=1"), mountAttr(inUserNamespace)
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState == nil { // it was not let begin
			refusal = err
			continue
		}
		if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
			t.Errorf("in a process with its own mounts: %v\n%s", err, out)
		}
		return false
	}
	fmt.Fprintf(os.Stderr, "crashtest: %s: mounts of one's own are not permitted here (%v): a full disk is only played, by TestADiskThatFails…\n", t.Name(), refusal)
	return false
}

// mountAttr starts a process with mounts of its own, as itself or as the root of a user namespace.
func mountAttr(inUserNamespace bool) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
	if inUserNamespace {
		attr.Cloneflags |= unix.CLONE_NEWUSER
		attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}}
		attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}}
	}
	return attr
}

// A disk is a small file system under a server's data.
type disk struct {
	t    *testing.T
	path string
}

// newDisk mounts a file system of that many MiB where the server keeps its data.
func newDisk(t *testing.T, r *rig, mib int) *disk {
	t.Helper()
	d := &disk{t, filepath.Join(r.Dir, "data")}
	if err := os.MkdirAll(d.path, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("tmpfs", d.path, "tmpfs", 0, fmt.Sprintf("size=%dm,mode=0700", mib)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(d.path, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return d
}

func (d *disk) filler() string { return filepath.Join(d.path, "filler") }

// fill takes every byte that is left.
func (d *disk) fill() {
	d.t.Helper()
	f, err := os.OpenFile(d.filler(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		d.t.Fatal(err)
	}
	defer f.Close()
	for _, size := range []int{1 << 20, 4 << 10, 1} {
		for chunk := make([]byte, size); err == nil; {
			_, err = f.Write(chunk)
		}
		if !errors.Is(err, unix.ENOSPC) {
			d.t.Fatalf("filling the disk: %v", err)
		}
		err = nil
	}
}

// free gives back what fill took.
func (d *disk) free() {
	d.t.Helper()
	if err := os.Remove(d.filler()); err != nil {
		d.t.Fatal(err)
	}
}

// readOnly makes the disk one that cannot be written, or one that can.
func (d *disk) readOnly(on bool) {
	d.t.Helper()
	flags := uintptr(unix.MS_REMOUNT)
	if on {
		flags |= unix.MS_RDONLY
	}
	if err := unix.Mount("tmpfs", d.path, "tmpfs", flags, ""); err != nil {
		d.t.Fatal(err)
	}
}
