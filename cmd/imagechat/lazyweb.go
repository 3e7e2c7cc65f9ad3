package main

import (
	"log/slog"
	"net/http"
	"sync"
)

// lazyHandler makes a handler when the first request for it comes. The web
// app hashes all of its files, which a server that wakes up for an API call
// should not wait for.
func lazyHandler(make func() (http.Handler, error), log *slog.Logger) http.Handler {
	get := sync.OnceValues(make)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, err := get()
		if err != nil {
			log.ErrorContext(r.Context(), "the web app cannot be served", "error", err)
			http.Error(w, "the web app cannot be served", http.StatusInternalServerError)
			return
		}
		h.ServeHTTP(w, r)
	})
}
