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
	compact, err := Document().MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		for name, b := range map[string][]byte{"openapi.yaml": got, "openapi.json": compact} {
			if err := os.WriteFile("../../openapi/"+name, b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return
	}
	if !bytes.Equal(compact, openapi.JSON()) {
		t.Error("openapi/openapi.json is out of date")
	}
	if !bytes.Equal(got, openapi.YAML()) {
		t.Errorf("openapi/openapi.yaml is out of date; go test ./adapters/humaapi -run Document -update\n%s",
			cmp.Diff(string(openapi.YAML()), string(got)))
	}
}
