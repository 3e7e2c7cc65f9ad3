package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/bunstore"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/fsblob"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// snapshotTries is how often a snapshot is taken anew because a conversation
// was deleted while its pictures were being copied.
const snapshotTries = 3

// maxNamed is how many files an error names one by one.
const maxNamed = 5

type backupCmd struct {
	File string `arg:"" help:"Where to write the backup; - is standard output."`
}

// Run writes one consistent file while the server runs or rests.
func (c *backupCmd) Run(p *program) error {
	cfg, err := p.dataToRead()
	if err != nil {
		return err
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	var m *manifest
	if c.File == "-" {
		m, err = writeBackup(ctx, cfg, p.Stdout)
	} else {
		m, err = backupTo(ctx, cfg, c.File)
	}
	if err != nil {
		return fmt.Errorf("the backup was not made: %w", err)
	}
	fmt.Fprintf(p.Stderr, "%s: %d files, %.1f MB\n", c.File, len(m.Files), float64(m.bytes())/1e6)
	return sayLeftOut(m)
}

// backupTo writes a backup to a file, whole and synced or not at all.
func backupTo(ctx context.Context, cfg config, file string) (_ *manifest, err error) {
	place, err := newWorkplace(filepath.Dir(file))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, place.close()) }()
	out, err := os.Create(place.file("backup.tar"))
	if err != nil {
		return nil, err
	}
	m, err := writeBackup(ctx, cfg, out)
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return nil, err
	}
	if err := os.Rename(out.Name(), file); err != nil {
		return nil, err
	}
	return m, syncDir(filepath.Dir(file))
}

// syncDir makes a rename in a directory durable. Systems that cannot open a
// directory need no such thing.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return nil //nolint:nilerr // see above
	}
	return errors.Join(f.Sync(), f.Close())
}

// sayLeftOut is the error of a backup that holds all that is still good, but
// not all that the database refers to.
func sayLeftOut(m *manifest) error {
	if len(m.Missing) == 0 {
		return nil
	}
	names := strings.Join(m.Missing[:min(len(m.Missing), maxNamed)], ", ")
	if more := len(m.Missing) - maxNamed; more > 0 {
		names += fmt.Sprintf(" and %d more", more)
	}
	return fmt.Errorf("the backup is made and can be restored, but leaves out %d missing and %d damaged files of the store: %s; "+
		"keep the older backup that has them, and put them back: imagechat restore --mend OLDER_BACKUP",
		len(m.Missing)-m.Damaged, m.Damaged, names)
}

// existingData returns the settings when there is something to back up, as
// the user that the server runs as: files made by another would be in its way.
func (p *program) existingData() (config, error) {
	cfg, err := p.config()
	if err != nil {
		return cfg, err
	}
	if _, err := os.Stat(cfg.DatabasePath); err != nil {
		return cfg, fmt.Errorf("there is no database (DATABASE_URL): %w", err)
	}
	return cfg, prepareStorage(cfg)
}

// dataToRead is existingData for commands that only read: also what can no
// longer be written to can be saved.
func (p *program) dataToRead() (config, error) {
	cfg, err := p.config()
	if err != nil {
		return cfg, err
	}
	if _, err := os.Stat(cfg.DatabasePath); err != nil {
		return cfg, fmt.Errorf("there is no database (DATABASE_URL): %w", err)
	}
	if tryWrite(cfg.dataDir()) == nil {
		return cfg, prepareStorage(cfg)
	}
	if cfg.RunAs != nil && os.Geteuid() == 0 {
		return cfg, becomeUser(*cfg.RunAs)
	}
	return cfg, nil
}

// databaseURL is how the store wants a path spelt.
func databaseURL(path string) string { return "sqlite:///" + strings.ReplaceAll(path, "%", "%25") }

// withDatabase opens an existing database as it is, for one piece of work.
func withDatabase(ctx context.Context, path string, work func(*bunstore.Store) error) (err error) {
	store, err := bunstore.OpenExisting(ctx, databaseURL(path))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return work(store)
}

// A backupRun is one backup in the making.
type backupRun struct {
	cfg     config
	place   *workplace
	archive *archiveWriter
	blobs   *fsblob.Store
	copied  map[string]bool // names in the archive
	spoilt  []string        // received pieces that are damaged
}

func writeBackup(ctx context.Context, cfg config, w io.Writer) (_ *manifest, err error) {
	blobs, err := fsblob.Open(cfg.BlobDir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, blobs.Close()) }()
	// The snapshot takes as much room as the database: where that lies is
	// room, most likely, unless nothing can be written there any more.
	place, err := newWorkplace(cfg.dataDir(), os.TempDir())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, place.close()) }()
	b := &backupRun{cfg: cfg, place: place, archive: newArchiveWriter(w, time.Now()), blobs: blobs, copied: map[string]bool{}}
	// What arrives and is recorded between two steps is caught on one of the
	// two sides: the spool is copied before and after the snapshot.
	if err := b.copySpool(ctx); err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		missing, damaged, snapshot, err := b.snapshot(ctx)
		if err == nil && len(missing) > 0 && try < snapshotTries {
			err = os.Remove(snapshot)
			if err != nil {
				return nil, err
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		if err := errors.Join(b.copySpool(ctx), b.addFile(databaseEntry, snapshot), os.Remove(snapshot)); err != nil {
			return nil, err
		}
		m := &b.archive.manifest
		m.Missing, m.Damaged = slices.Concat(missing, damaged, b.spoilt), len(damaged)+len(b.spoilt)
		if err := b.archive.close(); err != nil {
			return nil, err
		}
		markBackup(cfg)
		return m, nil
	}
}

