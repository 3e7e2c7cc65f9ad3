// Command gemini-standin runs the stand-in of the Gemini API as a process, for
// tests that crash their server and for trying the program without a key:
//
//	go run ./adapters/gemini/geminitest/cmd/gemini-standin -latency 3s
//	GEMINI_API_KEY=any GEMINI_BASE_URL=http://127.0.0.1:PORT go run ./cmd/imagechat
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini/geminitest"
)

func main() {
	if err := run(); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return geminitest.Main(ctx, os.Args[1:], os.Stdout)
}
