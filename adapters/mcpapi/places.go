package mcpapi

import (
	"context"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

type placementsInput struct {
	Query string `json:"query,omitempty" jsonschema:"words of the platform or the name, in Korean or English; empty lists all"`
}

// Placement is where a picture can be used.
type Placement struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Group    string   `json:"group"`
	Width    int      `json:"width" jsonschema:"pixels"`
	Height   int      `json:"height" jsonschema:"pixels"`
	Formats  []string `json:"formats"`
	MaxBytes int64    `json:"max_bytes,omitempty"`
	Hint     string   `json:"hint,omitempty"`
}

type placementsOutput struct {
	Placements []Placement `json:"placements"`
}

type newSessionInput struct {
	Placement string `json:"placement" jsonschema:"an id of list_placements"`
	Title     string `json:"title,omitempty" jsonschema:"at most 200 characters; default: from the first message"`
	Style     string `json:"style,omitempty" jsonschema:"a style preset"`
	BrandID   string `json:"brand_id,omitempty" jsonschema:"a brand kit that the pictures follow"`
}

// Session is a conversation, shortened.
type Session struct {
	ID        string    `json:"id"`
	Title     string    `json:"title,omitempty"`
	Placement string    `json:"placement"`
	Images    int       `json:"images"`
	CostUSD   float64   `json:"cost_usd"`
	UpdatedAt time.Time `json:"updated_at"`
}

type sessionsInput struct {
	Query string `json:"query,omitempty" jsonschema:"words in titles and messages"`
	Limit int    `json:"limit,omitempty" jsonschema:"1 to 50, default 20"`
}

type sessionsOutput struct {
	Sessions []Session `json:"sessions"`
	Total    int       `json:"total"`
}

type sessionInput struct {
	SessionID string `json:"session_id"`
}

// said is a message, shortened.
type said struct {
	Role   string    `json:"role"`
	Text   string    `json:"text,omitempty"`
	Images []picture `json:"images,omitempty"`
}

type conversationOutput struct {
	Session  Session `json:"session"`
	Messages []said  `json:"messages" jsonschema:"the newest twenty, oldest first"`
}

type usageInput struct {
	Days int `json:"days,omitempty" jsonschema:"how far back, 1 to 366, default 30"`
}

type usageOutput struct {
	Since        time.Time `json:"since"`
	Turns        int       `json:"turns"`
	Images       int       `json:"images"`
	USD          float64   `json:"usd"`
	DailyCapUSD  float64   `json:"daily_cap_usd,omitempty" jsonschema:"absent: no cap"`
	Spent24hUSD  float64   `json:"spent_24h_usd"`
	Generator    string    `json:"generator" jsonschema:"demo draws offline and costs nothing real"`
	DefaultModel string    `json:"default_model"`
}

func (s *Server) addPlaces() {
	add(s, &mcp.Tool{Name: "list_placements", Description: "Where pictures can be used, with the exact pixels, formats and byte limits that each demands.", Annotations: reads}, s.placements)
	add(s, &mcp.Tool{Name: "create_session", Description: "Start a conversation about one picture for a placement. Costs nothing."}, s.createSession)
	add(s, &mcp.Tool{Name: "list_sessions", Description: "Conversations, newest first.", Annotations: reads}, s.sessions)
	add(s, &mcp.Tool{Name: "get_session", Description: "What was said in a conversation, and its pictures.", Annotations: reads}, s.conversation)
	add(s, &mcp.Tool{Name: "get_usage", Description: "What was spent, and how much the budget still allows.", Annotations: reads}, s.usage)
}

