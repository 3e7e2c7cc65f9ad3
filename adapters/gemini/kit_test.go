package gemini_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini/geminitest"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/memory"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/secret"
)

// canary is the API key of all tests; it must never be seen.
const canary = "AIzaCanary-7b1f0e2c"

// kit is a generator, the stand-in it talks to, and stores for both ways.
type kit struct {
	t     *testing.T
	srv   *geminitest.Server
	gen   *gemini.Generator
	blobs *memory.BlobStore
	calls int
}

func newKit(t *testing.T, so *geminitest.Options, change func(*gemini.Options)) *kit {
	t.Helper()
	if so == nil {
		so = &geminitest.Options{MaxSide: 200, SignatureBytes: 5000, Key: canary}
	}
	srv, err := geminitest.New(so)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(srv.Close)
	return &kit{t: t, srv: srv, gen: newGenerator(t, srv.URL, change), blobs: memory.NewBlobStore()}
}

func newGenerator(t *testing.T, url string, change func(*gemini.Options)) *gemini.Generator {
	t.Helper()
	o := gemini.Options{APIKey: secret.New(canary), BaseURL: url}
	if change != nil {
		change(&o)
	}
	gen, err := gemini.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = gen.Close() })
	return gen
}

// spool is the part of a spool that belongs to one attempt.
type spool struct {
	imagechat.Spool
	attempt imagechat.AttemptID
}

func (s spool) Create(ctx context.Context, kind imagechat.SpoolKind) (imagechat.SpoolWriter, error) {
	return s.Spool.Create(ctx, s.attempt, kind)
}

// call makes a request of the given kind.
func (k *kit) call(kind imagechat.TurnKind, text string) *imagechat.Call {
	k.calls++
	id := imagechat.AttemptID(fmt.Sprintf("attempt-%d", k.calls))
	return &imagechat.Call{
		Attempt: id, Kind: kind, Model: gemini.DefaultModel, AspectRatio: "16:9",
		Prompt: imagechat.Prompt{System: "You draw.", Text: text},
		Blobs:  k.blobs, Spool: spool{k.blobs.Spool(), id},
	}
}

// keep moves an answer's bytes from the spool to the blobs, as the Service does.
func (k *kit) keep(call *imagechat.Call) {
	k.t.Helper()
	entries, err := k.blobs.Spool().List(k.t.Context(), call.Attempt)
	if err != nil {
		k.t.Fatal(err)
	}
	for _, e := range entries {
		if err := k.blobs.Adopt(k.t.Context(), e); err != nil {
			k.t.Fatal(err)
		}
	}
}

// spooled returns the bytes of an answer's entry.
func (k *kit) spooled(key imagechat.BlobKey) []byte {
	k.t.Helper()
	entries, err := k.blobs.Spool().List(k.t.Context(), "")
	if err != nil {
		k.t.Fatal(err)
	}
	for _, e := range entries {
		if e.Blob == key {
			r, err := k.blobs.Spool().Open(k.t.Context(), e)
			if err != nil {
				k.t.Fatal(err)
			}
			b, err := io.ReadAll(r)
			if err != nil {
				k.t.Fatal(err)
			}
			return b
		}
	}
	k.t.Fatalf("nothing spooled under %s", key)
	return nil
}

// spooledAs counts the entries of a kind.
func (k *kit) spooledAs(kind imagechat.SpoolKind) int {
	k.t.Helper()
	entries, err := k.blobs.Spool().List(k.t.Context(), "")
	if err != nil {
		k.t.Fatal(err)
	}
	n := 0
	for _, e := range entries {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

// conversation grows a history as the Service does.
type conversation struct {
	k       *kit
	gen     *gemini.Generator
	history []imagechat.Utterance
}

// turn asks and keeps what was said on both sides.
func (c *conversation) turn(text string, change func(*imagechat.Call)) *imagechat.Result {
	c.k.t.Helper()
	call := c.k.call(imagechat.KindConverse, text)
	call.History = c.history
	if change != nil {
		change(call)
	}
	res, err := c.gen.Generate(c.k.t.Context(), call)
	if err != nil {
		c.k.t.Fatalf("%s: %v", text, err)
	}
	c.k.keep(call)
	c.history = append(c.history,
		imagechat.Utterance{Role: imagechat.RoleUser, Text: text, Images: call.References},
		imagechat.Utterance{Role: imagechat.RoleAssistant, Text: res.Text(), Model: call.Model, Parts: res.Parts})
	return res
}

// anchor is the picture of a result, chosen for an edit.
func anchor(r *imagechat.Result) *imagechat.InputImage {
	p := r.Image()
	return &imagechat.InputImage{Blob: p.Blob, Bytes: p.Size, MIMEType: p.MIMEType}
}

func keyOf(b []byte) imagechat.BlobKey {
	sum := sha256.Sum256(b)
	return imagechat.BlobKey(hex.EncodeToString(sum[:]))
}

// watcher collects progress.
type watcher struct {
	mu  sync.Mutex
	all []imagechat.Progress
}

func (w *watcher) see(p imagechat.Progress) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all = append(w.all, p)
}

func fixedToken(context.Context) (string, error) { return "token-1", nil }

// noSpool is for answers that hold nothing to keep.
type noSpool struct{}

func (noSpool) Create(context.Context, imagechat.SpoolKind) (imagechat.SpoolWriter, error) {
	return nil, imagechat.StorageUnavailable
}

// syncBuffer is a log that can be waited for.
type syncBuffer struct {
	mu      sync.Mutex
	buf     bytes.Buffer
	changed chan struct{}
}

func (b *syncBuffer) logger() *slog.Logger {
	b.changed = make(chan struct{}, 1)
	return slog.New(slog.NewTextHandler(b, nil))
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case b.changed <- struct{}{}:
	default:
	}
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func (b *syncBuffer) await(t *testing.T, text string) {
	t.Helper()
	for !strings.Contains(b.String(), text) {
		<-b.changed
	}
}
