package imagechat_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

// wantGone checks that neither the record nor the bytes of an image are there.
func (b *bench) wantGone(what string, img *imagechat.Image) {
	b.t.Helper()
	if _, err := b.Image(b.ctx, img.ID); imagechat.CodeOf(err) != imagechat.ImageNotFound {
		b.t.Errorf("%s: its record is still there (%v)", what, err)
	}
	if _, err := b.ports.Blobs.Stat(context.Background(), img.Blob); imagechat.CodeOf(err) != imagechat.NotFound {
		b.t.Errorf("%s: its bytes are still there (%v)", what, err)
	}
}

func (b *bench) wantThere(what string, img *imagechat.Image) {
	b.t.Helper()
	_, err := b.Image(b.ctx, img.ID)
	_, blob := b.ports.Blobs.Stat(context.Background(), img.Blob)
	if err != nil || blob != nil {
		b.t.Errorf("%s: got %v and %v, want it to stay", what, err, blob)
	}
}

// carries tells whether a call brings a blob along in any way.
func carries(c *imagechat.Call, key imagechat.BlobKey) bool {
	if c.Anchor != nil && c.Anchor.Blob == key {
		return true
	}
	has := func(list []imagechat.InputImage) bool {
		return slices.ContainsFunc(list, func(i imagechat.InputImage) bool { return i.Blob == key })
	}
	for _, u := range c.History {
		if has(u.Images) || slices.ContainsFunc(u.Parts, func(p imagechat.Part) bool { return p.Blob == key || p.Signature == key }) {
			return true
		}
	}
	return has(c.References)
}

func TestADeletedPictureLeavesTheDiskAndTheConversation(t *testing.T) {
	signed := picture(1)
	signed.Signature, signed.Text = []byte("signature of the first"), "여기 있어요"
	signed.Drafts = [][]byte{imagechattest.PNG(16, 16, 77)}
	for _, kind := range []imagechat.TurnKind{imagechat.KindConverse, imagechat.KindChat, imagechat.KindGenerate} {
		for _, restart := range []bool{false, true} {
			t.Run(fmt.Sprintf("then %s, restart %v", kind, restart), func(t *testing.T) {
				t.Parallel()
				b := newBench(t, nil, signed, picture(2))
				b.script.Always(imagechattest.Reply{Text: "네", Images: [][]byte{imagechattest.PNG(16, 16, 3)}})
				id := b.session()
				first := b.reply(b.run(id, draw("얼굴 사진")))
				second := b.reply(b.run(id, draw("다른 사진"))).Images[0]
				all := b.stored()
				img := first.Images[0]
				if err := b.DeleteImage(b.ctx, img.ID); err != nil {
					t.Fatal(err)
				}
				b.wantGone("the deleted picture", &img)
				b.wantThere("the other one", &second)
				if n := all - b.stored(); n != 3 {
					t.Errorf("%d blobs went, want the picture, its draft and its signature", n)
				}
				if restart {
					b.restart()
				}
				b.run(id, imagechat.TurnRequest{Kind: kind, Content: "계속해 줘"})
				last := b.script.Calls()[2]
				if carries(&last, img.Blob) {
					t.Errorf("the deleted picture was sent again (context %s)", last.Context)
				}
				m, err := b.Message(b.ctx, first.ID)
				if err != nil || m.Text != first.Text {
					t.Errorf("got %+v, %v: the words of the answer are to stay", m, err)
				}
			})
		}
	}
}

func TestDeletingOneOfTwoPicturesWithTheSameBytesKeepsTheOther(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil, picture(1), picture(1))
	id := b.session()
	first := b.reply(b.run(id, draw("a"))).Images[0]
	second := b.reply(b.run(id, draw("b"))).Images[0]
	if err := b.DeleteImage(b.ctx, first.ID); err != nil {
		t.Fatal(err)
	}
	b.wantThere("the picture with the same bytes", &second)
	if err := b.DeleteImage(b.ctx, second.ID); err != nil {
		t.Fatal(err)
	}
	b.wantGone("the last picture with these bytes", &second)
}

func TestAnUploadThatWasEditedGoesWithItsConversation(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil, picture(7), picture(8))
	id := b.session()
	reference := b.upload(imagechattest.PNG(32, 32, 1), imagechat.ImageReference)
	edited := b.upload(imagechattest.PNG(32, 32, 2), imagechat.ImageReference)
	r := draw("x")
	r.ReferenceIDs = []imagechat.ImageID{reference.ID}
	b.run(id, r)
	b.run(id, imagechat.TurnRequest{Kind: imagechat.KindRefine, Content: "brighter", ImageID: edited.ID})
	if err := b.DeleteSession(b.ctx, id); err != nil {
		t.Fatal(err)
	}
	b.wantGone("the reference", reference)
	b.wantGone("the edited upload", edited)
}

