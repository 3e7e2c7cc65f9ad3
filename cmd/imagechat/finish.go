package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"image/color"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/finish"
)

type finishCmd struct {
	In      string `arg:"" help:"Picture to finish: PNG, JPEG, WebP or GIF."`
	Purpose string `help:"Placement to finish it for, such as email_header."`
	Size    string `placeholder:"WxH" help:"Exact size instead of a purpose, such as 1200x400."`
	Fit     string `default:"cover" enum:"cover,contain" help:"cover cuts what does not fit, contain keeps all."`
	Focus   string `placeholder:"X,Y" help:"What stays in the middle, as fractions from the top left; found when not given."`
	Format  string `default:"" enum:",jpeg,png" help:"jpeg or png; the purpose decides when not given."`

	Background string `placeholder:"RRGGBB" help:"Colour that a transparent picture is set on, such as ffffff; also of the margins of --fit contain."`

	Output string `short:"o" placeholder:"FILE" help:"Where to write it; - is standard output."`
}

// Run finishes one file to exact pixels. It needs no server, no key and no
// database.
func (c *finishCmd) Run(p *program) error {
	purposes, err := p.purposes()
	if err != nil {
		return err
	}
	spec, err := c.spec(purposes)
	if err != nil {
		return err
	}
	in, err := os.Open(c.In)
	if err != nil {
		return err
	}
	defer in.Close()
	signer, err := p.signer()
	if err != nil {
		return err
	}
	options := &finish.Options{Origin: finish.Origin{Title: filepath.Base(c.In)}}
	if signer != nil {
		options.Signer = signer
	}
	r, err := finish.Do(context.Background(), in, spec, options)
	if err != nil {
		return fmt.Errorf("%s: %w", c.In, err)
	}
	if c.Output == "-" {
		_, err := p.Stdout.Write(r.Data)
		return err
	}
	name := c.Output
	if name == "" {
		name = c.outputName(r)
	}
	if err := writeFile(name, r.Data); err != nil {
		return err
	}
	fmt.Fprintf(p.Stderr, "%s: %d×%d %s, %d bytes, %.1f %% cut away\n", name, r.Width, r.Height, r.Format, r.Bytes, r.CropPercent)
	if signer != nil && !r.Signed {
		fmt.Fprintln(p.Stderr, "warning: the byte limit leaves no room for the signed provenance (C2PA); the file goes without")
	}
	if r.StandsOut < 0.1 {
		fmt.Fprintln(p.Stderr, "warning: next to nothing of this transparent picture stands out from its background; give another --background")
	}
	return nil
}

func (c *finishCmd) outputName(r finish.Result) string {
	base := strings.TrimSuffix(filepath.Base(c.In), filepath.Ext(c.In))
	what := ""
	if c.Purpose != "" {
		what = c.Purpose + "_"
	}
	return fmt.Sprintf("%s_%s%dx%d.%s", base, what, r.Width, r.Height, r.Format.Extension())
}

func (c *finishCmd) spec(purposes *imagechat.Registry) (finish.Spec, error) {
	spec := finish.Spec{Fit: finish.Fit(c.Fit)}
	switch {
	case c.Purpose != "" && c.Size != "":
		return spec, fmt.Errorf("%w: give --purpose or --size, not both", errUsage)
	case c.Purpose != "":
		purpose, ok := purposes.Get(c.Purpose)
		if !ok || purpose.IsCustom() {
			return spec, fmt.Errorf("%w: no purpose %q with a size of its own; imagechat purposes lists them, or give --size", errUsage, c.Purpose)
		}
		spec.Width, spec.Height, spec.MaxBytes = purpose.Width, purpose.Height, purpose.MaxBytes
		spec.Alpha, spec.TrueColour = purpose.Alpha != imagechat.AlphaNone, purpose.TrueColour
		for _, f := range purpose.Formats {
			spec.Formats = append(spec.Formats, finish.Format(f))
		}
	default:
		w, h, _ := strings.Cut(c.Size, "x")
		width, errW := strconv.Atoi(w)
		height, errH := strconv.Atoi(h)
		if errW != nil || errH != nil {
			return spec, fmt.Errorf("%w: give --purpose, or --size as WIDTHxHEIGHT, such as 1200x400 (got %q)", errUsage, c.Size)
		}
		spec.Width, spec.Height, spec.Alpha = width, height, true
	}
	if c.Format != "" {
		if c.Purpose != "" && !slices.Contains(spec.Formats, finish.Format(c.Format)) {
			return spec, fmt.Errorf("%w: %s takes no %s, only %v", errUsage, c.Purpose, c.Format, spec.Formats)
		}
		spec.Formats = []finish.Format{finish.Format(c.Format)}
	}
	if c.Background != "" {
		rgb, err := hex.DecodeString(strings.TrimPrefix(c.Background, "#"))
		if err != nil || len(rgb) != 3 {
			return spec, fmt.Errorf("%w: --background is a colour of six hex digits, such as ffffff (got %q)", errUsage, c.Background)
		}
		spec.Background, spec.Alpha = &color.NRGBA{R: rgb[0], G: rgb[1], B: rgb[2], A: 255}, false
	}
	if c.Focus != "" {
		x, y, _ := strings.Cut(c.Focus, ",")
		fx, errX := strconv.ParseFloat(x, 64)
		fy, errY := strconv.ParseFloat(y, 64)
		if errX != nil || errY != nil {
			return spec, fmt.Errorf("%w: --focus is two fractions, such as 0.5,0.3 (got %q)", errUsage, c.Focus)
		}
		spec.Focus = &finish.Point{X: fx, Y: fy}
	}
	return spec, nil
}

// writeFile replaces a file in one step, so that nobody sees half of it.
func writeFile(name string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".imagechat-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	// Pictures are made to be shared, unlike what CreateTemp is for.
	err = errors.Join(err, f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
