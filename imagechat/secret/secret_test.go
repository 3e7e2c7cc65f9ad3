package secret_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat/secret"
)

const canary = "canary-5f1c9a"

func TestNoFormShowsTheContent(t *testing.T) {
	t.Parallel()
	type holder struct {
		Key  secret.Value
		Ptr  *secret.Value
		Keys []secret.Value
	}
	type hidden struct{ key secret.Value }
	v := secret.New(canary)
	h := holder{Key: v, Ptr: &v, Keys: []secret.Value{v}}

	forms := map[string]func() string{
		"%v":                         func() string { return fmt.Sprintf("%v", v) },
		"%s":                         func() string { return fmt.Sprintf("%s", v) },
		"%q":                         func() string { return fmt.Sprintf("%q", v) },
		"%x":                         func() string { return fmt.Sprintf("%x", v) },
		"%+v of a struct":            func() string { return fmt.Sprintf("%+v", h) },
		"%#v of a struct":            func() string { return fmt.Sprintf("%#v", h) },
		"%+v of an unexported field": func() string { return fmt.Sprintf("%+v", hidden{v}) },
		"%#v of an unexported field": func() string { return fmt.Sprintf("%#v", hidden{v}) },
		"an error":                   func() string { return errors.Join(fmt.Errorf("key %v", v)).Error() },
		"JSON": func() string {
			b, err := json.Marshal(h)
			if err != nil {
				t.Fatal(err)
			}
			return string(b)
		},
		"a text log": func() string {
			var b bytes.Buffer
			slog.New(slog.NewTextHandler(&b, nil)).Info("m", "key", v, "holder", h)
			return b.String()
		},
		"a JSON log": func() string {
			var b bytes.Buffer
			slog.New(slog.NewJSONHandler(&b, nil)).Info("m", "key", v, "holder", h)
			return b.String()
		},
	}
	hexCanary := fmt.Sprintf("%x", canary)
	for name, form := range forms {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := form()
			if strings.Contains(got, canary) || strings.Contains(got, hexCanary) {
				t.Errorf("shows the secret: %s", got)
			}
		})
	}
}

func TestRevealIsTheOnlyWayBack(t *testing.T) {
	t.Parallel()
	if got := secret.New(canary).Reveal(); got != canary {
		t.Errorf("Reveal() = %q, want %q", got, canary)
	}
	if got := secret.New(canary).String(); got != secret.Mask {
		t.Errorf("String() = %q, want %q", got, secret.Mask)
	}
	var zero secret.Value
	if !zero.IsZero() || zero.String() != "" {
		t.Errorf("zero value: IsZero %v, String %q", zero.IsZero(), zero.String())
	}
}
