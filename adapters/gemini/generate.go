package gemini

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"google.golang.org/genai"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini/internal/lift"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// Generate implements imagechat.Generator.
func (g *Generator) Generate(ctx context.Context, call *imagechat.Call) (*imagechat.Result, error) {
	start := g.o.Now()
	if _, bounded := ctx.Deadline(); !bounded || g.o.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, cmp.Or(g.o.Timeout, defaultTimeout))
		defer cancel()
	}
	res, refused, err := g.attempt(ctx, call, false)
	if refused && res.Context == imagechat.ContextReplay {
		g.o.Logger.WarnContext(ctx, "a conversation told by its own turns was refused; telling the conversation by picture and summary",
			"model", call.Model, "attempt", call.Attempt, "reason", err)
		res, _, err = g.attempt(ctx, call, true)
	}
	res.Duration = g.o.Now().Sub(start)
	if err != nil {
		return res, err
	}
	return res, nil
}

// attempt makes one request. refused tells that it was not accepted because of
// a thought signature. The Result is never nil.
func (g *Generator) attempt(ctx context.Context, call *imagechat.Call, anchorOnly bool) (res *imagechat.Result, refused bool, err error) {
	model := g.Model(call.Model)
	if model.ID != call.Model {
		c := *call
		c.Model, call = model.ID, &c
	}
	x := &exchange{spool: call.Spool, idle: g.o.IdleTimeout, unary: g.o.Unary}
	a := &answer{call: call, x: x, model: model}
	x.drawing = func() { a.progress(imagechat.Progress{Drawing: true}) }
	contents, mode, err := g.tell(ctx, call, x, anchorOnly)
	a.mode = mode
	if err != nil {
		return a.result(), false, err
	}
	err = g.read(withExchange(ctx, x), call, model, contents, a)
	if err == nil {
		a.promote()
		if e := a.verdict(); e != nil {
			e.Reason = g.o.tell(e.Reason)
			return a.result(), false, e
		}
		return a.result(), false, nil
	}
	api, _ := errors.AsType[genai.APIError](err)
	failure := g.failure(ctx, err, x, call.Model)
	if a.salvage(ctx, failure) {
		return a.result(), false, nil
	}
	return a.result(), x.status >= 400 && historyRefused(api, failure), failure
}

// read sends the request and feeds the answer to a as it comes. The SDK
// asserts types without checking: a panic of it is an answer of a wrong shape.
func (g *Generator) read(ctx context.Context, call *imagechat.Call, model imagechat.Model, contents []*genai.Content, a *answer) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", errPanic, r)
		}
	}()
	for chunk, err := range g.stream(ctx, call.Model, contents, config(call, model)) {
		if err != nil {
			return err
		}
		a.add(chunk)
	}
	if a.x.err == nil && a.finish == "" && a.x.strange != "" {
		// Something else took the place of the answer's end.
		return fmt.Errorf("%w: %q", lift.ErrNotJSON, a.x.strange)
	}
	return a.x.err
}

func (g *Generator) stream(ctx context.Context, model string, contents []*genai.Content, cfg *genai.GenerateContentConfig) iter.Seq2[*genai.GenerateContentResponse, error] {
	if !g.o.Unary {
		return g.client.Models.GenerateContentStream(ctx, model, contents, cfg)
	}
	return func(yield func(*genai.GenerateContentResponse, error) bool) {
		yield(g.client.Models.GenerateContent(ctx, model, contents, cfg))
	}
}

// config is made anew for every request: the SDK changes what it is given.
// What the model does not have is not sent; it would be refused.
func config(call *imagechat.Call, model imagechat.Model) *genai.GenerateContentConfig {
	cfg := &genai.GenerateContentConfig{
		// On by default: an answer that seems unfinished would be paid for twice.
		AutomaticContinuation: genai.Ptr(false),
		ResponseModalities:    []string{"TEXT"},
		HTTPOptions:           &genai.HTTPOptions{ExtrasRequestProvider: keepEmptyText},
	}
	if call.Prompt.System != "" {
		cfg.SystemInstruction = genai.NewContentFromText(call.Prompt.System, genai.RoleUser)
	}
	if len(model.Thinking) > 0 {
		cfg.ThinkingConfig = &genai.ThinkingConfig{IncludeThoughts: true}
		if slices.Contains(model.Thinking, call.Thinking) {
			cfg.ThinkingConfig.ThinkingLevel = genai.ThinkingLevel(strings.ToUpper(call.Thinking))
		}
	}
	if call.Kind == imagechat.KindChat {
		return cfg
	}
	cfg.ResponseModalities = []string{"TEXT", "IMAGE"}
	image := genai.ImageConfig{}
	if slices.Contains(model.Ratios, call.AspectRatio) {
		image.AspectRatio = call.AspectRatio
	}
	if model.Supports(call.Size) {
		image.ImageSize = call.Size
	}
	if image != (genai.ImageConfig{}) {
		cfg.ImageConfig = &image
	}
	return cfg
}

