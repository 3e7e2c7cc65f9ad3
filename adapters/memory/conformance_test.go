package memory_test

import (
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/memory"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

func TestBlobStoreConformance(t *testing.T) {
	t.Parallel()
	imagechattest.TestBlobStore(t, func(*testing.T) imagechat.BlobStore { return memory.NewBlobStore() })
}

func TestSpoolConformance(t *testing.T) {
	t.Parallel()
	imagechattest.TestSpool(t, func(*testing.T) (imagechat.Spool, imagechat.BlobStore) {
		b := memory.NewBlobStore()
		return b.Spool(), b
	})
}

func TestPublisherConformance(t *testing.T) {
	t.Parallel()
	imagechattest.TestPublisher(t, func(*testing.T) imagechat.Publisher { return memory.NewPublisher() })
}

func TestRepositoryConformance(t *testing.T) {
	t.Parallel()
	imagechattest.TestRepository(t, func(*testing.T) imagechat.Repository { return memory.NewRepository() })
}
