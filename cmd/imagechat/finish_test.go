package main

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// command runs one command line in a directory of its own.
func command(t *testing.T, env map[string]string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	p := &program{Stdout: &out, Stderr: &errs, Dir: t.TempDir(), Lookup: func(k string) (string, bool) {
		v, ok := env[k]
		return v, ok
	}}
	code = p.run(args)
	return code, out.String(), errs.String()
}

func picture(t *testing.T, width, height int) string {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.Set(x, y, color.RGBA{uint8(x), uint8(y), 90, 255})
		}
	}
	name := filepath.Join(t.TempDir(), "in.png")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestFinishMakesTheExactSize(t *testing.T) {
	t.Parallel()
	in := picture(t, 640, 360)
	out := filepath.Join(t.TempDir(), "out.jpg")
	code, _, stderr := command(t, nil, "finish", in, "--purpose", "email_header", "-o", out)
	if code != exitOK {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	f, err := os.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c, err := jpeg.DecodeConfig(f)
	if err != nil || c.Width != 600 || c.Height != 200 {
		t.Errorf("got %d×%d, %v; want a JPEG of 600×200", c.Width, c.Height, err)
	}
}

func TestFinishWritesToStandardOutput(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := command(t, nil, "finish", picture(t, 64, 64), "--size=32x16", "--format=png", "-o", "-")
	if code != exitOK {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	c, err := png.DecodeConfig(strings.NewReader(stdout))
	if err != nil || c.Width != 32 || c.Height != 16 {
		t.Errorf("got %d×%d, %v; want a PNG of 32×16", c.Width, c.Height, err)
	}
}

func TestCommandsTellWhatWentWrongByTheirExitCode(t *testing.T) {
	t.Parallel()
	in := picture(t, 64, 64)
	notAPicture := filepath.Join(t.TempDir(), "x.png")
	if err := os.WriteFile(notAPicture, []byte("<html>"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		env  map[string]string
		args []string
		want int
		says string
	}{
		{"an unknown flag is wrong usage", nil, []string{"--frobnicate"}, exitUsage, "--help"},
		{"an unknown command is wrong usage", nil, []string{"frobnicate"}, exitUsage, "--help"},
		{"a size that is none", nil, []string{"finish", in, "--size=1200x400x"}, exitUsage, "1200x400"},
		{"both a purpose and a size", nil, []string{"finish", in, "--size=1x1", "--purpose=email_header"}, exitUsage, "not both"},
		{"an unknown purpose", nil, []string{"finish", in, "--purpose=billboard"}, exitUsage, "imagechat purposes"},
		{"a focus that is none", nil, []string{"finish", in, "--size=9x9", "--focus=left"}, exitUsage, "0.5,0.3"},
		{"a file that is not there", nil, []string{"finish", "nowhere.png", "--size=9x9"}, exitFailed, "nowhere.png"},
		{"a file that is no picture", nil, []string{"finish", notAPicture, "--size=9x9"}, exitFailed, "unsupported"},
		{"a placements file that is not there", map[string]string{"PLACEMENTS_FILE": "nowhere.json"}, []string{"purposes"}, exitConfig, "PLACEMENTS_FILE"},
		{"a bad setting", map[string]string{"PORT": "x"}, []string{"serve"}, exitConfig, "PORT"},
		{"a health check of nobody", map[string]string{"PORT": "1"}, []string{"healthcheck"}, exitUnavailable, "no answer"},
		{"help is no failure", nil, []string{"--help"}, exitOK, ""},
		{"a version", nil, []string{"version"}, exitOK, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			code, _, stderr := command(t, test.env, test.args...)
			if code != test.want || !strings.Contains(stderr, test.says) {
				t.Errorf("exit code %d, %q; want %d and %q", code, stderr, test.want, test.says)
			}
		})
	}
}

func TestFinishKeepsWhatIsTransparentAndThePlacementsFormat(t *testing.T) {
	t.Parallel()
	img := image.NewNRGBA(image.Rect(0, 0, 60, 30)) // all clear but a white dot
	img.SetNRGBA(30, 15, color.NRGBA{255, 255, 255, 255})
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	in, out := filepath.Join(dir, "logo.png"), filepath.Join(dir, "out.png")
	if err := os.WriteFile(in, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	corner := func(args ...string) color.Color {
		t.Helper()
		if code, _, stderr := command(t, nil, append([]string{"finish", in, "--size", "60x30", "--format", "png", "-o", out}, args...)...); code != exitOK {
			t.Fatalf("exit code %d: %s", code, stderr)
		}
		data, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		got, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		return color.NRGBAModel.Convert(got.At(0, 0))
	}
	if got := corner(); got != (color.NRGBA{}) {
		t.Errorf("a clear corner: got %v", got)
	}
	if got := corner("--background", "#204060"); got != (color.NRGBA{0x20, 0x40, 0x60, 255}) {
		t.Errorf("a corner on a background: got %v", got)
	}
	code, _, stderr := command(t, nil, "finish", in, "--purpose", "mms_kr", "--format", "png", "-o", out)
	if code != exitUsage || !strings.Contains(stderr, "mms_kr") {
		t.Errorf("a format that the placement does not take: exit code %d, %s", code, stderr)
	}
	if _, _, stderr := command(t, nil, "finish", in, "--purpose", "sns_instagram_square", "-o", out); !strings.Contains(stderr, "warning: next to nothing") {
		t.Errorf("white on white: got %q", stderr)
	}
}
