package imagechat

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat/finish"
)

// Service holds every rule of a conversation that becomes an image. Make one
// with New, let it work with Start, end it with Drain and Close. All methods
// are safe for concurrent use; those that take a context act for
// OwnerOf(ctx) and answer with not-found codes for what belongs to others.
type Service struct {
	ports    Ports
	lib      *library
	rules    *rules
	room     *room
	feed     *feed
	stores   *stores
	intake   *intake
	pictures *pictures
	engine   *engine
}

// Options tunes a Service. The zero value, and nil, mean the defaults.
type Options struct {
	Logger *slog.Logger // nil discards
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Purposes is the table of placements; nil means the built-in one.
	Purposes *Registry
	// Lang is the language of replies when nobody named one; "" means Korean.
	Lang Lang
	// Model is the default model; "" means the generator's own.
	Model string
	// AllowedModels are ids that requests may name beside those that the
	// generator lists and Model.
	AllowedModels []string
	// MaxConcurrentTurns bounds the generator calls in flight, whatever their
	// size; 0 means 4. Owners take turns at them.
	MaxConcurrentTurns int
	// MaxWaitingTurns bounds the turns of one owner that wait: further ones
	// are refused with RateLimited. 0 means 200, negative no bound.
	MaxWaitingTurns int
	// TurnTimeout bounds one generator call; 0 means 5 minutes.
	TurnTimeout time.Duration
	// DailyBudget and SessionBudget cap what is spent over the last 24
	// hours, and in one session; 0 means no cap.
	DailyBudget   USD
	SessionBudget USD
	// ReserveBytes is the room that must be free before a call is paid for;
	// 0 means 128 MiB, negative none.
	ReserveBytes int64
	// UploadQuota bounds the bytes of one owner's uploads that are kept, logos
	// included; 0 means 2 GiB, negative no bound. Of pictures that were made,
	// of references and logos the copies in smaller sizes come beside it: a few
	// for each.
	UploadQuota int64
	// KeepEvents is how many durable events a session keeps for replay; 0 means 1000.
	KeepEvents int
	// Restored says that the stores come out of a backup, and life went on
	// after it: calls that were still to be made may have been made since.
	// Start then ends every turn that had not ended, with what had been
	// received of it or as Interrupted; what was set aside stays booked, and
	// nothing is bought again.
	Restored bool
	// Signer puts signed provenance into every file that is exported; nil: none.
	Signer finish.Signer
	// OnCall, if set, is told of every generator call that ended.
	OnCall func(CallReport)
	// OnTurn, if set, is told of every turn that ended, when that is on record.
	OnTurn func(TurnReport)
	// OnRefused, if set, is told why a turn was not taken in, where an operator
	// could change that: BudgetExceeded, StorageFull, RateLimited and the like.
	OnRefused func(Code)
	// Fault, if set, is called at named points for crash tests.
	Fault func(point string)
}

// CallReport describes one request to the generator, for metrics and logs.
type CallReport struct {
	TurnID    TurnID
	SessionID SessionID
	Owner     Owner
	// RequestID is the id of the request that asked for it; see WithRequestID.
	RequestID string
	// Attempt is the record that the request belongs to, Number the turn's
	// attempt from 1, Index the picture's place among those asked for from 0,
	// and Call which request of the Attempt it was from 1: a repeated one
	// counts up.
	Attempt AttemptID
	Number  int
	Index   int
	Call    int
	Model   string
	Size    string
	// Code, Charge and Err say why the request failed, Upstream is the HTTP
	// status of the maker's answer. All are empty when it succeeded. The text
	// of Err is for logs.
	Code     Code
	Charge   Charge
	Upstream int
	Err      error
	Duration time.Duration
	// Cost is what counts as spent on the request: what the answer metered, or
	// the estimate where the answer was lost and may have been charged.
	Cost USD
}

// New checks the ports and returns a Service at rest.
func New(p Ports, o *Options) (*Service, error) {
	switch {
	case p.Generator == nil:
		return nil, errors.New("imagechat: Ports.Generator is required")
	case p.Repository == nil:
		return nil, errors.New("imagechat: Ports.Repository is required")
	case p.Blobs == nil:
		return nil, errors.New("imagechat: Ports.Blobs is required")
	case p.Spool == nil:
		return nil, errors.New("imagechat: Ports.Spool is required")
	}
	if p.Publisher == nil {
		p.Publisher = newBell()
	}
	opts, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	return newService(p, opts), nil
}

func (o *Options) withDefaults() (Options, error) {
	var v Options
	if o != nil {
		v = *o
	}
	if v.Logger == nil {
		v.Logger = slog.New(slog.DiscardHandler)
	}
	if v.Now == nil {
		v.Now = time.Now
	}
	if v.Lang == "" {
		v.Lang = LangKO
	}
	if v.Purposes == nil {
		v.Purposes = DefaultPurposes()
	}
	setDefault(&v.MaxConcurrentTurns, 4)
	setDefault(&v.MaxWaitingTurns, 200)
	setDefault(&v.TurnTimeout, 5*time.Minute)
	setDefault(&v.ReserveBytes, 128<<20)
	setDefault(&v.UploadQuota, 2<<30)
	setDefault(&v.KeepEvents, 1000)
	if v.MaxConcurrentTurns < 0 || v.TurnTimeout < 0 || v.KeepEvents < 0 {
		return v, errors.New("imagechat: Options hold a negative bound")
	}
	return v, nil
}

