package imagechat_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

// told reads what was logged under a message.
func told(t *testing.T, log *bytes.Buffer, message string) []map[string]any {
	t.Helper()
	var found []map[string]any
	for line := range strings.Lines(log.String()) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("%q is no line of JSON: %v", line, err)
		}
		if m["msg"] == message {
			found = append(found, m)
		}
	}
	return found
}

// failed is a reply that fails at the maker, with its status and words.
func failed(code imagechat.Code, charge imagechat.Charge, status int, cause string) imagechattest.Reply {
	return failing(imagechat.Error{Code: code, Charge: charge, Upstream: status, Err: errors.New(cause)})
}

func TestEveryOutcomeIsInTheLog(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		reply   imagechattest.Reply
		level   string // of the turn's line
		attempt string // of the failed attempt's, "" where there is none
		want    map[string]any
	}{
		"a picture": {picture(1), "INFO", "", map[string]any{"outcome": "succeeded", "pictures": 1.0, "usd": 0.03}},
		"a refusal": {
			failed(imagechat.ContentBlocked, imagechat.ChargeNone, 200, "IMAGE_SAFETY"), "INFO", "WARN",
			map[string]any{"outcome": "failed", "code": "content_blocked"},
		},
		"a revoked key": {
			failed(imagechat.GeneratorRejectedKey, imagechat.ChargeNone, 403, "API key was reported as leaked"), "WARN", "WARN",
			map[string]any{"outcome": "failed", "code": "generator_rejected_key", "upstream_status": 403.0, "usd": 0.0},
		},
		"a lost answer": {
			failed(imagechat.GeneratorProtocol, imagechat.ChargeUnknown, 200, "unexpected EOF"), "WARN", "WARN",
			map[string]any{"outcome": "failed", "code": "generator_protocol", "charge": "unknown"},
		},
		"damage": {
			failed(imagechat.StorageUnavailable, imagechat.ChargeNone, 0, "disk image is malformed"), "ERROR", "ERROR",
			map[string]any{"outcome": "failed", "code": "storage_unavailable"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			o := &imagechat.Options{Logger: slog.New(slog.NewJSONHandler(&log, nil))}
			bubble(t, o, func(b *bench) {
				b.ctx = imagechat.WithRequestID(imagechat.WithOwner(b.ctx, "mina"), "request-1")
				turn := b.run(b.session(), drawN(1))
				b.stop()
				lines := told(t, &log, "turn")
				if len(lines) != 1 || lines[0]["level"] != tc.level {
					t.Fatalf("got the lines %v, want one at %s", lines, tc.level)
				}
				for key, want := range map[string]any{
					"turn": string(turn.ID), "session": string(turn.SessionID), "owner": "mina", "request": "request-1", "kind": "generate",
				} {
					if lines[0][key] != want {
						t.Errorf("%s: got %v, want %v", key, lines[0][key], want)
					}
				}
				for key, want := range tc.want {
					if lines[0][key] != want {
						t.Errorf("%s: got %v, want %v", key, lines[0][key], want)
					}
				}
				wantAttempt(t, &log, turn, tc.attempt, tc.reply.Err)
			}, times(4, tc.reply)...)
		})
	}
}

func wantAttempt(t *testing.T, log *bytes.Buffer, turn *imagechat.Turn, level string, cause error) {
	t.Helper()
	lines := told(t, log, "attempt failed")
	if level == "" {
		if len(lines) != 0 {
			t.Errorf("got %v, want no failed attempt", lines)
		}
		return
	}
	if len(lines) == 0 {
		t.Fatal("the failed attempt has no line")
	}
	line := lines[0]
	if line["level"] != level || line["turn"] != string(turn.ID) || line["request"] != "request-1" || line["call"] != 1.0 ||
		!strings.Contains(line["cause"].(string), errors.Unwrap(cause).Error()) {
		t.Errorf("got %v", line)
	}
}

