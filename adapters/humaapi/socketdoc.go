package humaapi

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// describeSocket documents the handshake of the socket, which the hub and
// not huma serves. OpenAPI has no word for what flows after a 101, which has no
// content of its own (RFC 9110, 15.2.2): an extension names the components that
// hold the frames of both sides.
func describeSocket(doc *huma.OpenAPI) {
	zero := 0.0
	problems := map[string]string{
		"401": "Not logged in", "403": "The page's origin is not allowed", "404": "No such conversation", "503": "Too many sockets", "default": "Any other refusal of the handshake",
	}
	responses := map[string]*huma.Response{"101": {
		Description: "The socket is open. The client sends `ClientFrame`, the server `ServerFrame`, as JSON text.",
		Extensions:  map[string]any{"x-frames": map[string]any{"client": ref("ClientFrame"), "server": ref("ServerFrame")}},
	}}
	for status, text := range problems {
		responses[status] = &huma.Response{Description: text, Content: map[string]*huma.MediaType{
			"application/problem+json": {Schema: problemSchema(doc.Components.Schemas)},
		}}
	}
	doc.Paths["/ws/image-chat/{session_id}"] = &huma.PathItem{Get: &huma.Operation{
		OperationID: "connectSocket", Method: http.MethodGet, Path: "/ws/image-chat/{session_id}", Tags: []string{"events"},
		Summary:     "Talk and follow a conversation over a WebSocket",
		Description: "A WebSocket handshake (RFC 6455); plain HTTP clients use the event stream instead.",
		Parameters: []*huma.Param{
			{Name: "session_id", In: "path", Required: true, Description: "The session's id", Schema: &huma.Schema{Type: huma.TypeString}},
			{Name: "after", In: "query", Description: "Send every durable event after this number first; absent: live ones only", Schema: &huma.Schema{Type: huma.TypeInteger, Format: "int64", Minimum: &zero}},
		},
		Responses: responses,
	}}
	doc.Webhooks = map[string]*huma.PathItem{"socket": {Post: &huma.Operation{
		OperationID: "socketFrames", Tags: []string{"events"},
		Summary:     "What flows over the open socket",
		Description: "No request of HTTP: the client sends `ClientFrame` and the server `ServerFrame` as JSON text, each on its own.",
		Security:    []map[string][]string{},
		RequestBody: &huma.RequestBody{Description: "A frame of the client", Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: ref("ClientFrame")}}},
		Responses: map[string]*huma.Response{"200": {
			Description: "A frame of the server", Content: map[string]*huma.MediaType{"application/json": {Schema: ref("ServerFrame")}},
		}},
	}}}
}
