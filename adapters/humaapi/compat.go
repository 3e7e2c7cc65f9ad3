package humaapi

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/wire"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// The synchronous routes answer when the turn ended. They stand on the same
// turns as everything else: the client's going away cancels nothing.

// SendMessageRequest talks without drawing.
type SendMessageRequest struct {
	Content           string `json:"content" minLength:"1" maxLength:"2000" example:"어떤 분위기가 여름 신메뉴에 어울릴까?"`
	ReferenceImageURL string `json:"reference_image_url,omitempty" doc:"A picture of this server, or a data: URL"`
}

// GenerateRequest draws a picture.
type GenerateRequest struct {
	Prompt            string     `json:"prompt" minLength:"1" maxLength:"1000" example:"나무 탁자 위의 아이스 라떼, 아침 햇살"`
	StylePreset       string     `json:"style_preset,omitempty" maxLength:"64" doc:"Default: the session's" example:"minimal"`
	ReferenceImageURL string     `json:"reference_image_url,omitempty" doc:"A picture of this server, or a data: URL"`
	CustomWidth       wire.Whole `json:"custom_width,omitempty" minimum:"256" maximum:"4096" doc:"Pixels; both sides together make this a picture of that size, whatever the session's purpose"`
	CustomHeight      wire.Whole `json:"custom_height,omitempty" minimum:"256" maximum:"4096" doc:"Pixels; both sides together make this a picture of that size, whatever the session's purpose"`
}

// RefineRequest changes a picture.
type RefineRequest struct {
	Feedback string `json:"feedback" minLength:"1" maxLength:"500" example:"배경을 더 밝게 해 줘"`
	ImageID  string `json:"image_id" minLength:"1" maxLength:"100" doc:"The picture to start from"`
}

type (
	sendMessageInput struct {
		SessionPath
		IdempotencyKey string `header:"Idempotency-Key" maxLength:"255"`
		Body           SendMessageRequest
	}
	generateInput struct {
		SessionPath
		IdempotencyKey string `header:"Idempotency-Key" maxLength:"255"`
		Body           GenerateRequest
	}
	refineInput struct {
		SessionPath
		IdempotencyKey string `header:"Idempotency-Key" maxLength:"255"`
		Body           RefineRequest
	}
)

// A body may carry a data: URL of the largest upload, which base64 makes a
// third larger.
const (
	dataURLBody     = 28 << 20
	dataURLReadTime = 2 * time.Minute
)

func (ops *operations) registerCompat(api huma.API) {
	failures := with(http.StatusBadRequest, http.StatusPaymentRequired, http.StatusNotFound, http.StatusConflict,
		http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusBadGateway,
		http.StatusGatewayTimeout)
	op := func(id, path, summary string) huma.Operation {
		return huma.Operation{
			OperationID: id, Method: http.MethodPost, Path: base + "/sessions/{session_id}/" + path,
			Tags: []string{"turns"}, Summary: summary, Errors: failures,
			Description:  "Answers when the turn ended. Going away cancels nothing: the turn goes on and can be read later.",
			MaxBodyBytes: dataURLBody, BodyReadTimeout: dataURLReadTime,
		}
	}
	add(api, op("sendMessage", "message", "Talk and wait for the reply"), ops.sendMessage, withRequest)
	add(api, op("generateImage", "generate", "Draw a picture and wait for it"), ops.generateImage, withRequest)
	add(api, op("refineImage", "refine", "Change a picture and wait for the new one"), ops.refineImage)
}

func (ops *operations) sendMessage(ctx context.Context, in *sendMessageInput) (*body[wire.Message], error) {
	return ops.runTurn(ctx, in.SessionID, in.IdempotencyKey, &in.Body.ReferenceImageURL,
		imagechat.TurnRequest{Kind: imagechat.KindChat, Content: in.Body.Content})
}

func (ops *operations) generateImage(ctx context.Context, in *generateInput) (*body[wire.Message], error) {
	return ops.runTurn(ctx, in.SessionID, in.IdempotencyKey, &in.Body.ReferenceImageURL, imagechat.TurnRequest{
		Kind: imagechat.KindGenerate, Content: in.Body.Prompt, StylePreset: in.Body.StylePreset,
		CustomWidth: int(in.Body.CustomWidth), CustomHeight: int(in.Body.CustomHeight),
	})
}

