package gemini_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini/geminitest"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

func TestThreeEditsInARowWithSignaturesEnforced(t *testing.T) {
	t.Parallel()
	for _, unary := range []bool{false, true} {
		t.Run(fmt.Sprintf("unary %v", unary), func(t *testing.T) {
			t.Parallel()
			o := geminitest.Options{MaxSide: 200, SignatureBytes: 900_000, Key: canary}
			k := newKit(t, &o, nil)
			c := &conversation{k: k, gen: newGenerator(t, k.srv.URL, func(o *gemini.Options) { o.Unary = unary })}
			res := c.turn("a bag [[drafts]]", nil)
			for i, wish := range []string{"in red", "brighter", "with a logo"} {
				if i == 1 {
					// Both sides start anew: nothing is remembered but what was kept.
					again := newKit(t, &o, nil)
					again.blobs, again.calls, again.t = k.blobs, k.calls, t
					k, c.k = again, again
					c.gen = newGenerator(t, k.srv.URL, func(o *gemini.Options) { o.Unary = unary })
				}
				before := res
				res = c.turn(wish, func(call *imagechat.Call) { call.Anchor = anchor(before) })
				if res.Context != imagechat.ContextReplay {
					t.Errorf("%s: told by %s", wish, res.Context)
				}
			}
			checkReplay(t, k.srv.Last(), c.history[:len(c.history)-2])
			if calls := k.srv.Calls(); calls != 2 {
				t.Errorf("%d requests after the restart, want 2: none was refused", calls)
			}
		})
	}
}

// checkReplay expects every earlier turn part by part, in order, byte for byte.
func checkReplay(t *testing.T, req geminitest.Request, history []imagechat.Utterance) {
	t.Helper()
	var want []geminitest.Content
	for _, u := range history {
		if u.Role == imagechat.RoleUser {
			want = append(want, geminitest.Content{Role: "user", Parts: []geminitest.Part{{Text: u.Text}}})
			continue
		}
		content := geminitest.Content{Role: "model"}
		for _, p := range u.Parts {
			content.Parts = append(content.Parts, geminitest.Part{
				Text: p.Text, Thought: p.Thought, MIMEType: p.MIMEType, SHA256: string(p.Blob), Bytes: int(p.Size),
				SignatureSHA256: string(p.Signature), SignatureBytes: int(p.SignatureSize)})
		}
		want = append(want, content)
	}
	if diff := cmp.Diff(want, req.Content[:len(req.Content)-1]); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	last := req.Content[len(req.Content)-1]
	wantLast := geminitest.Content{Role: "user", Parts: []geminitest.Part{{Text: "Attached picture 1 is the newest picture you made, above."}, {Text: req.Prompt}}}
	if diff := cmp.Diff(wantLast, last); diff != "" {
		t.Errorf("utterance (-want +got):\n%s", diff)
	}
	if req.Length != req.Bytes {
		t.Errorf("Content-Length %d of %d bytes", req.Length, req.Bytes)
	}
}

