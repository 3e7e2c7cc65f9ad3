package imagechat_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/memory"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

func TestASubscriptionMakesUpForLostSignals(t *testing.T) {
	bubble(t, nil, func(b *bench) {
		b.script.Always(imagechattest.Words("네"))
		id := b.session()
		rec := b.record(id, 0)
		bus := b.ports.Publisher.(*memory.Publisher)
		bus.FailNext("Publish", -1, errors.New("the bus is away"))
		b.wantStatus(b.run(id, chat("안녕")), imagechat.TurnSucceeded)
		bus.FailNext("Publish", 0, nil)
		time.Sleep(time.Minute)
		if got := rec.types(t); len(got) != 2 {
			t.Errorf("got events %v a minute after their signals were lost, want accepted and message", got)
		}
	})
}

func TestWhatIsHandedOutIsTheReceiversOwn(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil, picture(1))
	sess, err := b.CreateSession(b.ctx, imagechat.NewSession{ImagePurpose: "email_header", BrandGuidelines: map[string]any{"tone": map[string]any{"is": "warm"}}})
	if err != nil {
		t.Fatal(err)
	}
	var subs []*imagechat.Subscription
	for range 2 {
		sub, err := b.Subscribe(b.ctx, sess.ID, -1)
		if err != nil {
			t.Fatal(err)
		}
		defer sub.Close()
		subs = append(subs, sub)
	}
	next := func(s *imagechat.Subscription, want imagechat.EventType) *imagechat.Event {
		t.Helper()
		for {
			u, err := s.Next(b.ctx)
			if err != nil {
				t.Fatal(err)
			}
			if u.Event != nil && u.Event.Type == want {
				return u.Event
			}
		}
	}
	ref := b.upload(imagechattest.PNG(20, 20, 1), imagechat.ImageReference)
	r := draw("x")
	r.ReferenceIDs = []imagechat.ImageID{ref.ID}
	sub, err := b.Submit(b.ctx, sess.ID, r, "")
	if err != nil {
		t.Fatal(err)
	}
	sub.Turn.Request.Content, sub.Turn.Request.ReferenceIDs[0] = "changed by who submitted", "changed"
	first := next(subs[0], imagechat.EventAccepted)
	if got := first.Turn.Request; got.Content != "x" || got.ReferenceIDs[0] != ref.ID {
		t.Errorf("a subscriber reads %+v", got)
	}
	first.Message.Text, first.Message.References[0].AltText = "changed by a subscriber", "changed"
	second := next(subs[1], imagechat.EventAccepted)
	if second.Message.Text != "x" || second.Message.References[0].AltText != "" {
		t.Errorf("another subscriber reads %q and %q", second.Message.Text, second.Message.References[0].AltText)
	}
	b.wait(sub.Turn.ID)
	changed, err := b.UpdateSession(b.ctx, sess.ID, imagechat.SessionPatch{Title: ptr("새 제목")})
	if err != nil {
		t.Fatal(err)
	}
	changed.BrandGuidelines["tone"].(map[string]any)["is"] = "cold"
	if got := next(subs[0], imagechat.EventSession).Session.BrandGuidelines["tone"].(map[string]any)["is"]; got != "warm" {
		t.Errorf("a subscriber reads guidelines %q", got)
	}
}

func TestWhenTheMomentComesThatARefusalNamesTheSameRequestPasses(t *testing.T) {
	bubble(t, &imagechat.Options{DailyBudget: imagechat.Dollars(0.10)}, func(b *bench) {
		b.ctx = context.Background()
		b.script.Add(imagechattest.Words("짧은 말")) // $0.001
		b.script.Always(imagechattest.Reply{Images: [][]byte{imagechattest.PNG(16, 16, 1)}, Cost: imagechat.Dollars(0.045)})
		id := b.session()
		b.run(id, chat("안녕"))
		time.Sleep(10 * time.Hour)
		b.run(id, draw("a"))
		_, err := b.Submit(b.ctx, id, drawN(2), "")
		b.wantCode(err, imagechat.BudgetExceeded)
		wait := imagechat.AsError(err).RetryAfter
		time.Sleep(wait - time.Minute)
		_, err = b.Submit(b.ctx, id, drawN(2), "")
		b.wantCode(err, imagechat.BudgetExceeded)
		time.Sleep(time.Minute + time.Second)
		b.wantStatus(b.run(id, drawN(2)), imagechat.TurnSucceeded)
	})
}

func TestABilledRefusalCountsInTokensAsInDollars(t *testing.T) {
	t.Parallel()
	refusal := imagechattest.Reply{
		Err:   &imagechat.Error{Code: imagechat.ContentBlocked, Charge: imagechat.ChargeMetered},
		Usage: imagechat.Tokens{Input: 500, Thinking: 300, Total: 800}, Cost: imagechat.Dollars(0.002),
	}
	drawn := imagechattest.Reply{Images: [][]byte{imagechattest.PNG(16, 16, 1)}, Usage: imagechat.Tokens{Total: 1000}, Cost: imagechat.Dollars(0.04)}
	b := newBench(t, nil, refusal, drawn, refusal)
	id := b.session()
	want := func(tokens int64, usd imagechat.USD) {
		t.Helper()
		s, err := b.Session(b.ctx, id)
		u, uerr := b.Usage(b.ctx, time.Time{})
		if err != nil || uerr != nil {
			t.Fatal(err, uerr)
		}
		if s.TotalTokensUsed != tokens || u.Tokens != tokens || s.TotalCost != usd || u.USD != usd {
			t.Errorf("got %d tokens and $%s in the session, %d and $%s in usage; want %d and $%s", s.TotalTokensUsed, s.TotalCost, u.Tokens, u.USD, tokens, usd)
		}
	}
	b.run(id, draw("x"))
	want(800, imagechat.Dollars(0.002))
	b.wantStatus(b.run(id, drawN(2)), imagechat.TurnSucceeded) // one of two
	want(800+1800, imagechat.Dollars(0.044))
}

// meeting lets nobody who reads a brand outside of a transaction go on before
// a second one has read it, too, or half a second has passed.
type meeting struct {
	imagechat.Repository
	read atomic.Int32
	both chan struct{}
}

func (m *meeting) GetBrand(ctx context.Context, id imagechat.BrandID) (*imagechat.Brand, error) {
	found, err := m.Repository.GetBrand(ctx, id)
	if m.read.Add(1) == 2 {
		close(m.both)
	}
	select {
	case <-m.both:
	case <-time.After(500 * time.Millisecond):
	}
	return found, err
}

func TestOfTwoEditsOfABrandAtOnceNoneIsLost(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.stop()
	b.ports.Repository = &meeting{Repository: b.ports.Repository, both: make(chan struct{})}
	b.start()
	brand, err := b.CreateBrand(b.ctx, imagechat.Brand{Name: "n", Tone: "t"})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for _, p := range []imagechat.BrandPatch{{Tone: ptr("warm")}, {Typography: ptr("serif")}} {
		wg.Go(func() {
			if _, err := b.UpdateBrand(b.ctx, brand.ID, p); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got, err := b.Brand(b.ctx, brand.ID); err != nil || got.Tone != "warm" || got.Typography != "serif" {
		t.Errorf("got tone %q and typography %q (%v), want both edits", got.Tone, got.Typography, err)
	}
}
