// Package editstory tests a conversation with Gemini on the real program, over
// REST and over the socket, on the Gemini API and on Vertex AI: edits follow
// edits across a kill, while the other side refuses every turn whose thought
// signatures are not what it gave out.
package editstory
