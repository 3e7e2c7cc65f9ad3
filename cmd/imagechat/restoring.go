package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/fsblob"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// A restoring is a restore in the making. Two files say so, also to the next
// process when this one is killed: the database under a name of its own, and a
// mark in the directory of the blobs. Only where both are found does a later
// restore take away what it finds; renaming the database ends that.
type restoring struct {
	cfg            config
	database, mark string
}

func restoringIn(cfg config) *restoring {
	return &restoring{cfg, cfg.DatabasePath + ".restoring", filepath.Join(cfg.BlobDir, ".restoring")}
}

// refuseHalf keeps a server from beginning anew between the halves of a
// restore: the next restore would find its database in the way.
func (r *restoring) refuseHalf() error {
	if isFile(r.database) && isFile(r.mark) && !isFile(r.cfg.DatabasePath) {
		return fmt.Errorf("a restore was cut off here; run imagechat restore again, or remove %s and all that is in %s", r.database, r.cfg.BlobDir)
	}
	return nil
}

// beginRestore makes sure that no two histories mix: the directories are
// empty, or hold nothing but what a restore left that was cut off.
func beginRestore(cfg config) (*restoring, error) {
	r := restoringIn(cfg)
	if _, err := os.Stat(cfg.DatabasePath); err == nil {
		return nil, fmt.Errorf("there is a database already: %s; move it away or name another DATABASE_URL", cfg.DatabasePath)
	}
	if r.refuseHalf() != nil {
		if err := r.undo(); err != nil {
			return nil, fmt.Errorf("what an earlier restore left cannot be removed; remove %s*, and all that is in %s: %w", r.database, cfg.BlobDir, err)
		}
	}
	if !holdsNoFile(cfg.BlobDir) {
		return nil, fmt.Errorf("%s is not empty; move it away or name another BLOB_URL", cfg.BlobDir)
	}
	// A log that belonged to another database must not be read into this one.
	err := r.dropDatabase()
	for _, file := range []string{r.database, r.mark} {
		if err == nil {
			err = os.WriteFile(file, nil, 0o600)
		}
	}
	if err != nil {
		return nil, errors.Join(err, r.undo())
	}
	return r, nil
}

func isFile(name string) bool {
	info, err := os.Lstat(name)
	return err == nil && info.Mode().IsRegular()
}

// holdsNoFile tells a directory in which there is nothing to lose: a server
// that never drew leaves empty directories.
func holdsNoFile(dir string) bool {
	return fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !fsblob.Bookkeeping(name) {
			err = fs.ErrExist
		}
		return err
	}) == nil
}

// unpack writes the archive's files and checks them.
func (r *restoring) unpack(ctx context.Context, archive io.Reader) (_ *manifest, err error) {
	blobs, err := fsblob.Open(r.cfg.BlobDir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, blobs.Close()) }()
	return readArchive(archive, func(name string, _ int64, content io.Reader) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if key, ok := strings.CutPrefix(name, blobPrefix); ok {
			return blobs.Put(ctx, imagechat.BlobKey(key), content)
		}
		if rest, ok := strings.CutPrefix(name, spoolPrefix); ok {
			return respool(ctx, blobs.Spool(), rest, content)
		}
		return spill(r.database, content)
	})
}

// finish gives the database its name. From then on there is nothing to undo:
// a mark that stayed would say nothing without the other file.
func (r *restoring) finish() error {
	if err := os.Rename(r.database, r.cfg.DatabasePath); err != nil {
		return err
	}
	_ = errors.Join(os.Remove(r.mark), r.dropDatabase())
	return nil
}

// undo takes away all that a restore wrote, its two files last.
func (r *restoring) undo() error {
	entries, err := os.ReadDir(r.cfg.BlobDir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if file := filepath.Join(r.cfg.BlobDir, e.Name()); file != r.mark {
			if err := os.RemoveAll(file); err != nil {
				return err
			}
		}
	}
	return errors.Join(removeIfThere(r.mark), r.dropDatabase())
}

func (r *restoring) dropDatabase() error {
	return errors.Join(removeIfThere(r.database+"-wal"), removeIfThere(r.database+"-shm"), removeIfThere(r.database+".lock"), removeIfThere(r.database))
}

func removeIfThere(name string) error {
	if err := os.Remove(name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
