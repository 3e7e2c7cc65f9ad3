package imagechat

import (
	"context"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat/finish"
)

// demoModel is the offline generator's model. Its pictures say what they are
// in every file, whatever a crop leaves of them.
const demoModel = "demo"

// exportOptions are what every file made of a picture has in common: what it
// says of its origin, and who signs that.
func (s *pictures) exportOptions(ctx context.Context, img *Image) *finish.Options {
	o := &finish.Options{Limits: ownLimits, Signer: s.o.Signer, Origin: finish.Origin{
		Title: "original." + finish.Format(img.Format).Extension(), MIMEType: img.MIMEType, ID: "urn:uuid:" + string(img.ID),
	}}
	if img.Role != ImageGenerated {
		return o // a person's own photograph must not be called machine-made
	}
	kind := s.sourceType(ctx, img)
	o.Origin.DigitalSourceType = kind
	o.Provenance = &finish.Provenance{
		ImageID: string(img.ID), SourceSHA256: string(img.Blob), Model: img.ModelUsed, Software: "Gemini Image Chat", DigitalSourceType: kind,
	}
	if img.ModelUsed == demoModel {
		o.Stamp = "DEMO"
		o.Provenance.Model = "" // drawn by a program; no AI system was used
	}
	return o
}

// maxAncestors bounds how far back a picture's origin is followed.
const maxAncestors = 64

// sourceType is how a generated picture came about, in IPTC's words: wholly by
// a model, by a model from what a person gave, or, in the demo, by a program.
func (s *pictures) sourceType(ctx context.Context, img *Image) string {
	composite := s.isComposite(ctx, img)
	switch {
	case img.ModelUsed == demoModel && composite:
		return finish.Composite
	case img.ModelUsed == demoModel:
		return finish.AlgorithmicMedia
	case composite:
		return finish.CompositeWithTrainedAlgorithmicMedia
	}
	return finish.TrainedAlgorithmicMedia
}

// isComposite reports whether a person's own picture went into this one or
// into one that it was made from. What cannot be read any more counts for
// nothing: the file then says what is known.
func (s *pictures) isComposite(ctx context.Context, img *Image) bool {
	for range maxAncestors {
		if m, err := s.repo.GetMessage(ctx, img.MessageID); err == nil {
			if t, err := s.repo.GetTurn(ctx, m.TurnID); err == nil && len(t.Request.ReferenceIDs) > 0 {
				return true
			}
		}
		if img.ParentID == "" {
			return false
		}
		parents, err := s.repo.GetImages(ctx, img.ParentID)
		if err != nil || len(parents) != 1 || parents[0].Owner != img.Owner {
			return false
		}
		if img = parents[0]; img.Role != ImageGenerated {
			return true
		}
	}
	return false
}
