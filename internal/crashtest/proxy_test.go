//go:build !windows

package crashtest

import (
	"context"
	"strings"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini/geminitest"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/memory"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/secret"
)

// wire is a service whose way to the stand-in leads through a proxy that
// disturbs it.
type wire struct {
	*imagechat.Service
	t      *testing.T
	google *geminitest.Server
	proxy  *toxiproxy.Proxy
}

func newWire(t *testing.T, timeout time.Duration, toxic string) *wire {
	t.Helper()
	google, err := geminitest.New(&geminitest.Options{MaxSide: 48, SignatureBytes: 4 << 10})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(google.Close)
	w := &wire{t: t, google: google}
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(prometheus.NewRegistry()), zerolog.Nop())
	w.proxy = toxiproxy.NewProxy(server, t.Name(), "127.0.0.1:0", strings.TrimPrefix(google.URL, "http://"))
	if err := w.proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.proxy.Stop)
	if toxic != "" {
		if _, err := w.proxy.Toxics.AddToxicJson(strings.NewReader(toxic)); err != nil {
			t.Fatal(err)
		}
	}
	g, err := gemini.New(gemini.Options{APIKey: secret.New("test"), BaseURL: "http://" + w.proxy.Listen, IdleTimeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	w.Service, err = imagechat.New(memory.Ports(g), &imagechat.Options{TurnTimeout: timeout})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return w
}

func (w *wire) submit(words string) *imagechat.Turn {
	w.t.Helper()
	sess, err := w.CreateSession(w.t.Context(), imagechat.NewSession{ImagePurpose: "email_header"})
	if err != nil {
		w.t.Fatal(err)
	}
	sub, err := w.Submit(w.t.Context(), sess.ID, imagechat.TurnRequest{Kind: imagechat.KindGenerate, Content: words}, "")
	if err != nil {
		w.t.Fatal(err)
	}
	return sub.Turn
}

func (w *wire) wait(id imagechat.TurnID) *imagechat.Turn {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	t, err := w.Wait(ctx, id)
	if err != nil || !t.Status.Ended() {
		w.t.Fatalf("got %+v, %v; want an end", t, err)
	}
	return t
}

func TestABadConnectionIsPaidForOnceAndBookedHonestly(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		toxic   string
		words   string
		timeout time.Duration
		code    imagechat.Code // "" when it succeeds
	}{
		"a slow way": {
			toxic: `{"name":"t","type":"latency","stream":"downstream","attributes":{"latency":300}}`,
		},
		"an answer in slices": {
			toxic: `{"name":"t","type":"slicer","stream":"downstream","attributes":{"average_size":700,"size_variation":200,"delay":2000}}`,
		},
		"a connection reset before the answer": {
			toxic: `{"name":"t","type":"reset_peer","stream":"downstream","attributes":{"timeout":300}}`,
			words: "[[slow 2s]]", code: imagechat.Interrupted,
		},
		"an answer cut off": {
			toxic: `{"name":"t","type":"limit_data","stream":"downstream","attributes":{"bytes":1500}}`,
			code:  imagechat.GeneratorProtocol,
		},
		"a trickle that outlasts the call's time": {
			toxic: `{"name":"t","type":"bandwidth","stream":"downstream","attributes":{"rate":1}}`, timeout: 4 * time.Second,
			code: imagechat.GeneratorTimeout,
		},
		"silence before the answer":   {words: "[[hang]]", timeout: 3 * time.Second, code: imagechat.GeneratorTimeout},
		"silence in the middle of it": {words: "[[stall]]", code: imagechat.GeneratorTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tc.timeout == 0 {
				tc.timeout = 30 * time.Second
			}
			w := newWire(t, tc.timeout, tc.toxic)
			done := w.wait(w.submit("a lamp " + tc.words).ID)
			if got := w.google.Calls(); got != 1 {
				t.Errorf("the maker was called %d times, want once", got)
			}
			u, err := w.Usage(t.Context(), time.Time{})
			if err != nil || u.USD != done.Cost {
				t.Errorf("got usage %+v, %v; want the turn's %s", u, err, done.Cost)
			}
			if tc.code == "" {
				if done.Status != imagechat.TurnSucceeded || done.Cost == 0 || done.Cost == done.EstimatedCost {
					t.Errorf("got turn %s (%v) for %s, want a picture at its own price", done.Status, done.Error, done.Cost)
				}
				return
			}
			if done.Status != imagechat.TurnFailed || done.Error.Code != tc.code || !done.Error.Retryable {
				t.Fatalf("got turn %s (%v), want %s, retryable", done.Status, done.Error, tc.code)
			}
			if done.Error.Charge != imagechat.ChargeUnknown || done.Cost != done.EstimatedCost || done.Cost == 0 {
				t.Errorf("got charge %q and cost %s, want the estimate of %s", done.Error.Charge, done.Cost, done.EstimatedCost)
			}
		})
	}
}

func TestAMakerWhoIsAwayForAMomentIsCalledAgainForNothing(t *testing.T) {
	t.Parallel()
	w := newWire(t, time.Minute, "")
	w.proxy.Stop()
	sess, err := w.CreateSession(t.Context(), imagechat.NewSession{ImagePurpose: "email_header"})
	if err != nil {
		t.Fatal(err)
	}
	sub, err := w.Subscribe(t.Context(), sess.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close()
	taken, err := w.Submit(t.Context(), sess.ID, imagechat.TurnRequest{Kind: imagechat.KindGenerate, Content: "a lamp"}, "")
	if err != nil {
		t.Fatal(err)
	}
	for {
		u, err := sub.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if u.Hint != nil && u.Hint.Stage == imagechat.StageRetrying {
			break
		}
	}
	if err := w.proxy.Start(); err != nil {
		t.Fatal(err)
	}
	done := w.wait(taken.Turn.ID)
	if done.Status != imagechat.TurnSucceeded || w.google.Calls() != 1 {
		t.Errorf("got turn %s (%v) after %d calls that arrived, want a picture after one", done.Status, done.Error, w.google.Calls())
	}
}
