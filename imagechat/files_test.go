package imagechat_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/fsblob"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

// stored counts the blobs that are there.
func (b *bench) stored() int {
	n := 0
	for _, err := range b.ports.Blobs.List(context.Background()) {
		if err != nil {
			b.t.Fatal(err)
		}
		n++
	}
	return n
}

// onDisk moves the bench's blobs and spool to a directory, and returns it.
func (b *bench) onDisk() string {
	b.t.Helper()
	b.stop()
	dir := b.t.TempDir()
	store, err := fsblob.Open(dir)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { store.Close() })
	b.ports.Blobs, b.ports.Spool = store, store.Spool()
	b.start()
	return dir
}

func (b *bench) upload(data []byte, role imagechat.ImageRole) *imagechat.Image {
	b.t.Helper()
	img, err := b.Upload(b.ctx, bytes.NewReader(data), role)
	if err != nil {
		b.t.Fatal(err)
	}
	return img
}

func (b *bench) thumbnail(id imagechat.ImageID, width int) *imagechat.Variant {
	b.t.Helper()
	v, f, err := b.Thumbnail(b.ctx, id, width)
	if err != nil {
		b.t.Fatal(err)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil || int64(len(data)) != v.Bytes {
		b.t.Errorf("w=%d: read %d bytes (%v), want %d", width, len(data), err, v.Bytes)
	}
	return v
}

func TestCopiesComeInAFewWidthsAndGoWithTheirPicture(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	img := b.upload(imagechattest.PNG(2100, 40, 1), imagechat.ImageReference)
	before := b.stored()
	kept := map[int]bool{}
	for width := 1; width <= 2200; width++ {
		v := b.thumbnail(img.ID, width)
		if want := min(max(width, imagechat.MinThumbnail), imagechat.MaxThumbnail); v.Width < want {
			t.Fatalf("w=%d: got %d pixels, want at least %d", width, v.Width, want)
		}
		kept[v.Width] = true
	}
	if len(kept) > 16 || !kept[64] || !kept[128] || !kept[640] || !kept[2048] {
		t.Errorf("got widths %v, want a few, with those that the pages ask for", kept)
	}
	if n := b.stored() - before; n != len(kept) {
		t.Errorf("got %d kept copies of %d widths", n, len(kept))
	}
	if err := b.DeleteImage(b.ctx, img.ID); err != nil {
		t.Fatal(err)
	}
	if n := b.stored(); n != 0 {
		t.Errorf("%d blobs are left of a deleted picture", n)
	}
}

func TestACopyIsServedButNotKeptWhereRoomIsShort(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil, imagechattest.Picture(imagechattest.PNG(600, 40, 1)))
	img := b.reply(b.run(b.session(), draw("x"))).Images[0]
	before := b.stored()
	b.blobs().SetFree(10 << 20)
	if v := b.thumbnail(img.ID, 320); v.Width != 320 {
		t.Errorf("got a copy of %d pixels, want 320", v.Width)
	}
	if n := b.stored() - before; n != 0 {
		t.Errorf("%d copies were kept in the room for what is paid for", n)
	}
	if v, _, err := b.KeptThumbnail(b.ctx, img.ID, 320); v != nil || err != nil {
		t.Errorf("got %v, %v, want to be told that nothing is kept", v, err)
	}
	b.blobs().SetFree(1 << 40)
	b.thumbnail(img.ID, 320)
	if v, f, err := b.KeptThumbnail(b.ctx, img.ID, 300); err != nil || v == nil || f.Close() != nil {
		t.Errorf("got %v, %v, want the copy that was kept since", v, err)
	}
}

// steps reads in pieces and counts what is asked for.
type steps struct {
	data []byte
	read int
	fail error // after the data
}

func (s *steps) Read(p []byte) (int, error) {
	if s.read == len(s.data) {
		if s.fail != nil {
			return 0, s.fail
		}
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), 1000)], s.data[s.read:])
	s.read += n
	return n, nil
}

func TestAnUploadThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t, &imagechat.Options{ReserveBytes: -1})
	dir := b.onDisk()
	lost := errors.New("the line is cut")
	endless := &steps{data: make([]byte, imagechat.MaxUploadBytes+100_000)}
	for name, test := range map[string]struct {
		r    io.Reader
		code imagechat.Code
	}{
		"too large":  {endless, imagechat.PayloadTooLarge},
		"no picture": {strings.NewReader("<svg/>"), imagechat.UnsupportedImage},
		"empty":      {strings.NewReader(""), imagechat.UnsupportedImage},
		"cut off":    {&steps{data: imagechattest.PNG(40, 40, 1), fail: lost}, imagechat.Internal},
	} {
		_, err := b.Upload(b.ctx, test.r, imagechat.ImageReference)
		if imagechat.CodeOf(err) != test.code {
			t.Errorf("%s: got %v, want %s", name, err, test.code)
		}
		if name == "cut off" && !errors.Is(err, lost) {
			t.Errorf("%s: got %v, want the reader's own failure", name, err)
		}
	}
	if endless.read > imagechat.MaxUploadBytes+1000 {
		t.Errorf("%d bytes of an upload were read", endless.read)
	}
	if n := b.stored(); n != 0 {
		t.Errorf("%d blobs are left", n)
	}
	if left, err := os.ReadDir(dir + "/tmp"); err != nil || len(left) != 0 {
		t.Errorf("temporary files are left: %v (%v)", left, err)
	}
}

