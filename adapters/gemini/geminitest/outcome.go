package geminitest

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Outcome is what becomes of one generateContent call. The zero Outcome is a
// picture with a sentence, or a sentence alone where only text was asked for.
type Outcome struct {
	Name string
	// Delay passes before anything of the answer is sent.
	Delay time.Duration
	// Hold waits, before anything is sent, until Server.Release.
	Hold bool
	// Error, Page and Raw replace the answer; at most one is set.
	Error *APIError
	Page  *Page
	Raw   []byte // the body of a 200, as it is
	// Answer is what is said and drawn.
	Answer Answer
	// Fault breaks the transport.
	Fault Fault
}

// Answer is the content of a 200.
type Answer struct {
	// Text of "" is a default sentence; NoText sends none.
	Text   string
	NoText bool
	// Images is how many pictures come that are not marked as thoughts: 0
	// means one where the request allows pictures, negative none.
	Images int
	// Drafts is how many thought pictures come first; the last equals the picture.
	Drafts int
	// Thoughts are summaries of the reasoning, sent as thought parts.
	Thoughts []string
	// Finish and FinishMessage end the candidate; "" is STOP. With a Finish
	// other than STOP, MAX_TOKENS and CONTINUATION the candidate is empty.
	Finish, FinishMessage string
	// Block answers with promptFeedback.blockReason and no candidate.
	Block string
	// NoCandidate answers with usage metadata alone.
	NoCandidate bool
	// Picture replaces what would be drawn; MIMEType what it is called.
	Picture  []byte
	MIMEType string
	// BadBase64 breaks the picture's encoding.
	BadBase64 bool
	// NoUsage leaves usageMetadata out.
	NoUsage bool
}

// refusal reports whether the finish reason leaves the candidate empty.
func (a *Answer) refusal() bool {
	switch a.Finish {
	case "", "STOP", "MAX_TOKENS", "CONTINUATION":
		return false
	}
	return true
}

// Page is an answer that does not come from the API itself.
type Page struct {
	Status int
	Body   string
}

// Fault is a way in which a transport breaks.
type Fault string

// The faults. All but FaultHang and FaultReset happen in the middle of a 200.
const (
	FaultNone     Fault = ""
	FaultHang     Fault = "hang"      // the request is read, no answer comes
	FaultReset    Fault = "reset"     // the request is read, the connection is reset
	FaultCut      Fault = "cut"       // the connection ends in the picture
	FaultCutLate  Fault = "cut late"  // the connection ends after the whole picture
	FaultTruncate Fault = "truncated" // the body ends properly in the middle of the JSON
	FaultStall    Fault = "stall"     // half of the body, then silence
	FaultTrickle  Fault = "trickle"   // the body in small pieces with pauses
	FaultError    Fault = "midstream" // the first part, then an error object
	FaultEmpty    Fault = "empty"     // a 200 with nothing in it
)

// APIError is an error as the API writes it.
type APIError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Status  string `json:"status"`
	Details []any  `json:"details,omitempty"`
}

func fail(code int, status, message string, details ...any) Outcome {
	return Outcome{Error: &APIError{Code: code, Message: message, Status: status, Details: details}}
}

func detail(kind string, fields map[string]any) map[string]any {
	d := map[string]any{"@type": "type.googleapis.com/google.rpc." + kind}
	maps.Copy(d, fields)
	return d
}

func errorInfo(reason string) map[string]any {
	return detail("ErrorInfo", map[string]any{
		"reason": reason, "domain": "googleapis.com",
		"metadata": map[string]any{"service": "generativelanguage.googleapis.com"},
	})
}

