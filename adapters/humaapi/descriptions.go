package humaapi

import (
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// operationNotes say what a summary leaves open. Operations that describe
// themselves where they are registered are not here.
var operationNotes = map[string]string{
	"listBrands":      "The kits of the caller, without paging: there are few.",
	"createBrand":     "A kit holds what every picture of a brand follows. A session follows it by `brand_id`; one without follows none.",
	"getBrand":        "Kits of other owners are 404.",
	"updateBrand":     "Changes what is named and leaves the rest; null clears what may be empty. Pictures that were made stay as they are.",
	"deleteBrand":     "Sessions that follow the kit go on without it.",
	"uploadBrandLogo": "PNG, JPEG, WebP or GIF, at most 20 MB and 50 megapixels, kept without loss. It replaces the logo that was there.",
	"listImages":      "Keyset paging: `next_cursor` of one page is `cursor` of the next, and the last page costs what the first does.",
	"getImage":        "Size, type and hash are read from the bytes, never from what was asked for. The bytes are at `image_url`.",
	"updateImage":     "`is_selected` is the person's star; `alt_text` replaces the one that was written for the picture.",
	"deleteImage":     "The picture leaves the conversation, the disk and what the model is told. Versions made from it stay.",
	"logout":          "The cookie is revoked on the server, so a copy of it is worth nothing either.",
	"listModels":      "`default` marks the one that requests without a model get. Prices are those that estimates and budgets use.",
	"listPurposes":    "Each with its exact pixels, formats and byte limit, the source of the figures and the day they were read.",
	"listStyles":      "Ids for `style_preset`.",
	"listSessions":    "`cursor` pages as fast at a million sessions as at a hundred; `offset` is for older clients. `q` finds words, parts of Hangul syllables and initial consonants in titles and messages.",
	"createSession":   "Costs nothing and asks no generator. The first turn gives it a title where none was named.",
	"getSession":      "The newest 200 messages at most, oldest first; `messages_before` reads what came before them.",
	"updateSession":   "Changes what is named and leaves the rest; null clears what may be empty.",
	"getTurn":         "For clients that follow no socket and no event stream. A turn that has ended stays as it is, until it is retried.",
	"cancelTurn":      "At once, and only by this: a client that goes away cancels nothing. What was sent to the generator may still be charged; `cost_usd` says so.",
	"getUsage":        "What the caller spent, by day and by session. The budget counts what all owners spent over the last 24 hours, as the cap does.",
	"getInfo":         "For programs that look around, and for the app: what to show and where to go. `warnings` are for whoever runs the server.",
}

// schemaNotes say what a component is.
var schemaNotes = map[string]string{
	"AcceptedData": "Of the status `accepted`: a turn was taken in and is saved.", "Brand": "What every picture of a brand follows.",
	"BrandList": "An owner's brand kits.", "Budget": "The caps, and what counts towards them.", "CancelData": "Which turn to end.",
	"ClientData": "A turn's settings, as in TurnRequest.", "Color": "A colour with a name that people say.",
	"ConnectedData": "Of the status `connected`: the socket is open.", "CreateBrandRequest": "A new brand kit.",
	"CreateExportRequest": "A picture and the placements that it is finished for.", "CreateSessionRequest": "A new conversation.",
	"CropArea": "What of the picture a file shows, in its pixels.", "Estimate": "What a turn would cost.", "ExportPreview": "What the files of an export would be.",
	"ExportedPreview": "One file of an export, before it is made.", "FieldProblem": "One part of the input that is wrong.",
	"FocusPoint": "What a crop keeps in its middle, as fractions from the top left.", "GenerateRequest": "A new picture, as older clients ask for it.",
	"GeneratingData": "Of the status `generating`: the model draws.", "Health": "Whether the server works.", "Image": "One picture and where it came from.",
	"ImagePage": "One page of the gallery.", "Info": "What this server is.", "LoginRequest": "The token that a person was given.", "Message": "One saved utterance of a conversation.",
	"Model": "A model of the configured generator.", "PongData": "Of the status `pong`: the answer to a ping.", "PreviewExportRequest": "The files to look at before they are made.",
	"Problem": "Why a request or a turn failed (RFC 9457).", "Provenance": "What the bytes and the generator say of a picture's origin.", "Purpose": "A placement: where pictures are used, and what it demands of them.",
	"QueuedData": "Of the status `queued`: the turn waits for others.", "Readiness": "Whether new work should be sent here.", "RefineRequest": "A change of one picture, as older clients ask for it.",
	"ReplyData": "The reply of a turn.", "ResyncData": "Of the status `resync`: events before the number are no longer kept; read the conversation anew.",
	"RetryingData": "Of the status `retrying`: the generator refused for now and is asked again.", "SafeArea": "What the platform covers at each edge, in pixels of the file.",
	"SavingData": "Of the status `saving`: the picture has come and is written down.", "SendMessageRequest": "Words to talk about, as older clients send them.", "Session": "One conversation about one picture.",
	"SessionData": "Of the status `session`: the conversation itself changed.", "SessionDetail": "A conversation with what was said in it.", "SessionPage": "One page of conversations.",
	"StreamingData": "Of the status `streaming`: the frame's content is the reply so far.", "Style": "A look that can be asked for.", "ThinkingData": "Of the status `thinking`.",
	"Turn": "One request of a person and what became of it.", "TurnRequest": "What a person asks for.", "UpdateBrandRequest": "Changes of a brand kit.",
	"UpdateImageRequest": "Changes of a picture's record.", "UpdateSessionRequest": "Changes of a conversation.", "Usage": "What was spent since a moment.", "UsageDay": "What was spent on one day.",
	"UsageSession": "What was spent in one conversation.",
}

// propertyNotes say what a property is: by "Component.property" or, where it
// means the same everywhere, by its name alone.
var propertyNotes = map[string]string{ //nolint:gosec // words about tokens, no tokens
	"id": "UUIDv7; newer ones sort after older ones", "session_id": "The conversation's id", "turn_id": "The turn that it belongs to",
	"image_id": "An image's id", "created_at": "When it was made", "updated_at": "When it last changed", "timestamp": "When the frame was sent", "type": "The kind of frame",
	"code": "The kind of status, in one word", "mime_type": "Media type of the bytes", "name": "For people", "checked_on": "The day on which the figures were read, YYYY-MM-DD",
	"source": "Where the figures come from", "purpose": "The placement's id", "purposes": "Ids of GET /purposes", "count": "How many pictures, 1 to 4", "model": "A model's id; default: the server's",
	"model_used": "The model's id", "image_purpose": "An id of GET /purposes", "style_preset": "An id of GET /styles", "brand_id": "A brand kit's id", "brand_guidelines": "Free-form brand rules",
	"reference_image_ids": "Pictures to go by, in the order they are spoken of", "reference_roles": "What each reference is, by position", "thinking": "How long the model thinks; one of its levels",
	"custom_width": "Pixels; comes with custom_height and makes this turn one of that size", "custom_height": "Pixels; comes with custom_width",
	"palette": "The brand's colours, the most important first", "typography": "How the brand's words look", "tone": "How the brand speaks", "do": "What pictures of the brand do", "dont": "What they never do",
	"hex": "Red, green and blue", "width": "Pixels", "height": "Pixels", "top": "Pixels", "right": "Pixels", "bottom": "Pixels", "left": "Pixels",
	"elapsed_ms": "How long the model has been at it", "retry_after_ms": "How long until it is asked again", "environment": "APP_ENV", "generator": "gemini, or demo without a key", "version": "The server's version",
	"status": "Where it stands", "since": "From when on it is counted", "turns": "How many turns were run", "images": "How many pictures were made", "tokens": "Tokens that the generator counted", "usd": "US dollars; calls whose answer was lost count with their estimate",
	"alt_text": "What is to be seen, in one sentence, for people who do not see it", "description": "For people", "title": "Taken from the first message where none was given",
	"estimated_cost_usd": "US dollars that it costs at most; that much is held against the budget while it runs", "final_image_id": "The picture that the person settled on",

	"Session.created_at": "When it was started", "Session.messages_count": "Of both sides", "Session.images_generated": "Failed and deleted ones not counted",
	"Session.total_tokens_used": "Tokens of all turns, failed ones too", "Session.total_cost_usd": "US dollars of all turns, failed ones too",
	"SessionDetail.messages_count": "Of both sides", "SessionDetail.images_generated": "Failed and deleted ones not counted",
	"SessionDetail.total_tokens_used": "Tokens of all turns, failed ones too", "SessionDetail.total_cost_usd": "US dollars of all turns, failed ones too",
	"SessionPage.sessions": "In the order that was asked for", "SessionPage.limit": "As it was applied", "SessionPage.offset": "As it was applied",
	"Turn.content": "What the person said", "Turn.cost_usd": "US dollars booked so far, also for what failed or was lost", "Turn.started_at": "When it first ran", "Turn.finished_at": "When it ended", "Turn.user_message_id": "What the person said, saved",
	"Image.bytes": "Size of the exact bytes", "Image.format": "png, jpeg, webp or gif, read from the bytes", "Image.generation_cost_usd": "US dollars; 0 for uploads", "Image.is_selected": "The person starred it", "Image.is_exported": "It has left in a file at least once",
	"ImagePage.images": "Newest first", "Provenance.model_version": "As the generator named it", "Provenance.response_id": "The generator's id of its answer",
	"Purpose.ratio": "As people name it", "Purpose.group_name": "The heading it stands under, for people", "Purpose.description": "What it is, for people", "Style.id": "For style_preset",
	"Model.default": "Requests without a model get this one", "Model.default_size": "What is drawn when a request names no size", "Model.max_reference_images": "The most that one turn may send along", "Model.ratios": "Width to height, as they are asked for", "Model.sizes": "For image_size",
	"UsageDay.day": "YYYY-MM-DD", "FieldProblem.location": "The field, by its path", "FieldProblem.message": "What is wrong with it, for the person", "GenerateRequest.prompt": "What to draw", "RefineRequest.feedback": "What to change",
	"SendMessageRequest.content": "What to talk about", "Info.name": "Always the same", "UpdateBrandRequest.logo_image_id": "An upload with the role logo; null takes the logo away", "UpdateImageRequest.is_selected": "The person's star",
}

// parameterNotes say what a parameter is, by "operation.parameter".
var parameterNotes = map[string]string{
	"listImages.session_id": "Only pictures of this conversation", "listImages.purpose": "Only pictures made for this placement",
	"generateImage.Idempotency-Key": idempotencyNote, "sendMessage.Idempotency-Key": idempotencyNote, "refineImage.Idempotency-Key": idempotencyNote,
}

const idempotencyNote = "The same key in the same session returns the first answer, never a second charge"

// describe fills in what the types do not say of themselves.
func describe(doc *huma.OpenAPI) {
	for name, s := range doc.Components.Schemas.Map() {
		fill(&s.Description, schemaNotes[name])
		for property, p := range s.Properties {
			if p.Ref != "" {
				continue
			}
			note := propertyNotes[name+"."+property]
			if note == "" {
				note = propertyNotes[property]
			}
			fill(&p.Description, note)
		}
	}
	for _, item := range doc.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Patch, item.Delete} {
			if op == nil {
				continue
			}
			fill(&op.Description, operationNotes[op.OperationID])
			for _, p := range op.Parameters {
				fill(&p.Description, parameterNotes[op.OperationID+"."+p.Name])
			}
			for status, r := range op.Responses {
				if c := r.Content["application/json"]; c != nil && strings.HasPrefix(status, "2") && c.Example == nil && c.Examples == nil {
					c.Example = exampleOf(doc.Components.Schemas, c.Schema, 0)
				}
			}
		}
	}
}

