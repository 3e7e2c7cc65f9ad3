package gemini_test

import (
	"context"
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*gemini.Options){
		"Gemini API, streaming": nil,
		"Gemini API, unary":     func(o *gemini.Options) { o.Unary = true },
		"Vertex AI": func(o *gemini.Options) {
			o.Backend, o.Project, o.Token = gemini.BackendVertex, "shop", func(ctx context.Context) (string, error) { return canary, nil }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			imagechattest.TestGenerator(t, func(t *testing.T) (imagechat.Generator, imagechat.Spool, imagechat.BlobStore) {
				k := newKit(t, nil, change)
				return k.gen, k.blobs.Spool(), k.blobs
			})
		})
	}
}
