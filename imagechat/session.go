package imagechat

import "time"

// Owner is the name of whoever a session belongs to. The empty owner is the
// one person of a server without logins. Whatever belongs to another owner
// does not exist: it is answered with a not-found code.
type Owner string

// SessionStatus is where a conversation stands.
type SessionStatus string

// The states of a session; any may follow any.
const (
	SessionActive    SessionStatus = "active"
	SessionCompleted SessionStatus = "completed"
	SessionArchived  SessionStatus = "archived"
)

// Session is one conversation about one picture.
type Session struct {
	ID    SessionID `json:"id"`
	Owner Owner     `json:"owner,omitempty"`
	// Title is 0–200 runes. An empty one is filled from the first message.
	Title        string `json:"title"`
	ImagePurpose string `json:"image_purpose"`
	StylePreset  string `json:"style_preset,omitempty"`
	// BrandGuidelines are a JSON object of any form. Numbers that were read
	// are of type json.Number.
	BrandGuidelines map[string]any `json:"brand_guidelines,omitempty"`
	BrandID         BrandID        `json:"brand_id,omitempty"`
	// CustomWidth and CustomHeight are pixels, 256–4096, for purpose "custom".
	CustomWidth  int           `json:"custom_width,omitempty"`
	CustomHeight int           `json:"custom_height,omitempty"`
	Status       SessionStatus `json:"status"`
	FinalImageID ImageID       `json:"final_image_id,omitempty"`
	// FinalChosen: a person chose the final image. Until then it is the newest.
	FinalChosen bool `json:"final_chosen,omitempty"`

	// Counters, written in the transaction of what they count.
	MessagesCount   int   `json:"messages_count"`
	ImagesGenerated int   `json:"images_generated"`
	TotalTokensUsed int64 `json:"total_tokens_used"`
	TotalCost       USD   `json:"total_cost_usd"`

	// LastSeq is the number of the newest durable event, FirstSeq of the
	// oldest one still kept (LastSeq+1 when none is).
	LastSeq  int64 `json:"last_seq"`
	FirstSeq int64 `json:"first_seq"`

	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// NewSession is what a person gives to start a conversation.
type NewSession struct {
	Title           string
	ImagePurpose    string // required; an id of Registry
	StylePreset     string
	BrandGuidelines map[string]any
	BrandID         BrandID
	CustomWidth     int
	CustomHeight    int
}

// SessionPatch changes what is not nil.
type SessionPatch struct {
	Title           *string
	Status          *SessionStatus
	ImagePurpose    *string
	StylePreset     *string
	BrandGuidelines *map[string]any
	BrandID         *BrandID
	CustomWidth     *int // pixels, as in Session
	CustomHeight    *int
	FinalImageID    *ImageID
}

// SessionOrder is the order of a list of sessions.
type SessionOrder string

// The orders of a list of sessions.
const (
	SessionsNewest  SessionOrder = ""        // newest first
	SessionsUpdated SessionOrder = "updated" // what was touched last first
)

// SessionQuery asks for a page of sessions.
type SessionQuery struct {
	Order  SessionOrder
	Status SessionStatus // empty: all
	Search string        // words in titles and messages; partial syllables and initial consonants count
	Limit  int           // 1–100; 0 means 20
	Offset int
	Cursor string // from SessionPage.NextCursor; beats Offset
}

// SessionPage is one page of sessions.
type SessionPage struct {
	Sessions   []Session
	Total      int // of all pages
	NextCursor string
}
