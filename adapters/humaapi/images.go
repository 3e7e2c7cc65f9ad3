package humaapi

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/wire"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// ImagePath is the part of a path that names a picture.
type ImagePath struct {
	ImageID imagechat.ImageID `path:"image_id" doc:"The picture's id"`
}

type listImagesInput struct {
	SessionID imagechat.SessionID `query:"session_id" maxLength:"100"`
	Purpose   string              `query:"purpose" maxLength:"64" example:"sns_instagram_square"`
	Role      imagechat.ImageRole `query:"role" doc:"Default: generated"`
	Selected  optional[bool]      `query:"selected" doc:"Only those that are starred, or are not"`
	Q         string              `query:"q" maxLength:"200" doc:"Words in the prompt and the alt text" example:"라떼"`
	Since     time.Time           `query:"since" doc:"Made at or after this moment"`
	Until     time.Time           `query:"until" doc:"Made before this moment"`
	Cursor    string              `query:"cursor" maxLength:"500" doc:"next_cursor of the page before"`
	Limit     int                 `query:"limit" default:"50" doc:"Pictures a page, 1 to 200; what lies outside is taken as the nearest of them"`
}

// UpdateImageRequest changes what it names.
type UpdateImageRequest struct {
	IsSelected change[bool]  `json:"is_selected,omitempty"`
	AltText    patch[string] `json:"alt_text,omitempty" maxLength:"1000" example:"아이스 라떼 한 잔이 놓인 나무 탁자"`
}

type updateImageInput struct {
	ImagePath
	Body UpdateImageRequest
}

type contentInput struct {
	ImagePath
	Width    optional[int] `query:"w" doc:"A scaled copy this many pixels wide, clamped to 64–2048"`
	Download bool          `query:"download" doc:"Ask browsers to save the file under a telling name"`
}

func (ops *operations) registerImages(api huma.API) {
	add(api, huma.Operation{
		OperationID: "listImages", Method: http.MethodGet, Path: base + "/images",
		Tags: []string{"images"}, Summary: "The gallery: pictures of all conversations, newest first",
		Errors: with(http.StatusNotFound), // of the conversation in session_id
	}, ops.listImages)
	add(api, huma.Operation{
		OperationID: "getImage", Method: http.MethodGet, Path: base + "/images/{image_id}",
		Tags: []string{"images"}, Summary: "Look at a picture's record", Errors: with(http.StatusNotFound),
	}, ops.getImage)
	add(api, huma.Operation{
		OperationID: "updateImage", Method: http.MethodPatch, Path: base + "/images/{image_id}",
		Tags: []string{"images"}, Summary: "Star a picture or describe it",
		Errors: with(http.StatusBadRequest, http.StatusNotFound, http.StatusRequestEntityTooLarge),
	}, ops.updateImage)
	add(api, huma.Operation{
		OperationID: "deleteImage", Method: http.MethodDelete, Path: base + "/images/{image_id}", DefaultStatus: http.StatusNoContent,
		Tags: []string{"images"}, Summary: "Delete a picture", Errors: with(http.StatusNotFound, http.StatusConflict),
	}, ops.deleteImage)
	add(api, huma.Operation{
		OperationID: "getImageContent", Method: http.MethodGet, Path: base + "/images/{image_id}/content",
		Tags: []string{"images"}, Summary: "The picture's exact bytes, or a scaled copy",
		Description: "Without w these are the bytes that the generator returned, of their true type. The bytes never change: cache them for ever. Ranges and If-None-Match are honoured.",
		Errors:      with(http.StatusNotFound),
		Responses: map[string]*huma.Response{
			"200": {Description: "The bytes", Content: binary("image/png", "image/jpeg", "image/webp", "image/gif"),
				Headers: map[string]*huma.Param{"ETag": {Description: "The SHA-256 of the exact bytes, quoted", Schema: &huma.Schema{Type: huma.TypeString}}}},
			"206": {Description: "A range of the bytes", Content: binary("image/png", "image/jpeg", "image/webp", "image/gif")},
			"304": {Description: "Not changed"},
			"416": {Description: "The range is outside of the bytes; Content-Range tells how many there are"},
		},
	}, ops.imageContent)
}

// binary documents bodies of bytes: OpenAPI 3.1 says so with an empty schema
// of format binary.
func binary(types ...string) map[string]*huma.MediaType {
	content := map[string]*huma.MediaType{}
	for _, t := range types {
		content[t] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	}
	return content
}

func (ops *operations) listImages(ctx context.Context, in *listImagesInput) (*body[wire.ImagePage], error) {
	page, err := ops.svc.Images(ctx, imagechat.ImageQuery{
		SessionID: in.SessionID, Purpose: in.Purpose, Role: in.Role, Selected: in.Selected.pointer(), Search: in.Q,
		Since: in.Since, Until: in.Until, Limit: clamp(in.Limit, 1, 200), Cursor: in.Cursor,
	})
	if err != nil {
		return nil, err
	}
	return answer(wire.NewImagePage(page, wire.LocaleOf(ctx)), nil)
}

func (ops *operations) getImage(ctx context.Context, in *ImagePath) (*body[wire.Image], error) {
	i, err := ops.svc.Image(ctx, in.ImageID)
	if err != nil {
		return nil, err
	}
	return answer(wire.NewImage(i, wire.LocaleOf(ctx)), nil)
}

