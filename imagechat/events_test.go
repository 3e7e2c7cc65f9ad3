package imagechat_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

// TestAThousandDisconnectsMissAndRepeatNothing lets clients come and go at
// random while turns run.
func TestAThousandDisconnectsMissAndRepeatNothing(t *testing.T) {
	const clients, disconnects, turns = 40, 25, 60
	bubble(t, &imagechat.Options{MaxConcurrentTurns: 2}, func(b *bench) {
		b.script.Always(slow(time.Second))
		id := b.session()
		var all sync.WaitGroup
		for c := range clients {
			all.Go(func() {
				r := rand.New(rand.NewPCG(2026, uint64(c)))
				var last int64
				for left := disconnects; last < 2*turns; left-- {
					last = b.follow(id, last, left > 0, time.Duration(r.IntN(4000))*time.Millisecond)
				}
			})
		}
		for i := range turns {
			b.submit(id, chat(fmt.Sprint("말 ", i)))
			time.Sleep(time.Duration(i%3) * 700 * time.Millisecond)
		}
		all.Wait()
	})
}

// follow reads events after last until the connection breaks, and returns
// the new last. Every event must be the next one.
func (b *bench) follow(id imagechat.SessionID, last int64, breaks bool, after time.Duration) int64 {
	ctx, cancel := context.WithCancel(b.ctx)
	if breaks {
		ctx, cancel = context.WithTimeout(b.ctx, after)
	}
	defer cancel()
	sub, err := b.Subscribe(b.ctx, id, last)
	if err != nil {
		b.t.Error(err)
		return last
	}
	defer sub.Close()
	for last < 120 {
		u, err := sub.Next(ctx)
		switch {
		case err != nil:
			return last
		case u.Resync != nil:
			b.t.Errorf("was told to read anew after %d", last)
		case u.Event != nil && u.Event.Seq != last+1:
			b.t.Errorf("got event %d after %d", u.Event.Seq, last)
		}
		if u.Event != nil {
			last = u.Event.Seq
		}
	}
	return last
}

