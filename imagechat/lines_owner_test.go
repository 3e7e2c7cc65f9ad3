package imagechat_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

// as lets what follows be done on behalf of another owner.
func (b *bench) as(o imagechat.Owner, do func()) {
	before := b.ctx
	b.ctx = imagechat.WithOwner(before, o)
	defer func() { b.ctx = before }()
	do()
}

// said lists what the generator was asked, in order.
func (b *bench) said() []string {
	var out []string
	for _, c := range b.script.Calls() {
		out = append(out, c.Request.Content)
	}
	return out
}

func TestAsManyCallsAreInFlightAsTheSettingSaysWhateverTheirSize(t *testing.T) {
	for _, max := range []int{1, 4, 20, 64} {
		for _, size := range []string{"1K", "2K", "4K"} {
			t.Run(fmt.Sprintf("%d of %s", max, size), func(t *testing.T) {
				bubble(t, &imagechat.Options{MaxConcurrentTurns: max}, func(b *bench) {
					b.script.Always(imagechattest.Reply{Delay: time.Minute, Images: [][]byte{imagechattest.PNG(16, 16, 1)}})
					var turns []*imagechat.Turn
					for range max + 3 {
						r := draw("x")
						r.ImageSize = size
						turns = append(turns, b.submit(b.session(), r))
					}
					b.waitCalls(max)
					synctest.Wait()
					b.wantCalls(max)
					for i, turn := range turns {
						got := b.turn(turn.ID)
						if sent := i < max; (got.Status == imagechat.TurnRunning) != sent || got.StartedAt.IsZero() == sent {
							t.Errorf("turn %d of %d: %s, started at %v", i+1, max, got.Status, got.StartedAt)
						}
					}
					for _, turn := range turns {
						b.wantStatus(b.wait(turn.ID), imagechat.TurnSucceeded)
					}
				})
			})
		}
	}
}

func TestATurnThatWaitsIsNotToldThatItIsBeingDrawn(t *testing.T) {
	bubble(t, &imagechat.Options{MaxConcurrentTurns: 1}, func(b *bench) {
		b.script.Always(imagechattest.Reply{Delay: time.Minute, Images: [][]byte{imagechattest.PNG(16, 16, 1)}})
		first := b.submit(b.session(), draw("first"))
		b.waitCalls(1)
		id := b.session()
		rec := b.record(id, 0)
		second := b.submit(id, draw("second"))
		time.Sleep(30 * time.Second)
		if got := rec.of(imagechat.StageGenerating); len(got) > 0 {
			t.Errorf("got %d hints that it is being drawn while it waited", len(got))
		}
		if got := rec.of(imagechat.StageQueued); len(got) != 1 || got[0].Position != 1 {
			t.Errorf("got %v, want one hint that it is next", got)
		}
		b.wait(first.ID)
		time.Sleep(10 * time.Second)
		if got := rec.of(imagechat.StageGenerating); len(got) < 5 || got[len(got)-1].Elapsed > 10*time.Second {
			t.Errorf("got %d hints in the first ten seconds of the call: %v", len(got), got)
		}
		b.wait(second.ID)
	})
}

func TestThePicturesStillToBeSentAreNotCalledBeingDrawn(t *testing.T) {
	bubble(t, &imagechat.Options{MaxConcurrentTurns: 1}, func(b *bench) {
		hold := make(chan struct{})
		quick := picture(1)
		b.script.Add(quick, imagechattest.Reply{Wait: hold, Images: [][]byte{imagechattest.PNG(16, 16, 2)}}, picture(3))
		id := b.session()
		rec := b.record(id, 0)
		pair := b.submit(id, drawN(2))
		b.as("other", func() { b.submit(b.session(), draw("of another owner")) })
		b.waitCalls(2)
		synctest.Wait()
		if got := b.said()[1]; got != "of another owner" {
			t.Fatalf("got %q second, want the other owner served between two pictures", got)
		}
		told := len(rec.of(imagechat.StageGenerating))
		time.Sleep(30 * time.Second)
		if more := len(rec.of(imagechat.StageGenerating)) - told; more > 0 {
			t.Errorf("got %d hints that it is being drawn while no request was out", more)
		}
		close(hold)
		if n := len(b.reply(b.wait(pair.ID)).Images); n != 2 {
			t.Errorf("got %d pictures, want 2", n)
		}
	})
}

func TestOwnersTakeTurnsWhateverTheirNumberOfConversations(t *testing.T) {
	bubble(t, &imagechat.Options{MaxConcurrentTurns: 1}, func(b *bench) {
		b.script.Always(slow(time.Second))
		var last *imagechat.Turn
		b.as("busy", func() {
			for i := range 15 {
				last = b.submit(b.session(), chat(fmt.Sprint("busy ", i)))
			}
		})
		b.waitCalls(1)
		b.as("other", func() {
			for i := range 2 {
				b.submit(b.session(), chat(fmt.Sprint("other ", i)))
			}
		})
		b.as("busy", func() { b.wait(last.ID) })
		if got, want := b.said()[:5], []string{"busy 0", "busy 1", "other 0", "busy 2", "other 1"}; !slices.Equal(got, want) {
			t.Errorf("got %v, want the owners by turns", got)
		}
	})
}

