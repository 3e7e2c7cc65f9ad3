package imagechat

import (
	"log/slog"
	"time"
)

// Service holds every rule of a conversation that becomes an image. Make one
// with New, let it work with Start, end it with Close. All methods are safe
// for concurrent use; those that take a context act for OwnerOf(ctx) and
// answer with not-found codes for what belongs to others.
type Service struct {
	ports Ports
	o     Options
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
	// MaxConcurrentTurns bounds the generator calls in flight; 0 means 4.
	MaxConcurrentTurns int
	// MemoryBudget bounds the estimated bytes of work in flight; 0 means 256 MiB.
	MemoryBudget int64
	// TurnTimeout bounds one generator call; 0 means 5 minutes.
	TurnTimeout time.Duration
	// DailyBudget and SessionBudget cap what is spent over the last 24
	// hours, and in one session; 0 means no cap.
	DailyBudget   USD
	SessionBudget USD
	// ReserveBytes is the room that must be free before a call is paid for;
	// 0 means 128 MiB, negative none.
	ReserveBytes int64
	// KeepEvents is how many durable events a session keeps for replay; 0 means 1000.
	KeepEvents int
	// HistoryBytes bounds what of a conversation is sent again; 0 means 20 MiB.
	HistoryBytes int64
	// Fault, if set, is called at named points for crash tests.
	Fault func(point string)
}
