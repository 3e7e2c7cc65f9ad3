package mcpapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/wire"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// What a turn is asked with. Defaults are those of the REST API.
type asking struct {
	Prompt         string   `json:"prompt" jsonschema:"what to draw or to change, in Korean or English, 1 to 2000 characters"`
	ReferenceIDs   []string `json:"reference_image_ids,omitempty" jsonschema:"ids of pictures to go by"`
	Style          string   `json:"style,omitempty" jsonschema:"a style preset; default: the session's"`
	Count          int      `json:"count,omitempty" jsonschema:"1 to 4 pictures, default 1; each is paid"`
	ImageSize      string   `json:"image_size,omitempty" jsonschema:"512, 1K, 2K or 4K; default: what the placement needs"`
	Model          string   `json:"model,omitempty" jsonschema:"default: the server's"`
	IdempotencyKey string   `json:"idempotency_key,omitempty" jsonschema:"any text of yours; repeating a call with the same key in the same session returns the first turn and is never paid twice"`
	ConfirmCostUSD float64  `json:"confirm_cost_usd,omitempty" jsonschema:"the sum that the person has agreed to; needed when a call is answered with confirmation_required"`
	WaitSeconds    int      `json:"wait_seconds,omitempty" jsonschema:"how long to wait for the picture, 0 to 110, default 45"`
}

type generateInput struct {
	SessionID string `json:"session_id" jsonschema:"from create_session"`
	asking
}

type refineInput struct {
	ImageID string `json:"image_id" jsonschema:"the picture to change"`
	asking
}

type estimateInput struct {
	SessionID string `json:"session_id"`
	asking
}

type estimateOutput struct {
	EstimatedCostUSD float64 `json:"estimated_cost_usd" jsonschema:"what the call costs at most"`
	NeedsConfirm     bool    `json:"confirmation_required" jsonschema:"the call has to be made with confirm_cost_usd"`
}

type waitInput struct {
	TurnID      string `json:"turn_id"`
	WaitSeconds int    `json:"wait_seconds,omitempty" jsonschema:"0 to 110, default 45"`
}

type turnInput struct {
	TurnID string `json:"turn_id"`
}

// picture is an image as an agent needs it.
type picture struct {
	ID       string `json:"id"`
	Resource string `json:"resource" jsonschema:"read this resource for the exact bytes"`
	URL      string `json:"url,omitempty" jsonschema:"for a person's browser"`
	Width    int    `json:"width"`
	Height   int    `json:"height"`
	MIMEType string `json:"mime_type"`
	AltText  string `json:"alt_text,omitempty"`
}

// turnOutput is what became of a turn.
type turnOutput struct {
	TurnID           string    `json:"turn_id"`
	SessionID        string    `json:"session_id"`
	Status           string    `json:"status" jsonschema:"queued and running: follow with wait_for_turn; succeeded, failed, cancelled: ended"`
	EstimatedCostUSD float64   `json:"estimated_cost_usd"`
	CostUSD          float64   `json:"cost_usd" jsonschema:"what was spent on it so far, failed and cancelled ones too"`
	Reply            string    `json:"reply,omitempty"`
	Images           []picture `json:"images,omitempty"`
	Error            string    `json:"error,omitempty"`
}

func (s *Server) addTurns() {
	pays := &mcp.ToolAnnotations{IdempotentHint: false}
	add(s, &mcp.Tool{Name: "estimate", Description: "What generate_image would cost at most. Costs nothing.", Annotations: reads}, s.estimate)
	add(s, &mcp.Tool{Name: "generate_image", Description: "Draw new pictures in a session. Costs money; the answer says how much.", Annotations: pays}, s.generate)
	add(s, &mcp.Tool{Name: "refine_image", Description: "Change one picture by what is said about it; the rest of it is kept as the model can. Makes a new version and costs money.", Annotations: pays}, s.refine)
	add(s, &mcp.Tool{Name: "wait_for_turn", Description: "Wait for a turn that was still running. Costs nothing.", Annotations: reads}, s.wait)
	add(s, &mcp.Tool{Name: "cancel_turn", Description: "End a turn now. What was sent to the generator already may be charged; the answer says so."}, s.cancel)
}

