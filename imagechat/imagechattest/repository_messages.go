package imagechattest

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

var messageTests = map[string]func(t *testing.T, r imagechat.Repository){
	"a message comes back as it was stored, images aside": testMessageRoundTrip,
	"messages page back from the newest":                  testMessagePaging,
	"a message id is given once":                          testMessageTwice,
}

func testMessageRoundTrip(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	var m imagechat.Message
	fill(&m, 1)
	newSession(t, r, m.SessionID)
	must(t, r.CreateMessage(ctx, &m))
	want := m
	want.Images, want.References = nil, nil
	diff(t, "all fields set", &want, got(r.GetMessage(ctx, m.ID))(t))
	diff(t, "in the list", []*imagechat.Message{&want}, got(r.ListMessages(ctx, m.SessionID, "", 5))(t))
	empty := imagechat.Message{ID: "empty", SessionID: m.SessionID}
	must(t, r.CreateMessage(ctx, &empty))
	diff(t, "no field set", &empty, got(r.GetMessage(ctx, "empty"))(t))
	_, err := r.GetMessage(ctx, "none")
	wantCode(t, "GetMessage", err, imagechat.NotFound)
}

func testMessagePaging(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	newSession(t, r, "s")
	newSession(t, r, "other")
	for _, i := range []int{3, 0, 4, 1, 2} { // the order of ID counts, not of arrival
		addMessage(t, r, "s", imagechat.MessageID(number(i)), "x")
	}
	addMessage(t, r, "other", "001x", "x")
	page := func(before imagechat.MessageID, limit int) string {
		rows := got(r.ListMessages(ctx, "s", before, limit))(t)
		return ids(rows, func(m *imagechat.Message) string { return string(m.ID) })
	}
	wantString(t, "the newest two", page("", 2), "003 004")
	wantString(t, "the two before", page("003", 2), "001 002")
	wantString(t, "the rest", page("001", 2), "000")
	wantString(t, "before the first", page("000", 2), "")
	wantString(t, "all", page("", 0), "000 001 002 003 004")
}

func testMessageTwice(t *testing.T, r imagechat.Repository) {
	newSession(t, r, "s")
	addMessage(t, r, "s", "m", "first")
	err := r.CreateMessage(t.Context(), &imagechat.Message{ID: "m", SessionID: "s", Text: "second", Parts: []imagechat.Part{{Blob: KeyOf([]byte("second"))}}})
	wantCode(t, "CreateMessage", err, imagechat.Conflict)
	wantString(t, "the text", got(r.GetMessage(t.Context(), "m"))(t).Text, "first")
	if x := got(r.SessionBlobs(t.Context(), "s"))(t); len(x) != 0 {
		t.Errorf("the refused message holds on to %v", x)
	}
}

var imageTests = map[string]func(t *testing.T, r imagechat.Repository){
	"an image comes back as it was stored":            testImageRoundTrip,
	"images come in the order asked for":              testImageGet,
	"images are listed newest first and by filter":    testImageList,
	"images of messages are listed oldest first":      testImageOfMessages,
	"an update writes four fields":                    testImageUpdate,
	"an image that is not there is not found":         testImageMissing,
	"variants come back, are replaced and go along":   testVariants,
	"parts are dropped and hold on to nothing":        testDropParts,
	"uploads are counted, and the unused are listed":  testUploads,
	"variants stay while another image has the bytes": testVariantsShared,
}

func testImageRoundTrip(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	var i imagechat.Image
	fill(&i, 1)
	newSession(t, r, i.SessionID)
	must(t, r.CreateImage(ctx, &i))
	diff(t, "all fields set", []*imagechat.Image{&i}, got(r.GetImages(ctx, i.ID))(t))
	empty := imagechat.Image{ID: "empty"}
	must(t, r.CreateImage(ctx, &empty))
	diff(t, "no field set", []*imagechat.Image{&empty}, got(r.GetImages(ctx, "empty"))(t))
	wantCode(t, "CreateImage again", r.CreateImage(ctx, &empty), imagechat.Conflict)
}

func testImageGet(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	for i := range 4 {
		must(t, r.CreateImage(ctx, &imagechat.Image{ID: imagechat.ImageID(number(i))}))
	}
	wantString(t, "GetImages", imageIDs(got(r.GetImages(ctx, "002", "none", "000", "003"))(t)), "002 000 003")
	if x := got(r.GetImages(ctx))(t); len(x) != 0 {
		t.Errorf("GetImages of nothing: got %d", len(x))
	}
}

