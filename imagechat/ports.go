package imagechat

import (
	"context"
	"io"
	"iter"
	"os"
	"slices"
	"time"
)

// Ports are what a Service stands on. Publisher may be nil; everything else is
// required. One Service at a time runs on a repository and a blob store, also
// with a Publisher that reaches other machines: those serve readers. Stores
// that are a [Locker] refuse a second Service; without that ability the
// program must see to it.
type Ports struct {
	Generator  Generator
	Repository Repository
	Blobs      BlobStore
	Spool      Spool
	Publisher  Publisher
}

// Generator makes pictures and words. Implementations are safe for
// concurrent use, hold no conversation state, and never retry: whether a
// call may be repeated is the Service's decision alone.
type Generator interface {
	// Name is a short word for people: "gemini", "demo".
	Name() string
	// Models lists what can be asked for, the default one marked.
	Models() []Model
	// Model describes one id. Unknown ids get ModelUnlisted and
	// conservative capabilities.
	Model(id string) Model
	// Generate makes one call and blocks until it ended.
	//
	// Every image and thought signature of the answer is written through
	// call.Spool as it arrives, and is committed before Generate returns.
	// call.Progress, if not nil, is told of text as it comes.
	//
	// A failure is an *Error with Code, Reason (the maker's own words),
	// Retryable, RetryAfter and Charge set: ChargeNone only when the
	// request surely cost nothing (an HTTP error answer 429, 500 or 503, or
	// no connection before the request was sent). Beside the error, a
	// Result may be returned whose Usage, Cost and ids are to be booked.
	// A refusal is ContentBlocked, an empty answer or NO_IMAGE is
	// NoImageReturned, an answer of words alone is no failure here.
	//
	// When ctx ends, Generate returns soon with an error that wraps ctx.Err().
	Generate(ctx context.Context, call *Call) (*Result, error)
}

// HealthChecker is implemented by ports that can tell whether they work.
type HealthChecker interface {
	// CheckHealth returns nil, or why the port does not work now. It is
	// cheap enough to be asked every few seconds.
	CheckHealth(ctx context.Context) error
}

// Maintainer is implemented by repositories that tidy up now and then, such
// as giving back the disk space of what was deleted.
type Maintainer interface {
	// Maintain is called a few times a day, beside everything else. It
	// returns when the work is done or ctx ends.
	Maintain(ctx context.Context) error
}

// Warner is implemented by ports that know of a trouble that does not stop
// them, such as a configured model about to be shut down, or a damaged page.
type Warner interface {
	// Warnings returns sentences for the operator that say what to do, none
	// when all is well.
	Warnings() []Localized
}

// Call is one request to a Generator.
type Call struct {
	Attempt AttemptID
	Kind    TurnKind
	Lang    Lang
	Model   string // never empty
	Prompt  Prompt
	// Request is what the person asked, for generators that draw from it.
	Request TurnRequest
	Purpose Purpose
	Style   Style // zero when none
	// AspectRatio ("16:9") and Size ("1K") are empty when not to be sent.
	AspectRatio string
	Size        string
	Thinking    string
	// Index is the picture's place among those asked for, from 0.
	Index int
	// Context says how the conversation is to be told. The Service chooses
	// ContextReplay only when every part of History is at hand, made by
	// Model, within the byte budget, and its last picture is Anchor.
	Context ContextMode
	// Anchor is the image to edit, nil when there is none. With
	// ContextReplay it is the last picture of History and is not attached
	// again; with ContextAnchor it goes along before all other images, and
	// of History only a short written summary is told.
	Anchor *InputImage
	// References are the images sent along, in the order they are spoken of.
	References []InputImage
	// History is what was said before, oldest first, ending before the
	// present utterance.
	History []Utterance
	// Blobs opens the images of Anchor, References and History.
	Blobs BlobStore
	// Spool takes the bytes of the answer.
	Spool AttemptSpool
	// Progress may be nil. It must not block and is called from one
	// goroutine at a time.
	Progress func(Progress)
}

// InputImage is an image that goes into a request.
type InputImage struct {
	ID       ImageID
	Blob     BlobKey
	Bytes    int64
	MIMEType string
	Width    int
	Height   int
	Role     string // "product", "person", "style", "logo", "marks", "" for a plain reference
}

