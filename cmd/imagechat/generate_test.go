package main

import (
	"image"
	_ "image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestGenerateDrawsOfflineToTheExactSize(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "banner.jpg")
	code, stdout, stderr := command(t, nil, "generate", "단풍잎이 흩날리는 가을 세일 배너", "--purpose=banner_web", "--exact", "-o", out)
	if code != exitOK {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	if strings.TrimSpace(stdout) != out {
		t.Errorf("standard output %q, want the file's name alone", stdout)
	}
	f, err := os.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c, _, err := image.DecodeConfig(f)
	if err != nil || c.Width != 1920 || c.Height != 640 {
		t.Errorf("got %d×%d, %v; want 1920×640", c.Width, c.Height, err)
	}
	if !strings.Contains(stderr, "데모") {
		t.Errorf("said %q, want it to own up to being a demo", stderr)
	}
}

func TestGenerateRefusesAnUnknownPurpose(t *testing.T) {
	t.Parallel()
	code, _, stderr := command(t, nil, "generate", "x", "--purpose=billboard")
	if code != exitUsage || !strings.Contains(stderr, "image_purpose") {
		t.Errorf("exit code %d, %q", code, stderr)
	}
}

func TestGenerateDrawsNothingThatItCannotWriteAndReplacesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	code, stdout, stderr := command(t, nil, "generate", "lamp", "-o", filepath.Join(dir, "no", "x.jpg"))
	if code == exitOK || stdout != "" || !strings.Contains(stderr, "nothing was drawn") {
		t.Errorf("into a folder that is not there: exit code %d, %q, %q", code, stdout, stderr)
	}
	mine := filepath.Join(dir, "mine.jpg")
	if err := os.WriteFile(mine, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := command(t, nil, "generate", "lamp", "-o", mine); code != exitUsage || !strings.Contains(stderr, "--force") {
		t.Errorf("onto a file: exit code %d, %q", code, stderr)
	}
	if kept, err := os.ReadFile(mine); err != nil || string(kept) != "mine" {
		t.Errorf("the file holds %q, %v", kept, err)
	}
	if code, _, stderr := command(t, nil, "generate", "lamp", "-o", mine, "--force"); code != exitOK {
		t.Errorf("with --force: exit code %d, %q", code, stderr)
	}
}
