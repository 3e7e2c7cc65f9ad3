package imagechat_test

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

func slow(d time.Duration) imagechattest.Reply {
	r := imagechattest.Words("네")
	r.Delay = d
	return r
}

func TestTurnsOfASessionRunOneByOneInOrder(t *testing.T) {
	bubble(t, nil, func(b *bench) {
		b.script.Always(slow(time.Second))
		id := b.session()
		var turns []imagechat.TurnID
		for i := range 6 {
			turns = append(turns, b.submit(id, chat(fmt.Sprint("말 ", i))).ID)
		}
		for _, turn := range turns {
			b.wantStatus(b.wait(turn), imagechat.TurnSucceeded)
		}
		if b.script.Peak() != 1 {
			t.Errorf("got %d calls at once, want 1", b.script.Peak())
		}
		for i, c := range b.script.Calls() {
			if want := fmt.Sprint("말 ", i); c.Request.Content != want || len(c.History) != 2*i {
				t.Errorf("call %d: got %q with %d utterances before, want %q with %d", i, c.Request.Content, len(c.History), want, 2*i)
			}
		}
	})
}

func TestSessionsRunSideBySideUpToTheBound(t *testing.T) {
	bubble(t, &imagechat.Options{MaxConcurrentTurns: 3}, func(b *bench) {
		b.script.Always(slow(time.Second))
		began := time.Now()
		var turns []imagechat.TurnID
		for range 9 {
			turns = append(turns, b.submit(b.session(), chat("안녕")).ID)
		}
		for _, id := range turns {
			b.wait(id)
		}
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("nine turns of a second, three at once, took %s", took)
		}
		if b.script.Peak() != 3 {
			t.Errorf("got %d calls at once, want 3", b.script.Peak())
		}
	})
}

func TestFourPicturesAtOnceCountAsFourCalls(t *testing.T) {
	bubble(t, &imagechat.Options{MaxConcurrentTurns: 2}, func(b *bench) {
		for i := range 8 {
			r := picture(byte(i))
			r.Delay = time.Second
			b.script.Add(r)
		}
		one, two := b.submit(b.session(), drawN(4)), b.submit(b.session(), drawN(4))
		for _, turn := range []*imagechat.Turn{one, two} {
			if n := len(b.reply(b.wait(turn.ID)).Images); n != 4 {
				t.Errorf("got %d pictures, want 4", n)
			}
		}
		if b.script.Peak() != 2 {
			t.Errorf("got %d calls at once, want 2", b.script.Peak())
		}
	})
}

func TestALongLineKeepsNobodyWaiting(t *testing.T) {
	bubble(t, &imagechat.Options{MaxConcurrentTurns: 1}, func(b *bench) {
		b.script.Always(slow(time.Second))
		busy := b.session()
		for i := range 10 {
			b.submit(busy, chat(fmt.Sprint("busy ", i)))
		}
		synctest.Wait()
		patient := b.submit(b.session(), chat("patient"))
		b.wait(patient.ID)
		// One was running when it came; then it was its session's turn.
		if got := b.script.Calls()[1].Request.Content; got != "patient" {
			t.Errorf("got %q served second, want the one who came to an idle session", got)
		}
	})
}

func TestPositionsAreToldAndDoNotWaver(t *testing.T) {
	bubble(t, &imagechat.Options{MaxConcurrentTurns: 2}, func(b *bench) {
		b.script.Always(slow(time.Second))
		one, two := b.session(), b.session()
		seenOne, seenTwo := b.record(one, 0), b.record(two, 0)
		for range 3 {
			b.submit(one, chat("하나"))
			b.submit(two, chat("둘"))
		}
		synctest.Wait()
		places := func(r *recorder) []int {
			var out []int
			for _, h := range r.of(imagechat.StageQueued) {
				out = append(out, h.Position)
			}
			slices.Sort(out) // those told at one moment come in no order
			return slices.Compact(out)
		}
		if got, want := places(seenOne), []int{1, 3}; !slices.Equal(lastTwo(got), want) {
			t.Errorf("first session: got places %v, want them to end with %v", got, want)
		}
		if got, want := places(seenTwo), []int{2, 4}; !slices.Equal(lastTwo(got), want) {
			t.Errorf("second session: got places %v, want them to end with %v", got, want)
		}
		before := len(seenOne.of(imagechat.StageQueued)) + len(seenTwo.of(imagechat.StageQueued))
		for range 20 { // the dispatcher looks again whenever anything waits; nothing has changed for these
			turn := b.submit(b.session(), chat("x"))
			if _, err := b.Cancel(b.ctx, turn.ID); err != nil {
				t.Fatal(err)
			}
		}
		after := len(seenOne.of(imagechat.StageQueued)) + len(seenTwo.of(imagechat.StageQueued))
		if after-before > 20*2*2 {
			t.Errorf("twenty passers-by caused %d position hints", after-before)
		}
	})
}