func TestTheManyPicturesOfOneOwnerDoNotHoldUpAnother(t *testing.T) {
	bubble(t, &imagechat.Options{MaxConcurrentTurns: 2}, func(b *bench) {
		b.script.Always(imagechattest.Reply{Delay: time.Minute, Images: [][]byte{imagechattest.PNG(16, 16, 1)}})
		var turns []*imagechat.Turn
		b.as("busy", func() {
			for range 4 {
				turns = append(turns, b.submit(b.session(), drawN(4)))
			}
		})
		b.waitCalls(2)
		began := time.Now()
		b.as("other", func() { b.run(b.session(), draw("x")) })
		if took := time.Since(began); took > 2*time.Minute {
			t.Errorf("one picture beside sixteen of another owner took %s, want two rounds of a minute", took)
		}
		b.as("busy", func() {
			for _, turn := range turns {
				b.wait(turn.ID)
			}
		})
	})
}

func TestAPauseBeforeARetryLeavesItsSlotToOthers(t *testing.T) {
	bubble(t, &imagechat.Options{MaxConcurrentTurns: 1}, func(b *bench) {
		refused := imagechattest.Failure(imagechat.GeneratorOverloaded, imagechat.ChargeNone, true)
		refused.Err.RetryAfter = time.Minute
		b.script.Add(refused, imagechattest.Words("between"), picture(1))
		first := b.submit(b.session(), draw("refused at first"))
		b.waitCalls(1)
		synctest.Wait()
		began := time.Now()
		b.wantStatus(b.run(b.session(), chat("between")), imagechat.TurnSucceeded)
		if took := time.Since(began); took > time.Second {
			t.Errorf("a turn beside a pause took %s", took)
		}
		b.wantStatus(b.wait(first.ID), imagechat.TurnSucceeded)
		b.wantCalls(3)
	})
}

func TestTurnsRunInTheOrderInWhichTheyWereAcceptedAlsoAfterARestart(t *testing.T) {
	for _, restart := range []bool{false, true} {
		t.Run(fmt.Sprintf("restart %v", restart), func(t *testing.T) {
			bubble(t, &imagechat.Options{MaxConcurrentTurns: 1}, func(b *bench) {
				b.script.Add(imagechattest.Failure(imagechat.ContentBlocked, imagechat.ChargeNone, false))
				id := b.session()
				failed := b.run(id, chat("failed at first"))
				hold := make(chan struct{})
				b.script.Add(imagechattest.Reply{Wait: hold, Text: "네"})
				b.script.Always(imagechattest.Words("네"))
				blocker := b.submit(b.session(), chat("blocker"))
				b.waitCalls(2)
				b.submit(id, chat("second"))
				if _, err := b.Retry(b.ctx, failed.ID); err != nil {
					t.Fatal(err)
				}
				last := b.submit(id, chat("fourth"))
				if restart {
					b.restart()
				}
				close(hold)
				b.wait(last.ID)
				b.wait(blocker.ID)
				got := slices.DeleteFunc(b.said()[1:], func(s string) bool { return s == "blocker" })
				if want := []string{"second", "failed at first", "fourth"}; !slices.Equal(got, want) {
					t.Errorf("got %v, want %v", got, want)
				}
			})
		})
	}
}

// TestTheOrderIsThatOfTheCommits submits many turns of a session at once: the
// numbers of their events are the order in which they must run.
func TestTheOrderIsThatOfTheCommits(t *testing.T) {
	bubble(t, nil, func(b *bench) {
		b.script.Always(imagechattest.Words("네"))
		id := b.session()
		rec := b.record(id, 0)
		done := make(chan imagechat.TurnID, 50)
		for i := range cap(done) {
			go func() {
				sub, err := b.Submit(b.ctx, id, chat(fmt.Sprint(i)), "")
				if err != nil {
					t.Error(err)
					return
				}
				done <- sub.Turn.ID
			}()
		}
		for range cap(done) {
			b.wait(<-done)
		}
		synctest.Wait()
		var accepted []string
		for _, e := range rec.events {
			if e.Type == imagechat.EventAccepted {
				accepted = append(accepted, e.Message.Text)
			}
		}
		if got := b.said(); !slices.Equal(got, accepted) {
			t.Errorf("ran %v, accepted %v", got, accepted)
		}
	})
}

func TestTheTurnsOfAnOwnerThatWaitAreBounded(t *testing.T) {
	bubble(t, &imagechat.Options{MaxConcurrentTurns: 1, MaxWaitingTurns: 3}, func(b *bench) {
		b.script.Always(slow(time.Second))
		id := b.session()
		b.submit(id, chat("runs"))
		b.waitCalls(1)
		var last *imagechat.Turn
		for range 3 {
			last = b.submit(b.session(), chat("waits"))
		}
		before, err := b.Session(b.ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		_, err = b.Submit(b.ctx, id, chat("one too many"), "")
		b.wantCode(err, imagechat.RateLimited)
		if e := imagechat.AsError(err); !e.Retryable || e.RetryAfter <= 0 {
			t.Errorf("got %+v, want to be told to come back", e)
		}
		if after, err := b.Session(b.ctx, id); err != nil || after.MessagesCount != before.MessagesCount {
			t.Errorf("the refused turn left a message (%v)", err)
		}
		b.as("other", func() { b.wantStatus(b.run(b.session(), chat("another owner")), imagechat.TurnSucceeded) })
		b.restart() // what waits is on record and stays, however many
		b.wantStatus(b.wait(last.ID), imagechat.TurnSucceeded)
		b.wantStatus(b.run(id, chat("later")), imagechat.TurnSucceeded)
	})
}
