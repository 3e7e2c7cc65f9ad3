package humaapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/wire"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// SessionPath is the part of a path that names a session. It is exported, as
// are its like, because huma passes embedded types over that are not.
type SessionPath struct {
	SessionID imagechat.SessionID `path:"session_id" doc:"The session's id"`
}

// CreateSessionRequest starts a conversation.
type CreateSessionRequest struct {
	Title           string         `json:"title,omitempty" maxLength:"200" doc:"Default: taken from the first message" example:"여름 신메뉴 인스타 피드"`
	ImagePurpose    string         `json:"image_purpose" minLength:"1" maxLength:"64" doc:"An id of GET /purposes" example:"sns_instagram_square"`
	StylePreset     string         `json:"style_preset,omitempty" maxLength:"64" doc:"An id of GET /styles" example:"minimal"`
	BrandGuidelines map[string]any `json:"brand_guidelines,omitempty" doc:"Free-form brand rules"`
	BrandID         string         `json:"brand_id,omitempty" maxLength:"100" doc:"A brand kit"`
	CustomWidth     wire.Whole     `json:"custom_width,omitempty" minimum:"256" maximum:"4096" doc:"Pixels; for the purpose custom"`
	CustomHeight    wire.Whole     `json:"custom_height,omitempty" minimum:"256" maximum:"4096" doc:"Pixels; for the purpose custom"`
}

// UpdateSessionRequest changes what it names; null clears what may be without
// a value.
type UpdateSessionRequest struct {
	Title           patch[string]                   `json:"title,omitempty" maxLength:"200" example:"가을 신메뉴"`
	Status          change[imagechat.SessionStatus] `json:"status,omitempty"`
	ImagePurpose    change[string]                  `json:"image_purpose,omitempty" minLength:"1" maxLength:"64" example:"banner_web"`
	StylePreset     patch[string]                   `json:"style_preset,omitempty" maxLength:"64" example:"vibrant"`
	BrandGuidelines patch[map[string]any]           `json:"brand_guidelines,omitempty"`
	BrandID         patch[imagechat.BrandID]        `json:"brand_id,omitempty" maxLength:"100"`
	CustomWidth     wire.Whole                      `json:"custom_width,omitempty" minimum:"256" maximum:"4096" doc:"Pixels; for the purpose custom"`
	CustomHeight    wire.Whole                      `json:"custom_height,omitempty" minimum:"256" maximum:"4096" doc:"Pixels; for the purpose custom"`
	FinalImageID    patch[imagechat.ImageID]        `json:"final_image_id,omitempty" maxLength:"100"`
}

type listSessionsInput struct {
	Limit  int                     `query:"limit" default:"20" doc:"Sessions a page, 1 to 100; what lies outside is taken as the nearest of them"`
	Offset int                     `query:"offset" default:"0" doc:"Sessions to skip, 0 to 100000000; cursor is faster"`
	Status imagechat.SessionStatus `query:"status" doc:"Only those that stand so"`
	Q      string                  `query:"q" maxLength:"200" doc:"Words in titles and messages; partial syllables and initial consonants count" example:"라떼"`
	Cursor string                  `query:"cursor" maxLength:"500" doc:"next_cursor of the page before; beats offset"`
	Sort   string                  `query:"sort" enum:"created,updated" default:"created" doc:"created: newest first; updated: what was touched last first"`
}

type createSessionInput struct{ Body CreateSessionRequest }

type getSessionInput struct {
	SessionPath
	MessagesBefore imagechat.MessageID `query:"messages_before" maxLength:"100" doc:"Messages that come before this one"`
}

type getMessageInput struct {
	MessageID imagechat.MessageID `path:"message_id" doc:"The message's id"`
}

type updateSessionInput struct {
	SessionPath
	Body UpdateSessionRequest
}

// created is the answer to a POST that made something.
type created[T any] struct {
	Location string `header:"Location" doc:"Path of what was made"`
	Body     T
}

func (ops *operations) registerSessions(api huma.API) {
	add(api, huma.Operation{
		OperationID: "createSession", Method: http.MethodPost, Path: base + "/sessions", DefaultStatus: http.StatusCreated,
		Tags: []string{"sessions"}, Summary: "Start a conversation",
		Errors: with(http.StatusBadRequest, http.StatusRequestEntityTooLarge),
	}, ops.createSession)
	add(api, huma.Operation{
		OperationID: "listSessions", Method: http.MethodGet, Path: base + "/sessions",
		Tags: []string{"sessions"}, Summary: "List conversations, newest or last touched first",
	}, ops.listSessions)
	add(api, huma.Operation{
		OperationID: "getSession", Method: http.MethodGet, Path: base + "/sessions/{session_id}",
		Tags: []string{"sessions"}, Summary: "Open a conversation with its messages", Errors: with(http.StatusNotFound),
	}, ops.getSession)
	add(api, huma.Operation{
		OperationID: "getMessage", Method: http.MethodGet, Path: base + "/messages/{message_id}",
		Tags: []string{"sessions"}, Summary: "Look at a message", Description: "The reply of a turn is its `assistant_message_id`.",
		Errors: with(http.StatusNotFound),
	}, ops.getMessage)
	add(api, huma.Operation{
		OperationID: "updateSession", Method: http.MethodPatch, Path: base + "/sessions/{session_id}",
		Tags: []string{"sessions"}, Summary: "Change a conversation",
		Errors: with(http.StatusBadRequest, http.StatusNotFound, http.StatusRequestEntityTooLarge),
	}, ops.updateSession)
	add(api, huma.Operation{
		OperationID: "deleteSession", Method: http.MethodDelete, Path: base + "/sessions/{session_id}", DefaultStatus: http.StatusNoContent,
		Tags: []string{"sessions"}, Summary: "Delete a conversation with everything in it",
		Description: "Its messages and pictures are gone; a running turn is cancelled first.", Errors: with(http.StatusNotFound),
	}, ops.deleteSession)
}

