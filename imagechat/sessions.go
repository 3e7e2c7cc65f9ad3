package imagechat

import (
	"context"
	"maps"
	"time"
)

// CreateSession does what [Service.CreateSession] promises.
func (s *library) CreateSession(ctx context.Context, n NewSession) (*Session, error) {
	now := s.now()
	sess := &Session{
		ID: SessionID(newID(now)), Owner: OwnerOf(ctx), Title: n.Title, ImagePurpose: n.ImagePurpose,
		StylePreset: n.StylePreset, BrandGuidelines: maps.Clone(n.BrandGuidelines), BrandID: n.BrandID,
		CustomWidth: n.CustomWidth, CustomHeight: n.CustomHeight, Status: SessionActive,
		FirstSeq: 1, CreatedAt: now, UpdatedAt: now,
	}
	if err := s.checkSession(ctx, s.repo, sess, sess.asPatch()); err != nil {
		return nil, err
	}
	if err := s.repo.CreateSession(ctx, sess); err != nil {
		return nil, err
	}
	return sess, nil
}

// checkSession checks what of a session is given; sess is how it will be.
func (s *library) checkSession(ctx context.Context, r Repository, sess *Session, given *SessionPatch) error {
	checks := []error{checkGiven("title", given.Title, 0, MaxTitle)}
	if given.CustomWidth != nil {
		checks = append(checks, checkSide("custom_width", sess.CustomWidth))
	}
	if given.CustomHeight != nil {
		checks = append(checks, checkSide("custom_height", sess.CustomHeight))
	}
	if given.BrandGuidelines != nil {
		checks = append(checks, checkJSON("brand_guidelines", sess.BrandGuidelines))
	}
	if given.ImagePurpose != nil || given.CustomWidth != nil || given.CustomHeight != nil {
		checks = append(checks, s.checkPurpose(sess, given.ImagePurpose != nil))
	}
	if given.StylePreset != nil && sess.StylePreset != "" {
		if _, ok := StyleByID(sess.StylePreset); !ok {
			checks = append(checks, invalid("style_preset", "unknown"))
		}
	}
	if given.BrandID != nil && sess.BrandID != "" {
		if _, err := s.brandIn(ctx, r, sess.BrandID); CodeOf(err) == NotFound {
			checks = append(checks, invalid("brand_id", "unknown"))
		} else if err != nil {
			return err
		}
	}
	return joinFields(checks...)
}

// asPatch names all that a person gives of a new session.
func (sess *Session) asPatch() *SessionPatch {
	return &SessionPatch{
		Title: &sess.Title, ImagePurpose: &sess.ImagePurpose, StylePreset: &sess.StylePreset,
		BrandGuidelines: &sess.BrandGuidelines, BrandID: &sess.BrandID, CustomWidth: &sess.CustomWidth, CustomHeight: &sess.CustomHeight,
	}
}

// checkPurpose checks the purpose with its size. One that is not known any
// more, because it was taken out of the table, matters only where it is given.
func (s *library) checkPurpose(sess *Session, given bool) error {
	if sess.ImagePurpose == "" {
		return invalid("image_purpose", "required")
	}
	p, ok := s.o.Purposes.Get(sess.ImagePurpose)
	switch {
	case !ok && !given:
		return nil
	case !ok:
		return invalid("image_purpose", "unknown")
	}
	sess.ImagePurpose = p.ID                                               // an alias becomes the id
	if p.IsCustom() && (sess.CustomWidth != 0 || sess.CustomHeight != 0) { // else a picture asks for it
		_, err := s.o.Purposes.Resolve(p.ID, sess.CustomWidth, sess.CustomHeight, nil)
		return err
	}
	return nil
}

// session reads a session of the caller's from r.
func (s *kit) session(ctx context.Context, r SessionStore, id SessionID) (*Session, error) {
	if !idForm(id) {
		return nil, &Error{Code: SessionNotFound}
	}
	sess, err := r.GetSession(ctx, id)
	if err != nil {
		return nil, notFoundAs(err, SessionNotFound)
	}
	if sess.Owner != OwnerOf(ctx) {
		return nil, &Error{Code: SessionNotFound}
	}
	return sess, nil
}

// Session does what [Service.Session] promises.
func (s *library) Session(ctx context.Context, id SessionID) (*Session, error) {
	return s.session(ctx, s.repo, id)
}

// Conversation is all that is needed to show one and go on with it.
type Conversation struct {
	Session  *Session
	Messages *MessagePage // the newest, or those before the one that was named
	Turns    []Turn       // that have not ended, oldest first
}

