package gemini_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	stdbase64 "encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/segmentio/asm/base64"
	"golang.org/x/sync/errgroup"
	"google.golang.org/genai"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/secret"
)

// work does the turns and measures them. One turn goes before, so that the
// making of clients and connections is not counted.
func (j *job) work() (cost, error) {
	turn, err := j.worker()
	if err != nil {
		return cost{}, err
	}
	atOnce := max(j.AtOnce, 1)
	if atOnce == 1 {
		if err := turn(0); err != nil {
			return cost{}, err
		}
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, start := cpuTime(), time.Now()
	var group errgroup.Group
	group.SetLimit(atOnce)
	for i := range max(j.Turns, atOnce) {
		group.Go(func() error { return turn(i + 1) })
	}
	if err := group.Wait(); err != nil {
		return cost{}, err
	}
	wall := time.Since(start)
	used := cpuTime() - cpu
	runtime.ReadMemStats(&after)
	var ru syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &ru); err != nil {
		return cost{}, err
	}
	return cost{
		CPU: float64(used.Microseconds()) / 1000, Wall: float64(wall.Microseconds()) / 1000,
		Alloc: float64(after.TotalAlloc-before.TotalAlloc) / 1e6, Peak: float64(ru.Maxrss) / 1024,
	}, nil
}

func cpuTime() time.Duration {
	var ru syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &ru) // cannot fail for oneself
	return time.Duration(ru.Utime.Nano() + ru.Stime.Nano())
}

// worker returns what does one turn.
func (j *job) worker() (func(n int) error, error) {
	url := fmt.Sprintf("%s/%d/%d", j.URL, j.Size, max(j.AtOnce, 1))
	if j.Send {
		url = fmt.Sprintf("%s/0/1", j.URL)
		picture := make([]byte, j.Size)
		_, _ = rand.NewChaCha8([32]byte{2}).Read(picture)
		if err := os.WriteFile(j.reference(), picture, 0o600); err != nil {
			return nil, err
		}
		runtime.GC()
	}
	client := &http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 16}}
	switch j.Impl {
	case "floor", "floor-simd":
		return func(n int) error { return j.floorTurn(client, url, n) }, nil
	case "sdk":
		sdk, err := genai.NewClient(context.Background(), &genai.ClientConfig{
			Backend: genai.BackendGeminiAPI, APIKey: "k", HTTPClient: client, HTTPOptions: genai.HTTPOptions{BaseURL: url}})
		return func(n int) error { return j.sdkTurn(sdk, n) }, err
	}
	gen, err := gemini.New(gemini.Options{APIKey: secret.New("k"), BaseURL: url, Unary: !j.Stream})
	return func(n int) error { return j.liftedTurn(gen, n) }, err
}

func (j *job) reference() string { return filepath.Join(j.Dir, "reference") }

// diskFile writes bytes durably under their hash: what a received picture costs
// any of the contestants.
type diskFile struct {
	f    *os.File
	sum  hash.Hash
	size int64
}

func (j *job) create() (*diskFile, error) {
	f, err := os.CreateTemp(j.Dir, "spool-*")
	return &diskFile{f: f, sum: sha256.New()}, err
}

func (d *diskFile) Write(p []byte) (int, error) {
	d.sum.Write(p)
	d.size += int64(len(p))
	return d.f.Write(p)
}

func (d *diskFile) Commit() (imagechat.SpoolEntry, error) {
	key := hex.EncodeToString(d.sum.Sum(nil))
	err := d.f.Sync()
	if cerr := d.f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(d.f.Name(), filepath.Join(filepath.Dir(d.f.Name()), key))
	}
	return imagechat.SpoolEntry{Blob: imagechat.BlobKey(key), Size: d.size}, err
}

func (d *diskFile) Abort() {
	_ = d.f.Close()
	_ = os.Remove(d.f.Name())
}

type diskSpool struct{ j *job }

func (s diskSpool) Create(context.Context, imagechat.SpoolKind) (imagechat.SpoolWriter, error) {
	return s.j.create()
}

// diskBlobs opens the reference.
type diskBlobs struct {
	imagechat.BlobStore
	path string
}

func (b diskBlobs) Open(context.Context, imagechat.BlobKey) (io.ReadSeekCloser, error) {
	return os.Open(b.path)
}

func (j *job) liftedTurn(gen *gemini.Generator, n int) error {
	call := &imagechat.Call{
		Attempt: imagechat.AttemptID(fmt.Sprint(n)), Kind: imagechat.KindConverse, Model: gemini.DefaultModel,
		Prompt: imagechat.Prompt{Text: "a bag"}, Spool: diskSpool{j}, Blobs: diskBlobs{path: j.reference()},
	}
	if j.Send {
		call.References = []imagechat.InputImage{{Blob: "reference", Bytes: j.Size, MIMEType: "image/jpeg"}}
	}
	res, err := gen.Generate(context.Background(), call)
	if err != nil {
		return err
	}
	return j.check(res.Image() != nil && res.Image().Size == j.Size, res.Text())
}

func (j *job) check(picture bool, text string) error {
	if picture == j.Send || text != "Here it is." {
		return fmt.Errorf("%s: picture %v, text %q", j.Impl, picture, text)
	}
	return nil
}