func TestARefusedTurnIsInTheLog(t *testing.T) {
	var log bytes.Buffer
	var refused []imagechat.Code
	o := &imagechat.Options{
		Logger: slog.New(slog.NewJSONHandler(&log, nil)), DailyBudget: imagechat.Dollars(0.0001),
		OnRefused: func(c imagechat.Code) { refused = append(refused, c) },
	}
	bubble(t, o, func(b *bench) {
		b.ctx = imagechat.WithRequestID(imagechat.WithOwner(b.ctx, "mina"), "request-1")
		id := b.session()
		if _, err := b.Submit(b.ctx, id, drawN(1), ""); imagechat.CodeOf(err) != imagechat.BudgetExceeded {
			t.Fatalf("got %v, want %s", err, imagechat.BudgetExceeded)
		}
		if _, err := b.Submit(b.ctx, id, imagechat.TurnRequest{Kind: imagechat.KindChat}, ""); err == nil {
			t.Fatal("an empty request was taken")
		}
		b.stop()
	})
	lines := told(t, &log, "turn refused")
	if len(lines) != 1 || lines[0]["level"] != "WARN" || lines[0]["owner"] != "mina" || lines[0]["budget"] != "daily" || lines[0]["request"] != "request-1" {
		t.Errorf("got %v, want the budget's refusal alone", lines)
	}
	if len(refused) != 1 || refused[0] != imagechat.BudgetExceeded {
		t.Errorf("OnRefused was told %v", refused)
	}
}

func TestReportsOfCallsSumToWhatIsBooked(t *testing.T) {
	var mu sync.Mutex
	var sum imagechat.USD
	o := &imagechat.Options{OnCall: func(r imagechat.CallReport) {
		mu.Lock()
		defer mu.Unlock()
		sum += r.Cost
	}}
	replies := []imagechattest.Reply{
		imagechattest.Failure(imagechat.GeneratorTimeout, imagechat.ChargeUnknown, true), // lost, and may be charged
		failing(imagechat.Error{Code: imagechat.GeneratorOverloaded, Charge: imagechat.ChargeNone, Retryable: true}),
		picture(1),
	}
	bubble(t, o, func(b *bench) {
		id := b.session()
		b.run(id, drawN(1))
		b.run(id, drawN(1))
		usage, err := b.Usage(b.ctx, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		mu.Lock()
		defer mu.Unlock()
		if sum != usage.USD || sum == 0 {
			t.Errorf("the reports sum to %s, booked are %s", sum, usage.USD)
		}
	}, replies...)
}

func TestARejectedKeyIsAWarningUntilACallSucceeds(t *testing.T) {
	bubble(t, nil, func(b *bench) {
		id := b.session()
		if got := b.Warnings(); len(got) != 0 {
			t.Fatalf("got %v before any call", got)
		}
		b.run(id, drawN(1))
		got := b.Warnings()
		if len(got) != 1 || !strings.Contains(got[0].EN, "GEMINI_API_KEY") || !strings.Contains(got[0].KO, "GEMINI_API_KEY") {
			t.Fatalf("got %v, want one that names the setting in both languages", got)
		}
		b.run(id, drawN(1))
		if got := b.Warnings(); len(got) != 0 {
			t.Errorf("got %v after a call that succeeded", got)
		}
	}, imagechattest.Failure(imagechat.GeneratorRejectedKey, imagechat.ChargeNone, false), picture(1))
}

func TestReadinessEndsWithTheDrain(t *testing.T) {
	bubble(t, nil, func(b *bench) {
		if got := b.Ready(b.ctx); len(got) != 0 {
			t.Fatalf("got %v, want a service that is ready", got)
		}
		if err := b.Drain(b.ctx); err != nil {
			t.Fatal(err)
		}
		if got := b.Ready(b.ctx); got["drain"] == nil {
			t.Errorf("got %v while it ends, want drain", got)
		}
		if got := b.Health(b.ctx); len(got) != 0 {
			t.Errorf("health: got %v, want none: a restart mends nothing", got)
		}
	})
}
