package geminitest_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	_ "image/jpeg"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genai"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini/geminitest"
)

const model = "gemini-nano-banana-2.1"

func start(t *testing.T, o *geminitest.Options) *geminitest.Server {
	t.Helper()
	s, err := geminitest.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// client is the maker's own SDK: what it can read, the stand-in wrote right.
func client(t *testing.T, s *geminitest.Server, change func(*genai.ClientConfig)) *genai.Client {
	t.Helper()
	cc := &genai.ClientConfig{Backend: genai.BackendGeminiAPI, APIKey: "k", HTTPOptions: genai.HTTPOptions{BaseURL: s.URL}}
	if change != nil {
		change(cc)
	}
	c, err := genai.NewClient(t.Context(), cc)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func config(ratio string) *genai.GenerateContentConfig {
	return &genai.GenerateContentConfig{
		AutomaticContinuation: genai.Ptr(false),
		ResponseModalities:    []string{"TEXT", "IMAGE"},
		ImageConfig:           &genai.ImageConfig{AspectRatio: ratio},
	}
}

func TestDrawsThePictureAskedFor(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	c := client(t, s, nil)
	draw := func(prompt, ratio string) []byte {
		resp, err := c.Models.GenerateContent(t.Context(), model, genai.Text(prompt), config(ratio))
		if err != nil {
			t.Fatal(err)
		}
		parts := resp.Candidates[0].Content.Parts
		return parts[len(parts)-1].InlineData.Data
	}
	first := draw("a red bag", "16:9")
	cfg, format, err := image.DecodeConfig(bytes.NewReader(first))
	if err != nil || cfg.Width != 1376 || cfg.Height != 768 || format != "jpeg" {
		t.Errorf("got %s %d×%d, %v; want jpeg 1376×768", format, cfg.Width, cfg.Height, err)
	}
	if !bytes.Equal(first, draw("a red bag", "16:9")) {
		t.Error("the same words gave another picture")
	}
	if bytes.Equal(first, draw("a blue bag", "16:9")) {
		t.Error("other words gave the same picture")
	}
	if !bytes.Contains(first[:100], []byte("c2pa")) {
		t.Error("no C2PA box")
	}
}

func TestStreamsTextThenTheWholePicture(t *testing.T) {
	t.Parallel()
	s := start(t, &geminitest.Options{MaxSide: 300})
	var texts []string
	var pictures, signatures int
	var last *genai.GenerateContentResponse
	for resp, err := range client(t, s, nil).Models.GenerateContentStream(t.Context(), model, genai.Text("one two three four five"), config("1:1")) {
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range resp.Candidates[0].Content.Parts {
			switch {
			case p.InlineData != nil:
				pictures++
			case p.Text != "":
				texts = append(texts, p.Text)
			}
			if len(p.ThoughtSignature) > 0 {
				signatures++
			}
		}
		last = resp
	}
	if got, want := strings.Join(texts, ""), "Here is your picture: one two three four five"; got != want || len(texts) < 2 {
		t.Errorf("got %q in %d pieces, want %q in several", got, len(texts), want)
	}
	if pictures != 1 || signatures != 2 {
		t.Errorf("got %d pictures and %d signatures, want 1 and 2", pictures, signatures)
	}
	if last.Candidates[0].FinishReason != genai.FinishReasonStop || last.UsageMetadata.CandidatesTokensDetails[0].TokenCount != 1120 {
		t.Errorf("last frame: %+v", last)
	}
}

func TestEnforcesThoughtSignatures(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(parts []*genai.Part)
		model  string
		want   string // in the error; "" for none
	}{
		{"a model turn as it came", func([]*genai.Part) {}, model, ""},
		{"the picture's signature missing", func(p []*genai.Part) { p[1].ThoughtSignature = nil }, model,
			"Image part is missing a thought_signature in content position 2, part position 2."},
		{"the text's signature missing", func(p []*genai.Part) { p[0].ThoughtSignature = nil }, model,
			"Text part is missing a thought_signature in content position 2, part position 1."},
		{"one bit of the signature altered", func(p []*genai.Part) { p[1].ThoughtSignature[500] ^= 1 }, model, "Corrupted thought signature."},
		{"the signature cut", func(p []*genai.Part) { p[1].ThoughtSignature = p[1].ThoughtSignature[:31] }, model, "Corrupted thought signature."},
		{"the picture altered", func(p []*genai.Part) { p[1].InlineData.Data[900] ^= 1 }, model, "Corrupted thought signature."},
		{"another model", func([]*genai.Part) {}, "gemini-3-pro-image", "Corrupted thought signature."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			// A second stand-in must know the first one's signatures.
			c := client(t, start(t, &geminitest.Options{MaxSide: 200}), nil)
			resp, err := c.Models.GenerateContent(t.Context(), model, genai.Text("a bag"), config("1:1"))
			if err != nil {
				t.Fatal(err)
			}
			turn := resp.Candidates[0].Content
			tt.change(turn.Parts)
			again := client(t, start(t, &geminitest.Options{MaxSide: 200}), nil)
			_, err = again.Models.GenerateContent(t.Context(), tt.model, []*genai.Content{
				genai.NewContentFromText("a bag", genai.RoleUser), turn, genai.NewContentFromText("in red", genai.RoleUser)}, config("1:1"))
			var got genai.APIError
			if errors.As(err, &got); (tt.want == "") != (err == nil) || !strings.Contains(got.Message, tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestRefusesWhatTheAPIRefuses(t *testing.T) {
	t.Parallel()
	post := func(path, body string, header ...string) func(*geminitest.Server) (*http.Response, error) {
		return func(s *geminitest.Server) (*http.Response, error) {
			req, err := http.NewRequest(http.MethodPost, s.URL+path, strings.NewReader(body))
			if err != nil {
				return nil, err
			}
			for i := 0; i < len(header); i += 2 {
				req.Header.Set(header[i], header[i+1])
			}
			return http.DefaultClient.Do(req)
		}
	}
	const hello = `{"contents":[{"role":"user","parts":[{"text":"hi"}]}]`
	const path = "/v1beta/models/" + model + ":generateContent"
	tests := []struct {
		name   string
		send   func(*geminitest.Server) (*http.Response, error)
		status int
		want   string
	}{
		{"no key", post(path, hello+"}"), 403, "unregistered callers"},
		{"a wrong key", post(path, hello+"}", "x-goog-api-key", "wrong"), 400, "API_KEY_INVALID"},
		{"a wrong token on Vertex", post("/v1beta1/projects/p/locations/global/publishers/google/models/"+model+":generateContent", hello+"}", "Authorization", "Bearer wrong"), 401, "UNAUTHENTICATED"},
		{"an unknown field", post(path, hello+`,"generationConfig":{"aspectRatio":"1:1"}}`, "x-goog-api-key", "right"), 400, "Unknown name"},
		{"a ratio the model has not", post(path, hello+`,"generationConfig":{"imageConfig":{"aspectRatio":"7:5"}}}`, "x-goog-api-key", "right"), 400, "aspect_ratio must be one of"},
		{"a size for a model that takes none", post("/v1beta/models/gemini-3.1-flash-lite-image:generateContent", hello+`,"generationConfig":{"imageConfig":{"imageSize":"1K"}}}`, "x-goog-api-key", "right"), 400, "Image size is not enabled"},
		{"a part without data", post(path, `{"contents":[{"role":"user","parts":[{}]}]}`, "x-goog-api-key", "right"), 400, "required oneof field"},
		{"an unknown model", post("/v1beta/models/gemini-x:generateContent", hello+"}", "x-goog-api-key", "right"), 404, "is not found for API version"},
		{"a model that is gone", post("/v1beta/models/gemini-2.0-flash-exp:generateContent", hello+"}", "x-goog-api-key", "right"), 404, "is not found for API version"},
		{"another path", post("/v1/other", "{}", "x-goog-api-key", "right"), 404, "404 page not found"},
		{"an unknown directive", post(path, strings.Replace(hello, "hi", "[[nonsense]]", 1)+"}", "x-goog-api-key", "right"), 400, "no outcome"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			resp, err := tt.send(start(t, &geminitest.Options{Key: "right"}))
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			if err != nil || resp.StatusCode != tt.status || !strings.Contains(string(body), tt.want) {
				t.Errorf("got %d %s, %v; want %d with %q", resp.StatusCode, body, err, tt.status, tt.want)
			}
		})
	}
}

func TestEveryNamedOutcomeEndsTheCall(t *testing.T) {
	t.Parallel()
	s := start(t, &geminitest.Options{MaxSide: 200})
	c := client(t, s, nil)
	silent := []string{"hang", "stall"}
	good := []string{"image", "both", "text", "images", "drafts", "onlydrafts", "thoughts", "refuse", "no_image", "block", "notimage", "nothing", "no_usage", "trickle", "empty",
		"midstream"} // in a unary 200 the SDK overlooks the error object
	for name := range geminitest.Outcomes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if slices.Contains(silent, name) {
				go func() {
					time.Sleep(50 * time.Millisecond) // silence has no event to wait for
					cancel()
				}()
			}
			_, err := c.Models.GenerateContent(ctx, model, genai.Text("a bag [["+name+"]]"), config("1:1"))
			if got, want := err == nil, slices.Contains(good, name); got != want {
				t.Errorf("succeeded: got %v (%v), want %v", got, err, want)
			}
		})
	}
}

func TestDirectivesAndScript(t *testing.T) {
	t.Parallel()
	s := start(t, &geminitest.Options{MaxSide: 200})
	c := client(t, s, nil)
	s.Script(geminitest.Outcomes()["500"])
	var got []string
	for range 4 {
		resp, err := c.Models.GenerateContent(t.Context(), model, genai.Text("[[503 x2]] [[say done]]"), config("1:1"))
		var api genai.APIError
		switch {
		case errors.As(err, &api):
			got = append(got, api.Status)
		case err != nil:
			t.Fatal(err)
		default:
			got = append(got, resp.Candidates[0].Content.Parts[0].Text)
		}
	}
	if diff := cmp.Diff([]string{"INTERNAL", "UNAVAILABLE", "done", "done"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if st := s.Stats(); st.Calls != 4 || st.ByOutcome["503"] != 1 || st.ByPrompt["[[503 x2]] [[say done]]"] != 4 {
		t.Errorf("got %+v", st)
	}
}

func TestHoldsACallUntilReleased(t *testing.T) {
	t.Parallel()
	s := start(t, &geminitest.Options{MaxSide: 200})
	done := make(chan error, 1)
	go func() {
		_, err := client(t, s, nil).Models.GenerateContent(t.Context(), model, genai.Text("[[hold]]"), config("1:1"))
		done <- err
	}()
	if err := s.AwaitCalls(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-done:
		t.Fatalf("answered before the release: %v", err)
	default:
	}
	s.Release()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestListsModelsInPages(t *testing.T) {
	t.Parallel()
	s := start(t, &geminitest.Options{HiddenModels: []string{"gemini-3-pro-image"}})
	var got []string
	page, err := client(t, s, nil).Models.List(t.Context(), &genai.ListModelsConfig{PageSize: 2})
	for ; err == nil; page, err = page.Next(t.Context()) {
		for _, m := range page.Items {
			got = append(got, m.Name)
		}
	}
	if !errors.Is(err, genai.ErrPageDone) {
		t.Fatal(err)
	}
	want := []string{"models/gemini-3.5-flash", "models/gemini-nano-banana-2.1", "models/gemini-3.1-flash-lite-image", "models/gemini-3.1-flash-image"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRunsAsAProcess(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- geminitest.Main(ctx, []string{"-default", "[[text]]", "-key", "k"}, w) }()
	line := make([]byte, 64)
	n, err := r.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	url := strings.TrimSpace(string(line[:n]))
	resp, err := http.Post(url+"/_control/script", "application/json", strings.NewReader(`["429", "[[finish NO_IMAGE]]"]`))
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("script: %v %v", resp, err)
	}
	_ = resp.Body.Close()
	resp, err = http.Get(url + "/_control/stats")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil || !strings.Contains(string(body), `"calls": 0`) {
		t.Errorf("stats: got %s, %v", body, err)
	}
	_ = resp.Body.Close()
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
