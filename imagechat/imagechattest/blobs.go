package imagechattest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// TestBlobStore checks that a store keeps the contract of
// imagechat.BlobStore, and of SpaceReporter, HealthChecker, Locker, Identified
// and Trash where it implements them.
func TestBlobStore(t *testing.T, open func(t *testing.T) imagechat.BlobStore) {
	run := func(name string, f func(t *testing.T, s imagechat.BlobStore)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f(t, open(t))
		})
	}
	run("what was put is read back byte for byte", testBlobRoundTrip)
	run("a reader can seek and tells the size", testBlobSeek)
	run("what is not there is not found", testBlobMissing)
	run("a malformed key is not found", testBlobMalformedKey)
	run("bytes of another hash leave nothing", testBlobMismatch)
	run("a broken reader leaves nothing", testBlobBrokenReader)
	run("putting twice is no error and renews the time", testBlobPutTwice)
	run("deleting is final and may be repeated", testBlobDelete)
	run("a blob opened before it was deleted is read to its end", testBlobDeleteWhileOpen)
	run("list yields every blob once", testBlobList)
	run("list stops when its reader does", testBlobListStops)
	run("many puts of the same and of other blobs at once", testBlobConcurrent)
	run("a context that ended stops a put", testBlobContext)
	run("space and health are told", testBlobHealth)
	run("one holds it at a time", testLock[imagechat.BlobStore])
	run("a mark is kept", testIdentity[imagechat.BlobStore])
	run("what was discarded can be brought back until it is purged", testTrash)
}

func mustPut(t *testing.T, s imagechat.BlobStore, data []byte) imagechat.BlobKey {
	t.Helper()
	key := KeyOf(data)
	if err := s.Put(t.Context(), key, bytes.NewReader(data)); err != nil {
		t.Fatalf("Put: %v", err)
	}
	return key
}

func readBlob(t *testing.T, s imagechat.BlobStore, key imagechat.BlobKey) []byte {
	t.Helper()
	f, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	return readAll(t, f)
}

func readAll(t *testing.T, f io.ReadCloser) []byte {
	t.Helper()
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	return data
}

func listBlobs(t *testing.T, s imagechat.BlobStore) map[imagechat.BlobKey]imagechat.BlobInfo {
	t.Helper()
	out := map[imagechat.BlobKey]imagechat.BlobInfo{}
	for info, err := range s.List(t.Context()) {
		if err != nil {
			t.Fatalf("List: %v", err)
		}
		if _, ok := out[info.Key]; ok {
			t.Errorf("List yields %s twice", info.Key)
		}
		out[info.Key] = info
	}
	return out
}

func wantCode(t *testing.T, what string, err error, want imagechat.Code) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: got error %v, want %s", what, err, want)
	}
}

func testBlobRoundTrip(t *testing.T, s imagechat.BlobStore) {
	for _, data := range [][]byte{
		nil, {0}, []byte("words"), PNG(3, 2, 1), bytes.Repeat([]byte{0xff, 0, 1}, 1<<20),
	} {
		key := mustPut(t, s, data)
		if got := readBlob(t, s, key); !bytes.Equal(got, data) {
			t.Errorf("a blob of %d bytes came back as another of %d", len(data), len(got))
		}
		info, err := s.Stat(t.Context(), key)
		if err != nil {
			t.Fatalf("Stat: %v", err)
		}
		if info.Key != key || info.Size != int64(len(data)) {
			t.Errorf("Stat: got %+v, want key %s and size %d", info, key, len(data))
		}
		if age := time.Since(info.Time); age < -time.Minute || age > time.Hour {
			t.Errorf("Stat: a fresh blob is %v old", age)
		}
	}
}

