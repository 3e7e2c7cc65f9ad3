package gemini

import (
	"google.golang.org/genai"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// tokens sorts what an answer says it used by what each kind costs. The
// candidates' count exceeds the sum of its details by up to 630 tokens, and
// includes the thoughts in refusals, so words are what is left of the total.
func tokens(u *genai.GenerateContentResponseUsageMetadata) imagechat.Tokens {
	if u == nil {
		return imagechat.Tokens{}
	}
	t := imagechat.Tokens{
		Input:    int64(u.PromptTokenCount) + int64(u.ToolUsePromptTokenCount),
		Thinking: int64(u.ThoughtsTokenCount),
		Total:    int64(u.TotalTokenCount),
	}
	for _, d := range u.CandidatesTokensDetails {
		if d != nil && d.Modality == genai.MediaModalityImage {
			t.Image += int64(d.TokenCount)
		}
	}
	t.Text = max(0, int64(u.CandidatesTokenCount)-t.Image)
	if t.Total > 0 {
		t.Text = max(0, t.Total-t.Input-t.Thinking-t.Image)
	} else {
		t.Total = t.Input + t.Text + t.Thinking + t.Image
	}
	return t
}

// cost prices tokens. Where the answer counts none for the pictures that came,
// as when it was cut off, each is priced by its size.
func cost(t imagechat.Tokens, m imagechat.Model, size string, pictures int) imagechat.USD {
	sum := perMillion(t.Input, m.Input) + perMillion(t.Text+t.Thinking, m.Output)
	if t.Image == 0 {
		return sum + imagechat.USD(pictures)*m.Price(size)
	}
	return sum + perMillion(t.Image, m.ImageOutput)
}
