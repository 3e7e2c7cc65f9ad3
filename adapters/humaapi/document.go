package humaapi

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/wire"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// APIVersion is the version of the API as the document names it. It changes
// when the API does, not with every release of the server.
const APIVersion = "1.0.0"

const documentText = `Makes marketing images by conversation.

All JSON is snake_case, all times are RFC 3339 in UTC, ids are UUIDv7 strings, money is a decimal number of US dollars, and durations end in ` + "`_ms`" + `.

Human text comes in the person's language: ` + "`Accept-Language`" + `, or ` + "`?lang=ko`" + ` / ` + "`?lang=en`" + ` on every address; frames of the socket go by ` + "`?lang=`" + ` alone, else by the server's default. ` + "`?tz=Asia/Seoul`" + ` or the header ` + "`Time-Zone`" + ` names the clock that times in sentences are told by.

Every failure is an RFC 9457 ` + "`Problem`" + ` with a stable ` + "`code`" + `; ` + "`detail`" + ` is for the person and says what to do next. The answer's ` + "`X-Request-Id`" + ` names the request in the server's log.

## Socket

` + "`GET /ws/image-chat/{session_id}`" + ` is a WebSocket. The client sends ` + "`ClientFrame`" + `, the server sends ` + "`ServerFrame`" + `, both as JSON text. Frames with a ` + "`seq`" + ` are durable: connect with ` + "`?after=SEQ`" + ` and every one after it comes first, in order and once. Browsers log in by their cookie, programs by ` + "`Authorization`" + ` or ` + "`?token=`" + `. Close codes 4000–4499 mean connect again, 4500–4999 do not. The event stream of a session carries the same frames.`

func newDocument() *huma.OpenAPI {
	return &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{
			Title: "Gemini Image Chat", Version: APIVersion, Description: documentText,
			License: &huma.License{Name: "MIT", Identifier: "MIT"},
			Contact: &huma.Contact{Name: "Gemini Image Chat", URL: "https://github.com/gemini-image-chat/gemini-image-chat"},
		},
		Servers: []*huma.Server{{URL: "/", Description: "This server"}},
		Tags: []*huma.Tag{
			{Name: "sessions", Description: "Conversations, each about one picture"},
			{Name: "turns", Description: "What people say, and the words and pictures that come back"},
			{Name: "events", Description: "What happens in a session, as it happens"},
			{Name: "images", Description: "Pictures: gallery, bytes and uploads"},
			{Name: "exports", Description: "Pictures finished to exact pixels"},
			{Name: "brands", Description: "Brand kits that sessions refer to"},
			{Name: "catalog", Description: "Purposes, styles and models to choose from"},
			{Name: "usage", Description: "What was spent"},
			{Name: "login", Description: "Logins of browsers"},
			{Name: "system", Description: "The server itself"},
		},
		Components: &huma.Components{
			Schemas: newRegistry(),
			SecuritySchemes: map[string]*huma.SecurityScheme{
				"bearer": {Type: "http", Scheme: "bearer", Description: "A secret of AUTH_TOKENS, for programs"},
				"cookie": {Type: "apiKey", In: "cookie", Name: CookieName, Description: "A login, for browsers"},
			},
		},
		Security:       []map[string][]string{{"bearer": {}}, {"cookie": {}}},
		OnAddOperation: []huma.AddOpFunc{ownProblems},
	}
}

// ownProblems puts our one Problem where huma would describe its own errors.
func ownProblems(doc *huma.OpenAPI, op *huma.Operation) {
	schema := problemSchema(doc.Components.Schemas)
	for status, r := range op.Responses {
		code, err := strconv.Atoi(status)
		if status != "default" && (err != nil || code < 400 || (code == 503 && op.OperationID == "getHealth")) {
			continue
		}
		r.Content = map[string]*huma.MediaType{wire.ProblemType: {Schema: schema}}
		if text := statusNotes[code]; text != "" {
			r.Description = text
		}
		if code == http.StatusTooManyRequests || code == http.StatusServiceUnavailable {
			r.Headers = map[string]*huma.Param{"Retry-After": {Description: "Seconds to wait", Schema: &huma.Schema{Type: huma.TypeInteger}}}
		}
	}
}

func problemSchema(r huma.Registry) *huma.Schema {
	return schemaOf[wire.Problem](r)
}

// statusNotes says which codes hide behind a status.
var statusNotes = func() map[int]string {
	notes := map[int]string{}
	for _, c := range imagechat.Codes() {
		s := wire.StatusOf(c)
		if notes[s] != "" {
			notes[s] += ", "
		}
		notes[s] += "`" + string(c) + "`"
	}
	return notes
}()

// Document makes the OpenAPI document from the Go types.
func Document() *huma.OpenAPI {
	ops := &operations{guard: &guard{}, bodies: newBodies()}
	doc := newHuma(http.NewServeMux(), ops, true).OpenAPI()
	describeFrames(doc.Components.Schemas)
	describeSocket(doc)
	for name := range doc.Components.Schemas.Map() {
		if name == "ErrorModel" || name == "ErrorDetail" { // huma's own, used nowhere
			delete(doc.Components.Schemas.Map(), name)
		}
	}
	for name, s := range doc.Components.Schemas.Map() {
		tidy(s)
		if !strings.HasSuffix(name, "Request") && !takenIn[name] {
			s.AdditionalProperties = orNothing(s.AdditionalProperties)
		}
	}
	describeExamples(doc)
	describe(doc)
	for _, item := range doc.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Patch, item.Delete} {
			if op != nil {
				tidyOperation(op)
			}
		}
	}
	return doc
}

// takenIn are components of requests that are not named so. Requests refuse
// what they do not know; answers may grow, so clients must not.
var takenIn = map[string]bool{"Color": true, "FocusPoint": true}

func orNothing(additional any) any {
	if additional == false {
		return nil
	}
	return additional
}

// Spec renders the document as YAML, the form that is committed.
func Spec() ([]byte, error) {
	b, err := Document().YAML()
	if err != nil {
		return nil, err
	}
	head := "# Made from the Go types by \"imagechat openapi\"; edit those instead.\n"
	return append([]byte(head), bytes.TrimLeft(b, "\n")...), nil
}

func tidyOperation(op *huma.Operation) {
	for _, p := range op.Parameters {
		tidy(p.Schema)
	}
	for _, r := range op.Responses {
		for _, c := range r.Content {
			tidy(c.Schema)
		}
	}
	slices.Sort(op.Tags)
}

// tidy says what is true of our JSON where huma cannot know, such as that
// arrays are never null.
func tidy(s *huma.Schema) {
	if s == nil {
		return
	}
	s.PatternDescription = "" // huma's own, not of JSON Schema
	if s.Type == huma.TypeArray {
		s.Nullable = false
		tidy(s.Items)
	}
	for _, p := range s.Properties {
		tidy(p)
	}
	if more, ok := s.AdditionalProperties.(*huma.Schema); ok {
		tidy(more)
	}
}
