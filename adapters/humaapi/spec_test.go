package humaapi

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gemini-image-chat/gemini-image-chat/openapi"
)

var update = flag.Bool("update", false, "write openapi/openapi.yaml anew")

func TestTheCommittedDocumentIsWhatTheTypesSay(t *testing.T) {
	got, err := Spec()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("../../openapi/openapi.yaml", got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(got, openapi.YAML()) {
		t.Errorf("openapi/openapi.yaml is out of date; go test ./adapters/humaapi -run Document -update\n%s",
			cmp.Diff(string(openapi.YAML()), string(got)))
	}
}
