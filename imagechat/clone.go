package imagechat

import (
	"maps"
	"slices"
)

// What is handed out twice, as a result and as an event or to two
// subscriptions, is copied, so that each receiver may change its own.

func clonePtr[T any](p *T, clone func(T) T) *T {
	if p == nil {
		return nil
	}
	v := clone(*p)
	return &v
}

func (e *Event) clone() *Event {
	c := *e
	c.Turn = clonePtr(e.Turn, cloneTurn)
	c.Message = clonePtr(e.Message, cloneMessage)
	c.Error = clonePtr(e.Error, cloneError)
	c.Session = clonePtr(e.Session, cloneSession)
	return &c
}

func cloneTurn(t Turn) Turn {
	t.Request.ReferenceIDs = slices.Clone(t.Request.ReferenceIDs)
	t.Request.ReferenceRoles = slices.Clone(t.Request.ReferenceRoles)
	t.Error = clonePtr(t.Error, cloneError)
	return t
}

func cloneMessage(m Message) Message {
	m.ReferenceIDs, m.Parts = slices.Clone(m.ReferenceIDs), slices.Clone(m.Parts)
	m.Images, m.References = slices.Clone(m.Images), slices.Clone(m.References)
	m.Error = clonePtr(m.Error, cloneError)
	return m
}

func cloneError(e Error) Error {
	e.Fields, e.Params = slices.Clone(e.Fields), maps.Clone(e.Params)
	return e
}

func cloneSession(s Session) Session {
	if s.BrandGuidelines != nil {
		s.BrandGuidelines = cloneJSON(s.BrandGuidelines).(map[string]any)
	}
	return s
}

// cloneJSON copies a value as JSON has them.
func cloneJSON(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, item := range v {
			out[k] = cloneJSON(item)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = cloneJSON(item)
		}
		return out
	}
	return v
}
