package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/bunstore"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/fsblob"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// sampleTime is how long doctor reads images without --deep.
const sampleTime = 5 * time.Second

// checkStorage looks at the database, the disk and the pictures. It reads
// only, and may run beside the server.
func checkStorage(ctx context.Context, cfg config, deep bool) []finding {
	if err := withDatabase(ctx, cfg.DatabasePath, func(s *bunstore.Store) error { return s.IntegrityCheck(ctx) }); err != nil {
		return []finding{{"database", bad, err.Error(),
			"stop the server and restore a backup into empty directories: imagechat restore FILE"}}
	}
	all := []finding{{"database", good, "whole, and of a version that this program knows", ""}}
	blobs, err := fsblob.Open(cfg.BlobDir)
	if err != nil {
		return append(all, finding{"images", bad, err.Error(), "check BLOB_URL"})
	}
	defer blobs.Close()
	all = append(all, checkSpace(cfg.BlobDir), checkBlobs(ctx, cfg, blobs, deep))
	all = append(all, checkLeftovers(cfg)...)
	return append(all, checkOwners(ctx, cfg)...)
}

// checkLeftovers tells of files that killed backups left.
func checkLeftovers(cfg config) []finding {
	dirs := []string{cfg.dataDir()}
	if cfg.BackupDir != "" {
		dirs = append(dirs, cfg.BackupDir)
	}
	var all []finding
	for _, dir := range dirs {
		if found, err := leftovers(dir); err == nil && len(found) > 0 {
			all = append(all, finding{"leftovers", warning, fmt.Sprintf("%d files or folders of killed backups in %s, the first is %s", len(found), dir, filepath.Base(found[0])),
				"the next start or backup takes them away"})
		}
	}
	return all
}

// checkEmptyStorage is for a place where nothing is yet. It leaves
// nothing there, for the place may be mistyped.
func checkEmptyStorage(cfg config) []finding {
	if err := restoringIn(cfg).refuseHalf(); err != nil {
		return []finding{{"database", bad, err.Error(), "imagechat restore FILE"}}
	}
	detail := "none yet; the first start makes " + cfg.DatabasePath
	fix := "if there should be one, check DATABASE_URL"
	if _, err := os.Stat(cfg.BlobDir); err == nil && !holdsNoFile(cfg.BlobDir) {
		detail += ", but there are images in " + cfg.BlobDir
		fix = "check that DATABASE_URL and BLOB_URL belong together"
	}
	all := []finding{{"database", warning, detail, fix}}
	for _, dir := range cfg.dataDirs() {
		if err := tryWrite(nearestDir(dir.path)); err != nil {
			err = storageError(cfg, dir, err)
			return append(all, finding{"storage", bad, err.Error(), "check DATABASE_URL and BLOB_URL, or chown the directories"})
		}
	}
	return append(all, checkSpace(nearestDir(cfg.BlobDir)))
}

// nearestDir is dir, or what is there of the way to it.
func nearestDir(dir string) string {
	dir = filepath.Clean(dir)
	for {
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}

func checkSpace(dir string) finding {
	const check = "disk"
	free, err := fsblob.FreeBytes(dir)
	switch {
	case err != nil:
		return finding{check, bad, err.Error(), "check BLOB_URL"}
	case free < reserveBytes:
		return finding{check, bad, fmt.Sprintf("%d MB free; below %d MB no picture is bought", free>>20, reserveBytes>>20),
			"make room, or: fly volumes extend VOLUME_ID --size GB"}
	default:
		return finding{check, good, fmt.Sprintf("writable, %d MB free", free>>20), ""}
	}
}

// checkBlobs compares what the database refers to with what is there.
func checkBlobs(ctx context.Context, cfg config, blobs *fsblob.Store, deep bool) finding {
	const check = "images"
	keys, err := blobKeys(ctx, cfg.DatabasePath)
	if err != nil {
		return finding{check, bad, err.Error(), "run doctor again; if it stays, restore a backup"}
	}
	wanted := make(map[imagechat.BlobKey]bool, len(keys))
	for _, key := range keys {
		wanted[key] = true
	}
	present, orphans := 0, 0
	for info, err := range blobs.List(ctx) {
		if err != nil {
			return finding{check, bad, err.Error(), "check BLOB_URL"}
		}
		if wanted[info.Key] {
			present++
		} else {
			orphans++
		}
	}
	missing := len(wanted) - present
	if missing > 0 {
		// Deleted between the two looks, perhaps: ask once more, one by one.
		missing = countMissing(ctx, cfg, blobs)
	}
	reading := ctx
	if !deep {
		var cancel context.CancelFunc
		reading, cancel = context.WithTimeout(ctx, sampleTime)
		defer cancel()
	}
	read, damaged := readBlobs(reading, keys, blobs)
	f := finding{check, good, fmt.Sprintf("%d in use, %d missing, %d damaged of %d that were read, %d that nothing refers to (swept after a day)",
		len(wanted), missing, damaged, read, orphans), ""}
	if read+missing < len(wanted) {
		f.Detail += "; imagechat doctor --deep reads them all"
	}
	if missing+damaged > 0 {
		f.Verdict, f.Fix = bad, "put them back from a backup that has them, also while the server runs: imagechat restore --mend FILE"
	}
	return f
}

// readBlobs reads blobs whole until ctx ends, in an order of chance, so that
// doctor sees others the next time.
func readBlobs(ctx context.Context, keys []imagechat.BlobKey, blobs *fsblob.Store) (read, damaged int) {
	for _, i := range rand.Perm(len(keys)) {
		switch err := checkWhole(ctx, blobs, keys[i]); {
		case errors.Is(err, errDamaged):
			damaged++
			read++
		case err == nil:
			read++
		case ctx.Err() != nil:
			return read, damaged
		}
	}
	return read, damaged
}

func countMissing(ctx context.Context, cfg config, blobs *fsblob.Store) (n int) {
	keys, err := blobKeys(ctx, cfg.DatabasePath)
	if err != nil {
		return 0
	}
	for _, key := range keys {
		if _, err := blobs.Stat(ctx, key); errors.Is(err, imagechat.NotFound) {
			n++
		}
	}
	return n
}
