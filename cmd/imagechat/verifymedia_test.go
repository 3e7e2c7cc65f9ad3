package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAFinishedFileTellsWhereItComesFrom(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	env := map[string]string{"DATABASE_URL": "sqlite:///" + filepath.Join(dir, "image_chat.db")}
	in, out := picture(t, 640, 360), filepath.Join(dir, "out.jpg")
	if code, _, stderr := command(t, env, "finish", in, "--purpose", "gdn_300x250", "-o", out); code != exitOK {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	code, stdout, stderr := command(t, env, "verify-media", out)
	if code != exitOK {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	for _, want := range []string{"intact", "signed here: yes", "c2pa.opened", "c2pa.cropped", "c2pa.resized", "c2pa.converted", "self-signed"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("got %s\nwant it to contain %q", stdout, want)
		}
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)-100] ^= 1
	if err := os.WriteFile(out, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if code, stdout, _ := command(t, env, "verify-media", out); code != exitFailed || !strings.Contains(stdout, "CHANGED") {
		t.Errorf("a changed file: exit code %d, %s", code, stdout)
	}
	if code, stdout, _ := command(t, env, "verify-media", in); code != exitOK || !strings.Contains(stdout, "unknown") {
		t.Errorf("a file without a manifest: exit code %d, %s", code, stdout)
	}
}
