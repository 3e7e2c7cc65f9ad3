// Package finish turns a picture into the exact file a placement asks for: the
// exact pixels, the right format, under the placement's byte limit, with what
// was cut away said aloud. It knows no server, database or model, and needs
// only a reader:
//
//	f, _ := os.Open("in.jpg")
//	r, err := finish.Do(ctx, f, finish.Spec{Width: 1200, Height: 400, MaxBytes: 200_000}, nil)
//
// [Do] makes one file, [Pack] many from one decoding on all cores,
// [ZipWriter] puts them in an archive with a manifest, [Thumbnail] makes a
// small copy for a screen, [Clean] makes a stranger's upload safe to keep and
// to send on, and [Inspect] reads type, size and provenance without decoding.
//
// # How a picture is finished
//
// The header is checked against [Limits] before anything is decoded. EXIF
// orientation is applied. Fit [Cover] cuts the picture to the wanted ratio
// around a focus point, given or found by a measure of local contrast and
// colour (see [FindFocus]); [Contain] keeps all of it and extends the
// background. Scaling is Catmull-Rom in linear light with premultiplied alpha,
// followed by a light unsharp mask when the picture shrinks to less than half.
// The result is sRGB; where the source carries another RGB profile it is
// converted. JPEG quality is searched downwards from Options.Quality until
// MaxBytes holds and never goes below Options.MinQuality; PNG first compresses
// harder, then keeps fewer colours, dithered, as many as [Result.Colors] tells. When nothing fits the error is an
// [*OverLimitError]. All arithmetic on pixels is on integers, so that the same
// input gives the same bytes.
//
// # Memory
//
// The peak is the decoded source plus, for every output in the making, its
// pixels and some rows. Per megapixel of the source that is 1.5 MB (baseline
// JPEG 4:2:0), 3 MB (4:4:4), 4 MB (8-bit PNG), 8 MB (16-bit PNG, lossless
// WebP) or 10.5 MB (lossy WebP with alpha); a progressive JPEG costs 7.5 to 15 MB because all its coefficients must
// be held. Per megapixel of an output: 4 MB of pixels, and the file itself
// twice. Every operation states its estimate to a [Gate] before it decodes and
// waits there, so that operations side by side stay inside one budget.
//
// # Concurrency
//
// All functions may be called from many goroutines at once. A source reader
// belongs to the call until it returns.
package finish
