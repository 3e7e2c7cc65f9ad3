//go:build !race

package gemini_test

// What a turn may allocate, and a process that runs 64 of them may take.
const (
	maxAllocMB = 1
	maxPeakMB  = 64
)
