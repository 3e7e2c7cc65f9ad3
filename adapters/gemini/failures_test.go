package gemini_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini/geminitest"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/memory"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

// Short names for the table.
const (
	none    = imagechat.ChargeNone
	unknown = imagechat.ChargeUnknown
	metered = imagechat.ChargeMetered
)

// noon is 22 November 2026, 12:00 in California; midnight is twelve hours away.
var noon = time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC)

// named is what a person's side of a failure looks like.
type named struct {
	Code      imagechat.Code
	Charge    imagechat.Charge
	Retryable bool
	After     time.Duration
	Resets    time.Time
	Params    map[string]string
	Reason    string // "…" at its end: a beginning
}

func (n named) beginsLike(want named) named {
	if begin, ok := strings.CutSuffix(want.Reason, "…"); ok && strings.HasPrefix(n.Reason, begin) {
		n.Reason = want.Reason
	}
	return n
}

// failure is one row of the map from what the API does to what people see.
type failure struct {
	script string // a directive of the stand-in
	want   named
}

func failures() []failure {
	gone := map[string]string{"model": gemini.DefaultModel}
	midnight := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	quota := "You exceeded your current quota…"
	late := "Deadline expired before operation could complete."
	return []failure{
		// HTTP errors of the API: its own words are the reason.
		{"429", named{imagechat.RateLimited, none, true, 1500 * time.Millisecond, time.Time{}, nil, quota}},
		{"429day", named{imagechat.QuotaExhausted, none, true, 12 * time.Hour, midnight, nil, quota}},
		{"429free", named{imagechat.QuotaExhausted, none, false, 0, time.Time{}, nil, quota}},
		{"429bare", named{imagechat.RateLimited, none, true, 0, time.Time{}, nil, "Resource has been exhausted (e.g. check quota)."}},
		{"429spend", named{imagechat.QuotaExhausted, none, false, 0, time.Time{}, nil, "Your project has exceeded its monthly spending cap.…"}},
		{"429busy", named{imagechat.GeneratorOverloaded, none, true, 0, time.Time{}, nil, "No capacity available for model."}},
		{"500", named{imagechat.GeneratorOverloaded, none, true, 0, time.Time{}, nil, "An internal error has occurred.…"}},
		{"503", named{imagechat.GeneratorOverloaded, none, true, 0, time.Time{}, nil, "This model is currently experiencing high demand.…"}},
		{"503late", named{imagechat.GeneratorTimeout, unknown, true, 0, time.Time{}, nil, late}},
		{"504", named{imagechat.GeneratorTimeout, unknown, true, 0, time.Time{}, nil, late}},
		{"502", named{imagechat.GeneratorProtocol, unknown, true, 0, time.Time{}, nil, ""}}, // a web page says nothing to a person
		{"badkey", named{imagechat.GeneratorRejectedKey, none, false, 0, time.Time{}, nil, "API key not valid.…"}},
		{"401", named{imagechat.GeneratorRejectedKey, none, false, 0, time.Time{}, nil, "Request had invalid…"}},
		{"leaked", named{imagechat.GeneratorRejectedKey, none, false, 0, time.Time{}, nil, "Your API key was reported as leaked.…"}},
		{"disabled", named{imagechat.GeneratorRejectedKey, none, false, 0, time.Time{}, map[string]string{"cause": "api_disabled"}, "Generative Language API has not…"}},
		{"location", named{imagechat.ModelUnavailable, none, false, 0, time.Time{}, map[string]string{"cause": "region"}, "User location is not supported for the API use."}},
		{"404", named{imagechat.ModelUnavailable, none, false, 0, time.Time{}, gone, "models/gemini-x is not found…"}},
		{"gone", named{imagechat.ModelUnavailable, none, false, 0, time.Time{}, gone, "This model models/gemini-x is no longer…"}},
		{"400", named{imagechat.InvalidRequest, none, false, 0, time.Time{}, map[string]string{"cause": "generator"}, "Aspect ratio is not enabled for this model"}},
		{"badimage", named{imagechat.InvalidImage, none, false, 0, time.Time{}, nil, "Unable to process input image.…"}},
		{"413", named{imagechat.PayloadTooLarge, none, false, 0, time.Time{}, nil, "Request payload size…"}},

		// Refusals: never retried, booked by what the answer says it used.
		{"finish IMAGE_SAFETY", named{imagechat.ContentBlocked, metered, false, 0, time.Time{}, nil, geminitest.UnableToShow}},
		{"finish IMAGE_PROHIBITED_CONTENT", named{imagechat.ContentBlocked, metered, false, 0, time.Time{}, nil, geminitest.UnableToShow}},
		{"finish IMAGE_RECITATION", named{imagechat.ContentBlocked, metered, false, 0, time.Time{}, nil, geminitest.UnableToShow}},
		{"finish PROHIBITED_CONTENT", named{imagechat.ContentBlocked, metered, false, 0, time.Time{}, nil, geminitest.UnableToShow}},
		{"finish SAFETY", named{imagechat.ContentBlocked, metered, false, 0, time.Time{}, nil, geminitest.UnableToShow}},
		{"finish RECITATION", named{imagechat.ContentBlocked, metered, false, 0, time.Time{}, nil, geminitest.UnableToShow}},
		{"finish BLOCKLIST", named{imagechat.ContentBlocked, metered, false, 0, time.Time{}, nil, geminitest.UnableToShow}},
		{"finish SPII", named{imagechat.ContentBlocked, metered, false, 0, time.Time{}, nil, geminitest.UnableToShow}},
		{"finish LANGUAGE", named{imagechat.ContentBlocked, metered, false, 0, time.Time{}, nil, geminitest.UnableToShow}},
		{"block OTHER", named{imagechat.ContentBlocked, metered, false, 0, time.Time{}, nil, "OTHER"}},
		{"block SAFETY", named{imagechat.ContentBlocked, metered, false, 0, time.Time{}, nil, "SAFETY"}},
		{"block PROHIBITED_CONTENT", named{imagechat.ContentBlocked, metered, false, 0, time.Time{}, nil, "PROHIBITED_CONTENT"}},
		{"block IMAGE_SAFETY", named{imagechat.ContentBlocked, metered, false, 0, time.Time{}, nil, "IMAGE_SAFETY"}},
		{"block BLOCKLIST", named{imagechat.ContentBlocked, metered, false, 0, time.Time{}, nil, "BLOCKLIST"}},
		{"block MODEL_ARMOR", named{imagechat.ContentBlocked, metered, false, 0, time.Time{}, nil, "MODEL_ARMOR"}},
		{"block JAILBREAK", named{imagechat.ContentBlocked, metered, false, 0, time.Time{}, nil, "JAILBREAK"}},

		// No picture.
		{"finish NO_IMAGE", named{imagechat.NoImageReturned, metered, true, 0, time.Time{}, nil, geminitest.UnableToShow}},
		{"finish IMAGE_OTHER", named{imagechat.NoImageReturned, metered, true, 0, time.Time{}, nil, geminitest.UnableToShow}},
		{"finish OTHER", named{imagechat.NoImageReturned, metered, true, 0, time.Time{}, nil, geminitest.UnableToShow}},
		{"finish SOMETHING_NEW", named{imagechat.NoImageReturned, metered, true, 0, time.Time{}, nil, geminitest.UnableToShow}},
		{"nothing", named{imagechat.NoImageReturned, metered, true, 0, time.Time{}, nil, ""}},
		{"empty", named{imagechat.NoImageReturned, unknown, true, 0, time.Time{}, nil, ""}},

		// Answers that are none.
		{"finish MALFORMED_FUNCTION_CALL", named{imagechat.GeneratorProtocol, metered, true, 0, time.Time{}, nil, geminitest.UnableToShow}},
		{"finish UNEXPECTED_TOOL_CALL", named{imagechat.GeneratorProtocol, metered, true, 0, time.Time{}, nil, geminitest.UnableToShow}},
		{"finish MALFORMED_RESPONSE", named{imagechat.GeneratorProtocol, metered, true, 0, time.Time{}, nil, geminitest.UnableToShow}},
		{"finish MISSING_THOUGHT_SIGNATURE", named{imagechat.GeneratorProtocol, metered, true, 0, time.Time{}, nil, geminitest.UnableToShow}},
		{"finish TOO_MANY_TOOL_CALLS", named{imagechat.GeneratorProtocol, metered, true, 0, time.Time{}, nil, geminitest.UnableToShow}},
		{"notimage", named{imagechat.GeneratorProtocol, unknown, true, 0, time.Time{}, nil, ""}},
		{"badbase64", named{imagechat.GeneratorProtocol, unknown, true, 0, time.Time{}, nil, ""}},
		{"html", named{imagechat.GeneratorProtocol, none, false, 0, time.Time{}, map[string]string{"cause": "web_page"}, ""}},
		{"truncated", named{imagechat.GeneratorProtocol, unknown, true, 0, time.Time{}, nil, ""}},
		{"cut", named{imagechat.GeneratorProtocol, unknown, true, 0, time.Time{}, nil, ""}},
		{"reset", named{imagechat.Interrupted, unknown, true, 0, time.Time{}, nil, ""}},
		{"hang", named{imagechat.GeneratorTimeout, unknown, true, 0, time.Time{}, nil, ""}},
		{"stall", named{imagechat.GeneratorTimeout, unknown, true, 0, time.Time{}, nil, ""}},
	}
}

