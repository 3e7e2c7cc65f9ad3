//go:build linux || darwin || freebsd

package filelock

import (
	"errors"
	"os"
	"syscall"
)

// Lock takes the lock that a file stands for, and makes the file if need be.
// It does not wait: ErrLocked says that somebody else has it, be it in this
// process.
func Lock(path string) (release func() error, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, ErrLocked
		}
		return nil, err
	}
	return f.Close, nil
}
