//go:build race

package gemini_test

// Under the race detector a sync.Pool forgets a quarter of what it is given,
// and memory is several times dearer. These bounds are still below what they
// stand for: a picture of 20 MB, and 64 of 4 MB.
const (
	maxAllocMB = 16
	maxPeakMB  = 240
)
