package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "modernc.org/sqlite"
)

// floorRow is about what a session says of itself over HTTP.
const floorRow = `{"id":"%s","title":"가을 세일 배너 %d","image_purpose":"banner_web","style_preset":null,"brand_guidelines":null,"brand_id":null,"status":"active","final_image_url":null,"final_image_id":null,"messages_count":0,"images_generated":0,"total_tokens_used":0,"total_cost_usd":0,"last_seq":0,"created_at":"2026-12-01T00:00:00Z","updated_at":"2026-12-01T00:00:00Z"}`

// recordFloor is the least that a server of this record can do on the same
// database engine: net/http, prepared statements, answers that are JSON in the
// table already, and no rules.
type recordFloor struct {
	insert, get, list, deep *sql.Stmt
	dir                     string
}

func openFloorRecord(ctx context.Context, dir string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "floor.db")+"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		return nil, err
	}
	_, err = db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS sessions (id TEXT PRIMARY KEY, created_at INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
		CREATE INDEX IF NOT EXISTS sessions_newest ON sessions (created_at DESC, id DESC);`)
	return db, err
}

// seedFloorRecord fills the floor's database.
func seedFloorRecord(ctx context.Context, dir string, n int) (err error) {
	db, err := openFloorRecord(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	for i := range n {
		id := fmt.Sprintf("0199f3c2-7a10-7c3e-9b1a-%012x", i)
		if _, err := tx.ExecContext(ctx, "INSERT INTO sessions VALUES (?, ?, ?)", id, i, fmt.Sprintf(floorRow, id, i)); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	return tx.Commit()
}

// serveFloorRecord serves what seedFloorRecord wrote and the file original.
func serveFloorRecord(ctx context.Context, port, dir string) error {
	db, err := openFloorRecord(ctx, dir)
	if err != nil {
		return err
	}
	defer db.Close()
	writer, err := openFloorRecord(ctx, dir)
	if err != nil {
		return err
	}
	defer writer.Close()
	writer.SetMaxOpenConns(1)
	f := &recordFloor{dir: dir}
	for _, s := range []struct {
		to   **sql.Stmt
		db   *sql.DB
		text string
	}{
		{&f.insert, writer, "INSERT INTO sessions VALUES (?, ?, ?)"},
		{&f.get, db, "SELECT body FROM sessions WHERE id = ?"},
		{&f.list, db, "SELECT body FROM sessions ORDER BY created_at DESC, id DESC LIMIT 30"},
		{&f.deep, db, "SELECT body FROM sessions WHERE (created_at, id) < (?, ?) ORDER BY created_at DESC, id DESC LIMIT 30"},
	} {
		if *s.to, err = s.db.PrepareContext(ctx, s.text); err != nil {
			return err
		}
	}
	srv := &http.Server{Addr: "127.0.0.1:" + port, Handler: f.mux(), ReadHeaderTimeout: 5 * time.Second}
	defer context.AfterFunc(ctx, func() { _ = srv.Close() })()
	if err := srv.ListenAndServe(); ctx.Err() == nil {
		return err
	}
	return nil
}

func (f *recordFloor) mux() http.Handler {
	const base = "/api/image-chat"
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, r *http.Request) {
		f.page(w, r, f.get, "0199f3c2-7a10-7c3e-9b1a-000000000000")
	})
	mux.HandleFunc("POST "+base+"/sessions", f.create)
	mux.HandleFunc("GET "+base+"/sessions/{id}", func(w http.ResponseWriter, r *http.Request) {
		f.page(w, r, f.get, r.PathValue("id"))
	})
	mux.HandleFunc("GET "+base+"/sessions", func(w http.ResponseWriter, r *http.Request) {
		if at, id, ok := strings.Cut(r.URL.Query().Get("cursor"), "/"); ok {
			f.page(w, r, f.deep, at, id)
			return
		}
		f.page(w, r, f.list)
	})
	mux.HandleFunc("GET "+base+"/images/original/content", func(w http.ResponseWriter, r *http.Request) {
		file, err := os.Open(filepath.Join(f.dir, "original"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		defer file.Close()
		http.ServeContent(w, r, "", time.Time{}, file)
	})
	return mux
}

func (f *recordFloor) create(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Purpose string `json:"image_purpose"`
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil || body.Purpose == "" {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	now := time.Now().UnixNano()
	id := fmt.Sprintf("0199f3c2-7a10-7c3e-9b1b-%012x", now&(1<<48-1))
	row := fmt.Sprintf(floorRow, id, now)
	if _, err := f.insert.ExecContext(r.Context(), id, now, row); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	_, _ = w.Write([]byte(row))
}

// page writes the rows of a statement, between brackets where they are many.
func (f *recordFloor) page(w http.ResponseWriter, r *http.Request, s *sql.Stmt, args ...any) {
	rows, err := s.QueryContext(r.Context(), args...)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer rows.Close()
	out := bytes.NewBufferString(`{"sessions":[`)
	for n := 0; rows.Next(); n++ {
		var row sql.RawBytes
		if err := rows.Scan(&row); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		if n > 0 {
			out.WriteByte(',')
		}
		out.Write(row)
	}
	if err := rows.Err(); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	out.WriteString(`]}`)
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(out.Bytes())
}
