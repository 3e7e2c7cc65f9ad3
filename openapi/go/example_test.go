package imagechatclient_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	imagechatclient "github.com/gemini-image-chat/gemini-image-chat/openapi/go"

	"github.com/gemini-image-chat/gemini-image-chat/internal/realserver"
)

func draw(ctx context.Context, url string) error {
	client, err := imagechatclient.New(url, &imagechatclient.Options{Language: "en"}) // Token: where there is a login
	if err != nil {
		return err
	}
	session, err := client.StartSession(ctx, imagechatclient.CreateSessionRequest{ImagePurpose: "banner_web"})
	if err != nil {
		return err
	}
	reply, err := client.Run(ctx, session.ID, imagechatclient.TurnRequest{Kind: imagechatclient.TurnKindGenerate, Content: "A lighthouse by the sea"}, nil)
	if err != nil {
		return err
	}
	var file bytes.Buffer
	purpose := "banner_web"
	name, err := client.Export(ctx, reply.Images[0].ID, imagechatclient.ExportImageParams{Purpose: &purpose}, &file)
	if err != nil {
		return err
	}
	fmt.Println(name, file.Len(), "bytes")
	for picture, err := range client.Images(ctx, imagechatclient.ListImagesParams{SessionID: &session.ID}) {
		if err != nil {
			return err
		}
		fmt.Printf("%d×%d %s\n", picture.Width, picture.Height, picture.ImageURL)
	}
	return nil
}

func TestTheProgramOfTheReadmeDraws(t *testing.T) {
	t.Parallel()
	server := realserver.Start(t, "GENERATOR=demo")
	if err := draw(t.Context(), server.URL); err != nil {
		t.Fatal(err)
	}
}

func TestTheReadmeShowsThatProgram(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(source), "func draw(ctx context.Context, url string) error {\n")
	body, _, _ = strings.Cut(body, "\n}\n")
	body = strings.ReplaceAll("\n"+body, "\n\t", "\n")
	want := strings.Replace(body, "New(url,", `New("http://127.0.0.1:8000",`, 1)
	if !strings.Contains(string(readme), "```go"+want+"\n```") {
		t.Errorf("README.md does not show draw:\n%s", want)
	}
}
