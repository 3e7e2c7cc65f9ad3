package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/gemini-image-chat/gemini-image-chat/internal/filelock"
)

// A dataDir is a directory that a setting names.
type dataDir struct{ setting, path string }

func (c config) dataDirs() []dataDir {
	return []dataDir{{"DATABASE_URL", filepath.Dir(c.DatabasePath)}, {"BLOB_URL", c.BlobDir}}
}

// prepareStorage makes the data directories, hands them to the user the
// process is about to become, and becomes that user. A volume's root belongs
// to root on most platforms, so a container that never was root could not
// write there.
func prepareStorage(c config) error {
	for _, dir := range c.dataDirs() {
		if err := os.MkdirAll(dir.path, 0o700); err != nil {
			return storageError(c, dir, err)
		}
	}
	if c.RunAs != nil && os.Geteuid() == 0 {
		for _, dir := range c.dataDirs() {
			if err := giveTo(dir.path, *c.RunAs); err != nil {
				return storageError(c, dir, err)
			}
		}
		if err := becomeUser(*c.RunAs); err != nil {
			return fmt.Errorf("cannot become user %d:%d (RUN_AS): %w", c.RunAs.UID, c.RunAs.GID, err)
		}
	}
	for _, dir := range c.dataDirs() {
		if err := tryWrite(dir.path); err != nil {
			return storageError(c, dir, err)
		}
	}
	if info, err := os.Stat(c.DatabasePath); err == nil && info.IsDir() {
		return storageError(c, c.dataDirs()[0], fmt.Errorf("%s is a directory, not a file", c.DatabasePath))
	}
	return nil
}

// storageError says in one sentence what to do about a directory that can't
// be used.
func storageError(c config, dir dataDir, err error) error {
	if !errors.Is(err, fs.ErrPermission) {
		example := map[string]string{"DATABASE_URL": "sqlite:///./data/image_chat.db", "BLOB_URL": "file:///./data/blobs"}[dir.setting]
		return &configError{dir.setting, fmt.Sprintf("the data directory %s cannot be used: %v", dir.path, err), example}
	}
	who := ids{UID: os.Geteuid(), GID: os.Getegid()}
	if c.RunAs != nil {
		who = *c.RunAs
	}
	return &configError{Variable: dir.setting, Problem: fmt.Sprintf("user %d may not write the data directory %s: a new volume belongs to root, so start as root "+
		"with RUN_AS=%d:%d (the container image does), or chown it to %d:%d: %v",
		who.UID, dir.path, who.UID, who.GID, who.UID, who.GID, err)}
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
	release, err = filelock.Lock(path)
	if errors.Is(err, filelock.ErrLocked) {
		return nil, fmt.Errorf("another imagechat uses %s; stop it, or give this one a DATABASE_URL and a BLOB_URL of its own, both", filepath.Dir(c.DatabasePath))
	}
	if err != nil {
		return nil, fmt.Errorf("cannot lock %s: %w", path, err)
	}
	return release, nil
}
