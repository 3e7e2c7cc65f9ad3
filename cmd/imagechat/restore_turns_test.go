package main

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/bunstore"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/fsblob"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

// serviceOn starts a service with one generator slot on the data directories.
func serviceOn(t *testing.T, c config, g imagechat.Generator) (*imagechat.Service, func()) {
	t.Helper()
	store, err := bunstore.Open(t.Context(), databaseURL(c.DatabasePath), nil)
	if err != nil {
		t.Fatal(err)
	}
	blobs, err := fsblob.Open(c.BlobDir)
	if err != nil {
		t.Fatal(err)
	}
	s, err := imagechat.New(imagechat.Ports{Generator: g, Repository: store, Blobs: blobs, Spool: blobs.Spool()},
		&imagechat.Options{MaxConcurrentTurns: 1, ReserveBytes: -1})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s, func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
		if err := blobs.Close(); err != nil {
			t.Error(err)
		}
	}
}

// A backup is made while a turn has a call still to make. The turn goes on
// and its pictures are bought; then the disk dies and the backup is restored.
func TestARestoredBackupBuysNothing(t *testing.T) {
	t.Parallel()
	held := func(hold chan struct{}) imagechattest.Reply {
		return imagechattest.Reply{Wait: hold, Images: [][]byte{imagechattest.PNG(16, 16, 1)}, Cost: imagechat.Dollars(0.03)}
	}
	tests := []struct {
		name   string
		first  func(hold chan struct{}) imagechattest.Reply
		count  int  // pictures of the first turn
		second bool // another turn waits behind it
	}{
		{"a turn that waits behind another", held, 1, true},
		{"a turn between an overload and its retry", func(chan struct{}) imagechattest.Reply {
			return imagechattest.Reply{Err: &imagechat.Error{
				Code: imagechat.RateLimited, Charge: imagechat.ChargeNone, Retryable: true, RetryAfter: 2 * time.Second,
			}}
		}, 1, false},
		{"a turn whose second picture waits for a slot", held, 2, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			hold := make(chan struct{})
			script := imagechattest.NewScript(test.first(hold))
			script.Always(imagechattest.Reply{Images: [][]byte{imagechattest.PNG(16, 16, 2)}, Cost: imagechat.Dollars(0.03)})
			c := prepared(t)
			s, end := serviceOn(t, c, script)
			sess, err := s.CreateSession(t.Context(), imagechat.NewSession{ImagePurpose: "email_header"})
			if err != nil {
				t.Fatal(err)
			}
			turns := []imagechat.TurnID{draw(t, s, sess.ID, test.count)}
			if err := script.WaitCalls(t.Context(), 1); err != nil {
				t.Fatal(err)
			}
			if test.second {
				turns = append(turns, draw(t, s, sess.ID, 1))
			}
			waitUntilACallIsToBeMade(t, c)
			var archive bytes.Buffer
			if _, err := writeBackup(t.Context(), c, &archive); err != nil {
				t.Fatal(err)
			}
			close(hold)
			for _, id := range turns {
				if turn, err := s.Wait(t.Context(), id); err != nil || turn.Status != imagechat.TurnSucceeded {
					t.Fatalf("the turn before the disk died: %+v, %v", turn, err)
				}
			}
			end()

			restored := prepared(t)
			if _, err := restoreBackup(t.Context(), restored, &archive); err != nil {
				t.Fatal(err)
			}
			again := imagechattest.NewScript()
			s, end = serviceOn(t, restored, again)
			defer end()
			if calls := len(again.Calls()); calls > 0 {
				t.Errorf("%d pictures were bought again without anybody asking", calls)
			}
			checkEndedTurns(t, s, sess.ID, turns)
		})
	}
}

func draw(t *testing.T, s *imagechat.Service, id imagechat.SessionID, count int) imagechat.TurnID {
	t.Helper()
	sub, err := s.Submit(t.Context(), id, imagechat.TurnRequest{Kind: imagechat.KindGenerate, Content: "그림", Count: count}, "")
	if err != nil {
		t.Fatal(err)
	}
	return sub.Turn.ID
}

// waitUntilACallIsToBeMade waits for an attempt that is reserved.
func waitUntilACallIsToBeMade(t *testing.T, c config) {
	t.Helper()
	store, err := bunstore.OpenExisting(t.Context(), databaseURL(c.DatabasePath))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	for {
		live, err := store.ListAttempts(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range live {
			if a.State == imagechat.AttemptReserved {
				return
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// checkEndedTurns expects of every turn an end that people can see, in
// messages, events, counters and costs.
func checkEndedTurns(t *testing.T, s *imagechat.Service, id imagechat.SessionID, turns []imagechat.TurnID) {
	t.Helper()
	for _, turnID := range turns {
		turn, err := s.Turn(t.Context(), turnID)
		if err != nil {
			t.Fatal(err)
		}
		if turn.Status != imagechat.TurnFailed || imagechat.CodeOf(turn.Error) != imagechat.Interrupted || turn.Error.Charge != imagechat.ChargeUnknown {
			t.Errorf("turn %s: got %s (%+v), want failed as interrupted, perhaps charged", turnID, turn.Status, turn.Error)
		}
		if turn.AssistantMessageID == "" || turn.Cost != turn.EstimatedCost {
			t.Errorf("turn %s: got reply %q and cost %s, want a reply and the estimate %s", turnID, turn.AssistantMessageID, turn.Cost, turn.EstimatedCost)
		}
	}
	sess, err := s.Session(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	page, err := s.Messages(t.Context(), id, "", 0)
	if err != nil {
		t.Fatal(err)
	}
	usage, err := s.Usage(t.Context(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if sess.TotalCost != usage.USD || usage.USD == 0 {
		t.Errorf("the session says %s, usage %s", sess.TotalCost, usage.USD)
	}
	if want := 2 * len(turns); len(page.Messages) != want || sess.MessagesCount != want || sess.LastSeq != int64(want) {
		t.Errorf("got %d messages, counted %d, last event %d; want %d of each", len(page.Messages), sess.MessagesCount, sess.LastSeq, want)
	}
}
