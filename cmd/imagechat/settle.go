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
	// patrolAfter is when the database is first looked over for damage. A
	// machine that woke up for one request is not kept busy with it.
	patrolAfter = time.Minute
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

// patroller looks for damage in a store, soon after the start and then every
// day. It yields the processor to everything else.
func patroller(patrol func(context.Context) error, log *slog.Logger) func(context.Context) error {
	quietly := func(ctx context.Context) error {
		ended := make(chan error)
		go func() {
			stepBack()
			ended <- patrol(ctx)
		}()
		return <-ended
	}
	return func(ctx context.Context) error {
		for wait := patrolAfter; ; wait = maintainEvery {
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(wait):
			}
			if err := quietly(ctx); err != nil && ctx.Err() == nil {
				log.Error("the database could not be read whole: copy the data directory, run imagechat doctor, and restore a backup if it is damaged", "error", err)
			}
		}
	}
}
