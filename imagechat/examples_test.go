package imagechat_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"strings"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/memory"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

// must ends an example that goes wrong.
func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}

// exampleImage draws one picture in a new conversation.
func exampleImage(ctx context.Context, svc *imagechat.Service) imagechat.Image {
	sess := must(svc.CreateSession(ctx, imagechat.NewSession{ImagePurpose: "email_header", Title: "Autumn sale"}))
	sub := must(svc.Submit(ctx, sess.ID, imagechat.TurnRequest{Kind: imagechat.KindGenerate, Content: "a lamp"}, ""))
	turn := must(svc.Wait(ctx, sub.Turn.ID))
	return must(svc.Message(ctx, turn.AssistantMessageID)).Images[0]
}

var examplePicture = imagechattest.Picture(imagechattest.PNG(1600, 900, 1))

// Draw is one call from words to a file of a placement's exact pixels.
func ExampleService_Draw() {
	ctx := context.Background()
	svc := exampleService(ctx, examplePicture)
	defer svc.Close(ctx)
	file := must(svc.Draw(ctx, "email_header", "a lamp"))
	defer file.Close()
	fmt.Println(file.Name, file.Width, file.Height)
	// Output: a_lamp_email_header_600x200.jpg 600 200
}

// An ended context is told from an ended turn.
func ExampleService_Wait() {
	ctx := context.Background()
	never := make(chan struct{})
	svc := exampleService(ctx, imagechattest.Reply{Wait: never})
	defer svc.Close(ctx)
	sess := must(svc.CreateSession(ctx, imagechat.NewSession{ImagePurpose: "banner_web"}))
	sub := must(svc.Submit(ctx, sess.ID, imagechat.TurnRequest{Kind: imagechat.KindGenerate, Content: "a lamp"}, ""))
	patience, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	turn, err := svc.Wait(patience, sub.Turn.ID)
	fmt.Println(turn.Status.Ended(), errors.Is(err, context.DeadlineExceeded))
	// Output: false true
}

// A key of the caller's own makes sending twice cost once.
func ExampleService_Submit_idempotent() {
	ctx := context.Background()
	svc := exampleService(ctx, examplePicture)
	defer svc.Close(ctx)
	sess := must(svc.CreateSession(ctx, imagechat.NewSession{ImagePurpose: "banner_web"}))
	request := imagechat.TurnRequest{Kind: imagechat.KindGenerate, Content: "a lamp"}
	first := must(svc.Submit(ctx, sess.ID, request, "order 4711"))
	again := must(svc.Submit(ctx, sess.ID, request, "order 4711"))
	fmt.Println(again.Turn.ID == first.Turn.ID, again.Replayed)

	request.Content = "something else"
	_, err := svc.Submit(ctx, sess.ID, request, "order 4711")
	fmt.Println(imagechat.CodeOf(err))
	// Output:
	// true true
	// idempotency_mismatch
}

// What a turn would cost at most is known before it is paid for.
func ExampleService_Estimate() {
	ctx := context.Background()
	svc := exampleService(ctx)
	defer svc.Close(ctx)
	sess := must(svc.CreateSession(ctx, imagechat.NewSession{ImagePurpose: "sns_instagram_square"}))
	for _, count := range []int{1, 4} {
		cost := must(svc.Estimate(ctx, sess.ID, imagechat.TurnRequest{Kind: imagechat.KindGenerate, Content: "a lamp", Count: count, ImageSize: "1K"}))
		fmt.Println(count, cost > imagechat.Dollars(0.04)*imagechat.USD(count))
	}
	// Output:
	// 1 true
	// 4 true
}

// A budget refuses what would pass it, and says how much is left.
func ExampleOptions_budget() {
	ctx := context.Background()
	svc := must(imagechat.New(memory.Ports(imagechattest.NewScript(examplePicture)), &imagechat.Options{DailyBudget: imagechat.Dollars(0.05)}))
	if err := svc.Start(ctx); err != nil {
		log.Fatal(err)
	}
	defer svc.Close(ctx)
	img := exampleImage(ctx, svc)
	_, err := svc.Submit(ctx, img.SessionID, imagechat.TurnRequest{Kind: imagechat.KindGenerate, Content: "another"}, "")
	fmt.Println(errors.Is(err, imagechat.BudgetExceeded))
	usage := must(svc.Usage(ctx, time.Now().AddDate(0, 0, -1)))
	fmt.Println(usage.Images, usage.USD, usage.Budget.Daily)
	// Output:
	// true
	// 1 0.03 0.05
}

// A change asked for in words makes a version of that picture.
func ExampleService_Submit_refine() {
	ctx := context.Background()
	svc := exampleService(ctx, examplePicture, imagechattest.Picture(imagechattest.PNG(1600, 900, 2)))
	defer svc.Close(ctx)
	img := exampleImage(ctx, svc)
	sub := must(svc.Submit(ctx, img.SessionID, imagechat.TurnRequest{Kind: imagechat.KindRefine, Content: "brighter", ImageID: img.ID}, ""))
	turn := must(svc.Wait(ctx, sub.Turn.ID))
	version := must(svc.Message(ctx, turn.AssistantMessageID)).Images[0]
	fmt.Println(version.ParentID == img.ID, version.ID != img.ID)
	// Output: true true
}

