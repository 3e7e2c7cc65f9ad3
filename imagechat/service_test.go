package imagechat_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/memory"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

// bench is a Service on memory adapters with a scripted generator.
type bench struct {
	*imagechat.Service
	t      *testing.T
	ctx    context.Context
	script *imagechattest.Script
	ports  imagechat.Ports
	opts   imagechat.Options
}

func newBench(t *testing.T, o *imagechat.Options, replies ...imagechattest.Reply) *bench {
	t.Helper()
	b := &bench{t: t, ctx: t.Context(), script: imagechattest.NewScript(replies...)}
	b.ports = memory.Ports(b.script)
	if o != nil {
		b.opts = *o
	}
	b.start()
	t.Cleanup(func() { b.stop() })
	return b
}

func (b *bench) start() {
	b.t.Helper()
	s, err := imagechat.New(b.ports, &b.opts)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := s.Start(b.ctx); err != nil {
		b.t.Fatal(err)
	}
	b.Service = s
}

func (b *bench) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := b.Service.Close(ctx); err != nil {
		b.t.Errorf("Close: %v", err)
	}
}

// restart ends the Service and begins a new one on the same stores.
func (b *bench) restart() {
	b.t.Helper()
	b.stop()
	b.start()
}

func (b *bench) session() imagechat.SessionID {
	b.t.Helper()
	sess, err := b.CreateSession(b.ctx, imagechat.NewSession{ImagePurpose: "email_header"})
	if err != nil {
		b.t.Fatal(err)
	}
	return sess.ID
}

func (b *bench) submit(id imagechat.SessionID, r imagechat.TurnRequest) *imagechat.Turn {
	b.t.Helper()
	sub, err := b.Submit(b.ctx, id, r, "")
	if err != nil {
		b.t.Fatalf("Submit: %v", err)
	}
	return sub.Turn
}

func (b *bench) wait(id imagechat.TurnID) *imagechat.Turn {
	b.t.Helper()
	t, err := b.Wait(b.ctx, id)
	if err != nil {
		b.t.Fatalf("Wait: %v", err)
	}
	return t
}

// run submits and waits for the end.
func (b *bench) run(id imagechat.SessionID, r imagechat.TurnRequest) *imagechat.Turn {
	b.t.Helper()
	return b.wait(b.submit(id, r).ID)
}

func (b *bench) reply(t *imagechat.Turn) *imagechat.Message {
	b.t.Helper()
	m, err := b.Message(b.ctx, t.AssistantMessageID)
	if err != nil {
		b.t.Fatalf("Message: %v", err)
	}
	return m
}

func (b *bench) turn(id imagechat.TurnID) *imagechat.Turn {
	b.t.Helper()
	t, err := b.Turn(b.ctx, id)
	if err != nil {
		b.t.Fatal(err)
	}
	return t
}

func (b *bench) waitCalls(n int) {
	b.t.Helper()
	if err := b.script.WaitCalls(b.ctx, n); err != nil {
		b.t.Fatal(err)
	}
}

func draw(content string) imagechat.TurnRequest {
	return imagechat.TurnRequest{Kind: imagechat.KindGenerate, Content: content}
}

