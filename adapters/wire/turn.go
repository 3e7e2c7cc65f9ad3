package wire

import (
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// Turn is one request and what became of it.
type Turn struct {
	ID                 string               `json:"id"`
	SessionID          string               `json:"session_id"`
	Kind               imagechat.TurnKind   `json:"kind" example:"generate"`
	Status             imagechat.TurnStatus `json:"status" example:"succeeded"`
	Attempt            int32                `json:"attempt" doc:"Counts the person's tries, from 1" example:"1"`
	Content            string               `json:"content" example:"여름 신메뉴 포스터를 만들어 줘"`
	Request            TurnRequest          `json:"request" doc:"The request as it was taken in"`
	UserMessageID      string               `json:"user_message_id"`
	AssistantMessageID string               `json:"assistant_message_id,omitempty" doc:"The reply, once there is one"`
	Error              *Problem             `json:"error,omitempty" doc:"Why the turn failed"`
	EstimatedCostUSD   imagechat.USD        `json:"estimated_cost_usd" example:"0.04"`
	CostUSD            imagechat.USD        `json:"cost_usd" example:"0.0336"`
	CreatedAt          time.Time            `json:"created_at"`
	StartedAt          *time.Time           `json:"started_at,omitempty"`
	FinishedAt         *time.Time           `json:"finished_at,omitempty"`
}

// NewTurn shows a turn.
func NewTurn(t *imagechat.Turn, l Locale) Turn {
	w := Turn{
		ID: string(t.ID), SessionID: string(t.SessionID), Kind: t.Kind, Status: t.Status,
		Attempt: int32(t.Attempt), Content: t.Request.Content, Request: newTurnRequest(t),
		UserMessageID: string(t.UserMessageID), AssistantMessageID: string(t.AssistantMessageID),
		EstimatedCostUSD: t.EstimatedCost, CostUSD: t.Cost, CreatedAt: t.CreatedAt.UTC(),
		StartedAt: orNullTime(t.StartedAt), FinishedAt: orNullTime(t.FinishedAt),
	}
	if t.Error != nil {
		p := NewProblem(t.Error, l)
		w.Error = &p
	}
	return w
}

// TurnRequest is what a person asks of a turn.
type TurnRequest struct {
	Kind              imagechat.TurnKind `json:"kind" doc:"converse lets the model decide between talking and drawing; chat never draws; generate and refine must yield a picture" example:"generate"`
	Content           string             `json:"content" minLength:"1" maxLength:"2000" doc:"1–2000 characters (Unicode code points)" example:"여름 신메뉴 아이스 라떼를 파는 카페 포스터를 만들어 줘"`
	ImagePurpose      string             `json:"image_purpose,omitempty" doc:"Default: the session's" example:"sns_instagram_square"`
	StylePreset       string             `json:"style_preset,omitempty" doc:"Default: the session's" example:"minimal"`
	ImageID           string             `json:"image_id,omitempty" doc:"The picture to edit; refine without one takes the session's newest"`
	ReferenceImageIDs []string           `json:"reference_image_ids,omitempty" maxItems:"14" doc:"Pictures sent along, in the order they are spoken of"`
	ReferenceRoles    []ReferenceRole    `json:"reference_roles,omitempty" maxItems:"14" doc:"What each reference is, by position; marks is a copy of the picture to change with an area marked in orange, and only that area changes"`
	Count             Whole              `json:"count,omitempty" minimum:"1" maximum:"4" doc:"How many pictures; default 1" example:"1"`
	ImageSize         ImageSize          `json:"image_size,omitempty" doc:"Default: the model's" example:"1K"`
	Model             string             `json:"model,omitempty" doc:"An id of GET /models; default: the generator's" example:"gemini-nano-banana-2.1"`
	Thinking          string             `json:"thinking,omitempty" doc:"A thinking level of the model; default: the model's"`
	CustomWidth       Whole              `json:"custom_width,omitempty" minimum:"256" maximum:"4096" doc:"Pixels; custom_width and custom_height come together and make this turn a custom one, whatever the session's purpose"`
	CustomHeight      Whole              `json:"custom_height,omitempty" minimum:"256" maximum:"4096" doc:"Pixels; custom_width and custom_height come together and make this turn a custom one, whatever the session's purpose"`
}

// ReferenceRole is what a reference picture is to the request.
type ReferenceRole string

// The roles of a reference.
const (
	ReferencePlain   ReferenceRole = "reference"
	ReferenceProduct ReferenceRole = "product"
	ReferencePerson  ReferenceRole = "person"
	ReferenceStyle   ReferenceRole = "style"
	ReferenceLogo    ReferenceRole = "logo"
	// ReferenceMarks is a copy of the picture to change that shows, in orange, where.
	ReferenceMarks ReferenceRole = "marks"
)

// ImageSize is how large a picture the model draws.
type ImageSize string

// The sizes; the number is about the longer side in pixels.
const (
	Size512 ImageSize = "512"
	Size1K  ImageSize = "1K"
	Size2K  ImageSize = "2K"
	Size4K  ImageSize = "4K"
)

// Core is the request as the Service takes it; lang is the person's language.
func (r *TurnRequest) Core(lang imagechat.Lang) imagechat.TurnRequest {
	out := imagechat.TurnRequest{
		Kind: r.Kind, Content: r.Content, ImagePurpose: r.ImagePurpose, StylePreset: r.StylePreset,
		ImageID: imagechat.ImageID(r.ImageID), Count: int(r.Count), ImageSize: string(r.ImageSize),
		Model: r.Model, Thinking: r.Thinking,
		CustomWidth: int(r.CustomWidth), CustomHeight: int(r.CustomHeight), Lang: lang,
	}
	for _, id := range r.ReferenceImageIDs {
		out.ReferenceIDs = append(out.ReferenceIDs, imagechat.ImageID(id))
	}
	for _, role := range r.ReferenceRoles {
		if role == ReferencePlain {
			role = "" // the library's word for it
		}
		out.ReferenceRoles = append(out.ReferenceRoles, string(role))
	}
	return out
}

func newTurnRequest(t *imagechat.Turn) TurnRequest {
	r := &t.Request
	out := TurnRequest{
		Kind: t.Kind, Content: r.Content, ImagePurpose: r.ImagePurpose, StylePreset: r.StylePreset,
		ImageID: string(r.ImageID), Count: Whole(r.Count), ImageSize: ImageSize(r.ImageSize),
		Model: r.Model, Thinking: r.Thinking,
		CustomWidth: Whole(r.CustomWidth), CustomHeight: Whole(r.CustomHeight),
	}
	for _, id := range r.ReferenceIDs {
		out.ReferenceImageIDs = append(out.ReferenceImageIDs, string(id))
	}
	for _, role := range r.ReferenceRoles {
		out.ReferenceRoles = append(out.ReferenceRoles, ReferenceRole(first(role, string(ReferencePlain))))
	}
	return out
}
