package fsblob

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

func openTemp(t testing.TB) *Store {
	t.Helper()
	s, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestLocations(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, location, want string }{
		{"a path", "data/blobs", "data/blobs"},
		{"an absolute path", "/var/lib/blobs", "/var/lib/blobs"},
		{"a relative URL", "file:///./data/blobs", "data/blobs"},
		{"a URL above", "file:///../blobs", "../blobs"},
		{"an absolute URL", "file:///var/lib/blobs", "/var/lib/blobs"},
		{"a URL with its host", "file://localhost/var/lib/blobs", "/var/lib/blobs"},
		{"a short URL", "file:/var/lib/blobs", "/var/lib/blobs"},
		{"an escaped URL", "file:///var/a%20b%3F", "/var/a b?"},
		{"nothing", "", ""},
		{"another scheme", "s3://bucket", ""},
		{"another host", "file://server/share", ""},
		{"two slashes", "file://./data", ""},
		{"the root", "file:///", ""},
		{"a broken escape", "file:///a%zz", ""},
		{"NUL", "file:///a%00b", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := parse(tt.location)
			if got != tt.want || (err != nil) != (tt.want == "") {
				t.Errorf("got %q, %v, want %q", got, err, tt.want)
			}
			if err != nil && !strings.Contains(err.Error(), "file:///./data/blobs") {
				t.Errorf("%q gives no example", err)
			}
		})
	}
}

func TestFailuresHaveTheirCode(t *testing.T) {
	t.Parallel()
	for cause, want := range map[error]imagechat.Code{
		syscall.ENOSPC: imagechat.StorageFull, syscall.EDQUOT: imagechat.StorageFull, syscall.EFBIG: imagechat.StorageFull,
		syscall.EROFS: imagechat.StorageUnavailable, syscall.EIO: imagechat.StorageUnavailable, syscall.EACCES: imagechat.StorageUnavailable,
	} {
		s := openTemp(t)
		data := []byte("some bytes")
		w, err := s.spool.Create(t.Context(), "a", imagechat.SpoolImage)
		if err != nil {
			t.Fatal(err)
		}
		s.beforeWrite = func() error { return cause }
		if err := s.Put(t.Context(), imagechattest.KeyOf(data), bytes.NewReader(data)); !errors.Is(err, want) || !errors.Is(err, cause) {
			t.Errorf("Put on %v: got %v, want %s", cause, err, want)
		}
		if _, err := w.Write(data); !errors.Is(err, want) {
			t.Errorf("Write on %v: got %v, want %s", cause, err, want)
		}
		w.Abort()
		s.beforeWrite = nil
		for _, dir := range []string{tmpDir, filepath.Join(spoolDir, "a")} {
			if left, err := os.ReadDir(filepath.Join(s.dir, dir)); len(left) != 0 || err != nil {
				t.Errorf("%s after %v: %v, %v left", dir, cause, left, err)
			}
		}
		if err := s.Put(t.Context(), imagechattest.KeyOf(data), bytes.NewReader(data)); err != nil {
			t.Errorf("Put when the disk is well again: %v", err)
		}
	}
}

func TestADirectoryThatWentAwayIsStorageUnavailable(t *testing.T) {
	t.Parallel()
	s := openTemp(t)
	if err := os.RemoveAll(s.dir); err != nil {
		t.Fatal(err)
	}
	data := []byte("x")
	_, spoolErr := s.spool.Create(t.Context(), "a", imagechat.SpoolImage)
	_, freeErr := s.FreeBytes(t.Context())
	for what, err := range map[string]error{
		"Put":         s.Put(t.Context(), imagechattest.KeyOf(data), bytes.NewReader(data)),
		"Create":      spoolErr,
		"CheckHealth": s.CheckHealth(t.Context()),
		"FreeBytes":   freeErr,
	} {
		if !errors.Is(err, imagechat.StorageUnavailable) {
			t.Errorf("%s: got %v, want StorageUnavailable", what, err)
		}
	}
	if _, err := s.Stat(t.Context(), imagechattest.KeyOf(data)); !errors.Is(err, imagechat.NotFound) {
		t.Errorf("Stat: got %v, want NotFound", err)
	}
}

