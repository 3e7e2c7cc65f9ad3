package demo_test

import (
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/demo"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/memory"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	imagechattest.TestGenerator(t, func(*testing.T) (imagechat.Generator, imagechat.Spool, imagechat.BlobStore) {
		blobs := memory.NewBlobStore()
		return demo.New(&demo.Options{Delay: -1}), blobs.Spool(), blobs
	})
}
