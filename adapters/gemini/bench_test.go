package gemini_test

import (
	"fmt"
	"testing"
)

// The benchmarks put the adapter beside package genai alone and beside a floor
// written by hand for the one answer that the server gives. Each works in a
// process of its own and keeps what it gets the same way: hashed, synced,
// renamed. Read cpu-ms/turn against floor's and sdk's of the same run.

func report(b *testing.B, c cost, turns int) {
	n := float64(turns)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(c.CPU/n, "cpu-ms/turn")
	b.ReportMetric(c.Wall/n, "wall-ms/turn")
	b.ReportMetric(c.Alloc/n, "alloc-MB/turn")
	b.ReportMetric(c.Peak, "peak-MB")
}

func BenchmarkReceive(b *testing.B) {
	url := server(b)
	for _, size := range []int64{6_000_000, 20_000_000} {
		for _, stream := range []bool{false, true} {
			for _, impl := range []string{"floor", "floor-simd", "lifted", "sdk"} {
				b.Run(fmt.Sprintf("%dMB/%s/%s", size/1_000_000, map[bool]string{false: "unary", true: "sse"}[stream], impl), func(b *testing.B) {
					report(b, measure(b, job{Impl: impl, Stream: stream, Size: size, Turns: b.N, URL: url}), b.N)
				})
			}
		}
	}
}

func BenchmarkSend(b *testing.B) {
	url := server(b)
	for _, impl := range []string{"floor", "lifted", "sdk"} {
		b.Run("20MB/"+impl, func(b *testing.B) {
			report(b, measure(b, job{Impl: impl, Send: true, Size: 20_000_000, Turns: b.N, URL: url}), b.N)
		})
	}
}

// BenchmarkAtOnce answers all turns at the same moment, under the memory limit
// of a machine with 512 MB. The SDK alone would need gigabytes for 512.
func BenchmarkAtOnce(b *testing.B) {
	url := server(b)
	for _, tt := range []struct {
		impl   string
		atOnce int
	}{{"floor", 512}, {"lifted", 512}, {"sdk", 16}} {
		b.Run(fmt.Sprintf("6MB/%d/%s", tt.atOnce, tt.impl), func(b *testing.B) {
			// Once is enough: it is hundreds of turns, and writes gigabytes.
			report(b, measure(b, job{Impl: tt.impl, Stream: true, Size: 6_000_000, AtOnce: tt.atOnce, URL: url}, "GOMEMLIMIT=400MiB"), tt.atOnce)
		})
	}
}
