package main

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/bunstore"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/fsblob"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

const sessionID = imagechat.SessionID("0198c0de-0000-7000-8000-000000000001")

// someData is a place with one conversation in a database that is still open,
// so that what was written lies in its log.
func someData(t *testing.T) config {
	t.Helper()
	c := prepared(t)
	store, err := bunstore.OpenFile(t.Context(), c.DatabasePath, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	now := time.Now()
	if err := store.CreateSession(t.Context(), &imagechat.Session{
		ID: sessionID, ImagePurpose: "banner_web", Status: imagechat.SessionActive, CreatedAt: now, UpdatedAt: now,
	}); err != nil {
		t.Fatal(err)
	}
	blobs, err := fsblob.Open(c.BlobDir)
	if err != nil {
		t.Fatal(err)
	}
	if err := blobs.Close(); err != nil {
		t.Fatal(err)
	}
	return c
}

// holdsTheSession asks a database file for the conversation.
func holdsTheSession(t *testing.T, file string) {
	t.Helper()
	if err := withDatabase(t.Context(), file, func(s *bunstore.Store) error {
		_, err := s.GetSession(t.Context(), sessionID)
		return err
	}); err != nil {
		t.Errorf("%s: %v", file, err)
	}
}

func age(t *testing.T, path string) {
	t.Helper()
	old := time.Now().Add(-2 * staleAfter)
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
}

func TestWhatAKilledBackupLeftStopsNoOtherAndGoes(t *testing.T) {
	t.Parallel()
	c := someData(t)
	busy, err := newWorkplace(c.dataDir()) // somebody's who is at work
	if err != nil {
		t.Fatal(err)
	}
	killed, err := newWorkplace(c.dataDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := killed.release(); err != nil { // the kernel does that for the dead
		t.Fatal(err)
	}
	var old []string
	for _, name := range []string{".snapshot-1.db", ".snapshot-1.db.part", ".backup-123", ".writetest-9"} {
		path := filepath.Join(c.dataDir(), name)
		if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
		age(t, path)
		old = append(old, path)
	}
	if found := checkLeftovers(c); len(found) != 1 || found[0].Verdict != warning || !strings.Contains(found[0].Detail, "5 files") {
		t.Errorf("doctor says %v, want the five leftovers", found)
	}
	file := filepath.Join(t.TempDir(), "chat.tar")
	if _, err := backupTo(t.Context(), c, file); err != nil {
		t.Fatalf("a backup beside leftovers: %v", err)
	}
	for _, path := range append(old, killed.dir) {
		if _, err := os.Lstat(path); err == nil {
			t.Errorf("%s is still there", path)
		}
	}
	if _, err := os.Lstat(busy.dir); err != nil {
		t.Errorf("the workplace of somebody at work: %v", err)
	}
	if err := busy.close(); err != nil {
		t.Fatal(err)
	}
	if rest, _ := filepath.Glob(filepath.Join(c.dataDir(), ".imagechat-backup-*")); len(rest) != 0 {
		t.Errorf("left %v", rest)
	}
	if lastBackup(c).IsZero() {
		t.Error("nobody remembers the backup")
	}
}

func TestABackupGoesToStandardOutput(t *testing.T) {
	t.Parallel()
	c := someData(t)
	var out, talk bytes.Buffer
	env := map[string]string{"DATABASE_URL": "sqlite:///" + c.DatabasePath, "BLOB_URL": "file://" + c.BlobDir}
	p := &program{Stdout: &out, Stderr: &talk, Dir: t.TempDir(), Lookup: func(name string) (string, bool) { v, ok := env[name]; return v, ok }}
	if code := p.run([]string{"backup", "-"}); code != exitOK {
		t.Fatalf("exit code %d: %s", code, talk.String())
	}
	file := filepath.Join(t.TempDir(), "chat.tar")
	if err := os.WriteFile(file, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if code := p.run([]string{"verify", file}); code != exitOK {
		t.Errorf("verify: exit code %d: %s", code, talk.String())
	}
}

// A snapshot that cannot be made beside the database is made elsewhere, of the
// files as they lie there: what is in the log belongs to it.
func TestADatabaseThatCannotBeWrittenBesideIsCopied(t *testing.T) {
	t.Parallel()
	c := someData(t)
	place, err := newWorkplace(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	b := &backupRun{cfg: c, place: place}
	file := place.file("snapshot.db")
	if err := b.copyDatabase(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	holdsTheSession(t, file)
	if err := place.close(); err != nil {
		t.Fatal(err)
	}
}

func TestScheduledBackupsAreKeptUpToANumber(t *testing.T) {
	t.Parallel()
	c := someData(t)
	c.BackupDir, c.BackupKeep = filepath.Join(t.TempDir(), "backups"), 2
	log := slog.New(slog.DiscardHandler)
	if !due(c.BackupDir, time.Hour, time.Now()) {
		t.Error("with no backup, none is due")
	}
	if err := os.MkdirAll(c.BackupDir, 0o700); err != nil {
		t.Fatal(err)
	}
	names := []string{"imagechat-20200101T000000Z.tar", "imagechat-20210101T000000Z.tar", "somebody-else.tar"}
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(c.BackupDir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	scheduledBackup(t.Context(), c, log)
	kept := scheduled(c.BackupDir)
	if len(kept) != 2 || filepath.Base(kept[0]) != names[1] {
		t.Fatalf("kept %v, want the newest two", kept)
	}
	if _, err := os.Stat(filepath.Join(c.BackupDir, names[2])); err != nil {
		t.Errorf("a file of somebody else's: %v", err)
	}
	if due(c.BackupDir, time.Hour, time.Now()) || !due(c.BackupDir, time.Hour, time.Now().Add(2*time.Hour)) {
		t.Error("the next one is due after the interval, and not before")
	}
}