func lastTwo(list []int) []int { return list[max(0, len(list)-2):] }

func TestCancelEndsATurnInEveryState(t *testing.T) {
	t.Parallel()
	t.Run("while it waits in the line, for nothing", func(t *testing.T) {
		bubble(t, nil, func(b *bench) {
			b.script.Always(slow(time.Minute))
			id := b.session()
			first, second := b.submit(id, chat("하나")), b.submit(id, chat("둘"))
			b.waitCalls(1)
			cancelled, err := b.Cancel(b.ctx, second.ID)
			if err != nil {
				t.Fatal(err)
			}
			b.wantStatus(cancelled, imagechat.TurnCancelled)
			if cancelled.Cost != 0 {
				t.Errorf("got cost %s, want nothing", cancelled.Cost)
			}
			b.wantStatus(b.wait(first.ID), imagechat.TurnSucceeded)
			b.wantCalls(1)
		})
	})
	t.Run("while it is being paid for, at once and honestly", func(t *testing.T) {
		bubble(t, nil, func(b *bench) {
			b.script.Add(imagechattest.Reply{Delay: time.Hour})
			id := b.session()
			seen := b.record(id, 0)
			turn := b.submit(id, draw("하나"))
			b.waitCalls(1)
			time.Sleep(10 * time.Second)
			began := time.Now()
			cancelled, err := b.Cancel(b.ctx, turn.ID)
			if err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); took != 0 {
				t.Errorf("cancelling took %s", took)
			}
			b.wantStatus(cancelled, imagechat.TurnCancelled)
			if cancelled.Error.Charge != imagechat.ChargeUnknown || cancelled.Cost != turn.EstimatedCost {
				t.Errorf("got charge %q and cost %s, want that it may have been charged", cancelled.Error.Charge, cancelled.Cost)
			}
			time.Sleep(time.Minute)
			if got, want := seen.types(t), []imagechat.EventType{imagechat.EventAccepted, imagechat.EventError}; !slices.Equal(got, want) {
				t.Errorf("got events %v, want %v", got, want)
			}
			seen.mu.Lock()
			defer seen.mu.Unlock()
			if last := seen.at[len(seen.at)-1]; last.After(began) {
				t.Errorf("hints went on for %s after the end", last.Sub(began))
			}
		})
	})
	t.Run("twice is a conflict", func(t *testing.T) {
		bubble(t, nil, func(b *bench) {
			b.script.Add(imagechattest.Reply{Delay: time.Hour})
			turn := b.submit(b.session(), draw("하나"))
			b.waitCalls(1)
			if _, err := b.Cancel(b.ctx, turn.ID); err != nil {
				t.Fatal(err)
			}
			_, err := b.Cancel(b.ctx, turn.ID)
			b.wantCode(err, imagechat.Conflict)
		})
	})
	t.Run("not after it ended", func(t *testing.T) {
		bubble(t, nil, func(b *bench) {
			turn := b.run(b.session(), draw("하나"))
			_, err := b.Cancel(b.ctx, turn.ID)
			b.wantCode(err, imagechat.Conflict)
			b.wantStatus(b.turn(turn.ID), imagechat.TurnSucceeded)
		}, picture(1))
	})
	t.Run("while another generator does not let go, the retry too", func(t *testing.T) {
		bubble(t, nil, func(b *bench) {
			stubborn := make(chan struct{})
			b.script.Add(imagechattest.Reply{Func: func(ctx ctxT, _ *imagechat.Call) error { <-stubborn; return ctx.Err() }}, picture(2))
			turn := b.submit(b.session(), draw("하나"))
			b.waitCalls(1)
			if _, err := b.Cancel(b.ctx, turn.ID); err != nil {
				t.Fatal(err)
			}
			if _, err := b.Retry(b.ctx, turn.ID); err != nil {
				t.Fatal(err)
			}
			cancelled, err := b.Cancel(b.ctx, turn.ID)
			if err != nil {
				t.Fatalf("cancelling the retry: %v", err)
			}
			b.wantStatus(cancelled, imagechat.TurnCancelled)
			close(stubborn)
			synctest.Wait()
			b.wantCalls(1)
			b.wantStates(turn.ID, imagechat.AttemptUnknown, imagechat.AttemptFailed)
			b.wantEmptySpool()
		})
	})
}

