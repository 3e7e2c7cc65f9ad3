package geminitest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini/internal/catalog"
)

// Request is one generateContent call as the stand-in understood it.
type Request struct {
	Number  int         `json:"number"` // from 1
	Time    time.Time   `json:"time"`
	Model   string      `json:"model"`
	Stream  bool        `json:"stream"`
	Vertex  bool        `json:"vertex"`
	Path    string      `json:"path"`
	Header  http.Header `json:"-"`
	Bytes   int64       `json:"bytes"`  // of the body
	Length  int64       `json:"length"` // the Content-Length; -1 when there was none
	System  string      `json:"system,omitempty"`
	Content []Content   `json:"content"`
	// Prompt is the last text of the last content.
	Prompt     string   `json:"prompt"`
	Modalities []string `json:"modalities,omitempty"`
	Ratio      string   `json:"ratio,omitempty"`
	Size       string   `json:"size,omitempty"`
	Thinking   string   `json:"thinking,omitempty"`
	Thoughts   bool     `json:"thoughts,omitempty"` // includeThoughts
	MIMEType   string   `json:"mime_type,omitempty"`
	// Outcome names what became of it.
	Outcome string `json:"outcome"`
}

// Content is one turn of a request.
type Content struct {
	Role  string `json:"role"`
	Parts []Part `json:"parts"`
}

// Part is one part of a turn; bytes are kept as hash and size.
type Part struct {
	Text            string `json:"text,omitempty"`
	Thought         bool   `json:"thought,omitempty"`
	MIMEType        string `json:"mime_type,omitempty"`
	SHA256          string `json:"sha256,omitempty"`
	Bytes           int    `json:"bytes,omitempty"`
	SignatureSHA256 string `json:"signature_sha256,omitempty"`
	SignatureBytes  int    `json:"signature_bytes,omitempty"`
}

// The wire types name what the API accepts of what a client of image models
// sends; the API refuses fields it does not know, and so does the stand-in.
type wireRequest struct {
	Contents          []wireContent   `json:"contents"`
	SystemInstruction *wireContent    `json:"systemInstruction"`
	GenerationConfig  wireConfig      `json:"generationConfig"`
	SafetySettings    json.RawMessage `json:"safetySettings"`
	Tools             json.RawMessage `json:"tools"`
	ToolConfig        json.RawMessage `json:"toolConfig"`
	Labels            json.RawMessage `json:"labels"`
	ServiceTier       json.RawMessage `json:"serviceTier"`
	Store             json.RawMessage `json:"store"`
	CachedContent     json.RawMessage `json:"cachedContent"`
}

type wireContent struct {
	Role  string     `json:"role"`
	Parts []wirePart `json:"parts"`
}

type wirePart struct {
	Text       *string `json:"text"`
	Thought    bool    `json:"thought"`
	Signature  []byte  `json:"thoughtSignature"`
	InlineData *struct {
		MIMEType    string `json:"mimeType"`
		Data        []byte `json:"data"`
		DisplayName string `json:"displayName"`
	} `json:"inlineData"`
	FileData *struct {
		MIMEType string `json:"mimeType"`
		URI      string `json:"fileUri"`
	} `json:"fileData"`
}

type wireConfig struct {
	ResponseModalities []string `json:"responseModalities"`
	ImageConfig        struct {
		AspectRatio        string          `json:"aspectRatio"`
		ImageSize          string          `json:"imageSize"`
		ImageOutputOptions *wireOutput     `json:"imageOutputOptions"`
		PersonGeneration   json.RawMessage `json:"personGeneration"`
	} `json:"imageConfig"`
	ThinkingConfig struct {
		IncludeThoughts bool   `json:"includeThoughts"`
		ThinkingLevel   string `json:"thinkingLevel"`
		ThinkingBudget  *int   `json:"thinkingBudget"`
	} `json:"thinkingConfig"`
	CandidateCount  int             `json:"candidateCount"`
	MaxOutputTokens int             `json:"maxOutputTokens"`
	Temperature     json.RawMessage `json:"temperature"`
	TopP            json.RawMessage `json:"topP"`
	TopK            json.RawMessage `json:"topK"`
	Seed            json.RawMessage `json:"seed"`
}

