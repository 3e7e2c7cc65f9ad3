package main

import (
	"errors"
	"syscall"
)

// lockFile opens the file for this process alone; Windows closes it with the
// process.
func lockFile(path string) (release func() error, err error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, err
	}
	const noSharing = 0
	h, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, noSharing, nil,
		syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if errors.Is(err, errSharingViolation) {
		return nil, errLocked
	}
	if err != nil {
		return nil, err
	}
	return func() error { return syscall.CloseHandle(h) }, nil
}

// errSharingViolation is ERROR_SHARING_VIOLATION of winerror.h.
const errSharingViolation = syscall.Errno(32)

func giveTo(string, ids) error { return errNotOnWindows }
func becomeUser(ids) error     { return errNotOnWindows }

var errNotOnWindows = errors.New("RUN_AS is not supported on Windows")
