package customblob_test

import (
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/examples/customblob"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

// An adapter is proven by the project's own suite.
func TestConformance(t *testing.T) {
	imagechattest.TestBlobStore(t, func(*testing.T) imagechat.BlobStore {
		return customblob.New(&customblob.MapTable{})
	})
}
