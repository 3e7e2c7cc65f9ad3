package imagechat_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/memory"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

// tryStart starts a Service on ports and closes it again.
func tryStart(t *testing.T, p imagechat.Ports) error {
	t.Helper()
	s, err := imagechat.New(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = s.Start(t.Context())
	if cerr := s.Close(context.Background()); cerr != nil {
		t.Error(cerr)
	}
	return err
}

// drawn is a bench, stopped, whose stores hold n pictures.
func drawn(t *testing.T, n int) (*bench, []imagechat.Image) {
	t.Helper()
	b := newBench(t, nil)
	id := b.session()
	for i := range n {
		b.script.Add(imagechattest.Picture(imagechattest.PNG(16, 16, byte(i))))
		b.run(id, draw("x"))
	}
	page, err := b.Images(b.ctx, imagechat.ImageQuery{SessionID: id})
	if err != nil || len(page.Images) != n {
		t.Fatalf("got %d pictures, %v, want %d", len(page.Images), err, n)
	}
	b.stop()
	return b, page.Images
}

func (b *bench) marks() (of, at imagechat.StoreID) {
	b.t.Helper()
	of, err := b.repo().Identity(context.Background())
	if err != nil {
		b.t.Fatal(err)
	}
	at, err = b.blobs().Identity(context.Background())
	if err != nil {
		b.t.Fatal(err)
	}
	return of, at
}

func (b *bench) setMarks(of, at imagechat.StoreID) {
	b.t.Helper()
	if err := errors.Join(b.repo().SetIdentity(context.Background(), of), b.blobs().SetIdentity(context.Background(), at)); err != nil {
		b.t.Fatal(err)
	}
}

func TestStoresThatDoNotBelongTogetherAreRefused(t *testing.T) {
	t.Parallel()
	empty := func(*bench) imagechat.Repository { return memory.NewRepository() }
	other := func(b *bench) imagechat.Repository {
		o := newBench(b.t, nil, imagechattest.Picture(imagechattest.PNG(20, 20, 1)))
		o.run(o.session(), draw("another's"))
		o.stop()
		return o.ports.Repository
	}
	tests := []struct {
		name     string
		database func(*bench) imagechat.Repository
		marked   bool // the blob store
	}{
		{"an empty database", empty, true},
		{"an empty database, of an older version", empty, false},
		{"another's database", other, true},
		{"another's database, of an older version", other, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b, pictures := drawn(t, 3)
			own := b.ports.Repository
			b.ports.Repository = test.database(b)
			if !test.marked {
				b.setMarks("", "")
			}
			before, _ := b.marks()
			err := tryStart(t, b.ports)
			if !errors.Is(err, imagechat.ErrForeignStores) || strings.Contains(err.Error(), "\n") {
				t.Fatalf("Start: got %v, want ErrForeignStores in one line", err)
			}
			if after, _ := b.marks(); after != before {
				t.Errorf("the refused database was marked %q", after)
			}
			s, err := imagechat.New(b.ports, nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Collect(b.ctx, imagechat.CollectOptions{ForGood: true, Any: true}); !errors.Is(err, imagechat.ErrForeignStores) {
				t.Errorf("Collect: got %v, want ErrForeignStores", err)
			}
			b.ports.Repository = own
			b.start()
			for _, img := range pictures {
				if _, err := b.ports.Blobs.Stat(b.ctx, img.Blob); err != nil {
					t.Errorf("a picture is lost: %v", err)
				}
			}
		})
	}
}

func TestStoresThatBelongTogetherAreMarked(t *testing.T) {
	t.Parallel()
	const one = imagechat.StoreID("11111111-1111-4111-8111-111111111111")
	tests := []struct {
		name   string
		of, at imagechat.StoreID
		want   imagechat.StoreID // "" is any
	}{
		{"neither is marked, as after an upgrade", "", "", ""},
		{"a database put back from before the upgrade", "", one, one},
		{"blobs put back from before the upgrade", one, "", one},
		{"both are", one, one, one},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b, _ := drawn(t, 1)
			b.setMarks(test.of, test.at)
			b.start()
			of, at := b.marks()
			if of != at || of == "" || test.want != "" && of != test.want {
				t.Errorf("got marks %q and %q, want %q in both", of, at, test.want)
			}
		})
	}
	t.Run("an empty store beside a database", func(t *testing.T) {
		t.Parallel()
		b, _ := drawn(t, 1)
		fresh := memory.NewBlobStore()
		b.ports.Blobs, b.ports.Spool = fresh, fresh.Spool()
		b.start()
		if of, at := b.marks(); of != at || of == "" {
			t.Errorf("got marks %q and %q", of, at)
		}
	})
	t.Run("a restored backup is an installation of its own", func(t *testing.T) {
		t.Parallel()
		b, _ := drawn(t, 1)
		before, _ := b.marks()
		b.opts.Restored = true
		b.start()
		if of, at := b.marks(); of != at || of == before {
			t.Errorf("got marks %q and %q, the original has %q", of, at, before)
		}
	})
}

