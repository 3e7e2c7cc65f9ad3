package imagechat

import (
	"context"
	"time"
)

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
	// and events. Attempts stay. An image that is among the ReferenceIDs of
	// another session's message is not removed: it becomes part of the
	// session of the first such message by ID, without a MessageID.
	DeleteSession(ctx context.Context, id SessionID) error
	// ListSessions returns at most f.Limit sessions, newest first by
	// (CreatedAt, ID), or as f.Order says by (UpdatedAt, ID).
	ListSessions(ctx context.Context, f SessionFilter) ([]*Session, error)
	// CountSessions counts all that f describes, its paging left aside.
	// Without Search it takes the same time whatever the count; with it, a
	// repository may stop at 10,000.
	CountSessions(ctx context.Context, f SessionFilter) (int, error)
}

// SessionFilter selects sessions.
type SessionFilter struct {
	Owner  Owner
	Order  SessionOrder
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
	// DropParts empties a message's Parts, which hold on to their blobs no
	// more. The message stays otherwise as it is.
	DropParts(ctx context.Context, id MessageID) error
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
	// UnusedUploads returns at most limit references and logos, the oldest
	// first, that were made before a moment and that nothing uses: they are no
	// session's, among no message's ReferenceIDs, and no brand's logo. Where
	// ids are given it looks at these alone.
	UnusedUploads(ctx context.Context, before time.Time, limit int, among ...ImageID) ([]*Image, error)
	// UploadedBytes sums Bytes of an owner's references and logos.
	UploadedBytes(ctx context.Context, owner Owner) (int64, error)
	// ListVariants returns the derived copies of a source, by name.
	ListVariants(ctx context.Context, source BlobKey) ([]*Variant, error)
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
	// FreesUp returns when the bookings made at or after since, the oldest
	// first, together reach amount: the BookedAt of the one with which they
	// do; the zero time when all of them are less.
	FreesUp(ctx context.Context, since time.Time, amount USD) (time.Time, error)
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
