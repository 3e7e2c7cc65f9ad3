package main

import (
	"fmt"
	"slices"
	"time"
)

// samples are durations of one thing.
type samples []time.Duration

func (s *samples) add(d time.Duration) { *s = append(*s, d) }

// at returns the q-quantile, 0 to 1.
func (s samples) at(q float64) time.Duration {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s))
	return sorted[int(q*float64(len(sorted)-1)+0.5)]
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func (s samples) print(name string) {
	fmt.Printf("%-52s %7.1f ms %7.1f ms %7.1f ms\n", name, ms(s.at(0.5)), ms(s.at(0)), ms(s.at(0.95)))
}