func (s *Server) placements(ctx context.Context, in placementsInput) (*mcp.CallToolResult, placementsOutput, error) {
	lang := s.locale(ctx).Lang
	registry := s.svc.Purposes()
	groups := map[string]string{}
	for _, g := range registry.Groups() {
		groups[g.ID] = g.Name.In(lang)
	}
	words := strings.Fields(strings.ToLower(in.Query))
	out := placementsOutput{Placements: []Placement{}}
	for _, p := range registry.All() {
		where := strings.ToLower(p.ID + " " + p.Name.KO + " " + p.Name.EN + " " + groups[p.Group] + " " + p.Group)
		if !containsAll(where, words) {
			continue
		}
		out.Placements = append(out.Placements, Placement{
			ID: p.ID, Name: p.Name.In(lang), Group: groups[p.Group], Width: p.Width, Height: p.Height,
			Formats: p.Formats, MaxBytes: p.MaxBytes, Hint: p.Hint.In(lang),
		})
	}
	return nil, out, nil
}

func containsAll(text string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

func (s *Server) createSession(ctx context.Context, in newSessionInput) (*mcp.CallToolResult, Session, error) {
	sess, err := s.svc.CreateSession(ctx, imagechat.NewSession{
		Title: in.Title, ImagePurpose: in.Placement, StylePreset: in.Style, BrandID: imagechat.BrandID(in.BrandID),
	})
	if err != nil {
		return nil, Session{}, err
	}
	return nil, shortSession(sess), nil
}

func shortSession(s *imagechat.Session) Session {
	return Session{
		ID: string(s.ID), Title: short(s.Title, 200), Placement: s.ImagePurpose, Images: s.ImagesGenerated,
		CostUSD: dollars(s.TotalCost), UpdatedAt: s.UpdatedAt.UTC(),
	}
}

func (s *Server) sessions(ctx context.Context, in sessionsInput) (*mcp.CallToolResult, sessionsOutput, error) {
	limit := in.Limit
	if limit == 0 {
		limit = 20
	}
	if limit < 1 || limit > 50 {
		return nil, sessionsOutput{}, advise("limit is 1 to 50")
	}
	page, err := s.svc.Sessions(ctx, imagechat.SessionQuery{Search: in.Query, Limit: limit})
	if err != nil {
		return nil, sessionsOutput{}, err
	}
	out := sessionsOutput{Sessions: make([]Session, 0, len(page.Sessions)), Total: page.Total}
	for i := range page.Sessions {
		out.Sessions = append(out.Sessions, shortSession(&page.Sessions[i]))
	}
	return nil, out, nil
}

// shownMessages is how much of a conversation an agent is told.
const shownMessages = 20

func (s *Server) conversation(ctx context.Context, in sessionInput) (*mcp.CallToolResult, conversationOutput, error) {
	c, err := s.svc.Conversation(ctx, imagechat.SessionID(in.SessionID), "", shownMessages)
	if err != nil {
		return nil, conversationOutput{}, err
	}
	out := conversationOutput{Session: shortSession(c.Session), Messages: []said{}}
	for i := range c.Messages.Messages {
		m := &c.Messages.Messages[i]
		one := said{Role: string(m.Role), Text: short(m.Text, 1000)}
		for j := range m.Images {
			one.Images = append(one.Images, s.picture(ctx, &m.Images[j]))
		}
		out.Messages = append(out.Messages, one)
	}
	return nil, out, nil
}

func (s *Server) usage(ctx context.Context, in usageInput) (*mcp.CallToolResult, usageOutput, error) {
	days := in.Days
	if days == 0 {
		days = 30
	}
	if days < 1 || days > 366 {
		return nil, usageOutput{}, advise("days is 1 to 366")
	}
	u, err := s.svc.Usage(ctx, time.Now().AddDate(0, 0, -days))
	if err != nil {
		return nil, usageOutput{}, err
	}
	return nil, usageOutput{
		Since: u.Since.UTC(), Turns: u.Turns, Images: u.Images, USD: dollars(u.USD),
		DailyCapUSD: dollars(u.Budget.Daily), Spent24hUSD: dollars(u.Budget.Spent),
		Generator: s.svc.GeneratorName(), DefaultModel: s.svc.DefaultModel(),
	}, nil
}

func dollars(u imagechat.USD) float64 { return u.Float() }