// What others put into the directory is neither followed nor listed.
func TestForeignFilesAreIgnored(t *testing.T) {
	t.Parallel()
	s := openTemp(t)
	ctx := t.Context()
	secret := filepath.Join(t.TempDir(), "secret")
	write := func(name, data string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	link := func(to, name string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(to, name); err != nil {
			t.Fatal(err)
		}
	}
	write(secret, "secret")
	key := func(text string) string { return string(imagechattest.KeyOf([]byte(text))) }
	place := func(k string) string { return filepath.Join(s.dir, k[:2], k[2:4], k) }
	link(secret, place(key("a link outside")))
	write(place(key("real")), "real")
	link(place(key("real")), place(key("a link inside")))
	if err := os.MkdirAll(place(key("a directory")), 0o700); err != nil {
		t.Fatal(err)
	}
	write(filepath.Join(s.dir, "ab", "cd", key("in the wrong place")), "x")
	write(filepath.Join(s.dir, "ab", "cd", "short"), "x")
	write(filepath.Join(s.dir, "AB", "cd", strings.Repeat("a", 64)), "x")
	write(filepath.Join(s.dir, "lost+found", "x"), "x")

	n := 0
	for info, err := range s.List(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; string(info.Key) != key("real") {
			t.Errorf("List yields %s", info.Key)
		}
	}
	if n != 1 {
		t.Errorf("List yields %d blobs, want 1", n)
	}
	for _, text := range []string{"a link outside", "a link inside", "a directory", "in the wrong place"} {
		if _, err := s.Open(ctx, imagechat.BlobKey(key(text))); !errors.Is(err, imagechat.NotFound) {
			t.Errorf("%s: got %v, want NotFound", text, err)
		}
	}

	hash := key("secret")
	link(secret, filepath.Join(s.dir, "spool", "attempt", "0000-image-"+hash))
	for _, name := range []string{
		"x", "0001", "0001-", "0001-image", "1-image-" + hash, "-001-image-" + hash, "0001-im/age-" + hash, "0001-IMAGE-" + hash,
		"0001-image-" + hash + ".part", "0001-image-" + strings.ToUpper(hash), "0001-image-" + hash[1:], "00001-image-" + hash,
	} {
		write(filepath.Join(s.dir, "spool", "attempt", name), "x")
	}
	write(filepath.Join(s.dir, "spool", "a file"), "x")
	write(filepath.Join(s.dir, "spool", "bad name", "0000-image-"+hash), "secret")
	link(filepath.Dir(secret), filepath.Join(s.dir, "spool", "linked"))
	entries, err := s.spool.List(ctx, "")
	if len(entries) != 0 || err != nil {
		t.Errorf("the spool lists %v, %v", entries, err)
	}
	e := imagechat.SpoolEntry{Attempt: "attempt", Kind: imagechat.SpoolImage, Blob: imagechat.BlobKey(hash)}
	if _, err := s.spool.Open(ctx, e); !errors.Is(err, imagechat.NotFound) {
		t.Errorf("Open of a link: got %v, want NotFound", err)
	}
	if err := s.Adopt(ctx, e); !errors.Is(err, imagechat.NotFound) {
		t.Errorf("Adopt of a link: got %v, want NotFound", err)
	}
	if err := s.spool.Remove(ctx, "linked"); err != nil {
		t.Errorf("Remove of a link: %v", err)
	}
	if err := s.spool.Sweep(ctx, time.Now().Add(time.Hour)); err != nil {
		t.Errorf("Sweep: %v", err)
	}
	if data, err := os.ReadFile(secret); string(data) != "secret" || err != nil {
		t.Errorf("what the links lead to is now %q, %v", data, err)
	}
}

func TestAdoptSharesTheBytesOrCopiesThem(t *testing.T) {
	t.Parallel()
	s := openTemp(t)
	ctx := t.Context()
	e := imagechattest.SpoolBytes(t, s.spool, "a", imagechat.SpoolImage, []byte("picture"))
	if err := s.Adopt(ctx, e); err != nil {
		t.Fatal(err)
	}
	spooled, err := s.root.Stat("spool/a/0000-image-" + string(e.Blob))
	if err != nil {
		t.Fatal(err)
	}
	blob, err := s.root.Stat(pathOf(e.Blob))
	if err != nil {
		t.Fatal(err)
	}
	if !os.SameFile(spooled, blob) {
		t.Error("the bytes were copied")
	}
	other := imagechattest.SpoolBytes(t, s.spool, "a", imagechat.SpoolImage, []byte("another"))
	if err := s.copyIn(ctx, other); err != nil { // as on a file system without links
		t.Fatal(err)
	}
	if info, err := s.Stat(ctx, other.Blob); info.Size != 7 || err != nil {
		t.Errorf("the copy: %+v, %v", info, err)
	}
}

func TestAnAdoptedBlobIsYoung(t *testing.T) {
	t.Parallel()
	s := openTemp(t)
	ctx := t.Context()
	e := imagechattest.SpoolBytes(t, s.spool, "a", imagechat.SpoolImage, []byte("picture"))
	old := time.Now().Add(-48 * time.Hour)
	for _, make := range []func() error{
		func() error { return s.Adopt(ctx, e) }, // for the first time
		func() error { return s.Adopt(ctx, e) }, // again
		func() error { return s.Put(ctx, e.Blob, strings.NewReader("picture")) },
	} {
		for _, name := range []string{"spool/a/0000-image-" + string(e.Blob), pathOf(e.Blob)} {
			if err := s.root.Chtimes(name, old, old); err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
		}
		if err := make(); err != nil {
			t.Fatal(err)
		}
		if info, err := s.Stat(ctx, e.Blob); err != nil || time.Since(info.Time) > time.Hour {
			t.Errorf("the blob is from %v, %v", info.Time, err)
		}
	}
}

func TestSweepTakesBlobsThatWereBeingWritten(t *testing.T) {
	t.Parallel()
	s := openTemp(t)
	name := filepath.Join(s.dir, tmpDir, "left")
	if err := os.WriteFile(name, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		before time.Time
		left   bool
	}{{time.Now().Add(-time.Hour), true}, {time.Now().Add(time.Hour), false}} {
		if err := s.spool.Sweep(t.Context(), step.before); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(name); (err == nil) != step.left {
			t.Errorf("swept before %v: %v, want it there: %v", step.before, err, step.left)
		}
	}
}

func TestOpenGivesAFile(t *testing.T) {
	t.Parallel()
	s := openTemp(t)
	if err := s.Put(t.Context(), imagechattest.KeyOf(nil), strings.NewReader("")); err != nil {
		t.Fatal(err)
	}
	f, err := s.Open(t.Context(), imagechattest.KeyOf(nil))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, ok := f.(*os.File); !ok {
		t.Errorf("got a %T; servers cannot use sendfile", f)
	}
}

func FuzzKeys(f *testing.F) {
	s := openTemp(f)
	outside := filepath.Join(filepath.Dir(s.dir), "outside")
	if err := os.WriteFile(outside, []byte("x"), 0o600); err != nil {
		f.Fatal(err)
	}
	for _, k := range []string{"", "..", "../outside", "a/../../outside", strings.Repeat("a", 64), strings.Repeat("/", 64), "\x00"} {
		f.Add(k)
	}
	f.Fuzz(func(t *testing.T, k string) {
		ctx := context.Background()
		key := imagechat.BlobKey(k)
		if _, err := s.Open(ctx, key); !errors.Is(err, imagechat.NotFound) {
			t.Errorf("Open(%q): %v", k, err)
		}
		if err := s.Delete(ctx, key); err != nil && !errors.Is(err, imagechat.NotFound) {
			t.Errorf("Delete(%q): %v", k, err)
		}
		if err := s.Put(ctx, key, strings.NewReader("x")); err == nil && key != imagechattest.KeyOf([]byte("x")) {
			t.Errorf("Put(%q) was taken", k)
		}
		if err := s.spool.Remove(ctx, imagechat.AttemptID(k)); err != nil {
			t.Errorf("Remove(%q): %v", k, err)
		}
		if _, err := os.Stat(outside); err != nil {
			t.Fatalf("%q reached outside: %v", k, err)
		}
	})
}

func FuzzSpoolNames(f *testing.F) {
	for _, n := range []string{"0000-image.part", "0012-result-" + strings.Repeat("0", 64), "9999999999-a.part", "0-", "+001-image.part"} {
		f.Add(n)
	}
	f.Fuzz(func(t *testing.T, name string) {
		n, kind, key, ok := parseName(name)
		if ok && (n < 0 || !kind.Valid() || key != "" && !key.Valid()) {
			t.Errorf("parseName(%q) = %d, %q, %q", name, n, kind, key)
		}
	})
}