func TestWhoCancelsAndLeavesHasCancelled(t *testing.T) {
	bubble(t, nil, func(b *bench) {
		b.script.Add(imagechattest.Reply{Delay: time.Hour})
		turn := b.submit(b.session(), draw("하나"))
		b.waitCalls(1)
		gone, leave := withCancel(b.ctx)
		leave()
		if _, err := b.Cancel(gone, turn.ID); err != nil {
			t.Fatal(err)
		}
		b.wantStatus(b.turn(turn.ID), imagechat.TurnCancelled)
	})
}

// pictureThen spools a whole picture and then does what it is told.
func pictureThen(b *bench, data []byte, then func(ctx ctxT, call *imagechat.Call) error) imagechattest.Reply {
	return imagechattest.Reply{Func: func(ctx ctxT, call *imagechat.Call) error {
		w, err := call.Spool.Create(ctx, imagechat.SpoolImage)
		if err != nil {
			return err
		}
		defer w.Abort()
		if _, err := w.Write(data); err != nil {
			return err
		}
		if _, err := w.Commit(); err != nil {
			return err
		}
		return then(ctx, call)
	}}
}

func TestAPictureThatArrivedCannotBeCancelledAway(t *testing.T) {
	bubble(t, nil, func(b *bench) {
		gate := make(chan struct{})
		png := imagechattest.PNG(20, 20, 1)
		b.script.Add(pictureThen(b, png, func(ctx ctxT, _ *imagechat.Call) error { // the numbers are still to come
			select {
			case <-gate:
			case <-ctx.Done():
				t.Error("the call was cut off although its picture had arrived")
			}
			return &imagechat.Error{Code: imagechat.GeneratorProtocol, Charge: imagechat.ChargeUnknown, Retryable: true}
		}))
		turn := b.submit(b.session(), draw("하나"))
		b.waitCalls(1)
		synctest.Wait()
		_, err := b.Cancel(b.ctx, turn.ID)
		b.wantCode(err, imagechat.Conflict)
		close(gate)
		done := b.wait(turn.ID)
		b.wantStatus(done, imagechat.TurnSucceeded)
		if img := b.reply(done).Images; len(img) != 1 || img[0].Blob != imagechattest.KeyOf(png) {
			t.Errorf("got images %v, want the one that arrived", img)
		}
		if done.Cost != done.EstimatedCost {
			t.Errorf("got cost %s, want the estimate %s, since the numbers were lost", done.Cost, done.EstimatedCost)
		}
	})
}

func TestCancellingKeepsWhatHasArrivedAndGivesUpTheRest(t *testing.T) {
	bubble(t, nil, func(b *bench) {
		b.script.Add(picture(1), imagechattest.Reply{Delay: time.Hour}, picture(3))
		turn := b.submit(b.session(), drawN(3))
		b.waitCalls(3)
		time.Sleep(time.Second)
		ended, err := b.Cancel(b.ctx, turn.ID)
		if err != nil {
			t.Fatal(err)
		}
		b.wantStatus(ended, imagechat.TurnSucceeded)
		m := b.reply(ended)
		if len(m.Images) != 2 || m.Error == nil || m.Error.Code != imagechat.Cancelled {
			t.Errorf("got %d images and %v, want 2 and cancelled", len(m.Images), m.Error)
		}
		states := b.states(turn.ID)
		slices.Sort(states)
		if want := []imagechat.AttemptState{imagechat.AttemptStored, imagechat.AttemptStored, imagechat.AttemptUnknown}; !slices.Equal(states, want) {
			t.Errorf("got attempts %v, want %v", states, want)
		}
		if want := imagechat.Dollars(0.06) + turn.EstimatedCost/3; ended.Cost != want {
			t.Errorf("got cost %s, want %s", ended.Cost, want)
		}
	})
}

func TestOfThreePicturesOneMayFail(t *testing.T) {
	bubble(t, nil, func(b *bench) {
		b.script.Add(picture(1), imagechattest.Failure(imagechat.ContentBlocked, imagechat.ChargeMetered, false), picture(3))
		turn := b.run(b.session(), drawN(3))
		b.wantStatus(turn, imagechat.TurnSucceeded)
		m := b.reply(turn)
		if len(m.Images) != 2 || m.Error == nil || m.Error.Code != imagechat.ContentBlocked {
			t.Errorf("got %d images and %v, want 2 and content_blocked", len(m.Images), m.Error)
		}
		if turn.Cost != imagechat.Dollars(0.06) {
			t.Errorf("got cost %s, want 0.06", turn.Cost)
		}
		_, err := b.Retry(b.ctx, turn.ID)
		b.wantCode(err, imagechat.Conflict)
		b.wantEmptySpool()
	})
}

