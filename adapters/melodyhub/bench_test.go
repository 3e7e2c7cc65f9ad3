package melodyhub_test

import (
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/melodyhub"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/memory"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

// readers is how many tabs follow one session in the benchmarks.
const readers = 200

// crowd connects readers to a server; each tells when it got a frame of at
// least 1 KB.
func crowd(b *testing.B, url string) (got chan struct{}) {
	b.Helper()
	got = make(chan struct{}, readers)
	for range readers {
		conn, _, err := websocket.DefaultDialer.Dial(url, nil)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = conn.Close() })
		go func() {
			for {
				_, msg, err := conn.ReadMessage()
				if err != nil {
					return
				}
				if len(msg) > 1000 {
					got <- struct{}{}
				}
			}
		}()
	}
	return got
}

func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// measure broadcasts b.N times and reports the processor time of server and
// clients together for one delivery.
func measure(b *testing.B, got chan struct{}, broadcast func()) {
	began := cpu()
	for b.Loop() {
		broadcast()
		for range readers {
			<-got
		}
	}
	b.ReportMetric(float64((cpu()-began).Microseconds())/float64(b.N*readers), "cpu-µs/delivery")
}

func BenchmarkFanOut(b *testing.B) {
	svc, err := imagechat.New(memory.Ports(imagechattest.NewScript()), nil)
	if err != nil {
		b.Fatal(err)
	}
	if err := svc.Start(b.Context()); err != nil {
		b.Fatal(err)
	}
	hub, err := melodyhub.New(svc, nil)
	if err != nil {
		b.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /ws/image-chat/{session_id}", hub)
	web := httptest.NewServer(mux)
	defer func() {
		_ = hub.Close(b.Context())
		_ = svc.Close(b.Context())
		web.Close()
	}()
	s, err := svc.CreateSession(b.Context(), imagechat.NewSession{ImagePurpose: "email_header"})
	if err != nil {
		b.Fatal(err)
	}
	before := heap()
	got := crowd(b, "ws"+strings.TrimPrefix(web.URL, "http")+"/ws/image-chat/"+string(s.ID))
	for hub.Len() < readers {
		time.Sleep(time.Millisecond)
	}
	guidelines := map[string]any{"tone": strings.Repeat("x", 500)}
	measure(b, got, func() {
		if _, err := svc.UpdateSession(b.Context(), s.ID, imagechat.SessionPatch{BrandGuidelines: &guidelines}); err != nil {
			b.Fatal(err)
		}
	})
	b.ReportMetric(float64(heap()-before)/readers/1024, "heap-KB/connection-both-ends")
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}

// BenchmarkFanOutRaw is the floor: gorilla with a channel and a writer for
// each connection, the frame rendered beforehand.
func BenchmarkFanOutRaw(b *testing.B) {
	var mu sync.Mutex
	var all []chan []byte
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := (&websocket.Upgrader{WriteBufferPool: &sync.Pool{}}).Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer conn.Close()
		out := make(chan []byte, 32)
		mu.Lock()
		all = append(all, out)
		mu.Unlock()
		go func() {
			for msg := range out {
				_ = conn.SetWriteDeadline(time.Now().Add(10 * time.Second))
				if conn.WriteMessage(websocket.TextMessage, msg) != nil {
					return
				}
			}
		}()
		for {
			if _, _, err := conn.ReadMessage(); err != nil {
				close(out)
				return
			}
		}
	}))
	defer web.Close()
	before := heap()
	got := crowd(b, "ws"+strings.TrimPrefix(web.URL, "http"))
	for ready := 0; ready < readers; time.Sleep(time.Millisecond) {
		mu.Lock()
		ready = len(all)
		mu.Unlock()
	}
	msg := []byte(strings.Repeat("x", 1300))
	measure(b, got, func() {
		for _, out := range all {
			out <- msg
		}
	})
	b.ReportMetric(float64(heap()-before)/readers/1024, "heap-KB/connection-both-ends")
}
