package imagechatclient

import (
	"context"
	crand "crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"path/filepath"
	"strings"
	"time"
)

// RunOptions tunes Run; nil means the defaults.
type RunOptions struct {
	// IdempotencyKey is a key of your own, to run the same turn again after a
	// restart of your program; "" means a fresh one.
	IdempotencyKey string
	// Patience is how long the server may be away or refuse for a while before
	// Run gives up; the turn goes on at the server all the same. 0 means 5 minutes.
	Patience time.Duration
}

// Run says something and waits for the reply, until the turn ended or ctx
// did. A turn that failed is an *APIError with the reason. The request carries
// an idempotency key and is repeated under it when the server is away, so that
// nothing is paid for twice. Without a kind the model decides between talking
// and drawing.
func (c *Connection) Run(ctx context.Context, sessionID string, request TurnRequest, o *RunOptions) (*Message, error) {
	var v RunOptions
	if o != nil {
		v = *o
	}
	if v.Patience == 0 {
		v.Patience = 5 * time.Minute
	}
	if v.IdempotencyKey == "" {
		v.IdempotencyKey = crand.Text()
	}
	if request.Kind == "" {
		request.Kind = TurnKindConverse
	}
	turn, err := c.ended(ctx, sessionID, request, v)
	if err != nil {
		return nil, err
	}
	if turn.Status != TurnStatusSucceeded || turn.AssistantMessageID == nil {
		if turn.Error == nil {
			turn.Error = &Problem{Code: ErrorCodeInternal, Title: string(turn.Status), Detail: "the turn " + string(turn.Status)}
		}
		return nil, &APIError{Problem: *turn.Error}
	}
	r, err := c.GetMessageWithResponse(ctx, *turn.AssistantMessageID)
	if err != nil {
		return nil, err
	}
	return r.JSON200, Check(r.HTTPResponse, r.Body, nil)
}

// ended asks for the turn until it has ended. Each time the server holds the
// request for up to half a minute: short enough that a line that died without
// a word is noticed.
func (c *Connection) ended(ctx context.Context, sessionID string, request TurnRequest, o RunOptions) (*Turn, error) {
	prefer := "wait=25"
	params := &CreateTurnParams{IdempotencyKey: &o.IdempotencyKey, Prefer: &prefer}
	answered := time.Now()
	for failures := 0; ; failures++ {
		one, cancel := context.WithTimeout(ctx, time.Minute)
		r, err := c.CreateTurnWithResponse(one, sessionID, params, request)
		cancel()
		if err == nil {
			err = Check(r.HTTPResponse, r.Body, nil)
		}
		switch e, refused := errors.AsType[*APIError](err); {
		case err == nil && r.JSON200 != nil:
			return r.JSON200, nil
		case err == nil && r.JSON202 == nil:
			return nil, fmt.Errorf("%w: HTTP %d without a turn", ErrNotTheServer, r.StatusCode())
		case err == nil:
			answered, failures = time.Now(), 0 // it goes on: wait once more, but never without a pause
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case refused && !(e.Problem.Retryable && e.Status == http.StatusServiceUnavailable):
			return nil, err
		case time.Since(answered) > o.Patience:
			return nil, err
		}
		if !pause(ctx, failures) {
			return nil, ctx.Err()
		}
	}
}

// StartSession makes a conversation.
func (c *Connection) StartSession(ctx context.Context, request CreateSessionRequest) (*Session, error) {
	r, err := c.CreateSessionWithResponse(ctx, request)
	if err != nil {
		return nil, err
	}
	return r.JSON201, Check(r.HTTPResponse, r.Body, nil)
}

// Upload sends a picture for use as a reference or, by its role, as a logo.
// An empty role means reference. name is the file's name; its ending is not
// relied on.
func (c *Connection) Upload(ctx context.Context, name string, picture io.Reader, role ImageRole) (*Image, error) {
	body, send := io.Pipe()
	form := multipart.NewWriter(send)
	go func() {
		header := textproto.MIMEHeader{}
		header.Set("Content-Disposition", mime.FormatMediaType("form-data", map[string]string{"name": "file", "filename": filepath.Base(name)}))
		part, err := form.CreatePart(header)
		if err == nil {
			_, err = io.Copy(part, picture)
		}
		send.CloseWithError(errors.Join(err, form.Close()))
	}()
	defer body.Close()
	params := &UploadImageParams{}
	if role != "" {
		params.Role = &role
	}
	r, err := c.UploadImageWithBodyWithResponse(ctx, params, form.FormDataContentType(), body)
	if err != nil {
		return nil, err
	}
	return r.JSON201, Check(r.HTTPResponse, r.Body, nil)
}

// Export writes a picture, finished to a placement's exact pixels, to w and
// returns the file name that the server gives it. On a failure w may hold the
// beginning of the file.
func (c *Connection) Export(ctx context.Context, imageID string, params ExportImageParams, w io.Writer) (name string, err error) {
	r, err := c.ExportImage(ctx, imageID, &params)
	if err != nil {
		return "", err
	}
	return save(r, w)
}

// ExportPack writes a ZIP with a file for every placement, and a manifest, to
// w and returns the file name that the server gives it.
func (c *Connection) ExportPack(ctx context.Context, sessionID string, request CreateExportRequest, w io.Writer) (name string, err error) {
	r, err := c.CreateExport(ctx, sessionID, request)
	if err != nil {
		return "", err
	}
	return save(r, w)
}

func save(r *http.Response, w io.Writer) (name string, err error) {
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<16))
		if err := Check(r, body, nil); err != nil {
			return "", err
		}
		return "", fmt.Errorf("%w: HTTP %d without a file", ErrNotTheServer, r.StatusCode)
	}
	_, params, _ := mime.ParseMediaType(r.Header.Get("Content-Disposition"))
	n, err := io.Copy(w, r.Body)
	if err == nil && r.ContentLength >= 0 && n != r.ContentLength {
		err = io.ErrUnexpectedEOF
	}
	// The name comes from elsewhere: nobody should write outside a folder by it.
	return filepath.Base(strings.ReplaceAll(params["filename"], `\`, "/")), err
}

// problemOf reads a problem; false when the body is none.
func problemOf(body []byte) (p Problem, ok bool) {
	return p, json.Unmarshal(body, &p) == nil && p.Code != ""
}
