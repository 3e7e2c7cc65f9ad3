package humaapi_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/pb33f/libopenapi"
	"github.com/pb33f/libopenapi-validator/schema_validation"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/humaapi"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/wire"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/openapi"
)

var methodName = regexp.MustCompile(`^[a-z]+([A-Z][a-z]+)*$`)

func TestTheDocumentIsFitForGenerators(t *testing.T) {
	t.Parallel()
	doc := humaapi.Document()
	seen := map[string]bool{}
	for path, item := range doc.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Patch, item.Delete} {
			if op == nil {
				continue
			}
			if !methodName.MatchString(op.OperationID) || seen[op.OperationID] {
				t.Errorf("%s: operationId %q is no name of its own for a method", path, op.OperationID)
			}
			seen[op.OperationID] = true
			if len(op.Tags) != 1 || op.Summary == "" {
				t.Errorf("%s: got tags %v and summary %q", op.OperationID, op.Tags, op.Summary)
			}
			for status, r := range op.Responses {
				if status < "400" || status == "416" || (op.OperationID == "getHealth" && status == "503") {
					continue
				}
				if c := r.Content[wire.ProblemType]; c == nil || c.Schema.Ref != "#/components/schemas/Problem" {
					t.Errorf("%s: %s is no Problem", op.OperationID, status)
				}
			}
		}
	}
	for name, s := range doc.Components.Schemas.Map() {
		for property, p := range s.Properties {
			if p.Type == huma.TypeArray && p.Nullable {
				t.Errorf("%s.%s may be null", name, property)
			}
			if p.Ref == "" && len(p.Enum) > 1 {
				t.Errorf("%s.%s is an enumeration without a name", name, property)
			}
			if property == "$schema" {
				t.Errorf("%s has huma's $schema", name)
			}
		}
	}
	for _, name := range []string{"ServerFrame", "ClientFrame", "StatusData"} {
		s := doc.Components.Schemas.Map()[name]
		if len(s.OneOf) == 0 || len(s.AnyOf) > 0 || s.Discriminator == nil || len(s.Discriminator.Mapping) != len(s.OneOf) {
			t.Errorf("%s is no union with a discriminator", name)
		}
	}
}

// frames are one of every kind that a server sends.
func frames() map[string]wire.ServerFrame {
	now := time.Date(2026, 11, 22, 3, 4, 5, 0, time.UTC)
	l := wire.Locale{Lang: imagechat.LangKO, Now: now}
	turn := &imagechat.Turn{ID: nobody, SessionID: nobody, Kind: imagechat.KindGenerate, Status: imagechat.TurnRunning, Attempt: 1,
		UserMessageID: nobody, Request: imagechat.TurnRequest{Content: "라떼", ReferenceRoles: []string{""}, ReferenceIDs: []imagechat.ImageID{nobody}}, CreatedAt: now}
	image := imagechat.Image{ID: nobody, Role: imagechat.ImageGenerated, Width: 4, Height: 3, MIMEType: "image/png", Format: "png", CreatedAt: now}
	said := &imagechat.Message{ID: nobody, SessionID: nobody, TurnID: nobody, Role: imagechat.RoleUser, ContentType: imagechat.ContentText, Text: "라떼", CreatedAt: now}
	drawn := &imagechat.Message{ID: nobody, SessionID: nobody, TurnID: nobody, Role: imagechat.RoleAssistant, ContentType: imagechat.ContentMixed,
		Text: "여기요", Images: []imagechat.Image{image}, CreatedAt: now}
	session := &imagechat.Session{ID: nobody, ImagePurpose: "custom", Status: imagechat.SessionActive, CreatedAt: now, UpdatedAt: now}
	failure := &imagechat.Error{Code: imagechat.GeneratorOverloaded, Retryable: true, RetryAfter: time.Second}
	event := func(e imagechat.Event) wire.ServerFrame {
		e.SessionID, e.Seq, e.TurnID, e.CreatedAt = nobody, 7, nobody, now
		return wire.UpdateFrame(&imagechat.Update{Event: &e}, l, "r1", now)
	}
	hint := func(h imagechat.Hint) wire.ServerFrame {
		return wire.UpdateFrame(&imagechat.Update{Hint: &h}, l, "r1", now)
	}
	return map[string]wire.ServerFrame{
		"connected":  wire.ConnectedFrame(nobody, 7, l, now),
		"pong":       wire.PongFrame(l, now),
		"error":      wire.ErrorFrame(wire.NewProblem(failure, l), "k1", now),
		"resync":     wire.UpdateFrame(&imagechat.Update{Resync: &imagechat.Resync{Seq: 9}}, l, "r1", now),
		"accepted":   event(imagechat.Event{Type: imagechat.EventAccepted, Turn: turn, Message: said}),
		"message":    event(imagechat.Event{Type: imagechat.EventMessage, Turn: turn, Message: said}),
		"mixed":      event(imagechat.Event{Type: imagechat.EventMessage, Turn: turn, Message: drawn}),
		"image":      event(imagechat.Event{Type: imagechat.EventMessage, Message: &imagechat.Message{ID: nobody, SessionID: nobody, TurnID: nobody, Role: "assistant", ContentType: "image", Images: drawn.Images, CreatedAt: now}}),
		"failed":     event(imagechat.Event{Type: imagechat.EventError, Turn: turn, Error: failure}),
		"session":    event(imagechat.Event{Type: imagechat.EventSession, Session: session}),
		"queued":     hint(imagechat.Hint{Stage: imagechat.StageQueued, Position: 2}),
		"thinking":   hint(imagechat.Hint{Stage: imagechat.StageThinking, Text: "…"}),
		"streaming":  hint(imagechat.Hint{Stage: imagechat.StageStreaming, Text: "안녕"}),
		"generating": hint(imagechat.Hint{Stage: imagechat.StageGenerating, Elapsed: time.Second}),
		"retrying":   hint(imagechat.Hint{Stage: imagechat.StageRetrying, RetryAfter: time.Second, Error: failure}),
		"saving":     hint(imagechat.Hint{Stage: imagechat.StageSaving}),
	}
}

