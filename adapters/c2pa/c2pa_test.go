package c2pa_test

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/c2pa"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/finish"
)

// recorded is a picture that Gemini returned, with Google's manifest in it.
func recorded(t testing.TB) []byte {
	t.Helper()
	data, err := os.ReadFile("../gemini/testdata/flash-lite-image.unary.json")
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Candidates []struct {
			Content struct {
				Parts []struct{ InlineData struct{ Data []byte } }
			}
		}
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		t.Fatal(err)
	}
	for _, p := range answer.Candidates[0].Content.Parts {
		if len(p.InlineData.Data) > 0 {
			return p.InlineData.Data
		}
	}
	t.Fatal("no picture in the recorded answer")
	return nil
}

func newSigner(t testing.TB) *c2pa.Signer {
	t.Helper()
	id, err := c2pa.OwnIdentity(filepath.Join(t.TempDir(), "identity.pem"))
	if err != nil {
		t.Fatal(err)
	}
	return &c2pa.Signer{Identity: id, Version: "1"}
}

func small(t testing.TB) (asJPEG, asPNG []byte) {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, 48, 32))
	for y := range 32 {
		for x := range 48 {
			m.SetNRGBA(x, y, color.NRGBA{uint8(5 * x), uint8(7 * y), 90, 255})
		}
	}
	var j, p bytes.Buffer
	if err := jpeg.Encode(&j, m, nil); err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(&p, m); err != nil {
		t.Fatal(err)
	}
	return j.Bytes(), p.Bytes()
}

func TestGooglesManifestIsReadAndHolds(t *testing.T) {
	t.Parallel()
	r := c2pa.Verify(recorded(t))
	if r.State != c2pa.StateValid || len(r.Manifests) != 1 {
		t.Fatalf("got %v and %d manifests", r, len(r.Manifests))
	}
	m := r.Manifests[0]
	if m.Signer.Organization != "Google LLC" || len(m.Actions) != 2 || !slices.Equal(m.SourceTypes(), []string{"trainedAlgorithmicMedia"}) {
		t.Errorf("got %+v", m)
	}
}

var steps = finish.Steps{Cropped: true, Resized: true, Converted: true}

func TestASignedFileCarriesItsParent(t *testing.T) {
	t.Parallel()
	signer := newSigner(t)
	source := recorded(t)
	asJPEG, asPNG := small(t)
	seal, err := signer.Seal(finish.Origin{Title: "original.jpg", MIMEType: "image/jpeg", ID: "urn:uuid:1", DigitalSourceType: finish.TrainedAlgorithmicMedia}, bytes.NewReader(source))
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string][]byte{"JPEG": asJPEG, "PNG": asPNG} {
		signed, err := seal.Sign(file, steps)
		if err != nil {
			t.Fatal(err)
		}
		again, err := seal.Sign(file, steps)
		if err != nil || !bytes.Equal(signed, again) {
			t.Errorf("%s: signed twice it differs (%v)", name, err)
		}
		if room, err := seal.Room(steps); err != nil || int64(len(signed)-len(file)) > room {
			t.Errorf("%s: %d bytes were added, %d were announced (%v)", name, len(signed)-len(file), room, err)
		}
		if _, _, err := image.Decode(bytes.NewReader(signed)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		r := c2pa.Verify(signed)
		if r.State != c2pa.StateValid || len(r.Manifests) != 2 || len(r.Manifests[0].Ingredients) != 1 {
			t.Fatalf("%s: got %v and %d manifests", name, r, len(r.Manifests))
		}
		if i := r.Manifests[0].Ingredients[0]; i.Relationship != "parentOf" || i.Manifest != r.Manifests[1].Label || r.Manifests[1].Signer.Organization != "Google LLC" {
			t.Errorf("%s: the ingredient is %+v", name, i)
		}
		var actions []string
		for _, a := range r.Manifests[0].Actions {
			actions = append(actions, a.Name)
		}
		if want := []string{"c2pa.opened", "c2pa.cropped", "c2pa.resized", "c2pa.converted"}; !slices.Equal(actions, want) {
			t.Errorf("%s: actions %v, want %v", name, actions, want)
		}
	}
}

func TestAnyFlippedByteIsFound(t *testing.T) {
	t.Parallel()
	signer := newSigner(t)
	asJPEG, asPNG := small(t)
	seal, err := signer.Seal(finish.Origin{Title: "a.png", ID: "urn:uuid:1"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string][]byte{"JPEG": asJPEG, "PNG": asPNG} {
		signed, err := seal.Sign(file, steps)
		if err != nil {
			t.Fatal(err)
		}
		for i := range signed {
			signed[i] ^= 0x10
			if r := c2pa.Verify(signed); r.State == c2pa.StateValid {
				t.Errorf("%s: byte %d of %d (around %x) was flipped and the file is valid", name, i, len(signed), signed[max(i-4, 0):min(i+4, len(signed))])
			}
			signed[i] ^= 0x10
		}
	}
}

func TestAnIdentityIsKeptForItsOwnerOnly(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "data", "identity.pem")
	first, err := c2pa.OwnIdentity(file)
	if err != nil {
		t.Fatal(err)
	}
	second, err := c2pa.OwnIdentity(file)
	if err != nil || first.Fingerprint() != second.Fingerprint() || !second.Own() {
		t.Errorf("the second start has another identity (%v)", err)
	}
	if info, err := os.Stat(file); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v, want mode 0600", info.Mode(), err)
	}
	for name, broken := range map[string]string{"no certificate": "", "half a certificate": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"} {
		if _, err := c2pa.LoadIdentity([]byte(broken), []byte(broken)); err == nil {
			t.Errorf("%s is taken for an identity", name)
		}
	}
}

func FuzzVerify(f *testing.F) {
	signer := newSigner(f)
	asJPEG, asPNG := small(f)
	seal, err := signer.Seal(finish.Origin{Title: "a"}, nil)
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range [][]byte{asJPEG, asPNG} {
		signed, err := seal.Sign(file, steps)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(signed)
		f.Add(file)
	}
	f.Add([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x10caBX\x00\x00\x00\x00jumb\x00\x00\x00\x00jumd\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r := c2pa.Verify(data)
		if r.State == "" || len(r.Manifests) > 64 {
			t.Errorf("got %v with %d manifests", r, len(r.Manifests))
		}
		c2pa.NewParent(c2pa.Source{File: data})
	})
}
