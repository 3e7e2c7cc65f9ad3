package imagechat

import (
	"cmp"
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat/finish"
)

// settle ends a turn whose calls have all ended: it stores what came, or
// records why nothing did.
func (s *engine) settle(ctx context.Context, run *running, t *Turn) {
	attempts, err := s.attemptsNow(ctx, t)
	if err != nil {
		s.log.Error("cannot read attempts", "turn", t.ID, "err", err)
		return // the next Start settles it
	}
	switch run.close() {
	case endCancelled:
		s.inbox.cleanSpool(attempts)
		return // Cancel has written the end
	case endUnrecorded:
		return // an answer lies in the spool; the next Start takes it from there
	}
	var returned, waiting []*Attempt
	var why *Error
	for _, a := range attempts {
		switch {
		case a.State == AttemptReturned:
			returned = append(returned, a)
		case a.State == AttemptReserved:
			waiting = append(waiting, a)
		case why == nil && a.Error != nil:
			why = a.Error
		}
	}
	cause := context.Cause(run.ctx)
	switch {
	case len(waiting) > 0 && isShutdown(cause):
		s.requeue(t) // nothing was sent for these: they run after the next Start
	case len(returned) > 0:
		s.store(t, returned, why)
	default:
		if why == nil {
			why = &Error{Code: Interrupted, Retryable: true}
			if cause != nil {
				why = AsError(cause)
			}
		}
		if s.fail(t, why) {
			s.inbox.cleanSpool(attempts)
		}
	}
}

func (s *engine) attemptsNow(ctx context.Context, t *Turn) (attempts []*Attempt, err error) {
	err = s.record("read attempts", func(bg context.Context) error {
		attempts, err = s.currentAttempts(WithOwner(bg, OwnerOf(ctx)), s.repo, t)
		return err
	})
	return attempts, err
}

func (s *engine) requeue(t *Turn) {
	err := s.record("requeue", func(ctx context.Context) error {
		next := *t
		from, err := next.Requeue()
		if err != nil {
			return err
		}
		return s.repo.UpdateTurn(ctx, &next, from)
	})
	if err != nil && !errors.Is(err, Conflict) && !errors.Is(err, NotFound) {
		s.log.Error("cannot requeue turn", "turn", t.ID, "err", err)
	}
}

// fail ends a turn without a reply. It reports whether that is on record.
func (s *engine) fail(t *Turn, why *Error) bool {
	if why.Code == Internal {
		s.log.Error("turn failed", "turn", t.ID, "err", why)
	}
	if _, err := s.endTurn(t, why.forPeople()); err != nil && !errors.Is(err, Conflict) && !errors.Is(err, TurnNotFound) {
		s.log.Error("cannot end turn", "turn", t.ID, "err", err)
		return false
	}
	return true
}

// cleanSpool drops the spooled bytes of attempts that have ended.
func (s *inbox) cleanSpool(attempts []*Attempt) {
	for _, a := range attempts {
		if err := s.spool.Remove(context.WithoutCancel(s.life), a.ID); err != nil {
			s.log.Warn("cannot clean spool", "attempt", a.ID, "err", err)
		}
	}
}