func fill(text *string, note string) {
	if *text == "" {
		*text = note
	}
}

// deepest bounds examples of types that hold one another.
const deepest = 6

// exampleOf makes an answer of a schema out of the examples of its parts.
func exampleOf(r huma.Registry, s *huma.Schema, depth int) any {
	switch {
	case s == nil || depth > deepest:
		return nil
	case s.Ref != "":
		return exampleOf(r, r.SchemaFromRef(s.Ref), depth)
	case len(s.Examples) > 0:
		return s.Examples[0]
	case len(s.Enum) > 0:
		return s.Enum[0]
	case len(s.OneOf) > 0:
		return exampleOf(r, s.OneOf[0], depth+1)
	case s.Type == huma.TypeArray:
		if one := exampleOf(r, s.Items, depth+1); one != nil {
			return []any{one}
		}
		return []any{}
	case s.Type == huma.TypeObject:
		return objectExample(r, s, depth)
	case s.Type == huma.TypeInteger, s.Type == huma.TypeNumber:
		if s.Minimum != nil {
			return *s.Minimum
		}
		return 0
	case s.Type == huma.TypeBoolean:
		return false
	case s.Format == "date-time":
		return "2026-12-01T09:00:00Z"
	}
	return ""
}

func objectExample(r huma.Registry, s *huma.Schema, depth int) any {
	made := object{}
	for name, p := range s.Properties {
		switch v := exampleOf(r, p, depth+1); {
		case strings.HasSuffix(name, "_id") || name == "id":
			made[name] = "0199f3c2-7a10-7c3e-9b1a-2f6f1f0c5a11"
		case p.Nullable && len(p.Examples) == 0:
			made[name] = nil
		case (v != nil && v != "") || slices.Contains(s.Required, name):
			made[name] = v
		}
	}
	return made
}
