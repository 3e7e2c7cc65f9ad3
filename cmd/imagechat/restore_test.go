package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// prepared is a place for data that a first start has seen.
func prepared(t *testing.T) config {
	t.Helper()
	c := storageIn(t.TempDir())
	if err := prepareStorage(c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAFailedRestoreLeavesNothing(t *testing.T) {
	t.Parallel()
	good := goodArchive(t) // whose database is none, which shows at the end
	for name, archive := range map[string][]byte{
		"no archive": []byte("junk"), "a database that is none": good, "cut off": good[:len(good)/2],
	} {
		c := prepared(t)
		if _, err := restoreBackup(t.Context(), c, bytes.NewReader(archive)); err == nil {
			t.Fatalf("%s was restored", name)
		}
		entries, err := os.ReadDir(filepath.Dir(c.DatabasePath))
		if err != nil || len(entries) != 1 || entries[0].Name() != "blobs" {
			t.Errorf("%s: left %v, %v", name, entries, err)
		}
		if entries, err := os.ReadDir(c.BlobDir); err != nil || len(entries) > 0 {
			t.Errorf("%s: left %v, %v", name, entries, err)
		}
	}
}

func TestARestoreTakesAwayOnlyWhatARestoreLeft(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name         string
		file         func(config) string
		mark, begins bool
	}{
		{"nothing", nil, false, true},
		{"a picture of somebody's", func(c config) string { return filepath.Join(c.BlobDir, "aa", "picture") }, false, false},
		{"a picture of a restore that was killed", func(c config) string { return filepath.Join(c.BlobDir, "aa", "picture") }, true, true},
		{"a mark that outlived its restore", func(c config) string { return filepath.Join(c.BlobDir, ".restoring") }, false, false},
		{"a log of another database", func(c config) string { return c.DatabasePath + ".restoring-wal" }, false, true},
		{"a database", func(c config) string { return c.DatabasePath }, true, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := prepared(t)
			if test.mark {
				if _, err := beginRestore(c); err != nil {
					t.Fatal(err)
				}
			}
			file := ""
			if test.file != nil {
				file = test.file(c)
				if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			_, err := beginRestore(c)
			if (err == nil) != test.begins || err != nil && !strings.Contains(err.Error(), "move it away") {
				t.Errorf("got %v, want a begin: %v", err, test.begins)
			}
			if test.file != nil && isFile(file) == test.begins {
				t.Errorf("%s is there: %v", file, isFile(file))
			}
		})
	}
}
