package finish

import (
	"fmt"
	"image"
	"image/color"
	"io"
	"math"
	"slices"
)

// MaxSide is the longest side, in pixels, that is made.
const MaxSide = 12_000

// Spec is the file that is wanted.
type Spec struct {
	Width, Height int   // exact size in pixels, 1 to MaxSide each
	MaxBytes      int64 // of the whole file with its metadata; 0: no limit
	// Formats that are acceptable, the preferred one first; empty means JPEG,
	// then PNG. Where the result is transparent PNG goes first if it is among
	// them. When one cannot meet MaxBytes the next is tried.
	Formats []Format
	Fit     Fit // "" means Cover
	// Focus is what a Cover crop keeps in its middle as far as it can; nil: found.
	Focus *Point
	// Palette asks for PNG with at most 256 colours, dithered where the picture
	// has more.
	Palette bool
	// TrueColour says that a PNG with a palette is not accepted. Without it one
	// may be written where nothing better meets MaxBytes.
	TrueColour bool
	// Alpha keeps the source's transparency in PNG. Without it, and in JPEG,
	// the picture is set on Background.
	Alpha bool
	// Background is the colour behind transparency (nil: white) and beside a
	// Contain picture (nil: the picture's own background is extended, or left
	// transparent where Alpha keeps transparency).
	Background *color.NRGBA
}

// Options are what stays the same from file to file. Nil means the defaults.
type Options struct {
	Limits     Limits // zero fields: DefaultLimits
	Gate       *Gate  // nil: one of DefaultGateBytes, shared by the whole process
	Quality    int    // JPEG quality the search starts from, 1 to 100; default 95
	MinQuality int    // JPEG quality below which the search gives up; default 50
	// Lossless makes Clean keep every pixel of an upload that came without loss,
	// however many bytes that takes: a logo's colours are the brand's.
	Lossless bool
	// NoSharpen leaves out the unsharp mask after shrinking to less than half.
	NoSharpen bool
	// Workers is how many outputs Pack makes at once; default GOMAXPROCS.
	Workers int
	// Stamp is a word that every output bears in its lower right corner, such
	// as DEMO; "" for none.
	Stamp string
	// Provenance is written into every file as XMP; nil writes none.
	Provenance *Provenance
	// Signer puts signed provenance into every file of Do and Pack, within
	// Spec.MaxBytes; nil: none. Where a limit leaves no room for it the file goes
	// without, which Result.Signed tells.
	Signer Signer
	// Origin is what a signed file says of its source.
	Origin Origin
	// Out, if set, takes the file of Do, Thumbnail and Clean while the gate's
	// share of its making is still held; Result.Data is nil then. So a file
	// that is read slowly takes no memory meanwhile.
	Out io.Writer
}

// deliver hands a file over to Out.
func (o *Options) deliver(r Result) (Result, error) {
	if o.Out == nil {
		return r, nil
	}
	_, err := o.Out.Write(r.Data)
	r.Data = nil
	return r, err
}

func (o *Options) orDefault() Options {
	var out Options
	if o != nil {
		out = *o
	}
	out.Limits = out.Limits.orDefault()
	if out.Gate == nil {
		out.Gate = defaultGate
	}
	if out.Quality < 1 || out.Quality > 100 {
		out.Quality = 95
	}
	if out.MinQuality < 1 || out.MinQuality > 100 {
		out.MinQuality = 50
	}
	out.MinQuality = min(out.MinQuality, out.Quality)
	return out
}

func specErrorf(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrSpec}, args...)...)
}

// check reports what makes no sense, as an ErrSpec.
func (s Spec) check() error {
	if s.Width < 1 || s.Height < 1 || s.Width > MaxSide || s.Height > MaxSide ||
		int64(s.Width)*int64(s.Height) > DefaultLimits.MaxPixels {
		return specErrorf("a size of %d×%d; each side is 1 to %d, at most %d pixels in all",
			s.Width, s.Height, MaxSide, DefaultLimits.MaxPixels)
	}
	if s.MaxBytes < 0 {
		return specErrorf("a limit of %d bytes", s.MaxBytes)
	}
	for _, f := range s.Formats {
		if f != JPEG && f != PNG {
			return specErrorf("format %q; png and jpeg are written", f)
		}
	}
	if s.Fit != "" && s.Fit != Cover && s.Fit != Contain {
		return specErrorf("fit %q; it is cover or contain", s.Fit)
	}
	if f := s.Focus; f != nil && !(inUnit(f.X) && inUnit(f.Y)) {
		return specErrorf("focus %v,%v; both are fractions from 0 to 1", f.X, f.Y)
	}
	return nil
}

func inUnit(v float64) bool { return !math.IsNaN(v) && v >= 0 && v <= 1 }

// formats lists what to try, in order.
func (s Spec) formats(transparent bool) []Format {
	list := s.Formats
	if len(list) == 0 {
		list = []Format{JPEG, PNG}
	}
	if transparent && slices.Contains(list, PNG) {
		rest := slices.DeleteFunc(slices.Clone(list), func(f Format) bool { return f == PNG })
		return append([]Format{PNG}, rest...)
	}
	return list
}

func (s Spec) background() color.NRGBA {
	if s.Background != nil {
		return *s.Background
	}
	return color.NRGBA{255, 255, 255, 255}
}

// workBytes estimates the memory that making this output needs beside the
// decoded source: four bytes a pixel, the file twice at up to two bytes a pixel,
// JPEG's coefficients where they are kept, and the filter's rows at 16 bytes a
// pixel.
func (s Spec) workBytes(sourceWidth int) int64 {
	pixels := int64(s.Width) * int64(s.Height)
	rows := int64(20*s.Width+2*sourceWidth) * 16
	coefficients := int64(0)
	if pixels <= storedPixels {
		coefficients = 6 * pixels
	}
	return 8*pixels + coefficients + rows + 1<<20
}

// Result is a finished file and how it came about.
type Result struct {
	Data          []byte // nil where Options.Out took it
	Format        Format
	MIMEType      string
	Width, Height int    // pixels, as asked
	Bytes         int64  // of the file
	SHA256        string // of the file, in lower-case hex
	// Crop is the part of the source that is seen, in source pixels after its
	// orientation was applied; the whole source for Contain.
	Crop        image.Rectangle
	CropPercent float64 // share of the source's area that was cut away, 0 to 100
	Focus       Point   // middle of Crop as fractions of the source
	Fit         Fit
	Scale       float64 // output pixels per source pixel; above 1 it was enlarged
	Quality     int     // JPEG quality; 0 for PNG
	// Colors is how many colours a PNG was brought down to, by its palette or to
	// meet MaxBytes, 0 if it keeps all; Merged says that it had more before.
	Colors, BitsPerChannel int
	Merged                 bool
	Transparent            bool // the file has transparent pixels
	// StandsOut is the share, 0 to 1, of what is not transparent in the source
	// that can be told from the background it was set on; 1 where nothing was.
	// A white logo set on white has 0.
	StandsOut float64
	Signed    bool // the file carries signed provenance
}
