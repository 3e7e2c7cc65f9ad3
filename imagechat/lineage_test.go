package imagechat_test

import (
	"slices"
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

// four draws four pictures of one wish and makes three more answers ready.
func four(t *testing.T) (*bench, imagechat.SessionID, []imagechat.Image) {
	t.Helper()
	b := newBench(t, nil)
	for i := range 8 {
		b.script.Add(imagechattest.Reply{Text: "그렸어요", Images: [][]byte{imagechattest.PNG(32, 32, byte(i))}})
	}
	id := b.session()
	made := b.reply(b.run(id, imagechat.TurnRequest{Kind: imagechat.KindGenerate, Content: "라떼 사진", Count: 4})).Images
	if len(made) != 4 {
		t.Fatalf("got %d pictures, want 4", len(made))
	}
	return b, id, made
}

// shown are the pictures that a call's history holds, as parts or as images.
func shown(c imagechat.Call) (images, parts []imagechat.BlobKey) {
	for _, u := range c.History {
		for _, img := range u.Images {
			images = append(images, img.Blob)
		}
		for _, p := range u.Parts {
			if p.Blob != "" {
				parts = append(parts, p.Blob)
			}
		}
	}
	return images, parts
}

func (b *bench) lastCall() imagechat.Call {
	calls := b.script.Calls()
	return calls[len(calls)-1]
}

func TestTheModelIsToldOfThePictureThatWasPicked(t *testing.T) {
	t.Parallel()
	b, id, made := four(t)
	two := made[1]
	first := b.reply(b.run(id, imagechat.TurnRequest{Kind: imagechat.KindConverse, Content: "배경을 남색으로", ImageID: two.ID})).Images[0]
	c := b.lastCall()
	images, parts := shown(c)
	if c.Anchor == nil || c.Anchor.Blob != two.Blob || c.Context != imagechat.ContextReplay ||
		!slices.Equal(images, []imagechat.BlobKey{two.Blob}) || !slices.Equal(parts, []imagechat.BlobKey{two.Blob}) {
		t.Errorf("got anchor %+v, %s, pictures %v, parts %v; want picture 2 alone, replayed", c.Anchor, c.Context, images, parts)
	}
	second := b.reply(b.run(id, imagechat.TurnRequest{Kind: imagechat.KindConverse, Content: "글자를 더 크게"})).Images[0]
	if _, parts = shown(b.lastCall()); !slices.Equal(parts, []imagechat.BlobKey{two.Blob, first.Blob}) {
		t.Errorf("got parts %v, want picture 2 and its change", parts)
	}
	back := b.reply(b.run(id, imagechat.TurnRequest{Kind: imagechat.KindRefine, Content: "눈송이를 더해", ImageID: first.ID})).Images[0]
	c = b.lastCall()
	if images, _ = shown(c); c.Context != imagechat.ContextAnchor || slices.Contains(images, second.Blob) {
		t.Errorf("back on an earlier picture: got %s, pictures %v; want nothing of what came after it", c.Context, images)
	}
	for name, got := range map[string][2]imagechat.ImageID{
		"a change of the picked one":  {first.ParentID, two.ID},
		"a change in free talk":       {second.ParentID, first.ID},
		"a change of an earlier one":  {back.ParentID, first.ID},
		"a picture made from nothing": {two.ParentID, ""},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: got parent %q, want %q", name, got[0], got[1])
		}
	}
}

func TestPicturesOfOneAnswerAreToldWithTheirNumbersUntilOneIsPicked(t *testing.T) {
	t.Parallel()
	b, id, made := four(t)
	changed := b.reply(b.run(id, imagechat.TurnRequest{Kind: imagechat.KindConverse, Content: "두 번째 그림을 더 밝게 해 줘"})).Images[0]
	c := b.lastCall()
	images, parts := shown(c)
	var want []imagechat.BlobKey
	for i := range made {
		want = append(want, made[i].Blob)
	}
	if !slices.Equal(images, want) || len(parts) != 0 || c.Context != imagechat.ContextAnchor {
		t.Errorf("got pictures %v, parts %v, %s; want all four in their order", images, parts, c.Context)
	}
	if changed.ParentID != made[1].ID {
		t.Errorf("got parent %s, want the second picture, which the words name", changed.ParentID)
	}
}

func TestNumbersOfPicturesInWords(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]int{
		"make the second one brighter": 1, "3번 시안으로 계속해 줘": 2, "Picture 1, but bluer": 0,
		"세 번째 줄 글자를 크게": 3, "2번 출구를 넣어 줘": 3, // no pictures: the newest
	} {
		b, id, made := four(t)
		if turn := b.run(id, imagechat.TurnRequest{Kind: imagechat.KindRefine, Content: words}); turn.Request.ImageID != made[want].ID {
			t.Errorf("%q: got picture %s, want number %d", words, turn.Request.ImageID, want+1)
		}
	}
}

func TestTheFinalPictureThatAPersonChoseStays(t *testing.T) {
	t.Parallel()
	b, id, made := four(t)
	chosen := made[0].ID
	if _, err := b.UpdateSession(b.ctx, id, imagechat.SessionPatch{FinalImageID: &chosen}); err != nil {
		t.Fatal(err)
	}
	b.run(id, draw("하나 더"))
	if got, err := b.Session(b.ctx, id); err != nil || got.FinalImageID != chosen {
		t.Errorf("got final picture %s, %v, want the chosen %s", got.FinalImageID, err, chosen)
	}
	none := imagechat.ImageID("")
	if _, err := b.UpdateSession(b.ctx, id, imagechat.SessionPatch{FinalImageID: &none}); err != nil {
		t.Fatal(err)
	}
	newest := b.reply(b.run(id, draw("또 하나"))).Images[0].ID
	if got, err := b.Session(b.ctx, id); err != nil || got.FinalImageID != newest {
		t.Errorf("after the choice was taken back: got %s, %v, want the newest %s", got.FinalImageID, err, newest)
	}
}