func TestEveryFailureHasAName(t *testing.T) {
	t.Parallel()
	for _, tt := range failures() {
		for _, unary := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, unary %v", tt.script, unary), func(t *testing.T) {
				t.Parallel()
				k := newKit(t, nil, func(o *gemini.Options) {
					o.Unary = unary
					o.Now = func() time.Time { return noon }
					switch tt.script { // the silences end by different clocks
					case "hang":
						o.Timeout = time.Second
					case "stall":
						o.IdleTimeout = time.Second
					}
				})
				res, err := k.gen.Generate(t.Context(), k.call(imagechat.KindGenerate, "a bag [["+tt.script+"]]"))
				e := imagechat.AsError(err)
				if e == nil {
					t.Fatalf("no error; result %+v", res)
				}
				got := named{e.Code, e.Charge, e.Retryable, e.RetryAfter, e.ResetsAt, e.Params, e.Reason}
				if diff := cmp.Diff(tt.want, got.beginsLike(tt.want)); diff != "" {
					t.Errorf("(-want +got):\n%s\nerror: %v", diff, err)
				}
				if calls := k.srv.Calls(); calls != 1 {
					t.Errorf("%d requests were made", calls)
				}
				if e.Charge == metered && res.Usage.Total == 0 {
					t.Errorf("charge %s with usage %+v", e.Charge, res.Usage)
				}
				if left := k.spooledAs(imagechat.SpoolImage); left != 0 {
					t.Errorf("%d pictures of a failed call are in the spool", left)
				}
				for _, text := range []string{err.Error(), fmt.Sprintf("%+v %#v", err, e), e.Reason} {
					if strings.Contains(text, canary) {
						t.Errorf("the key shows in %q", text)
					}
				}
			})
		}
	}
}

