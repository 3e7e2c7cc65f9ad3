package mcpapi

import (
	"context"
	"errors"
	"io"
	"net/url"
	"strconv"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

const scheme = "imagechat://images/"

func imageURI(id imagechat.ImageID) string { return scheme + url.PathEscape(string(id)) }

// longestResource bounds what is read into an answer: in base64 it is a third more.
const longestResource = 24 << 20

func (s *Server) addResources() {
	s.mcp.AddResourceTemplate(&mcp.ResourceTemplate{
		Name: "image", URITemplate: scheme + "{id}", Description: "The exact bytes of a picture, as the generator returned them.",
	}, s.readImage)
	s.mcp.AddResourceTemplate(&mcp.ResourceTemplate{
		Name: "export", URITemplate: scheme + "{id}/export{?placement,width,height,format,fit,focus}", Description: "A picture finished to exact pixels.",
	}, s.readExport)
}

func (s *Server) readImage(ctx context.Context, r *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
	id, _, err := parse(r.Params.URI)
	if err != nil {
		return nil, mcp.ResourceNotFoundError(r.Params.URI)
	}
	img, file, err := s.svc.OpenImage(ctx, id)
	if err != nil {
		return nil, s.unread(ctx, r.Params.URI, err)
	}
	defer file.Close()
	return s.read(ctx, r.Params.URI, img.MIMEType, img.Bytes, file)
}

func (s *Server) read(ctx context.Context, uri, kind string, size int64, from io.Reader) (*mcp.ReadResourceResult, error) {
	if size > longestResource {
		return nil, advise("the picture has %d bytes, more than a resource may have: export it smaller, or fetch it over HTTP", size)
	}
	data, err := io.ReadAll(io.LimitReader(from, longestResource))
	if err != nil {
		return nil, s.refusal(ctx, err)
	}
	return &mcp.ReadResourceResult{Contents: []*mcp.ResourceContents{{URI: uri, MIMEType: kind, Blob: data}}}, nil
}

func (s *Server) readExport(ctx context.Context, r *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
	id, q, err := parse(r.Params.URI)
	if err != nil {
		return nil, mcp.ResourceNotFoundError(r.Params.URI)
	}
	in := exportInput{ImageID: string(id), Placement: q.Get("placement"), Format: q.Get("format"), Fit: q.Get("fit")}
	var problems []error
	number := func(name string) int {
		if !q.Has(name) {
			return 0
		}
		n, err := strconv.Atoi(q.Get(name))
		problems = append(problems, err)
		return n
	}
	in.Width, in.Height = number("width"), number("height")
	if q.Has("focus") {
		x, y, _ := strings.Cut(q.Get("focus"), ",")
		fx, errX := strconv.ParseFloat(x, 64)
		fy, errY := strconv.ParseFloat(y, 64)
		in.FocusX, in.FocusY, problems = &fx, &fy, append(problems, errX, errY)
	}
	if errors.Join(problems...) != nil {
		return nil, advise("width and height are whole numbers, focus is two fractions such as 0.5,0.3")
	}
	spec, err := in.spec()
	if err != nil {
		return nil, err
	}
	file, err := s.svc.Export(ctx, id, spec)
	if err != nil {
		return nil, s.unread(ctx, r.Params.URI, err)
	}
	defer func() { _ = file.Close() }() // it has no name on disk
	return s.read(ctx, r.Params.URI, file.MIMEType, file.Bytes, file.Content)
}

// parse takes a URI of ours apart.
func parse(uri string) (imagechat.ImageID, url.Values, error) {
	u, err := url.Parse(uri)
	if err != nil {
		return "", nil, err
	}
	id := strings.TrimSuffix(strings.TrimPrefix(u.Path, "/"), "/export")
	if u.Scheme != "imagechat" || u.Host != "images" || id == "" || strings.Contains(id, "/") {
		return "", nil, errors.New("no picture")
	}
	q, err := url.ParseQuery(u.RawQuery)
	return imagechat.ImageID(id), q, err
}

func (s *Server) unread(ctx context.Context, uri string, err error) error {
	switch imagechat.CodeOf(err) {
	case imagechat.NotFound, imagechat.ImageNotFound:
		return mcp.ResourceNotFoundError(uri)
	}
	return s.refusal(ctx, err)
}