// store makes answers part of the conversation. The bytes are durable
// before any row refers to them; rows, counters, costs and the event are one
// transaction; only then the spool is emptied.
func (s *engine) store(t *Turn, returned []*Attempt, why *Error) {
	if slices.ContainsFunc(returned, func(a *Attempt) bool { return a.Result.Image() != nil }) {
		s.feed.hint(t.SessionID, Hint{TurnID: t.ID, Stage: StageSaving}) // words alone are there at once
	}
	var looks []look
	err := s.record("adopt blobs", func(bg context.Context) error {
		looks = looks[:0]
		for _, a := range returned {
			l, err := s.adoptAndLook(bg, a)
			if err != nil {
				return err
			}
			looks = append(looks, l)
		}
		return nil
	})
	if err != nil {
		s.log.Error("cannot keep the answer's bytes", "turn", t.ID, "err", err)
		return // they stay in the spool, and the next Start tries again
	}
	s.fault("after_adopt")
	var e *Event
	err = s.record("store turn", func(bg context.Context) error {
		bg = WithOwner(bg, t.Owner)
		return s.repo.Atomically(bg, func(r Repository) error {
			e, err = s.storeIn(bg, r, t, returned, looks, why)
			return err
		})
	})
	if err != nil {
		if !errors.Is(err, Conflict) && !errors.Is(err, NotFound) {
			s.log.Error("cannot store turn", "turn", t.ID, "err", err)
			return
		}
		// Deleted or cancelled meanwhile: the bytes are nobody's.
		s.inbox.cleanSpool(returned)
		return
	}
	s.fault("after_store")
	s.feed.announce(e)
	s.fault("after_announce")
	s.inbox.cleanSpool(returned)
}

// look is what an answer's pictures turned out to be.
type look struct {
	pictures []seen
	bad      *Error // some bytes are no picture, or gone
}

// seen is a picture whose bytes were looked at.
type seen struct {
	part *Part
	info finish.Info
	cost USD // its share of the answer's
}

// useless reports whether nothing came of the bytes.
func (l *look) useless() bool { return l.bad != nil && len(l.pictures) == 0 }

// adoptAndLook makes an answer's bytes durable in the blob store and reads
// what they are. Bytes that have vanished from the disk can't be waited for.
func (s *engine) adoptAndLook(ctx context.Context, a *Attempt) (look, error) {
	err := s.inbox.adopt(ctx, a)
	var l look
	if err == nil {
		l, err = s.inspect(ctx, a)
	}
	if CodeOf(err) != NotFound {
		return l, err
	}
	s.log.Error("the bytes of an answer are gone", "attempt", a.ID, "turn", a.TurnID, "err", err)
	return look{bad: &Error{
		Code: StorageUnavailable, Retryable: true, Charge: ChargeMetered, Params: map[string]string{"cause": "bytes_lost"},
	}}, nil
}

// inspect reads the true type and size of an answer's pictures from their bytes.
func (s *engine) inspect(ctx context.Context, a *Attempt) (look, error) {
	var l look
	parts := a.Result.Pictures()
	for i, part := range parts {
		info, bad, err := s.inspectOne(ctx, part)
		if err != nil {
			return look{}, err
		}
		if bad != nil {
			l.bad = bad
			continue
		}
		n := USD(len(parts))
		cost := a.Result.Cost / n
		if i == 0 {
			cost += a.Result.Cost % n
		}
		l.pictures = append(l.pictures, seen{part, info, cost})
	}
	return l, nil
}

func (s *engine) inspectOne(ctx context.Context, part *Part) (info finish.Info, bad *Error, err error) {
	f, err := s.lib.openBlob(ctx, part.Blob)
	if err != nil {
		return info, nil, err
	}
	defer f.Close()
	info, err = finish.Inspect(f, &arrivalLimits)
	cause := "not_an_image"
	if err == nil {
		cause = "broken_image"
		err = finish.CheckWhole(f, info.Format)
	}
	switch {
	case err == nil:
		return info, nil, nil
	case f.failed != nil:
		return info, nil, f.reason(err)
	}
	return info, &Error{Code: GeneratorProtocol, Retryable: true, Charge: ChargeMetered, Params: map[string]string{"cause": cause}, Err: err}, nil
}

