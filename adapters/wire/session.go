package wire

import (
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// Session is one conversation about one picture.
type Session struct {
	ID              string                  `json:"id" doc:"UUIDv7" example:"0199f3c2-7a10-7c3e-9b1a-2f6f1f0c5a11"`
	Title           *string                 `json:"title" maxLength:"200" doc:"Taken from the first message where none was given; null before it" example:"여름 신메뉴 인스타 피드"`
	ImagePurpose    string                  `json:"image_purpose" doc:"An id of GET /purposes" example:"sns_instagram_square"`
	StylePreset     *string                 `json:"style_preset" doc:"An id of GET /styles, or null" example:"minimal"`
	BrandGuidelines map[string]any          `json:"brand_guidelines" nullable:"true" doc:"Free-form brand rules of this conversation, or null"`
	BrandID         *string                 `json:"brand_id" doc:"The brand kit in use, or null"`
	CustomWidth     int32                   `json:"custom_width,omitempty" doc:"Pixels; only for the purpose custom"`
	CustomHeight    int32                   `json:"custom_height,omitempty" doc:"Pixels; only for the purpose custom"`
	Status          imagechat.SessionStatus `json:"status" example:"active"`
	FinalImageURL   *string                 `json:"final_image_url" doc:"Path of the chosen picture's content, or null"`
	FinalImageID    *string                 `json:"final_image_id" doc:"The chosen picture, or null"`
	MessagesCount   int32                   `json:"messages_count" example:"4"`
	ImagesGenerated int32                   `json:"images_generated" example:"2"`
	TotalTokensUsed int64                   `json:"total_tokens_used" example:"2760"`
	TotalCostUSD    imagechat.USD           `json:"total_cost_usd" example:"0.0672"`
	LastSeq         int64                   `json:"last_seq" doc:"Number of the newest durable event; connect with ?after= this to miss nothing" example:"7"`
	CreatedAt       time.Time               `json:"created_at"`
	UpdatedAt       time.Time               `json:"updated_at"`
}

// NewSession shows a session.
func NewSession(s *imagechat.Session, l Locale) Session {
	w := Session{
		ID: string(s.ID), Title: orNull(s.Title), ImagePurpose: s.ImagePurpose,
		StylePreset: orNull(s.StylePreset), BrandGuidelines: s.BrandGuidelines,
		BrandID: orNull(s.BrandID), Status: s.Status,
		CustomWidth: int32(s.CustomWidth), CustomHeight: int32(s.CustomHeight),
		FinalImageID:  orNull(s.FinalImageID),
		MessagesCount: int32(s.MessagesCount), ImagesGenerated: int32(s.ImagesGenerated),
		TotalTokensUsed: s.TotalTokensUsed, TotalCostUSD: s.TotalCost, LastSeq: s.LastSeq,
		CreatedAt: s.CreatedAt.UTC(), UpdatedAt: s.UpdatedAt.UTC(),
	}
	if s.FinalImageID != "" {
		url := l.ImageURL(s.FinalImageID)
		w.FinalImageURL = &url
	}
	return w
}

// SessionDetail is a session with what was said in it.
type SessionDetail struct {
	Session
	Messages       []Message `json:"messages" doc:"Oldest first, at most the newest 200"`
	MessagesBefore string    `json:"messages_before,omitempty" doc:"Give this as ?messages_before= to read the page that comes before; absent at the beginning"`
	ActiveTurns    []Turn    `json:"active_turns" doc:"Turns that wait or run now, oldest first"`
}

// NewSessionDetail shows a session with a page of its messages.
func NewSessionDetail(c *imagechat.Conversation, l Locale) SessionDetail {
	return SessionDetail{
		Session:        NewSession(c.Session, l),
		Messages:       list(c.Messages.Messages, func(m *imagechat.Message) Message { return NewMessage(m, l) }),
		MessagesBefore: string(c.Messages.Earlier),
		ActiveTurns:    list(c.Turns, func(t *imagechat.Turn) Turn { return NewTurn(t, l) }),
	}
}

// SessionPage is one page of sessions.
type SessionPage struct {
	Sessions   []Session `json:"sessions"`
	Total      int32     `json:"total" doc:"Of all pages" example:"42"`
	Limit      int32     `json:"limit" example:"20"`
	Offset     int32     `json:"offset" example:"0"`
	NextCursor string    `json:"next_cursor,omitempty" doc:"Give this as ?cursor= for the next page; absent on the last one"`
}

// NewSessionPage shows a page of sessions.
func NewSessionPage(p *imagechat.SessionPage, limit, offset int, l Locale) SessionPage {
	return SessionPage{
		Sessions: list(p.Sessions, func(s *imagechat.Session) Session { return NewSession(s, l) }), Total: int32(p.Total),
		Limit: int32(limit), Offset: int32(offset), NextCursor: p.NextCursor,
	}
}
