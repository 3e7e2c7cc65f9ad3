// Command embed makes a picture inside a plain Go program: no framework, no
// database, no HTTP. It writes a picture and the file that an e-mail header
// takes into the working directory.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/demo"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/memory"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := run(ctx, ".", os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, dir string, out io.Writer) (err error) {
	svc, err := imagechat.New(memory.Ports(demo.New(nil)), nil)
	if err != nil {
		return err
	}
	if err := svc.Start(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, svc.Close(ctx)) }()

	sess, err := svc.CreateSession(ctx, imagechat.NewSession{ImagePurpose: "email_header", StylePreset: "minimal"})
	if err != nil {
		return err
	}
	img, err := say(ctx, svc, out, sess.ID, imagechat.TurnRequest{Kind: imagechat.KindGenerate, Content: "창가에 놓인 따뜻한 조명, 겨울 세일"})
	if err != nil {
		return err
	}
	img, err = say(ctx, svc, out, sess.ID, imagechat.TurnRequest{Kind: imagechat.KindRefine, Content: "더 밝게", ImageID: img.ID})
	if err != nil {
		return err
	}
	file, err := svc.Export(ctx, img.ID, imagechat.ExportSpec{Purpose: "email_header"})
	if err != nil {
		return err
	}
	defer file.Close()
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	fmt.Fprintf(out, "%s, %d×%d, %d bytes\n", file.Name, file.Width, file.Height, file.Bytes)
	saved, err := root.Create(file.Name)
	if err != nil {
		return err
	}
	_, err = io.Copy(saved, file.Content)
	return errors.Join(err, saved.Close())
}

// say has one turn and returns its picture.
func say(ctx context.Context, svc *imagechat.Service, out io.Writer, id imagechat.SessionID, r imagechat.TurnRequest) (*imagechat.Image, error) {
	msg, err := svc.Run(ctx, id, r, "")
	if err != nil {
		return nil, err // errors.Is(err, imagechat.ContentBlocked) and the like
	}
	fmt.Fprintln(out, msg.Text)
	return &msg.Images[0], nil
}