// Conversation does what [Service.Conversation] promises.
func (s *library) Conversation(ctx context.Context, id SessionID, before MessageID, limit int) (*Conversation, error) {
	sess, err := s.session(ctx, s.repo, id)
	if err != nil {
		return nil, err
	}
	page, err := s.messages(ctx, id, before, limit)
	if err != nil {
		return nil, err
	}
	turns, err := s.liveTurns(ctx, id)
	if err != nil {
		return nil, err
	}
	return &Conversation{sess, page, turns}, nil
}

// Sessions does what [Service.Sessions] promises.
func (s *library) Sessions(ctx context.Context, q SessionQuery) (*SessionPage, error) {
	switch q.Status {
	case "", SessionActive, SessionCompleted, SessionArchived:
	default:
		return nil, invalid("status", "unknown")
	}
	if err := checkText("q", q.Search, 0, MaxTitle); err != nil {
		return nil, err
	}
	list := sessionCursor
	switch q.Order {
	case SessionsNewest:
	case SessionsUpdated:
		list = updatedCursor
	default:
		return nil, invalid("sort", "unknown")
	}
	before, err := decodeCursor(list, q.Cursor)
	if err != nil {
		return nil, err
	}
	limit := limitOr(q.Limit, 20, 100)
	f := SessionFilter{Owner: OwnerOf(ctx), Order: q.Order, Status: q.Status, Search: SearchKeys(q.Search), Before: before, Limit: limit + 1}
	if q.Cursor == "" {
		f.Offset = max(0, q.Offset)
	}
	found, err := s.repo.ListSessions(ctx, f)
	if err != nil {
		return nil, err
	}
	total, err := s.repo.CountSessions(ctx, f)
	if err != nil {
		return nil, err
	}
	page := &SessionPage{Sessions: make([]Session, 0, len(found)), Total: total}
	for i, sess := range found {
		if i == limit {
			last := found[limit-1]
			page.NextCursor = encodeCursor(list, f.Order.time(last), string(last.ID))
			break
		}
		page.Sessions = append(page.Sessions, *sess)
	}
	return page, nil
}

// time is what the order goes by.
func (o SessionOrder) time(s *Session) time.Time {
	if o == SessionsUpdated {
		return s.UpdatedAt
	}
	return s.CreatedAt
}

// UpdateSession does what [Service.UpdateSession] promises.
func (s *library) UpdateSession(ctx context.Context, id SessionID, p SessionPatch) (*Session, error) {
	var out *Session
	var e *Event
	err := s.repo.Atomically(ctx, func(r Repository) error {
		sess, err := s.session(ctx, r, id)
		if err != nil {
			return err
		}
		if err := s.applyPatch(ctx, r, sess, p); err != nil {
			return err
		}
		sess.UpdatedAt = s.now()
		if err := r.UpdateSession(ctx, sess); err != nil {
			return err
		}
		out = sess
		e, err = s.sessionEvent(ctx, r, sess)
		return err
	})
	if err != nil {
		return nil, err
	}
	s.feed.announce(e)
	return out, nil
}

func (s *library) applyPatch(ctx context.Context, r Repository, sess *Session, p SessionPatch) error {
	set(&sess.Title, p.Title)
	set(&sess.ImagePurpose, p.ImagePurpose)
	set(&sess.StylePreset, p.StylePreset)
	set(&sess.BrandGuidelines, p.BrandGuidelines)
	set(&sess.CustomWidth, p.CustomWidth)
	set(&sess.CustomHeight, p.CustomHeight)
	set(&sess.FinalImageID, p.FinalImageID)
	if p.FinalImageID != nil {
		sess.FinalChosen = *p.FinalImageID != ""
	}
	if p.Status != nil {
		switch *p.Status {
		case SessionActive, SessionCompleted, SessionArchived:
			sess.Status = *p.Status
		default:
			return invalid("status", "unknown")
		}
	}
	before := sess.BrandID
	set(&sess.BrandID, p.BrandID)
	if before != "" && sess.BrandID == before {
		if _, err := s.brandIn(ctx, r, sess.BrandID); CodeOf(err) == NotFound {
			sess.BrandID = "" // the kit was deleted since
		} else if err != nil {
			return err
		}
	}
	if err := s.checkSession(ctx, r, sess, &p); err != nil {
		return err
	}
	if p.ImagePurpose != nil && sess.ImagePurpose == CustomPurpose { // whoever chooses it now can say its size
		if _, err := s.o.Purposes.Resolve(CustomPurpose, sess.CustomWidth, sess.CustomHeight, nil); err != nil {
			return err
		}
	}
	if p.FinalImageID != nil && *p.FinalImageID != "" {
		if img, err := s.image(ctx, r, *p.FinalImageID); err != nil || img.SessionID != sess.ID {
			return invalid("final_image_id", "unknown")
		}
	}
	return nil
}

