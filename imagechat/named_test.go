package imagechat_test

import (
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

func TestASizeOfItsOwnMakesATurnACustomOne(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.script.Always(picture(1))
	id := b.session() // of email_header, which is 3:1
	r := draw("x")
	r.CustomWidth, r.CustomHeight = 800, 800
	turn := b.run(id, r)
	b.wantStatus(turn, imagechat.TurnSucceeded)
	c := b.script.Calls()[0]
	if c.AspectRatio != "1:1" || c.Purpose.ID != imagechat.CustomPurpose || c.Purpose.Width != 800 || c.Purpose.Height != 800 {
		t.Errorf("got ratio %s for %s %d×%d, want 1:1 for custom 800×800", c.AspectRatio, c.Purpose.ID, c.Purpose.Width, c.Purpose.Height)
	}
	if got := turn.Request; got.ImagePurpose != imagechat.CustomPurpose || got.CustomWidth != 800 || got.CustomHeight != 800 {
		t.Errorf("got %+v on record, want the size kept", got)
	}
	if img := b.reply(turn).Images[0]; img.ImagePurpose != imagechat.CustomPurpose {
		t.Errorf("got a picture for %q, want custom", img.ImagePurpose)
	}
	b.run(id, draw("y"))
	if c := b.script.Calls()[1]; c.Purpose.ID != "email_header" {
		t.Errorf("got %s for the next turn, want the session's own purpose", c.Purpose.ID)
	}
	// Older clients send the session's purpose along.
	r.ImagePurpose = "email_header"
	b.run(id, r)
	if c := b.script.Calls()[2]; c.Purpose.ID != imagechat.CustomPurpose {
		t.Errorf("got %s beside the session's purpose, want custom", c.Purpose.ID)
	}
}

func TestNothingThatARequestNamesIsDropped(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	id := b.session()
	up := b.upload(imagechattest.PNG(40, 40, 1), imagechat.ImageReference)
	for name, tc := range map[string]struct {
		change func(r *imagechat.TurnRequest)
		field  string
		rule   string
	}{
		"a width alone":              {func(r *imagechat.TurnRequest) { r.CustomWidth = 300 }, "custom_height", "both_sides"},
		"a height alone":             {func(r *imagechat.TurnRequest) { r.CustomHeight = 300 }, "custom_width", "both_sides"},
		"a size and another purpose": {func(r *imagechat.TurnRequest) { r.CustomWidth, r.CustomHeight, r.ImagePurpose = 300, 300, "banner_web" }, "image_purpose", "not_custom"},
		"four pictures of talk":      {func(r *imagechat.TurnRequest) { r.Kind, r.Count = imagechat.KindChat, 4 }, "count", "no_picture"},
		"a picture's size for talk":  {func(r *imagechat.TurnRequest) { r.Kind, r.ImageSize = imagechat.KindChat, "4K" }, "image_size", "no_picture"},
		"a role without a reference": {func(r *imagechat.TurnRequest) {
			r.ReferenceIDs, r.ReferenceRoles = []imagechat.ImageID{up.ID}, []string{"logo", "style"}
		}, "reference_roles", "more_than_references"},
	} {
		r := draw("x")
		tc.change(&r)
		for does, err := range map[string]error{"Submit": second(b.Submit(b.ctx, id, r, "")), "Estimate": second(b.Estimate(b.ctx, id, r))} {
			e := imagechat.AsError(err)
			if e == nil || e.Code != imagechat.InvalidRequest || len(e.Fields) != 1 || e.Fields[0].Location != tc.field || e.Fields[0].Rule != tc.rule {
				t.Errorf("%s of %s: got %v, want %s %s", does, name, err, tc.field, tc.rule)
			}
		}
	}
	b.wantCalls(0)
}

func second[T any](_ T, err error) error { return err }

func TestAsManyReferencesAreTakenAsTheModelTakesBesideThePictureToChange(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.script.Always(picture(1))
	id := b.session()
	most := b.Models()[0].MaxReferences
	refs := make([]imagechat.ImageID, most)
	for i := range refs {
		refs[i] = b.upload(imagechattest.PNG(20+i, 20, 1), imagechat.ImageReference).ID
	}
	r := draw("x")
	r.ReferenceIDs = refs
	img := b.reply(b.run(id, r)).Images[0]
	for _, kind := range []imagechat.TurnKind{imagechat.KindRefine, imagechat.KindGenerate, imagechat.KindConverse} {
		r := imagechat.TurnRequest{Kind: kind, Content: "with all of these", ReferenceIDs: refs}
		if kind == imagechat.KindGenerate {
			r.ImageID = img.ID
		}
		_, err := b.Estimate(b.ctx, id, r)
		e := imagechat.AsError(err)
		if e == nil || len(e.Fields) != 1 || e.Fields[0].Rule != "too_many" || e.Fields[0].Max != most-1 {
			t.Errorf("%s with %d references: got %v, want at most %d", kind, most, err, most-1)
		}
		r.ReferenceIDs = refs[1:]
		b.wantStatus(b.run(id, r), imagechat.TurnSucceeded)
	}
}

func TestARequestNamesAModelThatIsListedConfiguredOrAllowed(t *testing.T) {
	t.Parallel()
	b := newBench(t, &imagechat.Options{Model: "configured-1", AllowedModels: []string{"allowed-1"}})
	b.script.Always(imagechattest.Words("네"))
	id := b.session()
	for _, model := range []string{"", "configured-1", "allowed-1", imagechattest.ScriptModel} {
		r := chat("안녕")
		r.Model = model
		b.wantStatus(b.run(id, r), imagechat.TurnSucceeded)
	}
	b.wantCalls(4)
	for _, model := range []string{"tunedModels/foo", "https://evil.example/", "../../x", "x?key=evil#", "@evil.example", "a\r\nHost: b", " ", "allowed-2", "\u202ex"} {
		r := chat("안녕")
		r.Model = model
		_, err := b.Submit(b.ctx, id, r, "")
		e := imagechat.AsError(err)
		if e == nil || e.Code != imagechat.InvalidRequest || len(e.Fields) != 1 || e.Fields[0].Location != "model" {
			t.Errorf("model %q: got %v, want it refused", model, err)
		}
	}
	b.wantCalls(4)
}
