package imagechat

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
	"time"
)

// Uploads, finished files and archives lie in scratch files while they are
// worked on and while they are read: a slow sender or reader then holds disk
// space and no memory, and of disk space only what others can spare.

// scratchStep is how many bytes are written before the room is looked at again.
const scratchStep = 1 << 20

// scratchAlways is what each owner's files may hold however little room there
// is, so that pictures are seen and saved while the disk is full.
const scratchAlways = 32 << 20

// scratches knows how much each owner's scratch files hold.
type scratches struct {
	mu   sync.Mutex
	held map[Owner]int64
}

func (h *scratches) add(o Owner, n int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.held == nil {
		h.held = map[Owner]int64{}
	}
	if h.held[o] += n; h.held[o] == 0 {
		delete(h.held, o)
	}
}

func (h *scratches) of(o Owner) int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.held[o]
}

// scratch is a file without a name that is gone when it is closed. It may be
// closed twice.
type scratch struct {
	*os.File
	s     *pictures
	ctx   context.Context
	owner Owner
	held  int64 // bytes written, in whole steps
	n     int64 // bytes written
	gone  func() error
	once  sync.Once
}

func (s *pictures) newScratch(ctx context.Context) (*scratch, error) {
	f := &scratch{s: s, ctx: ctx, owner: OwnerOf(ctx)}
	var err error
	if port, ok := s.blobs.(Scratcher); ok {
		f.File, f.gone, err = port.Scratch(ctx)
	} else {
		f.File, f.gone, err = tempFile()
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

func tempFile() (*os.File, func() error, error) {
	f, err := os.CreateTemp("", "imagechat-*")
	if err != nil {
		return nil, nil, &Error{Code: StorageUnavailable, Retryable: true, Err: err}
	}
	return f, func() error { return errors.Join(f.Close(), os.Remove(f.Name())) }, nil
}

// Write fails with StorageFull where the room for paid pictures would suffer,
// and with RateLimited where the owner's files hold too much of the rest.
func (f *scratch) Write(p []byte) (int, error) {
	for f.n+int64(len(p)) > f.held {
		if err := f.s.checkScratch(f.ctx, f.owner); err != nil {
			return 0, err
		}
		f.s.scratches.add(f.owner, scratchStep)
		f.held += scratchStep
	}
	n, err := f.File.Write(p)
	f.n += int64(n)
	switch {
	case err == nil:
		return n, nil
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return n, &Error{Code: StorageFull, Retryable: true, Err: err}
	}
	return n, &Error{Code: StorageUnavailable, Retryable: true, Err: err}
}

// rewind makes the file ready to be read from its start.
func (f *scratch) rewind() error {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return &Error{Code: StorageUnavailable, Retryable: true, Err: err}
	}
	return nil
}

// Close drops the file and its bytes.
func (f *scratch) Close() (err error) {
	f.once.Do(func() {
		err = f.gone()
		f.s.scratches.add(f.owner, -f.held)
	})
	return err
}

// ReadFrom keeps io.Copy from writing past the checks of Write.
func (f *scratch) ReadFrom(r io.Reader) (int64, error) {
	return io.Copy(struct{ io.Writer }{f}, r)
}

// checkScratch refuses another step of an owner's scratch files: those of one
// owner hold at most half of the room that is free, so that others find some.
func (s *pictures) checkScratch(ctx context.Context, o Owner) error {
	if s.scratches.of(o)+scratchStep <= scratchAlways {
		return nil
	}
	if err := s.room.checkSpace(ctx); err != nil {
		return err
	}
	free, ok, err := s.room.freeBytes(ctx)
	if err != nil || !ok {
		return err
	}
	held := s.scratches.of(o)
	if room := free - s.o.ReserveBytes + held; held+scratchStep > room/2 {
		return &Error{Code: RateLimited, Retryable: true, RetryAfter: 30 * time.Second, Params: map[string]string{"cause": "files"},
			Err: fmt.Errorf("imagechat: scratch files of %q hold %d of %d bytes", o, held, room)}
	}
	return nil
}

// tail lets a scratch file be read while it is still being written.
type tail struct {
	f    *scratch
	mu   sync.Mutex
	more *sync.Cond
	n    int64 // bytes written
	done bool
	err  error
}

func newTail(f *scratch) *tail {
	t := &tail{f: f}
	t.more = sync.NewCond(&t.mu)
	return t
}

// Write is for the writing side.
func (t *tail) Write(p []byte) (int, error) {
	n, err := t.f.Write(p)
	t.mu.Lock()
	t.n += int64(n)
	t.mu.Unlock()
	t.more.Broadcast()
	return n, err
}

// end tells that nothing more is written, and why if it is not whole.
func (t *tail) end(err error) {
	t.mu.Lock()
	t.done, t.err = true, err
	t.mu.Unlock()
	t.more.Broadcast()
}

// copyTo copies what is written until the end, and fails as the writing did.
func (t *tail) copyTo(w io.Writer) error {
	var at int64
	for {
		t.mu.Lock()
		for t.n == at && !t.done {
			t.more.Wait()
		}
		n, done, err := t.n, t.done, t.err
		t.mu.Unlock()
		if n > at {
			if _, err := io.Copy(w, io.NewSectionReader(t.f.File, at, n-at)); err != nil {
				return err
			}
			at = n
			continue
		}
		if done {
			return err
		}
	}
}