// getMessage is for clients that followed a turn to its end and want its reply
// without paging through the conversation.
func (ops *operations) getMessage(ctx context.Context, in *getMessageInput) (*body[wire.Message], error) {
	m, err := ops.svc.Message(ctx, in.MessageID)
	if err != nil {
		return nil, err
	}
	return answer(wire.NewMessage(m, wire.LocaleOf(ctx)), nil)
}

// with is the usual list of error statuses and some more.
func with(more ...int) []int {
	return append([]int{http.StatusUnauthorized, http.StatusTooManyRequests, http.StatusServiceUnavailable}, more...)
}

func (ops *operations) createSession(ctx context.Context, in *createSessionInput) (*created[wire.Session], error) {
	b := in.Body
	s, err := ops.svc.CreateSession(ctx, imagechat.NewSession{
		Title: b.Title, ImagePurpose: b.ImagePurpose, StylePreset: b.StylePreset, BrandGuidelines: b.BrandGuidelines,
		BrandID: imagechat.BrandID(b.BrandID), CustomWidth: int(b.CustomWidth), CustomHeight: int(b.CustomHeight),
	})
	if err != nil {
		return nil, err
	}
	return &created[wire.Session]{Location: base + "/sessions/" + string(s.ID), Body: wire.NewSession(s, wire.LocaleOf(ctx))}, nil
}

func (ops *operations) listSessions(ctx context.Context, in *listSessionsInput) (*body[wire.SessionPage], error) {
	// Earlier servers took any number, and their clients may send any.
	limit, offset := clamp(in.Limit, 1, 100), clamp(in.Offset, 0, 100_000_000)
	order := imagechat.SessionsNewest
	if in.Sort == string(imagechat.SessionsUpdated) {
		order = imagechat.SessionsUpdated
	}
	page, err := ops.svc.Sessions(ctx, imagechat.SessionQuery{
		Order: order, Status: in.Status, Search: in.Q, Limit: limit, Offset: offset, Cursor: in.Cursor,
	})
	if err != nil {
		return nil, err
	}
	return answer(wire.NewSessionPage(page, limit, offset, wire.LocaleOf(ctx)), nil)
}

func clamp(n, least, most int) int { return min(max(n, least), most) }

func (ops *operations) getSession(ctx context.Context, in *getSessionInput) (*body[wire.SessionDetail], error) {
	c, err := ops.svc.Conversation(ctx, in.SessionID, in.MessagesBefore, 0)
	if err != nil {
		return nil, err
	}
	return answer(wire.NewSessionDetail(c, wire.LocaleOf(ctx)), nil)
}

func (ops *operations) updateSession(ctx context.Context, in *updateSessionInput) (*body[wire.Session], error) {
	b := in.Body
	if err := cleared(field{"status", b.Status.null}, field{"image_purpose", b.ImagePurpose.null}); err != nil {
		return nil, err
	}
	s, err := ops.svc.UpdateSession(ctx, in.SessionID, imagechat.SessionPatch{
		Title: b.Title.pointer(), Status: b.Status.pointer(), ImagePurpose: b.ImagePurpose.pointer(), StylePreset: b.StylePreset.pointer(),
		BrandGuidelines: b.BrandGuidelines.pointer(), BrandID: b.BrandID.pointer(), FinalImageID: b.FinalImageID.pointer(),
		CustomWidth: pixels(b.CustomWidth), CustomHeight: pixels(b.CustomHeight),
	})
	if err != nil {
		return nil, err
	}
	return answer(wire.NewSession(s, wire.LocaleOf(ctx)), nil)
}

// pixels is a side that was given, or nil.
func pixels(n wire.Whole) *int {
	if n == 0 {
		return nil
	}
	side := int(n)
	return &side
}

func (ops *operations) deleteSession(ctx context.Context, in *SessionPath) (*nothing, error) {
	return &nothing{}, ops.svc.DeleteSession(detached(ctx), in.SessionID)
}
