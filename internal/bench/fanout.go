package main

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gorilla/websocket"
)

const (
	broadcasts     = 60 // of one crowd
	broadcastPause = 20 * time.Millisecond
	broadcastBytes = 1000 // of words in each frame
)

// fanOut measures how long a change takes to every socket of a session: from
// the request that makes it until the last of the crowd has its frame; and, in
// the same way, the least that it could take. The clients share the machine
// with the server.
func (b *bench) fanOut(ctx context.Context) error {
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		return err
	}
	for _, n := range []int{100, 1000, 5000} {
		if spare := uint64(100); files.Max < uint64(n)+spare {
			fmt.Printf("%d sockets are not measured: a process may open %d files here (ulimit -Hn)\n", n, files.Max)
			continue
		}
		floor, err := startFloor(ctx)
		if err == nil {
			_, err = floor.fanOut(ctx, n, "  the least: one write after the other, no queue")
		}
		if err != nil {
			return fmt.Errorf("the floor of %d sockets: %w", n, err)
		}
		places := strconv.Itoa(n + 10)
		p, err := b.start(ctx, filepath.Join(b.dir, "data"), []string{"MAX_SOCKETS=" + places, "MAX_SOCKETS_PER_OWNER=" + places})
		if err != nil {
			return err
		}
		each, err := p.fanOut(ctx, n, fmt.Sprintf("a change, until the last of %d sockets has it", n))
		if err != nil {
			return fmt.Errorf("%d sockets: %w", n, err)
		}
		fmt.Printf("%-52s %7.1f KB a socket (limit 32)\n", "", each/1024)
	}
	return nil
}

// fanOut prints what n sockets take, and returns what each weighs in bytes.
func (p *process) fanOut(ctx context.Context, n int, name string) (each float64, err error) {
	var session struct{ ID string }
	if err := p.api(ctx, http.MethodPost, "/sessions", map[string]any{"image_purpose": "banner_web"}, &session); err != nil {
		return 0, err
	}
	before, err := p.settledMemory(ctx)
	if err != nil {
		return 0, err
	}
	c := &crowd{}
	defer c.leave()
	url := "ws" + strings.TrimPrefix(p.base, "http") + "/ws/image-chat/" + session.ID
	if err := c.gather(ctx, url, n); err != nil {
		return 0, err
	}
	after, err := p.settledMemory(ctx)
	if err != nil {
		return 0, err
	}
	began, err := p.processorTime()
	if err != nil {
		return 0, err
	}
	var last samples
	for i := range broadcasts {
		took, err := c.broadcast(ctx, p, session.ID, i)
		if err != nil {
			return 0, err
		}
		last.add(took)
		time.Sleep(broadcastPause)
	}
	ended, err := p.processorTime()
	if err != nil {
		return 0, err
	}
	last.print(name)
	fmt.Printf("%-52s %7.1f µs of the server's processor a frame\n", "", float64(ended-began)/float64(time.Microsecond)/float64(n*broadcasts))
	return (after - before) * 1024 * 1024 / float64(n), p.stop()
}

// settledMemory is what is the server's own once it has come to rest.
func (p *process) settledMemory(ctx context.Context) (float64, error) {
	select {
	case <-time.After(restTime):
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	return p.memory("RssAnon")
}

// A crowd is the sockets that follow one session.
type crowd struct {
	conns []*websocket.Conn
	got   atomic.Int64 // frames of a change, all together
	all   atomic.Pointer[chan struct{}]
}

func (c *crowd) gather(ctx context.Context, url string, n int) error {
	dialer := websocket.Dialer{ReadBufferSize: 2048, WriteBufferSize: 256, HandshakeTimeout: 30 * time.Second}
	greeted := make(chan struct{}, n)
	for range n {
		conn, res, err := dialer.DialContext(ctx, url, nil)
		if err != nil {
			return err
		}
		res.Body.Close()
		c.conns = append(c.conns, conn)
		go c.follow(conn, greeted)
	}
	for range n {
		select {
		case <-greeted:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// follow reads to the end. The first frame is the greeting.
func (c *crowd) follow(conn *websocket.Conn, greeted chan<- struct{}) {
	for first := true; ; first = false {
		_, frame, err := conn.ReadMessage()
		if err != nil {
			return
		}
		switch {
		case first:
			greeted <- struct{}{}
		case len(frame) > broadcastBytes && c.got.Add(1)%int64(len(c.conns)) == 0:
			close(*c.all.Load())
		}
	}
}

// broadcast changes the session and waits until everybody knows.
func (c *crowd) broadcast(ctx context.Context, p *process, session string, i int) (time.Duration, error) {
	all := make(chan struct{})
	c.all.Store(&all)
	tone := fmt.Sprintf("%d %s", i, strings.Repeat("x", broadcastBytes))
	begun := time.Now()
	body := map[string]any{"brand_guidelines": map[string]any{"tone": tone}}
	if err := p.api(ctx, http.MethodPatch, "/sessions/"+session, body, nil); err != nil {
		return 0, err
	}
	select {
	case <-all:
		return time.Since(begun), nil
	case <-time.After(30 * time.Second):
		return 0, fmt.Errorf("%d frames came, and then no more\n%s", c.got.Load(), p.log)
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func (c *crowd) leave() {
	for _, conn := range c.conns {
		_ = conn.Close()
	}
}
