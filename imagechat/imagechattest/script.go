package imagechattest

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// Script is a Generator whose calls get the replies it was given, in order;
// after the last one, the reply set with Always, and without one an error of
// code Internal. It writes to the spool as a real generator does. It is safe
// for concurrent use.
type Script struct {
	// ModelList is what Models returns; set it before the first use. By
	// default it is one model that draws at 1K, 2K and 4K.
	ModelList []imagechat.Model

	mu      sync.Mutex
	replies []Reply
	always  *Reply
	calls   []imagechat.Call
	running int
	peak    int
	changed chan struct{} // closed and replaced when calls grows
}

// Reply is what one call does, in the order of the fields.
type Reply struct {
	// Progress is told first.
	Progress []imagechat.Progress
	// Delay is slept; use it inside a synctest bubble.
	Delay time.Duration
	// Wait, if not nil, is waited for until it is closed. A call whose
	// context ends meanwhile fails as a real one does.
	Wait <-chan struct{}
	// Func, if not nil, is called and may fail the call.
	Func func(ctx context.Context, call *imagechat.Call) error
	// Text is the first part of the answer.
	Text string
	// Drafts are images that are only thoughts.
	Drafts [][]byte
	// Images follow, each spooled whole.
	Images [][]byte
	// Signature, if any, is spooled and hung on the last part.
	Signature []byte
	// Cut is written to the spool as an image and never committed, as when
	// the connection breaks.
	Cut []byte
	// Usage and Cost are booked, beside an Err too.
	Usage imagechat.Tokens
	Cost  imagechat.USD
	// Partial marks the result as cut off after a whole picture had come.
	Partial bool
	// Err ends the call. The answer so far is returned beside it.
	Err *imagechat.Error
}

// ScriptModel is the id of the default model of a Script.
const ScriptModel = "script-1"

// NewScript returns a Script of replies.
func NewScript(replies ...Reply) *Script {
	return &Script{
		replies: replies,
		changed: make(chan struct{}),
		ModelList: []imagechat.Model{{
			ID: ScriptModel, Default: true, Status: imagechat.ModelStable,
			Sizes: []string{"1K", "2K", "4K"}, DefaultSize: "1K",
			Ratios: imagechat.ModelRatios(), MaxReferences: 14,
			PerImage: map[string]imagechat.USD{
				"1K": imagechat.Dollars(0.04), "2K": imagechat.Dollars(0.08), "4K": imagechat.Dollars(0.16),
			},
			Input: imagechat.Dollars(0.25), Output: imagechat.Dollars(1.5), ImageOutput: imagechat.Dollars(30),
		}},
	}
}

// Words is a reply of text.
func Words(text string) Reply {
	return Reply{Text: text, Usage: imagechat.Tokens{Input: 10, Text: 5, Total: 15}, Cost: imagechat.Dollars(0.001)}
}

// Picture is a reply of one image.
func Picture(data []byte) Reply {
	return Reply{Images: [][]byte{data}, Usage: imagechat.Tokens{Input: 10, Image: 1000, Total: 1010}, Cost: imagechat.Dollars(0.03)}
}

// Failure is a reply that fails.
func Failure(code imagechat.Code, charge imagechat.Charge, retryable bool) Reply {
	return Reply{Err: &imagechat.Error{Code: code, Charge: charge, Retryable: retryable, Reason: "as the script says"}}
}

// Add appends replies.
func (s *Script) Add(replies ...Reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.replies = append(s.replies, replies...)
}

// Always sets the reply of the calls that no other is left for.
func (s *Script) Always(r Reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.always = &r
}

// Calls returns every call so far, in the order they began.
func (s *Script) Calls() []imagechat.Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// Peak is the most calls that ever ran at once.
func (s *Script) Peak() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.peak
}

// WaitCalls blocks until n calls have begun, or ctx ends.
func (s *Script) WaitCalls(ctx context.Context, n int) error {
	for {
		s.mu.Lock()
		got, changed := len(s.calls), s.changed
		s.mu.Unlock()
		if got >= n {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("imagechattest: %d of %d calls: %w", got, n, ctx.Err())
		}
	}
}

// Name implements imagechat.Generator.
func (s *Script) Name() string { return "script" }

// Models implements imagechat.Generator.
func (s *Script) Models() []imagechat.Model { return slices.Clone(s.ModelList) }

// Model implements imagechat.Generator.
func (s *Script) Model(id string) imagechat.Model {
	for _, m := range s.ModelList {
		if m.ID == id {
			return m
		}
	}
	return imagechat.Model{ID: id, Status: imagechat.ModelUnlisted, MaxReferences: 1}
}

