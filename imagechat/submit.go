package imagechat

import (
	"context"
	"strconv"
	"time"
	"unicode/utf8"
)

// Submission is a turn that was taken in.
type Submission struct {
	Turn    *Turn
	Message *Message // the person's, saved
	// Replayed: the idempotency key was known; this is the first turn's.
	Replayed bool
}

// Submit does what [Service.Submit] promises.
func (s *intake) Submit(ctx context.Context, id SessionID, r TurnRequest, key string) (*Submission, error) {
	sub, err := s.submit(ctx, id, r, key)
	if err != nil {
		s.refused(ctx, id, err)
	}
	return sub, err
}

func (s *intake) submit(ctx context.Context, id SessionID, r TurnRequest, key string) (*Submission, error) {
	if err := checkText("idempotency_key", key, 0, MaxIdempotency); err != nil {
		return nil, err
	}
	hash := hashRequest(r)
	if r.Lang == "" {
		r.Lang = LangOf(ctx)
	}
	r.RequestID = RequestIDOf(ctx)
	if sub, err := s.replay(ctx, id, key, hash); sub != nil || err != nil {
		return sub, err
	}
	if s.draining.Load() {
		return nil, &Error{Code: Interrupted, Retryable: true, RetryAfter: 5 * time.Second, Params: map[string]string{"cause": "shutdown"}}
	}
	if err := s.room.checkSpace(ctx); err != nil {
		return nil, err
	}
	var sub *Submission
	var events []*Event
	var at *place
	defer func() { s.queue.leave(at) }()
	err := s.repo.Atomically(ctx, func(repo Repository) (err error) {
		s.queue.leave(at) // a store may run this again
		at = nil
		if sub, events, err = s.submitIn(ctx, repo, id, r, key, hash); err == nil && !sub.Replayed {
			at, err = s.queue.enter(sub.Turn)
		}
		return err
	})
	if err != nil {
		if key != "" && CodeOf(err) == Conflict {
			// Another request with the key was faster; stores that check
			// uniqueness late say so here.
			if first, rerr := s.replay(ctx, id, key, hash); first != nil || rerr != nil {
				return first, rerr
			}
		}
		return nil, err
	}
	if sub.Replayed {
		return sub, nil
	}
	s.fault("after_submit")
	s.feed.announce(events...)
	s.queue.open(at)
	return sub, nil
}

// Replay does what [Service.Replay] promises.
func (s *intake) Replay(ctx context.Context, id SessionID, r TurnRequest, key string) (*Submission, error) {
	if err := checkText("idempotency_key", key, 0, MaxIdempotency); err != nil {
		return nil, err
	}
	return s.replay(ctx, id, key, hashRequest(r))
}

// replay answers a key that is known; nil when it is not.
func (s *intake) replay(ctx context.Context, id SessionID, key, hash string) (*Submission, error) {
	if key == "" {
		return nil, nil
	}
	if _, err := s.session(ctx, s.repo, id); err != nil {
		return nil, err
	}
	return s.replayIn(ctx, s.repo, id, key, hash)
}

func (s *intake) replayIn(ctx context.Context, r Repository, id SessionID, key, hash string) (*Submission, error) {
	t, err := r.FindTurn(ctx, id, key)
	switch {
	case CodeOf(err) == NotFound:
		return nil, nil
	case err != nil:
		return nil, err
	case t.RequestHash != hash:
		return nil, &Error{Code: IdempotencyMismatch}
	}
	m, err := r.GetMessage(ctx, t.UserMessageID)
	if err != nil {
		return nil, err
	}
	return &Submission{Turn: t, Message: m, Replayed: true}, s.lib.attachImages(ctx, r, m)
}

