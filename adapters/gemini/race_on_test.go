//go:build race

package gemini_test

// The race detector makes sync.Pool forget at random and memory several times
// dearer; these bounds are still far below the pictures' own size.
const (
	maxAllocMB = 8
	maxPeakMB  = 512
)
