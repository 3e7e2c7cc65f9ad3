package geminitest

import (
	"errors"
	"io"
	"net/http"
	"syscall"
)

// Transport makes requests to the stand-in without a network: answers stream
// through a pipe, and broken connections are errors as net/http gives them.
func (s *Server) Transport() http.RoundTripper { return handlerTransport{s} }

type handlerTransport struct{ handler http.Handler }

// RoundTrip implements http.RoundTripper.
func (t handlerTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	in := req.Clone(req.Context())
	if in.Body == nil {
		in.Body = http.NoBody
	}
	pr, pw := io.Pipe()
	w := &pipeWriter{header: http.Header{}, pipe: pw, ready: make(chan struct{})}
	go func() {
		defer in.Body.Close()
		defer w.finish()
		t.handler.ServeHTTP(w, in)
		w.complete = true
	}()
	select {
	case <-w.ready:
	case <-req.Context().Done():
		_ = pr.Close()
		return nil, req.Context().Err()
	}
	if w.status == 0 {
		return nil, syscall.ECONNRESET
	}
	return &http.Response{
		StatusCode: w.status, Status: http.StatusText(w.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.header, Body: &pipeBody{PipeReader: pr, req: req}, ContentLength: -1, Request: req,
	}, nil
}

// pipeBody is an answer that its reader's context ends.
type pipeBody struct {
	*io.PipeReader
	req *http.Request
}

func (b *pipeBody) Read(p []byte) (int, error) {
	done := make(chan struct{})
	defer close(done)
	go func() {
		select {
		case <-b.req.Context().Done():
			_ = b.PipeReader.CloseWithError(b.req.Context().Err())
		case <-done:
		}
	}()
	n, err := b.PipeReader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) && b.req.Context().Err() != nil {
		err = b.req.Context().Err()
	}
	return n, err
}

// pipeWriter is the handler's side.
type pipeWriter struct {
	header   http.Header
	pipe     *io.PipeWriter
	ready    chan struct{} // closed when status is known
	status   int
	complete bool
}

func (w *pipeWriter) Header() http.Header { return w.header }

func (w *pipeWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
		close(w.ready)
	}
}

func (w *pipeWriter) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.pipe.Write(p)
}

// Flush implements http.Flusher: a pipe holds nothing back.
func (w *pipeWriter) Flush() {}

// finish ends the answer, in the middle when the handler panicked to say so.
func (w *pipeWriter) finish() {
	if v := recover(); v != nil {
		if err, ok := v.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
			panic(v)
		}
		if w.status == 0 {
			close(w.ready)
		}
		_ = w.pipe.CloseWithError(io.ErrUnexpectedEOF)
		return
	}
	if w.complete {
		w.WriteHeader(http.StatusOK)
	}
	_ = w.pipe.Close()
}
