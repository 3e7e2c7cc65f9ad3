package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// ClientFrameType is what a client asks over the socket.
type ClientFrameType string

// The frame types of clients. An absent type is chat.
const (
	ClientConverse ClientFrameType = "converse"
	ClientChat     ClientFrameType = "chat"
	ClientGenerate ClientFrameType = "generate"
	ClientRefine   ClientFrameType = "refine"
	ClientCancel   ClientFrameType = "cancel"
	ClientPing     ClientFrameType = "ping"
)

// ClientFrame is what a client says.
type ClientFrame struct {
	Type    ClientFrameType
	Content string
	Data    ClientData
	// Cancel is the data of a cancel frame.
	Cancel CancelData
	// ID is the idempotency key of a turn.
	ID string
}

// ClientData holds a turn's fields besides kind and content.
type ClientData struct {
	Purpose string `json:"purpose,omitempty" doc:"Same as image_purpose; an unknown one falls back to the session's"`
	Style   string `json:"style,omitempty" doc:"Same as style_preset; an unknown one is ignored"`

	ImagePurpose      string          `json:"image_purpose,omitempty"`
	StylePreset       string          `json:"style_preset,omitempty"`
	ImageID           string          `json:"image_id,omitempty" doc:"The picture to edit; refine without one takes the session's newest"`
	ReferenceImageIDs []string        `json:"reference_image_ids,omitempty" maxItems:"14"`
	ReferenceRoles    []ReferenceRole `json:"reference_roles,omitempty" maxItems:"14"`
	Count             Whole           `json:"count,omitempty" minimum:"1" maximum:"4"`
	ImageSize         ImageSize       `json:"image_size,omitempty"`
	Model             string          `json:"model,omitempty"`
	Thinking          string          `json:"thinking,omitempty"`
	CustomWidth       Whole           `json:"custom_width,omitempty" minimum:"256" maximum:"4096"`
	CustomHeight      Whole           `json:"custom_height,omitempty" minimum:"256" maximum:"4096"`
}

// rawFrame is read field by field, so that one wrong field can be named.
type rawFrame struct {
	Type    json.RawMessage `json:"type"`
	Content json.RawMessage `json:"content"`
	Data    json.RawMessage `json:"data"`
	ID      json.RawMessage `json:"id"`
}

// ParseClientFrame reads a frame. Fields that it does not know are passed
// over: older clients may send some, and would get an error for every word
// that they say. It fails with MalformedRequest for what is no JSON object,
// and with InvalidRequest naming the field for everything else; the frame
// comes along then with no more than its id, so that the answer can say what
// it answers.
func ParseClientFrame(b []byte) (*ClientFrame, error) {
	if !utf8.Valid(b) {
		return nil, &imagechat.Error{Code: imagechat.MalformedRequest, Err: errors.New("wire: frame is not UTF-8")}
	}
	var raw rawFrame
	if err := json.Unmarshal(b, &raw); err != nil || len(bytes.TrimSpace(b)) == 0 || bytes.TrimSpace(b)[0] != '{' {
		return nil, &imagechat.Error{Code: imagechat.MalformedRequest, Err: errors.Join(err, errors.New("wire: frame is no JSON object"))}
	}
	f := &ClientFrame{}
	// Errors name the first wrong field, and the id goes back with them.
	wrongID := readField("id", raw.ID, &f.ID)
	answered := &ClientFrame{ID: f.ID}
	if err := readField("type", raw.Type, &f.Type); err != nil {
		return answered, err
	}
	var data any = &f.Data
	switch f.Type {
	case "":
		f.Type = ClientChat
	case ClientConverse, ClientChat, ClientGenerate, ClientRefine:
	case ClientCancel:
		data = &f.Cancel
	case ClientPing:
		return f, nil
	default:
		return answered, invalidField("type", "unknown", nil)
	}
	err := errors.Join(readField("content", raw.Content, &f.Content), readField("data", raw.Data, data), wrongID)
	if err != nil {
		return answered, err
	}
	return f, nil
}

func readField(name string, raw json.RawMessage, to any) error {
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	err := json.NewDecoder(bytes.NewReader(raw)).Decode(to)
	if err == nil || errors.Is(err, io.EOF) {
		return nil
	}
	rule := "type"
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		if wrong.Field != "" {
			name += "." + wrong.Field
		}
		if wrong.Type == reflect.TypeFor[Whole]() {
			rule = "integer"
		}
	}
	return invalidField(name, rule, err)
}

// InFrame names the fields of a turn's failure as they stand in a frame.
func InFrame(err error) error {
	e, ok := errors.AsType[*imagechat.Error](err)
	if !ok || len(e.Fields) == 0 || e.Fields[0].Location != "idempotency_key" {
		return err
	}
	named := *e
	named.Fields = slices.Clone(e.Fields)
	named.Fields[0].Location = "id"
	return &named
}

func invalidField(location, rule string, cause error) *imagechat.Error {
	return &imagechat.Error{
		Code: imagechat.InvalidRequest, Err: cause,
		Fields: []imagechat.FieldError{{Location: location, Rule: rule}},
	}
}

// Turn is the request that a turn frame makes. An unknown purpose falls back
// to the session's and an unknown style is ignored, as older clients expect.
func (f *ClientFrame) Turn(purposes *imagechat.Registry, lang imagechat.Lang) imagechat.TurnRequest {
	d := &f.Data
	r := TurnRequest{
		Kind: imagechat.TurnKind(f.Type), Content: f.Content,
		ImagePurpose: first(d.ImagePurpose, d.Purpose), StylePreset: first(d.StylePreset, d.Style),
		ImageID: d.ImageID, ReferenceImageIDs: d.ReferenceImageIDs, ReferenceRoles: d.ReferenceRoles,
		Count: d.Count, ImageSize: d.ImageSize, Model: d.Model, Thinking: d.Thinking,
		CustomWidth: d.CustomWidth, CustomHeight: d.CustomHeight,
	}
	if _, known := purposes.Get(r.ImagePurpose); !known {
		r.ImagePurpose = ""
	}
	if _, known := imagechat.StyleByID(r.StylePreset); !known {
		r.StylePreset = ""
	}
	return r.Core(lang)
}

func first(a, b string) string {
	if strings.TrimSpace(a) != "" {
		return a
	}
	return b
}

// CancelData is the data of a cancel frame.
type CancelData struct {
	TurnID string `json:"turn_id" doc:"The turn to end"`
}