// Generate implements imagechat.Generator.
func (s *Script) Generate(ctx context.Context, call *imagechat.Call) (*imagechat.Result, error) {
	start := time.Now()
	r := s.begin(call)
	defer s.end()
	for _, p := range r.Progress {
		if call.Progress != nil {
			call.Progress(p)
		}
	}
	if err := r.wait(ctx, call); err != nil {
		return nil, err
	}
	result := &imagechat.Result{
		Usage: r.Usage, Cost: r.Cost, Model: call.Model, ModelVersion: call.Model + "-001",
		ResponseID: "response-" + string(call.Attempt), Context: contextOf(call), Partial: r.Partial,
	}
	if err := r.answer(ctx, call, result); err != nil {
		return nil, err
	}
	result.Duration = time.Since(start)
	if r.Err != nil {
		e := *r.Err
		return result, &e
	}
	return result, nil
}

func (s *Script) begin(call *imagechat.Call) Reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, *call)
	s.running++
	s.peak = max(s.peak, s.running)
	close(s.changed)
	s.changed = make(chan struct{})
	switch {
	case len(s.replies) > 0:
		r := s.replies[0]
		s.replies = s.replies[1:]
		return r
	case s.always != nil:
		return *s.always
	}
	return Reply{Err: &imagechat.Error{Code: imagechat.Internal, Charge: imagechat.ChargeUnknown, Reason: "the script has no reply left"}}
}

func (s *Script) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running--
}

func contextOf(call *imagechat.Call) imagechat.ContextMode {
	switch {
	case call.Context != "":
		return call.Context
	case len(call.History) > 0:
		return imagechat.ContextReplay
	case call.Anchor != nil:
		return imagechat.ContextAnchor
	}
	return imagechat.ContextFresh
}

// wait holds the call up as the reply says.
func (r *Reply) wait(ctx context.Context, call *imagechat.Call) error {
	if r.Delay > 0 {
		select {
		case <-time.After(r.Delay):
		case <-ctx.Done():
		}
	}
	if r.Wait != nil {
		select {
		case <-r.Wait:
		case <-ctx.Done():
		}
	}
	if err := ctx.Err(); err != nil {
		return &imagechat.Error{Code: imagechat.CodeOf(err), Charge: imagechat.ChargeUnknown, Retryable: true, Err: err}
	}
	if r.Func != nil {
		return r.Func(ctx, call)
	}
	return nil
}

// answer writes the reply's bytes and names them in the result.
func (r *Reply) answer(ctx context.Context, call *imagechat.Call, result *imagechat.Result) error {
	if r.Text != "" {
		result.Parts = append(result.Parts, imagechat.Part{Text: r.Text})
	}
	for _, d := range r.Drafts {
		if err := addImage(ctx, call, imagechat.SpoolDraft, d, result); err != nil {
			return err
		}
	}
	for _, d := range r.Images {
		if err := addImage(ctx, call, imagechat.SpoolImage, d, result); err != nil {
			return err
		}
	}
	if len(r.Signature) > 0 && len(result.Parts) > 0 {
		e, err := spool(ctx, call, imagechat.SpoolSignature, r.Signature)
		if err != nil {
			return err
		}
		last := &result.Parts[len(result.Parts)-1]
		last.Signature, last.SignatureSize = e.Blob, e.Size
	}
	if len(r.Cut) == 0 {
		return nil
	}
	w, err := call.Spool.Create(ctx, imagechat.SpoolImage)
	if err != nil {
		return spoolFailure(err)
	}
	defer w.Abort()
	if _, err := w.Write(r.Cut); err != nil {
		return spoolFailure(err)
	}
	return nil
}

func addImage(ctx context.Context, call *imagechat.Call, kind imagechat.SpoolKind, data []byte, result *imagechat.Result) error {
	e, err := spool(ctx, call, kind, data)
	if err != nil {
		return err
	}
	result.Parts = append(result.Parts, imagechat.Part{
		Blob: e.Blob, Size: e.Size, MIMEType: http.DetectContentType(data), Thought: kind == imagechat.SpoolDraft,
	})
	return nil
}

func spool(ctx context.Context, call *imagechat.Call, kind imagechat.SpoolKind, data []byte) (imagechat.SpoolEntry, error) {
	w, err := call.Spool.Create(ctx, kind)
	if err != nil {
		return imagechat.SpoolEntry{}, spoolFailure(err)
	}
	defer w.Abort()
	if _, err := w.Write(data); err != nil {
		return imagechat.SpoolEntry{}, spoolFailure(err)
	}
	e, err := w.Commit()
	if err != nil {
		return imagechat.SpoolEntry{}, spoolFailure(err)
	}
	return e, nil
}

// spoolFailure is an answer that came and could not be kept: it may be billed.
func spoolFailure(err error) error {
	return &imagechat.Error{Code: imagechat.CodeOf(err), Charge: imagechat.ChargeUnknown, Retryable: true, Err: err}
}

var _ imagechat.Generator = (*Script)(nil)
