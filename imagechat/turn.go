package imagechat

import "time"

// TurnKind is what a person asks of a turn.
type TurnKind string

// The kinds of turn.
const (
	// KindConverse lets the model decide between talking and drawing.
	KindConverse TurnKind = "converse"
	// KindChat never draws.
	KindChat TurnKind = "chat"
	// KindGenerate must yield an image.
	KindGenerate TurnKind = "generate"
	// KindRefine must yield an image made from a chosen one.
	KindRefine TurnKind = "refine"
)

// Draws reports whether the kind demands an image.
func (k TurnKind) Draws() bool { return k == KindGenerate || k == KindRefine }

// TurnStatus is where a turn stands. It moves queued → running → one of the
// three ends; queued → cancelled is possible, and Retry moves failed or
// cancelled back to queued.
type TurnStatus string

// The states of a turn.
const (
	TurnQueued    TurnStatus = "queued"
	TurnRunning   TurnStatus = "running"
	TurnSucceeded TurnStatus = "succeeded"
	TurnFailed    TurnStatus = "failed"
	TurnCancelled TurnStatus = "cancelled"
)

// Ended reports whether the status is final.
func (s TurnStatus) Ended() bool {
	return s == TurnSucceeded || s == TurnFailed || s == TurnCancelled
}

// TurnRequest is one utterance of a person and how it is to be answered.
type TurnRequest struct {
	Kind TurnKind `json:"kind"`
	// Content is 1–2000 runes.
	Content      string `json:"content"`
	ImagePurpose string `json:"image_purpose,omitempty"` // default: the session's
	StylePreset  string `json:"style_preset,omitempty"`  // default: the session's
	// ImageID is the image to edit; refine without one takes the session's newest.
	ImageID ImageID `json:"image_id,omitempty"`
	// ReferenceIDs are at most 14 images, in the order they are spoken of.
	ReferenceIDs []ImageID `json:"reference_image_ids,omitempty"`
	// ReferenceKey, if set, stands for ReferenceIDs when the requests of one
	// idempotency key are compared: pictures that came with the request have
	// other ids each time. It is not kept.
	ReferenceKey string `json:"-"`
	// ReferenceRoles says what each reference is ("product", "person",
	// "style", "logo", "marks"), by position; missing ones are plain references.
	ReferenceRoles []string `json:"reference_roles,omitempty"`
	Count          int      `json:"count,omitempty"`      // 1–4 pictures; 0 means 1
	ImageSize      string   `json:"image_size,omitempty"` // 512, 1K, 2K, 4K; default: the model's
	Model          string   `json:"model,omitempty"`      // default: the generator's
	Thinking       string   `json:"thinking,omitempty"`   // a level of the model; default: the model's
	CustomWidth    int      `json:"custom_width,omitempty"`
	CustomHeight   int      `json:"custom_height,omitempty"`
	// Lang is the person's language, for the reply.
	Lang Lang `json:"lang,omitempty"`
	// RequestID joins the turn with the log line of the request that asked for
	// it. Submit and Retry take it from their context.
	RequestID string `json:"request_id,omitempty"`
}

// Turn is one request and what became of it.
type Turn struct {
	ID        TurnID     `json:"id"`
	SessionID SessionID  `json:"session_id"`
	Owner     Owner      `json:"owner,omitempty"`
	Kind      TurnKind   `json:"kind"`
	Status    TurnStatus `json:"status"`
	// Attempt counts the person's tries, from 1.
	Attempt int         `json:"attempt"`
	Request TurnRequest `json:"request"`
	// IdempotencyKey is unique in its session where it is not empty.
	IdempotencyKey string `json:"idempotency_key,omitempty"`
	// RequestHash is the SHA-256 of the request as it was first given.
	RequestHash        string      `json:"request_hash,omitempty"`
	UserMessageID      MessageID   `json:"user_message_id"`
	AssistantMessageID MessageID   `json:"assistant_message_id,omitempty"`
	Error              *Error      `json:"error,omitempty"`
	EstimatedCost      USD         `json:"estimated_cost_usd"`
	Cost               USD         `json:"cost_usd"`
	Context            ContextMode `json:"context,omitempty"`
	CreatedAt          time.Time   `json:"created_at"`
	StartedAt          time.Time   `json:"started_at,omitzero"`
	FinishedAt         time.Time   `json:"finished_at,omitzero"`
}

// ContextMode records how the conversation was told to the model.
type ContextMode string

// The ways of telling it.
const (
	// ContextReplay: all earlier turns, byte for byte.
	ContextReplay ContextMode = "replay"
	// ContextAnchor: the chosen image and a short summary of the talk.
	ContextAnchor ContextMode = "anchor"
	// ContextFresh: nothing came before.
	ContextFresh ContextMode = "fresh"
)

// AttemptState is where one paid call stands. It only moves by
// compare-and-set; see Repository.UpdateAttempt.
type AttemptState string

// The states of an attempt.
const (
	// AttemptReserved: the estimate is set aside; nothing was sent. Safe to run.
	AttemptReserved AttemptState = "reserved"
	// AttemptCalling: committed before the first byte leaves. Found after a
	// crash, it may have been charged.
	AttemptCalling AttemptState = "calling"
	// AttemptReturned: the answer is whole and on disk; Result tells where.
	AttemptReturned AttemptState = "returned"
	// AttemptStored: everything is recorded.
	AttemptStored AttemptState = "stored"
	// AttemptFailed: the generator answered with a failure; Booked is its cost.
	AttemptFailed AttemptState = "failed"
	// AttemptUnknown: the answer was lost; Booked stays at the estimate.
	AttemptUnknown AttemptState = "unknown"
)

// Live reports whether the attempt can still change.
func (s AttemptState) Live() bool {
	return s == AttemptReserved || s == AttemptCalling || s == AttemptReturned
}

// Attempt is the ledger row of one paid call. A turn that asks for three
// pictures has three, each with its own cost and failure. Rows outlive their
// session: money that was spent stays spent.
type Attempt struct {
	ID        AttemptID `json:"id"`
	TurnID    TurnID    `json:"turn_id"`
	SessionID SessionID `json:"session_id"`
	Owner     Owner     `json:"owner,omitempty"`
	// Number is the turn's Attempt that it belongs to, Index its place
	// among the pictures asked for, from 0. (TurnID, Number, Index) is unique.
	Number int          `json:"number"`
	Index  int          `json:"index"`
	State  AttemptState `json:"state"`
	Model  string       `json:"model"`
	Size   string       `json:"size,omitempty"`
	Images bool         `json:"images"` // the call may draw
	Calls  int          `json:"calls"`  // requests sent, retries included
	// Booked is what counts as spent now: the estimate while the attempt is
	// live or unknown, the true cost when it is stored or failed.
	Booked USD     `json:"booked_usd"`
	Usage  Tokens  `json:"usage,omitzero"`
	Result *Result `json:"result,omitempty"` // set in state returned only
	Error  *Error  `json:"error,omitempty"`
	// Pictures is how many images were stored.
	Pictures int `json:"pictures"`
	// BookedAt is the moment that places Booked in the 24-hour window.
	BookedAt time.Time `json:"booked_at"`
	CalledAt time.Time `json:"called_at,omitzero"`
	EndedAt  time.Time `json:"ended_at,omitzero"`
}
