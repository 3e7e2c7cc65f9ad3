package imagechat

import (
	"context"
	"io"
	"iter"
	"time"
)

// Ports are what a Service stands on. Publisher may be nil (one process);
// everything else is required.
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

// Warner is implemented by generators that know of a trouble that does not
// stop them, such as a configured model about to be shut down.
type Warner interface {
	// Warnings returns sentences for the operator, none when all is well.
	Warnings() []string
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
	Role     string // "product", "person", "style", "logo", "" for a plain reference
}

// Utterance is one earlier message, as the model must hear it again.
type Utterance struct {
	Role  Role
	Text  string // people's words
	Model string // the id that made it, for RoleAssistant
	// Parts is the model's turn as it came (RoleAssistant). Without parts
	// the turn was made by something that keeps none.
	Parts []Part
	// Images are those that went or came with the message.
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
	// Duration is how long the call took, and PromptUsed what was asked;
	// both are set by the Service.
	Duration   time.Duration `json:"duration"`
	PromptUsed string        `json:"prompt_used,omitempty"`
	// Error is set where some words or numbers were lost, but not the picture.
	Error *Error `json:"error,omitempty"`
}

// Text is the answer's words, drafts and thoughts left out.
func (r *Result) Text() string {
	var s string
	for _, p := range r.Parts {
		if !p.Thought && p.Blob == "" {
			s += p.Text
		}
	}
	return s
}

