package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strings"
	"testing"
	"time"
)

func sha(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func goodArchive(tb testing.TB) []byte {
	tb.Helper()
	var b bytes.Buffer
	w := newArchiveWriter(&b, time.Unix(1e9, 0))
	for _, f := range []struct{ name, content string }{
		{blobPrefix + sha("picture"), "picture"}, {spoolPrefix + "attempt-1/0-image", "received"}, {databaseEntry, "database"},
	} {
		if err := w.add(f.name, int64(len(f.content)), strings.NewReader(f.content)); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func ignore(string, int64, io.Reader) error { return nil }

func TestArchiveComesBackAsItWas(t *testing.T) {
	t.Parallel()
	got := map[string]string{}
	m, err := readArchive(bytes.NewReader(goodArchive(t)), func(name string, _ int64, r io.Reader) error {
		b, err := io.ReadAll(r)
		got[name] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Files) != 3 || got[databaseEntry] != "database" || got[blobPrefix+sha("picture")] != "picture" || got["spool/attempt-1/0-image"] != "received" {
		t.Errorf("got %v, manifest %+v", got, m)
	}
}

func TestEveryFlippedByteOfContentIsFound(t *testing.T) {
	t.Parallel()
	good := goodArchive(t)
	for _, content := range []string{"picture", "received", "database"} {
		bad := bytes.Clone(good)
		i := bytes.LastIndex(bad, append([]byte(content), 0)) // content is padded with zeros
		if i < 0 {
			t.Fatalf("%q is not in the archive", content)
		}
		bad[i] ^= 1
		if _, err := readArchive(bytes.NewReader(bad), ignore); err == nil || !strings.Contains(err.Error(), "damaged") {
			t.Errorf("%s changed: got error %v, want one that says damaged", content, err)
		}
	}
}

func TestArchiveCutOffAnywhereIsRefused(t *testing.T) {
	t.Parallel()
	good := goodArchive(t)
	// The trailing blocks after the manifest are padding, which tar does not miss.
	end := bytes.LastIndexByte(good, '}')
	for n := 0; n < end; n += 97 {
		if _, err := readArchive(bytes.NewReader(good[:n]), ignore); err == nil {
			t.Fatalf("the first %d of %d bytes pass for a whole backup", n, len(good))
		}
	}
}

func TestArchiveRefusesNamesThatLeaveTheDataDirectory(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"../x", "/etc/passwd", "blobs/../../x", "blobs/short", "spool/../0", "spool/./0-image", "spool/a/0", "other", ""} {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		if err := w.WriteHeader(&tar.Header{Name: name, Size: 1, Mode: 0o600}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		visited := false
		_, err := readArchive(&b, func(string, int64, io.Reader) error { visited = true; return nil })
		if err == nil || visited {
			t.Errorf("%q: error %v, visited %v", name, err, visited)
		}
	}
}

func TestArchiveRefusesADamagedBlobWhenItIsMade(t *testing.T) {
	t.Parallel()
	w := newArchiveWriter(io.Discard, time.Now())
	if err := w.add(blobPrefix+sha("picture"), 7, strings.NewReader("PICTURE")); err == nil {
		t.Error("a blob with another content than its name says was backed up")
	}
}

// FuzzArchive reads hostile backups: no panic, and only names that are safe.
func FuzzArchive(f *testing.F) {
	f.Add(goodArchive(f))
	f.Add([]byte("not a tar"))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, _ = readArchive(bytes.NewReader(b), func(name string, _ int64, _ io.Reader) error {
			if strings.Contains(name, "..") || strings.HasPrefix(name, "/") {
				t.Errorf("visited %q", name)
			}
			return nil
		})
	})
}
