package imagechat

import (
	"context"
	"maps"
	"slices"
)

// Bounds of what of a conversation is told again. Gemini takes requests of
// up to 100 MB, but each model turn costs 2.5–4 MB of upload and about 1,120
// tokens (recorded answers, October 2026), and chains of edits drift.
const (
	historyMessages = 40
	historyBytes    = 20 << 20
)

// prepare builds the calls of a turn's attempts that are still to be made.
func (s *briefing) prepare(ctx context.Context, t *Turn, attempts []*Attempt) (map[AttemptID]*Call, error) {
	base, sess, err := s.baseCall(ctx, t)
	if err != nil {
		return nil, err
	}
	var brand *Brand
	if sess.BrandID != "" {
		if brand, err = s.repo.GetBrand(ctx, sess.BrandID); err != nil && CodeOf(err) != NotFound {
			return nil, err
		}
		if err := s.addLogo(ctx, brand, base); err != nil {
			return nil, err
		}
	}
	calls := make(map[AttemptID]*Call, len(attempts))
	for _, a := range attempts {
		c := *base
		c.Attempt, c.Index = a.ID, a.Index
		c.Prompt = BuildPrompt(promptInput(sess, brand, &c))
		calls[a.ID] = &c
	}
	return calls, nil
}

// addLogo sends a brand's logo along with whatever may be drawn for it, after
// all that the person attached, where the model takes one more.
func (s *briefing) addLogo(ctx context.Context, brand *Brand, c *Call) error {
	if brand == nil || brand.LogoImageID == "" || c.Kind == KindChat {
		return nil
	}
	sent := len(c.References)
	if c.Anchor != nil {
		sent++
	}
	if most := s.gen.Model(c.Model).MaxReferences; most > 0 && sent >= most {
		return nil
	}
	if slices.ContainsFunc(c.References, func(i InputImage) bool { return i.ID == brand.LogoImageID }) {
		return nil
	}
	img, err := s.image(ctx, s.repo, brand.LogoImageID)
	if CodeOf(err) == ImageNotFound {
		return nil // deleted since: the rest of the kit holds
	}
	if err != nil {
		return err
	}
	c.References = append(c.References, *inputImage(img, "logo"))
	return nil
}

func promptInput(sess *Session, brand *Brand, c *Call) PromptInput {
	in := PromptInput{
		Kind: c.Kind, Content: c.Request.Content, Purpose: c.Purpose, Style: c.Style, Lang: c.Lang,
		Guidelines: sess.BrandGuidelines, Brand: brand, Anchored: c.Anchor != nil && c.Context != ContextReplay,
		Index: c.Index, Count: c.Request.Count,
	}
	for _, ref := range c.References {
		in.References = append(in.References, ref.Role)
	}
	return in
}

// baseCall gathers what all calls of a turn share.
func (s *briefing) baseCall(ctx context.Context, t *Turn) (*Call, *Session, error) {
	sess, err := s.session(ctx, s.repo, t.SessionID)
	if err != nil {
		return nil, nil, err
	}
	r := &t.Request
	chosen := r.ImageID != ""
	anchor, err := s.rules.anchorImage(ctx, sess, r)
	if err != nil {
		return nil, nil, err
	}
	if anchor != nil {
		if err := s.rules.keepCustomSize(ctx, s.repo, anchor, r); err != nil {
			return nil, nil, err
		}
	}
	purpose, err := s.rules.purpose(r)
	if err != nil {
		return nil, nil, err
	}
	c := &Call{
		Kind: t.Kind, Lang: r.Lang, Model: r.Model, Request: *r, Purpose: purpose,
		AspectRatio: purpose.ModelRatio, Size: r.ImageSize, Thinking: r.Thinking, Blobs: s.vault,
	}
	if r.StylePreset != "" {
		c.Style, _ = StyleByID(r.StylePreset)
	}
	if len(s.gen.Model(r.Model).Ratios) == 0 {
		c.AspectRatio = ""
	}
	if anchor != nil {
		c.Anchor = inputImage(anchor, "")
	}
	if c.References, err = s.references(ctx, r); err != nil {
		return nil, nil, err
	}
	talk, err := s.talkBefore(ctx, t)
	if err != nil {
		return nil, nil, err
	}
	line := lineOf(talk, anchor, chosen)
	c.History = line.tell(talk)
	if c.Context = contextMode(c); line.back {
		c.Context = ContextAnchor
	}
	return c, sess, nil
}

