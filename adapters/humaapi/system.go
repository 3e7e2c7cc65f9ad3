package humaapi

import (
	"context"
	"maps"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/wire"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

type healthAnswer struct {
	Status       int
	CacheControl string `header:"Cache-Control" hidden:"true"`
	Body         wire.Health
}

type readinessAnswer struct {
	Status       int
	CacheControl string `header:"Cache-Control" hidden:"true"`
	Body         wire.Readiness
}

// open marks an operation that needs no login.
var open = []map[string][]string{{}}

func (ops *operations) registerSystem(api huma.API) {
	add(api, huma.Operation{
		OperationID: "getHealth", Method: http.MethodGet, Path: "/health", Security: open,
		Tags: []string{"system"}, Summary: "Whether the server works",
		Description: "503 with status unhealthy and the failing checks when the database or the blob store does not work.",
		Errors:      []int{http.StatusTooManyRequests},
		Responses: map[string]*huma.Response{"503": {
			Description: "A check fails",
			Content:     map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{Ref: schemaPrefix + "Health"}}},
		}},
	}, ops.getHealth)
	add(api, huma.Operation{
		OperationID: "getReadiness", Method: http.MethodGet, Path: "/ready", Security: open,
		Tags: []string{"system"}, Summary: "Whether the server takes turns in now",
		Description: "Beside what /health checks: the server does not end, and there is room on the disk for what a turn pays for. " +
			"A platform that is told 503 sends people elsewhere; only /health says whether a restart helps.",
		Errors: []int{http.StatusTooManyRequests},
		Responses: map[string]*huma.Response{"503": {
			Description: "A check fails",
			Content:     map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{Ref: schemaPrefix + "Readiness"}}},
		}},
	}, ops.getReadiness)
	add(api, huma.Operation{
		OperationID: "getInfo", Method: http.MethodGet, Path: "/api/info",
		Tags: []string{"system"}, Summary: "What this server is and where things are",
	}, ops.getInfo)
}

func (ops *operations) getHealth(ctx context.Context, _ *struct{}) (*healthAnswer, error) {
	out := &healthAnswer{Status: http.StatusOK, CacheControl: "no-store", Body: wire.Health{
		Status: wire.Healthy, Version: ops.o.Version, Environment: ops.o.Environment,
		GeminiConfigured: ops.o.GeminiConfigured, Generator: ops.svc.GeneratorName(), Model: ops.svc.DefaultModel(),
	}}
	// Nobody is refused here, so many who ask at once share one check.
	checked, _, _ := ops.health.Do("", func() (any, error) { return ops.svc.Health(detached(ctx)), nil })
	failing := checked.(map[string]error)
	if len(failing) == 0 {
		return out, nil
	}
	// Which check fails is told; why is for the log: it may name paths.
	out.Status, out.Body.Status = http.StatusServiceUnavailable, wire.Unhealthy
	out.Body.Failing = slices.Sorted(maps.Keys(failing))
	for _, name := range out.Body.Failing {
		noteFailure(ctx, imagechat.StorageUnavailable, failing[name])
	}
	return out, nil
}

func (ops *operations) getReadiness(ctx context.Context, _ *struct{}) (*readinessAnswer, error) {
	out := &readinessAnswer{Status: http.StatusOK, CacheControl: "no-store", Body: wire.Readiness{Status: wire.Ready}}
	checked, _, _ := ops.readiness.Do("", func() (any, error) { return ops.svc.Ready(detached(ctx)), nil })
	causes := checked.(map[string]error)
	if len(causes) == 0 {
		return out, nil
	}
	out.Status, out.Body.Status = http.StatusServiceUnavailable, wire.NotReady
	out.Body.Failing = slices.Sorted(maps.Keys(causes))
	for _, name := range out.Body.Failing {
		noteFailure(ctx, imagechat.CodeOf(causes[name]), causes[name])
	}
	return out, nil
}

// endpoints are the doors of the service, for programs that look around.
var endpoints = map[string]string{
	"health":   "/health",
	"ready":    "/ready",
	"openapi":  "/openapi.yaml",
	"docs":     "/docs",
	"metrics":  "/metrics",
	"sessions": base + "/sessions",
	"turns":    base + "/sessions/{session_id}/turns",
	"events":   base + "/sessions/{session_id}/events",
	"images":   base + "/images",
	"uploads":  base + "/uploads",
	"purposes": base + "/purposes",
	"styles":   base + "/styles",
	"models":   base + "/models",
	"brands":   base + "/brands",
	"usage":    base + "/usage",
	"agents":   "/mcp",
	"socket":   "/ws/image-chat/{session_id}",
}

var description = imagechat.Localized{
	KO: "대화로 마케팅 이미지를 만드는 서비스예요.",
	EN: "Makes marketing images by conversation.",
}

func (ops *operations) getInfo(ctx context.Context, _ *struct{}) (*body[wire.Info], error) {
	auth := "none"
	switch {
	case ops.o.Identify != nil:
		auth = "host"
	case ops.o.Auth != nil:
		auth = "tokens"
	}
	lang := wire.LocaleOf(ctx).Lang
	warnings := []string{}
	for _, w := range ops.svc.Warnings() {
		warnings = append(warnings, w.In(lang))
	}
	return answer(wire.Info{
		Name: "Gemini Image Chat", Version: ops.o.Version, Description: description.In(lang),
		Endpoints: under(ops.o.Prefix, endpoints), Generator: ops.svc.GeneratorName(), Model: ops.svc.DefaultModel(),
		Auth: auth, Owner: string(imagechat.OwnerOf(ctx)), Warnings: warnings,
	}, nil)
}
