package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/c2pa"
)

type verifyMediaCmd struct {
	In   string `arg:"" help:"Picture to look at: JPEG, PNG or WebP."`
	JSON bool   `name:"json" help:"As JSON."`
}

// maxMedia bounds the file that is read, in bytes.
const maxMedia = 256 << 20

// Run tells what a picture says of itself (C2PA): who signed it, what was done,
// whether it is intact, and whether it was signed here. It fails where the file
// was changed after it was signed.
func (c *verifyMediaCmd) Run(p *program) error {
	f, err := os.Open(c.In)
	if err != nil {
		return err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxMedia+1))
	if err != nil {
		return err
	}
	if len(data) > maxMedia {
		return fmt.Errorf("%s: at most %d MB are read", c.In, maxMedia>>20)
	}
	r := c2pa.Verify(data)
	signer, err := p.signer()
	if err != nil {
		return err
	}
	ours := signer != nil && len(r.Manifests) > 0 && r.State == c2pa.StateValid &&
		r.Manifests[0].Signer.Fingerprint == signer.Identity.Fingerprint()
	if c.JSON {
		err = json.NewEncoder(p.Stdout).Encode(struct {
			c2pa.Report
			SignedHere bool
		}{r, ours})
	} else {
		_, err = io.WriteString(p.Stdout, describe(r, ours))
	}
	if err == nil && r.State == c2pa.StateInvalid {
		err = errors.New("the file does not agree with its signature")
	}
	return err
}

// describe is a report in words.
func describe(r c2pa.Report, ours bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "sha256: %s\n", r.SHA256)
	switch r.State {
	case c2pa.StateNone:
		b.WriteString("no C2PA manifest: where it comes from is unknown. It may have been made by anybody, and a manifest may have been removed\n")
	case c2pa.StateUnknown:
		fmt.Fprintf(&b, "unknown: it uses what is not understood here (%s)\n", strings.Join(r.Problems, ", "))
	case c2pa.StateInvalid:
		fmt.Fprintf(&b, "CHANGED after it was signed, or damaged (%s)\n", strings.Join(r.Problems, ", "))
	default:
		b.WriteString("intact: nothing was changed since it was signed\n")
	}
	for i, m := range r.Manifests {
		what := "signed by"
		if i > 0 {
			what = "made from a picture signed by"
		}
		fmt.Fprintf(&b, "%s: %q (%s), as its certificate says; whether that is true is not checked\n", what, m.Signer.CommonName, m.Signer.Organization)
		if i == 0 && ours {
			b.WriteString("signed here: yes, with this instance's own key\n")
		} else if i == 0 {
			b.WriteString("signed here: no, or with another key\n")
		}
		fmt.Fprintf(&b, "program: %s\n", m.Generator)
		for _, a := range m.Actions {
			fmt.Fprintf(&b, "  %s %s %s\n", a.Name, a.DigitalSourceType[strings.LastIndexByte(a.DigitalSourceType, '/')+1:], a.Description)
		}
	}
	return b.String()
}
