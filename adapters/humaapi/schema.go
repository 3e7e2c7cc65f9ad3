package humaapi

import (
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/wire"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

const schemaPrefix = "#/components/schemas/"

// enum is a named string type of the library as it stands in the document:
// one component, so that generated clients have one type for it.
type enum struct {
	name, doc string
	values    []any
}

func values[T ~string](vs ...T) []any {
	out := make([]any, len(vs))
	for i, v := range vs {
		out[i] = string(v)
	}
	return out
}

// enumOf is the stand-in of a string type T in the registry.
type enumOf[T ~string] struct{}

// Schema registers T's component once and refers to it.
func (enumOf[T]) Schema(r huma.Registry) *huma.Schema {
	e := enums[reflect.TypeFor[T]()]
	if _, there := r.Map()[e.name]; !there {
		s := &huma.Schema{Type: huma.TypeString, Enum: e.values, Description: e.doc}
		s.PrecomputeMessages()
		r.Map()[e.name] = s
	}
	return &huma.Schema{Ref: schemaPrefix + e.name}
}

// enums are the named enumerations of the document.
var enums = map[reflect.Type]enum{
	reflect.TypeFor[imagechat.SessionStatus](): {"SessionStatus", "Where a conversation stands.",
		values(imagechat.SessionActive, imagechat.SessionCompleted, imagechat.SessionArchived)},
	reflect.TypeFor[imagechat.Role](): {"Role", "Who speaks.", values(imagechat.RoleUser, imagechat.RoleAssistant)},
	reflect.TypeFor[imagechat.ContentType](): {"ContentType", "What a message holds.",
		values(imagechat.ContentText, imagechat.ContentImage, imagechat.ContentMixed)},
	reflect.TypeFor[imagechat.ImageRole](): {"ImageRole", "What an image is to the conversation.",
		values(imagechat.ImageGenerated, imagechat.ImageReference, imagechat.ImageLogo)},
	reflect.TypeFor[imagechat.TurnKind](): {"TurnKind", "What a person asks of a turn.",
		values(imagechat.KindConverse, imagechat.KindChat, imagechat.KindGenerate, imagechat.KindRefine)},
	reflect.TypeFor[imagechat.TurnStatus](): {"TurnStatus", "Where a turn stands.",
		values(imagechat.TurnQueued, imagechat.TurnRunning, imagechat.TurnSucceeded, imagechat.TurnFailed, imagechat.TurnCancelled)},
	reflect.TypeFor[imagechat.ModelStatus](): {"ModelStatus", "How long a model is expected to live.",
		values(imagechat.ModelStable, imagechat.ModelDeprecated, imagechat.ModelGone, imagechat.ModelUnlisted)},
	reflect.TypeFor[imagechat.AlphaPolicy](): {"AlphaPolicy", "What a place does with transparency.",
		values(imagechat.AlphaAllowed, imagechat.AlphaPreferred)},
	reflect.TypeFor[imagechat.Code](): {"ErrorCode", "What went wrong, in one stable word. Clients tolerate words they do not know.",
		values(imagechat.Codes()...)},
	reflect.TypeFor[wire.ReferenceRole](): {"ReferenceRole", "What a reference picture is to the request.",
		values(wire.ReferencePlain, wire.ReferenceProduct, wire.ReferencePerson, wire.ReferenceStyle, wire.ReferenceLogo, wire.ReferenceMarks)},
	reflect.TypeFor[wire.ImageSize](): {"ImageSize", "How large a picture the model draws; about the longer side in pixels.",
		values(wire.Size512, wire.Size1K, wire.Size2K, wire.Size4K)},
	reflect.TypeFor[wire.ExportFormat](): {"ExportFormat", "A file format that pictures are finished in.",
		values(wire.FormatPNG, wire.FormatJPEG)},
	reflect.TypeFor[wire.FitMode](): {"FitMode", "How a picture fills another shape: cover cuts what is too much, contain adds a margin.",
		values(wire.FitCover, wire.FitContain)},
	reflect.TypeFor[imagechat.ExportWarning](): {"ExportWarning", "What a person should look at in a file: more than a quarter is cut away, it is enlarged by a third and more, its byte limit cost visible quality, its background is not clear where it should be, next to nothing of a transparent picture stands out from its background, or the byte limit left no room for its signed provenance. Clients tolerate words they do not know.",
		values(imagechat.WarnCropped, imagechat.WarnEnlarged, imagechat.WarnCoarse, imagechat.WarnOpaque, imagechat.WarnLowContrast, imagechat.WarnUnsigned)},
	reflect.TypeFor[wire.HealthStatus](): {"HealthStatus", "Whether the server works.", values(wire.Healthy, wire.Unhealthy)},
}

// money is how imagechat.USD stands in the document.
type money struct{}

// Schema says a decimal number of dollars.
func (money) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeNumber, Format: "double"}
}