// Utterance is one earlier message, as the model must hear it again.
type Utterance struct {
	Role  Role
	Text  string // people's words
	Model string // the id that made it, for RoleAssistant
	// Parts is the model's turn as it came (RoleAssistant). Without parts
	// the turn was made by something that keeps none.
	Parts []Part
	// Images are those that went or came with the message, in the order that
	// the person counts them in. Of an answer of several pictures of which the
	// talk went on with one, that one alone is told; until then all of them,
	// and without Parts.
	Images []InputImage
}

// Progress is told while a call runs; one field is set.
type Progress struct {
	Text     string // the reply's words so far, all of them
	Thinking string // a summary of the model's thoughts so far
	Drawing  bool   // the picture is being made
}

// Result is a whole answer.
type Result struct {
	// Parts is the answer in order, byte for byte; blobs are in the spool.
	Parts        []Part      `json:"parts"`
	Usage        Tokens      `json:"usage"`
	Cost         USD         `json:"cost"`
	Model        string      `json:"model"`
	ModelVersion string      `json:"model_version,omitempty"`
	ResponseID   string      `json:"response_id,omitempty"`
	Context      ContextMode `json:"context,omitempty"`
	// Partial: the call was cut off after a whole picture had come.
	Partial bool `json:"partial,omitempty"`
	// Duration is how long the call took, PromptUsed what was asked, and
	// Anchor the image that the call built on; the Service sets them.
	Duration   time.Duration `json:"duration"`
	PromptUsed string        `json:"prompt_used,omitempty"`
	Anchor     ImageID       `json:"anchor,omitempty"`
	// Error is set where some words or numbers were lost, but not the picture.
	Error *Error `json:"error,omitempty"`
}

// Text is the answer's words, drafts and thoughts left out. Words on two sides
// of a picture are parted.
func (r *Result) Text() string {
	var s string
	parted := false
	for i := range r.Parts {
		switch p := &r.Parts[i]; {
		case p.IsPicture():
			parted = s != ""
		case !p.Thought && p.Blob == "" && p.Text != "":
			if parted {
				s += "\n\n"
			}
			s += p.Text
			parted = false
		}
	}
	return s
}

// Pictures are the answer's pictures in order, each once. Drafts are none.
func (r *Result) Pictures() []*Part {
	var all []*Part
	for i := range r.Parts {
		p := &r.Parts[i]
		if p.IsPicture() && !slices.ContainsFunc(all, func(q *Part) bool { return q.Blob == p.Blob }) {
			all = append(all, p)
		}
	}
	return all
}

// Image returns the last of Pictures, nil when there is none.
func (r *Result) Image() *Part {
	if all := r.Pictures(); len(all) > 0 {
		return all[len(all)-1]
	}
	return nil
}

// AttemptSpool is the spool of one attempt.
type AttemptSpool interface {
	// Create opens a new file for bytes that are about to arrive.
	Create(ctx context.Context, kind SpoolKind) (SpoolWriter, error)
}

// SpoolKind says what spooled bytes are.
type SpoolKind string

// The kinds of spooled bytes.
const (
	SpoolImage     SpoolKind = "image"
	SpoolDraft     SpoolKind = "draft" // an image that is only a thought
	SpoolSignature SpoolKind = "signature"
	SpoolResult    SpoolKind = "result" // the manifest: a Result as JSON
)

// Valid reports whether k has the form of a kind: 1–32 lower-case letters.
func (k SpoolKind) Valid() bool {
	for _, c := range []byte(k) {
		if c < 'a' || c > 'z' {
			return false
		}
	}
	return len(k) >= 1 && len(k) <= 32
}

// SpoolWriter takes bytes as they arrive. It is used by one goroutine.
type SpoolWriter interface {
	io.Writer
	// Commit makes the bytes durable (data and name synced) and known by
	// their hash. Only then do they count as received.
	Commit() (SpoolEntry, error)
	// Abort drops what was written. After Commit it does nothing, so it
	// can be deferred.
	Abort()
}

// DraftMarker is implemented by spool writers whose entry can still become a
// SpoolDraft. An answer marks a picture as a mere thought behind its bytes, at
// times megabytes behind; generators abort a draft that they cannot mark, so
// that it is never taken for a picture.
type DraftMarker interface {
	// MarkDraft makes the entry a SpoolDraft, before Commit or, durably, after it.
	MarkDraft() error
}