func (a *asking) request(kind imagechat.TurnKind, image string) imagechat.TurnRequest {
	r := imagechat.TurnRequest{
		Kind: kind, Content: a.Prompt, StylePreset: a.Style, ImageID: imagechat.ImageID(image),
		Count: a.Count, ImageSize: a.ImageSize, Model: a.Model,
	}
	for _, id := range a.ReferenceIDs {
		r.ReferenceIDs = append(r.ReferenceIDs, imagechat.ImageID(id))
	}
	return r
}

func (s *Server) estimate(ctx context.Context, in estimateInput) (*mcp.CallToolResult, estimateOutput, error) {
	cost, err := s.svc.Estimate(ctx, imagechat.SessionID(in.SessionID), in.request(imagechat.KindGenerate, ""))
	if err != nil {
		return nil, estimateOutput{}, err
	}
	return nil, estimateOutput{EstimatedCostUSD: dollars(cost), NeedsConfirm: s.needsConfirm(cost)}, nil
}

func (s *Server) generate(ctx context.Context, in generateInput) (*mcp.CallToolResult, turnOutput, error) {
	return s.ask(ctx, imagechat.SessionID(in.SessionID), in.request(imagechat.KindGenerate, ""), &in.asking)
}

func (s *Server) refine(ctx context.Context, in refineInput) (*mcp.CallToolResult, turnOutput, error) {
	img, err := s.svc.Image(ctx, imagechat.ImageID(in.ImageID))
	if err != nil {
		return nil, turnOutput{}, err
	}
	if img.SessionID == "" {
		return nil, turnOutput{}, advise("picture %s belongs to no session yet: give it as reference_image_ids of generate_image", img.ID)
	}
	return s.ask(ctx, img.SessionID, in.request(imagechat.KindRefine, in.ImageID), &in.asking)
}

// ask takes a turn in, once its price is agreed to, and waits for it.
func (s *Server) ask(ctx context.Context, session imagechat.SessionID, r imagechat.TurnRequest, a *asking) (*mcp.CallToolResult, turnOutput, error) {
	if err := checkWait(a.WaitSeconds); err != nil {
		return nil, turnOutput{}, err
	}
	// A turn that was taken in already costs nothing, however dear it was.
	first, err := s.svc.Replay(ctx, session, r, a.IdempotencyKey)
	if err != nil {
		return nil, turnOutput{}, err
	}
	if first == nil {
		cost, err := s.svc.Estimate(ctx, session, r)
		if err != nil {
			return nil, turnOutput{}, err
		}
		if s.needsConfirm(cost) && imagechat.Dollars(a.ConfirmCostUSD) < cost {
			return nil, turnOutput{}, advise("confirmation_required: this costs up to $%s, more than $%s. Nothing was done. Ask the person, then call again with confirm_cost_usd: %s", cost, s.confirmAbove, cost)
		}
		if first, err = wire.CallerOf(ctx).Submit(ctx, s.svc, session, r, a.IdempotencyKey); err != nil {
			return nil, turnOutput{}, err
		}
	}
	return s.follow(ctx, first.Turn.ID, a.WaitSeconds)
}

func (s *Server) needsConfirm(cost imagechat.USD) bool {
	return cost > s.confirmAbove
}

const (
	// longestWait stays below the two minutes after which proxies and clients
	// give a request up.
	longestWait = 110
	// usualWait is below the minute of clients that are not told of progress.
	usualWait = 45
)

func checkWait(seconds int) error {
	if seconds < 0 || seconds > longestWait {
		return advise("wait_seconds is 0 to %d", longestWait)
	}
	return nil
}

func (s *Server) wait(ctx context.Context, in waitInput) (*mcp.CallToolResult, turnOutput, error) {
	if err := checkWait(in.WaitSeconds); err != nil {
		return nil, turnOutput{}, err
	}
	return s.follow(ctx, imagechat.TurnID(in.TurnID), in.WaitSeconds)
}

func (s *Server) cancel(ctx context.Context, in turnInput) (*mcp.CallToolResult, turnOutput, error) {
	t, err := s.svc.Cancel(ctx, imagechat.TurnID(in.TurnID))
	if err != nil {
		return nil, turnOutput{}, err
	}
	return s.told(ctx, t)
}

