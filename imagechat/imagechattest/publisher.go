package imagechattest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// TestPublisher checks that a publisher keeps the contract of
// imagechat.Publisher. Delivery may take a moment, but on a quiet network it
// is expected within half a minute.
func TestPublisher(t *testing.T, open func(t *testing.T) imagechat.Publisher) {
	run := func(name string, f func(t *testing.T, p imagechat.Publisher)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f(t, open(t))
		})
	}
	run("every subscriber gets every signal in order", testPublishOrder)
	run("a signal arrives as it was sent", testPublishContent)
	run("sessions are apart", testPublishApart)
	run("nothing comes after cancel", testPublishCancel)
	run("without subscribers publishing is no error", testPublishNobody)
	run("publishing, subscribing and cancelling at once", testPublishConcurrent)
}

func mustPublish(t *testing.T, p imagechat.Publisher, s imagechat.Signal) {
	t.Helper()
	if err := p.Publish(t.Context(), s); err != nil {
		t.Errorf("Publish: %v", err)
	}
}

// receive returns the next signal, or fails the test when none comes.
func receive(t *testing.T, c <-chan imagechat.Signal) imagechat.Signal {
	t.Helper()
	select {
	case s := <-c:
		return s
	case <-time.After(30 * time.Second):
		t.Fatal("no signal came")
		return imagechat.Signal{}
	}
}

func testPublishOrder(t *testing.T, p imagechat.Publisher) {
	const n = 200
	var chans [3]chan imagechat.Signal
	for i := range chans {
		c := make(chan imagechat.Signal, n)
		chans[i] = c
		defer p.Subscribe("s", func(s imagechat.Signal) { c <- s })()
	}
	for i := range n {
		mustPublish(t, p, imagechat.Signal{SessionID: "s", Seq: int64(i)})
	}
	for i, c := range chans {
		for want := range n {
			if got := receive(t, c).Seq; got != int64(want) {
				t.Fatalf("subscriber %d: got signal %d, want %d", i, got, want)
			}
		}
	}
}

func testPublishContent(t *testing.T, p imagechat.Publisher) {
	c := make(chan imagechat.Signal, 3)
	defer p.Subscribe("s", func(s imagechat.Signal) { c <- s })()
	mustPublish(t, p, imagechat.Signal{SessionID: "s", Seq: 7, Event: &imagechat.Event{SessionID: "s", Seq: 7, Type: imagechat.EventMessage}})
	mustPublish(t, p, imagechat.Signal{SessionID: "s", Hint: &imagechat.Hint{TurnID: "t", Stage: imagechat.StageStreaming, Text: "조명 💡"}})
	mustPublish(t, p, imagechat.Signal{SessionID: "s", Deleted: true})
	// An event may be left out: it can be read by its number.
	if got := receive(t, c); got.Seq != 7 || got.SessionID != "s" || got.Event != nil && got.Event.Type != imagechat.EventMessage {
		t.Errorf("the event came as %+v", got)
	}
	if got := receive(t, c); got.Hint == nil || got.Hint.Text != "조명 💡" || got.Hint.TurnID != "t" {
		t.Errorf("the hint came as %+v", got)
	}
	if got := receive(t, c); !got.Deleted {
		t.Errorf("the deletion came as %+v", got)
	}
}

func testPublishApart(t *testing.T, p imagechat.Publisher) {
	c := make(chan imagechat.Signal, 2)
	defer p.Subscribe("mine", func(s imagechat.Signal) { c <- s })()
	mustPublish(t, p, imagechat.Signal{SessionID: "yours", Seq: 1})
	mustPublish(t, p, imagechat.Signal{SessionID: "mine", Seq: 2})
	if got := receive(t, c); got.Seq != 2 {
		t.Errorf("got %+v, want the signal of my session alone", got)
	}
}

func testPublishCancel(t *testing.T, p imagechat.Publisher) {
	cancelled, other := make(chan imagechat.Signal, 10), make(chan imagechat.Signal, 10)
	cancel := p.Subscribe("s", func(s imagechat.Signal) { cancelled <- s })
	defer p.Subscribe("s", func(s imagechat.Signal) { other <- s })()
	mustPublish(t, p, imagechat.Signal{SessionID: "s", Seq: 1})
	receive(t, cancelled)
	receive(t, other)
	cancel()
	cancel()
	mustPublish(t, p, imagechat.Signal{SessionID: "s", Seq: 2})
	if got := receive(t, other); got.Seq != 2 {
		t.Errorf("the other subscriber got %+v", got)
	}
	if len(cancelled) != 0 {
		t.Errorf("got %+v after cancel", <-cancelled)
	}
}

func testPublishNobody(t *testing.T, p imagechat.Publisher) {
	mustPublish(t, p, imagechat.Signal{SessionID: "s", Seq: 1})
	c := make(chan imagechat.Signal, 2)
	defer p.Subscribe("s", func(s imagechat.Signal) { c <- s })()
	mustPublish(t, p, imagechat.Signal{SessionID: "s", Seq: 2})
	if got := receive(t, c); got.Seq != 2 {
		t.Errorf("got %+v, want only what was published after Subscribe", got)
	}
}

func testPublishConcurrent(t *testing.T, p imagechat.Publisher) {
	var wg sync.WaitGroup
	for i := range 20 {
		session := imagechat.SessionID(fmt.Sprint("s", i%4))
		wg.Go(func() {
			for range 20 {
				var mu sync.Mutex // unlocked by nobody else: calls come one at a time
				cancel := p.Subscribe(session, func(imagechat.Signal) {
					if !mu.TryLock() {
						t.Error("two calls at a time")
						return
					}
					mu.Unlock()
				})
				mustPublish(t, p, imagechat.Signal{SessionID: session})
				cancel()
			}
		})
	}
	wg.Wait()
}