func (ops *operations) updateImage(ctx context.Context, in *updateImageInput) (*body[wire.Image], error) {
	if err := cleared(field{"is_selected", in.Body.IsSelected.null}); err != nil {
		return nil, err
	}
	i, err := ops.svc.UpdateImage(ctx, in.ImageID, imagechat.ImagePatch{Selected: in.Body.IsSelected.pointer(), AltText: in.Body.AltText.pointer()})
	if err != nil {
		return nil, err
	}
	return answer(wire.NewImage(i, wire.LocaleOf(ctx)), nil)
}

func (ops *operations) deleteImage(ctx context.Context, in *ImagePath) (*nothing, error) {
	return &nothing{}, ops.svc.DeleteImage(detached(ctx), in.ImageID)
}

func (ops *operations) imageContent(ctx context.Context, in *contentInput) (*raw, error) {
	if in.Width.set {
		return ops.thumbnail(ctx, in)
	}
	image, content, err := ops.svc.OpenImage(ctx, in.ImageID)
	if err != nil {
		return nil, err
	}
	return stream(func(w http.ResponseWriter, r *http.Request) {
		defer content.Close()
		h := w.Header()
		imageHeaders(h, image.MIMEType, string(image.Blob))
		if in.Download { // the name costs a look at the session
			h.Set("Content-Disposition", disposition(ops.svc.FileName(ctx, image, "", image.Width, image.Height, extension(image.MIMEType))))
		}
		serve(w, r, image.CreatedAt, content)
	}), nil
}

func (ops *operations) thumbnail(ctx context.Context, in *contentInput) (*raw, error) {
	image, err := ops.svc.Image(ctx, in.ImageID)
	if err != nil {
		return nil, err
	}
	v, content, err := ops.svc.KeptThumbnail(ctx, in.ImageID, in.Width.value)
	if v == nil && err == nil { // reading what is there is not counted, making it is
		if err := wire.CallerOf(ctx).AllowRequest(); err != nil {
			return nil, err
		}
		v, content, err = ops.svc.Thumbnail(ctx, in.ImageID, in.Width.value)
	}
	if err != nil {
		return nil, err
	}
	return stream(func(w http.ResponseWriter, r *http.Request) {
		defer content.Close()
		h := w.Header()
		imageHeaders(h, v.MIMEType, string(v.Blob))
		if in.Download {
			h.Set("Content-Disposition", disposition(ops.svc.FileName(ctx, image, "", v.Width, v.Height, extension(v.MIMEType))))
		}
		serve(w, r, image.CreatedAt, content)
	}), nil
}

// serve hands the file to http.ServeContent as it is: behind a wrapper of it
// the kernel could not copy it by itself (sendfile), which doubles the CPU.
func serve(w http.ResponseWriter, r *http.Request, modified time.Time, content io.ReadSeeker) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(fileWriteTime)) // not every writer has one
	http.ServeContent(&fileWriter{ResponseWriter: w, r: r}, r, "", modified.Truncate(time.Second), content)
}

// fileWriter is a writer on which a range outside of the file is a problem
// like others, where http.ServeContent would write a line of text.
type fileWriter struct {
	http.ResponseWriter
	r        *http.Request
	answered bool
}

// WriteHeader answers the problem in place of its status.
func (f *fileWriter) WriteHeader(status int) {
	if status != http.StatusRequestedRangeNotSatisfiable {
		f.ResponseWriter.WriteHeader(status)
		return
	}
	f.answered = true
	writeProblem(f.ResponseWriter, f.r, &imagechat.Error{Code: imagechat.MalformedRequest, Params: map[string]string{"cause": "range"}}, status)
}

// Write passes b on, but for the line of text.
func (f *fileWriter) Write(b []byte) (int, error) {
	if f.answered {
		return len(b), nil
	}
	return f.ResponseWriter.Write(b)
}

// ReadFrom lets the kernel copy.
func (f *fileWriter) ReadFrom(src io.Reader) (int64, error) { return io.Copy(f.ResponseWriter, src) }

// Unwrap is for http.ResponseController.
func (f *fileWriter) Unwrap() http.ResponseWriter { return f.ResponseWriter }

// fileWriteTime lets 20 MB through at 25 KB/s.
const fileWriteTime = 15 * time.Minute

// imageHeaders are those of bytes that somebody else made: their type is
// what our record says, and a browser runs nothing of them.
func imageHeaders(h http.Header, mimeType, hash string) {
	h.Set("Content-Type", mimeType)
	h.Set("ETag", `"`+hash+`"`)
	h.Set("Cache-Control", "private, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
	h.Add("Vary", "Cookie, Authorization")
}

// disposition asks browsers to save a file, under a name that any client
// reads (RFC 6266 §4.3).
func disposition(name string) string {
	ascii := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' || r == '%' {
			return '_'
		}
		return r
	}, name)
	return `attachment; filename="` + ascii + `"; filename*=UTF-8''` + strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
}

// extension is the ending of file names of a type, without the dot.
func extension(mimeType string) string {
	ending := strings.TrimPrefix(mimeType, "image/")
	if ending == "jpeg" {
		return "jpg"
	}
	return ending
}