// quota is a 429 with the details that tell which quota ran out. retry of
// zero leaves RetryInfo out.
func quota(id string, value string, retry time.Duration) Outcome {
	details := []any{
		detail("QuotaFailure", map[string]any{"violations": []any{map[string]any{
			"quotaMetric":     "generativelanguage.googleapis.com/generate_requests_per_model",
			"quotaId":         id,
			"quotaDimensions": map[string]any{"location": "global", "model": "gemini-nano-banana-2.1"},
			"quotaValue":      value,
		}}}),
		detail("Help", map[string]any{"links": []any{map[string]any{
			"description": "Learn more about Gemini API quotas",
			"url":         "https://ai.google.dev/gemini-api/docs/rate-limits",
		}}}),
	}
	if retry > 0 {
		details = append(details, detail("RetryInfo", map[string]any{
			"retryDelay": strconv.FormatFloat(retry.Seconds(), 'f', -1, 64) + "s",
		}))
	}
	return fail(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits.", details...)
}

// Refused is a 200 whose candidate is empty for the given finish reason.
func Refused(reason, message string) Outcome {
	return Outcome{Answer: Answer{Finish: reason, FinishMessage: message}}
}

// Blocked is a 200 without candidates: the prompt itself was blocked.
func Blocked(reason string) Outcome { return Outcome{Answer: Answer{Block: reason}} }

// UnableToShow is what the API says when it keeps a finished picture back.
const UnableToShow = "Unable to show the generated image. The model could not generate the image based on the prompt provided. You will not be charged for this request. Try rephrasing the prompt."

// Outcomes returns every outcome that has a name, by name. The names are what
// prompts use as [[name]].
func Outcomes() map[string]Outcome {
	all := errorOutcomes()
	maps.Copy(all, answerOutcomes())
	for _, f := range []Fault{FaultHang, FaultReset, FaultCut, FaultCutLate, FaultTruncate, FaultStall, FaultTrickle, FaultError, FaultEmpty} {
		all[string(f)] = Outcome{Fault: f}
	}
	for name, o := range all {
		o.Name = name
		all[name] = o
	}
	return all
}

func errorOutcomes() map[string]Outcome {
	return map[string]Outcome{
		"429":      quota("GenerateRequestsPerMinutePerProjectPerModel", "10", 1500*time.Millisecond),
		"429day":   quota("GenerateRequestsPerDayPerProjectPerModel", "250", 34400*time.Millisecond),
		"429free":  quota("GenerateRequestsPerDayPerProjectPerModel-FreeTier", "0", 0),
		"429bare":  fail(429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota)."),
		"429spend": fail(429, "RESOURCE_EXHAUSTED", "Your project has exceeded its monthly spending cap. Please go to AI Studio to manage your project spend cap."),
		"429busy":  fail(429, "RESOURCE_EXHAUSTED", "No capacity available for model.", errorInfo("MODEL_CAPACITY_EXHAUSTED")),
		"500":      fail(500, "INTERNAL", "An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting"),
		"502":      {Page: &Page{502, "<!DOCTYPE html><html lang=en><title>Error 502 (Server Error)!!1</title><p>The server encountered a temporary error.</p></html>"}},
		"503":      fail(503, "UNAVAILABLE", "This model is currently experiencing high demand. Spikes in demand are usually temporary. Please try again later."),
		"503late":  fail(503, "DEADLINE_EXCEEDED", "Deadline expired before operation could complete."),
		"504":      fail(504, "DEADLINE_EXCEEDED", "Deadline expired before operation could complete."),
		"badkey": fail(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", errorInfo("API_KEY_INVALID"),
			detail("LocalizedMessage", map[string]any{"locale": "en-US", "message": "API key not valid. Please pass a valid API key."})),
		"401":      fail(401, "UNAUTHENTICATED", "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential."),
		"leaked":   fail(403, "PERMISSION_DENIED", "Your API key was reported as leaked. Please use another API key."),
		"disabled": fail(403, "PERMISSION_DENIED", "Generative Language API has not been used in project 1 before or it is disabled.", errorInfo("SERVICE_DISABLED")),
		"location": fail(400, "FAILED_PRECONDITION", "User location is not supported for the API use."),
		"400":      fail(400, "INVALID_ARGUMENT", "Aspect ratio is not enabled for this model"),
		"badimage": fail(400, "INVALID_ARGUMENT", "Unable to process input image. Please retry or report in https://developers.generativeai.google/guide/troubleshooting"),
		"413":      fail(413, "INVALID_ARGUMENT", "Request payload size exceeds the limit: 104857600 bytes."),
		"404":      fail(404, "NOT_FOUND", "models/gemini-x is not found for API version v1beta, or is not supported for generateContent. Call ListModels to see the list of available models and their supported methods."),
		"gone":     fail(404, "NOT_FOUND", "This model models/gemini-x is no longer available to new users. Please update your code to use a newer model for the latest features and improvements."),
		"html":     {Page: &Page{200, "<!DOCTYPE html><html><body>Sign in to the network {\"a\":\"b\"}</body></html>"}},
	}
}

func answerOutcomes() map[string]Outcome {
	return map[string]Outcome{
		"image":      {Answer: Answer{NoText: true}},
		"both":       {},
		"text":       {Answer: Answer{Images: -1}},
		"images":     {Answer: Answer{Images: 3}},
		"drafts":     {Answer: Answer{Drafts: 2, Thoughts: []string{"**Planning**\n\nI place the product first."}}},
		"onlydrafts": {Answer: Answer{Drafts: 2, Images: -1, NoText: true}},
		"thoughts":   {Answer: Answer{Thoughts: []string{"**Planning**\n\nI place the product first.", "**Colour**\n\nWarm light suits it."}}},
		"refuse":     Refused("IMAGE_SAFETY", UnableToShow),
		"no_image":   Refused("NO_IMAGE", "Unable to show the generated image. The model did not draw one."),
		"block":      Blocked("OTHER"),
		"notimage":   {Answer: Answer{Picture: []byte("<html>this is no picture</html>"), MIMEType: "image/png"}},
		"badbase64":  {Answer: Answer{BadBase64: true}},
		"nothing":    {Answer: Answer{NoCandidate: true}},
		"no_usage":   {Answer: Answer{NoUsage: true}},
	}
}

var directive = regexp.MustCompile(`\[\[([^\[\]]+)\]\]`)

// Scripted reads the directives of a prompt. seen tells how often the same
// prompt was answered before, for [[429 x2]], which fails two calls and then
// lets the rest of the directives speak.
//
//	[[NAME]]        an outcome of Outcomes
//	[[NAME xN]]     the same, for the first N calls with this prompt
//	[[finish X]]    a candidate that ended with finish reason X
//	[[block X]]     a prompt blocked for X
//	[[images N]]    N pictures
//	[[slow 3s]]     a delay before the answer; goes with any other
//	[[hold]]        wait for Server.Release; goes with any other
//	[[say WORDS]]   the words of the reply
func Scripted(prompt string, seen int) (Outcome, error) {
	var out Outcome
	for _, m := range directive.FindAllStringSubmatch(prompt, -1) {
		name, arg, _ := strings.Cut(strings.TrimSpace(m[1]), " ")
		if err := out.apply(name, strings.TrimSpace(arg), seen); err != nil {
			return Outcome{}, err
		}
	}
	return out, nil
}

func (o *Outcome) apply(name, arg string, seen int) error {
	switch name {
	case "slow":
		d, err := time.ParseDuration(arg)
		o.Delay = d
		return err
	case "hold":
		o.Hold = true
	case "say":
		o.Answer.Text = arg
	case "finish":
		o.Name, o.Answer.Finish, o.Answer.FinishMessage = name+" "+arg, arg, UnableToShow
	case "block":
		o.Name, o.Answer.Block = name, "OTHER"
		if arg != "" {
			o.Answer.Block = arg
		}
	default:
		return o.named(name, arg, seen)
	}
	return nil
}

func (o *Outcome) named(name, arg string, seen int) error {
	known, ok := Outcomes()[name]
	if !ok {
		return fmt.Errorf("geminitest: no outcome %q; there are %v, slow, hold, say, finish, block",
			name, slices.Sorted(maps.Keys(Outcomes())))
	}
	if times, ok := strings.CutPrefix(arg, "x"); ok {
		n, err := strconv.Atoi(times)
		if err != nil || seen >= n {
			return err
		}
	} else if n, err := strconv.Atoi(arg); err == nil && name == "images" {
		known.Answer.Images = n
	}
	known.Delay, known.Hold = o.Delay, o.Hold
	known.Answer.Text = o.Answer.Text
	*o = known
	return nil
}

// body is the body of an error answer.
func (e *APIError) body() []byte {
	b, err := json.MarshalIndent(map[string]any{"error": e}, "", "  ")
	if err != nil {
		panic(err) // maps of strings and numbers
	}
	return b
}