func setDefault[T int | int64 | time.Duration](v *T, d T) {
	if *v == 0 {
		*v = d
	}
}

// Start does what [Service.Start] promises.
func (s *engine) Start(ctx context.Context) error {
	if s.started.Swap(true) {
		return errors.New("imagechat: Start was called twice")
	}
	if err := s.stores.hold(ctx); err != nil {
		return err
	}
	if err := s.recover(ctx); err != nil {
		return errors.Join(fmt.Errorf("imagechat: recovery: %w", err), s.stores.letGo())
	}
	s.spawn(s.dispatch)
	s.spawn(s.sweepLoop)
	return nil
}

// Drain does what [Service.Drain] promises.
func (s *engine) Drain(ctx context.Context) error {
	s.intake.draining.Store(true)
	s.queue.pause()
	s.fault("drain")
	if s.runs.waitIdle(ctx) {
		return nil
	}
	s.runs.interrupt()
	// Recording the interruption is local work and short, unless the disk is
	// full: then the next Start does it.
	grace, cancel := context.WithTimeout(s.life, recordGrace)
	defer cancel()
	s.runs.waitIdle(grace)
	return ctx.Err()
}

// recordGrace is how long turns that were cut off get to say so.
const recordGrace = 2 * time.Second

// Close does what [Service.Close] promises.
func (s *engine) Close(ctx context.Context) error {
	expired, cancel := context.WithCancel(ctx)
	cancel()
	_ = s.Drain(expired) // that turns were cut off is what was asked for
	s.stop(&Error{Code: Interrupted, Retryable: true, Params: map[string]string{"cause": "shutdown"}})
	done := make(chan struct{})
	var released error
	go func() {
		s.work.Wait()
		released = s.stores.letGo()
		close(done)
	}()
	select {
	case <-done:
		return released
	case <-ctx.Done():
		return ctx.Err()
	}
}

// spawn runs fn until it returns; Close waits for it.
func (s *engine) spawn(fn func()) {
	s.work.Add(1)
	go func() {
		defer s.work.Done()
		fn()
	}()
}

func (s *kit) fault(point string) {
	if s.o.Fault != nil {
		s.o.Fault(point)
	}
}

// GeneratorName is the generator's word for people: "gemini", "demo".
func (s *Service) GeneratorName() string { return s.ports.Generator.Name() }

// Models does what [Service.Models] promises.
func (s *rules) Models() []Model {
	def := s.DefaultModel()
	models := append([]Model(nil), s.gen.Models()...)
	known := false
	for i := range models {
		models[i].Default = models[i].ID == def
		known = known || models[i].Default
	}
	if !known {
		m := s.gen.Model(def)
		m.Default = true
		models = append([]Model{m}, models...)
	}
	return models
}

// DefaultModel does what [Service.DefaultModel] promises.
func (s *rules) DefaultModel() string {
	if s.o.Model != "" {
		return s.o.Model
	}
	for _, m := range s.gen.Models() {
		if m.Default {
			return m.ID
		}
	}
	return ""
}

// Purposes is the table of placements in force.
func (s *Service) Purposes() *Registry { return s.engine.o.Purposes }

// Stats are numbers for dashboards.
type Stats struct {
	Queued  int // turns waiting
	Running int // turns at work
}

// Stats returns the present numbers.
func (s *Service) Stats() Stats {
	return Stats{Queued: s.engine.queue.len(), Running: s.engine.runs.len()}
}

// record runs a local write until it succeeds or fails for a reason that
// waiting does not mend: what was paid for must be recorded, however long
// the disk is full. It gives up only when the Service closes; the next Start
// then finds the bytes in the spool.
func (s *recorder) record(what string, write func(ctx context.Context) error) error {
	return s.recordTelling(what, func(error) {}, write)
}

// recordTelling is record, and tells of the first failure that it waits after.
func (s *recorder) recordTelling(what string, waits func(error), write func(ctx context.Context) error) error {
	// Close must not tear a commit apart, hence no cancellation.
	ctx := context.WithoutCancel(s.life)
	wait := 100 * time.Millisecond
	for first := true; ; first = false {
		err := write(ctx)
		if code := CodeOf(err); err == nil || (code != StorageFull && code != StorageUnavailable) {
			return err
		}
		if first {
			waits(err)
		}
		s.log.Error("cannot record, trying again", "what", what, "wait", wait, "err", err)
		select {
		case <-time.After(wait):
		case <-s.life.Done():
			return err
		}
		wait = min(2*wait, 30*time.Second)
	}
}
