package humaapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"golang.org/x/sync/singleflight"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/wire"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

const base = wire.BasePath

// operations holds what the handlers need. It is registered on a huma API
// once for serving and once, without a service, for the document.
type operations struct {
	svc        *imagechat.Service
	o          Options
	guard      *guard
	references *references
	bodies     *bodies
	health     singleflight.Group
	readiness  singleflight.Group
}

// newHuma makes a huma API on mux with every operation registered, for
// serving or for the document.
func newHuma(mux humago.Mux, ops *operations, documenting bool) huma.API {
	document := newDocument()
	if !documenting {
		document.OnAddOperation = nil
	}
	config := huma.Config{
		OpenAPI:       document,
		Formats:       map[string]huma.Format{"application/json": jsonFormat, "json": jsonFormat},
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{toProblem},
	}
	api := humago.New(mux, config)
	api.UseMiddleware(ops.bodies.admit, keepStatus)
	ops.registerSystem(api)
	ops.registerSessions(api)
	ops.registerTurns(api)
	ops.registerCompat(api)
	ops.registerEvents(api)
	ops.registerImages(api)
	ops.registerExports(api)
	ops.registerBrands(api)
	ops.registerCatalog(api)
	ops.registerLogin(api)
	return api
}

// jsonFormat is huma's JSON, but for four things: what is not UTF-8 is
// refused instead of mended, a null property counts as an absent one (as
// older clients send them), numbers of free objects stay as they were
// written, and HTML is not escaped.
var jsonFormat = huma.Format{
	Marshal: huma.DefaultJSONFormat.Marshal,
	Unmarshal: func(data []byte, v any) error {
		if !utf8.Valid(data) {
			return errors.New("not UTF-8")
		}
		generic, ok := v.(*any)
		if !ok {
			return keepNumbers(data, v)
		}
		// The pass that huma validates.
		if err := json.Unmarshal(data, generic); err != nil {
			return err
		}
		if object, ok := (*generic).(map[string]any); ok {
			for k, value := range object {
				if value == nil {
					delete(object, k)
				}
			}
		}
		return nil
	},
}

// keepNumbers reads JSON, and a number into an interface as it is written.
func keepNumbers(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	return d.Decode(v)
}

// add registers an operation whose errors become problems.
func add[I, O any](api huma.API, op huma.Operation, handle func(context.Context, *I) (*O, error), middlewares ...func(huma.Context, func(huma.Context))) {
	op.Middlewares = middlewares
	if op.Errors == nil {
		op.Errors = []int{http.StatusUnauthorized, http.StatusTooManyRequests, http.StatusServiceUnavailable}
	}
	op.Errors = append(op.Errors, http.StatusForbidden) // the guard's, of any route
	if writes(op) && !slices.Contains(op.Errors, http.StatusInsufficientStorage) {
		op.Errors = append(op.Errors, http.StatusInsufficientStorage)
	}
	if !slices.Contains(op.Errors, http.StatusBadRequest) {
		op.Errors = append(op.Errors, http.StatusBadRequest) // a query that cannot be read
	} else if !slices.Contains(op.Errors, http.StatusUnsupportedMediaType) {
		op.Errors = append(op.Errors, http.StatusUnsupportedMediaType) // the body reader's
	}
	if len(api.OpenAPI().OnAddOperation) == 0 {
		op.Errors = nil
		undescribed[O](api.OpenAPI().Components.Schemas)
	}
	huma.Register(api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		if err != nil {
			return nil, problemOf(ctx, err)
		}
		return out, nil
	})
}

// readsOnly marks, in an operation's Metadata, one whose method says that it
// writes although nothing is kept.
const readsOnly = "readsOnly"

// writes reports whether an operation needs room on the disk.
func writes(op huma.Operation) bool {
	return op.Method != http.MethodGet && op.Metadata[readsOnly] == nil
}

// anything is the schema of answers while serving.
type anything struct{}

// Schema allows everything.
func (anything) Schema(huma.Registry) *huma.Schema { return &huma.Schema{} }

// undescribed spares the reflection over an answer's type, which is half of
// the cost of a registration: huma checks requests only, and the document is
// made elsewhere.
func undescribed[O any](r huma.Registry) {
	if f, ok := reflect.TypeFor[O]().FieldByName("Body"); ok && f.Type.Kind() != reflect.Func {
		r.RegisterTypeAlias(f.Type, reflect.TypeFor[anything]())
	}
}

// body is an answer that has nothing but a body.
type body[T any] struct{ Body T }

func answer[T any](v T, err error) (*body[T], error) {
	if err != nil {
		return nil, err
	}
	return &body[T]{Body: v}, nil
}

// nothing is an empty answer.
type nothing struct{}

// raw is an answer written by hand: files and streams.
type raw = huma.StreamResponse

func stream(write func(w http.ResponseWriter, r *http.Request)) *raw {
	return &raw{Body: func(ctx huma.Context) {
		r, w := humago.Unwrap(ctx)
		write(w, r)
	}}
}

// detached is for work that goes on when the client goes away.
func detached(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }

func (ops *operations) now() time.Time { return time.Now() }
