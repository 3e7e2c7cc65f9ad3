package imagechat_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

// estimateOf is what one picture is reserved with.
func (b *bench) estimateOf(id imagechat.SessionID, r imagechat.TurnRequest) imagechat.USD {
	b.t.Helper()
	cost, err := b.Estimate(b.ctx, id, r)
	if err != nil {
		b.t.Fatal(err)
	}
	return cost
}

func TestTwoHundredAtOnceNeverPassACapForTen(t *testing.T) {
	for name, daily := range map[string]bool{"daily": true, "session": false} {
		t.Run(name, func(t *testing.T) {
			probe := newBench(t, nil)
			each := probe.estimateOf(probe.session(), draw("하나"))
			o := &imagechat.Options{}
			if daily {
				o.DailyBudget = 10*each + each/2
			} else {
				o.SessionBudget = 10*each + each/2
			}
			bubble(t, o, func(b *bench) {
				r := picture(1)
				r.Cost, r.Delay = each, time.Second
				b.script.Always(r)
				id := b.session()
				var taken, refused atomic.Int32
				var all sync.WaitGroup
				for range 200 {
					all.Go(func() {
						_, err := b.Submit(b.ctx, id, draw("하나"), "")
						switch {
						case err == nil:
							taken.Add(1)
						case errors.Is(err, imagechat.BudgetExceeded):
							refused.Add(1)
						default:
							t.Error(err)
						}
					})
				}
				all.Wait()
				time.Sleep(time.Minute)
				synctest.Wait()
				if taken.Load() != 10 || refused.Load() != 190 || len(b.script.Calls()) != 10 {
					t.Errorf("got %d taken, %d refused, %d calls; want 10, 190, 10", taken.Load(), refused.Load(), len(b.script.Calls()))
				}
				if spent := b.spent(); spent != 10*each {
					t.Errorf("spent %s, want %s", spent, 10*each)
				}
			})
		})
	}
}

func TestTheDailyBudgetSaysWhenItFreesUpAndThenDoes(t *testing.T) {
	bubble(t, &imagechat.Options{DailyBudget: imagechat.Dollars(0.10)}, func(b *bench) {
		r := picture(1)
		r.Cost = imagechat.Dollars(0.09)
		b.script.Add(r, picture(2))
		id := b.session()
		began := time.Now()
		b.run(id, draw("하나"))
		time.Sleep(time.Hour)
		_, err := b.Submit(b.ctx, id, draw("둘"), "")
		b.wantCode(err, imagechat.BudgetExceeded)
		e := imagechat.AsError(err)
		if e.Params["budget"] != "daily" || e.Params["spent"] != "0.09" || e.Params["cap"] != "0.1" {
			t.Errorf("got params %v", e.Params)
		}
		if want := began.Add(24 * time.Hour).UTC(); !e.ResetsAt.Equal(want) || e.RetryAfter != 23*time.Hour || !e.Retryable {
			t.Errorf("got it frees up at %s, in %s; want %s, in 23 h", e.ResetsAt, e.RetryAfter, want)
		}
		b.wantCalls(1)
		time.Sleep(e.RetryAfter + time.Second)
		b.ctx = b.t.Context() // without the two hours' bound
		b.wantStatus(b.run(id, draw("셋")), imagechat.TurnSucceeded)
	})
}

func TestWhatFailedForNothingFreesTheBudgetAtOnce(t *testing.T) {
	bubble(t, &imagechat.Options{SessionBudget: imagechat.Dollars(0.06)}, func(b *bench) {
		id := b.session()
		b.wantFailure(b.run(id, draw("하나")), imagechat.GeneratorRejectedKey)
		b.wantStatus(b.run(id, draw("둘")), imagechat.TurnSucceeded)
		_, err := b.Submit(b.ctx, id, draw("셋"), "")
		b.wantCode(err, imagechat.BudgetExceeded)
		if e := imagechat.AsError(err); e.Params["budget"] != "session" || !e.ResetsAt.IsZero() {
			t.Errorf("got %+v; a session's budget never frees up", e)
		}
	}, imagechattest.Failure(imagechat.GeneratorRejectedKey, imagechat.ChargeNone, false), picture(1))
}