// submitIn is the transaction that takes a turn in.
func (s *intake) submitIn(ctx context.Context, repo Repository, id SessionID, r TurnRequest, key, hash string) (*Submission, []*Event, error) {
	sess, err := s.session(ctx, repo, id)
	if err != nil {
		return nil, nil, err
	}
	if key != "" {
		if sub, err := s.replayIn(ctx, repo, id, key, hash); sub != nil || err != nil {
			return sub, nil, err
		}
	}
	if err := s.rules.checkRequest(sess, &r); err != nil {
		return nil, nil, err
	}
	if err := s.resolveImages(ctx, repo, sess, &r); err != nil {
		return nil, nil, err
	}
	if err := followIDs(ctx, repo, id); err != nil {
		return nil, nil, err
	}
	r.ReferenceKey = ""
	now := s.now()
	each := s.rules.estimate(sess, &r)
	total := each * USD(r.Count)
	if err := s.checkBudget(ctx, repo, id, total, now); err != nil {
		return nil, nil, err
	}
	t, m := newTurn(sess, r, now)
	t.IdempotencyKey, t.RequestHash, t.EstimatedCost = key, hash, total
	if sess.Title == "" {
		sess.Title = titleFrom(r.Content)
	}
	sess.MessagesCount++
	sess.UpdatedAt = now
	err = firstError(
		func() error { return repo.CreateMessage(ctx, m) },
		func() error { return repo.CreateTurn(ctx, t) },
		func() error { return s.reserve(ctx, repo, t, each, now) },
		func() error { return repo.UpdateSession(ctx, sess) },
		func() error { return s.lib.attachImages(ctx, repo, m) },
	)
	if err != nil {
		return nil, nil, err
	}
	e := &Event{SessionID: id, Type: EventAccepted, TurnID: t.ID, Turn: t, Message: m, CreatedAt: now}
	if err := repo.AppendEvent(ctx, e); err != nil {
		return nil, nil, err
	}
	s.fault("before_submit_commit")
	return &Submission{Turn: t, Message: m}, []*Event{e}, nil
}

// followIDs makes sure that a new message comes after all others of its
// session, whatever the clock says.
func followIDs(ctx context.Context, r MessageStore, id SessionID) error {
	newest, err := r.ListMessages(ctx, id, "", 1)
	for _, m := range newest {
		ids.after(string(m.ID))
	}
	return err
}

// reserve writes the ledger rows of the turn's present attempt.
func (s *intake) reserve(ctx context.Context, r AttemptStore, t *Turn, each USD, now time.Time) error {
	for i := range t.Request.Count {
		if err := r.CreateAttempt(ctx, newAttempt(t, i, each, now)); err != nil {
			return err
		}
	}
	return nil
}

