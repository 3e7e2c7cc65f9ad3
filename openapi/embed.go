// Package openapi holds the OpenAPI 3.1 document of the service. It is made
// from the Go types of adapters/humaapi and committed; a test there fails
// when the two differ.
package openapi

import "embed"

//go:embed openapi.yaml
var yamlForm []byte

//go:embed openapi.json
var jsonForm []byte

// YAML returns the document. Callers must not change the slice.
func YAML() []byte { return yamlForm }

// JSON returns the same document as JSON. Callers must not change the slice.
func JSON() []byte { return jsonForm }

//go:embed docs/index.html docs/start.js docs/*.gz
var docs embed.FS

// Docs returns the files of the page that shows the document: index.html,
// start.js, and Swagger UI's own, compressed (".gz").
func Docs() embed.FS { return docs }