func testImageList(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	newSession(t, r, "s")
	for i := range 8 {
		must(t, r.CreateImage(ctx, &imagechat.Image{
			ID: imagechat.ImageID(number(i)), Role: imagechat.ImageGenerated, CreatedAt: at(i / 2),
			ImagePurpose: []string{"blog_header", "instagram_post"}[i%2], Selected: i%3 == 0,
		}))
	}
	must(t, r.CreateImage(ctx, &imagechat.Image{ID: "in-s", SessionID: "s", Role: imagechat.ImageReference, CreatedAt: at(9)}))
	must(t, r.CreateImage(ctx, &imagechat.Image{ID: "ann's", Owner: "ann", Role: imagechat.ImageGenerated, CreatedAt: at(9)}))
	yes, no := true, false
	for want, f := range map[string]imagechat.ImageFilter{
		"in-s 007 006 005 004 003 002 001 000": {},
		"ann's":                                {Owner: "ann"},
		"in-s":                                 {SessionID: "s"},
		"in-s ":                                {Role: imagechat.ImageReference},
		"007 005 003 001":                      {Purpose: "instagram_post"},
		"006 003 000":                          {Selected: &yes},
		"in-s 007 005":                         {Selected: &no, Limit: 3},
		"in-s 007 006 005 004":                 {Since: at(2)},
		"003 002 001 000":                      {Until: at(2)},
		"005 004":                              {Since: at(2), Until: at(3)},
		"in-s 007":                             {Limit: 2},
		"004 003":                              {Limit: 2, Before: imagechat.Position{Time: at(2), ID: "005"}},
		"":                                     {Purpose: "x\x00y"},
	} {
		wantString(t, "ListImages", imageIDs(got(r.ListImages(ctx, f))(t)), strings.TrimSpace(want))
	}
}

func testImageOfMessages(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	for i, m := range []imagechat.MessageID{"b", "a", "b", "c"} {
		must(t, r.CreateImage(ctx, &imagechat.Image{ID: imagechat.ImageID(number(i)), MessageID: m, CreatedAt: at(-i)}))
	}
	rows := got(r.ListImages(ctx, imagechat.ImageFilter{Messages: []imagechat.MessageID{"b", "c", "none"}}))(t)
	wantString(t, "ListImages", imageIDs(rows), "000 002 003")
}

func testImageUpdate(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	var before, after imagechat.Image
	fill(&before, 1)
	fill(&after, 1000)
	before.Selected, before.Exported = false, false
	newSession(t, r, before.SessionID)
	newSession(t, r, after.SessionID)
	must(t, r.CreateImage(ctx, &before))
	after.ID = before.ID
	must(t, r.UpdateImage(ctx, &after))
	want := before
	want.SessionID, want.Selected, want.Exported, want.AltText = after.SessionID, true, true, after.AltText
	diff(t, "after the update", []*imagechat.Image{&want}, got(r.GetImages(ctx, before.ID))(t))
	wantCode(t, "UpdateImage into a session that is not there", r.UpdateImage(ctx, &imagechat.Image{ID: before.ID, SessionID: "none"}), imagechat.NotFound)
	diff(t, "after the refused update", []*imagechat.Image{&want}, got(r.GetImages(ctx, before.ID))(t))
	must(t, r.UpdateImage(ctx, &imagechat.Image{ID: before.ID}))
	if i := got(r.GetImages(ctx, before.ID))(t)[0]; i.SessionID != "" || i.Selected {
		t.Errorf("the update to nothing left %+v", i)
	}
}

func testImageMissing(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	wantCode(t, "UpdateImage", r.UpdateImage(ctx, &imagechat.Image{ID: "none"}), imagechat.NotFound)
	wantCode(t, "DeleteImage", r.DeleteImage(ctx, "none"), imagechat.NotFound)
	_, err := r.GetVariant(ctx, KeyOf(nil), "w=1")
	wantCode(t, "GetVariant", err, imagechat.NotFound)
	wantCode(t, "PutVariant", r.PutVariant(ctx, &imagechat.Variant{Source: KeyOf(nil), Name: "w=1"}), imagechat.NotFound)
}

