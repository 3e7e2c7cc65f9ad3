package main

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/fsblob"
)

// sizesFor is how long the sum of the blobs' sizes is told before it is made
// anew: it reads the whole directory.
const sizesFor = 15 * time.Minute

// storageSizes tells how large the parts of the store are.
type storageSizes struct {
	database string
	blobs    *fsblob.Store

	mu      sync.Mutex
	summing bool
	summed  time.Time
	sum     int64
}

func newStorageSizes(database string, blobs *fsblob.Store) *storageSizes {
	return &storageSizes{database: database, blobs: blobs}
}

// now is the size of each part in bytes. The blobs' is left out until it was
// summed for the first time, which happens beside the caller.
func (s *storageSizes) now() map[string]int64 {
	sizes := map[string]int64{}
	for part, file := range map[string]string{"database": s.database, "wal": s.database + "-wal"} {
		if info, err := os.Stat(file); err == nil {
			sizes[part] = info.Size()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.summing && time.Since(s.summed) > sizesFor {
		s.summing = true
		go s.sumBlobs()
	}
	if !s.summed.IsZero() {
		sizes["blobs"] = s.sum
	}
	return sizes
}

func (s *storageSizes) sumBlobs() {
	var sum int64
	var failure error
	for info, err := range s.blobs.List(context.Background()) {
		if failure = err; err != nil {
			break
		}
		sum += info.Size
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.summing = false
	s.summed = time.Now()
	if failure == nil {
		s.sum = sum
	}
}

// backupMark is the file whose time says when the last good backup was made.
const backupMark = ".last-backup"

// lastBackup is the zero time when none was made.
func lastBackup(c config) time.Time {
	info, err := os.Stat(filepath.Join(filepath.Dir(c.DatabasePath), backupMark))
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// markBackup remembers that a backup was made now. It is for the metric alone,
// so a directory that cannot be written to is no failure.
func markBackup(c config) {
	mark := filepath.Join(c.dataDir(), backupMark)
	if os.WriteFile(mark, nil, 0o600) == nil {
		_ = os.Chtimes(mark, time.Time{}, time.Now())
	}
}
