package geminitest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
	"unicode"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini/internal/catalog"
)

// The wire types of answers, fields in the order in which the API writes them.
type wireAnswer struct {
	Candidates    []wireCandidate `json:"candidates,omitempty"`
	Feedback      *wireFeedback   `json:"promptFeedback,omitempty"`
	UsageMetadata *wireUsage      `json:"usageMetadata,omitempty"`
	ModelVersion  string          `json:"modelVersion"`
	CreateTime    string          `json:"createTime,omitempty"` // Vertex
	ResponseID    string          `json:"responseId"`
}

type wireFeedback struct {
	BlockReason   string `json:"blockReason"`
	SafetyRatings []any  `json:"safetyRatings"`
}

type wireCandidate struct {
	Content       wireAnswerContent `json:"content"`
	FinishReason  string            `json:"finishReason,omitempty"`
	FinishMessage string            `json:"finishMessage,omitempty"`
	Index         int               `json:"index"`
}

type wireAnswerContent struct {
	Parts []outPart `json:"parts,omitempty"`
	Role  string    `json:"role,omitempty"`
}

type outPart struct {
	Text       *string  `json:"text,omitempty"`
	InlineData *outBlob `json:"inlineData,omitempty"`
	Thought    bool     `json:"thought,omitempty"`
	Signature  []byte   `json:"thoughtSignature,omitempty"`
}

type outBlob struct {
	MIMEType string `json:"mimeType"`
	Data     string `json:"data"`
}

type wireUsage struct {
	Prompt           int         `json:"promptTokenCount"`
	Candidates       int         `json:"candidatesTokenCount"`
	Total            int         `json:"totalTokenCount"`
	PromptDetails    []wireCount `json:"promptTokensDetails,omitempty"`
	CandidateDetails []wireCount `json:"candidatesTokensDetails,omitempty"`
	Thoughts         int         `json:"thoughtsTokenCount,omitempty"`
	ServiceTier      string      `json:"serviceTier,omitempty"`
	TrafficType      string      `json:"trafficType,omitempty"`
}

type wireCount struct {
	Modality   string `json:"modality"`
	TokenCount int    `json:"tokenCount"`
}

// composer turns an Answer into parts for one request.
type composer struct {
	req       *Request
	answer    *Answer
	catalog   *catalog.Catalog
	signature int // bytes of an image's signature
	maxSide   int
	id        string
}

// parts makes the candidate's parts in the order the API sends them: thoughts,
// drafts, words, pictures.
func (c *composer) parts() []outPart {
	var parts []outPart
	if c.req.Thoughts {
		for _, t := range c.answer.Thoughts {
			parts = append(parts, outPart{Text: &t, Thought: true})
		}
		for i := range c.answer.Drafts {
			n := 0 // the last draft equals the picture
			if i < c.answer.Drafts-1 {
				n = -1 - i
			}
			parts = append(parts, outPart{InlineData: c.picture(n), Thought: true})
		}
	}
	if text := c.text(); text != "" {
		parts = append(parts, outPart{Text: &text, Signature: sign(c.req.Model, "text", nil, TextSignatureBytes)})
	}
	for i := range c.pictures() {
		p := outPart{InlineData: c.picture(i)}
		content, err := base64.StdEncoding.DecodeString(p.InlineData.Data)
		if err == nil {
			p.Signature = sign(c.req.Model, "image", content, c.signature)
		}
		parts = append(parts, p)
	}
	return parts
}

func (c *composer) pictures() int {
	switch {
	case c.answer.Images < 0 || !c.req.draws():
		return 0
	case c.answer.Images == 0:
		return 1
	}
	return c.answer.Images
}

func (c *composer) text() string {
	if c.answer.Text != "" || c.answer.NoText {
		return c.answer.Text
	}
	words := excerpt(c.req.Prompt)
	korean := strings.ContainsFunc(words, func(r rune) bool { return unicode.Is(unicode.Hangul, r) })
	switch {
	case c.pictures() == 0 && korean:
		return "어떤 이미지를 원하시는지 조금 더 알려 주세요: " + words
	case c.pictures() == 0:
		return "Tell me a little more about the picture you have in mind: " + words
	case korean:
		return "요청하신 이미지를 만들었어요: " + words
	}
	return "Here is your picture: " + words
}

// excerpt is the beginning of the prompt, directives left out.
func excerpt(prompt string) string {
	words := []rune(strings.Join(strings.Fields(directive.ReplaceAllString(prompt, "")), " "))
	return string(words[:min(len(words), 60)])
}

func (c *composer) picture(n int) *outBlob {
	a := c.answer
	if a.BadBase64 {
		return &outBlob{MIMEType: "image/jpeg", Data: "/9j/4AAQ*this*is*no*base64*"}
	}
	if a.Picture != nil {
		return &outBlob{MIMEType: a.MIMEType, Data: base64.StdEncoding.EncodeToString(a.Picture)}
	}
	w, h := c.req.pixels(c.catalog)
	if c.maxSide > 0 {
		for max(w, h) > c.maxSide {
			w, h = w/2, h/2
		}
	}
	format, mime := "jpeg", "image/jpeg"
	if c.req.MIMEType == "image/png" {
		format, mime = "png", "image/png"
	}
	seed := c.req.Prompt + "\x00" + string(rune('a'+n+32))
	for _, content := range c.req.Content { // an edit depends on what it edits
		for _, p := range content.Parts {
			seed += p.SHA256
		}
	}
	return &outBlob{MIMEType: mime, Data: base64.StdEncoding.EncodeToString(draw(seed, w, h, format))}
}