func testBlobSeek(t *testing.T, s imagechat.BlobStore) {
	key := mustPut(t, s, []byte("0123456789"))
	f, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if n, err := f.Seek(0, io.SeekEnd); n != 10 || err != nil {
		t.Errorf("Seek to the end: got %d, %v, want 10", n, err)
	}
	if _, err := f.Seek(4, io.SeekStart); err != nil {
		t.Errorf("Seek: %v", err)
	}
	got := make([]byte, 3)
	if _, err := io.ReadFull(f, got); err != nil || string(got) != "456" {
		t.Errorf("read after Seek: got %q, %v, want 456", got, err)
	}
	if at, ok := f.(io.ReaderAt); ok {
		if _, err := at.ReadAt(got, 7); err != nil || string(got) != "789" {
			t.Errorf("ReadAt: got %q, %v, want 789", got, err)
		}
	}
}

func testBlobMissing(t *testing.T, s imagechat.BlobStore) {
	key := KeyOf([]byte("never put"))
	_, err := s.Open(t.Context(), key)
	wantCode(t, "Open", err, imagechat.NotFound)
	_, err = s.Stat(t.Context(), key)
	wantCode(t, "Stat", err, imagechat.NotFound)
}

func testBlobMalformedKey(t *testing.T, s imagechat.BlobStore) {
	valid := string(KeyOf([]byte("x")))
	for _, key := range []imagechat.BlobKey{
		"", "..", "../../etc/passwd", "/etc/passwd", imagechat.BlobKey(strings.ToUpper(valid)),
		imagechat.BlobKey(valid[:63]), imagechat.BlobKey(valid + "0"), imagechat.BlobKey(valid[:62] + "/."),
		imagechat.BlobKey(valid[:63] + "\x00"), imagechat.BlobKey(valid[:60] + "조"),
	} {
		wantCode(t, "Put "+string(key), s.Put(t.Context(), key, strings.NewReader("x")), imagechat.NotFound)
		_, err := s.Open(t.Context(), key)
		wantCode(t, "Open "+string(key), err, imagechat.NotFound)
		_, err = s.Stat(t.Context(), key)
		wantCode(t, "Stat "+string(key), err, imagechat.NotFound)
		wantCode(t, "Delete "+string(key), s.Delete(t.Context(), key), imagechat.NotFound)
	}
	if got := listBlobs(t, s); len(got) != 0 {
		t.Errorf("List: got %v, want nothing", got)
	}
}

func testBlobMismatch(t *testing.T, s imagechat.BlobStore) {
	key := KeyOf([]byte("these bytes"))
	wantCode(t, "Put", s.Put(t.Context(), key, strings.NewReader("other bytes")), imagechat.InvalidRequest)
	_, err := s.Stat(t.Context(), key)
	wantCode(t, "Stat", err, imagechat.NotFound)
	mustPut(t, s, []byte("these bytes"))
	wantCode(t, "Put over a good one", s.Put(t.Context(), key, strings.NewReader("other bytes")), imagechat.InvalidRequest)
	if got := readBlob(t, s, key); string(got) != "these bytes" {
		t.Errorf("a failed Put changed the blob to %q", got)
	}
}

func testBlobBrokenReader(t *testing.T, s imagechat.BlobStore) {
	data := bytes.Repeat([]byte("x"), 100_000)
	broken := errors.New("the line broke")
	r := io.MultiReader(bytes.NewReader(data[:50_000]), iotest.ErrReader(broken))
	if err := s.Put(t.Context(), KeyOf(data), r); !errors.Is(err, broken) {
		t.Errorf("Put: got %v, want the reader's error", err)
	}
	if got := listBlobs(t, s); len(got) != 0 {
		t.Errorf("List: got %v, want nothing", got)
	}
}

