package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/internal/filelock"
)

// A workplace is a directory for the files of one backup in the making. Its
// maker holds a lock in it, so that what a killed one left is known from what
// one at work needs, and can be taken away.
type workplace struct {
	dir     string
	release func() error
}

const (
	workplaceName = ".imagechat-backup-"
	workplaceLock = "lock"
	// staleAfter is the age from which files without a lock count as left over.
	staleAfter = time.Hour
)

// newWorkplace makes one in the first of dirs that can be written to, and
// takes away what others left there.
func newWorkplace(dirs ...string) (*workplace, error) {
	var failures error
	for _, parent := range dirs {
		_, err := sweepLeftovers(parent)
		var dir string
		if err == nil {
			dir, err = os.MkdirTemp(parent, workplaceName+"*")
		}
		if err == nil {
			release, lockErr := filelock.Lock(filepath.Join(dir, workplaceLock))
			if lockErr == nil {
				return &workplace{dir: dir, release: release}, nil
			}
			err = errors.Join(lockErr, os.RemoveAll(dir))
		}
		failures = errors.Join(failures, err)
	}
	return nil, failures
}

// file is a path in the workplace.
func (w *workplace) file(name string) string { return filepath.Join(w.dir, name) }

// close takes the workplace away.
func (w *workplace) close() error {
	return errors.Join(w.release(), os.RemoveAll(w.dir))
}

// leftoverPatterns are the names of files that a killed process may leave:
// workplaces of backups, the files of earlier versions, and tests of whether a
// directory can be written to.
var leftoverPatterns = []string{workplaceName + "*", ".snapshot-*.db", ".snapshot-*.db.part", ".backup-*", ".writetest-*"}

// leftovers lists what killed processes left in dir and nobody uses.
func leftovers(dir string) (found []string, err error) {
	for _, pattern := range leftoverPatterns {
		paths, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return nil, err
		}
		for _, path := range paths {
			if abandoned(path) {
				found = append(found, path)
			}
		}
	}
	return found, nil
}

// abandoned tells whether nobody works with a file or workplace.
func abandoned(path string) bool {
	info, err := os.Lstat(path)
	if err != nil {
		return false
	}
	lock := filepath.Join(path, workplaceLock)
	if _, err := os.Lstat(lock); !info.IsDir() || errors.Is(err, fs.ErrNotExist) {
		return time.Since(info.ModTime()) > staleAfter
	}
	release, err := filelock.Lock(lock)
	if err != nil {
		return false
	}
	return release() == nil
}

// sweepLeftovers removes them and returns how many there were.
func sweepLeftovers(dir string) (int, error) {
	found, err := leftovers(dir)
	for _, path := range found {
		err = errors.Join(err, os.RemoveAll(path))
	}
	return len(found), err
}
