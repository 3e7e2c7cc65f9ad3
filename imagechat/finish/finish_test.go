package finish

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sourceRatios are the shapes of the sources, at moderate sizes.
var sourceRatios = []struct {
	name string
	w, h int
}{
	{"1:1", 512, 512}, {"4:5", 448, 560}, {"9:16", 360, 640}, {"16:9", 640, 360}, {"21:9", 756, 324}, {"4:1", 1024, 256},
}

// TestEveryPlacementFromEverySource makes each placement of the registry from
// each kind of source, and wants the exact size, an allowed format and a file
// under the limit.
func TestEveryPlacementFromEverySource(t *testing.T) {
	t.Parallel()
	all := placements(t)
	sources := 0
	for _, ratio := range sourceRatios {
		for _, kind := range []string{"photographic", "flat"} {
			for _, alpha := range []bool{false, true} {
				if sources++; raceEnabled && sources%9 != 1 {
					continue
				}
				t.Run(fmt.Sprintf("%s %s alpha=%v", ratio.name, kind, alpha), func(t *testing.T) {
					t.Parallel()
					draw := photo
					if kind == "flat" {
						draw = flat
					}
					img := draw(ratio.w, ratio.h)
					src := pngOf(t, img)
					if alpha {
						src = pngOf(t, cutOut(img))
					}
					checkPlacements(t, src, all)
				})
			}
		}
	}
}