func (c *composer) usage(parts []outPart) *wireUsage {
	if c.answer.NoUsage {
		return nil
	}
	text, images := c.req.tokens()
	u := &wireUsage{Prompt: text + images, PromptDetails: []wireCount{{"TEXT", text}}}
	if images > 0 {
		u.PromptDetails = append(u.PromptDetails, wireCount{"IMAGE", images})
	}
	perPicture := 1120
	if m, ok := c.catalog.Find(c.req.Model); ok {
		if n := m.ImageTokens[c.req.Size]; n > 0 {
			perPicture = int(n)
		}
	}
	drawn := 0
	for _, p := range parts {
		switch {
		case p.InlineData != nil && !p.Thought:
			drawn += perPicture
		case p.Text != nil && p.Thought:
			u.Thoughts += 40 + len(*p.Text)/4
		case p.Text != nil:
			u.Candidates += (len(*p.Text) + 3) / 4
		}
	}
	if drawn > 0 {
		// The API counts more than the picture; recorded answers by 88 to 630.
		u.Candidates += drawn + 163
		u.CandidateDetails = []wireCount{{"IMAGE", drawn}}
	}
	u.Total = u.Prompt + u.Candidates + u.Thoughts
	if c.answer.refusal() {
		u.Thoughts = 215
		u.Candidates = u.Thoughts // as the API reports refusals
		u.Total = u.Prompt + u.Thoughts
	}
	if c.req.Vertex {
		u.TrafficType = "ON_DEMAND"
	} else {
		u.ServiceTier = "standard"
	}
	return u
}

func (c *composer) frame(parts []outPart, usage *wireUsage, last bool) *wireAnswer {
	a := &wireAnswer{UsageMetadata: usage, ModelVersion: c.req.Model, ResponseID: c.id}
	if c.req.Vertex {
		a.CreateTime = c.req.Time.UTC().Format("2006-01-02T15:04:05.000000Z")
	}
	switch {
	case c.answer.Block != "":
		a.Feedback = &wireFeedback{BlockReason: c.answer.Block, SafetyRatings: []any{}}
		return a
	case c.answer.NoCandidate:
		return a
	}
	cand := wireCandidate{Content: wireAnswerContent{Parts: parts, Role: "model"}}
	if last {
		cand.FinishReason, cand.FinishMessage = c.answer.Finish, c.answer.FinishMessage
		if cand.FinishReason == "" {
			cand.FinishReason = "STOP"
		}
	}
	if c.answer.refusal() {
		cand.Content = wireAnswerContent{}
	}
	a.Candidates = []wireCandidate{cand}
	return a
}

// unary is the body of a generateContent answer.
func (c *composer) unary() []byte {
	var parts []outPart
	if !c.answer.refusal() {
		parts = c.parts()
	}
	return encode(c.frame(parts, c.usage(parts), true), "  ")
}

// events are the frames of a streamGenerateContent answer: text in pieces with
// its signature on an empty part behind it, each picture whole in one frame, a
// last frame that says why it ended.
func (c *composer) events() [][]byte {
	if c.answer.refusal() || c.answer.Block != "" || c.answer.NoCandidate {
		return [][]byte{event(c.frame(nil, c.usage(nil), true))}
	}
	parts := c.parts()
	usage := c.usage(parts)
	running := usage // cumulative counts: the first frames know the prompt's only
	if usage != nil {
		running = &wireUsage{Prompt: usage.Prompt, Total: usage.Prompt, PromptDetails: usage.PromptDetails}
	}
	var out [][]byte
	var ending []outPart
	for _, p := range parts {
		if p.Text == nil || p.Thought {
			out = append(out, event(c.frame([]outPart{p}, running, false)))
			continue
		}
		for _, piece := range pieces(*p.Text) {
			out = append(out, event(c.frame([]outPart{{Text: &piece}}, running, false)))
		}
		empty := ""
		ending = append(ending, outPart{Text: &empty, Signature: p.Signature})
	}
	return append(out, event(c.frame(ending, usage, true)))
}

// pieces cuts text as a stream does, here after every few words.
func pieces(text string) []string {
	var out []string
	words := strings.SplitAfter(text, " ")
	for len(words) > 0 {
		n := min(3, len(words))
		out = append(out, strings.Join(words[:n], ""))
		words = words[n:]
	}
	return out
}

func event(a *wireAnswer) []byte {
	return append(append([]byte("data: "), bytes.TrimRight(encode(a, ""), "\n")...), "\r\n\r\n"...)
}

func encode(v any, indent string) []byte {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", indent)
	if err := enc.Encode(v); err != nil {
		panic(err) // structs of strings and numbers
	}
	return buf.Bytes()
}
