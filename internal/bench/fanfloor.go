package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// serveFloor is the least that a server of sockets can do: it writes one
// prepared frame to one socket after the other, without a queue, so that one
// client that does not read would stop them all. It answers what fanOut asks.
func serveFloor(ctx context.Context, port string) error {
	var mu sync.Mutex
	var conns []*websocket.Conn
	upgrader := websocket.Upgrader{ReadBufferSize: 1024, WriteBufferPool: &sync.Pool{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("POST /api/image-chat/sessions", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]string{"id": "floor"})
	})
	mux.HandleFunc("PATCH /api/image-chat/sessions/floor", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		frame, err := websocket.NewPreparedMessage(websocket.TextMessage, body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		for _, c := range conns {
			_ = c.WritePreparedMessage(frame)
		}
	})
	mux.HandleFunc("GET /ws/image-chat/floor", func(w http.ResponseWriter, r *http.Request) {
		c, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if c.WriteMessage(websocket.TextMessage, []byte(`{"type":"status"}`)) == nil {
			conns = append(conns, c)
		}
		go func() { _, _, _ = c.ReadMessage() }()
	})
	srv := &http.Server{Addr: "127.0.0.1:" + port, Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	defer context.AfterFunc(ctx, func() { _ = srv.Close() })()
	if err := srv.ListenAndServe(); ctx.Err() == nil {
		return err
	}
	return nil
}

// startFloor runs a floor in a process of its own: serveFloor, or by its flag -floor-data serveFloorRecord.
func startFloor(ctx context.Context, flags ...string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	p := &process{base: "http://127.0.0.1:" + port, log: &lockedBuffer{}}
	p.cmd = exec.CommandContext(ctx, self, append([]string{"-floor", port}, flags...)...)
	p.cmd.Stderr = p.log
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	for begun := time.Now(); !p.healthy(); time.Sleep(time.Millisecond) {
		if time.Since(begun) > 10*time.Second {
			_ = p.cmd.Process.Kill()
			return nil, fmt.Errorf("the floor did not come up:\n%s", p.log)
		}
	}
	return p, nil
}
