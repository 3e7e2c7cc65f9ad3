package mcpapi

import (
	"context"
	"fmt"
	"net/url"
	"strconv"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

type exportInput struct {
	ImageID   string   `json:"image_id"`
	Placement string   `json:"placement,omitempty" jsonschema:"an id of list_placements; or give width and height"`
	Width     int      `json:"width,omitempty" jsonschema:"pixels"`
	Height    int      `json:"height,omitempty" jsonschema:"pixels"`
	Format    string   `json:"format,omitempty" jsonschema:"png or jpeg; default: what the placement prefers"`
	Fit       string   `json:"fit,omitempty" jsonschema:"cover (default) cuts what is too much, contain adds a margin"`
	FocusX    *float64 `json:"focus_x,omitempty" jsonschema:"what the crop keeps in its middle, 0 to 1 from the left; default: found"`
	FocusY    *float64 `json:"focus_y,omitempty" jsonschema:"0 to 1 from the top"`
}

type exportOutput struct {
	Name        string  `json:"name"`
	Resource    string  `json:"resource" jsonschema:"read this resource for the file"`
	Path        string  `json:"path,omitempty" jsonschema:"where the file lies on this machine"`
	URL         string  `json:"url,omitempty" jsonschema:"for a person's browser"`
	MIMEType    string  `json:"mime_type"`
	Width       int     `json:"width"`
	Height      int     `json:"height"`
	Bytes       int64   `json:"bytes"`
	SHA256      string  `json:"sha256"`
	CropPercent float64 `json:"crop_percent" jsonschema:"how much of the picture was cut away"`
	CostUSD     float64 `json:"cost_usd" jsonschema:"always 0: finishing is free"`
}

func (s *Server) addFiles() {
	add(s, &mcp.Tool{Name: "export_image", Description: "Finish a picture to a placement's exact pixels, format and byte limit. Costs nothing.", Annotations: &mcp.ToolAnnotations{IdempotentHint: true}}, s.export)
}

func (in *exportInput) spec() (imagechat.ExportSpec, error) {
	spec := imagechat.ExportSpec{Purpose: in.Placement, Width: in.Width, Height: in.Height, Format: in.Format, Fit: in.Fit}
	if (in.FocusX == nil) != (in.FocusY == nil) {
		return spec, advise("focus_x and focus_y come together")
	}
	if in.FocusX != nil {
		spec.Focus = &imagechat.Point{X: *in.FocusX, Y: *in.FocusY}
	}
	return spec, nil
}

// query is the same wish as parameters of a resource or of the REST API.
func (in *exportInput) query(placement string) url.Values {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" && value != "0" {
			q.Set(name, value)
		}
	}
	set(placement, in.Placement)
	set("width", strconv.Itoa(in.Width))
	set("height", strconv.Itoa(in.Height))
	set("format", in.Format)
	set("fit", in.Fit)
	if in.FocusX != nil && in.FocusY != nil {
		q.Set("focus", fmt.Sprintf("%g,%g", *in.FocusX, *in.FocusY))
	}
	return q
}

func (s *Server) export(ctx context.Context, in exportInput) (*mcp.CallToolResult, exportOutput, error) {
	spec, err := in.spec()
	if err != nil {
		return nil, exportOutput{}, err
	}
	file, err := s.svc.Export(ctx, imagechat.ImageID(in.ImageID), spec)
	if err != nil {
		return nil, exportOutput{}, err
	}
	defer func() { _ = file.Close() }() // it has no name on disk
	out := exportOutput{
		Name: file.Name, Resource: imageURI(imagechat.ImageID(in.ImageID)) + "/export?" + in.query("placement").Encode(),
		MIMEType: file.MIMEType, Width: file.Width, Height: file.Height, Bytes: file.Bytes, SHA256: string(file.SHA256), CropPercent: file.CropPercent,
	}
	text := fmt.Sprintf("%s: %d×%d, %d bytes, free of charge", file.Name, file.Width, file.Height, file.Bytes)
	if s.o.Address != "" {
		out.URL = s.o.Address + "/images/" + url.PathEscape(in.ImageID) + "/export?" + in.query("purpose").Encode()
	}
	if s.o.Save != nil {
		if out.Path, err = s.o.Save(file.Name, file.Content); err != nil {
			return nil, exportOutput{}, advise("the file could not be written: %v. Read %s instead.", err, out.Resource)
		}
		text += "\n" + out.Path
	}
	return &mcp.CallToolResult{Content: []mcp.Content{
		&mcp.TextContent{Text: text},
		&mcp.ResourceLink{URI: out.Resource, Name: file.Name, MIMEType: file.MIMEType, Size: &file.Bytes},
	}}, out, nil
}