// A failed turn is run again only when a person asks, since it may be charged again.
func ExampleService_Retry() {
	ctx := context.Background()
	svc := exampleService(ctx, imagechattest.Failure(imagechat.GeneratorTimeout, imagechat.ChargeUnknown, true), examplePicture)
	defer svc.Close(ctx)
	sess := must(svc.CreateSession(ctx, imagechat.NewSession{ImagePurpose: "banner_web"}))
	sub := must(svc.Submit(ctx, sess.ID, imagechat.TurnRequest{Kind: imagechat.KindGenerate, Content: "a lamp"}, ""))
	turn := must(svc.Wait(ctx, sub.Turn.ID))
	fmt.Println(turn.Status, turn.Error.Code, turn.Error.Retryable, turn.Cost > 0)

	if _, err := svc.Retry(ctx, turn.ID); err != nil {
		log.Fatal(err)
	}
	turn = must(svc.Wait(ctx, turn.ID))
	fmt.Println(turn.Status, turn.Attempt)
	// Output:
	// failed generator_timeout true true
	// succeeded 2
}

// Cancel ends a turn at once; nobody's leaving does.
func ExampleService_Cancel() {
	ctx := context.Background()
	never := make(chan struct{})
	svc := exampleService(ctx, imagechattest.Reply{Wait: never})
	defer svc.Close(ctx)
	sess := must(svc.CreateSession(ctx, imagechat.NewSession{ImagePurpose: "banner_web"}))
	sub := must(svc.Submit(ctx, sess.ID, imagechat.TurnRequest{Kind: imagechat.KindGenerate, Content: "a lamp"}, ""))
	turn := must(svc.Cancel(ctx, sub.Turn.ID))
	fmt.Println(turn.Status)
	// Output: cancelled
}

// Pictures of one's own are references, with a role each.
func ExampleService_Upload() {
	ctx := context.Background()
	svc := exampleService(ctx, examplePicture)
	defer svc.Close(ctx)
	product := must(svc.Upload(ctx, bytes.NewReader(imagechattest.PNG(400, 300, 7)), imagechat.ImageReference))
	sess := must(svc.CreateSession(ctx, imagechat.NewSession{ImagePurpose: "banner_web"}))
	sub := must(svc.Submit(ctx, sess.ID, imagechat.TurnRequest{
		Kind: imagechat.KindGenerate, Content: "the product on a wooden table",
		ReferenceIDs: []imagechat.ImageID{product.ID}, ReferenceRoles: []string{"product"},
	}, ""))
	turn := must(svc.Wait(ctx, sub.Turn.ID))
	fmt.Println(product.Width, product.Height, turn.Status)
	// Output: 400 300 succeeded
}

// A pack is one ZIP with a file for every placement, and a manifest.
func ExampleService_ExportPack() {
	ctx := context.Background()
	svc := exampleService(ctx, examplePicture)
	defer svc.Close(ctx)
	img := exampleImage(ctx, svc)
	pack := must(svc.ExportPack(ctx, img.SessionID, imagechat.PackRequest{ImageID: img.ID, Purposes: []string{"email_header", "sns_instagram_square"}}))
	var file bytes.Buffer // or an http.ResponseWriter
	if err := pack.Write(ctx, &file); err != nil {
		log.Fatal(err)
	}
	for _, f := range must(zip.NewReader(bytes.NewReader(file.Bytes()), int64(file.Len()))).File {
		fmt.Println(f.Name)
	}
	// Output:
	// 01_email_header_600x200.jpg
	// 02_sns_instagram_square_1080x1080.jpg
	// manifest.json
	// manifest.csv
}

// A preview tells every file's bytes and crop before anything is made.
func ExampleService_PreviewExport() {
	ctx := context.Background()
	svc := exampleService(ctx, examplePicture)
	defer svc.Close(ctx)
	img := exampleImage(ctx, svc)
	preview := must(svc.PreviewExport(ctx, img.ID, imagechat.PreviewRequest{Purposes: []string{"email_header"}}))
	for _, f := range preview.Files {
		fmt.Println(f.Purpose, f.Width, f.Height, f.Bytes > 0, f.CropPercent > 30)
	}
	// Output: email_header 600 200 true true
}

// The bytes that the generator returned are kept as they came.
func ExampleService_OpenImage() {
	ctx := context.Background()
	svc := exampleService(ctx, examplePicture)
	defer svc.Close(ctx)
	img, file, err := svc.OpenImage(ctx, exampleImage(ctx, svc).ID)
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	data := must(io.ReadAll(file))
	fmt.Println(img.MIMEType, int64(len(data)) == img.Bytes, bytes.Equal(data, imagechattest.PNG(1600, 900, 1)))
	// Output: image/png true true
}

