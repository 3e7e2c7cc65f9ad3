package imagechat_test

import (
	"testing"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

// failing is a reply that fails as an Error says.
func failing(e imagechat.Error) imagechattest.Reply { return imagechattest.Reply{Err: &e} }

func times(n int, r imagechattest.Reply) []imagechattest.Reply {
	out := make([]imagechattest.Reply, n)
	for i := range out {
		out[i] = r
	}
	return out
}

func TestOnlyWhatSurelyCostNothingIsRetried(t *testing.T) {
	t.Parallel()
	overloaded := failing(imagechat.Error{Code: imagechat.GeneratorOverloaded, Charge: imagechat.ChargeNone, Retryable: true})
	const estimate = -1 // stands for the turn's own estimate
	for name, tc := range map[string]struct {
		replies []imagechattest.Reply
		calls   int
		code    imagechat.Code // "" when it succeeds
		cost    imagechat.USD
		atLeast time.Duration // from submission to the end
		atMost  time.Duration
	}{
		"a 429 is": {
			replies: append(times(1, failing(imagechat.Error{Code: imagechat.RateLimited, Charge: imagechat.ChargeNone, Retryable: true})), picture(1)),
			calls:   2, cost: imagechat.Dollars(0.03), atLeast: time.Second, atMost: 1250 * time.Millisecond,
		},
		"a 503 is, three times, with growing pauses": {
			replies: append(times(3, overloaded), picture(1)),
			calls:   4, cost: imagechat.Dollars(0.03), atLeast: 7 * time.Second, atMost: 8750 * time.Millisecond,
		},
		"a 503 is not a fourth time": {
			replies: append(times(4, overloaded), picture(1)),
			calls:   4, code: imagechat.GeneratorOverloaded, atLeast: 7 * time.Second, atMost: 8750 * time.Millisecond,
		},
		"a 500 is": {
			replies: append(times(1, failing(imagechat.Error{Code: imagechat.GeneratorProtocol, Charge: imagechat.ChargeNone, Retryable: true})), picture(1)),
			calls:   2, cost: imagechat.Dollars(0.03), atLeast: time.Second, atMost: 1250 * time.Millisecond,
		},
		"after the delay that the answer names": {
			replies: append(times(1, failing(imagechat.Error{Code: imagechat.QuotaExhausted, Charge: imagechat.ChargeNone, Retryable: true, RetryAfter: 31 * time.Second})), picture(1)),
			calls:   2, cost: imagechat.Dollars(0.03), atLeast: 31 * time.Second, atMost: 38750 * time.Millisecond,
		},
		"a delay longer than people wait is not": {
			replies: times(4, failing(imagechat.Error{Code: imagechat.RateLimited, Charge: imagechat.ChargeNone, Retryable: true, RetryAfter: 10 * time.Minute})),
			calls:   1, code: imagechat.RateLimited,
		},
		"a day's quota is not": {
			replies: times(4, failing(imagechat.Error{Code: imagechat.QuotaExhausted, Charge: imagechat.ChargeNone, ResetsAt: time.Date(2000, 1, 2, 8, 0, 0, 0, time.UTC)})),
			calls:   1, code: imagechat.QuotaExhausted,
		},
		"a refusal is not": {
			replies: times(4, imagechattest.Reply{
				Err: &imagechat.Error{Code: imagechat.ContentBlocked, Charge: imagechat.ChargeMetered}, Cost: imagechat.Dollars(0.002),
			}),
			calls: 1, code: imagechat.ContentBlocked, cost: imagechat.Dollars(0.002),
		},
		"not even a refusal that cost nothing": {
			replies: times(4, failing(imagechat.Error{Code: imagechat.ContentBlocked, Charge: imagechat.ChargeNone, Retryable: true})),
			calls:   1, code: imagechat.ContentBlocked,
		},
		"a rejected key is not": {
			replies: times(4, imagechattest.Failure(imagechat.GeneratorRejectedKey, imagechat.ChargeNone, false)),
			calls:   1, code: imagechat.GeneratorRejectedKey,
		},
		"a lost answer is not, and counts as spent": {
			replies: times(4, imagechattest.Failure(imagechat.GeneratorProtocol, imagechat.ChargeUnknown, true)),
			calls:   1, code: imagechat.GeneratorProtocol, cost: estimate,
		},
		"an overload that may have been charged is not": {
			replies: times(4, imagechattest.Failure(imagechat.GeneratorOverloaded, imagechat.ChargeUnknown, true)),
			calls:   1, code: imagechat.GeneratorOverloaded, cost: estimate,
		},
		"an empty answer is not": {
			replies: []imagechattest.Reply{{Cost: imagechat.Dollars(0.001)}, picture(1)},
			calls:   1, code: imagechat.NoImageReturned, cost: imagechat.Dollars(0.001),
		},
		"drafts alone are an empty answer": {
			replies: []imagechattest.Reply{{Drafts: [][]byte{imagechattest.PNG(8, 8, 1)}, Cost: imagechat.Dollars(0.01)}, picture(1)},
			calls:   1, code: imagechat.NoImageReturned, cost: imagechat.Dollars(0.01),
		},
		"bytes that are no image are not, and cost what they cost": {
			replies: []imagechattest.Reply{imagechattest.Picture([]byte("<html>sign in</html>")), picture(1)},
			calls:   1, code: imagechat.GeneratorProtocol, cost: imagechat.Dollars(0.03),
		},
		"a call that lasts too long is not": {
			replies: []imagechattest.Reply{{Delay: time.Hour}, picture(1)},
			calls:   1, code: imagechat.GeneratorTimeout, cost: estimate, atLeast: 5 * time.Minute, atMost: 5 * time.Minute,
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, nil, func(b *bench) {
				began := time.Now()
				turn := b.run(b.session(), draw("하나"))
				took := time.Since(began)
				b.wantCalls(tc.calls)
				if tc.code == "" {
					b.wantStatus(turn, imagechat.TurnSucceeded)
				} else {
					b.wantFailure(turn, tc.code)
				}
				want := tc.cost
				if want == estimate {
					want = turn.EstimatedCost
					if turn.Error.Charge != imagechat.ChargeUnknown {
						t.Errorf("got charge %q, want unknown", turn.Error.Charge)
					}
				}
				if turn.Cost != want || b.spent() != want {
					t.Errorf("got cost %s and usage %s, want %s", turn.Cost, b.spent(), want)
				}
				if took < tc.atLeast || took > tc.atMost {
					t.Errorf("took %s, want %s to %s", took, tc.atLeast, tc.atMost)
				}
				b.wantEmptySpool()
			}, tc.replies...)
		})
	}
}