func TestALostAnswerCountsInUsageAndBudgetAndSoDoesItsRetry(t *testing.T) {
	bubble(t, &imagechat.Options{DailyBudget: imagechat.Dollars(0.10)}, func(b *bench) {
		id := b.session()
		turn := b.run(id, draw("하나"))
		b.wantFailure(turn, imagechat.GeneratorProtocol)
		lost := turn.Cost
		if _, err := b.Retry(b.ctx, turn.ID); err != nil {
			t.Fatal(err)
		}
		again := b.wait(turn.ID)
		b.wantStatus(again, imagechat.TurnSucceeded)
		want := lost + imagechat.Dollars(0.03)
		sess, err := b.Session(b.ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		if again.Attempt != 2 || again.Cost != want || sess.TotalCost != want || b.spent() != want {
			t.Errorf("got attempt %d, cost %s, session %s, usage %s; want 2 and %s", again.Attempt, again.Cost, sess.TotalCost, b.spent(), want)
		}
		if sess.MessagesCount != 3 || sess.ImagesGenerated != 1 || sess.TotalTokensUsed != 1010 {
			t.Errorf("got counters %d messages, %d images, %d tokens; want 3, 1, 1010", sess.MessagesCount, sess.ImagesGenerated, sess.TotalTokensUsed)
		}
		u, err := b.Usage(b.ctx, time.Time{})
		if err != nil || u.Turns != 1 || u.Images != 1 || u.Budget.Spent != want || u.Budget.Daily != imagechat.Dollars(0.10) {
			t.Errorf("got usage %+v, %v", u, err)
		}
		_, err = b.Submit(b.ctx, id, draw("둘"), "")
		b.wantCode(err, imagechat.BudgetExceeded)
	}, imagechattest.Failure(imagechat.GeneratorProtocol, imagechat.ChargeUnknown, true), picture(1))
}

func TestTheEstimateIsWhatIsReserved(t *testing.T) {
	bubble(t, nil, func(b *bench) {
		b.script.Always(imagechattest.Reply{Delay: time.Hour})
		id := b.session()
		request := drawN(3)
		request.ImageSize = "2K"
		estimate := b.estimateOf(id, request)
		if estimate < 3*imagechat.Dollars(0.08) {
			t.Errorf("got estimate %s, less than three pictures cost", estimate)
		}
		turn := b.submit(id, request)
		if turn.EstimatedCost != estimate || b.spent() != estimate {
			t.Errorf("got %s on the turn and %s reserved, want %s", turn.EstimatedCost, b.spent(), estimate)
		}
	})
}

func TestAModelTellsWhatAFirstTurnIsReservedAt(t *testing.T) {
	b := newBench(t, nil)
	for _, m := range b.Models() {
		for size, told := range m.PerTurn() {
			r := draw("하나")
			r.Model, r.ImageSize = m.ID, size
			words := 2 * m.Input / 1_000_000
			if got := b.estimateOf(b.session(), r); told < m.Price(size) || got-told > words+1 || got < told {
				t.Errorf("%s at %s: told %s, reserved %s", m.ID, size, told, got)
			}
		}
	}
}

func TestARequestIsTakenInOnceForItsKey(t *testing.T) {
	bubble(t, nil, func(b *bench) {
		r := picture(1)
		r.Delay = time.Second
		b.script.Always(r)
		id := b.session()
		turns := make([]imagechat.TurnID, 50)
		var fresh atomic.Int32
		var all sync.WaitGroup
		for i := range turns {
			all.Go(func() {
				sub, err := b.Submit(b.ctx, id, draw("하나"), "key")
				if err != nil {
					t.Error(err)
					return
				}
				turns[i] = sub.Turn.ID
				if !sub.Replayed {
					fresh.Add(1)
				}
			})
		}
		all.Wait()
		for _, got := range turns {
			if got != turns[0] {
				t.Fatalf("got turns %s and %s for one key", turns[0], got)
			}
		}
		b.wait(turns[0])
		b.wantCalls(1)
		if fresh.Load() != 1 {
			t.Errorf("%d of 50 were told that they came first", fresh.Load())
		}
		_, err := b.Submit(b.ctx, id, draw("다른 것"), "key")
		b.wantCode(err, imagechat.IdempotencyMismatch)

		b.restart()
		sub, err := b.Submit(b.ctx, id, draw("하나"), "key")
		if err != nil || !sub.Replayed || sub.Turn.ID != turns[0] || sub.Turn.Status != imagechat.TurnSucceeded {
			t.Errorf("after a restart: got %+v, %v", sub, err)
		}
		other := b.submitKey(b.session(), "key")
		b.wantStatus(b.wait(other), imagechat.TurnSucceeded)
		b.wantCalls(2)
	})
}

func (b *bench) submitKey(id imagechat.SessionID, key string) imagechat.TurnID {
	b.t.Helper()
	sub, err := b.Submit(b.ctx, id, draw("하나"), key)
	if err != nil || sub.Replayed {
		b.t.Fatalf("got %+v, %v; want a fresh turn: keys are a session's own", sub, err)
	}
	return sub.Turn.ID
}

func TestAKnownKeyIsAnsweredEvenWhenNothingNewIsTakenIn(t *testing.T) {
	bubble(t, nil, func(b *bench) {
		b.script.Always(picture(1))
		id := b.session()
		first := b.submitKey(id, "key")
		b.wait(first)
		b.blobs().SetFree(1)
		if sub, err := b.Submit(b.ctx, id, draw("하나"), "key"); err != nil || sub.Turn.ID != first {
			t.Errorf("with a full disk: got %+v, %v", sub, err)
		}
		b.blobs().SetFree(1 << 40)
		if err := b.Drain(b.ctx); err != nil {
			t.Fatal(err)
		}
		if sub, err := b.Submit(b.ctx, id, draw("하나"), "key"); err != nil || sub.Turn.ID != first {
			t.Errorf("while draining: got %+v, %v", sub, err)
		}
		_, err := b.Submit(b.ctx, id, draw("하나"), "new")
		b.wantCode(err, imagechat.Interrupted)
		_, err = b.Retry(b.ctx, first)
		b.wantCode(err, imagechat.Interrupted)
	})
}

func TestRetryingTwiceAtOnceIsOneRetry(t *testing.T) {
	bubble(t, nil, func(b *bench) {
		turn := b.run(b.session(), draw("하나"))
		b.wantFailure(turn, imagechat.ContentBlocked)
		var won atomic.Int32
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if _, err := b.Retry(b.ctx, turn.ID); err == nil {
					won.Add(1)
				} else if imagechat.CodeOf(err) != imagechat.Conflict {
					t.Error(err)
				}
			})
		}
		all.Wait()
		b.wantStatus(b.wait(turn.ID), imagechat.TurnSucceeded)
		if won.Load() != 1 {
			t.Errorf("%d of 20 retries were taken, want 1", won.Load())
		}
		b.wantCalls(2)
	}, imagechattest.Failure(imagechat.ContentBlocked, imagechat.ChargeMetered, false), picture(1))
}

