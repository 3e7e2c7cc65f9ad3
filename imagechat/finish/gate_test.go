package finish

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
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
		go func() { _, got = g.Acquire(ctx, 50) }()
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

// admitted tells who has been let in so far.
type admitted struct {
	t     *testing.T
	gate  *Gate
	order []string
	held  map[string]func()
}

func (a *admitted) enter(party string, bytes int64) {
	go func() {
		release, err := a.gate.Acquire(WithParty(a.t.Context(), party), bytes)
		if err != nil {
			a.t.Error(err)
			return
		}
		a.order = append(a.order, party)
		a.held[party] = release
	}()
	synctest.Wait()
}

func (a *admitted) leave(party string) {
	a.held[party]()
	synctest.Wait()
}

func TestSmallOperationsPassALargeOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &admitted{t: t, gate: NewGate(100), held: map[string]func(){}}
		a.enter("large", 1000)
		a.enter("another large", 1000)
		a.enter("small", 10)
		if want := []string{"large", "small"}; !slices.Equal(a.order, want) {
			t.Errorf("got %v admitted, want %v", a.order, want)
		}
		a.leave("large")
		a.leave("another large")
		a.leave("small")
		// With nothing large about, small ones have the whole.
		for i := range 10 {
			a.enter(fmt.Sprint(i), 10)
		}
		if len(a.order) != 3+10 {
			t.Errorf("got %d admitted, want all ten that fit", len(a.order)-3)
		}
	})
}

func TestPartiesTakeTurnsAtTheGate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &admitted{t: t, gate: NewGate(100), held: map[string]func(){}}
		for range 12 {
			a.enter("busy", 1000)
		}
		a.enter("other", 1000)
		a.leave("busy")
		a.leave("busy")
		if !slices.Contains(a.order, "other") {
			t.Errorf("got %v admitted, want the other party after at most two of twelve", a.order)
		}
		for len(a.order) < 13 {
			a.leave(a.order[len(a.order)-1])
		}
	})
}

func TestWhoeverGivesUpAtTheGateHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &admitted{t: t, gate: NewGate(100), held: map[string]func(){}}
		a.enter("first", 50)
		ctx, cancel := context.WithCancel(t.Context())
		go func() { _, _ = a.gate.Acquire(ctx, 1000) }()
		synctest.Wait()
		a.enter("behind", 25)
		if len(a.order) != 1 {
			t.Fatalf("got %v admitted, want nobody past the one who waits", a.order)
		}
		cancel()
		synctest.Wait()
		if want := []string{"first", "behind"}; !slices.Equal(a.order, want) {
			t.Errorf("got %v admitted, want %v", a.order, want)
		}
	})
}

func TestTheFileGoesToOutWhileItsShareIsHeld(t *testing.T) {
	t.Parallel()
	src := bytesOf(t, pngOf(t, flat(50, 50)))
	for name, do := range map[string]func(*Options) (Result, error){
		"Do": func(o *Options) (Result, error) {
			return Do(t.Context(), bytes.NewReader(src), Spec{Width: 10, Height: 10}, o)
		},
		"Thumbnail": func(o *Options) (Result, error) { return Thumbnail(t.Context(), bytes.NewReader(src), 64, o) },
		"Clean":     func(o *Options) (Result, error) { return Clean(t.Context(), bytes.NewReader(src), o) },
	} {
		whole, err := do(nil)
		if err != nil {
			t.Fatal(name, err)
		}
		gate := NewGate(1000)
		var got bytes.Buffer
		out := writerFunc(func(p []byte) (int, error) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if _, err := gate.Acquire(ctx, 1000); err == nil {
				t.Errorf("%s: the share was given back before the file was taken", name)
			}
			return got.Write(p)
		})
		r, err := do(&Options{Gate: gate, Out: out})
		if err != nil || r.Data != nil || r.Bytes != int64(got.Len()) || r.SHA256 != whole.SHA256 || !bytes.Equal(got.Bytes(), whole.Data) {
			t.Errorf("%s: got %d bytes in Out and %d in the result (%v), want the file in Out alone", name, got.Len(), len(r.Data), err)
		}
		full := errors.New("full")
		if _, err := do(&Options{Out: writerFunc(func([]byte) (int, error) { return 0, full })}); !errors.Is(err, full) {
			t.Errorf("%s: got %v, want what Out said", name, err)
		}
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
