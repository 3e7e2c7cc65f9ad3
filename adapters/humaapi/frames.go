package humaapi

import (
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/wire"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// The socket's frames are unions that Go's types cannot say; they are put
// together here from the structs that are really sent.

func schemaOf[T any](r huma.Registry) *huma.Schema {
	return r.Schema(reflect.TypeFor[T](), true, "")
}

func ref(name string) *huma.Schema { return &huma.Schema{Ref: schemaPrefix + name} }

// tagged fixes a component's discriminating property to one word.
func tagged(r huma.Registry, name, property, word string) {
	s := r.Map()[name]
	s.Properties[property] = &huma.Schema{Type: huma.TypeString, Enum: []any{word}}
}

// union is a oneOf of components, told apart by property.
func union(description, property string, words, names []string) *huma.Schema {
	s := &huma.Schema{Description: description, Discriminator: &huma.Discriminator{PropertyName: property, Mapping: map[string]string{}}}
	for i, name := range names {
		s.OneOf = append(s.OneOf, ref(name))
		s.Discriminator.Mapping[words[i]] = schemaPrefix + name
	}
	return s
}

func describeFrames(r huma.Registry) {
	describeStatus(r)
	frames := []struct {
		name, word, doc string
		data            *huma.Schema
	}{
		{"StatusFrame", "status", "Progress; content is in the person's language.", ref("StatusData")},
		{"MessageFrame", "message", "A text reply.", schemaOf[wire.ReplyData](r)},
		{"ImageFrame", "image", "A picture alone.", schemaOf[wire.ReplyData](r)},
		{"MixedFrame", "mixed", "Text and picture.", schemaOf[wire.ReplyData](r)},
		{"ErrorFrame", "error", "A failure; content is the problem's detail.", schemaOf[wire.Problem](r)},
	}
	var words, names []string
	for _, f := range frames {
		r.Map()[f.name] = serverFrame(f.word, f.doc, f.data)
		words, names = append(words, f.word), append(names, f.name)
	}
	r.Map()["ServerFrame"] = union("What the server says, over the socket and in the event stream.", "type", words, names)
	describeClient(r)
}

func describeStatus(r huma.Registry) {
	_ = schemaOf[wire.ConnectedData](r)
	_ = schemaOf[wire.AcceptedData](r)
	_ = schemaOf[wire.ThinkingData](r)
	_ = schemaOf[wire.StreamingData](r)
	_ = schemaOf[wire.GeneratingData](r)
	_ = schemaOf[wire.RetryingData](r)
	_ = schemaOf[wire.SavingData](r)
	_ = schemaOf[wire.QueuedData](r)
	_ = schemaOf[wire.SessionData](r)
	_ = schemaOf[wire.ResyncData](r)
	_ = schemaOf[wire.PongData](r)
	words := []string{"connected", "accepted", "thinking", "streaming", "generating", "retrying", "saving", "queued", "session", "resync", "pong"}
	names := []string{"ConnectedData", "AcceptedData", "ThinkingData", "StreamingData", "GeneratingData", "RetryingData",
		"SavingData", "QueuedData", "SessionData", "ResyncData", "PongData"}
	for i, name := range names {
		tagged(r, name, "code", words[i])
	}
	r.Map()["StatusData"] = union("What a status frame tells.", "code", words, names)
}

func serverFrame(word, doc string, data *huma.Schema) *huma.Schema {
	one := 1.0
	return &huma.Schema{
		Type: huma.TypeObject, Description: doc, Required: []string{"type", "content", "data", "timestamp"},
		Properties: map[string]*huma.Schema{
			"type":      {Type: huma.TypeString, Enum: []any{word}},
			"content":   {Type: huma.TypeString, Description: "For the person"},
			"image_url": {Type: huma.TypeString, Description: "Path of the last picture's content"},
			"data":      data,
			"timestamp": {Type: huma.TypeString, Format: "date-time"},
			"seq":       {Type: huma.TypeInteger, Format: "int64", Minimum: &one, Description: "On durable frames only; grows strictly within the session"},
			"turn_id":   {Type: huma.TypeString, Description: "The turn that the frame is about"},
			"id":        {Type: huma.TypeString, Description: "The id of the client's frame that this one answers: on accepted frames the turn's idempotency key, on errors that of the refused frame"},
		},
	}
}

func describeClient(r huma.Registry) {
	_ = schemaOf[wire.ClientData](r)
	_ = schemaOf[wire.CancelData](r)
	words := []string{"converse", "chat", "generate", "refine", "cancel", "ping"}
	names := []string{"ConverseFrame", "ChatFrame", "GenerateFrame", "RefineFrame", "CancelFrame", "PingFrame"}
	docs := []string{
		"Lets the model decide between talking and drawing.", "Talks and never draws.", "Draws a picture.",
		"Changes a chosen picture.", "Ends a turn now.", "Asks for a pong.",
	}
	for i, word := range words {
		s := &huma.Schema{
			Type: huma.TypeObject, Description: docs[i], Required: []string{"type"},
			Properties: map[string]*huma.Schema{"type": {Type: huma.TypeString, Enum: []any{word}}},
		}
		switch word {
		case "ping":
		case "cancel":
			s.Required = append(s.Required, "data")
			s.Properties["data"] = ref("CancelData")
		default:
			least, most := 1, 2000
			s.Required = append(s.Required, "content")
			s.Properties["content"] = &huma.Schema{Type: huma.TypeString, MinLength: &least, MaxLength: &most, Description: "What the person says"}
			s.Properties["data"] = ref("ClientData")
			longest := imagechat.MaxIdempotency
			s.Properties["id"] = &huma.Schema{Type: huma.TypeString, MaxLength: &longest, Description: "Idempotency key: the same one never starts a second turn"}
		}
		r.Map()[names[i]] = s
	}
	r.Map()["ClientFrame"] = union("What a client says over the socket. An absent type is read as chat; an unknown purpose falls back to the session's and an unknown style is ignored. Any other unknown type or value is answered with an error frame, and the socket stays open. Properties that are not listed here are passed over, also within data.", "type", words, names)
}