func TestForeignStoresCanBeAdopted(t *testing.T) {
	t.Parallel()
	b, pictures := drawn(t, 3)
	own := b.ports.Repository
	b.ports.Repository = memory.NewRepository()
	if err := imagechat.AdoptStores(b.ctx, b.ports); err != nil {
		t.Fatal(err)
	}
	if err := tryStart(t, b.ports); err != nil {
		t.Fatalf("Start after AdoptStores: %v", err)
	}
	b.ports.Repository = own
	if err := tryStart(t, b.ports); !errors.Is(err, imagechat.ErrForeignStores) {
		t.Errorf("the earlier database: got %v, want ErrForeignStores", err)
	}
	if err := imagechat.AdoptStores(b.ctx, b.ports); err != nil {
		t.Fatal(err)
	}
	b.start()
	if _, f, err := b.OpenImage(b.ctx, pictures[0].ID); err != nil {
		t.Error(err)
	} else {
		f.Close()
	}
}

func TestASecondServiceIsRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	hold := make(chan struct{})
	b.script.Add(imagechattest.Reply{Wait: hold, Images: [][]byte{imagechattest.PNG(16, 16, 1)}, Cost: imagechat.Dollars(0.03)})
	turn := b.submit(b.session(), draw("x"))
	b.waitCalls(1)
	beside := b.ports
	beside.Repository = memory.NewRepository()
	for name, p := range map[string]imagechat.Ports{"on the same stores": b.ports, "on the same blobs": beside} {
		if err := tryStart(t, p); !errors.Is(err, imagechat.ErrInUse) {
			t.Errorf("a second Service %s: got %v, want ErrInUse", name, err)
		}
	}
	close(hold)
	b.wantStatus(b.wait(turn.ID), imagechat.TurnSucceeded)
	b.stop()
	if err := tryStart(t, b.ports); err != nil {
		t.Errorf("after the first one was closed: %v", err)
	}
	b.start()
}

func TestASweepTakesASmallShareIntoTheTrash(t *testing.T) {
	bubble(t, nil, func(b *bench) {
		b.ctx = context.Background()
		b.script.Add(imagechattest.Picture(imagechattest.PNG(16, 16, 200)))
		img := b.reply(b.run(b.session(), draw("x"))).Images[0]
		orphan := func(i int) imagechat.BlobKey {
			data := imagechattest.PNG(16, 17, byte(i))
			key := imagechattest.KeyOf(data)
			if err := b.ports.Blobs.Put(b.ctx, key, bytes.NewReader(data)); err != nil {
				b.t.Fatal(err)
			}
			return key
		}
		there := func(key imagechat.BlobKey) bool {
			_, err := b.ports.Blobs.Stat(b.ctx, key)
			return err == nil
		}
		first := orphan(0)
		time.Sleep(23 * time.Hour)
		if n, err := b.Sweep(b.ctx); n != 0 || err != nil {
			b.t.Errorf("younger than a day: swept %d, %v", n, err)
		}
		time.Sleep(2 * time.Hour)
		if c, err := b.Collect(b.ctx, imagechat.CollectOptions{DryRun: true}); c.Unused != 0 || err != nil {
			b.t.Errorf("the service has not swept by itself: %+v, %v", c, err)
		}
		if there(first) || !there(img.Blob) {
			b.t.Errorf("orphan there: %v, picture there: %v", there(first), there(img.Blob))
		}
		if err := b.blobs().Restore(b.ctx, first); err != nil {
			b.t.Errorf("what was swept cannot be brought back: %v", err)
		}
		if err := b.blobs().Discard(b.ctx, first); err != nil {
			b.t.Fatal(err)
		}
		for i := range 30 {
			orphan(1 + i)
		}
		time.Sleep(25 * time.Hour)
		c, err := b.Collect(b.ctx, imagechat.CollectOptions{})
		if err != nil || !c.Held || c.Unused != 30 || c.Swept != 0 {
			b.t.Errorf("30 orphans of 31 blobs: got %+v, %v, want them held", c, err)
		}
		c, err = b.Collect(b.ctx, imagechat.CollectOptions{Any: true, DryRun: true})
		if err != nil || c.Swept != 30 || !there(orphan(1)) {
			b.t.Errorf("a dry run: got %+v, %v", c, err)
		}
		c, err = b.Collect(b.ctx, imagechat.CollectOptions{Any: true})
		if err != nil || c.Swept != 29 || c.Purged != 0 { // one was put again just now
			b.t.Errorf("told to: got %+v, %v", c, err)
		}
		time.Sleep(33 * 24 * time.Hour)
		for range b.blobs().ListTrash(b.ctx) {
			b.t.Error("after a month there is still something in the trash")
			break
		}
		if !there(img.Blob) {
			b.t.Error("the picture is gone")
		}
	})
}