func TestAReaderWhoComesTooLateIsToldToReadAnew(t *testing.T) {
	bubble(t, &imagechat.Options{KeepEvents: 16}, func(b *bench) {
		b.script.Always(imagechattest.Words("네"))
		id := b.session()
		dawdler, err := b.Subscribe(b.ctx, id, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer dawdler.Close()
		for range 20 {
			b.run(id, chat("안녕"))
		}
		sess, err := b.Session(b.ctx, id)
		if err != nil || sess.LastSeq != 40 || sess.FirstSeq <= 1 || sess.LastSeq-sess.FirstSeq < 15 {
			t.Fatalf("got events %d to %d (%v), want at least the last 16 of 40", sess.FirstSeq, sess.LastSeq, err)
		}
		for name, tc := range map[string]struct {
			after int64
			first int64 // 0: a resync
		}{
			"from the beginning":                 {0, 0},
			"from just before the oldest":        {sess.FirstSeq - 2, 0},
			"from the oldest":                    {sess.FirstSeq - 1, sess.FirstSeq},
			"from the future of a lost database": {99, 0},
		} {
			sub, err := b.Subscribe(b.ctx, id, tc.after)
			if err != nil {
				t.Fatal(err)
			}
			u, err := sub.Next(b.ctx)
			switch {
			case err != nil:
				t.Errorf("%s: %v", name, err)
			case tc.first == 0 && (u.Resync == nil || u.Resync.Seq != 40):
				t.Errorf("%s: got %+v, want to be told to go on from 40", name, u)
			case tc.first != 0 && (u.Event == nil || u.Event.Seq != tc.first):
				t.Errorf("%s: got %+v, want event %d", name, u, tc.first)
			}
			sub.Close()
		}
		// A reader that was there and slept through the pruning.
		u, err := dawdler.Next(b.ctx)
		if err != nil || u.Resync == nil || u.Resync.Seq != 40 {
			t.Errorf("dawdler: got %+v, %v; want to be told to go on from 40", u, err)
		}
		b.run(id, chat("안녕"))
		for {
			u, err := dawdler.Next(b.ctx)
			if err != nil {
				t.Fatal(err)
			}
			if u.Hint != nil {
				continue
			}
			if u.Event == nil || u.Event.Seq != 41 {
				t.Errorf("dawdler: got %+v, want event 41", u)
			}
			break
		}
	})
}

func TestNoHintFollowsTheEndOfItsTurn(t *testing.T) {
	bubble(t, nil, func(b *bench) {
		b.script.Always(slow(5 * time.Second))
		id := b.session()
		sub, err := b.Subscribe(b.ctx, id, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer sub.Close()
		ended := map[imagechat.TurnID]bool{}
		for range 5 {
			b.submit(id, chat("안녕"))
		}
		for len(ended) < 5 {
			u, err := sub.Next(b.ctx)
			switch {
			case err != nil:
				t.Fatal(err)
			case u.Hint != nil && ended[u.Hint.TurnID]:
				t.Errorf("%s of a turn that has ended", u.Hint.Stage)
			case u.Event != nil && u.Event.Turn.Status.Ended():
				ended[u.Event.TurnID] = true
			}
		}
	})
}

func TestAReaderWhoNeverReadsHoldsLittle(t *testing.T) {
	bubble(t, nil, func(b *bench) {
		b.script.Always(slow(time.Minute))
		id := b.session()
		lazy, err := b.Subscribe(b.ctx, id, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer lazy.Close()
		b.run(id, chat("안녕"))
		synctest.Wait()
		expired, cancel := context.WithTimeout(b.ctx, time.Second)
		defer cancel()
		n := 0
		for {
			if _, err := lazy.Next(expired); err != nil {
				break
			}
			n++
		}
		if n > 2 {
			t.Errorf("%d updates waited for a reader that slept through a minute; want the two events", n)
		}
	})
}

func TestEverySubscriptionEndsWithTheService(t *testing.T) {
	bubble(t, nil, func(b *bench) {
		seen := b.record(b.session(), -1)
		synctest.Wait()
		b.stop()
		b.wantCode(<-seen.done, imagechat.Interrupted)
	})
}

func TestWhatIsNoRequestIsRefusedBeforeAnythingHappens(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	id := b.session()
	const nowhere = "00000000-0000-7000-8000-000000000000"
	for name, tc := range map[string]struct {
		request imagechat.TurnRequest
		field   string
		rule    string
		code    imagechat.Code
	}{
		"no kind":                 {imagechat.TurnRequest{Content: "x"}, "kind", "required", ""},
		"an unknown kind":         {imagechat.TurnRequest{Kind: "paint", Content: "x"}, "kind", "unknown", ""},
		"no words":                {chat(""), "content", "required", ""},
		"blanks":                  {chat(" \n\t"), "content", "required", ""},
		"2001 runes":              {chat(strings.Repeat("가", 2001)), "content", "too_long", ""},
		"a NUL":                   {chat("a\x00b"), "content", "nul", ""},
		"broken UTF-8":            {chat("a\xff"), "content", "not_utf8", ""},
		"five pictures":           {drawN(5), "count", "range", ""},
		"minus one picture":       {drawN(-1), "count", "range", ""},
		"a side too short":        {imagechat.TurnRequest{Kind: imagechat.KindGenerate, Content: "x", CustomWidth: 255, CustomHeight: 300}, "custom_width", "range", ""},
		"a side too long":         {imagechat.TurnRequest{Kind: imagechat.KindGenerate, Content: "x", CustomWidth: 300, CustomHeight: 4097}, "custom_height", "range", ""},
		"an unknown style":        {imagechat.TurnRequest{Kind: imagechat.KindGenerate, Content: "x", StylePreset: "no"}, "style_preset", "unknown", ""},
		"an unknown purpose":      {imagechat.TurnRequest{Kind: imagechat.KindGenerate, Content: "x", ImagePurpose: "no"}, "image_purpose", "unknown", ""},
		"an unknown size":         {imagechat.TurnRequest{Kind: imagechat.KindGenerate, Content: "x", ImageSize: "8K"}, "image_size", "unknown", ""},
		"fifteen references":      {imagechat.TurnRequest{Kind: imagechat.KindGenerate, Content: "x", ReferenceIDs: make([]imagechat.ImageID, 15)}, "reference_image_ids", "too_many", ""},
		"an unknown role":         {imagechat.TurnRequest{Kind: imagechat.KindGenerate, Content: "x", ReferenceRoles: []string{"logo", "wall"}}, "reference_roles", "unknown", ""},
		"refining nothing":        {imagechat.TurnRequest{Kind: imagechat.KindRefine, Content: "x"}, "image_id", "required", ""},
		"refining what is not":    {imagechat.TurnRequest{Kind: imagechat.KindRefine, Content: "x", ImageID: nowhere}, "", "", imagechat.ImageNotFound},
		"an id that is none":      {imagechat.TurnRequest{Kind: imagechat.KindRefine, Content: "x", ImageID: "../../etc"}, "", "", imagechat.ImageNotFound},
		"a reference that is not": {imagechat.TurnRequest{Kind: imagechat.KindGenerate, Content: "x", ReferenceIDs: []imagechat.ImageID{nowhere}}, "", "", imagechat.ImageNotFound},
	} {
		_, err := b.Submit(b.ctx, id, tc.request, "key")
		if tc.code != "" {
			if imagechat.CodeOf(err) != tc.code {
				t.Errorf("%s: got %v, want %s", name, err, tc.code)
			}
			continue
		}
		e := imagechat.AsError(err)
		if e == nil || e.Code != imagechat.InvalidRequest || len(e.Fields) != 1 || e.Fields[0].Location != tc.field || e.Fields[0].Rule != tc.rule {
			t.Errorf("%s: got %v, want %s %s", name, err, tc.field, tc.rule)
		}
	}
	if _, err := b.Submit(b.ctx, id, chat("x"), strings.Repeat("k", 256)); imagechat.CodeOf(err) != imagechat.InvalidRequest {
		t.Errorf("a key of 256 bytes: got %v", err)
	}
	if _, err := b.Submit(b.ctx, nowhere, chat("x"), ""); imagechat.CodeOf(err) != imagechat.SessionNotFound {
		t.Errorf("an unknown session: got %v", err)
	}
	page, err := b.Messages(b.ctx, id, "", 0)
	if err != nil || len(page.Messages) != 0 || b.spent() != 0 {
		t.Errorf("got %d messages (%v) and %s spent, want nothing", len(page.Messages), err, b.spent())
	}
	b.wantCalls(0)
}

func TestTheMostThatMayBeSaidMayBeSaid(t *testing.T) {
	bubble(t, nil, func(b *bench) {
		b.wantStatus(b.run(b.session(), chat(strings.Repeat("가", 2000))), imagechat.TurnSucceeded)
	}, imagechattest.Words("네"))
}