func TestBooksWhatARefusalSaysItUsed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		script string
		free   bool
	}{
		{"refuse", true},    // "You will not be charged for this request."
		{"no_image", false}, // says nothing about money: the reasoning is booked
		{"block OTHER", false},
	} {
		t.Run(tt.script, func(t *testing.T) {
			t.Parallel()
			k := newKit(t, nil, nil)
			res, err := k.gen.Generate(t.Context(), k.call(imagechat.KindGenerate, "[["+tt.script+"]]"))
			if err == nil || (res.Cost == 0) != tt.free || res.ResponseID == "" || res.ModelVersion == "" {
				t.Errorf("got %+v, %v", res, err)
			}
			if res.Usage.Image != 0 || res.Usage.Text != 0 {
				t.Errorf("the refusal is booked as a picture or words: %+v", res.Usage)
			}
		})
	}
}

func TestWordsAloneAreAnAnswer(t *testing.T) {
	t.Parallel()
	for _, script := range []string{"text", "finish STOP", "finish MAX_TOKENS"} {
		k := newKit(t, nil, nil)
		res, err := k.gen.Generate(t.Context(), k.call(imagechat.KindChat, "안녕하세요 [["+script+"]]"))
		if err != nil || !strings.Contains(res.Text(), "안녕하세요") || res.Image() != nil {
			t.Errorf("%s: got %+v, %v", script, res, err)
		}
	}
}

