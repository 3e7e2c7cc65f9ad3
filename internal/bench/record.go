package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"
)

const (
	recordClients = 16
	recordRounds  = 5
)

// recordCase is one kind of request; number makes bodies and paths differ.
type recordCase struct {
	name     string
	requests int // of all clients in a round
	method   string
	body     string
	path     func(s *recordSide) string
}

// recordSide is one of the two servers that are compared.
type recordSide struct {
	*process
	one, cursor, original string
}

var recordCases = []recordCase{
	{"create a session", 1000, http.MethodPost, `{"image_purpose":"banner_web","title":"가을 세일 배너"}`, func(*recordSide) string { return "/api/image-chat/sessions" }},
	{"get a session", 2000, http.MethodGet, "", func(s *recordSide) string { return "/api/image-chat/sessions/" + s.one }},
	{"list of thirty", 1000, http.MethodGet, "", func(*recordSide) string { return "/api/image-chat/sessions?limit=30" }},
	{"deep page of thirty", 1000, http.MethodGet, "", func(s *recordSide) string { return "/api/image-chat/sessions?limit=30&cursor=" + s.cursor }},
	{"health", 4000, http.MethodGet, "", func(*recordSide) string { return "/health" }},
	{"original of 1 MB", 500, http.MethodGet, "", func(s *recordSide) string { return "/api/image-chat/images/" + s.original + "/content" }},
}

// record measures what a request to the record costs the server's processor,
// beside the least that a server on the same database engine can do, in turn,
// so that a machine that is busy is so for both.
func (b *bench) record(ctx context.Context, sessions int) (err error) {
	ours, err := b.start(ctx, filepath.Join(b.dir, "data"), nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ours.stop()) }()
	side := &recordSide{process: ours}
	if err := side.look(ctx, sessions/2); err != nil {
		return err
	}
	dir := filepath.Join(b.dir, "floor")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	if err := side.copyOriginal(ctx, filepath.Join(dir, "original")); err != nil {
		return err
	}
	if err := seedFloorRecord(ctx, dir, sessions); err != nil {
		return err
	}
	floor, err := startFloor(ctx, "-floor-data", dir)
	if err != nil {
		return err
	}
	defer func() { _ = floor.cmd.Process.Kill() }()
	middle := fmt.Sprintf("%d/0199f3c2-7a10-7c3e-9b1a-%012x", sessions/2, sessions/2)
	least := &recordSide{process: floor, one: fmt.Sprintf("0199f3c2-7a10-7c3e-9b1a-%012x", sessions/2), cursor: middle, original: "original"}
	fmt.Printf("\n%-36s %12s %12s %8s\n", "processor time a request (c=16)", "ours", "floor", "ratio")
	for _, c := range recordCases {
		var a, z samples
		for range recordRounds {
			for _, one := range []struct {
				side *recordSide
				to   *samples
			}{{side, &a}, {least, &z}} {
				took, err := one.side.load(ctx, c)
				if err != nil {
					return fmt.Errorf("%s: %w", c.name, err)
				}
				one.to.add(took)
			}
		}
		ours, floor := a.at(0.5), z.at(0.5)
		fmt.Printf("%-36s %9.0f µs %9.0f µs %7.2f×\n", c.name, float64(ours)/1e3, float64(floor)/1e3, float64(ours)/float64(floor))
	}
	return nil
}

// look finds a session and a page in the middle of the list.
func (s *recordSide) look(ctx context.Context, middle int) error {
	var page struct {
		Sessions   []struct{ ID string } `json:"sessions"`
		NextCursor string                `json:"next_cursor"`
	}
	if err := s.api(ctx, http.MethodGet, fmt.Sprintf("/sessions?limit=1&offset=%d", middle), nil, &page); err != nil {
		return err
	}
	if len(page.Sessions) == 0 {
		return errors.New("there are no sessions")
	}
	s.one, s.cursor = page.Sessions[0].ID, page.NextCursor
	if s.cursor == "" {
		return errors.New("a page in the middle has no cursor")
	}
	return nil
}

// copyOriginal uploads a picture of about 1 MB and keeps what the server serves of it.
func (s *recordSide) copyOriginal(ctx context.Context, to string) error {
	picture := image.NewNRGBA(image.Rect(0, 0, 1000, 700))
	noise := rand.New(rand.NewPCG(1, 2))
	for i := range picture.Pix {
		picture.Pix[i] = byte(noise.Uint32())
		if i%4 == 3 {
			picture.Pix[i] = 255
		}
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "noise.png")
	if err != nil {
		return err
	}
	if err := errors.Join(png.Encode(part, picture), form.Close()); err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.base+"/api/image-chat/uploads", &body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	var up struct{ ID string }
	if err := do(req, &up); err != nil {
		return err
	}
	s.original = up.ID
	res, err := http.Get(s.base + "/api/image-chat/images/" + up.ID + "/content")
	if err != nil {
		return err
	}
	defer res.Body.Close()
	file, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, res.Body)
	return errors.Join(err, file.Close())
}

// load sends a round of requests from all clients and returns the processor
// time that one of them cost the server.
func (s *recordSide) load(ctx context.Context, c recordCase) (time.Duration, error) {
	before, err := s.processorTime()
	if err != nil {
		return 0, err
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: recordClients}}
	defer client.CloseIdleConnections()
	each := c.requests / recordClients
	errs := make([]error, recordClients)
	var clients sync.WaitGroup
	for i := range recordClients {
		clients.Go(func() {
			for range each {
				if errs[i] = s.send(ctx, client, c); errs[i] != nil {
					return
				}
			}
		})
	}
	clients.Wait()
	after, err := s.processorTime()
	return (after - before) / time.Duration(each*recordClients), errors.Join(append(errs, err)...)
}

func (s *recordSide) send(ctx context.Context, client *http.Client, c recordCase) error {
	req, err := http.NewRequestWithContext(ctx, c.method, s.base+c.path(s), bytes.NewReader([]byte(c.body)))
	if err != nil {
		return err
	}
	if c.body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if res.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%s %s: %s", c.method, req.URL.Path, res.Status)
	}
	return nil
}