type wireOutput struct {
	MIMEType string `json:"mimeType"`
	Quality  *int   `json:"compressionQuality"`
}

// read parses a request; a fault of the request is returned as the API's error.
func (s *Server) read(r *http.Request, model string, stream, vertex bool) (*Request, *APIError) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, &APIError{Code: 400, Status: "INVALID_ARGUMENT", Message: "The request body could not be read: " + err.Error()}
	}
	req := &Request{
		Time: s.now(), Model: model, Stream: stream, Vertex: vertex, Path: r.URL.Path,
		Header: r.Header.Clone(), Bytes: int64(len(body)), Length: r.ContentLength,
	}
	var wire wireRequest
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&wire); err != nil {
		field, unknown := strings.CutPrefix(err.Error(), "json: unknown field ")
		if unknown {
			return req, invalid("Invalid JSON payload received. Unknown name " + field + ": Cannot find field.")
		}
		return req, invalid("Invalid JSON payload received. " + err.Error())
	}
	req.take(&wire)
	if e := s.checkParts(&wire, model); e != nil {
		return req, e
	}
	return req, s.checkConfig(req)
}

func invalid(message string) *APIError {
	return &APIError{Code: 400, Status: "INVALID_ARGUMENT", Message: message}
}

func (r *Request) take(wire *wireRequest) {
	cfg := wire.GenerationConfig
	r.Modalities, r.Ratio, r.Size = cfg.ResponseModalities, cfg.ImageConfig.AspectRatio, cfg.ImageConfig.ImageSize
	r.Thinking, r.Thoughts = cfg.ThinkingConfig.ThinkingLevel, cfg.ThinkingConfig.IncludeThoughts
	if out := cfg.ImageConfig.ImageOutputOptions; out != nil {
		r.MIMEType = out.MIMEType
	}
	if wire.SystemInstruction != nil {
		for _, p := range wire.SystemInstruction.Parts {
			if p.Text != nil {
				r.System += *p.Text
			}
		}
	}
	for _, c := range wire.Contents {
		content := Content{Role: c.Role}
		for _, p := range c.Parts {
			content.Parts = append(content.Parts, p.summary())
		}
		r.Content = append(r.Content, content)
	}
	if n := len(r.Content); n > 0 {
		for _, p := range r.Content[n-1].Parts {
			if p.Text != "" {
				r.Prompt = p.Text
			}
		}
	}
}