func (s *briefing) references(ctx context.Context, r *TurnRequest) ([]InputImage, error) {
	var out []InputImage
	for i, id := range r.ReferenceIDs {
		img, err := s.image(ctx, s.repo, id)
		if err != nil {
			return nil, err
		}
		role := ""
		if i < len(r.ReferenceRoles) {
			role = r.ReferenceRoles[i]
		} else if img.Role == ImageLogo {
			role = "logo"
		}
		out = append(out, *inputImage(img, role))
	}
	return out, nil
}

func inputImage(i *Image, role string) *InputImage {
	return &InputImage{ID: i.ID, Blob: i.Blob, Bytes: i.Bytes, MIMEType: i.MIMEType, Width: i.Width, Height: i.Height, Role: role}
}

// talkBefore is what was said before the turn, oldest first: people's messages
// that were answered, each with its answer.
func (s *briefing) talkBefore(ctx context.Context, t *Turn) ([]exchange, error) {
	messages, err := s.repo.ListMessages(ctx, t.SessionID, t.UserMessageID, historyMessages)
	if err != nil {
		return nil, err
	}
	if messages, err = s.withLateAnswers(ctx, t, messages); err != nil {
		return nil, err
	}
	if err := s.lib.attachImages(ctx, s.repo, messages...); err != nil {
		return nil, err
	}
	answers := map[TurnID]*Message{}
	for _, m := range messages {
		if m.Role == RoleAssistant && (m.Text != "" || len(m.Parts) > 0 || len(m.Images) > 0) {
			answers[m.TurnID] = m
		}
	}
	var out []exchange
	for _, m := range messages {
		if answer := answers[m.TurnID]; m.Role == RoleUser && answer != nil {
			out = append(out, exchange{m, answer})
		}
	}
	return out, nil
}

// withLateAnswers adds the answers to earlier messages that came after the
// turn's own message, because it was sent while those were being worked on.
func (s *briefing) withLateAnswers(ctx context.Context, t *Turn, messages []*Message) ([]*Message, error) {
	open := map[TurnID]bool{}
	for _, m := range messages {
		open[m.TurnID] = m.Role == RoleUser
	}
	delete(open, t.ID)
	if !slices.Contains(slices.Collect(maps.Values(open)), true) {
		return messages, nil
	}
	newest, err := s.repo.ListMessages(ctx, t.SessionID, "", historyMessages)
	for _, m := range newest {
		if m.ID > t.UserMessageID && m.Role == RoleAssistant && open[m.TurnID] {
			messages = append(messages, m)
		}
	}
	return messages, err
}

func utterance(m *Message) Utterance {
	u := Utterance{Role: m.Role, Text: m.Text, Parts: m.Parts, Model: m.Model}
	for _, list := range [][]Image{m.References, m.Images} {
		for i := range list {
			u.Images = append(u.Images, *inputImage(&list[i], ""))
		}
	}
	return u
}

// contextMode chooses between repeating the conversation byte for byte and
// anchoring on the chosen image. Signatures are a model's own, an earlier
// picture can't be edited by repeating what came after it, and long chains
// cost upload and drift.
func contextMode(c *Call) ContextMode {
	if len(c.History) == 0 {
		if c.Anchor != nil {
			return ContextAnchor
		}
		return ContextFresh
	}
	var bytes int64
	var last BlobKey
	for _, u := range c.History {
		if u.Role == RoleUser {
			for _, img := range u.Images {
				bytes += img.Bytes
			}
			continue
		}
		if len(u.Parts) == 0 || u.Model != c.Model {
			return ContextAnchor
		}
		for _, p := range u.Parts {
			bytes += p.Size + p.SignatureSize
			if p.IsPicture() {
				last = p.Blob
			}
		}
	}
	if bytes > historyBytes || (c.Anchor != nil && c.Anchor.Blob != last) {
		return ContextAnchor
	}
	return ContextReplay
}