func TestKeepsAPictureThatCameWhole(t *testing.T) {
	t.Parallel()
	picture := `data: {"candidates":[{"content":{"parts":[{"inlineData":{"mimeType":"image/jpeg","data":"` +
		base64.StdEncoding.EncodeToString(imagechattest.JPEG(64, 64, 1)) + `"`
	tests := []struct {
		name  string
		unary bool
		out   geminitest.Outcome
	}{
		{"the connection ends after a stream's picture", false, geminitest.Outcomes()["cut late"]},
		{"the connection ends after a whole answer's picture", true, geminitest.Outcomes()["cut late"]},
		{"the event is torn right behind the picture", false, geminitest.Outcome{Raw: []byte(picture)}},
		{"an error follows the picture", false, geminitest.Outcome{Raw: []byte(picture + `}}],"role":"model"}}]}` + "\n\n" +
			`{"error":{"code":499,"message":"The operation was cancelled.","status":"CANCELLED"}}` + "\n\n")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t, nil, func(o *gemini.Options) { o.Unary = tt.unary })
			k.srv.Script(tt.out)
			res, err := k.gen.Generate(t.Context(), k.call(imagechat.KindGenerate, "a bag"))
			if err != nil {
				t.Fatal(err)
			}
			if !res.Partial || res.Error == nil || res.Error.Charge != unknown || res.Image() == nil {
				t.Fatalf("got %+v", res)
			}
			if got := keyOf(k.spooled(res.Image().Blob)); got != res.Image().Blob || res.Image().MIMEType != "image/jpeg" {
				t.Errorf("picture %+v", res.Image())
			}
			if res.Cost < imagechat.Dollars(.0336) {
				t.Errorf("a picture that came costs %v", res.Cost)
			}
		})
	}
}

// late answers in the very moment in which its silence is given up.
type late struct{ answer []byte }

func (l late) RoundTrip(req *http.Request) (*http.Response, error) {
	begun := bytes.Index(l.answer, []byte(`"data"`)) + 1000
	body := &lateBody{req.Context(), bytes.NewReader(l.answer[:begun]), bytes.NewReader(l.answer[begun:])}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"text/event-stream"}}, Body: body, Request: req}, nil
}

type lateBody struct {
	ctx         context.Context
	begun, rest *bytes.Reader
}

func (b *lateBody) Read(p []byte) (int, error) {
	if b.begun.Len() > 0 {
		return b.begun.Read(p)
	}
	<-b.ctx.Done()
	return b.rest.Read(p)
}

func (b *lateBody) Close() error { return nil }

func TestAnAnswerThatComesAsItsSilenceIsGivenUpIsKept(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/pro-image-text-and-image.unary.json")
	if err != nil {
		t.Fatal(err)
	}
	var event bytes.Buffer
	event.WriteString("data: ")
	if err := json.Compact(&event, raw); err != nil {
		t.Fatal(err)
	}
	event.WriteString("\r\n\r\n")
	raw = event.Bytes()
	k := newKit(t, nil, func(o *gemini.Options) { o.IdleTimeout, o.Transport = 10*time.Millisecond, late{raw} })
	res, err := k.gen.Generate(t.Context(), k.call(imagechat.KindGenerate, "a bag"))
	if err != nil || res.Image() == nil {
		t.Errorf("got %+v, %v", res, err)
	}
}

