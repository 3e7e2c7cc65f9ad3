package humaapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/wire"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

type usageInput struct {
	Since time.Time `query:"since" doc:"Default: 30 days ago"`
}

func (ops *operations) registerCatalog(api huma.API) {
	add(api, huma.Operation{
		OperationID: "listPurposes", Method: http.MethodGet, Path: base + "/purposes",
		Tags: []string{"catalog"}, Summary: "Where pictures can be used, with sizes and limits",
	}, ops.listPurposes)
	add(api, huma.Operation{
		OperationID: "listStyles", Method: http.MethodGet, Path: base + "/styles",
		Tags: []string{"catalog"}, Summary: "Looks that can be asked for",
	}, ops.listStyles)
	add(api, huma.Operation{
		OperationID: "listModels", Method: http.MethodGet, Path: base + "/models",
		Tags: []string{"catalog"}, Summary: "The configured generator's models, their abilities and prices",
	}, ops.listModels)
	add(api, huma.Operation{
		OperationID: "getUsage", Method: http.MethodGet, Path: base + "/usage",
		Tags: []string{"usage"}, Summary: "What was spent, and the budget",
	}, ops.getUsage)
}

func (ops *operations) listPurposes(ctx context.Context, _ *struct{}) (*body[[]wire.Purpose], error) {
	return answer(wire.NewPurposes(ops.svc.Purposes(), wire.LocaleOf(ctx).Lang, ops.now()), nil)
}

func (ops *operations) listStyles(ctx context.Context, _ *struct{}) (*body[[]wire.Style], error) {
	return answer(wire.NewStyles(imagechat.Styles(), wire.LocaleOf(ctx).Lang), nil)
}

func (ops *operations) listModels(context.Context, *struct{}) (*body[[]wire.Model], error) {
	return answer(wire.NewModels(ops.svc.Models()), nil)
}

func (ops *operations) getUsage(ctx context.Context, in *usageInput) (*body[wire.Usage], error) {
	u, err := ops.svc.Usage(ctx, in.Since)
	if err != nil {
		return nil, err
	}
	return answer(wire.NewUsage(u), nil)
}