func newRegistry() huma.Registry {
	r := huma.NewMapRegistry(schemaPrefix, huma.DefaultSchemaNamer)
	r.RegisterTypeAlias(reflect.TypeFor[imagechat.USD](), reflect.TypeFor[money]())
	alias[imagechat.SessionStatus](r)
	alias[imagechat.Role](r)
	alias[imagechat.ContentType](r)
	alias[imagechat.ImageRole](r)
	alias[imagechat.TurnKind](r)
	alias[imagechat.TurnStatus](r)
	alias[imagechat.ModelStatus](r)
	alias[imagechat.AlphaPolicy](r)
	alias[imagechat.Code](r)
	alias[wire.ReferenceRole](r)
	alias[wire.ImageSize](r)
	alias[wire.ExportFormat](r)
	alias[wire.FitMode](r)
	alias[imagechat.ExportWarning](r)
	alias[wire.HealthStatus](r)
	return r
}

func alias[T ~string](r huma.Registry) {
	r.RegisterTypeAlias(reflect.TypeFor[T](), reflect.TypeFor[enumOf[T]]())
}

// patch is a property of a PATCH body: absent leaves the value alone, null
// clears it.
type patch[T any] struct {
	set   bool
	value T
}

// UnmarshalJSON is called for null too.
func (p *patch[T]) UnmarshalJSON(b []byte) error {
	p.set = true
	return keepNumbers(b, &p.value)
}

// Schema is T's, or null.
func (p patch[T]) Schema(r huma.Registry) *huma.Schema {
	s := *r.Schema(reflect.TypeFor[T](), true, "")
	s.Nullable = true
	return &s
}

// pointer is what the library's patches take.
func (p patch[T]) pointer() *T {
	if !p.set {
		return nil
	}
	return &p.value
}

// change is a property of a PATCH body that has no empty state: null is
// remembered, to be refused.
type change[T any] struct {
	patch[T]
	null bool
}

// UnmarshalJSON is called for null too.
func (c *change[T]) UnmarshalJSON(b []byte) error {
	if c.null = string(b) == "null"; c.null {
		return nil
	}
	return c.patch.UnmarshalJSON(b)
}

// Schema is T's.
func (c change[T]) Schema(r huma.Registry) *huma.Schema {
	return r.Schema(reflect.TypeFor[T](), true, "")
}

// field is a property of a body that may be null.
type field struct {
	name string
	null bool
}

// cleared refuses null for properties that cannot be without a value.
func cleared(fields ...field) error {
	e := &imagechat.Error{Code: imagechat.InvalidRequest}
	for _, f := range fields {
		if f.null {
			e.Fields = append(e.Fields, imagechat.FieldError{Location: f.name, Rule: "not_null"})
		}
	}
	if len(e.Fields) == 0 {
		return nil
	}
	return e
}

// optional is a query parameter that knows whether it was given.
type optional[T any] struct {
	value T
	set   bool
}

// Schema is T's.
func (o optional[T]) Schema(r huma.Registry) *huma.Schema {
	return r.Schema(reflect.TypeFor[T](), true, "")
}

// Receiver tells huma where to put the value.
func (o *optional[T]) Receiver() reflect.Value { return reflect.ValueOf(&o.value).Elem() }

// OnParamSet is told by huma whether the parameter was given.
func (o *optional[T]) OnParamSet(isSet bool, _ any) { o.set = isSet }

func (o optional[T]) pointer() *T {
	if !o.set {
		return nil
	}
	return &o.value
}
