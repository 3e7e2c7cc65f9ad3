package imagechattest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// TestSpool checks that a spool keeps the contract of imagechat.Spool and
// that the blob store beside it can take its entries over, by Adopt where it
// implements that.
func TestSpool(t *testing.T, open func(t *testing.T) (imagechat.Spool, imagechat.BlobStore)) {
	run := func(name string, f func(t *testing.T, s imagechat.Spool, b imagechat.BlobStore)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, b := open(t)
			f(t, s, b)
		})
	}
	run("a committed entry is listed and read back", testSpoolCommit)
	run("what is half written is never listed", testSpoolUnfinished)
	run("an aborted entry is gone, a committed one is not aborted", testSpoolAbort)
	run("a picture that turns out to be a draft is listed as one", testSpoolDraft)
	run("entries are numbered in the order of Create", testSpoolOrder)
	run("all attempts are listed in order", testSpoolListAll)
	run("remove drops one attempt's entries, unfinished ones too", testSpoolRemove)
	run("sweep takes old unfinished entries and nothing else", testSpoolSweep)
	run("an entry that does not exist is not found", testSpoolMissing)
	run("malformed names are refused", testSpoolNames)
	run("many entries of an attempt at once", testSpoolConcurrent)
	run("an entry becomes a blob and stays an entry", testSpoolAdopt)
}

// SpoolBytes writes one entry and commits it.
func SpoolBytes(t *testing.T, s imagechat.Spool, attempt imagechat.AttemptID, kind imagechat.SpoolKind, data []byte) imagechat.SpoolEntry {
	t.Helper()
	w := createEntry(t, s, attempt, kind)
	defer w.Abort()
	// In pieces, as an answer arrives.
	for len(data) > 0 {
		n := min(len(data), 7777)
		if _, err := w.Write(data[:n]); err != nil {
			t.Fatalf("Write: %v", err)
		}
		data = data[n:]
	}
	e, err := w.Commit()
	if err != nil {
		t.Fatalf("Commit: %v", err)
	}
	return e
}

func createEntry(t *testing.T, s imagechat.Spool, attempt imagechat.AttemptID, kind imagechat.SpoolKind) imagechat.SpoolWriter {
	t.Helper()
	w, err := s.Create(t.Context(), attempt, kind)
	if err != nil {
		t.Fatalf("Create: %v", err)
	}
	return w
}

func listSpool(t *testing.T, s imagechat.Spool, attempt imagechat.AttemptID) []imagechat.SpoolEntry {
	t.Helper()
	es, err := s.List(t.Context(), attempt)
	if err != nil {
		t.Fatalf("List: %v", err)
	}
	return es
}

// wantEntries compares a list by everything but the times.
func wantEntries(t *testing.T, what string, got []imagechat.SpoolEntry, want ...imagechat.SpoolEntry) {
	t.Helper()
	name := func(es []imagechat.SpoolEntry) (s []string) {
		for _, e := range es {
			s = append(s, fmt.Sprintf("%s/%d %s %d bytes %s", e.Attempt, e.N, e.Kind, e.Size, e.Blob))
		}
		return s
	}
	if diff := cmp.Diff(name(want), name(got)); diff != "" {
		t.Errorf("%s: -want +got\n%s", what, diff)
	}
}

func testSpoolCommit(t *testing.T, s imagechat.Spool, _ imagechat.BlobStore) {
	for _, data := range [][]byte{PNG(4, 4, 9), nil, bytes.Repeat([]byte("z"), 1<<20)} {
		e := SpoolBytes(t, s, "a1", imagechat.SpoolImage, data)
		if e.Attempt != "a1" || e.Kind != imagechat.SpoolImage || e.Blob != KeyOf(data) || e.Size != int64(len(data)) {
			t.Errorf("Commit: got %+v for %d bytes of %s", e, len(data), KeyOf(data))
		}
		if age := time.Since(e.Time); age < -time.Minute || age > time.Hour {
			t.Errorf("a fresh entry is %v old", age)
		}
		if got := readEntry(t, s, e); !bytes.Equal(got, data) {
			t.Errorf("an entry of %d bytes came back as another of %d", len(data), len(got))
		}
		got := listSpool(t, s, "a1")
		wantEntries(t, "the newest", got[len(got)-1:], e)
	}
}

