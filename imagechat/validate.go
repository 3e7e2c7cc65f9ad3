package imagechat

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Bounds of what people may write, in runes.
const (
	MaxContent       = 2000
	MaxTitle         = 200
	MaxAltText       = 1000
	MaxReferences    = 14 // the most that any known model takes
	MaxCount         = 4
	MaxGuidelines    = 16 << 10 // bytes of brand_guidelines as JSON
	MaxIdempotency   = 255
	titleFromContent = 40
)

// checkText checks a person's words against bounds in runes.
func checkText(location, text string, least, most int) error {
	switch n := utf8.RuneCountInString(text); {
	case !utf8.ValidString(text):
		return invalid(location, "not_utf8")
	case strings.ContainsRune(text, 0):
		return invalid(location, "nul")
	case least > 0 && strings.TrimSpace(text) == "":
		return invalid(location, "required", least, most)
	case n < least:
		return invalid(location, "too_short", least, most)
	case n > most:
		return invalid(location, "too_long", least, most)
	}
	return nil
}

func checkSide(location string, px int) error {
	if px != 0 && (px < MinCustomSide || px > MaxCustomSide) {
		return invalid(location, "range", MinCustomSide, MaxCustomSide)
	}
	return nil
}

// checkJSON bounds a free object and refuses what no store can keep.
func checkJSON(location string, v map[string]any) error {
	b, err := json.Marshal(v)
	switch {
	case err != nil:
		return invalid(location, "type")
	case len(b) > MaxGuidelines:
		return invalid(location, "too_many_bytes", 0, MaxGuidelines)
	case strings.Contains(string(b), `\u0000`):
		return invalid(location, "nul")
	}
	return nil
}

var uuidForm = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// idForm reports whether id can be one of ours, so that nothing else reaches a store.
func idForm[T ~string](id T) bool { return uuidForm.MatchString(string(id)) }

// checkRequest checks everything about a turn that needs no store, and
// fills in what was left open.
func (s *rules) checkRequest(sess *Session, r *TurnRequest) error {
	switch r.Kind {
	case KindConverse, KindChat, KindGenerate, KindRefine:
	case "":
		return invalid("kind", "required")
	default:
		return invalid("kind", "unknown")
	}
	checks := []error{
		checkText("content", r.Content, 1, MaxContent),
		checkSide("custom_width", r.CustomWidth),
		checkSide("custom_height", r.CustomHeight),
		checkText("model", r.Model, 0, 200),
		checkText("thinking", r.Thinking, 0, 20),
	}
	if r.StylePreset != "" {
		if _, ok := StyleByID(r.StylePreset); !ok {
			checks = append(checks, invalid("style_preset", "unknown"))
		}
	}
	if r.Count < 0 || r.Count > MaxCount {
		checks = append(checks, invalid("count", "range", 1, MaxCount))
	}
	if len(r.ReferenceIDs) > MaxReferences {
		checks = append(checks, invalid("reference_image_ids", "too_many", 0, MaxReferences))
	}
	checks = append(checks, checkRoles(r), s.checkCustom(sess, r), checkTalk(r))
	if err := joinFields(checks...); err != nil {
		return err
	}
	s.fillRequest(sess, r)
	if _, err := s.purpose(r); err != nil {
		return err
	}
	return s.checkModel(r, changesPicture(sess, r))
}

// checkRoles wants a known role for references that are there.
func checkRoles(r *TurnRequest) error {
	for _, role := range r.ReferenceRoles {
		switch role {
		case "", "product", "person", "style", "logo", "marks":
		default:
			return invalid("reference_roles", "unknown")
		}
	}
	if len(r.ReferenceRoles) > len(r.ReferenceIDs) {
		return invalid("reference_roles", "more_than_references")
	}
	return nil
}

// checkCustom makes a request with a size of its own a custom one, whatever
// the session's purpose. Both sides are needed, and another purpose than the
// session's cannot be meant at the same time.
func (s *rules) checkCustom(sess *Session, r *TurnRequest) error {
	switch {
	case r.CustomWidth == 0 && r.CustomHeight == 0:
		return nil
	case r.CustomWidth == 0:
		return invalid("custom_width", "both_sides")
	case r.CustomHeight == 0:
		return invalid("custom_height", "both_sides")
	}
	if p, ok := s.o.Purposes.Get(r.ImagePurpose); ok && !p.IsCustom() && p.ID != sess.ImagePurpose {
		return invalid("image_purpose", "not_custom")
	}
	if _, known := s.o.Purposes.Get(r.ImagePurpose); known || r.ImagePurpose == "" {
		r.ImagePurpose = CustomPurpose
	}
	return nil
}

// checkTalk refuses what a request says about pictures where none is drawn.
func checkTalk(r *TurnRequest) error {
	if r.Kind != KindChat {
		return nil
	}
	var checks []error
	if r.Count > 1 {
		checks = append(checks, invalid("count", "no_picture"))
	}
	if r.ImageSize != "" {
		checks = append(checks, invalid("image_size", "no_picture"))
	}
	return joinFields(checks...)
}

// changesPicture tells whether a picture goes along with a request that it is
// made from, or may: it is one of those that a model takes.
func changesPicture(sess *Session, r *TurnRequest) bool {
	return r.ImageID != "" || r.Kind == KindRefine || r.Kind == KindConverse && sess.ImagesGenerated > 0
}

