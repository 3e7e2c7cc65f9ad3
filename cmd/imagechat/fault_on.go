//go:build faultpoints

package main

import (
	"os"
	"syscall"
)

// faultHook ends the process at a named point as a power cut would: no
// deferred call runs, no buffer is flushed.
func faultHook(at string) func(string) {
	if at == "" {
		return nil
	}
	return func(point string) {
		if point != at {
			return
		}
		if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
			panic(err)
		}
		select {} // the signal may take a moment to arrive
	}
}
