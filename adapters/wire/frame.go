package wire

import (
	"encoding/json"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// FrameType is what a frame of the server is. There are five, and only five.
type FrameType string

// The frame types of the server.
const (
	FrameStatus  FrameType = "status"
	FrameMessage FrameType = "message" // a text reply
	FrameImage   FrameType = "image"   // a picture alone
	FrameMixed   FrameType = "mixed"   // text and picture
	FrameError   FrameType = "error"
)

// StatusCode says what a status frame tells.
type StatusCode string

// The codes of status frames.
const (
	StatusConnected  StatusCode = "connected"
	StatusAccepted   StatusCode = "accepted"
	StatusThinking   StatusCode = "thinking"
	StatusStreaming  StatusCode = "streaming"
	StatusGenerating StatusCode = "generating"
	StatusRetrying   StatusCode = "retrying"
	StatusSaving     StatusCode = "saving"
	StatusQueued     StatusCode = "queued"
	StatusSession    StatusCode = "session"
	StatusResync     StatusCode = "resync"
	StatusPong       StatusCode = "pong"
)

// ServerFrame is what the server says, over the socket and over SSE alike.
type ServerFrame struct {
	Type      FrameType `json:"type"`
	Content   string    `json:"content"`
	ImageURL  string    `json:"image_url,omitempty"`
	Data      any       `json:"data,omitempty"`
	Timestamp time.Time `json:"timestamp"`
	// Seq is set on durable frames only.
	Seq    int64  `json:"seq,omitempty"`
	TurnID string `json:"turn_id,omitempty"`
	// ID is that of the client's frame which this one answers: the turn's
	// idempotency key in an accepted frame, and what an error is about.
	ID string `json:"id,omitempty"`
}

// JSON renders the frame.
func (f *ServerFrame) JSON() ([]byte, error) { return json.Marshal(f) }

// The data of status frames, one struct a code.
type (
	// ConnectedData greets a client.
	ConnectedData struct {
		Code      StatusCode `json:"code"`
		SessionID string     `json:"session_id"`
		Seq       int64      `json:"seq" doc:"The newest durable event's number"`
	}
	// AcceptedData tells that a turn was taken in.
	AcceptedData struct {
		Code    StatusCode `json:"code"`
		Message *Message   `json:"message,omitempty" doc:"The person's message, saved"`
		Turn    *Turn      `json:"turn,omitempty"`
	}
	// ThinkingData tells that the model thinks.
	ThinkingData struct {
		Code    StatusCode `json:"code"`
		Summary string     `json:"summary,omitempty" doc:"A summary of the model's thoughts so far"`
	}
	// StreamingData tells that the frame's content is the reply so far.
	StreamingData struct {
		Code StatusCode `json:"code"`
	}
	// GeneratingData tells how long the generator has been drawing.
	GeneratingData struct {
		Code       StatusCode `json:"code"`
		ElapsedMS  int64      `json:"elapsed_ms"`
		ExpectedMS int64      `json:"expected_ms" doc:"The recent median; 0 when there is none"`
	}
	// RetryingData tells that a call is about to be repeated.
	RetryingData struct {
		Code         StatusCode `json:"code"`
		RetryAfterMS int64      `json:"retry_after_ms"`
		Error        *Problem   `json:"error,omitempty"`
	}
	// SavingData tells that the picture is being stored.
	SavingData struct {
		Code StatusCode `json:"code"`
	}
	// QueuedData tells the place in the queue.
	QueuedData struct {
		Code     StatusCode `json:"code"`
		Position int32      `json:"position" doc:"1 is next"`
	}
	// SessionData tells that the session changed.
	SessionData struct {
		Code    StatusCode `json:"code"`
		Session *Session   `json:"session,omitempty"`
	}
	// ResyncData tells that some events are no longer kept.
	ResyncData struct {
		Code StatusCode `json:"code"`
		Seq  int64      `json:"seq" doc:"Read the session anew; events go on after this number"`
	}
	// PongData answers a ping.
	PongData struct {
		Code StatusCode `json:"code"`
	}
)

// ReplyData is the data of a message, image or mixed frame.
type ReplyData struct {
	Message          Message `json:"message" doc:"The saved message"`
	Turn             *Turn   `json:"turn,omitempty"`
	PromptUsed       *string `json:"prompt_used" doc:"Of the last picture; null without one"`
	ModelUsed        *string `json:"model_used" doc:"Of the last picture; null without one"`
	Width            *int32  `json:"width" doc:"Pixels of the last picture; null without one"`
	Height           *int32  `json:"height" doc:"Pixels of the last picture; null without one"`
	GenerationTimeMS *int64  `json:"generation_time_ms" doc:"Milliseconds"`
}

// Older clients show the content of a status frame until the next reply.
// What is no progress of a turn has therefore none.
var statusTexts = map[StatusCode]text{
	StatusConnected:  {KO: "연결되었습니다.", EN: "Connected."},
	StatusAccepted:   {KO: "요청을 받았어요.", EN: "Your request was received."},
	StatusThinking:   {KO: "생각 중이에요…", EN: "Thinking…"},
	StatusGenerating: {KO: "이미지 생성 중이에요", EN: "Creating the image"},
	StatusRetrying:   {KO: "이미지 모델이 붐벼서 %s 뒤에 다시 시도할게요.", EN: "The image model is busy; trying again in %s."},
	StatusSaving:     {KO: "이미지 저장 중이에요…", EN: "Saving the image…"},
	StatusQueued:     {KO: "차례를 기다리고 있어요. 앞에 %d건이 있어요.", EN: "Waiting for its turn; %d ahead."},
	StatusSession:    {},
	StatusResync:     {KO: "오래된 소식은 지워졌어요. 대화를 다시 읽어 주세요.", EN: "Older events are gone. Read the conversation again."},
	StatusPong:       {},
}

// ConnectedFrame is the first frame of a connection.
func ConnectedFrame(id imagechat.SessionID, seq int64, l Locale, now time.Time) ServerFrame {
	return ServerFrame{
		Type: FrameStatus, Content: statusTexts[StatusConnected].In(l.Lang), Timestamp: now.UTC(),
		Data: ConnectedData{Code: StatusConnected, SessionID: string(id), Seq: seq},
	}
}

// PongFrame answers a ping.
func PongFrame(l Locale, now time.Time) ServerFrame {
	return ServerFrame{
		Type: FrameStatus, Content: statusTexts[StatusPong].In(l.Lang), Timestamp: now.UTC(),
		Data: PongData{Code: StatusPong},
	}
}

// ErrorFrame tells a failure that belongs to no turn, such as a frame that
// could not be read. id is that of the client's frame, if it had one.
func ErrorFrame(p Problem, id string, now time.Time) ServerFrame {
	return ServerFrame{Type: FrameError, Content: p.Detail, Data: p, Timestamp: now.UTC(), ID: id}
}

// UpdateFrame shows what a subscription yielded. requestID goes into
// problems, so that a person can name the connection; now stamps hints.
func UpdateFrame(u *imagechat.Update, l Locale, requestID string, now time.Time) ServerFrame {
	switch {
	case u.Event != nil:
		return eventFrame(u.Event, l, requestID)
	case u.Hint != nil:
		return hintFrame(u.Hint, l, requestID, now)
	case u.Resync != nil:
		return ServerFrame{
			Type: FrameStatus, Content: statusTexts[StatusResync].In(l.Lang), Timestamp: now.UTC(),
			Data: ResyncData{Code: StatusResync, Seq: u.Resync.Seq},
		}
	}
	return PongFrame(l, now) // an Update always has one of them
}

func eventFrame(e *imagechat.Event, l Locale, requestID string) ServerFrame {
	f := ServerFrame{Type: FrameStatus, Timestamp: e.CreatedAt.UTC(), Seq: e.Seq, TurnID: string(e.TurnID)}
	var turn *Turn
	if e.Turn != nil {
		t := NewTurn(e.Turn, l)
		turn = &t
	}
	switch {
	case e.Type == imagechat.EventMessage && e.Message != nil:
		fillReply(&f, e.Message, turn, l)
	case e.Type == imagechat.EventError && e.Error != nil:
		p := NewProblem(e.Error, l)
		p.RequestID = requestID
		f.Type, f.Content, f.Data = FrameError, p.Detail, p
	case e.Type == imagechat.EventAccepted:
		data := AcceptedData{Code: StatusAccepted, Turn: turn}
		if e.Message != nil {
			m := NewMessage(e.Message, l)
			data.Message = &m
		}
		if e.Turn != nil {
			f.ID = e.Turn.IdempotencyKey
		}
		f.Content, f.Data = statusTexts[StatusAccepted].In(l.Lang), data
	default:
		data := SessionData{Code: StatusSession}
		if e.Session != nil {
			s := NewSession(e.Session, l)
			data.Session = &s
		}
		f.Content, f.Data = statusTexts[StatusSession].In(l.Lang), data
	}
	return f
}

func fillReply(f *ServerFrame, m *imagechat.Message, turn *Turn, l Locale) {
	data := ReplyData{Message: NewMessage(m, l), Turn: turn, GenerationTimeMS: tookMS(m.GenerationTime)}
	f.Type, f.Content = FrameMessage, m.Text
	if n := len(m.Images); n > 0 {
		last := data.Message.Images[n-1]
		f.ImageURL = last.ImageURL
		data.PromptUsed, data.ModelUsed = orNull(last.PromptUsed), orNull(last.ModelUsed)
		data.Width, data.Height = &last.Width, &last.Height
		f.Type = FrameMixed
		if m.Text == "" {
			f.Type = FrameImage
		}
	}
	f.Data = data
}

func hintFrame(h *imagechat.Hint, l Locale, requestID string, now time.Time) ServerFrame {
	f := ServerFrame{Type: FrameStatus, Timestamp: now.UTC(), TurnID: string(h.TurnID)}
	switch h.Stage {
	case imagechat.StageQueued:
		f.Content = say(l, statusTexts[StatusQueued], max(h.Position-1, 0))
		f.Data = QueuedData{Code: StatusQueued, Position: int32(h.Position)}
	case imagechat.StageThinking:
		f.Content = statusTexts[StatusThinking].In(l.Lang)
		f.Data = ThinkingData{Code: StatusThinking, Summary: h.Text}
	case imagechat.StageStreaming:
		f.Content, f.Data = h.Text, StreamingData{Code: StatusStreaming}
	case imagechat.StageGenerating:
		f.Content = statusTexts[StatusGenerating].In(l.Lang) + generatingTail(h.Elapsed, l)
		f.Data = GeneratingData{Code: StatusGenerating, ElapsedMS: h.Elapsed.Milliseconds(), ExpectedMS: h.Expected.Milliseconds()}
	case imagechat.StageRetrying:
		data := RetryingData{Code: StatusRetrying, RetryAfterMS: h.RetryAfter.Milliseconds()}
		if h.Error != nil {
			p := NewProblem(h.Error, l)
			p.RequestID = requestID
			data.Error = &p
		}
		f.Content, f.Data = say(l, statusTexts[StatusRetrying], l.wait(h.RetryAfter)), data
	default:
		f.Content, f.Data = statusTexts[StatusSaving].In(l.Lang), SavingData{Code: StatusSaving}
	}
	return f
}

// generatingTail tells the seconds once there are some.
func generatingTail(elapsed time.Duration, l Locale) string {
	if elapsed < time.Second {
		return "…"
	}
	return say(l, text{KO: " · %d초", EN: " · %d s"}, int(elapsed.Seconds()))
}

// AcceptedFrame tells one client that its turn had been taken in before. It
// carries no seq, since it is no event.
func AcceptedFrame(t *imagechat.Turn, m *imagechat.Message, l Locale, now time.Time) ServerFrame {
	f := eventFrame(&imagechat.Event{Type: imagechat.EventAccepted, TurnID: t.ID, Turn: t, Message: m, CreatedAt: now}, l, "")
	f.Seq = 0
	return f
}