func testBlobPutTwice(t *testing.T, s imagechat.BlobStore) {
	key := mustPut(t, s, []byte("same"))
	first, err := s.Stat(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	mustPut(t, s, []byte("same"))
	second, err := s.Stat(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	if second.Time.Before(first.Time) {
		t.Errorf("the second Put moved the time from %v back to %v", first.Time, second.Time)
	}
	if got := listBlobs(t, s); len(got) != 1 {
		t.Errorf("List: got %d blobs, want 1", len(got))
	}
}

func testBlobDelete(t *testing.T, s imagechat.BlobStore) {
	key := mustPut(t, s, []byte("short-lived"))
	for range 2 {
		if err := s.Delete(t.Context(), key); err != nil {
			t.Errorf("Delete: %v", err)
		}
	}
	_, err := s.Open(t.Context(), key)
	wantCode(t, "Open", err, imagechat.NotFound)
	mustPut(t, s, []byte("short-lived"))
	if got := readBlob(t, s, key); string(got) != "short-lived" {
		t.Errorf("put again: got %q", got)
	}
}

func testBlobDeleteWhileOpen(t *testing.T, s imagechat.BlobStore) {
	data := bytes.Repeat([]byte("y"), 300_000)
	key := mustPut(t, s, data)
	f, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Delete(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	if got := readAll(t, f); !bytes.Equal(got, data) {
		t.Errorf("got %d bytes, want all %d", len(got), len(data))
	}
}

func testBlobList(t *testing.T, s imagechat.BlobStore) {
	want := map[imagechat.BlobKey]int64{}
	for i := range 300 {
		data := bytes.Repeat([]byte{byte(i)}, i)
		want[mustPut(t, s, data)] = int64(i)
	}
	got := listBlobs(t, s)
	if len(got) != len(want) {
		t.Errorf("got %d blobs, want %d", len(got), len(want))
	}
	for key, size := range want {
		if got[key].Size != size {
			t.Errorf("blob %s: got size %d, want %d", key, got[key].Size, size)
		}
	}
}

func testBlobListStops(t *testing.T, s imagechat.BlobStore) {
	for i := range 5 {
		mustPut(t, s, []byte{byte(i)})
	}
	n := 0
	for _, err := range s.List(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 2 {
			break
		}
	}
	if n != 2 {
		t.Errorf("got %d blobs before the break, want 2", n)
	}
}

func testBlobConcurrent(t *testing.T, s imagechat.BlobStore) {
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			data := bytes.Repeat([]byte{byte(i % 10)}, 10_000)
			if err := s.Put(t.Context(), KeyOf(data), bytes.NewReader(data)); err != nil {
				t.Errorf("Put: %v", err)
				return
			}
			f, err := s.Open(t.Context(), KeyOf(data))
			if err != nil {
				t.Errorf("Open: %v", err)
				return
			}
			defer f.Close()
			if got, err := io.ReadAll(f); err != nil || !bytes.Equal(got, data) {
				t.Errorf("read %d bytes, %v: not what was put", len(got), err)
			}
		})
	}
	wg.Wait()
	if got := listBlobs(t, s); len(got) != 10 {
		t.Errorf("List: got %d blobs, want 10", len(got))
	}
}

func testBlobContext(t *testing.T, s imagechat.BlobStore) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	data := []byte("too late")
	if err := s.Put(ctx, KeyOf(data), bytes.NewReader(data)); !errors.Is(err, context.Canceled) {
		t.Errorf("Put: got %v, want context.Canceled", err)
	}
	_, err := s.Stat(t.Context(), KeyOf(data))
	wantCode(t, "Stat", err, imagechat.NotFound)
}

func testBlobHealth(t *testing.T, s imagechat.BlobStore) {
	if h, ok := s.(imagechat.HealthChecker); ok {
		if err := h.CheckHealth(t.Context()); err != nil {
			t.Errorf("CheckHealth: %v", err)
		}
	}
	if r, ok := s.(imagechat.SpaceReporter); ok {
		if n, err := r.FreeBytes(t.Context()); err != nil || n <= 0 {
			t.Errorf("FreeBytes: got %d, %v, want some", n, err)
		}
	}
	if got := listBlobs(t, s); len(got) != 0 {
		t.Errorf("the health check left %v", got)
	}
}
