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
