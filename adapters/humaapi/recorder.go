package humaapi

import (
	"bufio"
	"compress/gzip"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// answerWriteTime bounds the writing of an ordinary answer from its first
// byte. Files and streams set deadlines of their own.
const answerWriteTime = time.Minute

// recorder notes what was answered, and compresses documents for clients that
// take them so. It hides nothing of the writer behind it: files still go out
// by sendfile, sockets can be taken over.
type recorder struct {
	http.ResponseWriter
	gzip     bool   // the client takes it
	prefix   string // of paths that the client is sent to
	status   int
	bytes    int64
	deadline bool // somebody set one
	aborted  bool
	held     bool         // the header waits for the first piece of the body
	squeezer *gzip.Writer // set while a body is compressed
}

// WriteHeader notes the status, and gives the client a time to read the answer in.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= 200 {
		r.status = status
		if to := r.Header().Get("Location"); r.prefix != "" && strings.HasPrefix(to, "/") {
			r.Header().Set("Location", r.prefix+to)
		}
		if !r.deadline {
			// The deadline of an earlier request on the connection may still stand.
			_ = http.NewResponseController(r.ResponseWriter).SetWriteDeadline(time.Now().Add(answerWriteTime))
		}
		if squeezable(r.Header()) {
			r.Header().Add("Vary", "Accept-Encoding")
			r.held = r.gzip
		}
	}
	if r.held {
		return
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write passes b on.
func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.WriteHeader(http.StatusOK)
	}
	r.begin(len(b))
	if r.squeezer != nil {
		return r.squeezer.Write(b)
	}
	return counted{r}.Write(b)
}

// ReadFrom lets the kernel copy a file into the socket: io.Copy asks for
// this method and does not look behind wrappers for it.
func (r *recorder) ReadFrom(src io.Reader) (int64, error) {
	if r.status == 0 {
		r.WriteHeader(http.StatusOK)
	}
	r.begin(0)
	to, ok := r.ResponseWriter.(io.ReaderFrom)
	if !ok {
		n, err := io.Copy(struct{ io.Writer }{r.ResponseWriter}, src)
		r.bytes += n
		return n, err
	}
	n, err := to.ReadFrom(src)
	r.bytes += n
	return n, err
}

// SetWriteDeadline notes that a handler bounds its own writing.
func (r *recorder) SetWriteDeadline(t time.Time) error {
	r.deadline = true
	return http.NewResponseController(r.ResponseWriter).SetWriteDeadline(t)
}

// Hijack hands the connection over to a socket.
func (r *recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(r.ResponseWriter).Hijack()
	if err == nil {
		r.status = http.StatusSwitchingProtocols
	}
	return conn, rw, err
}

// FlushError sends what there is so far, as it is.
func (r *recorder) FlushError() error {
	r.begin(0)
	if r.squeezer != nil {
		if err := r.squeezer.Flush(); err != nil {
			return err
		}
	}
	return http.NewResponseController(r.ResponseWriter).Flush()
}

// Unwrap is for http.ResponseController.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