func TestCollectingForGoodFreesTheRoomAtOnce(t *testing.T) {
	bubble(t, nil, func(b *bench) {
		b.ctx = context.Background()
		data := imagechattest.PNG(16, 17, 1)
		if err := b.ports.Blobs.Put(b.ctx, imagechattest.KeyOf(data), bytes.NewReader(data)); err != nil {
			b.t.Fatal(err)
		}
		b.stop()
		time.Sleep(25 * time.Hour)
		s, err := imagechat.New(b.ports, nil)
		if err != nil {
			b.t.Fatal(err)
		}
		c, err := s.Collect(b.ctx, imagechat.CollectOptions{ForGood: true})
		if err != nil || c.Swept != 1 || c.Purged != 1 || c.PurgedBytes != int64(len(data)) {
			b.t.Errorf("got %+v, %v", c, err)
		}
		if err := b.blobs().Restore(b.ctx, imagechattest.KeyOf(data)); !errors.Is(err, imagechat.NotFound) {
			b.t.Errorf("it is still there: %v", err)
		}
		b.start()
	})
}

// A database that lacked rows, such as an older copy of itself, let pictures
// be swept. With the rows back, the pictures are back.
func TestWhatIsReferredToComesBackOutOfTheTrash(t *testing.T) {
	t.Parallel()
	b, pictures := drawn(t, 2)
	for _, img := range pictures {
		if err := b.blobs().Discard(b.ctx, img.Blob); err != nil {
			t.Fatal(err)
		}
	}
	b.start()
	_, f, err := b.OpenImage(b.ctx, pictures[0].ID)
	if err != nil {
		t.Fatalf("OpenImage: %v", err)
	}
	f.Close()
	c, err := b.Collect(b.ctx, imagechat.CollectOptions{})
	if err != nil || c.Restored != 1 {
		t.Errorf("Collect: got %+v, %v, want the other one restored", c, err)
	}
	if _, err := b.ports.Blobs.Stat(b.ctx, pictures[1].Blob); err != nil {
		t.Errorf("the other picture: %v", err)
	}
}

func TestReceivedBytesOfUnknownAttemptsWait(t *testing.T) {
	bubble(t, nil, func(b *bench) {
		b.ctx = context.Background()
		b.stop()
		w, err := b.ports.Spool.Create(b.ctx, "unknown", imagechat.SpoolImage)
		if err != nil {
			b.t.Fatal(err)
		}
		if _, err := w.Write([]byte("paid for")); err != nil {
			b.t.Fatal(err)
		}
		if _, err := w.Commit(); err != nil {
			b.t.Fatal(err)
		}
		for _, step := range []struct {
			wait time.Duration
			want int
		}{{29 * 24 * time.Hour, 1}, {2 * 24 * time.Hour, 0}} {
			time.Sleep(step.wait)
			b.start()
			b.stop()
			if entries, err := b.ports.Spool.List(b.ctx, ""); err != nil || len(entries) != step.want {
				b.t.Errorf("after %v more: got %d entries, %v, want %d", step.wait, len(entries), err, step.want)
			}
		}
		b.start()
	})
}

// slowBlobs lets a deletion take until it is told to end.
type slowBlobs struct {
	imagechat.BlobStore
	begun, end chan struct{}
}

func (s *slowBlobs) Delete(ctx context.Context, key imagechat.BlobKey) error {
	s.begun <- struct{}{}
	<-s.end
	return s.BlobStore.Delete(ctx, key)
}

func TestNobodyWaitsBehindASlowDeletion(t *testing.T) {
	bubble(t, nil, func(b *bench) {
		upload := func(seed byte) *imagechat.Image {
			img, err := b.Upload(b.ctx, bytes.NewReader(imagechattest.PNG(16, 16, seed)), imagechat.ImageReference)
			if err != nil {
				b.t.Error(err)
			}
			return img
		}
		b.stop()
		slow := &slowBlobs{b.ports.Blobs, make(chan struct{}), make(chan struct{})}
		b.ports.Blobs = slow
		b.start()
		first := upload(1)
		deleted := make(chan error, 1)
		go func() { deleted <- b.DeleteImage(b.ctx, first.ID) }()
		<-slow.begun
		upload(2) // would hang behind a lock that is held while deleting
		// The very same bytes, however, must not be deleted after they came.
		again := make(chan *imagechat.Image, 1)
		go func() { again <- upload(1) }()
		time.Sleep(time.Minute)
		select {
		case <-again:
			b.t.Error("the bytes that are being deleted were stored meanwhile")
		default:
		}
		close(slow.end)
		if err := <-deleted; err != nil {
			b.t.Error(err)
		}
		_, f, err := b.OpenImage(b.ctx, (<-again).ID)
		if err != nil {
			b.t.Fatalf("the second upload: %v", err)
		}
		defer f.Close()
		if got, err := io.ReadAll(f); err != nil || len(got) == 0 {
			b.t.Errorf("the second upload: %d bytes, %v", len(got), err)
		}
	})
}
