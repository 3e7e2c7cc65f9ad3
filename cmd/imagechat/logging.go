package main

import (
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/lmittmann/tint"
	"github.com/mattn/go-isatty"
)

// newLogger writes JSON for machines, colour for a terminal, and plain
// key=value text for everything between.
func newLogger(w io.Writer, level slog.Level, asJSON bool, getenv func(string) (string, bool)) *slog.Logger {
	if asJSON {
		return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: durationInWords}))
	}
	// https://no-color.org: any non-empty value switches colour off.
	noColor, _ := getenv("NO_COLOR")
	if f, ok := w.(*os.File); ok && isatty.IsTerminal(f.Fd()) {
		return slog.New(tint.NewTextHandler(w, &tint.Options{
			Level: level, TimeFormat: time.TimeOnly, NoColor: noColor != "",
		}))
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
}

// durationInWords writes 1m0s where JSON would have a number of nanoseconds.
func durationInWords(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindDuration {
		a.Value = slog.StringValue(a.Value.Duration().String())
	}
	return a
}
