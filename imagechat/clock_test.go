package imagechat_test

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

func TestAClockThatIsSetBackChangesNoOrderAndNoDuration(t *testing.T) {
	var shift atomic.Int64
	o := &imagechat.Options{Now: func() time.Time { return time.Now().Add(time.Duration(shift.Load())) }}
	bubble(t, o, func(b *bench) {
		b.script.Always(imagechattest.Words("네"))
		id := b.session()
		shift.Store(int64(100 * 365 * 24 * time.Hour)) // far beyond what this process has counted to
		b.run(id, chat("하나"))
		b.restart()
		shift.Store(-int64(24 * time.Hour))
		b.run(id, chat("둘"))
		shift.Store(0)
		b.run(id, chat("셋"))
		page, err := b.Messages(b.ctx, id, "", 0)
		if err != nil {
			t.Fatal(err)
		}
		var said []string
		for _, m := range page.Messages {
			if m.Role == imagechat.RoleUser {
				said = append(said, m.Text)
			}
			if m.GenerationTime < 0 {
				t.Errorf("got a reply that took %s", m.GenerationTime)
			}
		}
		if want := []string{"하나", "둘", "셋"}; !slices.Equal(said, want) {
			t.Errorf("got %v, want %v", said, want)
		}
		if got := len(b.script.Calls()[2].History); got != 4 {
			t.Errorf("the third call was told %d utterances, want the 4 before it", got)
		}
	})
}
