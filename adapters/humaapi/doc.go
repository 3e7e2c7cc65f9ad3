// Package humaapi is the REST side of the service: huma operations over the
// standard library's mux, server-sent events, image bytes, logins and limits.
// It translates between HTTP and imagechat.Service and decides nothing about
// conversations.
//
// The OpenAPI document is made from the Go types here; see Spec.
package humaapi