func TestRetriesAreShownWithTheTimeLeft(t *testing.T) {
	overloaded := failing(imagechat.Error{Code: imagechat.GeneratorOverloaded, Charge: imagechat.ChargeNone, Retryable: true})
	bubble(t, nil, func(b *bench) {
		id := b.session()
		seen := b.record(id, 0)
		b.wantStatus(b.run(id, draw("하나")), imagechat.TurnSucceeded)
		hints := seen.of(imagechat.StageRetrying)
		if len(hints) != 3 {
			t.Fatalf("got %d retrying hints, want 3", len(hints))
		}
		for i, h := range hints {
			base := time.Second << i
			if h.RetryAfter < base || h.RetryAfter > base+base/4 || h.Error.Code != imagechat.GeneratorOverloaded {
				t.Errorf("hint %d: got %s, %v; want %s and at most a quarter more", i, h.RetryAfter, h.Error, base)
			}
		}
	}, append(times(3, overloaded), picture(1))...)
}

func TestTheJitterDiffers(t *testing.T) {
	overloaded := failing(imagechat.Error{Code: imagechat.GeneratorOverloaded, Charge: imagechat.ChargeNone, Retryable: true, RetryAfter: time.Minute})
	bubble(t, nil, func(b *bench) {
		waits := map[time.Duration]bool{}
		for range 5 {
			b.script.Add(overloaded, picture(1))
			id := b.session()
			seen := b.record(id, 0)
			b.run(id, draw("하나"))
			waits[seen.of(imagechat.StageRetrying)[0].RetryAfter] = true
		}
		if len(waits) == 1 {
			t.Error("five retries waited for exactly the same time")
		}
	})
}

func TestWhileItPausesATurnCanBeCancelledForNothing(t *testing.T) {
	overloaded := failing(imagechat.Error{Code: imagechat.GeneratorOverloaded, Charge: imagechat.ChargeNone, Retryable: true, RetryAfter: time.Minute})
	bubble(t, nil, func(b *bench) {
		id := b.session()
		seen := b.record(id, 0)
		turn := b.submit(id, draw("하나"))
		for len(seen.of(imagechat.StageRetrying)) == 0 {
			time.Sleep(time.Second)
		}
		began := time.Now()
		cancelled, err := b.Cancel(b.ctx, turn.ID)
		if err != nil {
			t.Fatal(err)
		}
		b.wantStatus(cancelled, imagechat.TurnCancelled)
		if took := time.Since(began); took != 0 {
			t.Errorf("cancelling took %s", took)
		}
		if cancelled.Cost != 0 || cancelled.Error.Charge != imagechat.ChargeNone {
			t.Errorf("got cost %s and charge %q, want nothing", cancelled.Cost, cancelled.Error.Charge)
		}
		b.wantCalls(1)
		b.wantStates(turn.ID, imagechat.AttemptFailed)
	}, overloaded)
}

func TestWhileItWorksATurnIsHeardOfEveryTwoSeconds(t *testing.T) {
	bubble(t, nil, func(b *bench) {
		id := b.session()
		seen := b.record(id, 0)
		b.run(id, draw("하나"))
		seen.of(imagechat.StageGenerating)
		last := seen.at[0]
		for i, at := range seen.at {
			if gap := at.Sub(last); gap > 2*time.Second {
				t.Errorf("hint %d came %s after the one before", i, gap)
			}
			last = at
		}
		if n := len(seen.of(imagechat.StageGenerating)); n < 15 {
			t.Errorf("got %d generating hints in 30 s", n)
		}
	}, imagechattest.Reply{Delay: 30 * time.Second, Images: [][]byte{imagechattest.PNG(8, 8, 1)}})
}