func TestReplaysOrAnchors(t *testing.T) {
	t.Parallel()
	const summary = "What was said before, in short:\n- Person: a bag\n- You: Here is your picture: a bag [you made a picture]\n" +
		"- Person: in red\n- You: Here is your picture: in red [you made a picture]"
	type told struct {
		Mode  imagechat.ContextMode
		Turns int
		First string // the first part of the present utterance
		Shown []string
	}
	tests := []struct {
		name   string
		gen    func(*gemini.Options)
		change func(c *imagechat.Call, first, second *imagechat.Result)
		want   func(first, second *imagechat.Result) told
	}{
		{"no picture chosen: the talk goes on", nil, func(*imagechat.Call, *imagechat.Result, *imagechat.Result) {},
			func(_, _ *imagechat.Result) told { return told{imagechat.ContextReplay, 5, "now blue", nil} }},
		{"the newest picture chosen", nil, func(c *imagechat.Call, _, second *imagechat.Result) { c.Anchor = anchor(second) },
			func(_, _ *imagechat.Result) told {
				return told{imagechat.ContextReplay, 5, "Attached picture 1 is the newest picture you made, above.", nil}
			}},
		{"an older picture chosen", nil, func(c *imagechat.Call, first, _ *imagechat.Result) { c.Anchor = anchor(first) },
			func(first, _ *imagechat.Result) told {
				return told{imagechat.ContextAnchor, 1, summary, []string{string(first.Image().Blob)}}
			}},
		{"another model", nil, func(c *imagechat.Call, _, second *imagechat.Result) {
			c.Anchor, c.Model = anchor(second), "gemini-3-pro-image"
		}, func(_, second *imagechat.Result) told {
			return told{imagechat.ContextAnchor, 1, summary, []string{string(second.Image().Blob)}}
		}},
		{"another model and no picture chosen: the newest goes along", nil, func(c *imagechat.Call, _, _ *imagechat.Result) {
			c.Model = "gemini-3-pro-image"
		}, func(_, second *imagechat.Result) told {
			return told{imagechat.ContextAnchor, 1, summary, []string{string(second.Image().Blob)}}
		}},
		{"a history beyond its budget", func(o *gemini.Options) { o.HistoryBytes = 1000 }, func(c *imagechat.Call, _, second *imagechat.Result) {
			c.Anchor = anchor(second)
		}, func(_, second *imagechat.Result) told {
			return told{imagechat.ContextAnchor, 1, summary, []string{string(second.Image().Blob)}}
		}},
		{"a turn whose signature was lost", nil, func(c *imagechat.Call, _, second *imagechat.Result) {
			parts := append([]imagechat.Part{}, second.Parts...)
			for i := range parts {
				parts[i].Signature, parts[i].SignatureSize = "", 0
			}
			c.History = append([]imagechat.Utterance{}, c.History...)
			c.History[3].Parts = parts
		}, func(_, second *imagechat.Result) told {
			return told{imagechat.ContextAnchor, 1, summary, []string{string(second.Image().Blob)}}
		}},
		{"a turn of a generator that keeps no parts", nil, func(c *imagechat.Call, first, _ *imagechat.Result) {
			c.History = []imagechat.Utterance{{Role: imagechat.RoleUser, Text: "a bag"},
				{Role: imagechat.RoleAssistant, Text: "drawn", Model: "demo", Images: []imagechat.InputImage{*anchor(first)}}}
		}, func(first, _ *imagechat.Result) told {
			return told{imagechat.ContextAnchor, 1, "What was said before, in short:\n- Person: a bag\n- You: drawn [you made a picture]",
				[]string{string(first.Image().Blob)}}
		}},
		{"a failed turn in between is passed over", nil, func(c *imagechat.Call, _, _ *imagechat.Result) {
			c.History = append(append([]imagechat.Utterance{}, c.History...),
				imagechat.Utterance{Role: imagechat.RoleUser, Text: "greener"}, imagechat.Utterance{Role: imagechat.RoleAssistant})
		}, func(_, _ *imagechat.Result) told { return told{imagechat.ContextReplay, 6, "now blue", nil} }},
		{"nothing before", nil, func(c *imagechat.Call, _, _ *imagechat.Result) { c.History = nil },
			func(_, _ *imagechat.Result) told { return told{imagechat.ContextFresh, 1, "now blue", nil} }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t, nil, nil)
			c := &conversation{k: k, gen: newGenerator(t, k.srv.URL, tt.gen)}
			first := c.turn("a bag", nil)
			second := c.turn("in red", nil)
			res := c.turn("now blue", func(call *imagechat.Call) { tt.change(call, first, second) })
			req := k.srv.Last()
			present := req.Content[len(req.Content)-1].Parts
			got := told{Mode: res.Context, Turns: len(req.Content), First: present[0].Text}
			for _, p := range present {
				if p.SHA256 != "" {
					got.Shown = append(got.Shown, p.SHA256)
				}
			}
			if diff := cmp.Diff(tt.want(first, second), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// What the Service chose is done, and pictures bear the numbers that the prompt
// was written for.
func TestObeysTheChoiceOfTheService(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		asked  imagechat.ContextMode
		unsign bool
		want   imagechat.ContextMode
		turns  int
		texts  []string // the captions of the present utterance
	}{
		{"a replay", imagechat.ContextReplay, false, imagechat.ContextReplay, 3, []string{"Attached picture 1 (logo):"}},
		{"an anchor", imagechat.ContextAnchor, false, imagechat.ContextAnchor, 1, []string{"Attached picture 1:", "Attached picture 2 (logo):"}},
		{"a replay that the API would refuse", imagechat.ContextReplay, true, imagechat.ContextAnchor, 1,
			[]string{"The newest picture of this conversation:", "Attached picture 1 (logo):"}},
		{"nothing said", "", false, imagechat.ContextReplay, 3,
			[]string{"Attached picture 1 is the newest picture you made, above.", "Attached picture 2 (logo):"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t, nil, nil)
			c := &conversation{k: k, gen: k.gen}
			first := c.turn("a bag", nil)
			if tt.unsign {
				for i := range c.history[1].Parts {
					c.history[1].Parts[i].Signature = ""
				}
			}
			res := c.turn("with our logo", func(call *imagechat.Call) {
				call.Context, call.Anchor = tt.asked, anchor(first)
				call.References = []imagechat.InputImage{{Blob: first.Image().Blob, MIMEType: "image/jpeg", Role: "logo"}}
			})
			req := k.srv.Last()
			var texts []string
			for _, p := range req.Content[len(req.Content)-1].Parts {
				if strings.HasSuffix(p.Text, ":") || strings.HasPrefix(p.Text, "Attached") {
					texts = append(texts, p.Text)
				}
			}
			if res.Context != tt.want || len(req.Content) != tt.turns {
				t.Errorf("told by %s in %d turns, want %s in %d", res.Context, len(req.Content), tt.want, tt.turns)
			}
			if diff := cmp.Diff(tt.texts, texts); diff != "" {
				t.Errorf("captions (-want +got):\n%s", diff)
			}
		})
	}
}

// A server that does not know its own signatures any more must not end a
// conversation for good.
func TestARefusedSignatureIsToldByPictureInstead(t *testing.T) {
	t.Parallel()
	k := newKit(t, nil, nil)
	c := &conversation{k: k, gen: k.gen}
	first := c.turn("a bag", nil)
	// The model's words are not its own any more: the stand-in tells by the signature.
	for i := range c.history[1].Parts {
		if p := &c.history[1].Parts[i]; p.Blob != "" {
			other := bytes.Repeat([]byte("other"), 100)
			if err := k.blobs.Put(t.Context(), keyOf(other), bytes.NewReader(other)); err != nil {
				t.Fatal(err)
			}
			p.Signature, p.SignatureSize = keyOf(other), int64(len(other))
		}
	}
	res := c.turn("in red", func(call *imagechat.Call) { call.Anchor = anchor(first) })
	if res.Context != imagechat.ContextAnchor || res.Image() == nil {
		t.Errorf("got %+v", res)
	}
	var outcomes []string
	for _, r := range k.srv.Requests() {
		outcomes = append(outcomes, r.Outcome)
	}
	if diff := cmp.Diff([]string{"", "refused", ""}, outcomes); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestTheSummaryIsShort(t *testing.T) {
	t.Parallel()
	k := newKit(t, nil, func(o *gemini.Options) { o.HistoryBytes = 1 })
	c := &conversation{k: k, gen: k.gen}
	for i := range 20 {
		c.turn(fmt.Sprintf("wish %d: %s [[text]]", i, strings.Repeat("길고 ", 300)), nil)
	}
	first := k.srv.Last().Content[0].Parts[0].Text
	if !strings.HasPrefix(first, "What was said last, in short:\n- Person: wish 13:") || strings.Count(first, "\n") != 12 || len([]rune(first)) > 13*260 {
		t.Errorf("got %d runes:\n%s", len([]rune(first)), first)
	}
}
