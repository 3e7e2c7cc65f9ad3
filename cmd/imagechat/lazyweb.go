package main

import (
	"log/slog"
	"net/http"
	"sync"
)

// lazyHandler makes a handler when the first request for it comes. The web
// app hashes all of its files, and the agents' tools make schemas of their
// types, which a server that wakes up for an API call should not wait for.
func lazyHandler(name string, make func() (http.Handler, error), log *slog.Logger) http.Handler {
	get := sync.OnceValues(make)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, err := get()
		if err != nil {
			log.ErrorContext(r.Context(), name+" cannot be served", "error", err)
			http.Error(w, name+" cannot be served", http.StatusInternalServerError)
			return
		}
		h.ServeHTTP(w, r)
	})
}
