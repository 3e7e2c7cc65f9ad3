package gemini_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini/geminitest"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/memory"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/secret"
)

// house is the real Service on the adapter, inside a bubble: retries and
// time-outs take no time.
type house struct {
	t       *testing.T
	ctx     context.Context
	srv     *geminitest.Server
	ports   imagechat.Ports
	svc     *imagechat.Service
	session imagechat.SessionID
}

func inHouse(t *testing.T, fn func(h *house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		srv := geminitest.NewUnstarted(&geminitest.Options{MaxSide: 200, SignatureBytes: 5000, Key: canary})
		defer srv.Close()
		h := &house{t: t, ctx: t.Context(), srv: srv, ports: memory.Ports(nil)}
		h.open()
		defer h.close()
		sess, err := h.svc.CreateSession(h.ctx, imagechat.NewSession{ImagePurpose: "sns_instagram_portrait"})
		if err != nil {
			t.Fatal(err)
		}
		h.session = sess.ID
		fn(h)
	})
}

// open starts a Service, as a process does.
func (h *house) open() {
	h.t.Helper()
	gen, err := gemini.New(gemini.Options{APIKey: secret.New(canary), BaseURL: "http://stand-in", Transport: h.srv.Transport()})
	if err != nil {
		h.t.Fatal(err)
	}
	h.ports.Generator = gen
	if h.svc, err = imagechat.New(h.ports, nil); err != nil {
		h.t.Fatal(err)
	}
	if err := h.svc.Start(h.ctx); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) close() {
	h.t.Helper()
	if err := h.svc.Close(context.Background()); err != nil {
		h.t.Fatal(err)
	}
}

