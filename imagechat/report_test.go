package imagechat_test

import (
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// What failed a call must reach the operator, and only the operator.
func TestTheCauseOfAFailedCallIsReportedAndRecordedButNotShown(t *testing.T) {
	t.Parallel()
	const secretive = "dial tcp: lookup nowhere.invalid: no such host"
	var mu sync.Mutex
	var reports []imagechat.CallReport
	options := &imagechat.Options{OnCall: func(r imagechat.CallReport) {
		mu.Lock()
		defer mu.Unlock()
		reports = append(reports, r)
	}}
	b := newBench(t, options, failing(imagechat.Error{
		Code: imagechat.GeneratorProtocol, Charge: imagechat.ChargeUnknown, Retryable: true, Upstream: 502, Err: errors.New(secretive),
	}), picture(1))
	session := b.session()
	turn := b.run(session, draw("하나"))
	b.run(session, draw("둘"))

	mu.Lock()
	defer mu.Unlock()
	if len(reports) != 2 {
		t.Fatalf("got %d reports, want one for each call", len(reports))
	}
	failed, good := reports[0], reports[1]
	if failed.TurnID != turn.ID || failed.SessionID != session || failed.Attempt == "" || failed.Number != 1 || failed.Call != 1 ||
		failed.Code != imagechat.GeneratorProtocol || failed.Charge != imagechat.ChargeUnknown || failed.Upstream != 502 ||
		failed.Err == nil || !strings.Contains(failed.Err.Error(), secretive) {
		t.Errorf("got the report %+v", failed)
	}
	if good.Code != "" || good.Err != nil || good.Upstream != 0 || good.TurnID == turn.ID {
		t.Errorf("got the report %+v of a call that succeeded", good)
	}
	attempts, err := b.ports.Repository.ListAttempts(t.Context(), turn.ID)
	if err != nil || len(attempts) != 1 || attempts[0].Error == nil || attempts[0].Error.Cause != secretive {
		t.Errorf("the attempt's record is %+v, %v; want the cause in it", attempts, err)
	}
	for _, shown := range []any{turn, b.reply(turn)} {
		if text, err := json.Marshal(shown); err != nil || strings.Contains(string(text), "nowhere") {
			t.Errorf("%s, %v: the cause is shown", text, err)
		}
	}
	if strings.Contains(turn.Error.Error(), "nowhere") {
		t.Errorf("the turn says %v", turn.Error)
	}
}

func TestEveryNotFoundIsNotFound(t *testing.T) {
	t.Parallel()
	for _, c := range []imagechat.Code{imagechat.NotFound, imagechat.SessionNotFound, imagechat.ImageNotFound, imagechat.TurnNotFound} {
		for _, err := range []error{c, &imagechat.Error{Code: c}, errors.Join(c)} {
			if !errors.Is(err, imagechat.NotFound) || !errors.Is(err, c) || errors.Is(err, imagechat.Conflict) {
				t.Errorf("%T of %s is not told", err, c)
			}
		}
	}
	if errors.Is(imagechat.NotFound, imagechat.SessionNotFound) || errors.Is(&imagechat.Error{Code: imagechat.TurnNotFound}, imagechat.ImageNotFound) {
		t.Error("one kind is taken for another")
	}
}
