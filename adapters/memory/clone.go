package memory

import (
	"maps"
	"slices"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// Rows are copied on their way in and out, all the way down, so that no
// caller holds on to what is stored. Times come back as every repository
// keeps them: UTC, to the microsecond.

func stamp(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Microsecond)
}

func cloneSession(s *imagechat.Session) *imagechat.Session {
	c := *s
	c.BrandGuidelines = cloneMap(s.BrandGuidelines)
	c.CreatedAt, c.UpdatedAt = stamp(s.CreatedAt), stamp(s.UpdatedAt)
	return &c
}

func cloneMap(m map[string]any) map[string]any {
	if len(m) == 0 {
		return nil
	}
	c := make(map[string]any, len(m))
	for k, v := range m {
		c[k] = cloneJSON(v)
	}
	return c
}

func cloneJSON(v any) any {
	switch v := v.(type) {
	case map[string]any:
		return cloneMap(v)
	case []any:
		c := make([]any, len(v))
		for i := range v {
			c[i] = cloneJSON(v[i])
		}
		return c
	default:
		return v
	}
}

// cloneMessage copies all of a message, cloneStoredMessage what is stored.
func cloneMessage(m *imagechat.Message) *imagechat.Message {
	c := *m
	c.ReferenceIDs = slices.Clone(m.ReferenceIDs)
	c.Parts = slices.Clone(m.Parts)
	c.Error = cloneError(m.Error)
	c.CreatedAt = stamp(m.CreatedAt)
	c.Images = cloneImages(m.Images)
	c.References = cloneImages(m.References)
	return &c
}

func cloneStoredMessage(m *imagechat.Message) *imagechat.Message {
	c := cloneMessage(m)
	c.Images, c.References = nil, nil
	return c
}

func cloneImages(is []imagechat.Image) []imagechat.Image {
	c := slices.Clone(is)
	for i := range c {
		c[i] = *cloneImage(&c[i])
	}
	return c
}

func cloneImage(i *imagechat.Image) *imagechat.Image {
	c := *i
	c.CreatedAt = stamp(i.CreatedAt)
	return &c
}

func cloneVariant(v *imagechat.Variant) *imagechat.Variant {
	c := *v
	return &c
}

func cloneError(e *imagechat.Error) *imagechat.Error {
	if e == nil {
		return nil
	}
	c := *e
	c.ResetsAt = stamp(e.ResetsAt)
	c.Fields = slices.Clone(e.Fields)
	c.Params = maps.Clone(e.Params)
	c.Err = nil // the cause is for logs and never stored
	return &c
}

func cloneTurn(t *imagechat.Turn) *imagechat.Turn {
	c := *t
	c.Request.ReferenceIDs = slices.Clone(t.Request.ReferenceIDs)
	c.Request.ReferenceRoles = slices.Clone(t.Request.ReferenceRoles)
	c.Error = cloneError(t.Error)
	c.CreatedAt, c.StartedAt, c.FinishedAt = stamp(t.CreatedAt), stamp(t.StartedAt), stamp(t.FinishedAt)
	return &c
}

func cloneAttempt(a *imagechat.Attempt) *imagechat.Attempt {
	c := *a
	c.Error = cloneError(a.Error)
	if a.Result != nil {
		r := *a.Result
		r.Parts = slices.Clone(r.Parts)
		r.Error = cloneError(r.Error)
		c.Result = &r
	}
	c.BookedAt, c.CalledAt, c.EndedAt = stamp(a.BookedAt), stamp(a.CalledAt), stamp(a.EndedAt)
	return &c
}

func cloneEvent(e *imagechat.Event) *imagechat.Event {
	c := *e
	if e.Turn != nil {
		c.Turn = cloneTurn(e.Turn)
	}
	if e.Message != nil {
		c.Message = cloneMessage(e.Message)
	}
	if e.Session != nil {
		c.Session = cloneSession(e.Session)
	}
	c.Error = cloneError(e.Error)
	c.CreatedAt = stamp(e.CreatedAt)
	return &c
}

func cloneBrand(b *imagechat.Brand) *imagechat.Brand {
	c := *b
	c.Palette = slices.Clone(b.Palette)
	c.Do, c.Dont = slices.Clone(b.Do), slices.Clone(b.Dont)
	c.CreatedAt, c.UpdatedAt = stamp(b.CreatedAt), stamp(b.UpdatedAt)
	return &c
}
