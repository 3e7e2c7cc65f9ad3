package imagechat

import (
	"context"
)

// Estimate is what a request would cost at most, as it is reserved when the
// turn is taken in. It checks the request like Submit.
func (s *Service) Estimate(ctx context.Context, id SessionID, r TurnRequest) (USD, error) {
	return s.intake.Estimate(ctx, id, r)
}

// Replay answers as Submit does for a key that is known, and nil for one that
// is not. Whoever counts turns asks it: asking again is no new turn.
func (s *Service) Replay(ctx context.Context, id SessionID, r TurnRequest, key string) (*Submission, error) {
	return s.intake.Replay(ctx, id, r, key)
}

// Retry runs a failed or cancelled turn again, as the person's new decision:
// it is reserved and charged anew.
func (s *Service) Retry(ctx context.Context, id TurnID) (*Turn, error) {
	return s.intake.Retry(ctx, id)
}

// Submit takes a turn in: when it returns, the turn is in the database and
// will run, whatever happens to ctx or the process. With a key (at most 255
// bytes, may be empty) the same request in the same session is taken in once
// for ever; another request under that key fails with IdempotencyMismatch.
// BudgetExceeded, StorageFull and RateLimited (too many turns wait already)
// come before anything is spent.
func (s *Service) Submit(ctx context.Context, id SessionID, r TurnRequest, key string) (*Submission, error) {
	return s.intake.Submit(ctx, id, r, key)
}

// Cancel ends a turn at once. What was being paid for may still be charged
// by the maker and stays booked. It fails with Conflict when the turn has
// ended or its picture has already arrived.
func (s *Service) Cancel(waiting context.Context, id TurnID) (*Turn, error) {
	return s.engine.Cancel(waiting, id)
}

// Close drains without patience, ends every subscription and background
// loop, and waits for them or for ctx. It may be called twice.
func (s *Service) Close(ctx context.Context) error {
	return s.engine.Close(ctx)
}

// DeleteSession removes a conversation with its messages and pictures. A
// running turn is cancelled first. What it cost stays in the books.
func (s *Service) DeleteSession(ctx context.Context, id SessionID) error {
	return s.engine.DeleteSession(ctx, id)
}

// Drain refuses new turns, starts no queued one (they stay queued and run
// after the next Start), and waits until the running ones ended. When ctx
// ends first, what still runs is cut off and ends as Interrupted, and Drain
// fails with ctx's error.
func (s *Service) Drain(ctx context.Context) error {
	return s.engine.Drain(ctx)
}

// Start recovers what an earlier process left and begins to run turns. It
// returns when recovery is done; turns run until Close, whatever becomes of
// ctx. It fails with [ErrInUse] while another Service runs on the stores, and
// with [ErrForeignStores] when the stores do not belong together.
func (s *Service) Start(ctx context.Context) error {
	return s.engine.Start(ctx)
}

// Wait blocks until the turn ended, ctx did, or the Service was closed. A turn
// that has ended comes with a nil error, failed ones too: look at its Error.
// Otherwise the turn comes as it stands, with ctx's error, or with one of code
// Interrupted from a Service that closes. Waiting, or ceasing to, changes nothing.
func (s *Service) Wait(ctx context.Context, id TurnID) (*Turn, error) {
	t, err := s.engine.Wait(ctx, id)
	switch {
	case err != nil || t.Status.Ended():
		return t, err
	case ctx.Err() != nil:
		return t, ctx.Err()
	}
	return t, &Error{Code: Interrupted, Retryable: true, Params: map[string]string{"cause": "shutdown"}}
}

// Run has one turn from its request to its reply: Submit, Wait and Message. A
// turn that failed is its error. When ctx ends first, Run fails with ctx's
// error and the turn goes on; the same key finds it again.
func (s *Service) Run(ctx context.Context, id SessionID, r TurnRequest, key string) (*Message, error) {
	sub, err := s.Submit(ctx, id, r, key)
	if err != nil {
		return nil, err
	}
	turn, err := s.Wait(ctx, sub.Turn.ID)
	switch {
	case err != nil:
		return nil, err
	case turn.Error != nil:
		return nil, turn.Error
	case turn.Status == TurnCancelled:
		return nil, &Error{Code: Cancelled, Retryable: true}
	}
	return s.Message(ctx, turn.AssistantMessageID)
}

// Draw makes one picture for a placement and finishes it to the placement's
// exact pixels. The conversation that it starts stays, to go on from. The file
// must be closed.
func (s *Service) Draw(ctx context.Context, purpose, prompt string) (*ExportFile, error) {
	sess, err := s.CreateSession(ctx, NewSession{ImagePurpose: purpose})
	if err != nil {
		return nil, err
	}
	m, err := s.Run(ctx, sess.ID, TurnRequest{Kind: KindGenerate, Content: prompt}, "")
	if err != nil {
		return nil, err
	}
	return s.Export(ctx, m.Images[len(m.Images)-1].ID, ExportSpec{Purpose: purpose})
}

// DefaultModel is the model used when a request names none.
func (s *Service) DefaultModel() string {
	return s.rules.DefaultModel()
}

// Models lists what the generator offers; the one that requests without a
// model get is marked Default.
func (s *Service) Models() []Model {
	return s.rules.Models()
}

// Subscribe follows a session: its events after number after first, in order
// and each once, then what happens. after < 0 means only what happens from
// now on. Events too old to be kept are answered with one Resync.
func (s *Service) Subscribe(ctx context.Context, id SessionID, after int64) (*Subscription, error) {
	return s.feed.Subscribe(ctx, id, after)
}
