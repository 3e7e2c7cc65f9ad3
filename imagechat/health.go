package imagechat

import (
	"context"
	"fmt"
	"time"
)

// healthPatience bounds one check: a disk that hangs is no healthy one, and
// whoever watches does not wait for ever.
const healthPatience = 3 * time.Second

// Health asks every port that can tell and returns the failing ones by name:
// "database", "blobs", "spool". A port that does not answer in three seconds fails.
func (s *Service) Health(ctx context.Context) map[string]error {
	checks := map[string]func(context.Context) error{}
	for name, port := range map[string]any{"database": s.ports.Repository, "blobs": s.ports.Blobs, "spool": s.ports.Spool} {
		if h, ok := port.(HealthChecker); ok {
			checks[name] = h.CheckHealth
		}
	}
	return failing(ctx, checks)
}

// Ready tells what keeps the service from taking turns in: what Health tells,
// "drain" while the service ends, and "disk" while there is no room to keep
// what a turn would pay for. None of these is mended by a restart.
func (s *Service) Ready(ctx context.Context) map[string]error {
	causes := s.Health(ctx)
	if s.intake.draining.Load() {
		causes["drain"] = &Error{Code: Interrupted, Retryable: true, Params: map[string]string{"cause": "shutdown"}}
	}
	for name, err := range failing(ctx, map[string]func(context.Context) error{"disk": s.room.checkSpace}) {
		causes[name] = err
	}
	return causes
}

// failing runs the checks side by side, each for healthPatience at most.
func failing(ctx context.Context, checks map[string]func(context.Context) error) map[string]error {
	ctx, cancel := context.WithTimeout(ctx, healthPatience)
	defer cancel()
	type verdict struct {
		name string
		err  error
	}
	verdicts := make(chan verdict, len(checks))
	for name, check := range checks {
		go func() { verdicts <- verdict{name, check(ctx)} }()
	}
	bad := map[string]error{}
	waiting := make(map[string]bool, len(checks))
	for name := range checks {
		waiting[name] = true
	}
	for len(waiting) > 0 {
		select {
		case v := <-verdicts:
			delete(waiting, v.name)
			if v.err != nil {
				bad[v.name] = v.err
			}
		case <-ctx.Done():
			for name := range waiting {
				bad[name] = fmt.Errorf("no answer in %s: %w", healthPatience, StorageUnavailable)
			}
			return bad
		}
	}
	return bad
}

// Warnings are sentences for the operator about the generator and the stores.
func (s *Service) Warnings() []Localized {
	var all []Localized
	for _, port := range []any{s.ports.Generator, s.ports.Repository, s.ports.Blobs} {
		if w, ok := port.(Warner); ok {
			all = append(all, w.Warnings()...)
		}
	}
	if s.engine.keyRejected.Load() {
		all = append(all, keyWarning)
	}
	return all
}

var keyWarning = Localized{
	KO: "마지막 호출에서 API 키가 거부되었어요. GEMINI_API_KEY를 확인하거나 새 키로 바꿔 주세요.",
	EN: "The API key was refused at the last call. Check GEMINI_API_KEY, or set a new one.",
}

// DailyBudget does what [Service.DailyBudget] promises.
func (s *library) DailyBudget() USD { return s.o.DailyBudget }

// SpentToday does what [Service.SpentToday] promises.
func (s *library) SpentToday(ctx context.Context) (USD, error) {
	spent, _, err := s.repo.Booked(ctx, "", s.now().Add(-day))
	return spent, err
}
