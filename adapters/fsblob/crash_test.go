package fsblob_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/fsblob"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

func TestMain(m *testing.M) {
	if task, dir := imagechattest.ChildTask(); task != "" {
		if err := child(task, dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func content(i int) []byte { return bytes.Repeat([]byte{byte(i), byte(i >> 8), 7}, 30_000) }

// child spools until it is killed, and prints what was committed.
func child(task, dir string) error {
	ctx := context.Background()
	s, err := fsblob.Open(dir)
	if err != nil {
		return err
	}
	if task == "commit" {
		for i := 0; ; i++ {
			w, err := s.Spool().Create(ctx, "attempt", imagechat.SpoolImage)
			if err != nil {
				return err
			}
			if _, err := w.Write(content(i)); err != nil {
				return err
			}
			e, err := w.Commit()
			if err != nil {
				return err
			}
			if i%3 == 0 {
				if err := s.Adopt(ctx, e); err != nil {
					return err
				}
			}
			fmt.Println(e.N, e.Blob)
		}
	}
	w, err := s.Spool().Create(ctx, "attempt", imagechat.SpoolImage)
	if err != nil {
		return err
	}
	if _, err := w.Write(content(1)[:50_000]); err != nil {
		return err
	}
	fmt.Println("half")
	select {}
}

func TestWhatWasCommittedToTheSpoolSurvivesAKill(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	dir := t.TempDir()
	c := imagechattest.StartChild(t, "commit", dir)
	var lines []string
	for range 20 {
		line, ok := c.Line()
		if !ok {
			t.Fatal("the child ended by itself")
		}
		lines = append(lines, line)
	}
	lines = append(lines, c.Kill()...)
	s, err := fsblob.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	entries, err := s.Spool().List(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) < len(lines) || len(entries) > len(lines)+1 {
		t.Fatalf("%d entries are listed, %d were acknowledged", len(entries), len(lines))
	}
	for i, e := range entries {
		if i < len(lines) && fmt.Sprint(e.N, " ", e.Blob) != lines[i] {
			t.Errorf("entry %d is %d %s, acknowledged was %s", i, e.N, e.Blob, lines[i])
		}
		if e.Blob != imagechattest.KeyOf(content(i)) || e.Size != int64(len(content(i))) {
			t.Errorf("entry %d has another name or size than its bytes: %+v", i, e)
		}
	}
	for i := 0; i < len(lines); i += 3 {
		if _, err := s.Stat(ctx, entries[i].Blob); err != nil {
			t.Errorf("adopted blob %d: %v", i, err)
		}
	}
}

func TestAHalfWrittenEntryIsNeverListedAndSwept(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	dir := t.TempDir()
	c := imagechattest.StartChild(t, "half", dir)
	if line, ok := c.Line(); !ok || line != "half" {
		t.Fatalf("the child said %q and ended by itself", line)
	}
	c.Kill()
	s, err := fsblob.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if entries, err := s.Spool().List(ctx, ""); len(entries) != 0 || err != nil {
		t.Errorf("List: got %v, %v, want nothing", entries, err)
	}
	// A new try in the same attempt does not collide with what is left.
	e := imagechattest.SpoolBytes(t, s.Spool(), "attempt", imagechat.SpoolImage, content(2))
	if e.N != 1 {
		t.Errorf("the new entry has the number %d, want 1", e.N)
	}
	if err := s.Spool().Sweep(ctx, time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(filepath.Join(dir, "spool", "attempt"))
	if len(left) != 1 || err != nil {
		t.Errorf("after Sweep %d files are left, %v, want the committed one", len(left), err)
	}
}