func set[T any](dst *T, v *T) {
	if v != nil {
		*dst = *v
	}
}

// sessionEvent appends the event that tells of a changed session.
func (s *library) sessionEvent(ctx context.Context, r Repository, sess *Session) (*Event, error) {
	e := &Event{SessionID: sess.ID, Type: EventSession, Session: sess, CreatedAt: s.now()}
	return e, s.feed.appendEvent(ctx, r, sess, e)
}

// DeleteSession does what [Service.DeleteSession] promises.
func (s *engine) DeleteSession(ctx context.Context, id SessionID) error {
	if _, err := s.session(ctx, s.repo, id); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx) // from here on there is no way back
	cutOff := s.runs.abandon(id)
	var orphans []BlobKey
	var turns []*Turn
	err := s.repo.Atomically(ctx, func(r Repository) error {
		if _, err := s.session(ctx, r, id); err != nil {
			return err
		}
		var err error
		if turns, err = r.ListTurns(ctx, id, TurnQueued, TurnRunning); err != nil {
			return err
		}
		for _, t := range turns {
			if _, err := s.endAttempts(ctx, r, t, &Error{Code: Cancelled}); err != nil {
				return err
			}
		}
		if orphans, err = r.SessionBlobs(ctx, id); err != nil {
			return err
		}
		return r.DeleteSession(ctx, id)
	})
	if err != nil {
		// The calls have been cut off all the same. The disk may be full, so
		// nobody waits for that to be recorded.
		for _, t := range cutOff {
			s.spawn(func() { s.fail(&Turn{ID: t}, &Error{Code: Cancelled}) })
		}
		return notFoundAs(err, SessionNotFound)
	}
	s.runs.abandon(id) // what was taken up meanwhile
	s.feed.publish(Signal{SessionID: id, Deleted: true})
	for _, t := range turns {
		s.queue.remove(id, t.ID)
		s.feed.waiters.wake(t.ID)
	}
	s.stores.deleteBlobs(ctx, orphans)
	return nil
}

// Messages does what [Service.Messages] promises.
func (s *library) Messages(ctx context.Context, id SessionID, before MessageID, limit int) (*MessagePage, error) {
	if _, err := s.session(ctx, s.repo, id); err != nil {
		return nil, err
	}
	return s.messages(ctx, id, before, limit)
}

func (s *library) messages(ctx context.Context, id SessionID, before MessageID, limit int) (*MessagePage, error) {
	if before != "" && !idForm(before) {
		return nil, invalid("messages_before", "unknown")
	}
	limit = limitOr(limit, 200, 200)
	found, err := s.repo.ListMessages(ctx, id, before, limit+1)
	if err != nil {
		return nil, err
	}
	page := &MessagePage{}
	if len(found) > limit {
		found = found[1:]
		page.Earlier = found[0].ID
	}
	if err := s.attachImages(ctx, s.repo, found...); err != nil {
		return nil, err
	}
	page.Messages = make([]Message, len(found))
	for i, m := range found {
		page.Messages[i] = *m
	}
	return page, nil
}

// Message does what [Service.Message] promises.
func (s *library) Message(ctx context.Context, id MessageID) (*Message, error) {
	if !idForm(id) {
		return nil, &Error{Code: NotFound}
	}
	m, err := s.repo.GetMessage(ctx, id)
	if err != nil {
		return nil, err
	}
	if _, err := s.session(ctx, s.repo, m.SessionID); err != nil {
		return nil, &Error{Code: NotFound}
	}
	return m, s.attachImages(ctx, s.repo, m)
}

// attachImages fills in what belongs to messages, in two reads for all of them.
func (s *library) attachImages(ctx context.Context, r Repository, messages ...*Message) error {
	if len(messages) == 0 {
		return nil
	}
	ids := make([]MessageID, len(messages))
	var refs []ImageID
	byID := make(map[MessageID]*Message, len(messages))
	for i, m := range messages {
		ids[i], byID[m.ID] = m.ID, m
		refs = append(refs, m.ReferenceIDs...)
	}
	images, err := r.ListImages(ctx, ImageFilter{Owner: OwnerOf(ctx), Messages: ids, Limit: MaxCount * len(ids)})
	if err != nil {
		return err
	}
	for _, img := range images {
		m := byID[img.MessageID]
		m.Images = append(m.Images, *img)
	}
	if len(refs) == 0 {
		return nil
	}
	found, err := r.GetImages(ctx, refs...)
	if err != nil {
		return err
	}
	known := make(map[ImageID]*Image, len(found))
	for _, img := range found {
		known[img.ID] = img
	}
	for _, m := range messages {
		for _, id := range m.ReferenceIDs {
			if img := known[id]; img != nil {
				m.References = append(m.References, *img)
			}
		}
	}
	return nil
}