func firstError(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// resolveImages checks that the images of a request exist and belong to the
// caller, and finds the one to refine when none was named. An upload becomes
// part of the first session that uses it, and goes with the last.
func (s *intake) resolveImages(ctx context.Context, r Repository, sess *Session, req *TurnRequest) error {
	for _, id := range req.ReferenceIDs {
		img, err := s.image(ctx, r, id)
		if err == nil {
			err = takeUpload(ctx, r, sess, img)
		}
		if err != nil {
			return err
		}
	}
	start, err := s.rules.startingImage(ctx, r, sess, req)
	if err != nil || start == nil {
		return err
	}
	if err := takeUpload(ctx, r, sess, start); err != nil {
		return err
	}
	req.ImageID = start.ID
	return s.rules.keepCustomSize(ctx, r, start, req)
}

// takeUpload makes an upload that is nobody's yet a part of the session.
func takeUpload(ctx context.Context, r ImageStore, sess *Session, img *Image) error {
	if img.SessionID != "" || img.Role != ImageReference {
		return nil
	}
	img.SessionID = sess.ID
	return r.UpdateImage(ctx, img)
}

// startingImage is the image that a request changes, nil where it changes none.
func (s *rules) startingImage(ctx context.Context, r Repository, sess *Session, req *TurnRequest) (*Image, error) {
	if req.ImageID != "" {
		return s.image(ctx, r, req.ImageID)
	}
	if req.Kind != KindRefine {
		return nil, nil
	}
	start, err := spokenOf(ctx, r, sess, req.Content)
	if err == nil && start == nil {
		err = invalid("image_id", "required")
	}
	return start, err
}

// keepCustomSize gives a change of custom size, where none was named, the size
// that its starting image was asked for, or else has.
func (s *rules) keepCustomSize(ctx context.Context, r Repository, start *Image, req *TurnRequest) error {
	if req.CustomWidth != 0 || req.CustomHeight != 0 || req.ImagePurpose != CustomPurpose {
		return nil
	}
	w, h := start.Width, start.Height
	if start.MessageID != "" && start.Role == ImageGenerated {
		m, err := r.GetMessage(ctx, start.MessageID)
		if err != nil {
			return err
		}
		made, err := r.GetTurn(ctx, m.TurnID)
		if err != nil {
			return err
		}
		if made.Request.CustomWidth != 0 {
			w, h = made.Request.CustomWidth, made.Request.CustomHeight
		}
	}
	if checkSide("", w) == nil && checkSide("", h) == nil {
		req.CustomWidth, req.CustomHeight = w, h
	}
	return nil
}

// Estimate does what [Service.Estimate] promises.
func (s *intake) Estimate(ctx context.Context, id SessionID, r TurnRequest) (USD, error) {
	sess, err := s.session(ctx, s.repo, id)
	if err != nil {
		return 0, err
	}
	if err := s.rules.checkRequest(sess, &r); err != nil {
		return 0, err
	}
	return s.rules.estimate(sess, &r) * USD(r.Count), nil
}

// Figures for estimates, meant to err upwards: an input image counted 1,120
// tokens on gemini-3.1-flash-image (recorded answers of October 2026), Hangul
// about one token a rune, the system instruction about 700 tokens, replies
// and thinking up to 1,500 together.
const (
	tokensPerInputImage = 1120
	tokensOfInstruction = 700
	tokensOfReply       = 1500
)

// estimate is the price of one call of the request.
func (s *rules) estimate(sess *Session, r *TurnRequest) USD {
	images := len(r.ReferenceIDs)
	if r.ImageID != "" {
		images++
	}
	if sess.BrandID != "" && r.Kind != KindChat {
		images++ // its logo, if it has one
	}
	images += min(sess.ImagesGenerated, 4) // history that may be sent again
	m := s.gen.Model(r.Model)
	cost := m.wordsCost(utf8.RuneCountInString(r.Content) + images*tokensPerInputImage)
	if r.Kind != KindChat {
		cost += m.Price(r.ImageSize)
	}
	return cost
}

// wordsCost is what a call is estimated at beside the picture that it draws.
func (m *Model) wordsCost(input int) USD {
	return USD(tokensOfInstruction+input)*m.Input/1_000_000 + tokensOfReply*m.Output/1_000_000
}

// PerTurn is the estimate of a conversation's first turn by size: one picture
// from a few words, which hardly count.
func (m *Model) PerTurn() map[string]USD {
	out := make(map[string]USD, len(m.PerImage))
	for size := range m.PerImage {
		out[size] = m.Price(size) + m.wordsCost(0)
	}
	return out
}

const day = 24 * time.Hour

// checkBudget refuses what would pass a cap. It runs inside the transaction
// that books the amount, so that concurrent requests cannot pass it together.
func (s *intake) checkBudget(ctx context.Context, r AttemptStore, id SessionID, amount USD, now time.Time) error {
	if s.o.DailyBudget > 0 {
		spent, _, err := r.Booked(ctx, "", now.Add(-day))
		if err != nil {
			return err
		}
		if spent+amount > s.o.DailyBudget {
			e := budgetError("daily", spent, s.o.DailyBudget, amount)
			// The first moment at which so much has left the window that it fits.
			last, err := r.FreesUp(ctx, now.Add(-day), spent+amount-s.o.DailyBudget)
			if err != nil {
				return err
			}
			if !last.IsZero() && amount <= s.o.DailyBudget {
				e.ResetsAt = last.Add(day)
				e.RetryAfter = max(e.ResetsAt.Sub(now), time.Second)
				e.Retryable = true
			}
			return e
		}
	}
	if s.o.SessionBudget > 0 {
		spent, _, err := r.Booked(ctx, id, time.Time{})
		if err != nil {
			return err
		}
		if spent+amount > s.o.SessionBudget {
			return budgetError("session", spent, s.o.SessionBudget, amount)
		}
	}
	return nil
}

func budgetError(which string, spent, limit, amount USD) *Error {
	return &Error{Code: BudgetExceeded, Params: map[string]string{
		"budget": which, "spent": spent.String(), "cap": limit.String(), "estimate": amount.String(),
	}}
}

// checkSpace refuses before money is spent when its fruit could not be kept.
func (s *room) checkSpace(ctx context.Context) error {
	if s.o.ReserveBytes < 0 {
		return nil
	}
	free, known, err := s.freeBytes(ctx)
	if err != nil || !known || free >= s.o.ReserveBytes {
		return err
	}
	return &Error{Code: StorageFull, Retryable: true, Params: map[string]string{
		"free_bytes": strconv.FormatInt(free, 10), "needed_bytes": strconv.FormatInt(s.o.ReserveBytes, 10),
	}}
}

// freeBytes is the least room that a store has left, where one knows it and
// some is to be kept.
func (s *room) freeBytes(ctx context.Context) (least int64, known bool, err error) {
	if s.o.ReserveBytes < 0 {
		return 0, false, nil
	}
	for _, port := range []any{s.spool, s.blobs} {
		r, ok := port.(SpaceReporter)
		if !ok {
			continue
		}
		free, err := r.FreeBytes(ctx)
		if err != nil {
			return 0, false, err
		}
		if !known || free < least {
			least, known = free, true
		}
	}
	return least, known, nil
}