func TestEveryFrameIsWhatTheDocumentSays(t *testing.T) {
	t.Parallel()
	doc, err := libopenapi.NewDocument(openapi.YAML())
	if err != nil {
		t.Fatal(err)
	}
	model, err := doc.BuildV3Model()
	if err != nil {
		t.Fatal(err)
	}
	v := schema_validation.NewSchemaValidator()
	server := model.Model.Components.Schemas.GetOrZero("ServerFrame").Schema()
	for name, f := range frames() {
		b, err := f.JSON()
		if err != nil {
			t.Fatal(err)
		}
		if ok, errs := v.ValidateSchemaString(server, string(b)); !ok {
			t.Errorf("%s: %v\n%s", name, errs[0], b)
		}
	}
	if ok, _ := v.ValidateSchemaString(server, `{"type":"status","content":"","timestamp":"2026-11-22T00:00:00Z","data":{"code":"dancing"}}`); ok {
		t.Error("a frame that there is not was taken: the test shows nothing")
	}
	client := model.Model.Components.Schemas.GetOrZero("ClientFrame").Schema()
	for _, frame := range []string{
		`{"type":"converse","content":"안녕"}`, `{"type":"generate","content":"라떼","data":{"purpose":"banner_web","count":2},"id":"k"}`,
		`{"type":"refine","content":"더 밝게","data":{"image_id":"x"}}`, `{"type":"cancel","data":{"turn_id":"x"}}`, `{"type":"ping"}`,
	} {
		if ok, errs := v.ValidateSchemaString(client, frame); !ok {
			t.Errorf("%s: %v", frame, errs[0])
		}
	}
}

func TestTheDocumentIsServedToManyAtOnce(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for path, want := range map[string]string{"/openapi.yaml": string(openapi.YAML()), "/openapi.json": string(openapi.JSON())} {
				if r := s.do("GET", path, nil); string(r.body) != want {
					t.Errorf("%s is not the committed document", path)
				}
			}
		})
	}
	all.Wait()
	var v map[string]any
	if err := json.Unmarshal(openapi.JSON(), &v); err != nil || v["openapi"] != "3.1.0" {
		t.Errorf("JSON: %v of version %v", err, v["openapi"])
	}
}

func TestTheDocumentationAsksNobodyElse(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	page := s.do("GET", "/docs", nil)
	if page.StatusCode != 200 || strings.Contains(string(page.body), "//") && regexp.MustCompile(`(src|href)="(https?:)?//`).Match(page.body) {
		t.Errorf("page: got %d\n%s", page.StatusCode, page.body)
	}
	if policy := page.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "connect-src 'self'") || strings.Contains(policy, "unsafe-eval") || strings.Contains(policy, "http") {
		t.Errorf("policy: got %q", policy)
	}
	for _, m := range regexp.MustCompile(`(?:src|href)="(/[^"]+)"`).FindAllStringSubmatch(string(page.body), -1) {
		plain := s.do("GET", m[1], nil, "Accept-Encoding", "identity")
		packed := s.do("GET", m[1], nil, "Accept-Encoding", "gzip")
		if plain.StatusCode != 200 || len(plain.body) == 0 || packed.StatusCode != 200 || len(packed.body) > len(plain.body) {
			t.Errorf("%s: got %d with %d bytes, packed %d with %d", m[1], plain.StatusCode, len(plain.body), packed.StatusCode, len(packed.body))
		}
	}
	s.wantProblem(404, "not_found", s.do("GET", "/docs/other.js", nil))
}

// Whoever reads the document only, has to understand it.
func TestEverythingInTheDocumentIsDescribedAndShown(t *testing.T) {
	t.Parallel()
	doc := humaapi.Document()
	for path, item := range doc.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Patch, item.Delete} {
			if op == nil {
				continue
			}
			if op.Description == "" || op.Summary == "" {
				t.Errorf("%s: the operation is not described", op.OperationID)
			}
			for _, p := range op.Parameters {
				if p.Description == "" {
					t.Errorf("%s: the parameter %s is not described", op.OperationID, p.Name)
				}
			}
			for status, r := range op.Responses {
				if c := r.Content["application/json"]; c != nil && status[0] == '2' && c.Example == nil && c.Examples == nil {
					t.Errorf("%s: the answer %s of %s has no example", op.OperationID, status, path)
				}
			}
		}
	}
	for name, s := range doc.Components.Schemas.Map() {
		if s.Description == "" {
			t.Errorf("%s is not described", name)
		}
		for property, p := range s.Properties {
			if p.Description == "" && p.Ref == "" {
				t.Errorf("%s.%s is not described", name, property)
			}
		}
	}
}