func checkPlacements(t *testing.T, src io.ReadSeeker, all []placement) {
	t.Helper()
	var specs []Spec
	known := map[string]bool{} // many placements ask for the same file
	for i, p := range all {
		s := p.spec()
		key := fmt.Sprint(s)
		if !known[key] && (!raceEnabled || i%20 == 0 || p.Alpha != "") {
			known[key] = true
			specs = append(specs, s)
		}
	}
	err := Pack(context.Background(), src, specs, nil, func(i int, r Result, err error) error {
		s := specs[i]
		if err != nil {
			t.Errorf("%d×%d under %d bytes as %v: %v", s.Width, s.Height, s.MaxBytes, s.Formats, err)
			return nil
		}
		checkResult(t, s, r)
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// checkResult compares what a Result says with its bytes and with the wish.
func checkResult(t *testing.T, s Spec, r Result) {
	t.Helper()
	info, err := Inspect(bytes.NewReader(r.Data), nil)
	if err != nil {
		t.Errorf("%d×%d: %v", s.Width, s.Height, err)
		return
	}
	got := Info{Format: info.Format, MIMEType: info.MIMEType, Width: info.Width, Height: info.Height, Bytes: info.Bytes}
	want := Info{Format: r.Format, MIMEType: r.MIMEType, Width: s.Width, Height: s.Height, Bytes: r.Bytes}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Info{})); diff != "" {
		t.Errorf("%d×%d (-want +got)\n%s", s.Width, s.Height, diff)
	}
	if s.MaxBytes > 0 && r.Bytes > s.MaxBytes {
		t.Errorf("%d×%d: %d bytes, want at most %d", s.Width, s.Height, r.Bytes, s.MaxBytes)
	}
	allowed := false
	for _, f := range s.Formats {
		allowed = allowed || f == r.Format
	}
	if !allowed {
		t.Errorf("%d×%d: format %s, want one of %v", s.Width, s.Height, r.Format, s.Formats)
	}
	if r.Transparent && (r.Format != PNG || !s.Alpha) {
		t.Errorf("%d×%d: transparent %s, want no transparency", s.Width, s.Height, r.Format)
	}
}

func TestDoSaysWhatItDid(t *testing.T) {
	t.Parallel()
	left := Point{0.1, 0.5}
	white := color.NRGBA{255, 255, 255, 255}
	for _, c := range []struct {
		name string
		spec Spec
		want Result
	}{
		{"a crop around a focus at the edge stays inside the picture",
			Spec{Width: 200, Height: 200, Focus: &left},
			Result{Format: JPEG, Crop: image.Rect(0, 0, 300, 300), CropPercent: 50, Focus: Point{0.25, 0.5}, Fit: Cover, Scale: 0.6667, Quality: 95}},
		{"containing cuts nothing",
			Spec{Width: 300, Height: 300, Fit: Contain, Background: &white},
			Result{Format: JPEG, Crop: image.Rect(0, 0, 600, 300), Focus: Point{0.5, 0.5}, Fit: Contain, Scale: 0.5, Quality: 95}},
		{"the same ratio cuts nothing and may enlarge",
			Spec{Width: 1200, Height: 600, Formats: []Format{PNG}},
			Result{Format: PNG, Crop: image.Rect(0, 0, 600, 300), Focus: Point{0.5, 0.5}, Fit: Cover, Scale: 2}},
		{"a palette has at most 256 colours",
			Spec{Width: 600, Height: 300, Formats: []Format{PNG}, Palette: true},
			Result{Format: PNG, Crop: image.Rect(0, 0, 600, 300), Focus: Point{0.5, 0.5}, Fit: Cover, Scale: 1, Colors: 256, Merged: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := Do(context.Background(), pngOf(t, photo(600, 300)), c.spec, nil)
			if err != nil {
				t.Fatal(err)
			}
			c.spec.Formats = []Format{c.want.Format}
			checkResult(t, c.spec, got)
			got.Data, got.SHA256, got.Bytes = nil, "", 0
			c.want.MIMEType, c.want.BitsPerChannel = c.want.Format.MIMEType(), 8
			c.want.StandsOut = 1 // nothing is transparent
			c.want.Width, c.want.Height = c.spec.Width, c.spec.Height
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestDoRefusesWhatMakesNoSense(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		spec Spec
	}{
		{"no width", Spec{Height: 10}},
		{"a negative height", Spec{Width: 10, Height: -1}},
		{"a side that is too long", Spec{Width: MaxSide + 1, Height: 1}},
		{"too many pixels", Spec{Width: MaxSide, Height: MaxSide}},
		{"a negative limit", Spec{Width: 10, Height: 10, MaxBytes: -1}},
		{"a format that is not written", Spec{Width: 10, Height: 10, Formats: []Format{WebP}}},
		{"an unknown fit", Spec{Width: 10, Height: 10, Fit: "stretch"}},
		{"a focus outside the picture", Spec{Width: 10, Height: 10, Focus: &Point{1.5, 0}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Do(context.Background(), pngOf(t, flat(20, 20)), c.spec, nil)
			if !errors.Is(err, ErrSpec) {
				t.Errorf("got error %v, want ErrSpec", err)
			}
		})
	}
}

func TestDoSaysWhyALimitCannotBeMet(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		spec  Spec
		floor string
	}{
		{"jpeg stops at the lowest quality", Spec{Width: 400, Height: 400, MaxBytes: 2000, Formats: []Format{JPEG}}, "JPEG quality 50"},
		{"png stops at 64 colours", Spec{Width: 400, Height: 400, MaxBytes: 2000, Formats: []Format{PNG}}, "64 colours"},
		{"a palette stops at 64 colours", Spec{Width: 400, Height: 400, MaxBytes: 2000, Formats: []Format{PNG}, Palette: true}, "64 colours"},
		{"of two formats the nearer one is told", Spec{Width: 400, Height: 400, MaxBytes: 2000, Formats: []Format{PNG, JPEG}}, "JPEG quality 50"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Do(context.Background(), pngOf(t, photo(400, 400)), c.spec, nil)
			var over *OverLimitError
			if !errors.As(err, &over) || !errors.Is(err, ErrOverLimit) {
				t.Fatalf("got error %v, want an OverLimitError", err)
			}
			if over.MaxBytes != 2000 || over.Smallest <= 2000 || over.Floor != c.floor {
				t.Errorf("got %+v, want the limit, a larger smallest size and floor %q", over, c.floor)
			}
		})
	}
}

func TestTheLimitIsMetByTheHighestQualityThatFits(t *testing.T) {
	t.Parallel()
	src := pngOf(t, photo(600, 600))
	spec := Spec{Width: 500, Height: 500, Formats: []Format{JPEG}}
	best, err := Do(context.Background(), src, spec, nil)
	if err != nil {
		t.Fatal(err)
	}
	spec.MaxBytes = best.Bytes * 2 / 3
	got, err := Do(context.Background(), src, spec, nil)
	if err != nil {
		t.Fatal(err)
	}
	spec.MaxBytes = 0
	next, err := Do(context.Background(), src, spec, &Options{Quality: got.Quality + 1})
	if err != nil {
		t.Fatal(err)
	}
	if limit := best.Bytes * 2 / 3; got.Bytes > limit || next.Bytes <= limit {
		t.Errorf("quality %d has %d bytes and %d has %d, want the limit %d between them",
			got.Quality, got.Bytes, next.Quality, next.Bytes, limit)
	}
}

func TestTheSameInputGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	src := pngOf(t, cutOut(photo(300, 200)))
	specs := []Spec{
		{Width: 150, Height: 150, Alpha: true},
		{Width: 150, Height: 150, MaxBytes: 6000},
		{Width: 90, Height: 160, Fit: Contain},
		{Width: 120, Height: 60, Formats: []Format{PNG}, Palette: true, Alpha: true},
	}
	sums := func(workers int) (out []string) {
		err := Pack(context.Background(), src, specs, &Options{Workers: workers}, func(_ int, r Result, err error) error {
			out = append(out, r.SHA256)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	if diff := cmp.Diff(sums(1), sums(4)); diff != "" {
		t.Errorf("one worker and four differ\n%s", diff)
	}
}

func TestPackDeliversInOrderAndGoesOnAfterAFailure(t *testing.T) {
	t.Parallel()
	var specs []Spec
	for i := range 20 {
		specs = append(specs, Spec{Width: 200 - 9*i, Height: 100})
	}
	specs[7].MaxBytes = 10 // cannot be met
	var order []int
	var failed []int
	err := Pack(context.Background(), pngOf(t, photo(300, 200)), specs, nil, func(i int, r Result, err error) error {
		order = append(order, i)
		if err != nil {
			failed = append(failed, i)
		} else if r.Width != specs[i].Width {
			t.Errorf("output %d is %d wide, want %d", i, r.Width, specs[i].Width)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19}
	if diff := cmp.Diff(want, order); diff != "" {
		t.Errorf("order (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]int{7}, failed); diff != "" {
		t.Errorf("failed (-want +got)\n%s", diff)
	}
}

func TestPackStopsWhenToldTo(t *testing.T) {
	t.Parallel()
	specs := make([]Spec, 30)
	for i := range specs {
		specs[i] = Spec{Width: 50, Height: 50}
	}
	stop := errors.New("the reader went away")
	calls := 0
	err := Pack(context.Background(), pngOf(t, flat(100, 100)), specs, nil, func(int, Result, error) error {
		calls++
		return stop
	})
	if !errors.Is(err, stop) || calls != 1 {
		t.Errorf("got error %v after %d calls, want the caller's own after 1", err, calls)
	}

	ctx, cancel := context.WithCancel(context.Background())
	err = Pack(ctx, pngOf(t, flat(100, 100)), specs, nil, func(int, Result, error) error {
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want context.Canceled", err)
	}
}