func TestUploadsOfAnOwnerAreBounded(t *testing.T) {
	t.Parallel()
	one := imagechattest.PNG(60, 60, 1)
	b := newBench(t, nil)
	size := b.upload(one, imagechat.ImageReference).Bytes
	b.opts.UploadQuota = 3*size + size/2
	b.restart()
	var last *imagechat.Image
	for seed := range byte(2) {
		last = b.upload(imagechattest.PNG(60, 60, 2+seed), imagechat.ImageLogo)
	}
	_, err := b.Upload(b.ctx, bytes.NewReader(imagechattest.PNG(60, 60, 9)), imagechat.ImageReference)
	b.wantCode(err, imagechat.StorageFull)
	if e := imagechat.AsError(err); e.Params["cause"] != "quota" || e.Retryable {
		t.Errorf("got %+v, want to be told that the quota is used up", e)
	}
	b.as("other", func() { b.upload(imagechattest.PNG(60, 60, 9), imagechat.ImageReference) })
	if err := b.DeleteImage(b.ctx, last.ID); err != nil {
		t.Fatal(err)
	}
	b.upload(imagechattest.PNG(60, 60, 9), imagechat.ImageReference)
}

func TestFilesOnTheirWayLeaveHalfOfTheRoomToOthers(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil, imagechattest.Picture(imagechattest.PNG(300, 300, 1)))
	img := b.reply(b.run(b.session(), draw("x"))).Images[0]
	b.blobs().SetFree(128<<20 + 80<<20) // eighty mebibytes above what is kept free
	var open []*imagechat.ExportFile
	var err error
	for range 80 {
		var f *imagechat.ExportFile
		if f, err = b.Export(b.ctx, img.ID, imagechat.ExportSpec{Width: 300, Height: 300}); err != nil {
			break
		}
		open = append(open, f)
	}
	b.wantCode(err, imagechat.RateLimited)
	if len(open) < 35 || len(open) > 80 {
		t.Errorf("got %d files of a mebibyte each at once in eighty, want half", len(open))
	}
	b.as("other", func() { b.upload(imagechattest.PNG(40, 40, 1), imagechat.ImageReference) })
	for _, f := range open {
		if err := errors.Join(f.Close(), f.Close()); err != nil {
			t.Error(err)
		}
	}
	f, err := b.Export(b.ctx, img.ID, imagechat.ExportSpec{Width: 300, Height: 300})
	if err != nil {
		t.Fatalf("after the files were closed: %v", err)
	}
	f.Close()
}

// slowWriter takes a first piece and then waits.
type slowWriter struct {
	began chan struct{}
	go_   chan struct{}
	n     int
}

func (w *slowWriter) Write(p []byte) (int, error) {
	if w.n == 0 {
		close(w.began)
		<-w.go_
	}
	w.n += len(p)
	return len(p), nil
}

func TestAnArchiveThatIsReadSlowlyHoldsNoPixels(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil, imagechattest.Picture(imagechattest.PNG(4096, 4096, 1)))
	b.onDisk()
	id := b.session()
	img := b.reply(b.run(id, draw("x"))).Images[0]
	pack := func(w io.Writer) error {
		p, err := b.ExportPack(b.ctx, id, imagechat.PackRequest{ImageID: img.ID, Purposes: []string{"email_header", "banner_web"}})
		if err != nil {
			return err
		}
		return p.Write(b.ctx, w)
	}
	var done []chan error
	var slow []*slowWriter
	for range 4 { // each takes more than half of the memory for pixels while it is made
		w := &slowWriter{began: make(chan struct{}), go_: make(chan struct{})}
		ended := make(chan error, 1)
		go func() { ended <- pack(w) }()
		slow, done = append(slow, w), append(done, ended)
	}
	for _, w := range slow {
		select {
		case <-w.began:
		case <-time.After(5 * time.Minute):
			t.Fatal("an archive waits for one that is read slowly")
		}
	}
	for i, w := range slow {
		close(w.go_)
		if err := <-done[i]; err != nil {
			t.Error(err)
		}
	}
	gone := errors.New("gone")
	if err := pack(refusing{gone}); !errors.Is(err, gone) {
		t.Errorf("got %v, want what the writer said", err)
	}
}

type refusing struct{ err error }

func (f refusing) Write([]byte) (int, error) { return 0, f.err }

// counting counts how often a blob is opened.
type counting struct {
	imagechat.BlobStore
	opened atomic.Int32
}

func (c *counting) Open(ctx context.Context, key imagechat.BlobKey) (io.ReadSeekCloser, error) {
	c.opened.Add(1)
	return c.BlobStore.Open(ctx, key)
}

func TestManyWhoWantTheSameCopyHaveItMadeOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.stop()
	blobs := &counting{BlobStore: b.ports.Blobs}
	b.ports.Blobs = blobs
	b.start()
	img := b.upload(imagechattest.PNG(1500, 1500, 1), imagechat.ImageReference)
	before := blobs.opened.Load()
	var wg sync.WaitGroup
	const many = 20
	for range many {
		wg.Go(func() { b.thumbnail(img.ID, 640) })
	}
	wg.Wait()
	// The picture once, and the copy for each of the others.
	if got := blobs.opened.Load() - before; got != many {
		t.Errorf("got %d reads of blobs for %d copies, want %d", got, many, many)
	}
}