func TestTricklesAreNoSilence(t *testing.T) {
	t.Parallel()
	k := newKit(t, nil, func(o *gemini.Options) { o.IdleTimeout = 100 * geminitest.TricklePause })
	res, err := k.gen.Generate(t.Context(), k.call(imagechat.KindGenerate, "a bag [[trickle]]"))
	if err != nil || res.Image() == nil {
		t.Errorf("got %+v, %v", res, err)
	}
}

func TestCancelEndsACallAtOnce(t *testing.T) {
	t.Parallel()
	k := newKit(t, nil, nil)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		if k.srv.AwaitCalls(t.Context(), 1) == nil {
			cancel()
		}
	}()
	_, err := k.gen.Generate(ctx, k.call(imagechat.KindGenerate, "a bag [[hold]]"))
	e := imagechat.AsError(err)
	if e == nil || e.Code != imagechat.Cancelled || e.Charge != unknown || !errors.Is(err, context.Canceled) {
		t.Errorf("got %+v", e)
	}
}

func TestNothingWasChargedBeforeARequestWasSent(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := ln.Addr().String()
	_ = ln.Close() // nobody listens there now
	k := newKit(t, nil, nil)
	k.gen = newGenerator(t, "http://"+addr, nil)
	_, err = k.gen.Generate(t.Context(), k.call(imagechat.KindGenerate, "a bag"))
	e := imagechat.AsError(err)
	if e == nil || e.Code != imagechat.GeneratorOverloaded || e.Charge != none || !e.Retryable {
		t.Errorf("refused connection: got %+v", e)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = k.gen.Generate(ctx, k.call(imagechat.KindGenerate, "a bag"))
	if e := imagechat.AsError(err); e == nil || e.Code != imagechat.Cancelled || e.Charge != none {
		t.Errorf("cancelled before the start: got %+v", e)
	}
}

func TestOurOwnStoragesFaultsAreNotTheGenerators(t *testing.T) {
	t.Parallel()
	full := fmt.Errorf("disk: %w", imagechat.StorageFull)
	tests := []struct {
		name   string
		break_ func(*memory.BlobStore, *imagechat.Call)
		want   imagechat.Code
		charge imagechat.Charge
	}{
		{"the spool does not open", func(b *memory.BlobStore, _ *imagechat.Call) { b.FailNext("Spool.Create", 1, full) }, imagechat.StorageFull, unknown},
		{"the spool is full half-way", func(b *memory.BlobStore, _ *imagechat.Call) { b.FailNext("Spool.Write", 1, full) }, imagechat.StorageFull, unknown},
		{"the spool fails at its end", func(b *memory.BlobStore, _ *imagechat.Call) {
			b.FailNext("Spool.Commit", 1, errors.New("EIO"))
		}, imagechat.StorageUnavailable, unknown},
		{"a reference is gone", func(_ *memory.BlobStore, c *imagechat.Call) {
			c.References = []imagechat.InputImage{{Blob: keyOf([]byte("gone")), Bytes: 10_000, MIMEType: "image/png"}}
		}, imagechat.ImageNotFound, none},
		{"references beyond what one request takes", func(_ *memory.BlobStore, c *imagechat.Call) {
			for range 6 {
				c.References = append(c.References, imagechat.InputImage{Blob: keyOf([]byte("heavy")), Bytes: 20_000_000, MIMEType: "image/png"})
			}
		}, imagechat.PayloadTooLarge, none},
		{"a reference of unknown size is gone", func(_ *memory.BlobStore, c *imagechat.Call) {
			c.References = []imagechat.InputImage{{Blob: keyOf([]byte("gone")), MIMEType: "image/png"}}
		}, imagechat.ImageNotFound, none},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t, nil, nil)
			call := k.call(imagechat.KindGenerate, "a bag")
			tt.break_(k.blobs, call)
			_, err := k.gen.Generate(t.Context(), call)
			e := imagechat.AsError(err)
			if e == nil || e.Code != tt.want || e.Charge != tt.charge {
				t.Errorf("got %+v, want %s %s", e, tt.want, tt.charge)
			}
		})
	}
}

