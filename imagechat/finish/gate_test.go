package finish

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

func TestGateAdmitsWhatFitsAndMakesTheRestWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := NewGate(100)
		first, err := g.Acquire(t.Context(), 60)
		if err != nil {
			t.Fatal(err)
		}
		admitted := false
		go func() {
			release, err := g.Acquire(t.Context(), 50)
			if err != nil {
				t.Error(err)
				return
			}
			admitted = true
			release()
		}()
		synctest.Wait()
		if admitted {
			t.Error("110 bytes were admitted into 100")
		}
		first()
		first() // giving back twice gives back once
		synctest.Wait()
		if !admitted {
			t.Error("what fits was not admitted")
		}
		whole, err := g.Acquire(t.Context(), 100)
		if err != nil {
			t.Fatal(err)
		}
		whole()
	})
}

func TestWhatIsLargerThanTheGateRunsAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := NewGate(100)
		release, err := g.Acquire(t.Context(), 1<<40)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var got error
		go func() { _, got = g.Acquire(ctx, 1) }()
		synctest.Wait()
		cancel()
		synctest.Wait()
		if !errors.Is(got, context.Canceled) {
			t.Errorf("got %v, want to have waited until cancelled", got)
		}
		release()
	})
}

// TestOperationsPassTheGate holds the whole gate, and wants every operation to
// wait there until it is told to give up.
func TestOperationsPassTheGate(t *testing.T) {
	t.Parallel()
	src := bytesOf(t, pngOf(t, flat(50, 50)))
	spec := Spec{Width: 10, Height: 10}
	for name, do := range map[string]func(context.Context, *Options) error{
		"Do": func(ctx context.Context, o *Options) error {
			_, err := Do(ctx, bytes.NewReader(src), spec, o)
			return err
		},
		"Thumbnail": func(ctx context.Context, o *Options) error {
			_, err := Thumbnail(ctx, bytes.NewReader(src), 64, o)
			return err
		},
		"Clean": func(ctx context.Context, o *Options) error { _, err := Clean(ctx, bytes.NewReader(src), o); return err },
		"FindFocus": func(ctx context.Context, o *Options) error {
			_, err := FindFocus(ctx, bytes.NewReader(src), 9, 3, o)
			return err
		},
		"FindSubject": func(ctx context.Context, o *Options) error {
			_, err := FindSubject(ctx, bytes.NewReader(src), o)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := &Options{Gate: NewGate(1000)}
			release, err := o.Gate.Acquire(t.Context(), 1000)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if err := do(ctx, o); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v while the gate was held, want to have waited", err)
			}
			release()
			if err := do(t.Context(), o); err != nil {
				t.Errorf("got %v when the gate was free", err)
			}
			again, err := o.Gate.Acquire(t.Context(), 1000)
			if err != nil {
				t.Fatal(err)
			}
			again()
		})
	}
}
