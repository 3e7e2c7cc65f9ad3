package main

import (
	"github.com/gemini-image-chat/gemini-image-chat/adapters/humaapi"
)

type openapiCmd struct {
	JSON   bool   `name:"json" help:"As JSON instead of YAML."`
	Output string `short:"o" placeholder:"FILE" help:"Write to a file instead of standard output."`
}

// Run prints the API's document as the Go types say it now.
func (c *openapiCmd) Run(p *program) error {
	var document []byte
	var err error
	if c.JSON {
		document, err = humaapi.Document().MarshalJSON()
	} else {
		document, err = humaapi.Spec()
	}
	if err != nil {
		return err
	}
	if c.Output != "" {
		return writeFile(c.Output, document)
	}
	_, err = p.Stdout.Write(document)
	return err
}
