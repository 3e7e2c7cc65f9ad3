package recordbench

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/bunstore"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/demo"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/fsblob"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/humaapi"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

const sessions = 5000

// open is the API on SQLite and files, with some sessions.
func open(b *testing.B) (h http.Handler, one string) {
	b.Helper()
	ctx, dir := b.Context(), b.TempDir()
	store, err := bunstore.Open(ctx, "sqlite:///"+filepath.Join(dir, "chat.db"), nil)
	if err != nil {
		b.Fatal(err)
	}
	files, err := fsblob.Open(filepath.Join(dir, "blobs"))
	if err != nil {
		b.Fatal(err)
	}
	svc, err := imagechat.New(imagechat.Ports{Generator: demo.New(nil), Repository: store, Blobs: files, Spool: files.Spool()}, nil)
	if err != nil {
		b.Fatal(err)
	}
	if err := svc.Start(ctx); err != nil {
		b.Fatal(err)
	}
	err = store.Atomically(ctx, func(r imagechat.Repository) error {
		begun := time.Now().UTC().Truncate(time.Microsecond)
		for i := range sessions {
			at := begun.Add(time.Duration(i-sessions) * time.Minute)
			one = fmt.Sprintf("%08x-%04x-7000-8000-%012x", at.UnixMilli()>>16, at.UnixMilli()&0xffff, i)
			s := &imagechat.Session{
				ID: imagechat.SessionID(one), Title: fmt.Sprintf("가을 세일 배너 %d", i), ImagePurpose: "banner_web",
				Status: imagechat.SessionActive, FirstSeq: 1, CreatedAt: at, UpdatedAt: at,
			}
			if err := r.CreateSession(ctx, s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	api, err := humaapi.New(svc, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := svc.Close(ctx); err != nil {
			b.Error(err)
		}
		if err := files.Close(); err != nil {
			b.Error(err)
		}
		if err := store.Close(); err != nil {
			b.Error(err)
		}
	})
	return api.Handler(), one
}

func BenchmarkRecord(b *testing.B) {
	h, one := open(b)
	for _, c := range []struct{ name, method, path, body string }{
		{"health", "GET", "/health", ""},
		{"get", "GET", "/api/image-chat/sessions/" + one, ""},
		{"list", "GET", "/api/image-chat/sessions?limit=30", ""},
		{"create", "POST", "/api/image-chat/sessions", `{"image_purpose":"banner_web","title":"가을 세일 배너"}`},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequestWithContext(b.Context(), c.method, c.path, strings.NewReader(c.body))
				r.RemoteAddr = "127.0.0.1:1234"
				if c.body != "" {
					r.Header.Set("Content-Type", "application/json")
				}
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				if w.Code >= http.StatusBadRequest {
					b.Fatalf("%d %s", w.Code, w.Body)
				}
			}
		})
	}
}
