package wire

import (
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// Message is one saved utterance of a session.
type Message struct {
	ID                string                `json:"id"`
	SessionID         string                `json:"session_id"`
	TurnID            string                `json:"turn_id"`
	Role              imagechat.Role        `json:"role" example:"assistant"`
	ContentType       imagechat.ContentType `json:"content_type" example:"mixed"`
	TextContent       *string               `json:"text_content" doc:"null for a picture without words" example:"따뜻한 아침 햇살을 담아 만들었어요."`
	ImageURL          *string               `json:"image_url" doc:"Path of the last picture's content, or null"`
	ImageThumbnailURL *string               `json:"image_thumbnail_url" doc:"Path of a copy 640 px wide, or null"`
	Images            []Image               `json:"images" doc:"The pictures that this message brought, in order"`
	ReferenceImages   []Image               `json:"reference_images" doc:"The pictures that the person sent along, in order"`
	TokensUsed        *int64                `json:"tokens_used" doc:"null where no generator counted any" example:"1340"`
	GenerationTimeMS  *int64                `json:"generation_time_ms" doc:"Milliseconds; null for what no generator made" example:"11800"`
	Error             *Problem              `json:"error,omitempty" doc:"What went wrong where part of the answer was lost"`
	CreatedAt         time.Time             `json:"created_at"`
}

// NewMessage shows a message.
func NewMessage(m *imagechat.Message, l Locale) Message {
	w := Message{
		ID: string(m.ID), SessionID: string(m.SessionID), TurnID: string(m.TurnID),
		Role: m.Role, ContentType: m.ContentType, TextContent: orNull(m.Text),
		Images: NewImages(m.Images, l), ReferenceImages: NewImages(m.References, l),
		TokensUsed: positive(m.TokensUsed), GenerationTimeMS: tookMS(m.GenerationTime),
		CreatedAt: m.CreatedAt.UTC(),
	}
	if n := len(m.Images); n > 0 {
		url, thumb := w.Images[n-1].ImageURL, w.Images[n-1].ThumbnailURL
		w.ImageURL, w.ImageThumbnailURL = &url, &thumb
	}
	if m.Error != nil {
		p := NewProblem(m.Error, l)
		w.Error = &p
		if m.Text == "" && len(m.Images) == 0 {
			w.TextContent = &p.Detail // for older clients, which know no error here
		}
	}
	return w
}

// Image is one picture. Width, height, type and bytes are the picture's own.
type Image struct {
	ID                string              `json:"id"`
	SessionID         *string             `json:"session_id" doc:"null for an upload that was not used yet"`
	MessageID         *string             `json:"message_id" doc:"null for an upload that was not used yet"`
	ParentImageID     string              `json:"parent_image_id,omitempty" doc:"The picture that this one was made from"`
	Role              imagechat.ImageRole `json:"role" example:"generated"`
	ImageURL          string              `json:"image_url" doc:"Path of the exact bytes" example:"/api/image-chat/images/0199f3c2-7a10-7c3e-9b1a-2f6f1f0c5a12/content"`
	ThumbnailURL      string              `json:"thumbnail_url" doc:"Path of a copy 640 px wide" example:"/api/image-chat/images/0199f3c2-7a10-7c3e-9b1a-2f6f1f0c5a12/content?w=640"`
	Width             int32               `json:"width" doc:"Pixels" example:"1024"`
	Height            int32               `json:"height" doc:"Pixels" example:"1024"`
	MIMEType          string              `json:"mime_type" example:"image/png"`
	Format            string              `json:"format" example:"png"`
	Bytes             int64               `json:"bytes" example:"1482031"`
	SHA256            string              `json:"sha256" doc:"Of the exact bytes, lower-case hex; also the content's ETag"`
	PromptUsed        string              `json:"prompt_used" doc:"What the generator was asked"`
	ModelUsed         string              `json:"model_used" example:"gemini-nano-banana-2.1"`
	ImagePurpose      string              `json:"image_purpose" example:"sns_instagram_square"`
	StylePreset       *string             `json:"style_preset" example:"minimal"`
	GenerationCostUSD imagechat.USD       `json:"generation_cost_usd" example:"0.0336"`
	IsSelected        bool                `json:"is_selected"`
	IsExported        bool                `json:"is_exported"`
	AltText           string              `json:"alt_text" example:"아이스 라떼 한 잔이 놓인 나무 탁자"`
	Provenance        Provenance          `json:"provenance"`
	CreatedAt         time.Time           `json:"created_at"`
}

// Provenance says where a picture came from.
type Provenance struct {
	C2PA         bool   `json:"c2pa" doc:"The bytes carry a C2PA manifest"`
	ResponseID   string `json:"response_id"`
	ModelVersion string `json:"model_version"`
}

// NewImage shows an image.
func NewImage(i *imagechat.Image, l Locale) Image {
	return Image{
		ID: string(i.ID), SessionID: orNull(i.SessionID), MessageID: orNull(i.MessageID),
		ParentImageID: string(i.ParentID), Role: i.Role,
		ImageURL: l.ImageURL(i.ID), ThumbnailURL: l.ThumbnailURL(i.ID),
		Width: int32(i.Width), Height: int32(i.Height), MIMEType: i.MIMEType, Format: i.Format,
		Bytes: i.Bytes, SHA256: string(i.Blob), PromptUsed: i.PromptUsed, ModelUsed: i.ModelUsed,
		ImagePurpose: i.ImagePurpose, StylePreset: orNull(i.StylePreset), GenerationCostUSD: i.Cost,
		IsSelected: i.Selected, IsExported: i.Exported, AltText: i.AltText,
		Provenance: Provenance{C2PA: i.C2PA, ResponseID: i.ResponseID, ModelVersion: i.ModelVersion},
		CreatedAt:  i.CreatedAt.UTC(),
	}
}

// NewImages shows images, in order.
func NewImages(is []imagechat.Image, l Locale) []Image {
	return list(is, func(i *imagechat.Image) Image { return NewImage(i, l) })
}

// ImagePage is one page of the gallery.
type ImagePage struct {
	Images     []Image `json:"images"`
	NextCursor string  `json:"next_cursor,omitempty" doc:"Give this as ?cursor= for the next page; absent on the last one"`
}

// NewImagePage shows a page of the gallery.
func NewImagePage(p *imagechat.ImagePage, l Locale) ImagePage {
	return ImagePage{Images: NewImages(p.Images, l), NextCursor: p.NextCursor}
}
