package imagechat

import "time"

// Role is who speaks.
type Role string

// The two sides of a conversation.
const (
	RoleUser      Role = "user"
	RoleAssistant Role = "assistant"
)

// ContentType is what a message holds.
type ContentType string

// The kinds of content.
const (
	ContentText  ContentType = "text"
	ContentImage ContentType = "image"
	ContentMixed ContentType = "mixed"
)

// Message is one saved utterance of a session.
type Message struct {
	ID          MessageID   `json:"id"`
	SessionID   SessionID   `json:"session_id"`
	TurnID      TurnID      `json:"turn_id"`
	Role        Role        `json:"role"`
	ContentType ContentType `json:"content_type"`
	Text        string      `json:"text_content"`
	// ReferenceIDs are the images that the person sent along, in order.
	ReferenceIDs []ImageID `json:"reference_ids,omitempty"`
	// Parts is the model's turn as it came, for replay, and Model the id
	// that it was asked of; empty for people.
	Parts          []Part        `json:"parts,omitempty"`
	Model          string        `json:"model,omitempty"`
	TokensUsed     int64         `json:"tokens_used"`
	GenerationTime time.Duration `json:"generation_time"`
	Error          *Error        `json:"error,omitempty"`
	CreatedAt      time.Time     `json:"created_at"`

	// Images and References are filled in by the Service when it reads;
	// repositories keep images in rows of their own.
	Images     []Image `json:"images,omitempty"`
	References []Image `json:"references,omitempty"`
}

// Part is one piece of a model's turn, kept in order and byte for byte: a
// later request must repeat it exactly, signature included.
type Part struct {
	Text string `json:"text,omitempty"`
	// Answer is the place, from 0, of the answer that the part came in: a
	// message that brings several pictures is made of several answers.
	Answer int `json:"answer,omitempty"`
	// Thought marks drafts and reasoning: kept for replay, never shown.
	Thought bool `json:"thought,omitempty"`
	// Final marks a thought that is the answer's picture after all: the answer
	// ended well and brought no other.
	Final bool `json:"final,omitempty"`
	// Blob holds the image bytes of an image part.
	Blob     BlobKey `json:"blob,omitempty"`
	Size     int64   `json:"size,omitempty"` // bytes of Blob
	MIMEType string  `json:"mime_type,omitempty"`
	// Signature holds the decoded thought signature, 0.8–2.2 MB for images.
	Signature     BlobKey `json:"signature,omitempty"`
	SignatureSize int64   `json:"signature_size,omitempty"`
}

// IsPicture reports whether the part is a picture to be shown.
func (p *Part) IsPicture() bool { return p.Blob != "" && (!p.Thought || p.Final) }

// Blobs lists every blob that the message's parts hold on to.
func (m *Message) Blobs() []BlobKey {
	var keys []BlobKey
	for _, p := range m.Parts {
		if p.Blob != "" {
			keys = append(keys, p.Blob)
		}
		if p.Signature != "" {
			keys = append(keys, p.Signature)
		}
	}
	return keys
}

// MessagePage is a page of messages, oldest first.
type MessagePage struct {
	Messages []Message
	// Earlier is the id to give as Before for the page that precedes this
	// one; empty at the beginning of the session.
	Earlier MessageID
}