func testVariants(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	var v imagechat.Variant
	fill(&v, 1)
	must(t, r.CreateImage(ctx, &imagechat.Image{ID: "i", Blob: v.Source}))
	must(t, r.PutVariant(ctx, &v))
	diff(t, "as stored", &v, got(r.GetVariant(ctx, v.Source, v.Name))(t))
	v.Blob, v.Width = KeyOf([]byte("anew")), 7
	must(t, r.PutVariant(ctx, &v))
	diff(t, "replaced", &v, got(r.GetVariant(ctx, v.Source, v.Name))(t))
	second := v
	second.Name += "-second"
	must(t, r.PutVariant(ctx, &second))
	diff(t, "all copies", []*imagechat.Variant{&v, &second}, got(r.ListVariants(ctx, v.Source))(t))
	diff(t, "copies of another", []*imagechat.Variant(nil), got(r.ListVariants(ctx, KeyOf([]byte("another"))))(t))
	_, err := r.GetVariant(ctx, v.Source, "other")
	wantCode(t, "GetVariant of another name", err, imagechat.NotFound)
	must(t, r.DeleteImage(ctx, "i"))
	_, err = r.GetVariant(ctx, v.Source, v.Name)
	wantCode(t, "GetVariant after DeleteImage", err, imagechat.NotFound)
}

func testVariantsShared(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	newSession(t, r, "s")
	source := KeyOf([]byte("shared"))
	must(t, errors.Join(
		r.CreateImage(ctx, &imagechat.Image{ID: "1", SessionID: "s", Blob: source}),
		r.CreateImage(ctx, &imagechat.Image{ID: "2", Blob: source}),
		r.PutVariant(ctx, &imagechat.Variant{Source: source, Name: "w=1", Blob: KeyOf([]byte("small"))}),
	))
	must(t, r.DeleteSession(ctx, "s"))
	if _, err := r.GetVariant(ctx, source, "w=1"); err != nil {
		t.Errorf("GetVariant while an image is left: %v", err)
	}
	must(t, r.DeleteImage(ctx, "2"))
	_, err := r.GetVariant(ctx, source, "w=1")
	wantCode(t, "GetVariant when none is left", err, imagechat.NotFound)
}

var blobTests = map[string]func(t *testing.T, r imagechat.Repository){
	"blobs are held by images, variants and parts": testReferencedBlobs,
	"a session's blobs are told":                   testSessionBlobs,
}

func testReferencedBlobs(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	key := func(s string) imagechat.BlobKey { return KeyOf([]byte(s)) }
	newSession(t, r, "s")
	must(t, errors.Join(
		r.CreateImage(ctx, &imagechat.Image{ID: "i", Blob: key("image")}),
		r.PutVariant(ctx, &imagechat.Variant{Source: key("image"), Name: "w=1", Blob: key("variant")}),
		r.CreateMessage(ctx, &imagechat.Message{ID: "m", SessionID: "s", Parts: []imagechat.Part{
			{Blob: key("part")}, {Text: "words", Signature: key("signature")}, {Blob: key("part"), Thought: true},
		}}),
	))
	asked := []imagechat.BlobKey{key("none"), key("signature"), key("image"), key("part"), key("variant"), key("image"), ""}
	check := func(what string, want ...string) {
		t.Helper()
		held := got(r.ReferencedBlobs(ctx, asked))(t)
		var keys []imagechat.BlobKey
		for _, w := range want {
			keys = append(keys, key(w))
		}
		slices.Sort(held)
		slices.Sort(keys)
		diff(t, what, keys, held)
	}
	check("all", "image", "variant", "part", "signature")
	must(t, r.DeleteImage(ctx, "i"))
	check("without the image", "part", "signature")
	must(t, r.DeleteSession(ctx, "s"))
	check("without the session")
	if x := got(r.ReferencedBlobs(ctx, nil))(t); len(x) != 0 {
		t.Errorf("asked for none: got %v", x)
	}
}

func testSessionBlobs(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	key := func(s string) imagechat.BlobKey { return KeyOf([]byte(s)) }
	newSession(t, r, "s")
	newSession(t, r, "other")
	must(t, errors.Join(
		r.CreateImage(ctx, &imagechat.Image{ID: "1", SessionID: "s", Blob: key("image")}),
		r.CreateImage(ctx, &imagechat.Image{ID: "2", SessionID: "other", Blob: key("elsewhere")}),
		r.CreateImage(ctx, &imagechat.Image{ID: "3", SessionID: "s", Blob: key("image")}),
		r.PutVariant(ctx, &imagechat.Variant{Source: key("image"), Name: "w=1", Blob: key("variant")}),
		r.CreateMessage(ctx, &imagechat.Message{ID: "m", SessionID: "s", Parts: []imagechat.Part{{Blob: key("part"), Signature: key("signature")}}}),
	))
	want := []imagechat.BlobKey{key("image"), key("variant"), key("part"), key("signature")}
	held := got(r.SessionBlobs(ctx, "s"))(t)
	slices.Sort(want)
	slices.Sort(held)
	diff(t, "SessionBlobs", want, held)
}
