package imagechat_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

// drawn is a picture of the script in a session of its own.
func (b *bench) drawn() (imagechat.SessionID, *imagechat.Image) {
	b.t.Helper()
	id := b.session()
	turn := b.submit(id, imagechat.TurnRequest{Kind: imagechat.KindGenerate, Content: "창가의 조명"})
	turn, err := b.Wait(b.ctx, turn.ID)
	if err != nil {
		b.t.Fatal(err)
	}
	m, err := b.Message(b.ctx, turn.AssistantMessageID)
	if err != nil {
		b.t.Fatal(err)
	}
	return id, &m.Images[0]
}

func (b *bench) preview(id imagechat.ImageID, r imagechat.PreviewRequest) *imagechat.ExportPreview {
	b.t.Helper()
	p, err := b.PreviewExport(b.ctx, id, r)
	if err != nil {
		b.t.Fatalf("PreviewExport: %v", err)
	}
	return p
}

func (b *bench) countBlobs() int {
	b.t.Helper()
	n := 0
	for _, err := range b.blobs().List(b.ctx) {
		if err != nil {
			b.t.Fatal(err)
		}
		n++
	}
	return n
}

func TestAPreviewAnnouncesTheVeryBytesOfTheExport(t *testing.T) {
	t.Parallel()
	for name, data := range map[string][]byte{
		"PNG":  imagechattest.PNG(450, 300, 3),
		"JPEG": imagechattest.JPEG(450, 300, 3),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, nil, imagechattest.Picture(data))
			session, img := b.drawn()
			for _, wish := range []imagechat.ExportSpec{{}, {Format: "png", Focus: &imagechat.Point{X: 0.2, Y: 0.9}}, {Format: "jpeg", Fit: "contain"}} {
				wish.Width, wish.Height = 321, 123
				r := imagechat.PreviewRequest{Purposes: []string{"email_header", "custom"}, Width: wish.Width, Height: wish.Height, Fit: wish.Fit, Focus: wish.Focus}
				if wish.Format != "" {
					r.Formats = []string{wish.Format}
				}
				for _, f := range b.preview(img.ID, r).Files {
					wish.Purpose = f.Purpose
					wantAsAnnounced(t, b, img.ID, wish, &f)
				}
			}
			wantPackAsAnnounced(t, b, session, img.ID, []string{"email_header", "banner_mobile"})
		})
	}
}

// wantAsAnnounced compares an export with its preview.
func wantAsAnnounced(t *testing.T, b *bench, id imagechat.ImageID, wish imagechat.ExportSpec, f *imagechat.PreviewedFile) {
	t.Helper()
	file, err := b.Export(b.ctx, id, wish)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	data, err := io.ReadAll(file.Content)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(data)
	got := []any{f.Bytes, string(f.SHA256), f.Width, f.Height, f.MIMEType, f.CropPercent}
	want := []any{int64(len(data)), hex.EncodeToString(sum[:]), file.Width, file.Height, file.MIMEType, file.CropPercent}
	if diff := cmp.Diff(want, got); diff != "" || f.Err != nil {
		t.Errorf("%s as %q: error %v, (-exported +announced):\n%s", f.Purpose, wish.Format, f.Err, diff)
	}
}

// wantPackAsAnnounced compares the files of a ZIP with their preview.
func wantPackAsAnnounced(t *testing.T, b *bench, session imagechat.SessionID, id imagechat.ImageID, purposes []string) {
	t.Helper()
	announced := b.preview(id, imagechat.PreviewRequest{Purposes: purposes}).Files
	pack, err := b.ExportPack(b.ctx, session, imagechat.PackRequest{ImageID: id, Purposes: purposes})
	if err != nil {
		t.Fatal(err)
	}
	var archive bytes.Buffer
	if err := pack.Write(b.ctx, &archive); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(archive.Bytes()), int64(archive.Len()))
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range announced {
		in, err := z.File[i].Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(in)
		sum := sha256.Sum256(data)
		if err != nil || hex.EncodeToString(sum[:]) != string(f.SHA256) {
			t.Errorf("%s in the ZIP: got %d bytes (%v), announced %d", z.File[i].Name, len(data), err, f.Bytes)
		}
	}
}

func TestAPreviewKeepsNothingAndMarksNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil, imagechattest.Picture(imagechattest.PNG(320, 200, 5)))
	_, img := b.drawn()
	before := b.countBlobs()
	b.preview(img.ID, imagechat.PreviewRequest{Purposes: []string{"email_header", "banner_mobile"}})
	after, err := b.Image(b.ctx, img.ID)
	if err != nil || after.Exported {
		t.Errorf("after a preview: got exported %v (%v), want false", after.Exported, err)
	}
	if got := b.countBlobs(); got != before {
		t.Errorf("blobs: got %d, want %d as before", got, before)
	}
	if _, err := b.Export(b.ctx, img.ID, imagechat.ExportSpec{Purpose: "email_header"}); err != nil {
		t.Fatal(err)
	}
	if after, err = b.Image(b.ctx, img.ID); err != nil || !after.Exported {
		t.Errorf("after an export: got exported %v (%v), want true", after.Exported, err)
	}
}

func TestAPreviewIsWorkedOutOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil, imagechattest.Picture(imagechattest.PNG(320, 200, 5)))
	_, img := b.drawn()
	r := imagechat.PreviewRequest{Purposes: []string{"email_header", "banner_mobile"}}
	first := b.preview(img.ID, r)
	// What is not worked out again needs no bytes.
	if err := b.blobs().Delete(b.ctx, img.Blob); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, b.preview(img.ID, r)); diff != "" {
		t.Errorf("the second answer (-first +second):\n%s", diff)
	}
	r.Focus = &imagechat.Point{X: 0.1, Y: 0.1}
	if _, err := b.PreviewExport(b.ctx, img.ID, r); err == nil {
		t.Error("another focus was answered without the picture")
	}
}

func TestAPreviewSaysWhatToLookAt(t *testing.T) {
	t.Parallel()
	purposes, err := imagechat.LoadPurposes(imagechat.DefaultPurposes(), strings.NewReader(`{"groups":[{"id":"g","name":{"ko":"묶음","en":"Group"}}],"purposes":[
		{"id":"strip","name":{"ko":"띠","en":"Strip"},"description":{"ko":"띠","en":"Strip"},"group":"g","guidance":"plain","confidence":"own","width":180,"height":30,"ratio":"6:1","formats":["jpeg"]},
		{"id":"large","name":{"ko":"큰 것","en":"Large"},"description":{"ko":"큰 것","en":"Large"},"group":"g","guidance":"plain","confidence":"own","width":360,"height":240,"ratio":"3:2","formats":["png"]},
		{"id":"tiny","name":{"ko":"작은 것","en":"Tiny"},"description":{"ko":"작은 것","en":"Tiny"},"group":"g","guidance":"plain","confidence":"own","width":180,"height":120,"ratio":"3:2","formats":["png"],"max_bytes":300}]}`))
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t, &imagechat.Options{Purposes: purposes}, imagechattest.Picture(imagechattest.PNG(180, 120, 9)))
	sess, err := b.CreateSession(b.ctx, imagechat.NewSession{ImagePurpose: "strip"})
	if err != nil {
		t.Fatal(err)
	}
	turn, err := b.Wait(b.ctx, b.submit(sess.ID, imagechat.TurnRequest{Kind: imagechat.KindGenerate, Content: "조명"}).ID)
	if err != nil {
		t.Fatal(err)
	}
	m, err := b.Message(b.ctx, turn.AssistantMessageID)
	if err != nil {
		t.Fatal(err)
	}
	files := b.preview(m.Images[0].ID, imagechat.PreviewRequest{Purposes: []string{"strip", "large", "tiny"}}).Files
	if !slices.Contains(files[0].Warnings, imagechat.WarnCropped) || files[0].Crop.Width != 1 || files[0].Crop.Height != 0.25 {
		t.Errorf("a strip: got %+v, want its whole width, a quarter of its height and a warning", files[0])
	}
	if !slices.Equal(files[1].Warnings, []imagechat.ExportWarning{imagechat.WarnEnlarged}) || files[1].Scale != 2 {
		t.Errorf("twice as large: got %+v, want a warning and scale 2", files[1])
	}
	b.wantCode(files[2].Err, imagechat.InvalidRequest)
	if files[2].Purpose != "tiny" || files[2].MaxBytes != 300 || files[2].Bytes != 0 {
		t.Errorf("what cannot be made: got %+v, want its purpose and limit only", files[2])
	}
}

func TestAPreviewIsTheOwnersAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil, imagechattest.Picture(imagechattest.PNG(64, 40, 5)))
	_, img := b.drawn()
	r := imagechat.PreviewRequest{Purposes: []string{"banner_web"}}
	_, err := b.PreviewExport(imagechat.WithOwner(b.ctx, "somebody"), img.ID, r)
	b.wantCode(err, imagechat.ImageNotFound)
	for name, wrong := range map[string]imagechat.PreviewRequest{
		"no purpose":            {},
		"an unknown purpose":    {Purposes: []string{"nowhere"}},
		"custom without size":   {Purposes: []string{"custom"}}, // and the session has none
		"custom of no height":   {Purposes: []string{"custom"}, Width: 10},
		"an unknown format":     {Purposes: []string{"banner_web"}, Formats: []string{"webp"}},
		"a focus beyond it":     {Purposes: []string{"banner_web"}, Focus: &imagechat.Point{X: 2}},
		"an unknown way to fit": {Purposes: []string{"banner_web"}, Fit: "stretch"},
	} {
		_, err := b.PreviewExport(b.ctx, img.ID, wrong)
		if imagechat.CodeOf(err) != imagechat.InvalidRequest {
			t.Errorf("%s: got %v, want invalid_request", name, err)
		}
	}
	gone, cancel := context.WithCancel(b.ctx)
	cancel()
	if _, err := b.PreviewExport(gone, img.ID, r); err == nil {
		t.Error("a request whose client has gone was worked out")
	}
	b.preview(img.ID, r) // and its end was not remembered as the answer
}

func TestACustomExportHasTheSessionsSize(t *testing.T) {
	t.Parallel()
	shot := imagechattest.Picture(imagechattest.PNG(400, 300, 5))
	b := newBench(t, nil, shot, shot)
	sess, err := b.CreateSession(b.ctx, imagechat.NewSession{ImagePurpose: "custom", CustomWidth: 320, CustomHeight: 256})
	if err != nil {
		t.Fatal(err)
	}
	turn, err := b.Wait(b.ctx, b.submit(sess.ID, imagechat.TurnRequest{Kind: imagechat.KindGenerate, Content: "조명"}).ID)
	if err != nil {
		t.Fatal(err)
	}
	m, err := b.Message(b.ctx, turn.AssistantMessageID)
	if err != nil {
		t.Fatal(err)
	}
	id := m.Images[0].ID
	for _, test := range []struct{ width, height, wantWidth, wantHeight int }{{0, 0, 320, 256}, {100, 50, 100, 50}} {
		f := b.preview(id, imagechat.PreviewRequest{Purposes: []string{"custom"}, Width: test.width, Height: test.height}).Files[0]
		if f.Width != test.wantWidth || f.Height != test.wantHeight {
			t.Errorf("preview: got %d×%d, want %d×%d", f.Width, f.Height, test.wantWidth, test.wantHeight)
		}
		wantAsAnnounced(t, b, id, imagechat.ExportSpec{Purpose: "custom", Width: test.width, Height: test.height}, &f)
	}
	wantPackAsAnnounced(t, b, sess.ID, id, []string{"custom", "email_header"})

	_, plain := b.drawn() // in a session without a size
	_, err = b.Export(b.ctx, plain.ID, imagechat.ExportSpec{Purpose: "custom"})
	if e := imagechat.AsError(err); e == nil || len(e.Fields) != 1 || e.Fields[0].Rule != "no_size" {
		t.Errorf("a session without a size: got %v, want it said", err)
	}
	_, err = b.Export(b.ctx, plain.ID, imagechat.ExportSpec{Purpose: "custom", Width: 100})
	b.wantCode(err, imagechat.InvalidRequest)
}