// answer gathers the pieces of one answer.
type answer struct {
	call  *imagechat.Call
	x     *exchange
	model imagechat.Model
	mode  imagechat.ContextMode

	parts        []imagechat.Part
	text         strings.Builder
	thinking     strings.Builder
	usage        *genai.GenerateContentResponseUsageMetadata
	finish       genai.FinishReason
	block        genai.BlockedReason
	modelVersion string
	responseID   string
	partial      *imagechat.Error
}

func (a *answer) progress(p imagechat.Progress) {
	if a.call.Progress != nil {
		a.call.Progress(p)
	}
}

// add takes a chunk of a stream, or a whole answer.
func (a *answer) add(r *genai.GenerateContentResponse) {
	if r.UsageMetadata != nil { // cumulative: the last one counts
		a.usage = r.UsageMetadata
	}
	if r.ModelVersion != "" {
		a.modelVersion = r.ModelVersion
	}
	if r.ResponseID != "" {
		a.responseID = r.ResponseID
	}
	if r.PromptFeedback != nil && r.PromptFeedback.BlockReason != "" {
		a.block = r.PromptFeedback.BlockReason
	}
	if len(r.Candidates) == 0 || r.Candidates[0] == nil {
		return
	}
	c := r.Candidates[0]
	if c.FinishReason != "" {
		a.finish, a.x.finished = c.FinishReason, true
	}
	if c.FinishMessage != "" && len(a.x.notes) == 0 { // kept by the SDK on Vertex only
		a.x.notes = append(a.x.notes, c.FinishMessage)
	}
	if c.Content == nil {
		return
	}
	for _, p := range c.Content.Parts {
		if p != nil {
			a.addPart(p)
		}
	}
}

func (a *answer) addPart(p *genai.Part) {
	part := imagechat.Part{Text: p.Text, Thought: p.Thought}
	if p.InlineData != nil {
		if piece, ok := dereference(p.InlineData.Data, a.x.pieces); ok {
			piece.used = true
			part.Blob, part.Size, part.MIMEType = piece.entry.Blob, piece.entry.Size, piece.mime
		}
	}
	if piece, ok := dereference(p.ThoughtSignature, a.x.pieces); ok {
		piece.used = true
		part.Signature, part.SignatureSize = piece.entry.Blob, piece.entry.Size
	}
	if part == (imagechat.Part{Thought: p.Thought}) {
		return // nothing in it, or nothing that is ours
	}
	a.parts = append(a.parts, part)
	switch {
	case part.Text == "":
	case part.Thought:
		a.thinking.WriteString(part.Text)
		a.progress(imagechat.Progress{Thinking: a.thinking.String()})
	default:
		a.text.WriteString(part.Text)
		a.progress(imagechat.Progress{Text: a.text.String()})
	}
}

// promote makes the last draft the picture of an answer that ended well and
// brought no other: Gemini 3 models mark their only picture as a thought at times.
func (a *answer) promote() {
	if a.finish != genai.FinishReasonStop || (&imagechat.Result{Parts: a.parts}).Image() != nil {
		return
	}
	for i := len(a.parts) - 1; i >= 0; i-- {
		if a.parts[i].Blob != "" {
			a.parts[i].Final = true
			return
		}
	}
}

// result is the answer so far.
func (a *answer) result() *imagechat.Result {
	r := &imagechat.Result{
		Parts: a.parts, Usage: tokens(a.usage), Model: a.call.Model, ModelVersion: a.modelVersion,
		ResponseID: a.responseID, Context: a.mode,
	}
	size := a.call.Size
	if size == "" {
		size = a.model.DefaultSize
	}
	r.Cost = cost(r.Usage, a.model, size, len(r.Pictures()))
	if saysFree(a.x.notes) {
		r.Cost = 0
	}
	if a.partial != nil {
		r.Partial, r.Error = true, a.partial
	}
	return r
}

// salvage keeps a picture that came whole although the answer broke off behind
// it. A person's cancel is obeyed; a refused request has no picture.
func (a *answer) salvage(ctx context.Context, e *imagechat.Error) bool {
	if errors.Is(ctx.Err(), context.Canceled) {
		return false
	}
	// The event that the picture came in may be torn behind it, so that the SDK
	// never saw it. Its thought signature cannot be told apart then and is left.
	for _, p := range a.x.pieces {
		if !p.used && p.kind == lift.Data && !p.thought && p.entry.Blob != "" && (&imagechat.Result{Parts: a.parts}).Image() == nil {
			a.parts = append(a.parts, imagechat.Part{Blob: p.entry.Blob, Size: p.entry.Size, MIMEType: p.mime})
		}
	}
	if (&imagechat.Result{Parts: a.parts}).Image() == nil {
		return false
	}
	a.partial = e
	return true
}
