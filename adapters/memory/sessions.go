package memory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// CreateSession implements imagechat.SessionStore.
func (v view) CreateSession(ctx context.Context, s *imagechat.Session) error {
	unlock, err := v.write(ctx, "CreateSession")
	if err != nil {
		return err
	}
	defer unlock()
	return create(v, v.sessions, s.ID, cloneSession(s), "session")
}

// GetSession implements imagechat.SessionStore.
func (v view) GetSession(ctx context.Context, id imagechat.SessionID) (*imagechat.Session, error) {
	return lookUp(ctx, v, "GetSession", v.sessions, id, "session", cloneSession)
}

// UpdateSession implements imagechat.SessionStore.
func (v view) UpdateSession(ctx context.Context, s *imagechat.Session) error {
	unlock, err := v.write(ctx, "UpdateSession")
	if err != nil {
		return err
	}
	defer unlock()
	old, err := get(v.sessions, s.ID, "session")
	if err != nil {
		return err
	}
	c := cloneSession(s)
	c.Owner, c.CreatedAt, c.LastSeq, c.FirstSeq = old.Owner, old.CreatedAt, old.LastSeq, old.FirstSeq
	put(v, v.sessions, s.ID, c)
	return nil
}

// DeleteSession implements imagechat.SessionStore.
func (v view) DeleteSession(ctx context.Context, id imagechat.SessionID) error {
	unlock, err := v.write(ctx, "DeleteSession")
	if err != nil {
		return err
	}
	defer unlock()
	if _, err := get(v.sessions, id, "session"); err != nil {
		return err
	}
	put(v, v.sessions, id, nil)
	v.putEvents(id, nil)
	for k, m := range v.messages {
		if m.SessionID == id {
			put(v, v.messages, k, nil)
		}
	}
	for k, t := range v.turns {
		if t.SessionID == id {
			put(v, v.turns, k, nil)
		}
	}
	for k, i := range v.images {
		if i.SessionID != id {
			continue
		}
		if to := v.firstUse(i.ID); to != "" {
			moved := *i
			moved.SessionID, moved.MessageID = to, ""
			put(v, v.images, k, &moved)
			continue
		}
		put(v, v.images, k, nil)
		v.dropVariants(i.Blob)
	}
	return nil
}

// firstUse is the session of the first message that refers to an image.
func (v view) firstUse(id imagechat.ImageID) imagechat.SessionID {
	var first *imagechat.Message
	for _, m := range v.messages {
		if slices.Contains(m.ReferenceIDs, id) && (first == nil || m.ID < first.ID) {
			first = m
		}
	}
	if first == nil {
		return ""
	}
	return first.SessionID
}

// ListSessions implements imagechat.SessionStore.
func (v view) ListSessions(ctx context.Context, f imagechat.SessionFilter) ([]*imagechat.Session, error) {
	unlock, err := v.read(ctx, "ListSessions")
	if err != nil {
		return nil, err
	}
	defer unlock()
	found := v.findSessions(f)
	found = slices.DeleteFunc(found, func(s *imagechat.Session) bool {
		return !comesAfter(f.Before, sessionTime(f.Order, s), string(s.ID))
	})
	slices.SortFunc(found, func(a, b *imagechat.Session) int {
		return newestFirst(sessionTime(f.Order, a), sessionTime(f.Order, b), string(a.ID), string(b.ID))
	})
	found = found[min(max(f.Offset, 0), len(found)):]
	return copies(first(found, f.Limit), cloneSession), nil
}

func sessionTime(o imagechat.SessionOrder, s *imagechat.Session) time.Time {
	if o == imagechat.SessionsUpdated {
		return s.UpdatedAt
	}
	return s.CreatedAt
}

// CountSessions implements imagechat.SessionStore.
func (v view) CountSessions(ctx context.Context, f imagechat.SessionFilter) (int, error) {
	unlock, err := v.read(ctx, "CountSessions")
	if err != nil {
		return 0, err
	}
	defer unlock()
	return len(v.findSessions(f)), nil
}

func (v view) findSessions(f imagechat.SessionFilter) []*imagechat.Session {
	var found []*imagechat.Session
	said := v.sessionsThatSaid(f.Search)
	for _, s := range v.sessions {
		if s.Owner != f.Owner || f.Status != "" && s.Status != f.Status {
			continue
		}
		if len(f.Search) == 0 || said[s.ID] || matches(s.Title, f.Search) {
			found = append(found, s)
		}
	}
	return found
}

// sessionsThatSaid returns the sessions with a message that has all the keys.
func (v view) sessionsThatSaid(keys []string) map[imagechat.SessionID]bool {
	said := map[imagechat.SessionID]bool{}
	if len(keys) == 0 {
		return said
	}
	for _, m := range v.messages {
		if !said[m.SessionID] && matches(m.Text, keys) {
			said[m.SessionID] = true
		}
	}
	return said
}

func matches(text string, keys []string) bool {
	t := imagechat.SearchText(text)
	for _, k := range keys {
		if !strings.Contains(t, k) {
			return false
		}
	}
	return true
}

// comesAfter reports whether a row belongs behind p in a list that is newest first.
func comesAfter(p imagechat.Position, t time.Time, id string) bool {
	if p.Time.IsZero() && p.ID == "" {
		return true
	}
	return newestFirst(stamp(p.Time), t, p.ID, id) < 0
}

func newestFirst(t1, t2 time.Time, id1, id2 string) int {
	return cmp.Or(t2.Compare(t1), cmp.Compare(id2, id1))
}

// first cuts a list to limit rows; a limit of 0 or less is none.
func first[T any](rows []T, limit int) []T {
	if limit > 0 && len(rows) > limit {
		return rows[:limit]
	}
	return rows
}

func copies[T any](rows []*T, clone func(*T) *T) []*T {
	out := make([]*T, len(rows))
	for i, r := range rows {
		out[i] = clone(r)
	}
	return out
}

// needSession fails with NotFound when a row would hang in the air.
func (v view) needSession(id imagechat.SessionID, what string) error {
	if v.sessions[id] == nil {
		return fmt.Errorf("memory: %s of session %q: %w", what, string(id), imagechat.NotFound)
	}
	return nil
}
