package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheDatabaseIsLookedOverAfterTheStartAndThenDaily(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		begun := time.Now()
		var rounds []time.Duration
		var said bytes.Buffer
		ended := make(chan error)
		go func() {
			ended <- patroller(func(context.Context) error {
				rounds = append(rounds, time.Since(begun))
				if len(rounds) == 2 {
					return errors.New("page 7 is damaged")
				}
				return nil
			}, slog.New(slog.NewTextHandler(&said, nil)))(ctx)
		}()
		time.Sleep(49 * time.Hour)
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		want := []time.Duration{patrolAfter, patrolAfter + maintainEvery, patrolAfter + 2*maintainEvery}
		if len(rounds) != 3 || rounds[0] != want[0] || rounds[1] != want[1] || rounds[2] != want[2] {
			t.Errorf("got rounds %v, want %v", rounds, want)
		}
		if got := said.String(); strings.Count(got, "page 7 is damaged") != 1 || strings.Count(got, "\n") != 1 {
			t.Errorf("got %q, want one line about the damage", got)
		}
	})
}
