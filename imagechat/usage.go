package imagechat

import (
	"context"
	"time"
)

// Tokens is what a call used, as its answer reported it.
type Tokens struct {
	Input    int64 `json:"input"`    // of the prompt, images included
	Text     int64 `json:"text"`     // of the reply's words
	Image    int64 `json:"image"`    // of the reply's pictures
	Thinking int64 `json:"thinking"` // of the reasoning
	Total    int64 `json:"total"`
}

// Add returns the sum.
func (t Tokens) Add(o Tokens) Tokens {
	return Tokens{t.Input + o.Input, t.Text + o.Text, t.Image + o.Image, t.Thinking + o.Thinking, t.Total + o.Total}
}

// UsageQuery asks for what was spent.
type UsageQuery struct {
	Owner Owner
	Since time.Time
	// Limit bounds BySession, dearest first; 0 means 100.
	Limit int
}

// Usage is what was spent since a moment. Calls whose answer was lost count
// with their estimate.
type Usage struct {
	Since     time.Time      `json:"since"`
	Turns     int            `json:"turns"`
	Images    int            `json:"images"`
	Tokens    int64          `json:"tokens"`
	USD       USD            `json:"usd"`
	ByDay     []UsageDay     `json:"by_day"`
	BySession []UsageSession `json:"by_session"`
	Budget    Budget         `json:"budget"`
}

// UsageDay is one UTC day, Day as "2006-01-02".
type UsageDay struct {
	Day    string `json:"day"`
	Turns  int    `json:"turns"`
	Images int    `json:"images"`
	Tokens int64  `json:"tokens"`
	USD    USD    `json:"usd"`
}

// UsageSession is one conversation; Title is empty when it was deleted.
type UsageSession struct {
	SessionID SessionID `json:"session_id"`
	Title     string    `json:"title"`
	Turns     int       `json:"turns"`
	Images    int       `json:"images"`
	Tokens    int64     `json:"tokens"`
	USD       USD       `json:"usd"`
}

// Budget holds the caps in force and what counts against them; a cap of
// zero is none.
type Budget struct {
	Daily   USD `json:"daily_usd"`   // cap over the last 24 hours, all sessions and owners
	Spent   USD `json:"spent_usd"`   // over the last 24 hours
	Session USD `json:"session_usd"` // cap of one session, for its whole life
}

// Usage does what [Service.Usage] promises.
func (s *library) Usage(ctx context.Context, since time.Time) (*Usage, error) {
	now := s.now()
	if since.IsZero() {
		since = now.Add(-30 * day)
	}
	u, err := s.repo.SumUsage(ctx, UsageQuery{Owner: OwnerOf(ctx), Since: since, Limit: 100})
	if err != nil {
		return nil, err
	}
	spent, _, err := s.repo.Booked(ctx, "", now.Add(-day))
	if err != nil {
		return nil, err
	}
	u.Since = since
	u.Budget = Budget{Daily: s.o.DailyBudget, Spent: spent, Session: s.o.SessionBudget}
	return u, nil
}
