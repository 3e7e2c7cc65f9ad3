package wire

import (
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// Brand is a brand kit that sessions refer to.
type Brand struct {
	ID           string    `json:"id"`
	Name         string    `json:"name" example:"달빛커피"`
	Description  string    `json:"description" example:"동네에서 가장 늦게까지 여는 로스터리"`
	Palette      []Color   `json:"palette"`
	Typography   string    `json:"typography" example:"제목은 굵은 고딕, 본문은 가는 고딕"`
	Tone         string    `json:"tone" example:"다정하고 담백하게"`
	Do           []string  `json:"do" example:"여백을 넉넉하게 둔다"`
	Dont         []string  `json:"dont" example:"네온 색을 쓰지 않는다"`
	LogoImageID  *string   `json:"logo_image_id" doc:"null without a logo"`
	LogoImageURL *string   `json:"logo_image_url" doc:"Path of the logo's content, or null"`
	CreatedAt    time.Time `json:"created_at"`
	UpdatedAt    time.Time `json:"updated_at"`
}

// Color is a named colour.
type Color struct {
	Name string `json:"name" maxLength:"50" example:"달빛 노랑"`
	Hex  string `json:"hex" pattern:"^#[0-9A-Fa-f]{6}$" patternDescription:"a colour such as #F6D860" example:"#F6D860"`
}

// NewBrand shows a brand kit.
func NewBrand(b *imagechat.Brand, l Locale) Brand {
	w := Brand{
		ID: string(b.ID), Name: b.Name, Description: b.Description,
		Palette:    list(b.Palette, func(c *imagechat.Color) Color { return Color(*c) }),
		Typography: b.Typography, Tone: b.Tone, Do: notNil(b.Do), Dont: notNil(b.Dont),
		LogoImageID: orNull(b.LogoImageID), CreatedAt: b.CreatedAt.UTC(), UpdatedAt: b.UpdatedAt.UTC(),
	}
	if b.LogoImageID != "" {
		url := l.ImageURL(b.LogoImageID)
		w.LogoImageURL = &url
	}
	return w
}

// BrandList is an owner's brand kits.
type BrandList struct {
	Brands []Brand `json:"brands" doc:"By name"`
}

// NewBrandList shows brand kits.
func NewBrandList(bs []imagechat.Brand, l Locale) BrandList {
	return BrandList{Brands: list(bs, func(b *imagechat.Brand) Brand { return NewBrand(b, l) })}
}

// Usage is what was spent since a moment.
type Usage struct {
	Since     time.Time      `json:"since"`
	Turns     int32          `json:"turns" example:"12"`
	Images    int32          `json:"images" example:"9"`
	Tokens    int64          `json:"tokens" example:"15300"`
	USD       imagechat.USD  `json:"usd" doc:"Calls whose answer was lost count with their estimate" example:"0.3024"`
	ByDay     []UsageDay     `json:"by_day" doc:"UTC days, oldest first"`
	BySession []UsageSession `json:"by_session" doc:"Dearest first, at most 100"`
	Budget    Budget         `json:"budget"`
}

// UsageDay is one UTC day.
type UsageDay struct {
	Day    string        `json:"day" format:"date" example:"2026-11-22"`
	Turns  int32         `json:"turns" example:"12"`
	Images int32         `json:"images" example:"9"`
	Tokens int64         `json:"tokens" example:"15300"`
	USD    imagechat.USD `json:"usd" example:"0.3024"`
}

// UsageSession is one conversation.
type UsageSession struct {
	SessionID string        `json:"session_id"`
	Title     string        `json:"title" doc:"Empty when the session was deleted" example:"여름 신메뉴 인스타 피드"`
	Turns     int32         `json:"turns" example:"4"`
	Images    int32         `json:"images" example:"3"`
	Tokens    int64         `json:"tokens" example:"5100"`
	USD       imagechat.USD `json:"usd" example:"0.1008"`
}

// Budget holds the caps in force and what counts against them.
type Budget struct {
	DailyUSD   imagechat.USD `json:"daily_usd" doc:"Cap over the last 24 hours, all sessions together; 0 is none" example:"5"`
	SpentUSD   imagechat.USD `json:"spent_usd" doc:"Over the last 24 hours" example:"0.3024"`
	SessionUSD imagechat.USD `json:"session_usd" doc:"Cap of one session for its whole life; 0 is none" example:"0"`
}

// NewUsage shows what was spent.
func NewUsage(u *imagechat.Usage) Usage {
	return Usage{
		Since: u.Since.UTC(), Turns: int32(u.Turns), Images: int32(u.Images), Tokens: u.Tokens, USD: u.USD,
		ByDay: list(u.ByDay, func(d *imagechat.UsageDay) UsageDay {
			return UsageDay{d.Day, int32(d.Turns), int32(d.Images), d.Tokens, d.USD}
		}),
		BySession: list(u.BySession, func(s *imagechat.UsageSession) UsageSession {
			return UsageSession{string(s.SessionID), s.Title, int32(s.Turns), int32(s.Images), s.Tokens, s.USD}
		}),
		Budget: Budget{u.Budget.Daily, u.Budget.Spent, u.Budget.Session},
	}
}