func TestTheTitleIsTheFirstLine(t *testing.T) {
	for content, want := range map[string]string{
		"  봄 세일 배너  \n둘째 줄": "봄 세일 배너",
		"가나다라 마바사 아자차카 타파하 가나다라 마바사 아자차카 타파하 가나다라 마바사": "가나다라 마바사 아자차카 타파하 가나다라 마바사 아자차카 타파하…",
	} {
		t.Run(want, func(t *testing.T) {
			bubble(t, nil, func(b *bench) {
				id := b.session()
				b.run(id, chat(content))
				sess, err := b.Session(b.ctx, id)
				if err != nil || sess.Title != want {
					t.Errorf("got title %q (%v), want %q", sess.Title, err, want)
				}
			}, imagechattest.Words("네"))
		})
	}
}

func TestUsageIsTheOwnersAndTheBudgetIsEverybodys(t *testing.T) {
	bubble(t, &imagechat.Options{DailyBudget: imagechat.Dollars(1)}, func(b *bench) {
		b.script.Always(picture(1))
		base, ann, bob := b.ctx, imagechat.WithOwner(b.ctx, "ann"), imagechat.WithOwner(b.ctx, "bob")
		b.ctx = ann
		b.run(b.session(), draw("1"))
		b.ctx = bob
		b.run(b.session(), draw("1"))
		b.run(b.session(), draw("2"))
		for i, owner := range []imagechat.Owner{"ann", "bob"} {
			u, err := b.Usage(imagechat.WithOwner(base, owner), time.Time{})
			if err != nil || u.USD != imagechat.Dollars(0.03)*imagechat.USD(i+1) || u.Budget.Spent != imagechat.Dollars(0.09) {
				t.Errorf("%s: got %+v, %v", owner, u, err)
			}
		}
		b.ctx = base
	})
}