func TestUploadsThatNothingUsesGoAfterTheirTerm(t *testing.T) {
	bubble(t, nil, func(b *bench) {
		b.ctx = context.Background()
		b.script.Always(picture(9))
		unused := b.upload(imagechattest.PNG(40, 40, 1), imagechat.ImageReference)
		noBrands := b.upload(imagechattest.PNG(40, 40, 2), imagechat.ImageLogo)
		used := b.upload(imagechattest.PNG(40, 40, 3), imagechat.ImageReference)
		named := b.upload(imagechattest.PNG(40, 40, 4), imagechat.ImageLogo) // in a message, and of no brand
		logo := b.upload(imagechattest.PNG(40, 40, 5), imagechat.ImageLogo)
		b.thumbnail(unused.ID, 64)
		r := draw("x")
		r.ReferenceIDs = []imagechat.ImageID{used.ID, named.ID}
		b.run(b.session(), r)
		if _, err := b.CreateBrand(b.ctx, imagechat.Brand{Name: "달빛", LogoImageID: logo.ID}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(imagechat.UnusedUploadAge - time.Hour)
		b.wantThere("an upload within its term", unused)
		time.Sleep(24 * time.Hour) // the sweeper comes by itself
		b.wantGone("an upload that nothing used", unused)
		b.wantGone("a logo of no brand", noBrands)
		b.wantThere("an upload of a conversation", used)
		b.wantThere("a logo that a message names", named)
		b.wantThere("a brand's logo", logo)
	})
}

func TestLogosGoWithTheirBrand(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	logo := func(seed byte) *imagechat.Image {
		return b.upload(imagechattest.PNG(40, 40, seed), imagechat.ImageLogo)
	}
	first, second, shared := logo(1), logo(2), logo(3)
	brand, err := b.CreateBrand(b.ctx, imagechat.Brand{Name: "n", LogoImageID: first.ID})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.CreateBrand(b.ctx, imagechat.Brand{Name: "other", LogoImageID: shared.ID}); err != nil {
		t.Fatal(err)
	}
	for _, next := range []*imagechat.Image{second, shared} {
		if _, err := b.UpdateBrand(b.ctx, brand.ID, imagechat.BrandPatch{LogoImageID: &next.ID}); err != nil {
			t.Fatal(err)
		}
	}
	b.wantGone("a replaced logo", first)
	b.wantGone("the second replaced logo", second)
	if err := b.DeleteBrand(b.ctx, brand.ID); err != nil {
		t.Fatal(err)
	}
	b.wantThere("the logo of another brand", shared)
}

func TestABrandWithoutItsLogoCanBeChanged(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	logo := b.upload(imagechattest.PNG(32, 32, 1), imagechat.ImageLogo)
	brand, err := b.CreateBrand(b.ctx, imagechat.Brand{Name: "달빛", LogoImageID: logo.ID})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.DeleteImage(b.ctx, logo.ID); err != nil {
		t.Fatal(err)
	}
	if got, err := b.Brand(b.ctx, brand.ID); err != nil || got.LogoImageID != "" {
		t.Errorf("got logo %q (%v), want none once its picture was deleted", got.LogoImageID, err)
	}
	if _, err := b.UpdateBrand(b.ctx, brand.ID, imagechat.BrandPatch{Name: ptr("새 이름")}); err != nil {
		t.Errorf("renaming: %v", err)
	}
	// One that lost its logo under an earlier version.
	stale := *brand
	stale.LogoImageID = logo.ID
	if err := b.repo().UpdateBrand(b.ctx, &stale); err != nil {
		t.Fatal(err)
	}
	if _, err := b.UpdateBrand(b.ctx, brand.ID, imagechat.BrandPatch{Tone: ptr("다정하게")}); err != nil {
		t.Errorf("a change beside a logo that is gone: %v", err)
	}
	_, err = b.UpdateBrand(b.ctx, brand.ID, imagechat.BrandPatch{LogoImageID: &logo.ID})
	b.wantCode(err, imagechat.InvalidRequest)
}

func TestAConversationOutlivesItsPlacement(t *testing.T) {
	t.Parallel()
	own, err := imagechat.LoadPurposes(imagechat.DefaultPurposes(), bytes.NewReader([]byte(`{"purposes":[{"id":"our_poster","group":"basic","name":{"ko":"포스터","en":"Poster"},"description":{"ko":"포","en":"p"},"width":1000,"height":1000,"ratio":"1:1","formats":["jpeg"],"guidance":"x","confidence":"own"}]}`)))
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t, &imagechat.Options{Purposes: own}, picture(1))
	s, err := b.CreateSession(b.ctx, imagechat.NewSession{ImagePurpose: "our_poster", Title: "a"})
	if err != nil {
		t.Fatal(err)
	}
	img := b.reply(b.run(s.ID, draw("x"))).Images[0]
	b.opts.Purposes = nil
	b.restart()
	for name, p := range map[string]imagechat.SessionPatch{
		"rename": {Title: ptr("b")}, "archive": {Status: ptr(imagechat.SessionArchived)}, "choose": {FinalImageID: &img.ID},
		"another size": {CustomWidth: ptr(300), CustomHeight: ptr(300)}, "another style": {StylePreset: ptr("minimal")},
	} {
		if _, err := b.UpdateSession(b.ctx, s.ID, p); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err = b.UpdateSession(b.ctx, s.ID, imagechat.SessionPatch{ImagePurpose: ptr("our_poster")})
	b.wantCode(err, imagechat.InvalidRequest)
}

func ptr[T any](v T) *T { return &v }