func (p *wirePart) summary() Part {
	out := Part{Thought: p.Thought, SignatureBytes: len(p.Signature)}
	if p.Text != nil {
		out.Text = *p.Text
	}
	if p.InlineData != nil {
		out.MIMEType, out.Bytes, out.SHA256 = p.InlineData.MIMEType, len(p.InlineData.Data), hash(p.InlineData.Data)
	}
	if len(p.Signature) > 0 {
		out.SignatureSHA256 = hash(p.Signature)
	}
	return out
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// checkParts refuses what the API refuses in contents: parts without data,
// pictures of an unknown kind, and model turns whose signatures are missing or
// do not belong to what they come with.
func (s *Server) checkParts(wire *wireRequest, model string) *APIError {
	if len(wire.Contents) == 0 {
		return invalid("* GenerateContentRequest.contents: contents is not specified")
	}
	for i, c := range wire.Contents {
		if c.Role != "user" && c.Role != "model" {
			return invalid("Please use a valid role: user, model.")
		}
		for j, p := range c.Parts {
			if p.Text == nil && p.InlineData == nil && p.FileData == nil {
				return invalid(fmt.Sprintf("* GenerateContentRequest.contents[%d].parts[%d].data: required oneof field 'data' must have one initialized field", i, j))
			}
			if p.InlineData != nil && !slices.Contains([]string{"image/png", "image/jpeg", "image/webp", "image/heic", "image/heif"}, p.InlineData.MIMEType) {
				return invalid("Unsupported MIME type: " + p.InlineData.MIMEType)
			}
		}
		if c.Role == "model" && !s.o.LaxSignatures {
			if e := checkSignatures(&c, i, model); e != nil {
				return e
			}
		}
	}
	return nil
}

func checkSignatures(c *wireContent, position int, model string) *APIError {
	pictures := slices.ContainsFunc(c.Parts, func(p wirePart) bool { return p.InlineData != nil && !p.Thought })
	firstText := true
	for i, p := range c.Parts {
		kind, content := "image", []byte(nil)
		switch {
		case p.Thought:
			continue // thoughts are not signed
		case p.InlineData != nil:
			content = p.InlineData.Data
		case p.Text != nil:
			kind, content = "text", nil // text is signed by its place: streams cut it anywhere
		}
		needed := kind == "image" || (pictures && firstText)
		if kind == "text" {
			// In a stream the text's signature may come with an empty part after it.
			needed = needed && !slices.ContainsFunc(c.Parts[i:], func(q wirePart) bool { return q.Text != nil && len(q.Signature) > 0 })
			firstText = false
		}
		if len(p.Signature) == 0 && needed {
			return invalid(fmt.Sprintf("%s part is missing a thought_signature in content position %d, part position %d. Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures#model-behavior for more details.",
				strings.ToUpper(kind[:1])+kind[1:], position+1, i+1))
		}
		if len(p.Signature) > 0 && !signed(model, kind, content, p.Signature) {
			return invalid("Corrupted thought signature.")
		}
	}
	return nil
}

// checkConfig refuses ratios and sizes the model does not have.
func (s *Server) checkConfig(r *Request) *APIError {
	m, ok := s.catalog.Find(r.Model)
	if !ok || m.Status == "gone" {
		if s.o.AnyModel {
			return nil
		}
		return &APIError{Code: 404, Status: "NOT_FOUND", Message: "models/" + r.Model + " is not found for API version v1beta, or is not supported for generateContent. Call ListModels to see the list of available models and their supported methods."}
	}
	if r.Ratio != "" && !slices.Contains(m.Ratios, r.Ratio) {
		return invalid("* GenerateContentRequest.generation_config.image_config.aspect_ratio: aspect_ratio must be one of '" + strings.Join(m.Ratios, "', '") + "'")
	}
	if r.Size != "" && !slices.Contains(m.Sizes, r.Size) {
		return invalid("Image size is not enabled for this model")
	}
	if r.Thinking != "" && !slices.Contains(m.Thinking, strings.ToLower(r.Thinking)) {
		return invalid("Thinking level is not supported for this model.")
	}
	if !r.Vertex && r.MIMEType != "" {
		return invalid("Invalid JSON payload received. Unknown name \"imageOutputOptions\" at 'generation_config.image_config': Cannot find field.")
	}
	return nil
}

// draws reports whether the request allows pictures.
func (r *Request) draws() bool { return slices.Contains(r.Modalities, "IMAGE") }

// pixels is the size to draw: the model's for the ratio, or the 1408×768 that
// models were seen to choose by themselves.
func (r *Request) pixels(c *catalog.Catalog) (int, int) {
	m, ok := c.Find(r.Model)
	if !ok {
		m = catalog.Model{Pixels: c.Pixels}
	}
	if w, h, ok := m.Size(r.Ratio, r.Size); ok {
		return w, h
	}
	return 1408, 768
}

// tokens is a rough count of what the request holds: four bytes of text a
// token, 1120 a picture.
func (r *Request) tokens() (text, images int) {
	text = (len(r.System) + 3) / 4
	for _, c := range r.Content {
		for _, p := range c.Parts {
			text += (len(p.Text) + 3) / 4
			if p.SHA256 != "" {
				images += 1120
			}
		}
	}
	return text, images
}
