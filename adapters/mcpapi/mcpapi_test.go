package mcpapi_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"image"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/mcpapi"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/memory"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

// agent is a client of a server on memory adapters.
type agent struct {
	*mcp.ClientSession
	t      *testing.T
	script *imagechattest.Script
}

func start(t *testing.T, o mcpapi.Options, service imagechat.Options) *agent {
	t.Helper()
	script := imagechattest.NewScript()
	script.Always(imagechattest.Picture(drawing(t)))
	svc, err := imagechat.New(memory.Ports(script), &service)
	if err != nil {
		t.Fatal(err)
	}
	if err := svc.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.Lang = imagechat.LangEN
	server, err := mcpapi.New(svc, &o)
	if err != nil {
		t.Fatal(err)
	}
	near, far := mcp.NewInMemoryTransports()
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- server.Run(ctx, far) }()
	client, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil).Connect(ctx, near, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = client.Close()
		cancel()
		<-served
		closing, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := svc.Close(closing); err != nil {
			t.Error(err)
		}
	})
	return &agent{ClientSession: client, t: t, script: script}
}

func drawing(t *testing.T) []byte {
	t.Helper()
	picture := image.NewGray(image.Rect(0, 0, 640, 320))
	for i := range picture.Pix {
		picture.Pix[i] = byte(i)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// call calls a tool and decodes its structured answer; refused tells that it failed.
func (a *agent) call(tool string, args map[string]any, out any) (result *mcp.CallToolResult, text string) {
	a.t.Helper()
	r, err := a.CallTool(a.t.Context(), &mcp.CallToolParams{Name: tool, Arguments: args})
	if err != nil {
		a.t.Fatalf("%s: %v", tool, err)
	}
	for _, c := range r.Content {
		if c, ok := c.(*mcp.TextContent); ok {
			text += c.Text
		}
	}
	if out != nil {
		if r.IsError {
			a.t.Fatalf("%s: refused: %s", tool, text)
		}
		raw, err := json.Marshal(r.StructuredContent)
		if err != nil {
			a.t.Fatal(err)
		}
		if err := json.Unmarshal(raw, out); err != nil {
			a.t.Fatal(err)
		}
	}
	return r, text
}

func (a *agent) refused(tool string, args map[string]any, want string) {
	a.t.Helper()
	if r, text := a.call(tool, args, nil); !r.IsError || !strings.Contains(text, want) {
		a.t.Errorf("%s %v: got error %v %q, want one with %q", tool, args, r.IsError, text, want)
	}
}

type turn struct {
	TurnID  string  `json:"turn_id"`
	Status  string  `json:"status"`
	CostUSD float64 `json:"cost_usd"`
	Images  []struct {
		ID       string `json:"id"`
		Resource string `json:"resource"`
	} `json:"images"`
}

func (a *agent) session() string {
	a.t.Helper()
	var s struct{ ID string }
	a.call("create_session", map[string]any{"placement": "email_header"}, &s)
	return s.ID
}

func TestAnAgentDrawsRefinesAndTakesTheFileHome(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := start(t, mcpapi.Options{Save: func(name string, file io.Reader) (string, error) {
		data, err := io.ReadAll(file)
		if err != nil {
			return "", err
		}
		path := filepath.Join(dir, filepath.Base(name))
		return path, os.WriteFile(path, data, 0o600)
	}}, imagechat.Options{})
	var places struct {
		Placements []struct {
			ID            string
			Width, Height int
		}
	}
	a.call("list_placements", map[string]any{"query": "이메일"}, &places)
	if len(places.Placements) == 0 {
		t.Fatal("no placement for e-mail")
	}
	session := a.session()
	var drawn, refined turn
	result, _ := a.call("generate_image", map[string]any{"session_id": session, "prompt": "a lamp"}, &drawn)
	if drawn.Status != "succeeded" || len(drawn.Images) != 1 {
		t.Fatalf("got %+v", drawn)
	}
	var preview, link bool
	for _, c := range result.Content {
		switch c := c.(type) {
		case *mcp.ImageContent:
			preview = len(c.Data) > 0 && strings.HasPrefix(c.MIMEType, "image/")
		case *mcp.ResourceLink:
			link = c.URI == drawn.Images[0].Resource
		}
	}
	if !preview || !link {
		t.Errorf("a preview: %v, a link: %v; want both", preview, link)
	}
	a.call("refine_image", map[string]any{"image_id": drawn.Images[0].ID, "prompt": "brighter"}, &refined)
	if refined.Status != "succeeded" || refined.Images[0].ID == drawn.Images[0].ID {
		t.Fatalf("got %+v", refined)
	}
	var file struct {
		Path, Resource, SHA256 string
		Width, Height          int
	}
	a.call("export_image", map[string]any{"image_id": refined.Images[0].ID, "placement": "email_header", "format": "png"}, &file)
	if file.Width != 600 || file.Height != 200 {
		t.Errorf("exported %d×%d, want 600×200", file.Width, file.Height)
	}
	saved, err := os.ReadFile(file.Path)
	if err != nil {
		t.Fatal(err)
	}
	read, err := a.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: file.Resource})
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(read.Contents[0].Blob)
	if hex.EncodeToString(sum[:]) != file.SHA256 || string(saved) != string(read.Contents[0].Blob) {
		t.Error("the saved file, the resource and the hash differ")
	}
	original, err := a.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: refined.Images[0].Resource})
	if err != nil || len(original.Contents[0].Blob) == 0 {
		t.Errorf("the original: %v", err)
	}
	var usage struct{ Turns, Images int }
	a.call("get_usage", map[string]any{}, &usage)
	if usage.Turns != 2 || usage.Images != 2 {
		t.Errorf("usage: got %+v, want two of each", usage)
	}
}

