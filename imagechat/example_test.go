package imagechat_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/memory"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

// exampleService is a Service in memory whose generator answers from a script.
func exampleService(ctx context.Context, replies ...imagechattest.Reply) *imagechat.Service {
	svc, err := imagechat.New(memory.Ports(imagechattest.NewScript(replies...)), nil)
	if err != nil {
		log.Fatal(err)
	}
	if err := svc.Start(ctx); err != nil {
		log.Fatal(err)
	}
	return svc
}

func Example() {
	ctx := context.Background()
	svc := exampleService(ctx, imagechattest.Picture(imagechattest.PNG(1024, 1024, 1)))
	defer svc.Close(ctx)

	sess, err := svc.CreateSession(ctx, imagechat.NewSession{ImagePurpose: "sns_instagram_square"})
	if err != nil {
		log.Fatal(err)
	}
	sub, err := svc.Submit(ctx, sess.ID, imagechat.TurnRequest{
		Kind: imagechat.KindGenerate, Content: "창가에 놓인 조명을 보여 줘",
	}, "")
	if err != nil {
		log.Fatal(err)
	}
	turn, err := svc.Wait(ctx, sub.Turn.ID)
	if err != nil {
		log.Fatal(err)
	}
	msg, err := svc.Message(ctx, turn.AssistantMessageID)
	if err != nil {
		log.Fatal(err)
	}
	img := msg.Images[0]
	fmt.Println(turn.Status, img.Width, img.Height, img.MIMEType, turn.Cost)
	// Output: succeeded 1024 1024 image/png 0.03
}

func ExampleService_Export() {
	ctx := context.Background()
	svc := exampleService(ctx, imagechattest.Picture(imagechattest.PNG(1600, 900, 1)))
	defer svc.Close(ctx)
	sess, err := svc.CreateSession(ctx, imagechat.NewSession{ImagePurpose: "email_header"})
	if err != nil {
		log.Fatal(err)
	}
	sub, err := svc.Submit(ctx, sess.ID, imagechat.TurnRequest{Kind: imagechat.KindGenerate, Content: "a lamp"}, "")
	if err != nil {
		log.Fatal(err)
	}
	turn, err := svc.Wait(ctx, sub.Turn.ID)
	if err != nil {
		log.Fatal(err)
	}
	msg, err := svc.Message(ctx, turn.AssistantMessageID)
	if err != nil {
		log.Fatal(err)
	}
	file, err := svc.Export(ctx, msg.Images[0].ID, imagechat.ExportSpec{Purpose: "email_header"})
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close() // file.Content is what to send or save
	fmt.Println(file.Name, file.Width, file.Height)
	// Output: a_lamp_email_header_600x200.jpg 600 200
}

func ExampleService_Subscribe() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	svc := exampleService(ctx, imagechattest.Words("무엇을 보여 드릴까요?"))
	defer svc.Close(ctx)
	sess, err := svc.CreateSession(ctx, imagechat.NewSession{ImagePurpose: "banner_web"})
	if err != nil {
		log.Fatal(err)
	}
	sub, err := svc.Subscribe(ctx, sess.ID, 0)
	if err != nil {
		log.Fatal(err)
	}
	defer sub.Close()
	if _, err := svc.Submit(ctx, sess.ID, imagechat.TurnRequest{Kind: imagechat.KindChat, Content: "안녕"}, ""); err != nil {
		log.Fatal(err)
	}
	for {
		u, err := sub.Next(ctx)
		if err != nil {
			log.Fatal(err)
		}
		if e := u.Event; e != nil { // u.Hint tells of progress in between
			fmt.Println(e.Seq, e.Type, e.Message.Text)
			if e.Type == imagechat.EventMessage {
				return
			}
		}
	}
	// Output:
	// 1 accepted 안녕
	// 2 message 무엇을 보여 드릴까요?
}

func ExampleCodeOf() {
	ctx := context.Background()
	svc := exampleService(ctx)
	defer svc.Close(ctx)
	_, err := svc.Session(ctx, "no such id")
	fmt.Println(imagechat.CodeOf(err), errors.Is(err, imagechat.SessionNotFound))

	_, err = svc.CreateSession(ctx, imagechat.NewSession{ImagePurpose: "billboard"})
	for _, f := range imagechat.AsError(err).Fields {
		fmt.Println(f.Location, f.Rule)
	}
	// Output:
	// session_not_found true
	// image_purpose unknown
}
