package humaapi

import (
	"context"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

type references struct{}

func (r *references) resolve(context.Context, string) (imagechat.ImageID, error) {
	return "", imagechat.InvalidRequest
}
