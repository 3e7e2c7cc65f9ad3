package humaapi_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg" // exports are JPEG, too
	"image/png"
	"strings"
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

func TestAPlacementGetsOnlyTheFormatsItTakes(t *testing.T) {
	t.Parallel()
	s := start(t, setup{replies: []imagechattest.Reply{{Images: [][]byte{picture(t, 800, 400, 7)}}}})
	id := s.session()
	m := s.want(200, s.do("POST", base+"/sessions/"+id+"/generate", object{"prompt": "라떼"}))
	imageID := m["images"].([]any)[0].(object)["id"].(string)
	for _, query := range []string{"purpose=kakao_bizboard&format=jpeg", "purpose=mms_kr&format=png"} {
		p := s.wantProblem(422, "invalid_request", s.do("GET", base+"/images/"+imageID+"/export?"+query, nil))
		if purpose := strings.Split(query[len("purpose="):], "&")[0]; !strings.Contains(p["detail"].(string), purpose) {
			t.Errorf("%s: got %q, want the purpose named", query, p["detail"])
		}
	}
	body := object{"image_id": imageID, "purposes": []string{"kakao_bizboard", "mms_kr"}, "formats": []string{"png"}}
	s.wantProblem(422, "invalid_request", s.do("POST", base+"/sessions/"+id+"/exports", body))
	delete(body, "image_id")
	files := s.want(200, s.do("POST", base+"/images/"+imageID+"/export/preview", body))["files"].([]any)
	if len(files) != 2 || files[0].(object)["error"] != nil || files[0].(object)["format"] != "png" {
		t.Fatalf("got %v, want the first as PNG", files)
	}
	why, _ := files[1].(object)["error"].(object)
	if why["code"] != "invalid_request" || !strings.Contains(fmt.Sprint(why["errors"]), "not_accepted") {
		t.Errorf("a PNG where only JPEG is taken: got %v", why)
	}
}

// logo is a white ring on nothing.
func logo(t *testing.T) []byte {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, 600, 300))
	for y := range 300 {
		for x := range 600 {
			if r := (x-300)*(x-300) + (y-150)*(y-150); r < 120*120 && r > 60*60 {
				m.SetNRGBA(x, y, color.NRGBA{255, 255, 255, 255})
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestATransparentPictureIsSetOnTheColourThatWasChosen(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	id := s.want(201, s.upload(base+"/uploads?role=logo", logo(t)))["id"].(string)
	export := func(query string) image.Image {
		t.Helper()
		r := s.do("GET", base+"/images/"+id+"/export?"+query, nil)
		if r.StatusCode != 200 {
			t.Fatalf("%s: got %d\n%s", query, r.StatusCode, r.body)
		}
		m, _, err := image.Decode(bytes.NewReader(r.body))
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	near := func(m image.Image, want color.RGBA) bool {
		r, g, b, a := m.At(2, 2).RGBA()
		for _, d := range []int{int(r>>8) - int(want.R), int(g>>8) - int(want.G), int(b>>8) - int(want.B), int(a>>8) - int(want.A)} {
			if d < -6 || d > 6 {
				return false
			}
		}
		return true
	}
	for query, corner := range map[string]color.RGBA{
		"purpose=sns_instagram_square":                            {255, 255, 255, 255},
		"purpose=sns_instagram_square&background=%2300407F":       {0, 0x40, 0x7f, 255},
		"width=600&height=300&format=png":                         {0, 0, 0, 0},
		"width=600&height=300&format=png&background=00407f":       {0, 0x40, 0x7f, 255},
		"width=600&height=600&fit=contain&background=%23ff0000":   {255, 0, 0, 255},
		"purpose=kakao_bizboard&fit=contain&background=%23222222": {0x22, 0x22, 0x22, 255},
	} {
		if m := export(query); !near(m, corner) {
			t.Errorf("%s: the corner is %v, want %v", query, m.At(2, 2), corner)
		}
	}
	s.wantProblem(422, "invalid_request", s.do("GET", base+"/images/"+id+"/export?purpose=banner_web&background=blue", nil))
	warnings := func(body object) string {
		t.Helper()
		files := s.want(200, s.do("POST", base+"/images/"+id+"/export/preview", body))["files"].([]any)
		return fmt.Sprint(files[0].(object)["warnings"])
	}
	for name, test := range map[string]struct {
		body        object
		faint, full bool
	}{
		"white on white":              {object{"purposes": []string{"sns_instagram_square"}}, true, false},
		"white on blue":               {object{"purposes": []string{"sns_instagram_square"}, "background": "#00407F"}, false, false},
		"clear where clear is wanted": {object{"purposes": []string{"google_logo_wide"}}, false, false},
		"full where clear is wanted":  {object{"purposes": []string{"google_logo_wide"}, "background": "#00407F"}, false, true},
	} {
		got := warnings(test.body)
		if strings.Contains(got, "low_contrast") != test.faint || strings.Contains(got, "opaque") != test.full {
			t.Errorf("%s: got %s", name, got)
		}
	}
}
