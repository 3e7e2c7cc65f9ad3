package bunstore

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// TestAnswersOfDeletedPicturesAreEmptiedByTheUpdate opens a database whose
// pictures were deleted by a version that kept them in the answers.
func TestAnswersOfDeletedPicturesAreEmptiedByTheUpdate(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "image_chat.db")
	s, err := OpenFile(t.Context(), file, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, now := t.Context(), time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	id := func(n string) string { return "00000000-0000-7000-8000-00000000000" + n }
	key := func(c string) imagechat.BlobKey { return imagechat.BlobKey(strings.Repeat(c, 64)) }
	session := &imagechat.Session{ID: imagechat.SessionID(id("1")), Status: imagechat.SessionActive, FirstSeq: 1, CreatedAt: now, UpdatedAt: now}
	answer := func(n string, parts ...imagechat.Part) *imagechat.Message {
		return &imagechat.Message{ID: imagechat.MessageID(id(n)), SessionID: session.ID, Role: imagechat.RoleAssistant, Text: "words", Parts: parts, CreatedAt: now}
	}
	deleted := answer("2", imagechat.Part{Text: "words"}, imagechat.Part{Blob: key("a"), Signature: key("b")})
	kept := answer("3", imagechat.Part{Blob: key("c"), Thought: true}, imagechat.Part{Blob: key("d"), Signature: key("e")})
	words := answer("4", imagechat.Part{Text: "words", Signature: key("f")})
	if err := s.CreateSession(ctx, session); err != nil {
		t.Fatal(err)
	}
	for _, m := range []*imagechat.Message{deleted, kept, words} {
		if err := s.CreateMessage(ctx, m); err != nil {
			t.Fatal(err)
		}
	}
	img := &imagechat.Image{ID: imagechat.ImageID(id("5")), SessionID: session.ID, MessageID: kept.ID, Role: imagechat.ImageGenerated, Blob: key("d"), CreatedAt: now}
	if err := s.CreateImage(ctx, img); err != nil {
		t.Fatal(err)
	}
	if _, err := s.db.writer.DB.DB.ExecContext(ctx, `PRAGMA user_version = 6`); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = OpenFile(ctx, file, nil); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for m, want := range map[*imagechat.Message]int{deleted: 0, kept: 2, words: 1} {
		got, err := s.GetMessage(ctx, m.ID)
		if err != nil || len(got.Parts) != want || got.Text != "words" {
			t.Errorf("message %s: got %d parts of %q, %v, want %d", m.ID, len(got.Parts), got.Text, err, want)
		}
	}
	held, err := s.ReferencedBlobs(ctx, []imagechat.BlobKey{key("a"), key("b"), key("c"), key("d"), key("e"), key("f")})
	if err != nil || len(held) != 4 {
		t.Errorf("got %v held (%v), want all but the deleted picture and its signature", held, err)
	}
}