func readEntry(t *testing.T, s imagechat.Spool, e imagechat.SpoolEntry) []byte {
	t.Helper()
	f, err := s.Open(t.Context(), e)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	return readAll(t, f)
}

func testSpoolUnfinished(t *testing.T, s imagechat.Spool, _ imagechat.BlobStore) {
	w := createEntry(t, s, "a1", imagechat.SpoolImage)
	defer w.Abort()
	if _, err := w.Write([]byte("half")); err != nil {
		t.Fatal(err)
	}
	wantEntries(t, "the attempt", listSpool(t, s, "a1"))
	wantEntries(t, "all", listSpool(t, s, ""))
}

func testSpoolAbort(t *testing.T, s imagechat.Spool, _ imagechat.BlobStore) {
	w := createEntry(t, s, "a1", imagechat.SpoolImage)
	if _, err := w.Write([]byte("unwanted")); err != nil {
		t.Fatal(err)
	}
	w.Abort()
	w.Abort()
	if _, err := w.Write([]byte("more")); err == nil {
		t.Error("Write after Abort: got no error")
	}
	if _, err := w.Commit(); err == nil {
		t.Error("Commit after Abort: got no error")
	}
	wantEntries(t, "after Abort", listSpool(t, s, ""))

	w = createEntry(t, s, "a1", imagechat.SpoolImage)
	e, err := w.Commit()
	if err != nil {
		t.Fatal(err)
	}
	w.Abort()
	wantEntries(t, "Abort after Commit", listSpool(t, s, "a1"), e)
	if _, err := w.Write([]byte("more")); err == nil {
		t.Error("Write after Commit: got no error")
	}
}

// Being a DraftMarker is optional; what claims to be one must be one.
func testSpoolDraft(t *testing.T, s imagechat.Spool, _ imagechat.BlobStore) {
	w := createEntry(t, s, "a", imagechat.SpoolImage)
	m, marks := w.(imagechat.DraftMarker)
	if marks {
		if err := m.MarkDraft(); err != nil {
			t.Fatalf("MarkDraft: %v", err)
		}
	} else {
		w.Abort()
		w = createEntry(t, s, "a", imagechat.SpoolDraft)
	}
	if _, err := w.Write([]byte("draft")); err != nil {
		t.Fatalf("Write: %v", err)
	}
	e, err := w.Commit()
	if err != nil || e.Kind != imagechat.SpoolDraft {
		t.Fatalf("Commit: %+v, %v", e, err)
	}
	wantEntries(t, "the list", listSpool(t, s, "a"), e)
	if got := readEntry(t, s, e); string(got) != "draft" {
		t.Errorf("got %q", got)
	}
	if marks {
		testSpoolDraftAfterCommit(t, s)
	}
}

func testSpoolDraftAfterCommit(t *testing.T, s imagechat.Spool) {
	w := createEntry(t, s, "b", imagechat.SpoolImage)
	e, err := w.Commit()
	if err != nil || e.Kind != imagechat.SpoolImage {
		t.Fatalf("Commit: %+v, %v", e, err)
	}
	if err := w.(imagechat.DraftMarker).MarkDraft(); err != nil {
		t.Fatalf("MarkDraft after Commit: %v", err)
	}
	e.Kind = imagechat.SpoolDraft
	wantEntries(t, "the list after a late mark", listSpool(t, s, "b"), e)
	readEntry(t, s, e)
}

