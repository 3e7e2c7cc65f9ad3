package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// prepareStorage makes the data directories, hands them to the user the
// process is about to become, and becomes that user. A volume's root belongs
// to root on most platforms, so a container that never was root could not
// write there.
func prepareStorage(c config) error {
	dirs := []string{filepath.Dir(c.DatabasePath), c.BlobDir}
	for _, dir := range dirs {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return storageError(c, err)
		}
	}
	if c.RunAs != nil && os.Geteuid() == 0 {
		for _, dir := range dirs {
			if err := giveTo(dir, *c.RunAs); err != nil {
				return storageError(c, err)
			}
		}
		if err := becomeUser(*c.RunAs); err != nil {
			return fmt.Errorf("cannot become user %d:%d (RUN_AS): %w", c.RunAs.UID, c.RunAs.GID, err)
		}
	}
	for _, dir := range dirs {
		if err := tryWrite(dir); err != nil {
			return storageError(c, err)
		}
	}
	return nil
}

// storageError says in one sentence what to do about a directory that can't
// be written.
func storageError(c config, err error) error {
	if !errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("the data directories (DATABASE_URL, BLOB_URL) cannot be used: %w", err)
	}
	who := ids{UID: os.Geteuid(), GID: os.Getegid()}
	if c.RunAs != nil {
		who = *c.RunAs
	}
	return fmt.Errorf("user %d may not write the data directories %s and %s: a new volume belongs to root, so start as root "+
		"with RUN_AS=%d:%d (the container image does), or chown them to %d:%d: %w",
		who.UID, filepath.Dir(c.DatabasePath), c.BlobDir, who.UID, who.GID, who.UID, who.GID, err)
}

// tryWrite makes sure that files can be made in dir, before a turn is paid
// for. A full disk is no reason not to start: what is there can be read and
// deleted, and who writes is told.
func tryWrite(dir string) error {
	f, err := os.CreateTemp(dir, ".writetest-*")
	if err == nil {
		_, err = f.WriteString("ok")
		err = errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return nil
	}
	return err
}

// lockDatabase keeps a second process away from the database's directory:
// each would run the other's turns, and both would be paid for. The lock ends
// with the process, however that ends.
func lockDatabase(c config) (release func() error, err error) {
	path := filepath.Join(filepath.Dir(c.DatabasePath), "imagechat.lock")
	release, err = lockFile(path)
	if errors.Is(err, errLocked) {
		return nil, fmt.Errorf("another imagechat uses %s; stop it, or give this one its own DATABASE_URL and BLOB_URL", filepath.Dir(c.DatabasePath))
	}
	if err != nil {
		return nil, fmt.Errorf("cannot lock %s: %w", path, err)
	}
	return release, nil
}

var errLocked = errors.New("locked by another process")
