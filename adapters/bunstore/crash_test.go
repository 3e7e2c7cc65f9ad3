package bunstore_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/bunstore"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

func TestMain(m *testing.M) {
	if task, dir := imagechattest.ChildTask(); task != "" {
		if err := child(task, dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// child writes until it is killed, and prints what was acknowledged.
func child(task, dir string) error {
	ctx := context.Background()
	s, err := bunstore.OpenFile(ctx, filepath.Join(dir, "image_chat.db"), nil)
	if err != nil {
		return err
	}
	if err := s.CreateSession(ctx, &imagechat.Session{ID: "s", FirstSeq: 1}); err != nil {
		return err
	}
	if task == "append" {
		for {
			e := &imagechat.Event{SessionID: "s", Type: imagechat.EventSession}
			if err := s.AppendEvent(ctx, e); err != nil {
				return err
			}
			fmt.Println(e.Seq)
		}
	}
	return s.Atomically(ctx, func(tx imagechat.Repository) error {
		for i := range 100 {
			id := imagechat.MessageID(fmt.Sprint(i))
			if err := tx.CreateMessage(ctx, &imagechat.Message{ID: id, SessionID: "s", Text: "따뜻한 조명 아래의 커피"}); err != nil {
				return err
			}
		}
		fmt.Println("in the middle")
		select {}
	})
}

func TestWhatWasAcknowledgedSurvivesAKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := imagechattest.StartChild(t, "append", dir)
	var last string
	for range 50 {
		line, ok := c.Line()
		if !ok {
			t.Fatal("the child ended by itself")
		}
		last = line
	}
	if rest := c.Kill(); len(rest) > 0 {
		last = rest[len(rest)-1]
	}
	acknowledged, err := strconv.Atoi(last)
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, filepath.Join(dir, "image_chat.db"))
	if err := s.IntegrityCheck(t.Context()); err != nil {
		t.Error(err)
	}
	events, err := s.ListEvents(t.Context(), "s", 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	// One more may have been committed and not printed yet.
	if n := len(events); n != acknowledged && n != acknowledged+1 {
		t.Errorf("%d events are there, %d were acknowledged", n, acknowledged)
	}
	for i, e := range events {
		if e.Seq != int64(i+1) {
			t.Errorf("event %d has the number %d", i+1, e.Seq)
		}
	}
	session, err := s.GetSession(t.Context(), "s")
	if err != nil || session.LastSeq != int64(len(events)) {
		t.Errorf("the session has %+v, %v, want LastSeq %d", session, err, len(events))
	}
}

func TestATransactionThatIsKilledLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := imagechattest.StartChild(t, "transaction", dir)
	if line, ok := c.Line(); !ok || line != "in the middle" {
		t.Fatalf("the child said %q and ended by itself", line)
	}
	c.Kill()
	s := open(t, filepath.Join(dir, "image_chat.db"))
	messages, err := s.ListMessages(t.Context(), "s", "", 0)
	if len(messages) != 0 || err != nil {
		t.Errorf("%d messages of the killed transaction are there, %v", len(messages), err)
	}
	n, err := s.CountSessions(t.Context(), imagechat.SessionFilter{Search: imagechat.SearchKeys("조명")})
	if n != 0 || err != nil {
		t.Errorf("search finds %d of them, %v", n, err)
	}
	if err := s.IntegrityCheck(t.Context()); err != nil {
		t.Error(err)
	}
	// The lock went with the process.
	if err := s.CreateMessage(t.Context(), &imagechat.Message{ID: "0", SessionID: "s"}); err != nil {
		t.Errorf("CreateMessage: %v", err)
	}
}