func (ops *operations) refineImage(ctx context.Context, in *refineInput) (*body[wire.Message], error) {
	return ops.runTurn(ctx, in.SessionID, in.IdempotencyKey, nil, imagechat.TurnRequest{
		Kind: imagechat.KindRefine, Content: in.Body.Feedback, ImageID: imagechat.ImageID(in.Body.ImageID),
	})
}

// runTurn submits and waits for the reply. A turn that failed answers with its
// problem. The reference, which may be 27 MB, is let go of before the wait.
func (ops *operations) runTurn(ctx context.Context, id imagechat.SessionID, key string, reference *string, r imagechat.TurnRequest) (*body[wire.Message], error) {
	r.Lang = wire.LocaleOf(ctx).Lang
	var text string
	if reference != nil {
		text, *reference = *reference, ""
	}
	sub, err := ops.submitWith(ctx, id, key, text, r)
	if err != nil {
		return nil, err
	}
	bodyIsRead(ctx)
	waiting, cancel := context.WithTimeout(ctx, 2*maxWait)
	defer cancel()
	t, err := ops.svc.Wait(waiting, sub.Turn.ID)
	switch {
	case t == nil:
		return nil, err
	case t.Status == imagechat.TurnFailed && t.Error != nil:
		return nil, t.Error
	case t.Status == imagechat.TurnCancelled:
		return nil, &imagechat.Error{Code: imagechat.Cancelled, Retryable: true}
	case !t.Status.Ended():
		return nil, &imagechat.Error{Code: imagechat.GeneratorTimeout, Retryable: true}
	}
	m, err := ops.svc.Message(ctx, t.AssistantMessageID)
	if err != nil {
		return nil, err
	}
	return answer(wire.NewMessage(m, wire.LocaleOf(ctx)), nil)
}

// submitWith takes a turn in together with the reference that its request
// carries. A picture that has to be stored for it is stored last: a turn that
// is known is answered, and a request that is wrong refused, before.
func (ops *operations) submitWith(ctx context.Context, id imagechat.SessionID, key, text string, r imagechat.TurnRequest) (*imagechat.Submission, error) {
	// The turn is taken in or not, whatever becomes of the client meanwhile.
	submit := func() (*imagechat.Submission, error) {
		return wire.CallerOf(ctx).Submit(detached(ctx), ops.svc, id, r, key)
	}
	if text == "" {
		return submit()
	}
	ref, err := ops.references.read(text, ctx.Value(exchangeKey{}).(exchange).r.Host)
	if err != nil {
		return nil, err
	}
	if ref.store == nil {
		r.ReferenceIDs = []imagechat.ImageID{ref.image}
		return submit()
	}
	sum := sha256.Sum256([]byte(text))
	r.ReferenceKey = hex.EncodeToString(sum[:])
	if known, err := ops.svc.Replay(ctx, id, r, key); known != nil || err != nil {
		return known, err
	}
	if _, err := ops.svc.Estimate(ctx, id, r); err != nil { // which checks the request
		return nil, err
	}
	image, err := ref.store(ctx)
	if err != nil {
		return nil, err
	}
	r.ReferenceIDs = []imagechat.ImageID{image.ID}
	sub, err := submit()
	if err != nil || sub.Replayed {
		ops.forget(ctx, image.ID)
	}
	return sub, err
}

// forget deletes a picture that was stored for a turn that did not come
// about. A turn that was taken in after all has made it its session's.
func (ops *operations) forget(ctx context.Context, id imagechat.ImageID) {
	ctx = detached(ctx)
	i, err := ops.svc.Image(ctx, id)
	if err == nil && i.SessionID == "" {
		err = ops.svc.DeleteImage(ctx, id)
	}
	if err != nil && ops.o.Logger != nil {
		ops.o.Logger.Warn("a reference stays behind", "image", id, "err", err)
	}
}
