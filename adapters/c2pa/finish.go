package c2pa

import (
	"io"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat/finish"
)

// Seal prepares signing the files that are made of one source. It is what
// package finish asks of whoever signs.
func (s *Signer) Seal(origin finish.Origin, source io.Reader) (finish.Seal, error) {
	p := Source{Title: origin.Title, MIMEType: origin.MIMEType, ID: origin.ID}
	if source != nil {
		file, err := io.ReadAll(io.LimitReader(source, maxSource))
		if err != nil {
			return nil, err
		}
		p.File = file
	}
	return &seal{signer: s, parent: NewParent(p), sourceType: origin.DigitalSourceType}, nil
}

// maxSource is the largest source whose manifest is carried on, in bytes. A
// larger one is a parent without a manifest.
const maxSource = 64 << 20

type seal struct {
	signer     *Signer
	parent     *Parent
	sourceType string
}

// Room is the most that Sign adds.
func (s *seal) Room(steps finish.Steps) (int64, error) {
	return s.signer.Room(s.parent, s.actions(steps))
}

// Sign puts the manifest into a finished file.
func (s *seal) Sign(file []byte, steps finish.Steps) ([]byte, error) {
	return s.signer.Sign(file, s.parent, s.actions(steps))
}

// actions tells the steps in the words of C2PA 2.2, 18.15.
func (s *seal) actions(steps finish.Steps) []Action {
	all := []Action{{Name: "c2pa.opened", DigitalSourceType: s.sourceType}}
	for _, step := range []struct {
		done bool
		Action
	}{
		{steps.Cropped, Action{Name: "c2pa.cropped"}},
		{steps.Resized, Action{Name: "c2pa.resized"}},
		{steps.Sharpened, Action{Name: "c2pa.filtered", Description: "Sharpened after scaling."}},
		{steps.ColorAdjusted, Action{Name: "c2pa.color_adjustments", Description: "Converted to sRGB."}},
		{steps.Placed, Action{Name: "c2pa.edited", Description: "Set on a background."}},
		{steps.Converted, Action{Name: "c2pa.converted"}},
	} {
		if step.done {
			all = append(all, step.Action)
		}
	}
	return all
}
