package imagechat

import "time"

// EventType names a durable event.
type EventType string

// The durable events of a session.
const (
	EventAccepted EventType = "accepted" // a turn was taken in: Turn and the person's Message
	EventMessage  EventType = "message"  // a reply: Turn and Message
	EventError    EventType = "error"    // a turn ended without a reply: Turn and Error
	EventSession  EventType = "session"  // the session, or an image of it, changed: Session
)

// Event is something that happened in a session and is told to every client
// exactly once, in the order of Seq. It is written in the transaction of
// what it tells.
type Event struct {
	SessionID SessionID `json:"session_id"`
	// Seq counts from 1 without gaps within a session. It is set by
	// Repository.AppendEvent.
	Seq       int64     `json:"seq"`
	Type      EventType `json:"type"`
	TurnID    TurnID    `json:"turn_id,omitempty"`
	Turn      *Turn     `json:"turn,omitempty"`
	Message   *Message  `json:"message,omitempty"`
	Error     *Error    `json:"error,omitempty"`
	Session   *Session  `json:"session,omitempty"`
	CreatedAt time.Time `json:"created_at"`
}

// Stage is how far a running turn is, as a hint for people who watch.
type Stage string

// The stages of a turn.
const (
	StageQueued     Stage = "queued"     // Position
	StageThinking   Stage = "thinking"   // Text may hold a summary of the model's thoughts
	StageStreaming  Stage = "streaming"  // Text is the reply so far
	StageGenerating Stage = "generating" // Elapsed, Expected
	StageRetrying   Stage = "retrying"   // RetryAfter, Error
	StageSaving     Stage = "saving"
)

// Hint is a passing word about a running turn. Hints are not stored and not
// replayed, and a newer one may replace an older one of the same stage.
type Hint struct {
	TurnID     TurnID        `json:"turn_id"`
	Stage      Stage         `json:"stage"`
	Text       string        `json:"text,omitempty"`
	Position   int           `json:"position,omitempty"` // 1 is next
	Elapsed    time.Duration `json:"elapsed,omitempty"`
	Expected   time.Duration `json:"expected,omitempty"` // recent median; 0 unknown
	RetryAfter time.Duration `json:"retry_after,omitempty"`
	Error      *Error        `json:"error,omitempty"`
}

// Update is what a Subscription yields: exactly one of its pointers is set.
type Update struct {
	Event *Event
	Hint  *Hint
	// Resync tells that the events asked for are no longer kept: the client
	// reads the session anew and goes on from Resync.Seq.
	Resync *Resync
}

// Resync is the point from which events go on after a hole.
type Resync struct{ Seq int64 }