// Owners see their own, and nothing else exists for them.
func ExampleWithOwner() {
	svc := exampleService(context.Background())
	defer svc.Close(context.Background())
	mina := imagechat.WithOwner(context.Background(), "mina")
	jun := imagechat.WithOwner(context.Background(), "jun")
	sess := must(svc.CreateSession(mina, imagechat.NewSession{ImagePurpose: "banner_web"}))
	_, err := svc.Session(jun, sess.ID)
	fmt.Println(imagechat.CodeOf(err))
	// Output: session_not_found
}

// A brand kit is followed by every picture of the sessions that name it.
func ExampleService_CreateBrand() {
	ctx := context.Background()
	svc := exampleService(ctx)
	defer svc.Close(ctx)
	brand := must(svc.CreateBrand(ctx, imagechat.Brand{
		Name: "달빛커피", Palette: []imagechat.Color{{Name: "달빛 노랑", Hex: "#F6D860"}}, Tone: "다정하고 담백하게",
	}))
	sess := must(svc.CreateSession(ctx, imagechat.NewSession{ImagePurpose: "sns_instagram_square", BrandID: brand.ID}))
	tone := "조금 더 또렷하게"
	brand = must(svc.UpdateBrand(ctx, brand.ID, imagechat.BrandPatch{Tone: &tone}))
	fmt.Println(sess.BrandID == brand.ID, brand.Name, brand.Tone)
	// Output: true 달빛커피 조금 더 또렷하게
}

// Lists are paged by a cursor, as fast at a million as at ten.
func ExampleService_Sessions() {
	ctx := context.Background()
	svc := exampleService(ctx)
	defer svc.Close(ctx)
	for i := range 5 {
		must(svc.CreateSession(ctx, imagechat.NewSession{ImagePurpose: "banner_web", Title: fmt.Sprint("conversation ", i)}))
	}
	for cursor := ""; ; {
		page := must(svc.Sessions(ctx, imagechat.SessionQuery{Limit: 2, Cursor: cursor}))
		for _, s := range page.Sessions {
			fmt.Println(s.Title)
		}
		if cursor = page.NextCursor; cursor == "" {
			break
		}
	}
	// Output:
	// conversation 4
	// conversation 3
	// conversation 2
	// conversation 1
	// conversation 0
}

// Search finds words, parts of Hangul syllables and initial consonants.
func ExampleService_Sessions_search() {
	ctx := context.Background()
	svc := exampleService(ctx)
	defer svc.Close(ctx)
	must(svc.CreateSession(ctx, imagechat.NewSession{ImagePurpose: "banner_web", Title: "가을 세일 배너"}))
	for _, words := range []string{"세일", "ㄱㅇ", "봄"} {
		page := must(svc.Sessions(ctx, imagechat.SessionQuery{Search: words}))
		fmt.Println(words, len(page.Sessions))
	}
	// Output:
	// 세일 1
	// ㄱㅇ 1
	// 봄 0
}

// Placements of one's own are read from JSON, over those that are built in.
func ExampleLoadPurposes() {
	own := `{"purposes":[{"id":"lobby_screen","group":"own","name":{"ko":"로비 화면","en":"Lobby screen"},
		"description":{"ko":"로비의 큰 화면","en":"The large screen in the lobby"},"width":1920,"height":540,"ratio":"32:9","formats":["png"],
		"guidance":"Seen from afar.","source":"https://intranet.example/screens","checked_on":"2026-12-01","confidence":"high"}],"groups":[{"id":"own","name":{"ko":"우리","en":"Ours"}}]}`
	purposes := must(imagechat.LoadPurposes(imagechat.DefaultPurposes(), strings.NewReader(own)))
	p, ok := purposes.Get("lobby_screen")
	fmt.Println(ok, p.Name.In(imagechat.LangEN), p.Width, p.Height)
	// Output: true Lobby screen 1920 540
}

// Metrics and logs of one's own are told of every generator call.
func ExampleOptions_onCall() {
	ctx := context.Background()
	told := make(chan imagechat.CallReport, 1)
	svc := must(imagechat.New(memory.Ports(imagechattest.NewScript(examplePicture)), &imagechat.Options{
		OnCall: func(r imagechat.CallReport) { told <- r },
	}))
	if err := svc.Start(ctx); err != nil {
		log.Fatal(err)
	}
	defer svc.Close(ctx)
	exampleImage(ctx, svc)
	report := <-told
	fmt.Println(report.Model, report.Code == "", report.Cost)
	// Output: script-1 true 0.03
}

// A shutdown lets running turns finish and keeps waiting ones for the next start.
func ExampleService_Drain() {
	ctx := context.Background()
	svc := exampleService(ctx, examplePicture)
	img := exampleImage(ctx, svc)
	patience, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	fmt.Println(svc.Drain(patience))
	_, err := svc.Submit(ctx, img.SessionID, imagechat.TurnRequest{Kind: imagechat.KindChat, Content: "still there?"}, "")
	fmt.Println(err != nil, svc.Close(ctx))
	// Output:
	// <nil>
	// true <nil>
}
