package main

import (
	"context"
	"log/slog"
	"runtime/debug"
	"time"
)

const (
	// settleAfter is when the start's work is surely over.
	settleAfter = time.Second
	// maintainEvery is how often the database gives back what deletions left.
	maintainEvery = 24 * time.Hour
)

// beginQuietly puts garbage collection off until the start is over: a process
// this young has nothing but live memory, and every collection would read all
// of it again. GOMEMLIMIT still holds. It returns what ends the pause.
func beginQuietly() (end func()) {
	percent := debug.SetGCPercent(-1)
	return func() { debug.SetGCPercent(percent) }
}

// settle gives back what only the start needed, a moment after it: heap that
// was used once, and pages of the program's file that were read once. A
// machine that sleeps between two conversations is small that way.
func settle(endPause func()) func(context.Context) error {
	return func(ctx context.Context) error {
		defer endPause()
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(settleAfter):
		}
		debug.FreeOSMemory()
		dropProgramPages()
		return nil
	}
}

// maintainer looks after a store now and then.
func maintainer(maintain func(context.Context) error, log *slog.Logger) func(context.Context) error {
	return func(ctx context.Context) error {
		ticker := time.NewTicker(maintainEvery)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-ticker.C:
				if err := maintain(ctx); err != nil && ctx.Err() == nil {
					log.Error("the database could not be tidied up; it is tried again tomorrow", "error", err)
				}
			}
		}
	}
}
