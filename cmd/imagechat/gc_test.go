package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/fsblob"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

// An installation is a data directory on which commands are run.
type installation struct {
	t   *testing.T
	cfg config
}

// installed is a data directory with one picture, from a server that has ended.
func installed(t *testing.T) *installation {
	t.Helper()
	c := prepared(t)
	s, end := serviceOn(t, c, imagechattest.NewScript(imagechattest.Picture(imagechattest.PNG(16, 16, 1))))
	sess, err := s.CreateSession(t.Context(), imagechat.NewSession{ImagePurpose: "email_header"})
	if err != nil {
		t.Fatal(err)
	}
	if turn, err := s.Wait(t.Context(), draw(t, s, sess.ID, 1)); err != nil || turn.Status != imagechat.TurnSucceeded {
		t.Fatalf("turn %+v, %v", turn, err)
	}
	end()
	return &installation{t, c}
}

// run runs a command and returns what it said.
func (i *installation) run(args ...string) (code int, out, talk string) {
	var stdout, stderr bytes.Buffer
	env := map[string]string{
		"DATABASE_URL": databaseURL(i.cfg.DatabasePath), "BLOB_URL": "file://" + i.cfg.BlobDir, "GENERATOR": "demo",
	}
	p := &program{Stdout: &stdout, Stderr: &stderr, Dir: i.t.TempDir(), Lookup: func(name string) (string, bool) {
		v, ok := env[name]
		return v, ok
	}}
	code = p.run(args)
	return code, stdout.String(), stderr.String()
}

// orphans puts files there that nothing refers to, of the age given.
func (i *installation) orphans(n int, age time.Duration) {
	i.t.Helper()
	blobs, err := fsblob.Open(i.cfg.BlobDir)
	if err != nil {
		i.t.Fatal(err)
	}
	defer blobs.Close()
	for x := range n {
		data := fmt.Appendf(nil, "orphan %d %s", x, age)
		key := string(imagechattest.KeyOf(data))
		if err := blobs.Put(i.t.Context(), imagechat.BlobKey(key), bytes.NewReader(data)); err != nil {
			i.t.Fatal(err)
		}
		then := time.Now().Add(-age)
		if err := os.Chtimes(filepath.Join(i.cfg.BlobDir, key[:2], key[2:4], key), then, then); err != nil {
			i.t.Fatal(err)
		}
	}
}

// files counts what is a blob by its name, wherever it lies.
func (i *installation) files() (n int) {
	i.t.Helper()
	err := filepath.WalkDir(i.cfg.BlobDir, func(_ string, d os.DirEntry, err error) error {
		if err == nil && imagechat.BlobKey(d.Name()).Valid() {
			n++
		}
		return err
	})
	if err != nil {
		i.t.Fatal(err)
	}
	return n
}

func TestGCDeletesWhatNothingRefersTo(t *testing.T) {
	t.Parallel()
	i := installed(t)
	i.orphans(3, 25*time.Hour)
	i.orphans(2, time.Hour)
	if code, out, talk := i.run("gc", "--dry-run"); code != exitOK || !strings.Contains(out, "would delete 3 ") || i.files() != 6 {
		t.Errorf("a dry run: exit %d, %q %q, %d files, want 3 named and all 6 there", code, out, talk, i.files())
	}
	if code, out, talk := i.run("gc"); code != exitOK || !strings.Contains(out, "deleted 3 ") || i.files() != 3 {
		t.Errorf("gc: exit %d, %q %q, %d files, want 3 deleted of 6", code, out, talk, i.files())
	}
	i.orphans(40, 25*time.Hour)
	if code, _, talk := i.run("gc"); code != exitFailed || !strings.Contains(talk, "imagechat gc --all") || i.files() != 43 {
		t.Errorf("40 of 43: exit %d, %q, %d files, want a refusal that says what to do", code, talk, i.files())
	}
	if code, _, talk := i.run("gc", "--all"); code != exitOK || i.files() != 3 {
		t.Errorf("gc --all: exit %d, %q, %d files, want 3", code, talk, i.files())
	}
}

func TestAnEmptyDatabaseBesideImagesStopsTheStart(t *testing.T) {
	t.Parallel()
	i := installed(t)
	if err := os.Rename(i.cfg.DatabasePath, i.cfg.DatabasePath+".aside"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(i.cfg.DatabasePath, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"serve", "gc"} {
		code, _, talk := i.run(command, "--port", "0")
		if command == "gc" {
			code, _, talk = i.run(command, "--all")
		}
		if code == exitOK || !strings.Contains(talk, "imagechat adopt") || strings.Count(talk, "\n") != 1 {
			t.Errorf("%s: exit %d, %q, want one line that says what to do", command, code, talk)
		}
	}
	if n := i.files(); n != 1 {
		t.Errorf("%d images are left of 1", n)
	}
	if code, out, talk := i.run("adopt"); code != exitOK || !strings.Contains(out, "belong together") {
		t.Errorf("adopt: exit %d, %q %q", code, out, talk)
	}
	if code, out, talk := i.run("gc", "--dry-run"); code != exitOK {
		t.Errorf("gc after adopt: exit %d, %q %q", code, out, talk)
	}
}

func TestAServerBesideAnotherOneIsRefused(t *testing.T) {
	t.Parallel()
	i := installed(t)
	_, end := serviceOn(t, i.cfg, imagechattest.NewScript())
	defer end()
	other := *i
	other.cfg.DatabasePath = filepath.Join(t.TempDir(), "try.db")
	for name, x := range map[string]*installation{"the same database": i, "the same images": &other} {
		if code, _, talk := x.run("serve", "--port", "0"); code == exitOK || !strings.Contains(talk, "another imagechat uses") || strings.Count(talk, "\n") != 1 {
			t.Errorf("%s: exit %d, %q, want a refusal in one line", name, code, talk)
		}
	}
	// Tools that look after the data may run beside the server.
	if code, out, talk := i.run("gc"); code != exitOK {
		t.Errorf("gc beside the server: exit %d, %q %q", code, out, talk)
	}
}