func testSpoolOrder(t *testing.T, s imagechat.Spool, _ imagechat.BlobStore) {
	first := createEntry(t, s, "a1", imagechat.SpoolDraft)
	second := createEntry(t, s, "a1", imagechat.SpoolImage)
	var entries [2]imagechat.SpoolEntry
	for i, w := range []imagechat.SpoolWriter{second, first} { // committed the other way round
		e, err := w.Commit()
		if err != nil {
			t.Fatal(err)
		}
		entries[1-i] = e
	}
	if entries[0].N != 0 || entries[1].N != 1 {
		t.Errorf("got the numbers %d and %d, want 0 and 1", entries[0].N, entries[1].N)
	}
	third := SpoolBytes(t, s, "a1", imagechat.SpoolResult, []byte("{}"))
	if third.N != 2 {
		t.Errorf("got the number %d, want 2", third.N)
	}
	wantEntries(t, "List", listSpool(t, s, "a1"), entries[0], entries[1], third)
}

func testSpoolListAll(t *testing.T, s imagechat.Spool, _ imagechat.BlobStore) {
	b0 := SpoolBytes(t, s, "b", imagechat.SpoolImage, []byte("b0"))
	a0 := SpoolBytes(t, s, "a", imagechat.SpoolImage, []byte("a0"))
	b1 := SpoolBytes(t, s, "b", imagechat.SpoolSignature, []byte("b1"))
	wantEntries(t, "all", listSpool(t, s, ""), a0, b0, b1)
	wantEntries(t, "one", listSpool(t, s, "b"), b0, b1)
	wantEntries(t, "one that has nothing", listSpool(t, s, "c"))
}

func testSpoolRemove(t *testing.T, s imagechat.Spool, _ imagechat.BlobStore) {
	SpoolBytes(t, s, "a", imagechat.SpoolImage, []byte("gone"))
	kept := SpoolBytes(t, s, "b", imagechat.SpoolImage, []byte("kept"))
	w := createEntry(t, s, "a", imagechat.SpoolImage)
	defer w.Abort()
	for range 2 {
		if err := s.Remove(t.Context(), "a"); err != nil {
			t.Errorf("Remove: %v", err)
		}
	}
	if _, err := w.Commit(); err == nil {
		t.Error("Commit after Remove: got no error")
	}
	wantEntries(t, "all", listSpool(t, s, ""), kept)
	again := SpoolBytes(t, s, "a", imagechat.SpoolImage, []byte("again"))
	wantEntries(t, "the attempt spooled anew", listSpool(t, s, "a"), again)
}

func testSpoolSweep(t *testing.T, s imagechat.Spool, _ imagechat.BlobStore) {
	kept := SpoolBytes(t, s, "a", imagechat.SpoolImage, []byte("kept"))
	w := createEntry(t, s, "a", imagechat.SpoolImage)
	defer w.Abort()
	if _, err := w.Write([]byte("half")); err != nil {
		t.Fatal(err)
	}
	if err := s.Sweep(t.Context(), time.Now().Add(-time.Hour)); err != nil {
		t.Fatalf("Sweep: %v", err)
	}
	if _, err := w.Write([]byte(" and half")); err != nil {
		t.Fatal(err)
	}
	e, err := w.Commit()
	if err != nil {
		t.Fatalf("Commit of an entry that was too young to sweep: %v", err)
	}
	if got := readEntry(t, s, e); string(got) != "half and half" {
		t.Errorf("got %q", got)
	}

	old := createEntry(t, s, "b", imagechat.SpoolImage)
	defer old.Abort()
	if err := s.Sweep(t.Context(), time.Now().Add(time.Hour)); err != nil {
		t.Fatalf("Sweep: %v", err)
	}
	if _, err := old.Commit(); err == nil {
		t.Error("Commit of a swept entry: got no error")
	}
	wantEntries(t, "all", listSpool(t, s, ""), kept, e)
}