// follow waits for a turn and tells how far it is.
func (s *Server) follow(ctx context.Context, id imagechat.TurnID, seconds int) (*mcp.CallToolResult, turnOutput, error) {
	if seconds == 0 {
		seconds = usualWait
	}
	waiting, cancel := context.WithTimeout(ctx, time.Duration(seconds)*time.Second)
	defer cancel()
	t, err := s.svc.Wait(waiting, id)
	switch {
	case ctx.Err() != nil:
		return nil, turnOutput{}, ctx.Err() // the client is gone; the turn goes on
	case err != nil && (t == nil || !errors.Is(err, context.DeadlineExceeded)):
		return nil, turnOutput{}, err
	}
	return s.told(ctx, t)
}

// told is a turn for an agent: words, money, and pictures with a small copy to look at.
func (s *Server) told(ctx context.Context, t *imagechat.Turn) (*mcp.CallToolResult, turnOutput, error) {
	out := turnOutput{
		TurnID: string(t.ID), SessionID: string(t.SessionID), Status: string(t.Status),
		EstimatedCostUSD: dollars(t.EstimatedCost), CostUSD: dollars(t.Cost),
	}
	if t.Error != nil {
		out.Error = s.refusal(ctx, t.Error).Error()
	}
	result := &mcp.CallToolResult{IsError: t.Error != nil}
	if t.AssistantMessageID != "" && t.Error == nil {
		m, err := s.svc.Message(ctx, t.AssistantMessageID)
		if err != nil {
			return nil, turnOutput{}, err
		}
		out.Reply = short(m.Text, 2000)
		for i := range m.Images {
			img := &m.Images[i]
			out.Images = append(out.Images, s.picture(ctx, img))
			result.Content = append(result.Content, s.preview(ctx, img)...)
		}
	}
	result.Content = append([]mcp.Content{&mcp.TextContent{Text: summary(&out)}}, result.Content...)
	return result, out, nil
}

func summary(t *turnOutput) string {
	text := fmt.Sprintf("turn %s: %s, $%s spent", t.TurnID, t.Status, trim(t.CostUSD))
	switch t.Status {
	case string(imagechat.TurnQueued), string(imagechat.TurnRunning):
		text = fmt.Sprintf("turn %s: %s, up to $%s. Follow it with wait_for_turn.", t.TurnID, t.Status, trim(t.EstimatedCostUSD))
	}
	if t.Error != "" {
		text += "\n" + t.Error
	}
	if t.Reply != "" {
		text += "\n" + t.Reply
	}
	return text
}

func trim(usd float64) string { return imagechat.Dollars(math.Max(usd, 0)).String() }

// previewWidth is enough for a model to see what was drawn, and small enough
// for its context.
const previewWidth = 512

// preview is a small copy and a link to the whole. Without the copy the link
// has to do.
func (s *Server) preview(ctx context.Context, img *imagechat.Image) []mcp.Content {
	link := &mcp.ResourceLink{URI: imageURI(img.ID), Name: string(img.ID) + "." + img.Format, MIMEType: img.MIMEType, Description: short(img.AltText, 200), Size: &img.Bytes}
	variant, file, err := s.svc.Thumbnail(ctx, img.ID, previewWidth)
	if err != nil {
		s.log.WarnContext(ctx, "no preview for an agent", "image", img.ID, "err", err)
		return []mcp.Content{link}
	}
	defer file.Close()
	data, err := io.ReadAll(file)
	if err != nil {
		s.log.WarnContext(ctx, "no preview for an agent", "image", img.ID, "err", err)
		return []mcp.Content{link}
	}
	return []mcp.Content{&mcp.ImageContent{Data: data, MIMEType: variant.MIMEType}, link}
}

func (s *Server) picture(_ context.Context, img *imagechat.Image) picture {
	p := picture{
		ID: string(img.ID), Resource: imageURI(img.ID), Width: img.Width, Height: img.Height,
		MIMEType: img.MIMEType, AltText: short(img.AltText, 200),
	}
	if s.o.Address != "" {
		p.URL = s.o.Address + "/images/" + string(img.ID) + "/content"
	}
	return p
}
