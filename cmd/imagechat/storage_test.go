package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func storageIn(dir string) config {
	return config{DatabasePath: filepath.Join(dir, "app", "chat.db"), BlobDir: filepath.Join(dir, "app", "blobs")}
}

func TestPrepareStorageMakesTheDirectories(t *testing.T) {
	t.Parallel()
	c := storageIn(t.TempDir())
	if err := prepareStorage(c); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(filepath.Dir(c.DatabasePath))
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 || entries[0].Name() != "blobs" {
		t.Errorf("got %v, want the blob directory and no leftovers of the write test", entries)
	}
}

func TestPrepareStorageSaysWhatStandsInTheWay(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "app"), []byte("a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := config{DatabasePath: filepath.Join(dir, "chat.db"), BlobDir: filepath.Join(dir, "app", "blobs")}
	for want, c := range map[string]config{
		"DATABASE_URL": storageIn(dir),
		"BLOB_URL":     c,
		"a directory":  {DatabasePath: dir, BlobDir: filepath.Join(dir, "blobs")},
	} {
		err := prepareStorage(c)
		var bad *configError
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") || bad.Example == "" {
			t.Errorf("got %v, want one line with an example that says %s", err, want)
		}
	}
}

func TestTwoProcessesCannotShareADatabaseDirectory(t *testing.T) {
	t.Parallel()
	c := storageIn(t.TempDir())
	if err := prepareStorage(c); err != nil {
		t.Fatal(err)
	}
	release, err := lockDatabase(c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lockDatabase(c); err == nil || !strings.Contains(err.Error(), "another imagechat") {
		t.Errorf("second lock: %v, want a refusal that names the reason", err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	again, err := lockDatabase(c)
	if err != nil {
		t.Fatalf("after release: %v", err)
	}
	if err := again(); err != nil {
		t.Fatal(err)
	}
}
