package gemini

import (
	"errors"
	"strings"

	"google.golang.org/genai"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// What an answer with status 200 amounts to. Finish reasons:
// https://ai.google.dev/api/generate-content#FinishReason

// refusals are the finish reasons by which the API keeps something back.
var refusals = map[genai.FinishReason]bool{
	genai.FinishReasonSafety: true, genai.FinishReasonRecitation: true, genai.FinishReasonLanguage: true,
	genai.FinishReasonBlocklist: true, genai.FinishReasonProhibitedContent: true, genai.FinishReasonSPII: true,
	genai.FinishReasonImageSafety: true, genai.FinishReasonImageProhibitedContent: true, genai.FinishReasonImageRecitation: true,
}

// malformed are the finish reasons of an answer that went wrong in itself.
var malformed = map[genai.FinishReason]bool{
	genai.FinishReasonMalformedFunctionCall: true, genai.FinishReasonUnexpectedToolCall: true, "TOO_MANY_TOOL_CALLS": true,
	"MALFORMED_RESPONSE": true, "MISSING_THOUGHT_SIGNATURE": true,
}

// pictureless are the finish reasons that say that no picture was made.
var pictureless = map[genai.FinishReason]bool{
	genai.FinishReasonNoImage: true, genai.FinishReasonImageOther: true,
}

var errNoPicture = errors.New("gemini: what came as a picture is none")

// verdict is nil for a picture or an answer in words.
func (a *answer) verdict() *imagechat.Error {
	res := imagechat.Result{Parts: a.parts}
	words := strings.TrimSpace(res.Text())
	img := res.Image()
	var code imagechat.Code
	switch {
	case img != nil:
		return nil
	case a.block != "" || refusals[a.finish]:
		code = imagechat.ContentBlocked
	case malformed[a.finish]:
		code = imagechat.GeneratorProtocol
	case words == "" || pictureless[a.finish]:
		code = imagechat.NoImageReturned
	default:
		return nil
	}
	e := &imagechat.Error{Code: code, Charge: imagechat.ChargeMetered, Reason: a.reason(words)}
	e.Retryable = code != imagechat.ContentBlocked
	if a.usage == nil {
		e.Charge = imagechat.ChargeUnknown
	}
	return e
}

// reason is the generator's own explanation: its message, else its words, else
// the name that it gave to the end.
func (a *answer) reason(words string) string {
	for _, note := range a.x.notes {
		if note = strings.TrimSpace(note); note != "" {
			return note
		}
	}
	switch {
	case words != "":
		return words
	case a.block != "":
		return string(a.block)
	case a.finish != genai.FinishReasonStop:
		return string(a.finish)
	}
	return ""
}

// isPicture reports whether a sniffed type is one of those that models draw.
func isPicture(mime string) bool {
	switch mime {
	case "image/png", "image/jpeg", "image/webp", "image/gif":
		return true
	}
	return false
}

// saysFree reports whether the API itself says that it does not charge, as it
// does where it keeps a finished picture back.
func saysFree(notes []string) bool {
	for _, n := range notes {
		if strings.Contains(strings.ToLower(n), "will not be charged") {
			return true
		}
	}
	return false
}
