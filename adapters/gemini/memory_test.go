package gemini_test

import (
	"fmt"
	"testing"
)

// The promise that the transport exists for, kept by a test: memory does not
// grow with the picture. The SDK alone allocates 150 MB for one of 20 MB.
func TestATurnCostsLittleMemoryWhateverThePictureWeighs(t *testing.T) {
	t.Parallel()
	url := server(t)
	for _, j := range []job{
		{Size: 20_000_000},
		{Size: 20_000_000, Stream: true},
		{Size: 20_000_000, Stream: true, Send: true},
	} {
		t.Run(fmt.Sprintf("stream %v, send %v", j.Stream, j.Send), func(t *testing.T) {
			t.Parallel()
			j.Impl, j.Turns, j.URL = "lifted", 3, url
			if got := measure(t, j).Alloc / 3; got > maxAllocMB {
				t.Errorf("%.2f MB allocated for a turn, want at most %d", got, maxAllocMB)
			}
		})
	}
}

func TestManyTurnsAtOnceFitASmallMachine(t *testing.T) {
	t.Parallel()
	j := job{Impl: "lifted", Stream: true, Size: 4_000_000, AtOnce: 64, URL: server(t)}
	if got := measure(t, j).Peak; got > maxPeakMB {
		t.Errorf("%.0f MB resident for %d turns at once, want at most %d", got, j.AtOnce, maxPeakMB)
	}
}
