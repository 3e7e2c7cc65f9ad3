package bunstore

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// micros is a time as a column keeps it.
func micros(t time.Time) int64 { return t.UnixMicro() }

var zeroMicros = time.Time{}.UnixMicro()

// moment scans such a column.
type moment struct{ to *time.Time }

// Scan implements sql.Scanner.
func (m moment) Scan(src any) error {
	n, ok := src.(int64)
	if !ok {
		return fmt.Errorf("%T is no time", src)
	}
	*m.to = timeOf(n)
	return nil
}

func timeOf(n int64) time.Time {
	if n == zeroMicros {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}

func stamp(t time.Time) time.Time { return timeOf(t.UnixMicro()) }

// encode writes a value as JSON; empty ones, which marshal to null, are ”.
func encode(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("bunstore: encode: %w", err)
	}
	if string(b) == "null" {
		return "", nil
	}
	return string(b), nil
}

// document scans a column of JSON. Numbers of free objects stay as they were
// written: a float64 would not hold all of them.
type document struct{ to any }

// Scan implements sql.Scanner.
func (d document) Scan(src any) error {
	s, ok := src.(string)
	if !ok {
		return fmt.Errorf("%T is no JSON", src)
	}
	if s == "" {
		return nil
	}
	decoder := json.NewDecoder(strings.NewReader(s))
	decoder.UseNumber()
	return decoder.Decode(d.to)
}

// text is a string as an argument for bun, which cannot write NUL.
func text(s string) any {
	if strings.IndexByte(s, 0) < 0 {
		return s
	}
	return schema.SafeQuery("CAST(X'"+hex.EncodeToString([]byte(s))+"' AS TEXT)", nil)
}

// texts is a list of them for bun, as the right side of IN.
func texts[T ~string](ss []T) any {
	safe := make([]any, len(ss))
	for i, s := range ss {
		safe[i] = text(string(s))
	}
	return bun.List(safe)
}

// stampError, and the functions like it, bring the times inside JSON to what
// columns keep: UTC, to the microsecond.
func stampError(e *imagechat.Error) {
	if e != nil {
		e.ResetsAt = stamp(e.ResetsAt)
	}
}

func stampEvent(e *imagechat.Event) {
	e.CreatedAt = stamp(e.CreatedAt)
	stampError(e.Error)
	if t := e.Turn; t != nil {
		t.CreatedAt, t.StartedAt, t.FinishedAt = stamp(t.CreatedAt), stamp(t.StartedAt), stamp(t.FinishedAt)
		stampError(t.Error)
	}
	if s := e.Session; s != nil {
		s.CreatedAt, s.UpdatedAt = stamp(s.CreatedAt), stamp(s.UpdatedAt)
	}
	if m := e.Message; m != nil {
		m.CreatedAt = stamp(m.CreatedAt)
		stampError(m.Error)
		for i := range m.Images {
			m.Images[i].CreatedAt = stamp(m.Images[i].CreatedAt)
		}
		for i := range m.References {
			m.References[i].CreatedAt = stamp(m.References[i].CreatedAt)
		}
	}
}