// snapshot copies the database as of one moment, and every blob that the copy
// refers to. It returns the keys that are nowhere, and those whose blobs are
// damaged: one bad file must not keep all the good ones from being saved.
func (b *backupRun) snapshot(ctx context.Context) (missing, damaged []string, file string, err error) {
	file = b.place.file("snapshot.db")
	if err := b.copyDatabase(ctx, file); err != nil {
		return nil, nil, "", err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file))
		}
	}()
	keys, err := blobKeys(ctx, file)
	if err != nil {
		return nil, nil, file, err
	}
	for _, key := range keys {
		switch err := b.copyBlob(ctx, key); {
		case errors.Is(err, imagechat.NotFound):
			missing = append(missing, string(key))
		case errors.Is(err, errDamaged):
			damaged = append(damaged, string(key))
		case err != nil:
			return nil, nil, file, err
		}
	}
	return missing, damaged, file, nil
}

// copyDatabase makes the snapshot. SQLite wants to write beside a database
// that it reads; where it cannot, nobody else can either, and the files are
// copied as they lie there.
func (b *backupRun) copyDatabase(ctx context.Context, file string) error {
	database := b.cfg.DatabasePath
	if filepath.Dir(b.place.dir) != filepath.Clean(b.cfg.dataDir()) {
		database = b.place.file("copied.db")
		for _, part := range []string{"", "-wal"} {
			if err := copyFile(database+part, b.cfg.DatabasePath+part); err != nil && (part == "" || !errors.Is(err, fs.ErrNotExist)) {
				return err
			}
		}
	}
	return withDatabase(ctx, database, func(s *bunstore.Store) error { return s.Backup(ctx, file) })
}

func copyFile(to, from string) error {
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	return spill(to, f)
}

func (b *backupRun) copyBlob(ctx context.Context, key imagechat.BlobKey) error {
	name := blobPrefix + string(key)
	if b.copied[name] {
		return nil
	}
	r, err := openWhole(ctx, b.blobs, key)
	if err != nil {
		return err
	}
	return b.copy(name, r)
}

func (b *backupRun) copySpool(ctx context.Context) error {
	spool := b.blobs.Spool()
	entries, err := spool.List(ctx, "")
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := fmt.Sprintf("%s%s/%d-%s", spoolPrefix, e.Attempt, e.N, e.Kind)
		if b.copied[name] || slices.Contains(b.spoilt, name) {
			continue
		}
		r, err := spool.Open(ctx, e)
		if errors.Is(err, imagechat.NotFound) {
			continue // recorded meanwhile, so the snapshot has it
		}
		if err != nil {
			return err
		}
		if err := rewindWhole(r, e.Blob); err != nil {
			b.spoilt = append(b.spoilt, name)
			continue
		}
		if err := b.copy(name, r); err != nil {
			return err
		}
	}
	return nil
}

// copy adds r to the archive and closes it.
func (b *backupRun) copy(name string, r io.ReadSeekCloser) error {
	defer r.Close()
	size, err := r.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return err
	}
	b.copied[name] = true
	return b.archive.add(name, size, r)
}

func (b *backupRun) addFile(name, file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	return b.copy(name, f)
}

type verifyCmd struct {
	File string `arg:"" help:"Backup to verify."`
}

// Run reads a whole backup: every hash, the database's integrity, and that
// each picture that the database refers to is there.
func (c *verifyCmd) Run(p *program) error {
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	dir, err := os.MkdirTemp("", "imagechat-verify-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	database := filepath.Join(dir, "chat.db")
	m, err := readArchive(f, func(name string, _ int64, r io.Reader) error {
		if name != databaseEntry {
			return nil
		}
		return spill(database, r)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	if err := checkBackup(context.Background(), database, m); err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	fmt.Fprintf(p.Stdout, "%s: good; made %s by version %s, %d files, %.1f MB\n",
		c.File, m.CreatedAt.Format(time.RFC3339), m.Version, len(m.Files), float64(m.bytes())/1e6)
	m.sayMissing(p.Stdout)
	return nil
}

// spill writes r to a file, durably.
func spill(file string, r io.Reader) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	return errors.Join(err, f.Sync(), f.Close())
}

// checkBackup looks into the database of a backup whose hashes are right.
func checkBackup(ctx context.Context, database string, m *manifest) error {
	if err := withDatabase(ctx, database, func(s *bunstore.Store) error { return s.IntegrityCheck(ctx) }); err != nil {
		return err
	}
	keys, err := blobKeys(ctx, database)
	if err != nil {
		return err
	}
	have := map[string]bool{}
	for _, f := range m.Files {
		have[f.Name] = true
	}
	for _, key := range keys {
		if !have[blobPrefix+string(key)] && !slices.Contains(m.Missing, string(key)) {
			return fmt.Errorf("the database refers to image %s, which the backup does not hold", key)
		}
	}
	return nil
}
