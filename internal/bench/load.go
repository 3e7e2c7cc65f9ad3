package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
	"golang.org/x/time/rate"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/bunstore"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini/geminitest"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// seed fills the database with sessions, as many years of use would.
func (b *bench) seed(ctx context.Context, n int) error {
	data := filepath.Join(b.dir, "data")
	p, err := b.start(ctx, data, nil)
	if err != nil {
		return err
	}
	if err := p.stop(); err != nil {
		return err
	}
	store, err := bunstore.Open(ctx, "sqlite:///"+filepath.Join(data, "chat.db"), &bunstore.Options{NoSync: true})
	if err != nil {
		return err
	}
	const batch = 2000
	begun := time.Now().UTC().Truncate(time.Microsecond)
	for done := 0; done < n && err == nil; done += batch {
		err = store.Atomically(ctx, func(r imagechat.Repository) error {
			for i := done; i < min(done+batch, n); i++ {
				at := begun.Add(time.Duration(i-n) * time.Minute)
				s := &imagechat.Session{
					ID:    imagechat.SessionID(fmt.Sprintf("%08x-%04x-7000-8000-%012x", at.UnixMilli()>>16, at.UnixMilli()&0xffff, i)),
					Title: fmt.Sprintf("가을 세일 배너 %d", i), ImagePurpose: "banner_web", Status: imagechat.SessionActive,
					FirstSeq: 1, CreatedAt: at, UpdatedAt: at,
				}
				if err := r.CreateSession(ctx, s); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return errors.Join(err, store.Close())
}

// turns measures converse turns whose generator answers at once, from the
// request to the answer that holds the finished turn.
func (b *bench) turns(ctx context.Context, n int) error {
	gemini, err := geminitest.New(&geminitest.Options{Default: geminitest.Outcome{Answer: geminitest.Answer{Images: -1}}})
	if err != nil {
		return err
	}
	defer gemini.Close()
	p, err := b.start(ctx, filepath.Join(b.dir, "data"), []string{"GEMINI_API_KEY=bench-key", "GEMINI_BASE_URL=" + gemini.URL})
	if err != nil {
		return err
	}
	var s samples
	for i := range n {
		var session, turn struct{ ID, Status string }
		if err := p.api(ctx, http.MethodPost, "/sessions", map[string]any{"image_purpose": "banner_web"}, &session); err != nil {
			return err
		}
		begun := time.Now()
		body := map[string]any{"kind": "converse", "content": fmt.Sprintf("안녕하세요 %d", i)}
		if err := p.api(ctx, http.MethodPost, "/sessions/"+session.ID+"/turns", body, &turn, "Prefer", "wait=10"); err != nil {
			return err
		}
		s.add(time.Since(begun))
		if turn.Status != "succeeded" {
			return fmt.Errorf("turn ended as %q\n%s", turn.Status, p.log)
		}
	}
	s.print("converse turn, generator answers at once (limit 20)")
	return p.stop()
}

const (
	halfOpen    = 500
	loginFlood  = 4 // clients that guess tokens
	socketFlood = 4 // clients that open sockets
	// Guesses and sockets a second, all clients together: far more than any
	// limit allows, and little enough that the clients, which share the
	// machine, leave the server some of it.
	loginRate    = 1000
	socketRate   = 500
	honestChecks = 200
	honestPause  = 5 * time.Millisecond
)

// flood compares honest requests at rest and beside half-open connections,
// guessed logins and opened sockets.
func (b *bench) flood(ctx context.Context) error {
	const secret = "bench-secret-0123456789"
	p, err := b.start(ctx, filepath.Join(b.dir, "data"), []string{"AUTH_TOKENS=bench:" + secret})
	if err != nil {
		return err
	}
	idle, err := p.honest(ctx, secret)
	if err != nil {
		return err
	}
	idle.print("list of sessions, at rest")

	flooding, stopFlood := context.WithCancel(ctx)
	var clients sync.WaitGroup
	if err := p.holdHalfOpen(flooding, &clients); err != nil {
		stopFlood()
		return err
	}
	guesses, dials := rate.NewLimiter(loginRate, loginFlood), rate.NewLimiter(socketRate, socketFlood)
	for range loginFlood {
		clients.Go(func() { p.guessLogins(flooding, guesses) })
	}
	for range socketFlood {
		clients.Go(func() { p.openSockets(flooding, dials) })
	}
	busy, err := p.honest(ctx, secret)
	stopFlood()
	clients.Wait()
	if err != nil {
		return err
	}
	busy.print("beside 500 half-open, 1000 logins/s, 500 sockets/s")
	fmt.Printf("%-52s %10.1f× (limit 2)\n", "", float64(busy.at(0.5))/float64(idle.at(0.5)))
	return p.stop()
}

func (p *process) honest(ctx context.Context, secret string) (samples, error) {
	var s samples
	for range honestChecks {
		begun := time.Now()
		if err := p.api(ctx, http.MethodGet, "/sessions", nil, nil, "Authorization", "Bearer "+secret); err != nil {
			return nil, err
		}
		s.add(time.Since(begun))
		time.Sleep(honestPause)
	}
	return s, nil
}

// holdHalfOpen keeps connections that never finish their header; the server
// closes them after a while, and each is opened anew.
func (p *process) holdHalfOpen(ctx context.Context, clients *sync.WaitGroup) error {
	host := strings.TrimPrefix(p.base, "http://")
	var dialer net.Dialer
	for range halfOpen {
		c, err := dialer.DialContext(ctx, "tcp", host)
		if err != nil {
			return err
		}
		clients.Go(func() {
			for ctx.Err() == nil {
				stop := context.AfterFunc(ctx, func() { c.Close() })
				fmt.Fprint(c, "GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: ")
				_, _ = c.Read(make([]byte, 1)) // returns when either side closes
				stop()
				c.Close()
				if c, err = dialer.DialContext(ctx, "tcp", host); err != nil {
					return
				}
			}
			c.Close()
		})
	}
	return nil
}

func (p *process) guessLogins(ctx context.Context, pace *rate.Limiter) {
	for pace.Wait(ctx) == nil {
		// Refusals are what is asked for here.
		_ = p.api(ctx, http.MethodPost, "/login", map[string]any{"token": "wrong-wrong-wrong"}, nil)
	}
}

func (p *process) openSockets(ctx context.Context, pace *rate.Limiter) {
	url := "ws" + strings.TrimPrefix(p.base, "http") + "/ws/image-chat/0190a000-0000-7000-8000-000000000000"
	for pace.Wait(ctx) == nil {
		c, res, err := websocket.Dial(ctx, url, nil)
		if err == nil {
			_ = c.CloseNow()
		} else if res != nil && res.Body != nil {
			res.Body.Close()
		}
	}
}

// soak loads a server with whole conversations and prints its memory; what
// grows without end shows in the last column.
func (b *bench) soak(ctx context.Context, d time.Duration) error {
	gemini, err := geminitest.New(&geminitest.Options{MaxSide: 512})
	if err != nil {
		return err
	}
	defer gemini.Close()
	p, err := b.start(ctx, filepath.Join(b.dir, "soak"), []string{
		"GEMINI_API_KEY=bench-key", "GEMINI_BASE_URL=" + gemini.URL, "GOMEMLIMIT=360MiB",
	})
	if err != nil {
		return err
	}
	load, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	var clients sync.WaitGroup
	failures := make(chan error, 4)
	for range cap(failures) {
		clients.Go(func() {
			if err := p.converse(load); err != nil && load.Err() == nil {
				failures <- err
				cancel()
			}
		})
	}
	fmt.Printf("%10s %10s %10s %10s\n", "time", "memory MB", "turns", "open files")
	for begun := time.Now(); load.Err() == nil; {
		select {
		case <-load.Done():
		case <-time.After(max(d/20, time.Second)):
		}
		memory, err := p.memory("VmRSS")
		if err != nil {
			return err
		}
		files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.cmd.Process.Pid))
		if err != nil {
			return err
		}
		fmt.Printf("%10s %10.1f %10d %10d\n", time.Since(begun).Round(time.Second), memory, gemini.Calls(), len(files))
	}
	clients.Wait()
	close(failures)
	return errors.Join(<-failures, p.stop())
}

// converse holds conversations until ctx ends: draw, refine, look, delete.
func (p *process) converse(ctx context.Context) error {
	for ctx.Err() == nil {
		var session struct{ ID string }
		if err := p.api(ctx, http.MethodPost, "/sessions", map[string]any{"image_purpose": "email_header"}, &session); err != nil {
			return err
		}
		for _, kind := range []string{"generate", "refine"} {
			body := map[string]any{"kind": kind, "content": "가을 세일 배너"}
			if err := p.api(ctx, http.MethodPost, "/sessions/"+session.ID+"/turns", body, nil, "Prefer", "wait=60"); err != nil {
				return err
			}
		}
		if err := p.api(ctx, http.MethodGet, "/sessions/"+session.ID, nil, nil); err != nil {
			return err
		}
		if err := p.api(ctx, http.MethodDelete, "/sessions/"+session.ID, nil, nil); err != nil {
			return err
		}
	}
	return nil
}
