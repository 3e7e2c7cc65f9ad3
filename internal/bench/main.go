// Command bench measures the built program as people meet it: how long it
// takes to start, what it weighs at rest, how long a turn takes when the
// generator answers at once, how soon everybody who follows a session sees a
// change, and what a flood of hostile connections does to honest requests. It talks to processes over loopback and reads /proc, so it
// runs on Linux.
//
// Figures of one run compare with one another. Those of two machines, or of a
// busy one, do not: repeat and take the best.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

func main() {
	sessions := flag.Int("sessions", 100_000, "sessions in the database")
	starts := flag.Int("starts", 30, "cold starts to measure")
	turns := flag.Int("turns", 200, "turns to measure")
	soak := flag.Duration("soak", 0, "instead of all else, load a server for so long and watch its memory")
	sockets := flag.Bool("sockets", false, "instead of all else, measure what a change takes to many sockets")
	record := flag.Bool("record", false, "instead of all else, measure what requests to the record cost")
	floor := flag.String("floor", "", "for the bench itself: serve the floor of -sockets on this port")
	floorData := flag.String("floor-data", "", "for the bench itself: serve the floor of -record from this folder")
	flag.Parse()
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if *floor != "" {
		var err error
		if *floorData != "" {
			err = serveFloorRecord(ctx, *floor, *floorData)
		} else {
			err = serveFloor(ctx, *floor)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	if err := run(ctx, *sessions, *starts, *turns, *soak, *sockets, *record); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, sessions, starts, turns int, soak time.Duration, sockets, record bool) error {
	dir, err := os.MkdirTemp("", "imagechat-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench{dir: dir, program: filepath.Join(dir, "imagechat")}
	if err := b.build(ctx); err != nil {
		return err
	}
	if soak > 0 {
		return b.soak(ctx, soak)
	}
	if sockets {
		return b.fanOut(ctx)
	}
	if record {
		if err := b.seed(ctx, sessions); err != nil {
			return err
		}
		return b.record(ctx, sessions)
	}
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		fmt.Printf("load average before the measuring: %s", load)
	}
	fmt.Printf("%-52s %10s %10s %10s\n", "", "median", "best", "p95")
	for _, step := range []func(context.Context) error{
		b.floor,
		func(ctx context.Context) error { return b.coldStart(ctx, "start on a new database", 5, true) },
		func(ctx context.Context) error { return b.seed(ctx, sessions) },
		func(ctx context.Context) error {
			return b.coldStart(ctx, fmt.Sprintf("start with %d sessions (limit 25 ms)", sessions), starts, false)
		},
		func(ctx context.Context) error { return b.atRest(ctx) },
		func(ctx context.Context) error { return b.turns(ctx, turns) },
		func(ctx context.Context) error { return b.record(ctx, sessions) },
		b.fanOut,
		b.flood,
		b.whereTheStartGoes,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// A bench is one built program and its directory.
type bench struct {
	dir     string
	program string
}

// build builds as the container image is built.
func (b *bench) build(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-tags", "grpcnotrace", "-ldflags", "-s -w -X main.version=bench", "-o", b.program, "./cmd/imagechat")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w\n%s", err, out)
	}
	info, err := os.Stat(b.program)
	if err != nil {
		return err
	}
	fmt.Printf("program: %.1f MB\n\n", float64(info.Size())/1e6)
	return nil
}

// floor is what the operating system and Go's own start cost.
func (b *bench) floor(ctx context.Context) error {
	var s samples
	for range 20 {
		begun := time.Now()
		if err := exec.CommandContext(ctx, b.program, "version").Run(); err != nil {
			return err
		}
		s.add(time.Since(begun))
	}
	s.print("imagechat version, for comparison")
	return nil
}

func (b *bench) coldStart(ctx context.Context, name string, n int, fresh bool) error {
	var s, cpu samples
	for i := range n {
		data := filepath.Join(b.dir, "data")
		if fresh {
			data = filepath.Join(b.dir, fmt.Sprintf("fresh-%d", i))
		}
		p, err := b.start(ctx, data, nil)
		if err != nil {
			return err
		}
		s.add(p.ready)
		cpu.add(p.cpu)
		if err := p.stop(); err != nil {
			return err
		}
	}
	s.print(name)
	cpu.print("  of which processor time")
	return nil
}

// restTime lets the runtime give back what the start needed.
const restTime = 3 * time.Second

func (b *bench) atRest(ctx context.Context) error {
	p, err := b.start(ctx, filepath.Join(b.dir, "data"), nil)
	if err != nil {
		return err
	}
	select {
	case <-time.After(restTime):
	case <-ctx.Done():
	}
	total, err := p.memory("VmRSS")
	if err != nil {
		return err
	}
	own, err := p.memory("RssAnon")
	if err != nil {
		return err
	}
	fmt.Printf("%-52s %7.1f MB (of which %.1f MB is not the program's file)\n", "memory at rest (limit 24 MB)", total, own)
	return p.stop()
}

// whereTheStartGoes lists the package initialisers that cost most.
func (b *bench) whereTheStartGoes(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, b.program, "version")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return err
	}
	fmt.Println("\ninitialisers of 0.1 ms and more:")
	for line := range strings.Lines(string(out)) {
		var name string
		var at, took float64
		var bytes, allocs int
		if n, _ := fmt.Sscanf(line, "init %s @%f ms, %f ms clock, %d bytes, %d allocs", &name, &at, &took, &bytes, &allocs); n == 5 && took >= 0.1 {
			fmt.Printf("  %6.2f ms  %7d bytes  %s\n", took, bytes, name)
		}
	}
	return nil
}