func TestASentenceBecomesAStoredPicture(t *testing.T) {
	t.Parallel()
	png := imagechattest.PNG(64, 48, 1)
	b := newBench(t, nil, imagechattest.Picture(png))
	id := b.session()
	turn := b.run(id, draw("인스타그램용 조명 이미지를 만들고 싶어"))
	if turn.Status != imagechat.TurnSucceeded {
		t.Fatalf("got status %s (%v), want succeeded", turn.Status, turn.Error)
	}
	m := b.reply(turn)
	if len(m.Images) != 1 {
		t.Fatalf("got %d images, want 1", len(m.Images))
	}
	img, f, err := b.OpenImage(b.ctx, m.Images[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	if imagechattest.KeyOf(got) != imagechattest.KeyOf(png) || img.Blob != imagechattest.KeyOf(png) {
		t.Error("the stored bytes are not the generator's")
	}
	if img.Width != 64 || img.Height != 48 || img.MIMEType != "image/png" || img.Bytes != int64(len(png)) {
		t.Errorf("got %dx%d %s %d bytes, want 64x48 image/png %d", img.Width, img.Height, img.MIMEType, img.Bytes, len(png))
	}
	sess, err := b.Session(b.ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	if sess.Title != "인스타그램용 조명 이미지를 만들고 싶어" || sess.MessagesCount != 2 || sess.ImagesGenerated != 1 || sess.FinalImageID != img.ID {
		t.Errorf("got session %+v", sess)
	}
	if sess.TotalCost != turn.Cost || turn.Cost != imagechat.Dollars(0.03) {
		t.Errorf("got session cost %s and turn cost %s, want 0.03", sess.TotalCost, turn.Cost)
	}
	b.stop() // the spool is emptied after everybody was told
	entries, err := b.ports.Spool.List(b.ctx, "")
	if err != nil || len(entries) != 0 {
		t.Errorf("spool holds %v (%v), want nothing", entries, err)
	}
}

func TestRefineEditsTheChosenPicture(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	for i := range 4 {
		b.script.Add(imagechattest.Picture(imagechattest.PNG(32, 32, byte(i))))
	}
	id := b.session()
	var first imagechat.Image
	for i := range 3 {
		m := b.reply(b.run(id, draw("하나")))
		if i == 0 {
			first = m.Images[0]
		}
	}
	turn := b.run(id, imagechat.TurnRequest{Kind: imagechat.KindRefine, Content: "더 밝게", ImageID: first.ID})
	calls := b.script.Calls()
	if got := calls[3].Anchor; got == nil || got.Blob != first.Blob {
		t.Errorf("got anchor %+v, want the first image's blob", got)
	}
	refined := b.reply(turn).Images[0]
	if refined.ParentID != first.ID {
		t.Errorf("got parent %s, want %s", refined.ParentID, first.ID)
	}
	if want := "하나"; refined.AltText != want {
		t.Errorf("got alt text %q, want what is to be seen and no order: %q", refined.AltText, want)
	}
}

func TestASessionTakesASizeOfItsOwnLater(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	id := b.session()
	custom, width, height, small := "custom", 640, 360, 10
	_, err := b.UpdateSession(b.ctx, id, imagechat.SessionPatch{ImagePurpose: &custom})
	b.wantCode(err, imagechat.InvalidRequest)
	_, err = b.UpdateSession(b.ctx, id, imagechat.SessionPatch{ImagePurpose: &custom, CustomWidth: &width, CustomHeight: &small})
	b.wantCode(err, imagechat.InvalidRequest)
	got, err := b.UpdateSession(b.ctx, id, imagechat.SessionPatch{ImagePurpose: &custom, CustomWidth: &width, CustomHeight: &height})
	if err != nil || got.ImagePurpose != custom || got.CustomWidth != width || got.CustomHeight != height {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestWhatIsSaidInFreeTalkKeepsTheWordsOfThePicture(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	for i := range 3 {
		b.script.Add(imagechattest.Picture(imagechattest.PNG(32, 32, byte(i))))
	}
	id := b.session()
	say := func(kind imagechat.TurnKind, content string) string {
		return b.reply(b.run(id, imagechat.TurnRequest{Kind: kind, Content: content})).Images[0].AltText
	}
	got := []string{say(imagechat.KindConverse, "바닷가의 등대"), say(imagechat.KindConverse, "더 밝게"), say(imagechat.KindGenerate, "찻잔 사진 만들어 줘")}
	if want := []string{"바닷가의 등대", "바닷가의 등대", "찻잔 사진"}; !slices.Equal(got, want) {
		t.Errorf("got alt texts %q, want %q", got, want)
	}
}

func TestAnUploadGoesWithTheLastSessionThatUsesIt(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	up, err := b.Upload(b.ctx, bytes.NewReader(imagechattest.PNG(16, 16, 7)), imagechat.ImageReference)
	if err != nil {
		t.Fatal(err)
	}
	var sessions []imagechat.SessionID
	var turns []*imagechat.Turn
	for i := range 2 {
		b.script.Add(imagechattest.Picture(imagechattest.PNG(32, 32, byte(i))))
		id := b.session()
		r := draw("로고를 넣어 줘")
		r.ReferenceIDs = []imagechat.ImageID{up.ID}
		sessions, turns = append(sessions, id), append(turns, b.run(id, r))
	}
	if err := b.DeleteSession(b.ctx, sessions[0]); err != nil {
		t.Fatal(err)
	}
	img, content, err := b.OpenImage(b.ctx, up.ID)
	if err != nil {
		t.Fatalf("the other session's reference: %v", err)
	}
	if err := content.Close(); err != nil || img.SessionID != sessions[1] {
		t.Errorf("got it in %s (%v), want %s", img.SessionID, err, sessions[1])
	}
	if m, err := b.Message(b.ctx, turns[1].UserMessageID); err != nil || len(m.References) != 1 {
		t.Errorf("the other session's message shows %+v (%v), want its reference", m, err)
	}
	if err := b.DeleteSession(b.ctx, sessions[1]); err != nil {
		t.Fatal(err)
	}
	b.wantCode(onlyError(b.OpenImage(b.ctx, up.ID)), imagechat.ImageNotFound)
	if _, err := b.ports.Blobs.Stat(b.ctx, up.Blob); imagechat.CodeOf(err) != imagechat.NotFound {
		t.Errorf("its bytes are still there: %v", err)
	}
}

func TestABrandsLogoGoesAlongWithWhatIsDrawnForIt(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	for i := range 4 {
		b.script.Add(imagechattest.Picture(imagechattest.PNG(32, 32, byte(i))))
	}
	upload := func(shade byte, role imagechat.ImageRole) imagechat.ImageID {
		img, err := b.Upload(b.ctx, bytes.NewReader(imagechattest.PNG(16, 16, shade)), role)
		if err != nil {
			t.Fatal(err)
		}
		return img.ID
	}
	logo, product := upload(7, imagechat.ImageLogo), upload(8, imagechat.ImageReference)
	kit, err := b.CreateBrand(b.ctx, imagechat.Brand{Name: "온기", LogoImageID: logo})
	if err != nil {
		t.Fatal(err)
	}
	id := b.session()
	if _, err := b.UpdateSession(b.ctx, id, imagechat.SessionPatch{BrandID: &kit.ID}); err != nil {
		t.Fatal(err)
	}
	sent := func(r imagechat.TurnRequest) []string {
		b.run(id, r)
		calls := b.script.Calls()
		call := calls[len(calls)-1]
		var out []string
		for i, ref := range call.References {
			out = append(out, string(ref.ID)+" "+ref.Role)
			if want := fmt.Sprintf("Attached picture %d", i+1); ref.Role == "logo" && !strings.Contains(call.Prompt.Text, want+" is the logo") {
				t.Errorf("the words name no logo at %d: %s", i+1, call.Prompt.Text)
			}
		}
		return out
	}
	asLogo := string(logo) + " logo"
	if got, want := sent(draw("봄 신메뉴")), []string{asLogo}; !slices.Equal(got, want) {
		t.Errorf("a drawing: got %q, want %q", got, want)
	}
	r := draw("이 제품으로")
	r.ReferenceIDs, r.ReferenceRoles = []imagechat.ImageID{product}, []string{"product"}
	if got, want := sent(r), []string{string(product) + " product", asLogo}; !slices.Equal(got, want) {
		t.Errorf("after the person's own: got %q, want %q", got, want)
	}
	r = draw("로고를 크게")
	r.ReferenceIDs = []imagechat.ImageID{logo}
	if got, want := sent(r), []string{asLogo}; !slices.Equal(got, want) {
		t.Errorf("attached by hand: got %q, want it once", got)
	}
	if got := sent(imagechat.TurnRequest{Kind: imagechat.KindChat, Content: "안녕"}); len(got) != 0 {
		t.Errorf("a talk that draws nothing: got %q, want none", got)
	}
}

func onlyError(_ *imagechat.Image, _ io.ReadSeekCloser, err error) error { return err }

func TestAnAnswerOfWordsIsNoPicture(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil, imagechattest.Words("무엇을 보여 드릴까요?"), imagechattest.Words("무엇을?"))
	id := b.session()
	turn := b.run(id, imagechat.TurnRequest{Kind: imagechat.KindConverse, Content: "안녕"})
	if turn.Status != imagechat.TurnSucceeded || b.reply(turn).Text != "무엇을 보여 드릴까요?" {
		t.Errorf("converse: got %s %q", turn.Status, b.reply(turn).Text)
	}
	turn = b.run(id, draw("그려 줘"))
	if turn.Status != imagechat.TurnFailed || turn.Error.Code != imagechat.NoImageReturned || turn.Error.Reason != "무엇을?" {
		t.Errorf("generate: got %s %+v, want no_image_returned with the model's words", turn.Status, turn.Error)
	}
	if turn.Cost != imagechat.Dollars(0.001) {
		t.Errorf("generate: got cost %s, want what the answer reported", turn.Cost)
	}
}

func TestOthersSeeNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil, imagechattest.Picture(imagechattest.PNG(8, 8, 1)))
	id := b.session()
	turn := b.run(id, draw("하나"))
	img := b.reply(turn).Images[0]
	eve := imagechat.WithOwner(b.ctx, "eve")
	for name, try := range map[string]func() error{
		"Session":       func() error { _, err := b.Session(eve, id); return err },
		"Messages":      func() error { _, err := b.Messages(eve, id, "", 0); return err },
		"UpdateSession": func() error { _, err := b.UpdateSession(eve, id, imagechat.SessionPatch{}); return err },
		"DeleteSession": func() error { return b.DeleteSession(eve, id) },
		"Submit":        func() error { _, err := b.Submit(eve, id, draw("x"), ""); return err },
		"Turn":          func() error { _, err := b.Turn(eve, turn.ID); return err },
		"Cancel":        func() error { _, err := b.Cancel(eve, turn.ID); return err },
		"Retry":         func() error { _, err := b.Retry(eve, turn.ID); return err },
		"Image":         func() error { _, err := b.Image(eve, img.ID); return err },
		"OpenImage":     func() error { _, _, err := b.OpenImage(eve, img.ID); return err },
		"Thumbnail":     func() error { _, _, err := b.Thumbnail(eve, img.ID, 100); return err },
		"DeleteImage":   func() error { return b.DeleteImage(eve, img.ID) },
		"Subscribe":     func() error { _, err := b.Subscribe(eve, id, 0); return err },
		"Message":       func() error { _, err := b.Message(eve, turn.AssistantMessageID); return err },
	} {
		switch code := imagechat.CodeOf(try()); code {
		case imagechat.NotFound, imagechat.SessionNotFound, imagechat.TurnNotFound, imagechat.ImageNotFound:
		default:
			t.Errorf("%s: got %q, want a not-found code", name, code)
		}
	}
	page, err := b.Sessions(eve, imagechat.SessionQuery{})
	if err != nil || len(page.Sessions) != 0 || page.Total != 0 {
		t.Errorf("Sessions: got %+v, %v", page, err)
	}
}

func TestASubscriptionMissesAndRepeatsNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.script.Always(imagechattest.Words("네"))
	id := b.session()
	live, err := b.Subscribe(b.ctx, id, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer live.Close()
	for range 5 {
		b.run(id, imagechat.TurnRequest{Kind: imagechat.KindChat, Content: "안녕"})
	}
	late, err := b.Subscribe(b.ctx, id, 4)
	if err != nil {
		t.Fatal(err)
	}
	defer late.Close()
	for name, tc := range map[string]struct {
		sub  *imagechat.Subscription
		from int64
	}{"live from the beginning": {live, 1}, "late after four": {late, 5}} {
		for want := tc.from; want <= 10; {
			u, err := tc.sub.Next(b.ctx)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if u.Event == nil {
				continue
			}
			if u.Event.Seq != want {
				t.Fatalf("%s: got seq %d, want %d", name, u.Event.Seq, want)
			}
			want++
		}
	}
}

func TestDeletingASessionLeavesNoBytesButTheBooks(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil, imagechattest.Picture(imagechattest.PNG(300, 300, 1)))
	id := b.session()
	img := b.reply(b.run(id, draw("하나"))).Images[0]
	if _, f, err := b.Thumbnail(b.ctx, img.ID, 100); err != nil {
		t.Fatal(err)
	} else {
		f.Close()
	}
	if err := b.DeleteSession(b.ctx, id); err != nil {
		t.Fatal(err)
	}
	for info, err := range b.ports.Blobs.List(b.ctx) {
		t.Errorf("blob %v (%v) is still there", info, err)
	}
	u, err := b.Usage(b.ctx, time.Time{})
	if err != nil || u.USD != imagechat.Dollars(0.03) {
		t.Errorf("got usage %+v, %v; want the cost to stay in the books", u, err)
	}
	if _, err := b.Session(b.ctx, id); !errors.Is(err, imagechat.SessionNotFound) {
		t.Errorf("got %v, want session_not_found", err)
	}
}

func TestACustomSessionIsAskedForItsSizeWhereAPictureIsMade(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.script.Add(imagechattest.Reply{Text: "안녕하세요"}, imagechattest.Picture(imagechattest.PNG(64, 32, 1)), imagechattest.Picture(imagechattest.PNG(64, 32, 2)))
	sess, err := b.CreateSession(b.ctx, imagechat.NewSession{ImagePurpose: imagechat.CustomPurpose})
	if err != nil {
		t.Fatal(err)
	}
	title := "나중에 정할 크기"
	if _, err := b.UpdateSession(b.ctx, sess.ID, imagechat.SessionPatch{Title: &title}); err != nil {
		t.Errorf("a rename: %v", err)
	}
	b.run(sess.ID, imagechat.TurnRequest{Kind: imagechat.KindChat, Content: "안녕"})
	draw := imagechat.TurnRequest{Kind: imagechat.KindGenerate, Content: "간판"}
	_, err = b.Submit(b.ctx, sess.ID, draw, "")
	b.wantCode(err, imagechat.InvalidRequest)
	draw.CustomWidth, draw.CustomHeight = 800, 400
	first := b.reply(b.run(sess.ID, draw)).Images[0]
	change := b.run(sess.ID, imagechat.TurnRequest{Kind: imagechat.KindRefine, Content: "더 밝게", ImageID: first.ID})
	if r := change.Request; r.CustomWidth != 800 || r.CustomHeight != 400 {
		t.Errorf("the change is for %dx%d, want the size of what it changes, 800x400", r.CustomWidth, r.CustomHeight)
	}
	_, err = b.CreateSession(b.ctx, imagechat.NewSession{ImagePurpose: imagechat.CustomPurpose, CustomWidth: 800})
	b.wantCode(err, imagechat.InvalidRequest)
}
