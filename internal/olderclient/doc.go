// Package olderclient tests that a client written against the first,
// Python server of this API works unmodified: exactly its routes, fields and
// frames, over real HTTP and WebSockets, against the real program.
package olderclient