func testSpoolMissing(t *testing.T, s imagechat.Spool, _ imagechat.BlobStore) {
	e := SpoolBytes(t, s, "a", imagechat.SpoolImage, []byte("x"))
	for name, change := range map[string]func(e *imagechat.SpoolEntry){
		"attempt":           func(e *imagechat.SpoolEntry) { e.Attempt = "b" },
		"malformed attempt": func(e *imagechat.SpoolEntry) { e.Attempt = "../a" },
		"kind":              func(e *imagechat.SpoolEntry) { e.Kind = imagechat.SpoolDraft },
		"malformed kind":    func(e *imagechat.SpoolEntry) { e.Kind = "../image" },
		"number":            func(e *imagechat.SpoolEntry) { e.N = 5 },
		"negative number":   func(e *imagechat.SpoolEntry) { e.N = -1 },
		"hash":              func(e *imagechat.SpoolEntry) { e.Blob = KeyOf([]byte("y")) },
		"malformed hash":    func(e *imagechat.SpoolEntry) { e.Blob = "../../x" },
	} {
		other := e
		change(&other)
		_, err := s.Open(t.Context(), other)
		wantCode(t, "Open with another "+name, err, imagechat.NotFound)
	}
}

func testSpoolNames(t *testing.T, s imagechat.Spool, _ imagechat.BlobStore) {
	for _, name := range []string{"", ".", "..", "../a", "a/b", "/a", "a\x00", "조명", "a b"} {
		_, err := s.Create(t.Context(), imagechat.AttemptID(name), imagechat.SpoolImage)
		wantCode(t, fmt.Sprintf("Create of attempt %q", name), err, imagechat.InvalidRequest)
		_, err = s.Create(t.Context(), "a", imagechat.SpoolKind(name))
		wantCode(t, fmt.Sprintf("Create of kind %q", name), err, imagechat.InvalidRequest)
		if name == "" {
			continue // means all attempts in List
		}
		wantEntries(t, "List of a malformed attempt", listSpool(t, s, imagechat.AttemptID(name)))
		if err := s.Remove(t.Context(), imagechat.AttemptID(name)); err != nil {
			t.Errorf("Remove of %q: %v", name, err)
		}
	}
	if err := s.Remove(t.Context(), ""); err != nil {
		t.Errorf("Remove of nothing: %v", err)
	}
}

func testSpoolConcurrent(t *testing.T, s imagechat.Spool, _ imagechat.BlobStore) {
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			w, err := s.Create(t.Context(), "a", imagechat.SpoolImage)
			if err != nil {
				t.Errorf("Create: %v", err)
				return
			}
			defer w.Abort()
			_, err = fmt.Fprint(w, i)
			if _, cerr := w.Commit(); errors.Join(err, cerr) != nil {
				t.Errorf("Write, Commit: %v", errors.Join(err, cerr))
			}
		})
	}
	wg.Wait()
	es := listSpool(t, s, "a")
	if len(es) != 50 {
		t.Fatalf("got %d entries, want 50", len(es))
	}
	for i, e := range es {
		if e.N != i {
			t.Errorf("entry %d has the number %d", i, e.N)
		}
	}
}

func testSpoolAdopt(t *testing.T, s imagechat.Spool, b imagechat.BlobStore) {
	data := JPEG(16, 16, 200)
	e := SpoolBytes(t, s, "a", imagechat.SpoolImage, data)
	adopt := func(e imagechat.SpoolEntry) error {
		if a, ok := b.(imagechat.SpoolAdopter); ok {
			return a.Adopt(t.Context(), e)
		}
		f, err := s.Open(t.Context(), e)
		if err != nil {
			return err
		}
		defer f.Close()
		return b.Put(t.Context(), e.Blob, io.Reader(f))
	}
	for range 2 {
		if err := adopt(e); err != nil {
			t.Fatalf("Adopt: %v", err)
		}
	}
	wantEntries(t, "after Adopt", listSpool(t, s, "a"), e)
	if err := s.Remove(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if got := readBlob(t, b, e.Blob); !bytes.Equal(got, data) {
		t.Errorf("the blob has %d bytes, not those of the entry", len(got))
	}
	wantCode(t, "Adopt of a removed entry", adopt(e), imagechat.NotFound)
	if err := b.Delete(t.Context(), e.Blob); err != nil {
		t.Fatal(err)
	}
}
