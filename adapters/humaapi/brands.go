package humaapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/wire"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// BrandPath is the part of a path that names a brand kit.
type BrandPath struct {
	BrandID imagechat.BrandID `path:"brand_id" doc:"The brand kit's id"`
}

// CreateBrandRequest makes a brand kit.
type CreateBrandRequest struct {
	Name        string       `json:"name" minLength:"1" maxLength:"100" example:"달빛커피"`
	Description string       `json:"description,omitempty" maxLength:"2000" example:"동네에서 가장 늦게까지 여는 로스터리"`
	Palette     []wire.Color `json:"palette,omitempty" maxItems:"12"`
	Typography  string       `json:"typography,omitempty" maxLength:"2000"`
	Tone        string       `json:"tone,omitempty" maxLength:"2000" example:"다정하고 담백하게"`
	Do          []string     `json:"do,omitempty" maxItems:"20"`
	Dont        []string     `json:"dont,omitempty" maxItems:"20"`
	LogoImageID string       `json:"logo_image_id,omitempty" maxLength:"100" doc:"An upload of role logo"`
}

// UpdateBrandRequest changes what it names; null clears what may be without a
// value.
type UpdateBrandRequest struct {
	Name        change[string]           `json:"name,omitempty" minLength:"1" maxLength:"100"`
	Description patch[string]            `json:"description,omitempty" maxLength:"2000"`
	Palette     patch[[]wire.Color]      `json:"palette,omitempty" maxItems:"12"`
	Typography  patch[string]            `json:"typography,omitempty" maxLength:"2000"`
	Tone        patch[string]            `json:"tone,omitempty" maxLength:"2000"`
	Do          patch[[]string]          `json:"do,omitempty" maxItems:"20"`
	Dont        patch[[]string]          `json:"dont,omitempty" maxItems:"20"`
	LogoImageID patch[imagechat.ImageID] `json:"logo_image_id,omitempty" maxLength:"100"`
}

type createBrandInput struct{ Body CreateBrandRequest }

type updateBrandInput struct {
	BrandPath
	Body UpdateBrandRequest
}

func (ops *operations) registerBrands(api huma.API) {
	add(api, huma.Operation{
		OperationID: "listBrands", Method: http.MethodGet, Path: base + "/brands",
		Tags: []string{"brands"}, Summary: "List brand kits by name",
	}, ops.listBrands)
	add(api, huma.Operation{
		OperationID: "createBrand", Method: http.MethodPost, Path: base + "/brands", DefaultStatus: http.StatusCreated,
		Tags: []string{"brands"}, Summary: "Make a brand kit", Errors: with(http.StatusBadRequest, http.StatusRequestEntityTooLarge),
	}, ops.createBrand)
	add(api, huma.Operation{
		OperationID: "getBrand", Method: http.MethodGet, Path: base + "/brands/{brand_id}",
		Tags: []string{"brands"}, Summary: "Open a brand kit", Errors: with(http.StatusNotFound),
	}, ops.getBrand)
	add(api, huma.Operation{
		OperationID: "updateBrand", Method: http.MethodPatch, Path: base + "/brands/{brand_id}",
		Tags: []string{"brands"}, Summary: "Change a brand kit",
		Errors: with(http.StatusBadRequest, http.StatusNotFound, http.StatusRequestEntityTooLarge),
	}, ops.updateBrand)
	add(api, huma.Operation{
		OperationID: "deleteBrand", Method: http.MethodDelete, Path: base + "/brands/{brand_id}", DefaultStatus: http.StatusNoContent,
		Tags: []string{"brands"}, Summary: "Delete a brand kit", Errors: with(http.StatusNotFound),
	}, ops.deleteBrand)
	ops.registerLogo(api)
}

func (ops *operations) listBrands(ctx context.Context, _ *struct{}) (*body[wire.BrandList], error) {
	bs, err := ops.svc.Brands(ctx)
	return answer(wire.NewBrandList(bs, wire.LocaleOf(ctx)), err)
}

func (ops *operations) createBrand(ctx context.Context, in *createBrandInput) (*created[wire.Brand], error) {
	r := in.Body
	b, err := ops.svc.CreateBrand(ctx, imagechat.Brand{
		Name: r.Name, Description: r.Description, Palette: colors(r.Palette), Typography: r.Typography, Tone: r.Tone,
		Do: r.Do, Dont: r.Dont, LogoImageID: imagechat.ImageID(r.LogoImageID),
	})
	if err != nil {
		return nil, err
	}
	return &created[wire.Brand]{Location: base + "/brands/" + string(b.ID), Body: wire.NewBrand(b, wire.LocaleOf(ctx))}, nil
}

func (ops *operations) getBrand(ctx context.Context, in *BrandPath) (*body[wire.Brand], error) {
	b, err := ops.svc.Brand(ctx, in.BrandID)
	if err != nil {
		return nil, err
	}
	return answer(wire.NewBrand(b, wire.LocaleOf(ctx)), nil)
}

func (ops *operations) updateBrand(ctx context.Context, in *updateBrandInput) (*body[wire.Brand], error) {
	r := in.Body
	if err := cleared(field{"name", r.Name.null}); err != nil {
		return nil, err
	}
	p := imagechat.BrandPatch{
		Name: r.Name.pointer(), Description: r.Description.pointer(), Typography: r.Typography.pointer(), Tone: r.Tone.pointer(),
		Do: r.Do.pointer(), Dont: r.Dont.pointer(), LogoImageID: r.LogoImageID.pointer(),
	}
	if r.Palette.set {
		palette := colors(r.Palette.value)
		p.Palette = &palette
	}
	b, err := ops.svc.UpdateBrand(ctx, in.BrandID, p)
	if err != nil {
		return nil, err
	}
	return answer(wire.NewBrand(b, wire.LocaleOf(ctx)), nil)
}

func (ops *operations) deleteBrand(ctx context.Context, in *BrandPath) (*nothing, error) {
	return &nothing{}, ops.svc.DeleteBrand(detached(ctx), in.BrandID)
}

func colors(in []wire.Color) []imagechat.Color {
	out := make([]imagechat.Color, len(in))
	for i, c := range in {
		out[i] = imagechat.Color(c)
	}
	return out
}
