package geminitest

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
)

// Stats are the counters of a stand-in.
type Stats struct {
	Calls     int            `json:"calls"`
	Lists     int            `json:"lists"`
	ByPrompt  map[string]int `json:"by_prompt"`
	ByOutcome map[string]int `json:"by_outcome"`
}

// Stats counts the calls so far.
func (s *Server) Stats() Stats {
	st := Stats{ByPrompt: map[string]int{}, ByOutcome: map[string]int{}, Lists: s.Lists()}
	for _, r := range s.Requests() {
		st.Calls++
		st.ByPrompt[r.Prompt]++
		st.ByOutcome[r.Outcome]++
	}
	return st
}

// control answers the endpoints by which another process steers the stand-in:
//
//	GET  /_control/stats      counters
//	GET  /_control/requests   every call
//	POST /_control/script     ["429", "[[finish NO_IMAGE]]", …] for the next calls
//	POST /_control/release    lets held calls go
//	POST /_control/reset      forgets calls, counters and script
func (s *Server) control(w http.ResponseWriter, r *http.Request, what string) {
	var answer any = map[string]bool{"ok": true}
	switch r.Method + " " + what {
	case "GET stats":
		answer = s.Stats()
	case "GET requests":
		answer = s.Requests()
	case "POST release":
		s.Release()
	case "POST reset":
		s.Reset()
	case "POST script":
		if err := s.scriptFrom(r.Body); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	default:
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(encode(answer, "  "))
}

func (s *Server) scriptFrom(body io.Reader) error {
	var names []string
	if err := json.NewDecoder(body).Decode(&names); err != nil {
		return err
	}
	outcomes := make([]Outcome, len(names))
	for i, name := range names {
		if !directive.MatchString(name) {
			name = "[[" + name + "]]"
		}
		var err error
		if outcomes[i], err = Scripted(name, 0); err != nil {
			return err
		}
	}
	s.Script(outcomes...)
	return nil
}

// Main runs a stand-in as a process until ctx ends. Its first line on stdout
// is the base URL.
func Main(ctx context.Context, args []string, stdout io.Writer) error {
	var o Options
	fs := flag.NewFlagSet("gemini-standin", flag.ContinueOnError)
	fs.StringVar(&o.Addr, "addr", "127.0.0.1:0", "address to listen on")
	fs.StringVar(&o.Key, "key", "", "the API key to demand; any when empty")
	fs.DurationVar(&o.Latency, "latency", 0, "time before every answer")
	fs.IntVar(&o.MaxSide, "max-side", 0, "halve pictures until no side is longer; 0 draws true sizes")
	fs.IntVar(&o.SignatureBytes, "signature-bytes", 0, "size of a picture's thought signature; 0 means 32 KiB")
	fs.BoolVar(&o.AnyModel, "any-model", false, "answer for unknown models, too")
	name := fs.String("default", "", "what becomes of calls without a directive, such as \"[[slow 2s]]\"")
	if err := fs.Parse(args); err != nil {
		return err
	}
	def, err := Scripted(*name, 0)
	if err != nil {
		return err
	}
	o.Default = def
	s, err := New(&o)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(stdout, s.URL); err != nil {
		return err
	}
	<-ctx.Done()
	s.Close()
	return nil
}