// turn submits a request and waits for its end.
func (h *house) turn(r imagechat.TurnRequest) *imagechat.Turn {
	h.t.Helper()
	sub, err := h.svc.Submit(h.ctx, h.session, r, "")
	if err != nil {
		h.t.Fatal(err)
	}
	turn, err := h.svc.Wait(h.ctx, sub.Turn.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	return turn
}

// picture is the image that a turn made, its bytes checked.
func (h *house) picture(turn *imagechat.Turn) imagechat.Image {
	h.t.Helper()
	if turn.Status != imagechat.TurnSucceeded {
		h.t.Fatalf("turn %s: %v", turn.Status, turn.Error)
	}
	m, err := h.svc.Message(h.ctx, turn.AssistantMessageID)
	if err != nil || len(m.Images) != 1 {
		h.t.Fatalf("got %d images, %v", len(m.Images), err)
	}
	return m.Images[0]
}

func TestEveryFailureThroughTheService(t *testing.T) {
	t.Parallel()
	for _, tt := range failures() {
		t.Run(tt.script, func(t *testing.T) {
			t.Parallel()
			inHouse(t, func(h *house) {
				turn := h.turn(imagechat.TurnRequest{Kind: imagechat.KindGenerate, Content: "a bag [[" + tt.script + "]]"})
				if turn.Status != imagechat.TurnFailed || turn.Error == nil {
					t.Fatalf("turn %s, %v", turn.Status, turn.Error)
				}
				e := turn.Error
				got := named{Code: e.Code, Charge: e.Charge, Retryable: e.Retryable, Reason: e.Reason}.beginsLike(tt.want)
				want := named{Code: tt.want.Code, Charge: tt.want.Charge, Retryable: tt.want.Retryable, Reason: tt.want.Reason}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				wantCalls := 1
				if e.Charge == none && e.Retryable && e.ResetsAt.IsZero() {
					wantCalls = 4 // surely not charged: three retries
				}
				if calls := h.srv.Calls(); calls != wantCalls {
					t.Errorf("got %d calls, want %d", calls, wantCalls)
				}
				h.checkMoney(turn)
				if strings.Contains(fmt.Sprintf("%+v", *e), canary) {
					t.Errorf("the key shows in %+v", *e)
				}
			})
		})
	}
}

// checkMoney expects nothing booked for what surely cost nothing, the estimate
// for what was lost, and what the answer said otherwise.
func (h *house) checkMoney(turn *imagechat.Turn) {
	h.t.Helper()
	ok := false
	switch turn.Error.Charge {
	case none:
		ok = turn.Cost == 0
	case unknown:
		ok = turn.Cost == turn.EstimatedCost && turn.Cost > 0
	case metered:
		ok = turn.Cost < turn.EstimatedCost
	}
	if !ok {
		h.t.Errorf("charge %s: booked %v of an estimate of %v", turn.Error.Charge, turn.Cost, turn.EstimatedCost)
	}
}

func TestARetryThatSucceedsIsOneTurn(t *testing.T) {
	t.Parallel()
	for _, script := range []string{"429 x2", "500 x1", "503 x3"} {
		t.Run(script, func(t *testing.T) {
			inHouse(t, func(h *house) {
				start := time.Now()
				h.picture(h.turn(imagechat.TurnRequest{Kind: imagechat.KindGenerate, Content: "a bag [[" + script + "]]"}))
				if script == "429 x2" && time.Since(start) < 3*time.Second {
					t.Errorf("waited %v, less than twice what the API asked for", time.Since(start))
				}
			})
		})
	}
}

func TestThreeEditsThroughTheServiceAcrossARestart(t *testing.T) {
	t.Parallel()
	inHouse(t, func(h *house) {
		var modes []imagechat.ContextMode
		var pictures []imagechat.Image
		do := func(r imagechat.TurnRequest) {
			turn := h.turn(r)
			modes = append(modes, turn.Context)
			pictures = append(pictures, h.picture(turn))
		}
		do(imagechat.TurnRequest{Kind: imagechat.KindGenerate, Content: "가죽 가방"})
		do(imagechat.TurnRequest{Kind: imagechat.KindRefine, Content: "빨간색으로"})
		h.close()
		h.open()
		do(imagechat.TurnRequest{Kind: imagechat.KindConverse, Content: "더 밝게"})
		do(imagechat.TurnRequest{Kind: imagechat.KindRefine, Content: "로고를 넣어 줘"})
		do(imagechat.TurnRequest{Kind: imagechat.KindRefine, Content: "처음 것을 파란색으로", ImageID: pictures[0].ID})
		want := []imagechat.ContextMode{imagechat.ContextFresh, imagechat.ContextReplay, imagechat.ContextReplay, imagechat.ContextReplay, imagechat.ContextAnchor}
		if diff := cmp.Diff(want, modes); diff != "" {
			t.Errorf("told by (-want +got):\n%s", diff)
		}
		for _, r := range h.srv.Requests() {
			if r.Outcome != "" {
				t.Errorf("request %d was %s", r.Number, r.Outcome)
			}
		}
		if got := pictures[4].ParentID; got != pictures[0].ID {
			t.Errorf("the last picture was made from %s, want the first", got)
		}
		h.checkBytes(pictures)
	})
}

// checkBytes expects what is served to be what was sent: real, whole and marked.
func (h *house) checkBytes(pictures []imagechat.Image) {
	h.t.Helper()
	seen := map[imagechat.BlobKey]bool{}
	for i, p := range pictures {
		img, r, err := h.svc.OpenImage(h.ctx, p.ID)
		if err != nil {
			h.t.Fatal(err)
		}
		var b bytes.Buffer
		if _, err := b.ReadFrom(r); err != nil {
			h.t.Fatal(err)
		}
		_ = r.Close()
		if keyOf(b.Bytes()) != img.Blob || !img.C2PA || img.MIMEType != "image/jpeg" || img.ResponseID == "" || img.ModelVersion == "" || seen[img.Blob] {
			h.t.Errorf("picture %d: %+v", i, img)
		}
		seen[img.Blob] = true
	}
}

// Gemini 3 models mark their only picture as a thought at times.
func TestAnAnswerOfDraftsAloneShowsTheLastOfThem(t *testing.T) {
	t.Parallel()
	inHouse(t, func(h *house) {
		turn := h.turn(imagechat.TurnRequest{Kind: imagechat.KindGenerate, Content: "[[onlydrafts]]"})
		page, err := h.svc.Images(h.ctx, imagechat.ImageQuery{})
		if err != nil || turn.Status != imagechat.TurnSucceeded || len(page.Images) != 1 {
			t.Errorf("turn %s, %v: got %d images, %v", turn.Status, turn.Error, len(page.Images), err)
		}
	})
}
