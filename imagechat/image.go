package imagechat

import "time"

// ImageRole is what an image is to the conversation.
type ImageRole string

// The roles of an image.
const (
	ImageGenerated ImageRole = "generated"
	ImageReference ImageRole = "reference"
	ImageLogo      ImageRole = "logo"
)

// Image is one picture. Width, Height, MIMEType and Bytes are read from the
// bytes themselves, never from the preset that was asked for.
type Image struct {
	ID        ImageID   `json:"id"`
	Owner     Owner     `json:"owner,omitempty"`
	SessionID SessionID `json:"session_id,omitempty"` // empty for uploads not used yet
	MessageID MessageID `json:"message_id,omitempty"`
	ParentID  ImageID   `json:"parent_image_id,omitempty"` // the image that this one was made from
	Role      ImageRole `json:"role"`
	// Blob is the content's key, which is its SHA-256.
	Blob     BlobKey `json:"sha256"`
	Width    int     `json:"width"`  // pixels
	Height   int     `json:"height"` // pixels
	MIMEType string  `json:"mime_type"`
	Format   string  `json:"format"` // jpeg, png, webp, gif
	Bytes    int64   `json:"bytes"`

	PromptUsed   string    `json:"prompt_used,omitempty"`
	ModelUsed    string    `json:"model_used,omitempty"`
	ImagePurpose string    `json:"image_purpose,omitempty"`
	StylePreset  string    `json:"style_preset,omitempty"`
	Cost         USD       `json:"generation_cost_usd"`
	Selected     bool      `json:"is_selected"`
	Exported     bool      `json:"is_exported"`
	AltText      string    `json:"alt_text,omitempty"` // 0–1000 runes
	C2PA         bool      `json:"c2pa"`               // the bytes carry a C2PA manifest
	ResponseID   string    `json:"response_id,omitempty"`
	ModelVersion string    `json:"model_version,omitempty"`
	CreatedAt    time.Time `json:"created_at"`
}

// ImagePatch changes what is not nil.
type ImagePatch struct {
	Selected *bool
	AltText  *string
}

// ImageQuery asks for a page of the gallery, newest first.
type ImageQuery struct {
	SessionID SessionID
	Purpose   string
	Role      ImageRole // empty: generated
	Selected  *bool
	Search    string // words in the prompt, alt text
	Since     time.Time
	Until     time.Time
	Limit     int // 1–200; 0 means 50
	Cursor    string
}

// ImagePage is one page of the gallery.
type ImagePage struct {
	Images     []Image
	NextCursor string
}

// Variant is a derived copy of an image's content, such as a thumbnail, that
// was made once and is kept. Losing one costs time only.
type Variant struct {
	Source   BlobKey `json:"source"`
	Name     string  `json:"name"` // such as "w=320"
	Blob     BlobKey `json:"blob"`
	MIMEType string  `json:"mime_type"`
	Width    int     `json:"width"`
	Height   int     `json:"height"`
	Bytes    int64   `json:"bytes"`
}
