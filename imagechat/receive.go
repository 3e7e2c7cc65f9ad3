package imagechat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
)

// attemptSpool hands a generator the spool of its attempt and notes when a
// picture has arrived whole.
type attemptSpool struct {
	spool   Spool
	attempt AttemptID
	run     *running
	ctx     context.Context // the call's

	mu     sync.Mutex
	images int
}

func (w *attemptSpool) Create(ctx context.Context, kind SpoolKind) (SpoolWriter, error) {
	sw, err := w.spool.Create(ctx, w.attempt, kind)
	if err != nil || kind != SpoolImage {
		return sw, err
	}
	iw := &imageWriter{SpoolWriter: sw, sink: w}
	if m, ok := sw.(DraftMarker); ok {
		return &markableWriter{imageWriter: iw, marker: m}, nil
	}
	return iw, nil
}

// picture reports whether a whole picture, not just a draft, has arrived.
func (w *attemptSpool) picture() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.images > 0
}

type imageWriter struct {
	SpoolWriter
	sink    *attemptSpool
	draft   bool
	counted bool // among the sink's images
}

// markableWriter is an imageWriter on a spool whose writers are DraftMarkers.
type markableWriter struct {
	*imageWriter
	marker DraftMarker
}

// MarkDraft implements DraftMarker.
func (w *markableWriter) MarkDraft() error {
	if err := w.marker.MarkDraft(); err != nil {
		return err
	}
	w.draft = true
	if !w.counted {
		return nil
	}
	w.counted = false
	w.sink.mu.Lock()
	defer w.sink.mu.Unlock()
	if w.sink.images--; w.sink.images == 0 {
		w.sink.run.retract(w.sink.attempt)
	}
	return nil
}

// Commit counts the picture in once it is durable. From here on the turn
// can't be cancelled: the picture is there. A turn that was cancelled before
// takes nothing more.
func (w *imageWriter) Commit() (SpoolEntry, error) {
	if w.draft {
		return w.SpoolWriter.Commit()
	}
	w.sink.mu.Lock()
	defer w.sink.mu.Unlock()
	e, err := w.SpoolWriter.Commit()
	if err != nil {
		return e, err
	}
	if w.sink.images == 0 && !w.sink.run.arrive(w.sink.ctx, w.sink.attempt) {
		return SpoolEntry{}, errCancelled
	}
	w.sink.images++
	w.counted = true
	return e, nil
}

// writeManifest spools a Result as JSON.
func (s *inbox) writeManifest(ctx context.Context, id AttemptID, r *Result) error {
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	w, err := s.spool.Create(ctx, id, SpoolResult)
	if err != nil {
		return err
	}
	defer w.Abort()
	if _, err := w.Write(b); err != nil {
		return err
	}
	_, err = w.Commit()
	return err
}

// received reads what the spool holds of an attempt: the Result of its
// manifest, or one made of the pictures alone, or nil.
func (s *inbox) received(ctx context.Context, id AttemptID, model string) (*Result, error) {
	entries, err := s.spool.List(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.Kind != SpoolResult {
			continue
		}
		r, err := s.readManifest(ctx, e)
		if !errors.Is(err, errManifest) {
			return r, err
		}
		// A damaged manifest must not keep the server from starting.
		s.log.Error("a result manifest is damaged; keeping the pictures alone", "attempt", id, "err", err)
	}
	r := &Result{Model: model, Partial: true}
	for _, e := range entries {
		switch e.Kind {
		case SpoolImage:
			r.Parts = append(r.Parts, Part{Blob: e.Blob, Size: e.Size})
		case SpoolSignature:
			// A signature follows the part that it signs; without the
			// answer's own order it can't be trusted for replay.
		}
	}
	if r.Image() == nil {
		return nil, nil
	}
	return r, nil
}

var errManifest = errors.New("imagechat: bad result manifest")

func (s *inbox) readManifest(ctx context.Context, e SpoolEntry) (*Result, error) {
	f, err := s.spool.Open(ctx, e)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var r Result
	if err := json.NewDecoder(f).Decode(&r); err != nil {
		return nil, fmt.Errorf("%w: %w", errManifest, err)
	}
	return &r, nil
}

// salvage keeps the pictures of an answer that was cut off after they came.
// What it cost was not told, so the estimate is booked.
func (s *inbox) salvage(a *Attempt, model string, cause error) *Result {
	var r *Result
	err := s.record("salvage", func(bg context.Context) (err error) {
		r, err = s.received(bg, a.ID, model)
		return err
	})
	if err != nil || r == nil {
		return nil
	}
	r.Partial = true
	r.Cost = a.Booked
	if !errors.Is(cause, Cancelled) {
		r.Error = AsError(cause).forRecord()
	}
	return r
}

// adopt moves the blobs of an answer from the spool to the blob store. The
// attempt's row, in state returned, keeps them from being deleted as
// unreferenced; they are in use so that no deletion that read the rows
// before comes in between, and only for so long: a full disk must not stop
// what would free it.
func (s *inbox) adopt(ctx context.Context, a *Attempt) error {
	m := Message{Parts: a.Result.Parts}
	defer s.vault.use(m.Blobs()...)()
	entries, err := s.spool.List(ctx, a.ID)
	if err != nil {
		return err
	}
	byKey := map[BlobKey]SpoolEntry{}
	for _, e := range entries {
		byKey[e.Blob] = e
	}
	for _, key := range m.Blobs() {
		e, spooled := byKey[key]
		if !spooled {
			// Already adopted before a crash, or shared with an earlier part.
			if _, err := s.vault.Stat(ctx, key); err != nil {
				return err
			}
			continue
		}
		if err := s.adoptOne(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

func (s *inbox) adoptOne(ctx context.Context, e SpoolEntry) error {
	if ad, ok := s.blobs.(SpoolAdopter); ok {
		return ad.Adopt(ctx, e)
	}
	f, err := s.spool.Open(ctx, e)
	if err != nil {
		return err
	}
	defer f.Close()
	return s.blobs.Put(ctx, e.Blob, io.Reader(f))
}
