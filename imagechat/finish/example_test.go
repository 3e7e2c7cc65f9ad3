package finish_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"log"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat/finish"
)

// picture stands for the file that was generated, a 1024×1024 JPEG.
func picture() *bytes.Reader {
	img := image.NewRGBA(image.Rect(0, 0, 1024, 1024))
	for y := range 1024 {
		for x := range 1024 {
			img.SetRGBA(x, y, color.RGBA{uint8(x / 4), uint8(y / 4), 160, 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		log.Fatal(err)
	}
	return bytes.NewReader(b.Bytes())
}

func ExampleDo() {
	r, err := finish.Do(context.Background(), picture(), finish.Spec{
		Width: 1200, Height: 400, MaxBytes: 200_000,
		Focus: &finish.Point{X: 0.5, Y: 0.25},
	}, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s %d×%d, %.1f%% cut away, under the limit: %v\n", r.MIMEType, r.Width, r.Height, r.CropPercent, r.Bytes <= 200_000)
	// Output: image/jpeg 1200×400, 66.7% cut away, under the limit: true
}

// A pack of placements goes into an archive as it is made.
func ExamplePack() {
	placements := []struct {
		purpose string
		spec    finish.Spec
	}{
		{"ig_feed_portrait", finish.Spec{Width: 1080, Height: 1350, MaxBytes: 30_000_000}},
		{"kakao_bizboard", finish.Spec{Width: 1029, Height: 258, MaxBytes: 300_000, Formats: []finish.Format{finish.PNG}}},
		{"email_header", finish.Spec{Width: 1200, Height: 400, MaxBytes: 200_000}},
	}
	var specs []finish.Spec
	for _, p := range placements {
		specs = append(specs, p.spec)
	}
	options := &finish.Options{Provenance: &finish.Provenance{ImageID: "019aa8f0-7c3e-7b1d-9f57-2f6d3c1e8a44", Model: "demo"}}

	var archive bytes.Buffer // or the http.ResponseWriter
	z := finish.NewZipWriter(&archive, time.Time{})
	err := finish.Pack(context.Background(), picture(), specs, options, func(i int, r finish.Result, err error) error {
		if err != nil {
			return fmt.Errorf("%s: %w", placements[i].purpose, err) // or leave this one out
		}
		return z.Add(finish.ManifestEntry{
			Name:    finish.EntryName(i+1, len(specs), placements[i].purpose, r),
			Purpose: placements[i].purpose, SourceImage: options.Provenance.ImageID, Model: "demo",
		}, r)
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := z.Close(); err != nil {
		log.Fatal(err)
	}

	r, err := zip.NewReader(bytes.NewReader(archive.Bytes()), int64(archive.Len()))
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range r.File {
		fmt.Println(f.Name)
	}
	// Output:
	// 01_ig_feed_portrait_1080x1350.jpg
	// 02_kakao_bizboard_1029x258.png
	// 03_email_header_1200x400.jpg
	// manifest.json
	// manifest.csv
}
