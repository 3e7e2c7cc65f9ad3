//go:build race

package gemini_test

// Under the race detector a sync.Pool forgets a quarter of what it is given,
// and memory is several times dearer. These bounds are still below the one
// picture of 20 MB, and the 64 pictures, that they stand for.
const (
	maxAllocMB = 16
	maxPeakMB  = 512
)
