package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/bunstore"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/fsblob"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// checkStorage looks at the database, the disk and the pictures. It reads
// only, and may run beside the server.
func checkStorage(ctx context.Context, cfg config) []finding {
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
	return append(all, checkSpace(ctx, blobs), checkBlobs(ctx, cfg, blobs))
}

func checkSpace(ctx context.Context, blobs *fsblob.Store) finding {
	const check = "disk"
	free, err := blobs.FreeBytes(ctx)
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
func checkBlobs(ctx context.Context, cfg config, blobs *fsblob.Store) finding {
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
	detail := fmt.Sprintf("%d in use, %d missing, %d that nothing refers to (swept after a day)", len(wanted), missing, orphans)
	if missing > 0 {
		return finding{check, bad, detail, "restore them from a backup: imagechat restore FILE into empty directories, then copy its blobs here"}
	}
	return finding{check, good, detail, ""}
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
