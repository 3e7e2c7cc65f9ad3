//go:build linux || darwin || freebsd

package main

import (
	"io/fs"
	"os"
	"syscall"
)

// giveTo hands a directory tree to a user. A tree that is already theirs is
// left alone, so that a big one costs nothing at the second start.
func giveTo(dir string, to ids) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok && int(st.Uid) == to.UID && int(st.Gid) == to.GID {
		return nil
	}
	// A root keeps what lies in the tree from leading chown out of it.
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	return fs.WalkDir(root.FS(), ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return root.Lchown(path, to.UID, to.GID)
	})
}

// becomeUser gives up root for good, in every thread.
func becomeUser(to ids) error {
	if err := syscall.Setgroups([]int{to.GID}); err != nil {
		return err
	}
	if err := syscall.Setgid(to.GID); err != nil {
		return err
	}
	return syscall.Setuid(to.UID)
}
