package imagechattest

import (
	"errors"
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

func testDropParts(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	newSession(t, r, "s")
	key := func(s string) imagechat.BlobKey { return KeyOf([]byte(s)) }
	m := imagechat.Message{ID: "m", SessionID: "s", Text: "words", Parts: []imagechat.Part{{Text: "words"}, {Blob: key("image"), Signature: key("signature")}}}
	other := imagechat.Message{ID: "n", SessionID: "s", Parts: []imagechat.Part{{Blob: key("other")}}}
	must(t, errors.Join(r.CreateMessage(ctx, &m), r.CreateMessage(ctx, &other), r.DropParts(ctx, m.ID)))
	m.Parts = nil
	diff(t, "without its parts", &m, got(r.GetMessage(ctx, m.ID))(t))
	diff(t, "another message", &other, got(r.GetMessage(ctx, other.ID))(t))
	held := got(r.ReferencedBlobs(ctx, []imagechat.BlobKey{key("image"), key("signature"), key("other")}))(t)
	diff(t, "held on to", []imagechat.BlobKey{key("other")}, held)
	wantCode(t, "DropParts of nothing", r.DropParts(ctx, "none"), imagechat.NotFound)
}

func testUploads(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	newSession(t, r, "s")
	upload := func(id imagechat.ImageID, minute int, change func(*imagechat.Image)) {
		t.Helper()
		i := imagechat.Image{ID: id, Owner: "ann", Role: imagechat.ImageReference, Bytes: 10, CreatedAt: at(minute)}
		change(&i)
		must(t, r.CreateImage(ctx, &i))
	}
	none := func(*imagechat.Image) {}
	logo := func(i *imagechat.Image) { i.Role = imagechat.ImageLogo }
	upload("unused", 2, none)
	upload("older", 1, none)
	upload("of-a-session", 1, func(i *imagechat.Image) { i.SessionID = "s" })
	upload("in-a-message", 1, none)
	upload("logo-of-none", 3, logo)
	upload("logo-of-one", 1, logo)
	upload("of-another", 1, func(i *imagechat.Image) { i.Owner = "bob" })
	upload("drawn", 1, func(i *imagechat.Image) { i.Role = imagechat.ImageGenerated })
	upload("young", 9, none)
	must(t, errors.Join(
		r.CreateMessage(ctx, &imagechat.Message{ID: "m", SessionID: "s", ReferenceIDs: []imagechat.ImageID{"in-a-message"}}),
		r.CreateBrand(ctx, &imagechat.Brand{ID: "b", Owner: "ann", Name: "n", LogoImageID: "logo-of-one"}),
	))
	diff(t, "bytes of ann", int64(70), got(r.UploadedBytes(ctx, "ann"))(t))
	diff(t, "bytes of bob", int64(10), got(r.UploadedBytes(ctx, "bob"))(t))
	diff(t, "bytes of nobody", int64(0), got(r.UploadedBytes(ctx, "eve"))(t))
	wantString(t, "UnusedUploads", imageIDs(got(r.UnusedUploads(ctx, at(9), 100))(t)), "of-another older unused logo-of-none")
	wantString(t, "UnusedUploads, two", imageIDs(got(r.UnusedUploads(ctx, at(9), 2))(t)), "of-another older")
	wantString(t, "UnusedUploads among", imageIDs(got(r.UnusedUploads(ctx, at(9), 9, "logo-of-one", "unused", "none"))(t)), "unused")
	wantString(t, "UnusedUploads among the used", imageIDs(got(r.UnusedUploads(ctx, at(9), 9, "logo-of-one"))(t)), "")
}
