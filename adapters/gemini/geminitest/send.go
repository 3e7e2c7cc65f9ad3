package geminitest

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"strconv"
	"time"
)

// TricklePause is the silence between two pieces of a FaultTrickle answer.
const TricklePause = 20 * time.Millisecond

func writeError(w http.ResponseWriter, e *APIError) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(e.Code)
	_, _ = w.Write(e.body())
}

// send writes a 200, broken as the outcome says. Writes fail only when the
// client is gone, which ends the call anyway.
func (s *Server) send(w http.ResponseWriter, r *http.Request, out Outcome, c *composer) {
	switch out.Fault {
	case FaultHang:
		s.silence(r)
	case FaultReset:
		reset(w)
	}
	h := w.Header()
	if c.req.Stream {
		h.Set("Content-Type", "text/event-stream")
		h.Set("Content-Disposition", "attachment")
	} else {
		h.Set("Content-Type", "application/json; charset=UTF-8")
	}
	h.Set("X-Gemini-Service-Tier", "standard")
	h.Set("Server-Timing", "gfet4t7; dur="+strconv.FormatInt(time.Since(c.req.Time).Milliseconds(), 10))
	var chunks [][]byte
	switch {
	case out.Fault == FaultEmpty:
	case out.Raw != nil:
		chunks = [][]byte{out.Raw}
	case c.req.Stream:
		chunks = c.events()
	default:
		chunks = [][]byte{c.unary()}
	}
	if out.Fault == FaultNone || out.Fault == FaultEmpty {
		w.WriteHeader(http.StatusOK)
		for _, chunk := range chunks {
			_, _ = w.Write(chunk)
			flush(w)
		}
		return
	}
	s.sendBroken(w, r, out.Fault, chunks)
}

func (s *Server) sendBroken(w http.ResponseWriter, r *http.Request, fault Fault, chunks [][]byte) {
	body := bytes.Join(chunks, nil)
	half := inPicture(body)
	switch fault {
	case FaultTruncate:
		_, _ = w.Write(half)
	case FaultCut:
		_, _ = w.Write(half)
		flush(w)
		panic(http.ErrAbortHandler)
	case FaultCutLate:
		_, _ = w.Write(afterPicture(body, chunks))
		flush(w)
		panic(http.ErrAbortHandler)
	case FaultStall:
		_, _ = w.Write(half)
		flush(w)
		s.silence(r)
	case FaultTrickle:
		const piece = 4
		for i := 0; i < 3*piece && len(body) > piece; i += piece {
			_, _ = w.Write(body[:piece])
			body = body[piece:]
			flush(w)
			select {
			case <-time.After(TricklePause):
			case <-r.Context().Done():
			}
		}
		_, _ = w.Write(body)
	case FaultError:
		if len(chunks) > 1 {
			_, _ = w.Write(chunks[0])
		}
		b, _ := json.Marshal(map[string]any{"error": &APIError{Code: 499, Message: "The operation was cancelled.", Status: "CANCELLED"}})
		_, _ = w.Write(append(b, "\r\n\r\n"...))
	}
}

// inPicture is an answer up to the middle of its last picture, or half of it
// when there is none.
func inPicture(body []byte) []byte {
	i := bytes.LastIndex(body, []byte(`"data":`))
	if i < 0 {
		return body[:len(body)/2]
	}
	start := i + bytes.IndexByte(body[i+len(`"data":`):], '"') + len(`"data":`) + 1
	return body[:start+bytes.IndexByte(body[start:], '"')/2]
}

// afterPicture is all of an answer but what follows the last picture: in a
// stream the last frame is missing, else the end of the JSON.
func afterPicture(body []byte, chunks [][]byte) []byte {
	if n := len(chunks); n > 1 {
		return body[:len(body)-len(chunks[n-1])]
	}
	if i := bytes.LastIndex(body, []byte(`"finishReason"`)); i > 0 {
		return body[:i]
	}
	return body
}

// silence lasts until the client or the server goes away.
func (s *Server) silence(r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-s.ctx.Done():
	}
	panic(http.ErrAbortHandler)
}

// reset closes the connection with RST instead of FIN.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = conn.Close()
	}
	panic(http.ErrAbortHandler)
}

func flush(w http.ResponseWriter) { _ = http.NewResponseController(w).Flush() }

// list answers with the models that live, in pages of the size asked for.
func (s *Server) list(w http.ResponseWriter, r *http.Request, vertex bool) {
	s.mu.Lock()
	s.lists++
	s.mu.Unlock()
	type model struct {
		Name             string   `json:"name"`
		Version          string   `json:"version,omitempty"`
		DisplayName      string   `json:"displayName,omitempty"`
		InputTokenLimit  int      `json:"inputTokenLimit,omitempty"`
		OutputTokenLimit int      `json:"outputTokenLimit,omitempty"`
		Methods          []string `json:"supportedGenerationMethods,omitempty"`
	}
	all := []model{{Name: "models/gemini-3.5-flash", Version: "001", DisplayName: "Gemini 3.5 Flash", Methods: []string{"generateContent"}}}
	for _, m := range s.catalog.Models {
		if m.Status != "gone" && !s.hidden(m.ID) {
			all = append(all, model{Name: "models/" + m.ID, Version: "001", DisplayName: m.ID, InputTokenLimit: 131072,
				OutputTokenLimit: 32768, Methods: []string{"generateContent", "countTokens"}})
		}
	}
	from, _ := strconv.Atoi(r.URL.Query().Get("pageToken"))
	size, _ := strconv.Atoi(r.URL.Query().Get("pageSize"))
	if size <= 0 {
		size = 50
	}
	from = min(max(from, 0), len(all))
	page := all[from:min(from+size, len(all))]
	answer := map[string]any{}
	if from+len(page) < len(all) {
		answer["nextPageToken"] = strconv.Itoa(from + len(page))
	}
	if vertex {
		for i := range page {
			page[i].Name = "publishers/google/" + page[i].Name
		}
		answer["publisherModels"] = page
	} else {
		answer["models"] = page
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	_, _ = w.Write(encode(answer, "  "))
}
