package imagechat

import (
	"context"
	"regexp"
	"slices"
	"strings"
)

// anchorImage is the image that a request builds on, nil when there is none:
// the chosen one, else for a free talk the session's newest, or the one of the
// newest answer's pictures that the person names by its number.
func (s *rules) anchorImage(ctx context.Context, sess *Session, r *TurnRequest) (*Image, error) {
	if r.ImageID != "" {
		return s.image(ctx, s.repo, r.ImageID)
	}
	if r.Kind != KindConverse || sess.ImagesGenerated == 0 {
		return nil, nil
	}
	return spokenOf(ctx, s.repo, sess, r.Content)
}

// spokenOf is the picture that words without a chosen one speak of, nil where
// the session has none.
func spokenOf(ctx context.Context, r ImageStore, sess *Session, words string) (*Image, error) {
	newest, err := r.ListImages(ctx, ImageFilter{Owner: sess.Owner, SessionID: sess.ID, Role: ImageGenerated, Limit: 1})
	if err != nil || len(newest) == 0 {
		return nil, err
	}
	n := pictureNumber(words)
	if n == 0 || newest[0].MessageID == "" {
		return newest[0], nil
	}
	siblings, err := r.ListImages(ctx, ImageFilter{Owner: sess.Owner, Messages: []MessageID{newest[0].MessageID}})
	if err != nil {
		return nil, err
	}
	if len(siblings) > 1 && n <= len(siblings) {
		return siblings[n-1], nil
	}
	return newest[0], nil
}

// A number counts only beside a word for a picture: "the third line" and
// "2번 출구" are no choice.
var (
	numberedKO = regexp.MustCompile(`(첫|두|세|네|[1-4])\s*(?:번째|번)\s*(?:그림|이미지|사진|시안|버전|것|거|걸|게)`)
	numberedEN = regexp.MustCompile(`(?i)\b(?:(first|second|third|fourth|1st|2nd|3rd|4th)\s+(?:picture|image|photo|version|variant|option|one)|(?:picture|image|photo|version|variant|option|number)\s+([1-4]))\b`)
	numbers    = [MaxCount][]string{
		{"첫", "1", "first", "1st"}, {"두", "2", "second", "2nd"}, {"세", "3", "third", "3rd"}, {"네", "4", "fourth", "4th"},
	}
)

// pictureNumber is the number, from 1, of the picture that words name; 0 when
// they name none.
func pictureNumber(words string) int {
	found := numberedKO.FindStringSubmatch(words)
	if found == nil {
		found = numberedEN.FindStringSubmatch(words)
	}
	for _, word := range found[min(1, len(found)):] {
		for i, names := range numbers {
			if slices.Contains(names, strings.ToLower(word)) {
				return i + 1
			}
		}
	}
	return 0
}

// exchange is a person's message and its answer.
type exchange struct{ said, answer *Message }

// line is the part of a conversation that a picture came out of. What the model
// is told is what the person sees on that line: pictures that were made from
// others, and the talk about them, would tell another story.
type line struct {
	anchor *Image // nil: all of the conversation
	// chosen says that the person picked the anchor, and did not merely talk on.
	chosen bool
	// back says that the anchor is not the newest picture: the line goes back
	// before what was made since.
	back bool
	on   map[ImageID]bool // the anchor and what it was made from
	gone map[ImageID]bool // whatever another picture was made from
}

func lineOf(talk []exchange, anchor *Image, chosen bool) *line {
	l := &line{anchor: anchor, chosen: chosen, on: map[ImageID]bool{}, gone: map[ImageID]bool{}}
	parents := map[ImageID]ImageID{}
	for _, x := range talk {
		for i := range x.answer.Images {
			img := &x.answer.Images[i]
			parents[img.ID] = img.ParentID
			l.gone[img.ParentID] = true
		}
	}
	if anchor != nil {
		parents[anchor.ID] = anchor.ParentID
		for id := anchor.ID; id != "" && !l.on[id]; id = parents[id] {
			l.on[id] = true
		}
	}
	return l
}

// tell returns the line's exchanges as the model must hear them.
func (l *line) tell(talk []exchange) []Utterance {
	var out []Utterance
	begun, aside := false, false
	for _, x := range talk {
		if n := len(x.answer.Images); n > 0 {
			here := slices.ContainsFunc(x.answer.Images, func(img Image) bool { return l.on[img.ID] })
			// One picture before the line began is part of the talk; several,
			// none of which was taken up, were passed over.
			aside = l.anchor != nil && !here && (begun || n > 1)
			begun = begun || here
			l.back = l.back || aside && begun
		}
		if !aside {
			out = append(out, utterance(x.said), l.answer(x.answer))
		}
	}
	return out
}

// answer tells an answer of several pictures as the one that the talk went on
// with. While none is chosen, all are told, without the model's own parts:
// these were several answers and cannot be repeated as one.
func (l *line) answer(m *Message) Utterance {
	u := utterance(m)
	if len(m.Images) < 2 {
		return u
	}
	took := -1
	for i := range m.Images {
		id := m.Images[i].ID
		switch {
		case l.anchor == nil && l.gone[id], l.on[id] && (l.chosen || id != l.anchor.ID):
			took = i
		}
	}
	if took < 0 {
		u.Parts = nil
		return u
	}
	u.Images = []InputImage{*inputImage(&m.Images[took], "")}
	u.Parts = answerOf(m.Parts, m.Images[took].Blob)
	return u
}

// answerOf are the parts of the one answer that brought a picture.
func answerOf(parts []Part, picture BlobKey) []Part {
	i := slices.IndexFunc(parts, func(p Part) bool { return p.Blob == picture && !p.Thought })
	if i < 0 {
		return nil
	}
	var out []Part
	for _, p := range parts {
		if p.Answer == parts[i].Answer {
			out = append(out, p)
		}
	}
	return out
}