func (s *rules) fillRequest(sess *Session, r *TurnRequest) {
	if r.ImagePurpose == "" {
		r.ImagePurpose = sess.ImagePurpose
	}
	if p, ok := s.o.Purposes.Get(r.ImagePurpose); ok {
		r.ImagePurpose = p.ID // an alias becomes the id
	}
	if r.StylePreset == "" {
		r.StylePreset = sess.StylePreset
	}
	if r.CustomWidth == 0 && r.ImagePurpose == CustomPurpose {
		r.CustomWidth, r.CustomHeight = sess.CustomWidth, sess.CustomHeight
	}
	if r.Model == "" {
		r.Model = s.DefaultModel()
	} else {
		r.Model = s.gen.Model(r.Model).ID // "models/x" is x
	}
	if r.Count == 0 || r.Kind == KindChat {
		r.Count = 1
	}
	if r.Lang == "" {
		r.Lang = s.o.Lang
	}
}

// mayAsk tells whether a request may name a model: one that the generator
// lists, the configured one, and what the operator allows beside these. Any
// other would be asked with the operator's key at a price that nobody knows.
func (s *rules) mayAsk(id string, m Model) bool {
	return m.Status != ModelUnlisted || id == s.DefaultModel() || slices.Contains(s.o.AllowedModels, id)
}

// checkModel checks what depends on the model; changes tells that a picture to
// change goes along.
func (s *rules) checkModel(r *TurnRequest, changes bool) error {
	m := s.gen.Model(r.Model)
	if !s.mayAsk(r.Model, m) {
		return invalid("model", "unknown")
	}
	if m.Status == ModelGone {
		return &Error{Code: ModelUnavailable, Params: map[string]string{"model": m.ID, "replacement": m.Replacement}}
	}
	if r.ImageSize != "" && !m.Supports(r.ImageSize) {
		// The default size of a model with one size only is never sent.
		if len(m.Sizes) > 0 || r.ImageSize != m.DefaultSize {
			return invalid("image_size", "unknown")
		}
		r.ImageSize = ""
	}
	if r.Thinking != "" && !slices.Contains(m.Thinking, r.Thinking) {
		return invalid("thinking", "unknown")
	}
	most := m.MaxReferences
	if changes {
		most--
	}
	if m.MaxReferences > 0 && len(r.ReferenceIDs) > most {
		return invalid("reference_image_ids", "too_many", 0, most)
	}
	return nil
}

// purpose resolves where the picture will go. A custom one needs its size only
// where a picture must be made from nothing: talk needs none, and a change
// keeps the size of the picture that it starts from.
func (s *rules) purpose(r *TurnRequest) (Purpose, error) {
	ratios := s.gen.Model(r.Model).Ratios
	w, h := r.CustomWidth, r.CustomHeight
	if w == 0 && h == 0 && r.Kind != KindGenerate {
		if p, ok := s.o.Purposes.Get(r.ImagePurpose); ok && p.IsCustom() {
			return p, nil
		}
	}
	return s.o.Purposes.Resolve(r.ImagePurpose, w, h, ratios)
}

// joinFields merges field errors into one, so that people see all of them.
func joinFields(errs ...error) error {
	var all *Error
	for _, err := range errs {
		if err == nil {
			continue
		}
		e, ok := errors.AsType[*Error](err)
		if !ok {
			return err
		}
		if all == nil {
			all = &Error{Code: e.Code}
		}
		all.Fields = append(all.Fields, e.Fields...)
	}
	if all == nil {
		return nil
	}
	return all
}

// hashRequest is what two requests of one idempotency key must share.
func hashRequest(r TurnRequest) string {
	r.Lang = "" // the same request from another browser language is the same request
	r.RequestID = ""
	if r.ReferenceKey != "" {
		r.ReferenceIDs = []ImageID{ImageID(r.ReferenceKey)}
	}
	b, _ := json.Marshal(r)
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// titleFrom makes a title of a first message: its first line, shortened at a
// word where one ends near.
func titleFrom(content string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(content), "\n")
	line = strings.Join(strings.Fields(line), " ")
	runes := []rune(line)
	if len(runes) <= titleFromContent {
		return line
	}
	cut := titleFromContent - 1
	for i := cut; i > titleFromContent/2; i-- {
		if runes[i] == ' ' {
			cut = i
			break
		}
	}
	return string(runes[:cut]) + "…"
}

// Cursors are the position of a page's last row: microseconds and id. Before
// them stands the list that they belong to.

const (
	sessionCursor = "s"
	updatedCursor = "u"
	imageCursor   = "i"
)

func encodeCursor(list string, t time.Time, id string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(list + ":" + strconv.FormatInt(t.UnixMicro(), 36) + "." + id))
}

func decodeCursor(list, cursor string) (Position, error) {
	if cursor == "" {
		return Position{}, nil
	}
	bad := invalid("cursor", "unknown")
	if len(cursor) > 200 {
		return Position{}, bad
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return Position{}, bad
	}
	of, position, named := strings.Cut(string(raw), ":")
	if !named { // those of earlier versions
		of, position = list, string(raw)
	}
	micros, id, ok := strings.Cut(position, ".")
	n, err := strconv.ParseInt(micros, 36, 64)
	if of != list || !ok || err != nil || n <= 0 || n > math.MaxInt64/2 || !idForm(id) {
		return Position{}, bad
	}
	return Position{Time: time.UnixMicro(n).UTC(), ID: id}, nil
}

func limitOr(n, fallback, most int) int {
	if n <= 0 {
		return fallback
	}
	return min(n, most)
}

// notFoundAs gives a repository's NotFound the code of what was looked for.
func notFoundAs(err error, code Code) error {
	if err != nil && errors.Is(err, NotFound) {
		return &Error{Code: code, Err: err}
	}
	return err
}
