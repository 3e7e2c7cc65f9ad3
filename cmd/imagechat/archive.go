package main

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
	"time"
)

// A backup is one tar file: blobs/SHA256 for every image, spool/ATTEMPT/N-KIND
// for what a generator sent that is not recorded yet, then the database, then
// the manifest. The manifest comes last, so a file that was cut off has none and
// never passes for whole.
const (
	databaseEntry = "database.sqlite"
	manifestEntry = "manifest.json"
	blobPrefix    = "blobs/"
	spoolPrefix   = "spool/"

	archiveFormat = 1
	// maxManifestBytes allows for about a million files.
	maxManifestBytes = 256 << 20
)

// An archived file is one line of the manifest.
type archivedFile struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// A manifest says what a backup holds.
type manifest struct {
	Format    int            `json:"format"`
	Version   string         `json:"version"` // of the program that made it
	CreatedAt time.Time      `json:"created_at"`
	Files     []archivedFile `json:"files"`
	// Missing are the files that belong here and were nowhere to be found, or
	// damaged, when the backup was made: images by their SHA-256, received
	// pieces by the name that they would have here.
	Missing []string `json:"missing,omitempty"`
	// Damaged is how many of Missing were damaged.
	Damaged int `json:"damaged,omitempty"`
}

func (m manifest) bytes() (n int64) {
	for _, f := range m.Files {
		n += f.Bytes
	}
	return n
}

// sayMissing tells whoever reads the backup what it cannot bring back.
func (m manifest) sayMissing(w io.Writer) {
	if len(m.Missing) > 0 {
		fmt.Fprintf(w, "files that were missing or damaged when it was made, and are not in it: %d\n", len(m.Missing))
	}
}

type archiveWriter struct {
	tar      *tar.Writer
	manifest manifest
}

func newArchiveWriter(w io.Writer, now time.Time) *archiveWriter {
	return &archiveWriter{tar: tar.NewWriter(w), manifest: manifest{
		Format: archiveFormat, Version: currentBuild().Version, CreatedAt: now.UTC().Truncate(time.Second),
	}}
}

// add copies size bytes. A blob whose content is not what its name says is an
// error: a backup must not pass a fault on, and what was written cannot be
// taken back.
func (w *archiveWriter) add(name string, size int64, r io.Reader) error {
	if err := w.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: size, ModTime: w.manifest.CreatedAt, Format: tar.FormatPAX}); err != nil {
		return err
	}
	h := sha256.New()
	if _, err := io.Copy(w.tar, io.TeeReader(r, h)); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	sum := hex.EncodeToString(h.Sum(nil))
	if key, ok := strings.CutPrefix(name, blobPrefix); ok && key != sum {
		return fmt.Errorf("%s is damaged: its bytes have the SHA-256 %s", name, sum)
	}
	w.manifest.Files = append(w.manifest.Files, archivedFile{Name: name, Bytes: size, SHA256: sum})
	return nil
}

// close writes the manifest; without it the archive is not whole.
func (w *archiveWriter) close() error {
	b, err := json.Marshal(w.manifest)
	if err != nil {
		return err
	}
	header := &tar.Header{Name: manifestEntry, Mode: 0o600, Size: int64(len(b)), ModTime: w.manifest.CreatedAt, Format: tar.FormatPAX}
	if err := w.tar.WriteHeader(header); err != nil {
		return err
	}
	if _, err := w.tar.Write(b); err != nil {
		return err
	}
	return w.tar.Close()
}

var entryName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(database\.sqlite|blobs/[0-9a-f]{64}|spool/[0-9A-Za-z_-]{1,64}/[0-9]{1,9}-[a-z]{1,16})$`)
})

// readArchive calls visit for every file and returns the manifest after
// checking every hash against it. Names are checked before visit sees them:
// an archive from a stranger must not write outside the data directories.
// visit may leave part of a file unread.
func readArchive(r io.Reader, visit func(name string, size int64, r io.Reader) error) (*manifest, error) {
	var seen []archivedFile
	t := tar.NewReader(r)
	for {
		header, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil, errors.New("the backup is cut off: it has no manifest")
		}
		if err != nil {
			return nil, fmt.Errorf("this is not a backup, or a damaged one: %w", err)
		}
		if header.Name == manifestEntry {
			return readManifest(t, seen)
		}
		if header.Typeflag != tar.TypeReg || !entryName().MatchString(header.Name) {
			return nil, fmt.Errorf("the backup holds %q, which no backup of this program does", header.Name)
		}
		h := sha256.New()
		content := io.TeeReader(t, h)
		if err := visit(header.Name, header.Size, content); err != nil {
			return nil, err
		}
		if _, err := io.Copy(io.Discard, content); err != nil {
			return nil, fmt.Errorf("%s is cut off: %w", header.Name, err)
		}
		seen = append(seen, archivedFile{Name: header.Name, Bytes: header.Size, SHA256: hex.EncodeToString(h.Sum(nil))})
	}
}

func readManifest(r io.Reader, seen []archivedFile) (*manifest, error) {
	var m manifest
	if err := json.NewDecoder(io.LimitReader(r, maxManifestBytes)).Decode(&m); err != nil {
		return nil, fmt.Errorf("the backup's manifest is damaged: %w", err)
	}
	if m.Format != archiveFormat {
		return nil, fmt.Errorf("the backup has format %d; this program reads %d", m.Format, archiveFormat)
	}
	if len(m.Files) != len(seen) {
		return nil, fmt.Errorf("the backup holds %d files, its manifest lists %d", len(seen), len(m.Files))
	}
	database := false
	for i, want := range m.Files {
		got := seen[i]
		if got.Name != want.Name || got.Bytes != want.Bytes || got.SHA256 != want.SHA256 {
			return nil, fmt.Errorf("%s is damaged: SHA-256 %s, want %s", want.Name, got.SHA256, want.SHA256)
		}
		if key, ok := strings.CutPrefix(got.Name, blobPrefix); ok && key != got.SHA256 {
			return nil, fmt.Errorf("%s is damaged: SHA-256 %s", got.Name, got.SHA256)
		}
		database = database || got.Name == databaseEntry
	}
	if !database {
		return nil, errors.New("the backup holds no database")
	}
	return &m, nil
}