func TestTwoAnswersWithTheSameBytesAreTwoPictures(t *testing.T) {
	bubble(t, nil, func(b *bench) {
		b.script.Add(picture(1), picture(1))
		turn := b.run(b.session(), drawN(2))
		m := b.reply(turn)
		if len(m.Images) != 2 || m.Images[0].Blob != m.Images[1].Blob {
			t.Fatalf("got %+v", m.Images)
		}
		for _, img := range m.Images[:1] {
			if err := b.DeleteImage(b.ctx, img.ID); err != nil {
				t.Fatal(err)
			}
		}
		if _, f, err := b.OpenImage(b.ctx, m.Images[1].ID); err != nil {
			t.Errorf("the other picture lost its bytes: %v", err)
		} else {
			f.Close()
		}
	})
}

func TestADraftIsNeverShown(t *testing.T) {
	bubble(t, nil, func(b *bench) {
		final, draft := imagechattest.PNG(30, 30, 1), imagechattest.PNG(30, 30, 2)
		b.script.Add(imagechattest.Reply{Drafts: [][]byte{draft}, Images: [][]byte{final}, Cost: imagechat.Dollars(0.03)})
		m := b.reply(b.run(b.session(), draw("하나")))
		if len(m.Images) != 1 || m.Images[0].Blob != imagechattest.KeyOf(final) {
			t.Errorf("got %+v, want the final picture alone", m.Images)
		}
	})
}

func TestAReplyOfBlanksEndsTheTurnAndNothingElse(t *testing.T) {
	bubble(t, nil, func(b *bench) {
		id := b.session()
		b.wantFailure(b.run(id, chat("안녕")), imagechat.NoImageReturned)
		b.wantStatus(b.run(id, chat("안녕")), imagechat.TurnSucceeded)
	}, imagechattest.Words(" \n "), imagechattest.Words("네"))
}

func TestAGeneratorThatPanicsEndsItsTurnAlone(t *testing.T) {
	bubble(t, nil, func(b *bench) {
		b.script.Add(imagechattest.Reply{Func: func(ctxT, *imagechat.Call) error { panic("a fault") }}, picture(1))
		id := b.session()
		turn := b.run(id, draw("하나"))
		b.wantFailure(turn, imagechat.Internal)
		if turn.Cost != turn.EstimatedCost {
			t.Errorf("got cost %s, want the estimate", turn.Cost)
		}
		b.wantStatus(b.run(id, draw("둘")), imagechat.TurnSucceeded)
	})
}

// broken panics when it is asked about a model, once it is told to.
type broken struct {
	*imagechattest.Script
	now atomic.Bool
}

func (g *broken) Model(id string) imagechat.Model {
	if g.now.Load() {
		panic("a fault")
	}
	return g.Script.Model(id)
}

func TestAFaultBeforeTheCallEndsItsTurnAndGivesItsPlaceBack(t *testing.T) {
	bubble(t, &imagechat.Options{MaxConcurrentTurns: 1}, func(b *bench) {
		b.stop()
		g := &broken{Script: b.script}
		b.ports.Generator = g
		b.start()
		b.script.Always(slow(time.Second))
		id, other := b.session(), b.session()
		b.submit(id, chat("läuft"))
		b.waitCalls(1)
		second := b.submit(other, chat("scheitert"))
		g.now.Store(true)
		done := b.wait(second.ID)
		b.wantFailure(done, imagechat.Internal)
		if done.Cost != 0 {
			t.Errorf("got cost %s, want nothing", done.Cost)
		}
		g.now.Store(false)
		b.wantStatus(b.run(id, chat("geht")), imagechat.TurnSucceeded)
		b.wantCalls(2)
	})
}

func TestTheDisconnectOfWhoeverAskedChangesNothing(t *testing.T) {
	bubble(t, nil, func(b *bench) {
		r := picture(1)
		r.Delay = time.Minute
		b.script.Add(r)
		ctx, leave := withCancel(b.ctx)
		sub, err := b.Submit(ctx, b.session(), draw("하나"), "")
		if err != nil {
			t.Fatal(err)
		}
		leave()
		b.wantStatus(b.wait(sub.Turn.ID), imagechat.TurnSucceeded)
	})
}
