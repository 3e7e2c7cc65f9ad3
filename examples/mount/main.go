// Command mount serves the whole API inside a program that has a mux, users
// and a database of its own.
package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/bunstore"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/demo"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/fsblob"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/humaapi"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/melodyhub"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// users brings a program's own users: here a table of API keys, kept as
// hashes so that looking one up tells nothing by its timing.
type users map[[sha256.Size]byte]imagechat.Owner

// Authenticate implements imagechat.Authenticator.
func (u users) Authenticate(_ context.Context, secret string) (imagechat.Owner, error) {
	if owner, ok := u[sha256.Sum256([]byte(secret))]; ok {
		return owner, nil
	}
	return "", fmt.Errorf("mount: no such key: %w", imagechat.Unauthorized)
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, "data", "127.0.0.1:8001"); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, dir, addr string) error {
	mux, closeAll, err := newMux(ctx, dir)
	if err != nil {
		return err
	}
	server := &http.Server{Addr: addr, Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	err = server.ListenAndServe()
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return errors.Join(err, closeAll())
}

// newMux mounts the API and its socket beside a page of the program's own.
func newMux(ctx context.Context, dir string) (*http.ServeMux, func() error, error) {
	store, err := bunstore.Open(ctx, "sqlite:///"+filepath.ToSlash(filepath.Join(dir, "image_chat.db")), nil)
	if err != nil {
		return nil, nil, err
	}
	files, err := fsblob.Open(filepath.Join(dir, "blobs"))
	if err != nil {
		return nil, nil, errors.Join(err, store.Close())
	}
	closeStores := func() error { return errors.Join(files.Close(), store.Close()) }
	svc, err := imagechat.New(imagechat.Ports{
		Generator: demo.New(nil), Repository: store, Blobs: files, Spool: files.Spool(),
	}, nil)
	if err != nil {
		return nil, nil, errors.Join(err, closeStores())
	}
	hub, err := melodyhub.New(svc, nil)
	if err != nil {
		return nil, nil, errors.Join(err, closeStores())
	}
	api, err := humaapi.New(svc, &humaapi.Options{
		Auth: users{sha256.Sum256([]byte("mina-key")): "mina", sha256.Sum256([]byte("jun-key")): "jun"},
		Hub:  hub,
	})
	if err != nil {
		return nil, nil, errors.Join(err, closeStores())
	}
	if err := svc.Start(ctx); err != nil {
		return nil, nil, errors.Join(err, closeStores())
	}
	mux := http.NewServeMux()
	mux.Handle("/api/", api.Handler())
	mux.Handle("/ws/", api.Handler())
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "A page of your own.")
	})
	return mux, func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		return errors.Join(svc.Drain(ctx), hub.Close(ctx), svc.Close(ctx), closeStores())
	}, nil
}