// SpoolEntry is one received, durable piece of an answer.
type SpoolEntry struct {
	Attempt AttemptID
	Kind    SpoolKind
	// N counts the entries of an attempt from 0, in the order of Create; an
	// entry that was never committed may leave a gap.
	N    int
	Blob BlobKey // SHA-256 of the bytes
	Size int64   // bytes
	Time time.Time
}

// Spool is where bytes land first: on a local disk, durable, named by the
// attempt that they belong to, so that a restart can tell what was received
// even when nothing else was recorded. Implementations are safe for
// concurrent use. Failures wrap StorageFull or StorageUnavailable.
type Spool interface {
	// Create opens a new entry. Until Commit nothing is listed. A malformed
	// attempt or kind is InvalidRequest.
	Create(ctx context.Context, attempt AttemptID, kind SpoolKind) (SpoolWriter, error)
	// List returns the committed entries of one attempt by N, or of all
	// attempts (by attempt, then N) when attempt is empty.
	List(ctx context.Context, attempt AttemptID) ([]SpoolEntry, error)
	// Open reads an entry. NotFound if it is gone.
	Open(ctx context.Context, e SpoolEntry) (io.ReadSeekCloser, error)
	// Remove drops everything of an attempt, unfinished writes too. It is
	// no error if there is nothing.
	Remove(ctx context.Context, attempt AttemptID) error
	// Sweep removes unfinished writes older than before.
	Sweep(ctx context.Context, before time.Time) error
}

// SpaceReporter is implemented by stores that know how much room is left.
type SpaceReporter interface {
	// FreeBytes returns the bytes that can still be written.
	FreeBytes(ctx context.Context) (int64, error)
}

// Scratcher is implemented by blob stores with room for files that are worked
// on. Without it they lie in the system's directory for temporary files.
type Scratcher interface {
	// Scratch opens an empty file that nobody else sees. gone closes it and
	// drops its bytes; those of a process that was killed are dropped later.
	Scratch(ctx context.Context) (f *os.File, gone func() error, err error)
}

// BlobInfo describes a stored blob.
type BlobInfo struct {
	Key  BlobKey
	Size int64
	Time time.Time // when it was written
}

// BlobStore keeps immutable bytes under their SHA-256. Implementations are
// safe for concurrent use. Failures wrap NotFound, StorageFull or
// StorageUnavailable; a malformed key is NotFound.
type BlobStore interface {
	// Put reads r to its end and stores it durably under key; it fails with
	// InvalidRequest, leaving nothing, when the bytes have another hash. Putting
	// what is already there is no error and renews its Time, so that a sweep
	// of old orphans spares it. Nobody sees half a blob.
	Put(ctx context.Context, key BlobKey, r io.Reader) error
	// Open reads a blob. The reader also implements io.ReaderAt where the
	// store can; local stores return *os.File so that servers can use
	// sendfile. Seek(0, io.SeekEnd) tells the size.
	Open(ctx context.Context, key BlobKey) (io.ReadSeekCloser, error)
	// Stat describes a blob, or fails with NotFound.
	Stat(ctx context.Context, key BlobKey) (BlobInfo, error)
	// Delete removes a blob; one that is not there is no error.
	Delete(ctx context.Context, key BlobKey) error
	// List yields every blob, in no order.
	List(ctx context.Context) iter.Seq2[BlobInfo, error]
}

// SpoolAdopter is implemented by blob stores that can take over a spooled
// file without copying it.
type SpoolAdopter interface {
	// Adopt stores the entry's bytes under e.Blob, durably, as Put does. The
	// entry stays listed until the spool removes it. Adopting twice is no
	// error; NotFound if the entry is gone.
	Adopt(ctx context.Context, e SpoolEntry) error
}

// Publisher carries word of what happens between the Service and its
// subscriptions, in this process or across machines. It may lose signals
// (subscriptions catch up from the Repository by sequence number) but never
// blocks for long.
type Publisher interface {
	// Publish tells every subscriber of the session.
	Publish(ctx context.Context, s Signal) error
	// Subscribe calls fn for every signal of the session that is published
	// after Subscribe returned, one at a time and in order, until cancel is
	// called. fn must not block. After cancel returned fn is not called again.
	Subscribe(session SessionID, fn func(Signal)) (cancel func())
}

// Signal is a bell: a durable event up to Seq can be read now, or a Hint.
type Signal struct {
	SessionID SessionID
	Seq       int64
	// Event is the event of Seq itself where it travels along, to spare a read.
	Event *Event
	Hint  *Hint
	// Deleted tells that the session is gone.
	Deleted bool
}
