package imagechat

import (
	"context"
	"log/slog"
	"time"
)

// TurnReport describes a turn that ended, for metrics and traces.
type TurnReport struct {
	ID        TurnID
	SessionID SessionID
	Owner     Owner
	// RequestID is the id of the request that brought the turn in, or that
	// asked for its latest attempt; see WithRequestID.
	RequestID string
	Kind      TurnKind
	Model     string
	Status    TurnStatus
	Attempt   int
	// Code, Charge and Upstream say why there is no picture; they are empty
	// when the turn succeeded. Upstream is the HTTP status of the maker's answer.
	Code     Code
	Charge   Charge
	Upstream int
	Pictures int
	Cost     USD
	// Accepted, Started and Ended are when the turn came in, began to work and
	// ended. Started is zero for one that never did.
	Accepted, Started, Ended time.Time
}

// Waited is how long the turn stood in the queue before its first attempt.
func (r TurnReport) Waited() time.Duration {
	if r.Started.IsZero() {
		return 0
	}
	return max(0, r.Started.Sub(r.Accepted))
}

// Took is how long the turn worked, from its first attempt to its end. It is
// zero for a turn that never began, and for one that was retried: the time that
// the person took to decide would be in it.
func (r TurnReport) Took() time.Duration {
	if r.Started.IsZero() || r.Attempt > 1 {
		return 0
	}
	return max(0, r.Ended.Sub(r.Started))
}

// Severity is the level at which a log tells of an outcome, by who has to act
// on it: nobody, or the person who asked (INFO), the operator (WARN), or the
// operator at once, because data are damaged or the program is wrong (ERROR).
func (c Code) Severity() slog.Level {
	switch c {
	case Internal, StorageUnavailable:
		return slog.LevelError
	case GeneratorNotConfigured, GeneratorRejectedKey, ModelUnavailable, QuotaExhausted, GeneratorOverloaded,
		GeneratorTimeout, GeneratorProtocol, RateLimited, BudgetExceeded, StorageFull, Interrupted:
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

// turnEnded tells the log and OnTurn how a turn ended. Every end passes here once,
// when it is on record.
func (s *feed) turnEnded(e *Event) {
	t := e.Turn
	r := TurnReport{
		ID: t.ID, SessionID: t.SessionID, Owner: t.Owner, RequestID: t.Request.RequestID, Kind: t.Kind, Model: t.Request.Model,
		Status: t.Status, Attempt: t.Attempt, Cost: t.Cost, Accepted: t.CreatedAt, Started: t.StartedAt, Ended: t.FinishedAt,
	}
	if e.Message != nil {
		r.Pictures = len(e.Message.Images)
	}
	if t.Error != nil && t.Status != TurnSucceeded {
		r.Code, r.Charge, r.Upstream = t.Error.Code, t.Error.Charge, t.Error.Upstream
	}
	s.log.LogAttrs(s.life, r.Code.Severity(), "turn", r.attrs()...)
	if s.o.OnTurn != nil {
		s.o.OnTurn(r)
	}
}

func (r TurnReport) attrs() []slog.Attr {
	attrs := []slog.Attr{
		slog.String("turn", string(r.ID)), slog.String("session", string(r.SessionID)), slog.String("owner", string(r.Owner)),
		slog.String("request", r.RequestID), slog.String("kind", string(r.Kind)), slog.String("model", r.Model),
		slog.String("outcome", string(r.Status)), slog.Int("attempt", r.Attempt), slog.Int("pictures", r.Pictures),
		slog.Float64("usd", r.Cost.Float()), slog.Int64("waited_ms", r.Waited().Milliseconds()), slog.Int64("ms", r.Took().Milliseconds()),
	}
	return appendFailure(attrs, r.Code, r.Charge, r.Upstream)
}

func appendFailure(attrs []slog.Attr, code Code, charge Charge, upstream int) []slog.Attr {
	if code != "" {
		attrs = append(attrs, slog.String("code", string(code)))
	}
	if charge != "" {
		attrs = append(attrs, slog.String("charge", string(charge)))
	}
	if upstream != 0 {
		attrs = append(attrs, slog.Int("upstream_status", upstream))
	}
	return attrs
}

// called tells the log why a request to the generator failed, and OnCall of
// every request. What a person cancelled is no failure.
func (s *engine) called(r CallReport) {
	if s.o.OnCall != nil {
		s.o.OnCall(r)
	}
	switch r.Code {
	case "":
		s.keyRejected.Store(false)
		return
	case Cancelled:
		return
	case GeneratorRejectedKey:
		s.keyRejected.Store(true)
	}
	attrs := []slog.Attr{
		slog.String("turn", string(r.TurnID)), slog.String("session", string(r.SessionID)), slog.String("owner", string(r.Owner)),
		slog.String("request", r.RequestID), slog.String("attempt_id", string(r.Attempt)), slog.Int("attempt", r.Number),
		slog.Int("index", r.Index), slog.Int("call", r.Call), slog.String("model", r.Model), slog.String("size", r.Size),
		slog.Int64("ms", r.Duration.Milliseconds()), slog.Float64("usd", r.Cost.Float()),
	}
	attrs = appendFailure(attrs, r.Code, r.Charge, r.Upstream)
	if r.Err != nil {
		attrs = append(attrs, slog.String("cause", shortened(r.Err.Error())))
	}
	s.log.LogAttrs(s.life, max(slog.LevelWarn, r.Code.Severity()), "attempt failed", attrs...)
}

// shortened keeps a log line readable: a gateway may answer with a whole page.
func shortened(text string) string {
	const most = 600 // runes
	if short := firstRunes(text, most); len(short) < len(text) {
		return short + "…"
	}
	return text
}

// refused tells the log and OnRefused that nothing was begun. The codes are
// those that an operator can change something about; what is wrong with a
// request is the client's.
func (s *intake) refused(ctx context.Context, session SessionID, err error) {
	code := CodeOf(err)
	if code.Severity() == slog.LevelInfo {
		return
	}
	if s.o.OnRefused != nil {
		s.o.OnRefused(code)
	}
	attrs := []slog.Attr{
		slog.String("session", string(session)), slog.String("owner", string(OwnerOf(ctx))), slog.String("request", RequestIDOf(ctx)),
		slog.String("code", string(code)),
	}
	e := AsError(err)
	for _, name := range []string{"budget", "spent", "cap", "estimate", "free_bytes", "needed_bytes"} {
		if v, ok := e.Params[name]; ok {
			attrs = append(attrs, slog.String(name, v))
		}
	}
	if e.Err != nil {
		attrs = append(attrs, slog.String("cause", shortened(e.Err.Error())))
	}
	s.log.LogAttrs(ctx, code.Severity(), "turn refused", attrs...)
}
