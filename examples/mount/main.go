// Command mount serves the whole product, app included, below /studio/ of a
// program that has a mux, users and a login of its own.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/bunstore"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/demo"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/fsblob"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/humaapi"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/melodyhub"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/web"
)

// prefix is where the product lives in this program.
const prefix = "/studio"

// logins is the program's own login: a cookie names a session that is kept
// here. A real program asks for a password before it opens one.
type logins struct {
	mu     sync.Mutex
	owners map[string]imagechat.Owner
}

func (l *logins) open(w http.ResponseWriter, r *http.Request) {
	id := rand.Text()
	l.mu.Lock()
	l.owners[id] = imagechat.Owner(r.PathValue("name"))
	l.mu.Unlock()
	http.SetCookie(w, &http.Cookie{Name: "shop", Value: id, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, prefix+"/", http.StatusSeeOther)
}

func (l *logins) end(_ http.ResponseWriter, r *http.Request) {
	if c, err := r.Cookie("shop"); err == nil {
		l.mu.Lock()
		delete(l.owners, c.Value)
		l.mu.Unlock()
	}
}

// identify tells whose request it is.
func (l *logins) identify(r *http.Request) (imagechat.Owner, error) {
	c, err := r.Cookie("shop")
	if err != nil {
		return "", fmt.Errorf("mount: no session: %w", imagechat.Unauthorized)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	owner, ok := l.owners[c.Value]
	if !ok {
		return "", fmt.Errorf("mount: an ended session: %w", imagechat.Unauthorized)
	}
	return owner, nil
}

func main() {
	addr := flag.String("addr", "127.0.0.1:8001", "where to listen")
	dir := flag.String("data", "data", "where to keep conversations and pictures")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *dir, *addr); err != nil {
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

// newMux mounts the product beside pages of the program's own.
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
	app, err := web.Handler(&web.Options{Prefix: prefix})
	if err != nil {
		return nil, nil, errors.Join(err, closeStores())
	}
	users := &logins{owners: map[string]imagechat.Owner{}}
	api, err := humaapi.New(svc, &humaapi.Options{Prefix: prefix, Identify: users.identify, Hub: hub, Web: app})
	if err != nil {
		return nil, nil, errors.Join(err, closeStores())
	}
	if err := svc.Start(ctx); err != nil {
		return nil, nil, errors.Join(err, closeStores())
	}
	mux := http.NewServeMux()
	mux.Handle(prefix+"/", api.Handler())
	mux.HandleFunc("POST /login/{name}", users.open)
	mux.HandleFunc("POST /logout", func(w http.ResponseWriter, r *http.Request) {
		users.end(w, r)
		hub.Recheck() // open sockets of that login end
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "A page of your own.")
	})
	return mux, func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		return errors.Join(svc.Drain(ctx), hub.Close(ctx), svc.Close(ctx), closeStores())
	}, nil
}