func (j *job) sdkTurn(client *genai.Client, _ int) error {
	cfg := &genai.GenerateContentConfig{AutomaticContinuation: genai.Ptr(false), ResponseModalities: []string{"TEXT", "IMAGE"}}
	parts := []*genai.Part{genai.NewPartFromText("a bag")}
	if j.Send {
		picture, err := os.ReadFile(j.reference())
		if err != nil {
			return err
		}
		parts = append(parts, genai.NewPartFromBytes(picture, "image/jpeg"))
	}
	contents := []*genai.Content{{Role: genai.RoleUser, Parts: parts}}
	text, picture := "", false
	keep := func(resp *genai.GenerateContentResponse) error {
		if c := resp.Candidates[0].Content; c != nil {
			for _, p := range c.Parts {
				text += p.Text
				if p.InlineData == nil {
					continue
				}
				d, err := j.create()
				if err != nil {
					return err
				}
				if _, err := d.Write(p.InlineData.Data); err != nil {
					return err
				}
				entry, err := d.Commit()
				if err != nil {
					return err
				}
				picture = entry.Size == j.Size
			}
		}
		return nil
	}
	if !j.Stream {
		resp, err := client.Models.GenerateContent(context.Background(), gemini.DefaultModel, contents, cfg)
		if err != nil {
			return err
		}
		return errors.Join(keep(resp), j.check(picture, text))
	}
	for resp, err := range client.Models.GenerateContentStream(context.Background(), gemini.DefaultModel, contents, cfg) {
		if err != nil {
			return err
		}
		if err := keep(resp); err != nil {
			return err
		}
	}
	return j.check(picture, text)
}

// floorTurn is the least that anybody could do: no JSON, just the one marker
// that this answer is known to hold.
func (j *job) floorTurn(client *http.Client, url string, _ int) error {
	method := ":generateContent"
	if j.Stream {
		method = ":streamGenerateContent?alt=sse"
	}
	body, length, err := j.floorRequest()
	if err != nil {
		return err
	}
	req, err := http.NewRequest(http.MethodPost, url+"/v1beta/models/m"+method, body)
	if err != nil {
		return err
	}
	req.ContentLength = length
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if j.Send {
		raw, err := io.ReadAll(resp.Body)
		return errors.Join(err, j.check(false, map[bool]string{true: "Here it is."}[bytes.Contains(raw, []byte("Here it is."))]))
	}
	size, err := j.floorRead(resp.Body)
	return errors.Join(err, j.check(size == j.Size, "Here it is."))
}

func (j *job) floorRequest() (io.ReadCloser, int64, error) {
	head, tail := `{"contents":[{"role":"user","parts":[{"text":"a bag"}`, `]}]}`
	if !j.Send {
		return io.NopCloser(strings.NewReader(head + tail)), int64(len(head + tail)), nil
	}
	head += `,{"inlineData":{"mimeType":"image/jpeg","data":"`
	tail = `"}}` + tail
	f, err := os.Open(j.reference())
	if err != nil {
		return nil, 0, err
	}
	pieces := io.MultiReader(strings.NewReader(head), &floorEncoder{f: f}, strings.NewReader(tail))
	return struct {
		io.Reader
		io.Closer
	}{pieces, f}, int64(len(head)+len(tail)) + int64(stdbase64.StdEncoding.EncodedLen(int(j.Size))), nil
}

type floorEncoder struct {
	f   io.Reader
	raw [24 << 10]byte
	enc [32 << 10]byte
	out []byte
}

func (e *floorEncoder) Read(p []byte) (int, error) {
	if len(e.out) == 0 {
		n, err := io.ReadFull(e.f, e.raw[:])
		if n == 0 {
			return 0, err
		}
		e.out = e.enc[:stdbase64.StdEncoding.EncodedLen(n)]
		stdbase64.StdEncoding.Encode(e.out, e.raw[:n])
	}
	n := copy(p, e.out)
	e.out = e.out[n:]
	return n, nil
}

// floorRead decodes what follows the marker in pieces of 64 KB into a file.
func (j *job) floorRead(r io.Reader) (int64, error) {
	decode := stdbase64.StdEncoding.Decode
	if j.Impl == "floor-simd" {
		decode = base64.StdEncoding.Decode
	}
	marker := []byte(`"data":"`)
	in, out := make([]byte, 64<<10), make([]byte, 48<<10)
	d, err := j.create()
	if err != nil {
		return 0, err
	}
	kept, inside := 0, false
	for {
		n, rerr := io.ReadAtLeast(r, in[kept:], 1)
		piece := in[:kept+n]
		if !inside {
			if i := bytes.Index(piece, marker); i >= 0 {
				inside, piece = true, piece[i+len(marker):]
			}
		}
		if inside {
			end := bytes.IndexByte(piece, '"')
			last := end >= 0
			if last {
				piece = piece[:end]
			}
			whole := len(piece) &^ 3
			m, err := decode(out, piece[:whole])
			if err != nil {
				return 0, err
			}
			if _, err := d.Write(out[:m]); err != nil {
				return 0, err
			}
			if last {
				break
			}
			kept = copy(in, piece[whole:])
		}
		if rerr != nil {
			return 0, rerr
		}
	}
	entry, err := d.Commit()
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, r)
	return entry.Size, err
}
