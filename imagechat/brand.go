package imagechat

import "time"

// Brand is a brand kit that sessions refer to.
type Brand struct {
	ID          BrandID `json:"id"`
	Owner       Owner   `json:"owner,omitempty"`
	Name        string  `json:"name"` // 1–100 runes
	Description string  `json:"description,omitempty"`
	Palette     []Color `json:"palette,omitempty"` // at most 12
	Typography  string  `json:"typography,omitempty"`
	Tone        string  `json:"tone,omitempty"`
	// Do and Dont are at most 20 rules each.
	Do          []string  `json:"do,omitempty"`
	Dont        []string  `json:"dont,omitempty"`
	LogoImageID ImageID   `json:"logo_image_id,omitempty"`
	CreatedAt   time.Time `json:"created_at"`
	UpdatedAt   time.Time `json:"updated_at"`
}

// Color is a named colour, Hex as "#RRGGBB".
type Color struct {
	Name string `json:"name"`
	Hex  string `json:"hex"`
}
