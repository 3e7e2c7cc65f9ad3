package bunstore_test

import (
	"path/filepath"
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/bunstore"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

func open(t testing.TB, file string) *bunstore.Store {
	t.Helper()
	s, err := bunstore.Open(t.Context(), "sqlite:///"+file, nil)
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

func TestRepositoryConformance(t *testing.T) {
	t.Parallel()
	imagechattest.TestRepository(t, func(t *testing.T) imagechat.Repository {
		return open(t, filepath.Join(t.TempDir(), "image_chat.db"))
	})
}