// The days of a quota begin at midnight in California, in summer and in winter.
func TestADailyQuotaSaysWhenItResets(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, now, want string }{
		{"in winter", "2026-11-22T20:00:00Z", "2026-11-23T08:00:00Z"},
		{"in summer", "2026-07-01T20:00:00Z", "2026-07-02T07:00:00Z"},
		{"just before midnight", "2026-11-22T07:59:59Z", "2026-11-22T08:00:00Z"},
		{"at midnight", "2026-11-22T08:00:00Z", "2026-11-23T08:00:00Z"},
		{"on the day the clocks go back", "2026-11-01T12:00:00Z", "2026-11-02T08:00:00Z"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			now, err := time.Parse(time.RFC3339, tt.now)
			if err != nil {
				t.Fatal(err)
			}
			k := newKit(t, nil, func(o *gemini.Options) { o.Now = func() time.Time { return now } })
			_, err = k.gen.Generate(t.Context(), k.call(imagechat.KindGenerate, "[[429day]]"))
			e := imagechat.AsError(err)
			if got := e.ResetsAt.Format(time.RFC3339); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// silent is a server that sends the head of an answer and then nothing. It
// lives inside a bubble, where an hour of silence takes no time.
type silent struct{ head string }

func (s silent) RoundTrip(req *http.Request) (*http.Response, error) {
	_ = req.Body.Close()
	pr := &silentBody{ctx: req.Context(), head: strings.NewReader(s.head)}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: pr, Request: req}, nil
}

type silentBody struct {
	ctx  context.Context
	head *strings.Reader
}

func (b *silentBody) Read(p []byte) (int, error) {
	if b.head.Len() > 0 {
		return b.head.Read(p)
	}
	<-b.ctx.Done()
	return 0, b.ctx.Err()
}
func (b *silentBody) Close() error { return nil }

// A model may draw for as long as a call may last; a picture that has begun to
// come, and an answer that has ended, are not waited for so long.
func TestSilenceEndsACall(t *testing.T) {
	t.Parallel()
	const whole = `data: {"candidates":[{"content":{"parts":[{"text":"done"}]},"finishReason":"STOP"}]}` + "\n\n"
	for name, tt := range map[string]struct {
		head string
		want time.Duration
		fine bool
	}{
		"before the picture":      {"data: {\"candidates\":[]}\n\ndata: {\"candidates\"", 4 * time.Minute, false},
		"inside of the picture":   {`data: {"candidates":[{"content":{"parts":[{"inlineData":{"data":"AAAAAAAA`, time.Minute, false},
		"behind the answer's end": {whole, time.Minute, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := &kit{t: t, blobs: memory.NewBlobStore()}
				gen := newGenerator(t, "http://127.0.0.1:1", func(o *gemini.Options) { o.Transport = silent{tt.head} })
				ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
				defer cancel()
				start := time.Now()
				_, err := gen.Generate(ctx, k.call(imagechat.KindConverse, "a bag"))
				e := imagechat.AsError(err)
				if tt.fine && err != nil || !tt.fine && (e == nil || e.Code != imagechat.GeneratorTimeout || e.Charge != unknown) {
					t.Errorf("got %+v", e)
				}
				if got := time.Since(start); got != tt.want {
					t.Errorf("ended after %v, want %v", got, tt.want)
				}
			})
		})
	}
}
