// Package openapi holds the OpenAPI 3.1 document of the service. It is made
// from the Go types of adapters/humaapi and committed; a test there fails
// when the two differ.
package openapi

import _ "embed"

//go:embed openapi.yaml
var document []byte

//go:embed openapi.json
var compact []byte

// YAML returns the document. Callers must not change the slice.
func YAML() []byte { return document }

// JSON returns the same document as JSON. Callers must not change the slice.
func JSON() []byte { return compact }