func TestWhatIsDearHasToBeConfirmedAndIsPaidOnce(t *testing.T) {
	t.Parallel()
	a := start(t, mcpapi.Options{ConfirmAbove: new(imagechat.Dollars(0.01))}, imagechat.Options{})
	session := a.session()
	args := map[string]any{"session_id": session, "prompt": "a lamp", "idempotency_key": "one"}
	a.refused("generate_image", args, "confirmation_required")
	if n := len(a.script.Calls()); n != 0 {
		t.Fatalf("%d generator calls before the confirmation", n)
	}
	var price struct {
		EstimatedCostUSD float64 `json:"estimated_cost_usd"`
		NeedsConfirm     bool    `json:"confirmation_required"`
	}
	a.call("estimate", map[string]any{"session_id": session, "prompt": "a lamp"}, &price)
	if !price.NeedsConfirm {
		t.Errorf("estimate: got %+v", price)
	}
	args["confirm_cost_usd"] = price.EstimatedCostUSD / 2
	a.refused("generate_image", args, "confirmation_required")
	args["confirm_cost_usd"] = price.EstimatedCostUSD
	var first, again turn
	a.call("generate_image", args, &first)
	delete(args, "confirm_cost_usd") // the same turn costs nothing more, and asks nothing more
	a.call("generate_image", args, &again)
	if first.TurnID != again.TurnID {
		t.Errorf("the same key made turns %s and %s", first.TurnID, again.TurnID)
	}
	if n := len(a.script.Calls()); n != 1 {
		t.Errorf("%d generator calls, want 1", n)
	}
	args["prompt"] = "something else"
	a.refused("generate_image", args, "idempotency_mismatch")
}

func TestABudgetHolds(t *testing.T) {
	t.Parallel()
	a := start(t, mcpapi.Options{}, imagechat.Options{DailyBudget: imagechat.Dollars(0.0001)})
	a.refused("generate_image", map[string]any{"session_id": a.session(), "prompt": "a lamp"}, "budget_exceeded")
	if n := len(a.script.Calls()); n != 0 {
		t.Errorf("%d generator calls", n)
	}
}

// Arguments as a model that was talked into it would send them: none may be
// an internal error, cost anything or reach a file.
func TestHostileArgumentsAreRefused(t *testing.T) {
	t.Parallel()
	a := start(t, mcpapi.Options{}, imagechat.Options{})
	session := a.session()
	strange := []any{
		"", "..", "../../etc/passwd", "'; DROP TABLE sessions; --", strings.Repeat("가", 3000), "\x00", "\u202e",
		"${jndi:ldap://127.0.0.1/a}", "<script>alert(1)</script>", -1, 1e308, nil, true, []any{}, map[string]any{}, "01900000-0000-7000-8000-000000000000",
	}
	tools := map[string]map[string]any{
		"create_session": {"placement": "email_header", "title": "t", "style": "minimal", "brand_id": ""},
		"get_session":    {"session_id": session},
		"estimate":       {"session_id": session, "prompt": "p", "count": 1, "image_size": "1K", "model": "", "style": ""},
		"refine_image":   {"image_id": "x", "prompt": "p", "wait_seconds": 1},
		"wait_for_turn":  {"turn_id": "x", "wait_seconds": 1},
		"cancel_turn":    {"turn_id": "x"},
		"export_image":   {"image_id": "x", "placement": "email_header", "width": 10, "format": "png", "fit": "cover", "focus_x": 0.5, "focus_y": 0.5},
		"list_sessions":  {"query": "q", "limit": 1},
		"get_usage":      {"days": 1},
	}
	calls := 0
	for tool, good := range tools {
		for name := range good {
			for _, bad := range strange {
				args := map[string]any{}
				for k, v := range good {
					args[k] = v
				}
				args[name] = bad
				calls++
				r, err := a.CallTool(t.Context(), &mcp.CallToolParams{Name: tool, Arguments: args})
				if err != nil {
					continue // refused by the protocol
				}
				for _, c := range r.Content {
					if c, ok := c.(*mcp.TextContent); ok && (strings.HasPrefix(c.Text, "internal:") || strings.Contains(c.Text, "goroutine ") || strings.Contains(c.Text, ".go:")) {
						t.Errorf("%s %v: %s", tool, args, c.Text)
					}
				}
			}
		}
	}
	for _, uri := range []string{"imagechat://images/..", "imagechat://images/%2e%2e%2fsecret", "imagechat://images/x/export?width=1e9", "file:///etc/passwd", "imagechat://elsewhere/x", "imagechat://images/x/export?focus=NaN,NaN"} {
		calls++
		if r, err := a.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: uri}); err == nil {
			t.Errorf("%s was read: %v", uri, r)
		}
	}
	if calls < 200 {
		t.Errorf("only %d calls", calls)
	}
	if n := len(a.script.Calls()); n != 0 {
		t.Errorf("%d generator calls", n)
	}
}
