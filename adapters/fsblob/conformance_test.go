package fsblob_test

import (
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/fsblob"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

func open(t *testing.T) *fsblob.Store {
	t.Helper()
	s, err := fsblob.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

func TestBlobStoreConformance(t *testing.T) {
	t.Parallel()
	imagechattest.TestBlobStore(t, func(t *testing.T) imagechat.BlobStore { return open(t) })
}

func TestSpoolConformance(t *testing.T) {
	t.Parallel()
	imagechattest.TestSpool(t, func(t *testing.T) (imagechat.Spool, imagechat.BlobStore) {
		s := open(t)
		return s.Spool(), s
	})
}