// storeIn is the transaction that records a turn's end with a reply.
func (s *engine) storeIn(ctx context.Context, r Repository, t *Turn, returned []*Attempt, looks []look, why *Error) (*Event, error) {
	sess, err := r.GetSession(ctx, t.SessionID)
	if err != nil {
		return nil, err
	}
	fresh, err := r.GetTurn(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	if fresh.Status.Ended() {
		return nil, conflictOf(fresh)
	}
	now := s.now()
	ids.after(string(t.UserMessageID))
	m := &Message{
		ID: MessageID(newID(now)), SessionID: t.SessionID, TurnID: t.ID, Role: RoleAssistant,
		Model: t.Request.Model, CreatedAt: now,
	}
	for i, a := range returned {
		l := looks[i]
		if why == nil {
			why = l.bad
		}
		if l.useless() {
			a.Error = l.bad
		}
		for _, picture := range l.pictures {
			m.Images = append(m.Images, s.newImage(t, m, a, picture))
		}
		takeAnswer(m, a, looks[i], i)
	}
	if len(m.Images) == 0 && m.Text == "" {
		if why == nil {
			why = &Error{Code: NoImageReturned, Retryable: true, Charge: ChargeMetered}
		}
		for _, a := range returned {
			if err := s.settleAttempt(ctx, r, a, cmp.Or(a.Error, why)); err != nil {
				return nil, err
			}
		}
		return s.endTurnIn(ctx, r, fresh, why.forPeople())
	}
	for i := range m.Images {
		if m.Images[i].AltText, err = firstAltText(ctx, r, t, m.Images[i].ParentID); err != nil {
			return nil, err
		}
	}
	m.ContentType = contentType(m)
	m.Error = why.forPeople()
	*t = *fresh
	return s.storeReply(ctx, r, sess, t, m, returned)
}

func contentType(m *Message) ContentType {
	switch {
	case len(m.Images) == 0:
		return ContentText
	case strings.TrimSpace(m.Text) == "":
		return ContentImage
	}
	return ContentMixed
}

// takeAnswer adds one answer's words, numbers and parts to the reply. The
// parts of all answers are kept for replay: which of the pictures the talk goes
// on with is not known yet.
func takeAnswer(m *Message, a *Attempt, l look, place int) {
	res := a.Result
	if text := strings.TrimSpace(res.Text()); text != "" && !strings.Contains(m.Text, text) {
		m.Text = strings.TrimSpace(m.Text + "\n\n" + text)
	}
	m.TokensUsed += res.Usage.Total
	m.GenerationTime = max(m.GenerationTime, res.Duration)
	for _, picture := range l.pictures {
		picture.part.MIMEType = picture.info.MIMEType
	}
	if l.bad == nil && !res.Partial {
		for _, p := range res.Parts {
			p.Answer = place
			m.Parts = append(m.Parts, p)
		}
	}
}

func (s *engine) newImage(t *Turn, m *Message, a *Attempt, l seen) Image {
	res := a.Result
	return Image{
		ID: ImageID(newID(m.CreatedAt)), Owner: t.Owner, SessionID: t.SessionID, MessageID: m.ID,
		ParentID: res.Anchor, Role: ImageGenerated, Blob: l.part.Blob,
		Width: l.info.Width, Height: l.info.Height, MIMEType: l.info.MIMEType, Format: string(l.info.Format), Bytes: l.part.Size,
		PromptUsed: res.PromptUsed, ModelUsed: res.Model, ImagePurpose: t.Request.ImagePurpose, StylePreset: t.Request.StylePreset,
		Cost: l.cost, C2PA: l.info.C2PA,
		ResponseID: res.ResponseID, ModelVersion: res.ModelVersion, CreatedAt: m.CreatedAt,
	}
}

// firstAltText is what a new picture's alt text says until a person writes a
// better one: what the first picture of its line was asked to show. The words
// of a change ("brighter, please") do not tell what is to be seen.
func firstAltText(ctx context.Context, r ImageStore, t *Turn, parent ImageID) (string, error) {
	const most = 200
	if parent == "" {
		return firstRunes(subject(t.Request.Content), most), nil
	}
	made, err := r.GetImages(ctx, parent)
	if err != nil || len(made) == 0 {
		return "", err
	}
	return made[0].AltText, nil
}

// The words around what a person asks to see.
var (
	askedKO = regexp.MustCompile(`\s*(?:[을를]|[을를]?\s*(?:하나|한 장|[1-4]장))?\s*(?:좀\s*)?(?:만들어|그려|생성해|제작해|디자인해|보여)\s*(?:줘요?|주세요|줄래요?|주시겠어요|봐요?|보세요|달라)[.!?~]*\s*$`)
	askedEN = regexp.MustCompile(`(?i)^\s*(?:(?:please|can you|could you)\s+)*(?:make|draw|create|generate|design|show)\s+(?:me\s+)?`)
)

// subject is a request on one line without the words that ask: "라떼 사진 만들어
// 줘" is about "라떼 사진".
func subject(content string) string {
	text := oneLine(content)
	if s := askedEN.ReplaceAllString(askedKO.ReplaceAllString(text, ""), ""); s != "" {
		return s
	}
	return text
}

func firstRunes(text string, n int) string {
	r := []rune(text)
	return string(r[:min(n, len(r))])
}

// settleAttempt books an answer at its cost: as stored, or as failed where
// why tells that it is no use.
func (s *engine) settleAttempt(ctx context.Context, r AttemptStore, a *Attempt, why *Error) error {
	next := *a
	var from AttemptState
	var err error
	if why != nil {
		from, err = next.Fail(why, a.Result.Cost, s.now())
	} else {
		from, err = next.Settle(len(a.Result.Pictures()))
	}
	if err != nil {
		return err
	}
	return r.UpdateAttempt(ctx, &next, from)
}

// storeReply writes the reply and everything that it changes.
func (s *engine) storeReply(ctx context.Context, r Repository, sess *Session, t *Turn, m *Message, returned []*Attempt) (*Event, error) {
	if err := r.CreateMessage(ctx, m); err != nil {
		return nil, err
	}
	for i := range m.Images {
		if err := r.CreateImage(ctx, &m.Images[i]); err != nil {
			return nil, err
		}
	}
	for _, a := range returned {
		if err := s.settleAttempt(ctx, r, a, a.Error); err != nil {
			return nil, err
		}
		t.Context = a.Result.Context
	}
	if _, err := s.endAttempts(ctx, r, t, &Error{Code: Cancelled}); err != nil {
		return nil, err // what was not sent any more, because the rest was cancelled
	}
	cost, err := s.turnCost(ctx, r, t.ID)
	if err != nil {
		return nil, err
	}
	if err := s.countReply(ctx, r, sess, t, m, cost); err != nil {
		return nil, err
	}
	from, err := t.Succeed(m.ID, cost, m.CreatedAt)
	if err != nil {
		return nil, err
	}
	e := &Event{SessionID: t.SessionID, Type: EventMessage, TurnID: t.ID, Turn: t, Message: m, CreatedAt: m.CreatedAt}
	err = firstError(
		func() error { return r.UpdateTurn(ctx, t, from) },
		func() error { return r.UpdateSession(ctx, sess) },
		func() error { return s.feed.appendEvent(ctx, r, sess, e) },
	)
	s.fault("before_store_commit")
	return e, err
}

// countReply brings the session's counters up to date. The newest picture
// becomes the final one, unless the person chose or starred the present one.
func (s *engine) countReply(ctx context.Context, r Repository, sess *Session, t *Turn, m *Message, cost USD) error {
	tokens, err := s.turnTokens(ctx, r, t)
	if err != nil {
		return err
	}
	sess.MessagesCount++
	sess.ImagesGenerated += len(m.Images)
	sess.TotalTokensUsed += tokens
	sess.TotalCost += cost - t.Cost
	sess.UpdatedAt = m.CreatedAt
	if len(m.Images) == 0 || sess.FinalChosen && sess.FinalImageID != "" {
		return nil
	}
	if sess.FinalImageID != "" {
		current, err := r.GetImages(ctx, sess.FinalImageID)
		if err != nil {
			return err
		}
		if len(current) == 1 && current[0].Selected {
			return nil
		}
	}
	sess.FinalImageID = m.Images[len(m.Images)-1].ID
	return nil
}