// Image returns the part that is the picture: the last one that is not a
// thought, since models may send drafts first. It is nil when there is none.
func (r *Result) Image() *Part {
	for i := len(r.Parts) - 1; i >= 0; i-- {
		if p := &r.Parts[i]; p.Blob != "" && !p.Thought {
			return p
		}
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
// SpoolDraft. An answer marks a picture as a mere thought behind its bytes;
// generators abort a draft that they cannot mark, so that it is never taken
// for a picture.
type DraftMarker interface {
	// MarkDraft makes the entry a SpoolDraft. It is called before Commit.
	MarkDraft()
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

// Repository is the record of everything. Entities are stored as they are
// given and returned equal to what was stored (times in UTC, to the
// microsecond); every rule is the Service's. Implementations are safe for
// concurrent use.
//
// Lookups of what does not exist fail with NotFound, so do updates and
// deletes of it, and so does the creation of what belongs to a session that
// does not exist; lists are then empty. An id that is taken is a Conflict.
// Filters compare Owner exactly, the empty one included. A limit of 0 is
// none. Failures of the medium wrap StorageFull or StorageUnavailable; a
// waiting lock never surfaces.
//
// Text may hold any character, NUL included; what is not UTF-8 may come back
// with U+FFFD in its place. Empty and nil slices and maps are the same.
type Repository interface {
	SessionStore
	MessageStore
	ImageStore
	TurnStore
	AttemptStore
	EventStore
	BrandStore

	// Atomically runs fn with a Repository whose reads and writes are one
	// serializable transaction: all of it is durable when Atomically
	// returns nil, none of it happened when fn or the commit fails. fn's
	// error is returned as it is. fn must use the Repository it is given,
	// only within the call, and from one goroutine; it may not nest.
	Atomically(ctx context.Context, fn func(r Repository) error) error
}

// SessionStore keeps sessions.
type SessionStore interface {
	CreateSession(ctx context.Context, s *Session) error
	GetSession(ctx context.Context, id SessionID) (*Session, error)
	// UpdateSession writes every field but ID, Owner, CreatedAt, LastSeq and FirstSeq.
	UpdateSession(ctx context.Context, s *Session) error
	// DeleteSession removes the session with its messages, images, turns
	// and events. Attempts stay.
	DeleteSession(ctx context.Context, id SessionID) error
	// ListSessions returns at most f.Limit sessions, newest first by
	// (CreatedAt, ID).
	ListSessions(ctx context.Context, f SessionFilter) ([]*Session, error)
	// CountSessions counts all that f describes, its paging left aside.
	// Without Search it takes the same time whatever the count; with it, a
	// repository may stop at 10,000.
	CountSessions(ctx context.Context, f SessionFilter) (int, error)
}

// SessionFilter selects sessions.
type SessionFilter struct {
	Owner  Owner
	Status SessionStatus
	// Search is what SearchKeys made of the person's words: sessions whose
	// title, or one of whose messages' text, has every one of these as a
	// substring of its SearchText.
	Search []string
	// Before is the key of the last row of the page before.
	Before Position
	Offset int
	Limit  int
}

// Position is a place in a list that is ordered by (Time, ID), newest first.
// The zero Position is the beginning.
type Position struct {
	Time time.Time
	ID   string
}

// MessageStore keeps messages; their Images and References are not stored.
type MessageStore interface {
	CreateMessage(ctx context.Context, m *Message) error
	GetMessage(ctx context.Context, id MessageID) (*Message, error)
	// ListMessages returns the newest limit messages of a session that
	// come before the given one (all when it is empty), oldest first, in
	// the order of ID.
	ListMessages(ctx context.Context, session SessionID, before MessageID, limit int) ([]*Message, error)
	// ReferencedBlobs returns which of keys some image, variant or message
	// part still holds on to.
	ReferencedBlobs(ctx context.Context, keys []BlobKey) ([]BlobKey, error)
	// SessionBlobs returns every blob that a session's images and messages
	// hold on to, the variants of its images included.
	SessionBlobs(ctx context.Context, session SessionID) ([]BlobKey, error)
}

// ImageStore keeps images and their variants.
type ImageStore interface {
	CreateImage(ctx context.Context, i *Image) error
	// GetImages returns those of ids that exist, in the order of ids.
	GetImages(ctx context.Context, ids ...ImageID) ([]*Image, error)
	// ListImages returns at most f.Limit images, newest first by
	// (CreatedAt, ID); those of Messages, oldest first by ID, where that is given.
	ListImages(ctx context.Context, f ImageFilter) ([]*Image, error)
	// UpdateImage writes SessionID, Selected, Exported and AltText.
	UpdateImage(ctx context.Context, i *Image) error
	// DeleteImage removes an image, and the variants of its blob when no
	// other image has the same; so does DeleteSession with its images.
	DeleteImage(ctx context.Context, id ImageID) error
	// PutVariant records a derived copy, replacing one of the same source
	// and name. It fails with NotFound when no image has the source.
	PutVariant(ctx context.Context, v *Variant) error
	GetVariant(ctx context.Context, source BlobKey, name string) (*Variant, error)
}

// ImageFilter selects images.
type ImageFilter struct {
	Owner     Owner
	SessionID SessionID
	Messages  []MessageID
	Role      ImageRole
	Purpose   string
	Selected  *bool
	Search    []string  // as in SessionFilter, over prompt and alt text together
	Since     time.Time // at or after
	Until     time.Time // before
	Before    Position
	Limit     int
}

// TurnStore keeps turns.
type TurnStore interface {
	// CreateTurn fails with Conflict when the session already has a turn of
	// the same, not empty, IdempotencyKey.
	CreateTurn(ctx context.Context, t *Turn) error
	GetTurn(ctx context.Context, id TurnID) (*Turn, error)
	// FindTurn looks a turn up by its key.
	FindTurn(ctx context.Context, session SessionID, key string) (*Turn, error)
	// UpdateTurn writes the turn if its stored status is one of from;
	// otherwise it fails with Conflict and changes nothing. ID, SessionID,
	// Owner, IdempotencyKey, RequestHash and CreatedAt stay as they are.
	UpdateTurn(ctx context.Context, t *Turn, from ...TurnStatus) error
	// ListTurns returns the turns of the given statuses (of every status
	// when none is given), oldest first by ID, of one session or of all
	// (empty).
	ListTurns(ctx context.Context, session SessionID, statuses ...TurnStatus) ([]*Turn, error)
}

// AttemptStore is the ledger.
type AttemptStore interface {
	// CreateAttempt fails with Conflict when (TurnID, Number, Index) is taken.
	CreateAttempt(ctx context.Context, a *Attempt) error
	// UpdateAttempt writes the attempt if its stored state is from;
	// otherwise it fails with Conflict and changes nothing. ID, TurnID,
	// SessionID, Owner, Number and Index stay as they are.
	UpdateAttempt(ctx context.Context, a *Attempt, from AttemptState) error
	GetAttempt(ctx context.Context, id AttemptID) (*Attempt, error)
	// ListAttempts returns a turn's attempts by (Number, Index), or all
	// live ones, by TurnID first, when turn is empty.
	ListAttempts(ctx context.Context, turn TurnID) ([]*Attempt, error)
	// Booked sums what is booked on attempts that were booked at or after
	// since, of one session or of all (empty), and tells when the oldest of
	// those with a positive amount was booked (zero time when none).
	Booked(ctx context.Context, session SessionID, since time.Time) (USD, time.Time, error)
	// SumUsage aggregates the owner's attempts booked at or after q.Since.
	// Budget is left empty. Turns counts distinct turns, Tokens sums
	// Usage.Total. ByDay is oldest first.
	SumUsage(ctx context.Context, q UsageQuery) (*Usage, error)
	// RecentDurations returns Result durations (EndedAt−CalledAt) of the newest n
	// stored attempts that drew with model at size.
	RecentDurations(ctx context.Context, model, size string, n int) ([]time.Duration, error)
}

// EventStore keeps the durable events.
type EventStore interface {
	// AppendEvent sets e.Seq to the session's LastSeq+1, stores e and
	// advances the session, in one transaction.
	AppendEvent(ctx context.Context, e *Event) error
	// ListEvents returns at most limit events with Seq > after, in order.
	ListEvents(ctx context.Context, session SessionID, after int64, limit int) ([]*Event, error)
	// PruneEvents removes events with Seq < keepFrom and sets the session's
	// FirstSeq, which never goes back and never beyond LastSeq+1.
	PruneEvents(ctx context.Context, session SessionID, keepFrom int64) error
}

// BrandStore keeps brand kits.
type BrandStore interface {
	CreateBrand(ctx context.Context, b *Brand) error
	GetBrand(ctx context.Context, id BrandID) (*Brand, error)
	// UpdateBrand writes every field but ID, Owner and CreatedAt.
	UpdateBrand(ctx context.Context, b *Brand) error
	DeleteBrand(ctx context.Context, id BrandID) error
	// ListBrands returns an owner's brands by name, then id.
	ListBrands(ctx context.Context, owner Owner) ([]*Brand, error)
}
