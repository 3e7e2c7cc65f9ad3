package imagechat

import (
	"context"
	"io"
	"runtime/debug"
	"slices"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat/finish"
)

// maxPack is the most files of one archive.
const maxPack = 100

// PackRequest asks for several files of one image.
type PackRequest struct {
	ImageID  ImageID
	Purposes []string // ids, 1–100 files in all
	// Width and Height are the pixels of the purpose custom; default: the
	// session's.
	Width, Height int
	// Formats, if given, makes every purpose in each of them.
	Formats []string
	Fit     string
	Focus   *Point
	// Focuses are those of single purposes, by id; they come before Focus.
	Focuses map[string]Point
	// Background is as in ExportSpec.
	Background string
}

// focusOf is what the crop for a purpose keeps; nil leaves it to be found.
func (r *PackRequest) focusOf(purpose string) *Point {
	if p, ok := r.Focuses[purpose]; ok {
		return &p
	}
	return r.Focus
}

// Pack is a ZIP about to be written.
type Pack struct {
	Name  string // file name
	Files int
	write func(ctx context.Context, w io.Writer) error
}

// Write streams the ZIP: every file stored at its exact size, in the order
// asked for, then manifest.json and manifest.csv. Nothing is written before
// the picture is decoded, so that an early failure can still be answered. The
// files are made at their own pace, on disk, however slowly w takes them.
func (p *Pack) Write(ctx context.Context, w io.Writer) error { return p.write(ctx, w) }

// ExportPack does what [Service.ExportPack] promises.
func (s *pictures) ExportPack(ctx context.Context, id SessionID, r PackRequest) (*Pack, error) {
	sess, err := s.session(ctx, s.repo, id)
	if err != nil {
		return nil, err
	}
	img, err := s.image(ctx, s.repo, r.ImageID)
	if err != nil {
		return nil, err
	}
	if img.SessionID != sess.ID {
		return nil, &Error{Code: ImageNotFound}
	}
	specs, purposes, err := s.packSpecs(ctx, img, r, nil)
	if err != nil {
		return nil, err
	}
	title := sess.Title
	if title == "" {
		title = "images"
	}
	return &Pack{Name: finish.SafeName(title + ".zip"), Files: len(specs), write: func(ctx context.Context, w io.Writer) error {
		return s.writePack(ctx, w, img, s.wordsFor(ctx, img), specs, purposes)
	}}, nil
}

// packSpecs lists the files of a request for an image. A format that a purpose
// does not accept fails the request, unless refused is there to take the reason
// by the file's place.
func (s *pictures) packSpecs(ctx context.Context, img *Image, r PackRequest, refused map[int]error) ([]finish.Spec, []Purpose, error) {
	formats := r.Formats
	if len(formats) == 0 {
		formats = []string{""}
	}
	if len(r.Purposes) == 0 {
		return nil, nil, invalid("purposes", "required", 1, maxPack)
	}
	if len(r.Purposes)*len(formats) > maxPack {
		return nil, nil, invalid("purposes", "too_many", 1, maxPack)
	}
	for id := range r.Focuses {
		if !slices.Contains(r.Purposes, id) {
			return nil, nil, invalid("focuses", "unknown")
		}
	}
	var specs []finish.Spec
	var purposes []Purpose
	for _, id := range r.Purposes {
		for _, format := range formats {
			spec, p, err := s.finishSpec(ctx, img, ExportSpec{Purpose: id, Width: r.Width, Height: r.Height, Format: format, Fit: r.Fit, Focus: r.focusOf(id), Background: r.Background})
			if refused != nil && isFormatRefusal(err) {
				refused[len(specs)] = err
			} else if err != nil {
				return nil, nil, err
			}
			if slices.ContainsFunc(purposes, func(q Purpose) bool { return q.ID == p.ID }) && len(formats) == 1 {
				continue // named twice
			}
			specs, purposes = append(specs, spec), append(purposes, p)
		}
	}
	return specs, purposes, nil
}

// wordsFor are the words in which the person asked for an image: what was
// sent to the model holds instructions that are nobody's business outside.
func (s *pictures) wordsFor(ctx context.Context, img *Image) string {
	if img.MessageID == "" {
		return ""
	}
	answer, err := s.repo.GetMessage(ctx, img.MessageID)
	if err != nil {
		return ""
	}
	t, err := s.repo.GetTurn(ctx, answer.TurnID)
	if err != nil {
		return ""
	}
	return t.Request.Content
}

// writePack makes the ZIP in a scratch file and copies it to w as it grows.
func (s *pictures) writePack(ctx context.Context, w io.Writer, img *Image, words string, specs []finish.Spec, purposes []Purpose) error {
	f, err := s.newScratch(ctx)
	if err != nil {
		return err
	}
	defer f.Close()
	making, giveUp := context.WithCancel(ctx)
	t, made := newTail(f), make(chan struct{})
	go func() {
		defer close(made)
		defer func() { // a fault of one archive must not end the server
			if p := recover(); p != nil {
				s.log.Error("an archive came to an impossible end", "image", img.ID, "panic", p, "stack", string(debug.Stack()))
				t.end(&Error{Code: Internal})
			}
		}()
		t.end(s.makePack(making, t, img, words, specs, purposes))
	}()
	err = t.copyTo(w)
	giveUp()
	<-made
	return err
}

func (s *pictures) makePack(ctx context.Context, w io.Writer, img *Image, words string, specs []finish.Spec, purposes []Purpose) error {
	src, err := s.lib.openBlob(ctx, img.Blob)
	if err != nil {
		return err
	}
	defer src.Close()
	z := finish.NewZipWriter(w, s.now())
	err = finish.Pack(forOwner(ctx), src, specs, s.exportOptions(ctx, img), func(i int, r finish.Result, err error) error {
		if err != nil {
			return err // a pack with a file missing would be taken for whole
		}
		p := purposes[i]
		return z.Add(finish.ManifestEntry{
			Name: finish.EntryName(i+1, len(specs), p.ID, r), Purpose: p.ID, SourceImage: string(img.ID),
			Prompt: words, Model: img.ModelUsed, SpecSource: p.Source, SpecDate: p.CheckedOn,
		}, r)
	})
	if err != nil {
		return keptError(src.reason(err))
	}
	if err := z.Close(); err != nil {
		return err
	}
	s.markExported(ctx, img.ID)
	return nil
}
