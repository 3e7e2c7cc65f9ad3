package gemini

import (
	"context"
	"fmt"
	"io"
	"strings"

	"google.golang.org/genai"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini/internal/lift"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// How a conversation is told to the model.
//
// Replay repeats every earlier turn as it came, thought signatures included:
// the model remembers what it did and why. Signatures belong to one model, and a
// turn weighs megabytes, so it is not always possible, nor always wise: edits of
// edits drift.
//
// Anchoring sends the chosen picture as the person's own and a short summary of
// the talk. It works with any model and any picture, in a bounded size.

const (
	summaryUtterances = 12  // of the newest are told
	summaryRunes      = 240 // of each
)

// teller builds the contents of one request.
type teller struct {
	ctx   context.Context
	call  *imagechat.Call
	x     *exchange
	parts []*genai.Part // of the present utterance
}

// tell returns the contents and how the conversation is told in them.
func (g *Generator) tell(ctx context.Context, call *imagechat.Call, x *exchange, anchorOnly bool) ([]*genai.Content, imagechat.ContextMode, error) {
	t := &teller{ctx: ctx, call: call, x: x}
	mode := g.mode(call, anchorOnly)
	if err := g.checkImages(call, mode); err != nil {
		return nil, mode, err
	}
	var contents []*genai.Content
	var err error
	if mode == imagechat.ContextReplay {
		if contents, err = t.history(); err != nil {
			return nil, mode, err
		}
	}
	if err := t.present(mode); err != nil {
		return nil, mode, err
	}
	return append(contents, &genai.Content{Role: genai.RoleUser, Parts: t.parts}), mode, nil
}

// checkImages refuses, before anything is sent, more images than the model
// takes; the picture to change is one of them where it goes along. Of a model
// that is not in the table nobody knows.
func (g *Generator) checkImages(call *imagechat.Call, mode imagechat.ContextMode) error {
	m := g.Model(call.Model)
	if m.Status == imagechat.ModelUnlisted {
		return nil
	}
	most := m.MaxReferences
	if call.Anchor != nil && mode == imagechat.ContextAnchor {
		most--
	}
	if len(call.References) <= most {
		return nil
	}
	return &imagechat.Error{Code: imagechat.InvalidRequest, Charge: imagechat.ChargeNone, Params: map[string]string{"model": m.ID},
		Fields: []imagechat.FieldError{{Location: "reference_image_ids", Rule: "too_many", Max: most}}}
}

// mode is the call's own wish, but never a replay that the API would refuse;
// where the call leaves it open, a replay if possible.
func (g *Generator) mode(call *imagechat.Call, anchorOnly bool) imagechat.ContextMode {
	wish := call.Context
	replay := wish == "" || wish == imagechat.ContextReplay
	switch {
	case replay && !anchorOnly && g.replayable(call):
		return imagechat.ContextReplay
	case replay && (len(call.History) > 0 || call.Anchor != nil):
		return imagechat.ContextAnchor
	case replay:
		return imagechat.ContextFresh
	}
	return wish
}

// replayable reports whether the history can be repeated exactly: all of it
// made by the model asked now, every picture signed, the picture to change the
// newest one, and not too heavy.
func (g *Generator) replayable(call *imagechat.Call) bool {
	var weight int64
	var newest imagechat.BlobKey
	turns := 0
	for _, u := range call.History {
		for _, img := range u.Images {
			if u.Role == imagechat.RoleUser {
				weight += img.Bytes
			}
		}
		if u.Role != imagechat.RoleAssistant || emptyUtterance(u) {
			continue
		}
		if u.Model != call.Model || len(u.Parts) == 0 {
			return false
		}
		turns++
		for _, p := range u.Parts {
			weight += p.Size + p.SignatureSize
			if !p.IsPicture() {
				continue
			}
			if p.Signature == "" {
				return false
			}
			newest = p.Blob
		}
	}
	if call.Anchor != nil && call.Anchor.Blob != newest {
		return false
	}
	return turns > 0 && weight <= g.o.HistoryBytes
}

// emptyUtterance is a reply that never came: a failed turn.
func emptyUtterance(u imagechat.Utterance) bool {
	return len(u.Parts) == 0 && len(u.Images) == 0 && strings.TrimSpace(u.Text) == ""
}

// history repeats the earlier turns.
func (t *teller) history() ([]*genai.Content, error) {
	var out []*genai.Content
	for _, u := range t.call.History {
		var parts []*genai.Part
		var err error
		role := string(genai.RoleModel)
		if u.Role == imagechat.RoleUser {
			role = genai.RoleUser
			parts, err = t.said(u)
		} else {
			parts, err = t.made(u.Parts)
		}
		if err != nil {
			return nil, err
		}
		if len(parts) > 0 {
			out = append(out, &genai.Content{Role: role, Parts: parts})
		}
	}
	return out, nil
}

// said is an utterance of the person: pictures first, as in a present one.
func (t *teller) said(u imagechat.Utterance) ([]*genai.Part, error) {
	var parts []*genai.Part
	for _, img := range u.Images {
		p, err := t.picture(img)
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	if u.Text != "" {
		parts = append(parts, genai.NewPartFromText(u.Text))
	}
	return parts, nil
}

// made is a turn of the model, part by part.
func (t *teller) made(in []imagechat.Part) ([]*genai.Part, error) {
	var out []*genai.Part
	for _, p := range in {
		part := &genai.Part{Text: p.Text, Thought: p.Thought}
		if p.Blob != "" {
			ref, err := t.blob(p.Blob, p.Size)
			if err != nil {
				return nil, err
			}
			part.InlineData = &genai.Blob{Data: ref, MIMEType: p.MIMEType}
		}
		if p.Signature != "" {
			ref, err := t.blob(p.Signature, p.SignatureSize)
			if err != nil {
				return nil, err
			}
			part.ThoughtSignature = ref
		}
		out = append(out, part)
	}
	return out, nil
}

// present is the utterance that is to be answered. Its prompt speaks of
// attached pictures by number, the picture to change first unless a replay was
// asked for, so each is announced by its number here.
func (t *teller) present(mode imagechat.ContextMode) error {
	if mode == imagechat.ContextAnchor {
		if s := summary(t.call.History); s != "" {
			t.say(s)
		}
	}
	number := 1
	if t.call.Anchor != nil && t.call.Context != imagechat.ContextReplay {
		number++
	}
	if err := t.current(mode); err != nil {
		return err
	}
	for _, img := range t.call.References {
		if err := t.show(fmt.Sprintf("Attached picture %d%s:", number, roleWords(img.Role)), img); err != nil {
			return err
		}
		number++
	}
	t.say(t.call.Prompt.Text)
	return nil
}

// current shows the picture that the talk is about, where it is not in the
// history already.
func (t *teller) current(mode imagechat.ContextMode) error {
	anchor, asked := t.call.Anchor, t.call.Context
	switch {
	case mode == imagechat.ContextReplay && (anchor == nil || asked == imagechat.ContextReplay):
		return nil
	case mode == imagechat.ContextReplay:
		t.say("Attached picture 1 is the newest picture you made, above.")
		return nil
	case anchor == nil && mode == imagechat.ContextAnchor:
		return t.newest(nil)
	case anchor == nil:
		return nil
	case asked == imagechat.ContextReplay: // the prompt gave it no number
		return t.show(newestCaption, *anchor)
	}
	if err := t.newest(anchor); err != nil {
		return err
	}
	return t.show("Attached picture 1:", *anchor)
}

const newestCaption = "The newest picture of this conversation:"

// newest shows the last picture of a conversation that is not repeated, so that
// "make it brighter" still has something to speak of. The pictures of an answer
// of several, none of which was chosen yet, are shown with the numbers that the
// person sees. anchor, if any, is shown elsewhere: then only they are shown.
func (t *teller) newest(anchor *imagechat.InputImage) error {
	for i := len(t.call.History) - 1; i >= 0; i-- {
		u := t.call.History[i]
		if u.Role != imagechat.RoleAssistant {
			continue
		}
		answer := imagechat.Result{Parts: u.Parts}
		img := answer.Image()
		switch {
		case len(u.Images) > 1 && len(u.Parts) == 0:
			return t.numbered(u.Images, anchor)
		case anchor != nil && (img != nil || len(u.Images) > 0):
			return nil
		case img != nil:
			return t.show(newestCaption, imagechat.InputImage{Blob: img.Blob, Bytes: img.Size, MIMEType: img.MIMEType})
		case len(u.Images) > 0:
			return t.show(newestCaption, u.Images[len(u.Images)-1])
		}
	}
	return nil
}

// numbered shows the pictures of one answer. The one that is attached as the
// picture to change is named only.
func (t *teller) numbered(images []imagechat.InputImage, anchor *imagechat.InputImage) error {
	for i, img := range images {
		caption := fmt.Sprintf("Picture %d of the %d that you made last", i+1, len(images))
		if anchor != nil && anchor.Blob == img.Blob {
			t.say(caption + " is attached picture 1.")
			continue
		}
		if err := t.show(caption+":", img); err != nil {
			return err
		}
	}
	return nil
}

func (t *teller) say(text string) { t.parts = append(t.parts, genai.NewPartFromText(text)) }

func (t *teller) show(caption string, img imagechat.InputImage) error {
	p, err := t.picture(img)
	if err != nil {
		return err
	}
	t.say(caption)
	t.parts = append(t.parts, p)
	return nil
}

func (t *teller) picture(img imagechat.InputImage) (*genai.Part, error) {
	ref, err := t.blob(img.Blob, img.Bytes)
	if err != nil {
		return nil, err
	}
	return genai.NewPartFromBytes(ref, img.MIMEType), nil
}

// blob attaches stored bytes to the request and returns what stands for them.
func (t *teller) blob(key imagechat.BlobKey, size int64) ([]byte, error) {
	if size <= 0 {
		info, err := t.call.Blobs.Stat(t.ctx, key)
		if err != nil {
			return nil, storage(err, imagechat.ChargeNone)
		}
		size = info.Size
	}
	return t.x.attach(lift.Source{Size: size, Open: func() (io.ReadCloser, error) {
		return t.call.Blobs.Open(t.ctx, key)
	}}), nil
}

// roleWords says what a reference is for; the prompt says what to do with it.
func roleWords(role string) string {
	switch role {
	case "product", "person", "style", "logo", "marks":
		return " (" + role + ")"
	}
	return ""
}

// summary tells the newest utterances in short lines, "" when nothing was said.
func summary(history []imagechat.Utterance) string {
	var lines []string
	for _, u := range history {
		text := u.Text
		who := "Person"
		if u.Role == imagechat.RoleAssistant {
			who = "You"
			answer := imagechat.Result{Parts: u.Parts}
			if text == "" {
				text = answer.Text()
			}
			if n := len(u.Images); n > 1 && len(u.Parts) == 0 {
				text = strings.TrimSpace(fmt.Sprintf("%s [you made %d pictures]", text, n))
			} else if answer.Image() != nil || n > 0 {
				text = strings.TrimSpace(text + " [you made a picture]")
			}
		}
		if text = shorten(text, summaryRunes); text != "" {
			lines = append(lines, "- "+who+": "+text)
		}
	}
	if len(lines) == 0 {
		return ""
	}
	head := "What was said before, in short:\n"
	if cut := len(lines) - summaryUtterances; cut > 0 {
		lines = lines[cut:]
		head = "What was said last, in short:\n"
	}
	return head + strings.Join(lines, "\n")
}

// shorten puts text on one line of at most n runes.
func shorten(text string, n int) string {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) <= n {
		return string(runes)
	}
	return string(runes[:n-1]) + "…"
}

// keepEmptyText writes the text of parts that hold nothing but a signature:
// streams deliver signatures on empty text, package genai leaves empty text out,
// and the API refuses a part without data.
func keepEmptyText(body map[string]any) map[string]any {
	for _, content := range objects(body["contents"]) {
		for _, part := range objects(content["parts"]) {
			if part["thoughtSignature"] != nil && part["inlineData"] == nil && part["text"] == nil {
				part["text"] = ""
			}
		}
	}
	return body
}

// objects reads a list of JSON objects in either form that the SDK builds.
func objects(v any) []map[string]any {
	switch v := v.(type) {
	case []map[string]any:
		return v
	case []any:
		var out []map[string]any
		for _, e := range v {
			if m, ok := e.(map[string]any); ok {
				out = append(out, m)
			}
		}
		return out
	}
	return nil
}
