package lift

import "encoding/json"

// node is a place in the documents of the Gemini API that the walker knows.
// Everything else is nodeOther and passes untouched, so that a function call's
// argument which happens to be named inlineData is never taken for a picture.
type node uint8

const (
	nodeOther node = iota
	nodeRoot
	nodeCandidates // response: candidates
	nodeCandidate  // response: candidates[]
	nodeContents   // request: contents
	nodeContent    // candidates[].content, contents[]
	nodeParts
	nodePart
	nodeInline
	nodeThought  // …parts[].thought, no string
	nodeFeedback // response: promptFeedback

	// The leaves below are strings the walker stops at.
	nodeData          // …parts[].inlineData.data
	nodeSignature     // …parts[].thoughtSignature
	nodeFinishMessage // candidates[].finishMessage
	nodeBlockMessage  // promptFeedback.blockReasonMessage
)

func (n node) lifted() bool { return n == nodeData || n == nodeSignature }
func (n node) noted() bool  { return n == nodeFinishMessage || n == nodeBlockMessage }

// child is the place of the value under key in an object at n.
func (n node) child(key string) node {
	switch {
	case n == nodeRoot && key == "candidates":
		return nodeCandidates
	case n == nodeRoot && key == "contents":
		return nodeContents
	case n == nodeRoot && key == "promptFeedback":
		return nodeFeedback
	case n == nodeFeedback && key == "blockReasonMessage":
		return nodeBlockMessage
	case n == nodeCandidate && key == "content":
		return nodeContent
	case n == nodeCandidate && key == "finishMessage":
		return nodeFinishMessage
	case n == nodeContent && key == "parts":
		return nodeParts
	case n == nodePart && key == "inlineData":
		return nodeInline
	case n == nodePart && key == "thought":
		return nodeThought
	case n == nodePart && key == "thoughtSignature":
		return nodeSignature
	case n == nodeInline && key == "data":
		return nodeData
	}
	return nodeOther
}

// element is the place of the values in an array at n. A root array is the
// stream format without alt=sse: one response an element.
func (n node) element() node {
	switch n {
	case nodeRoot:
		return nodeRoot
	case nodeCandidates:
		return nodeCandidate
	case nodeContents:
		return nodeContent
	case nodeParts:
		return nodePart
	}
	return nodeOther
}

// frame is one open object or array.
type frame struct {
	at      node
	object  bool
	wantKey bool // the next string of this object is a key
	next    node // the place of the value after the last key
	thought bool // thought: true was seen in this object
}

type state uint8

const (
	outside   state = iota // between documents: SSE framing, white space, HTML
	structure              // inside a document, between strings
	inKey
	inText  // a string that passes
	inNote  // a string that passes and is remembered
	inValue // a string whose content the caller takes over
)

const (
	maxKey  = 128     // longer keys are none of ours
	maxNote = 4 << 10 // bytes of a noted string; the rest is dropped from the note
	// maxDepth bounds the stack; encoding/json gives up at the same depth.
	maxDepth = 10_000
)

// walker follows JSON documents through a byte stream and stops at the strings
// of interest. It never judges: what is no JSON passes through it, and the
// decoder behind it says what is wrong.
type walker struct {
	state   state
	escaped bool // the last byte of a string was a backslash
	stack   []frame
	leaf    node
	buf     []byte // the raw key or note so far
	// watch makes advance stop at nodePart: at keys of the part that are no mark,
	// and at its end, where watch is false again and thought says what the part is.
	watch   bool
	thought bool
}

// advance consumes bytes of in. It returns how many, and, when it stopped
// early, where: at the first content byte of a lifted leaf (the caller consumes
// the content up to the closing quote, then calls advance again with the quote
// first), just after a noted leaf's closing quote, when w.note holds it, or where
// watch says.
func (w *walker) advance(in []byte) (int, node) {
	for i, c := range in {
		switch w.state {
		case outside:
			if c == '{' || c == '[' {
				w.push(c == '{')
			}
		case structure:
			if leaf := w.token(c); leaf.lifted() || leaf == nodePart {
				return i + 1, leaf
			}
		default:
			if leaf := w.text(c); leaf != nodeOther {
				return i + 1, leaf
			}
		}
	}
	return len(in), nodeOther
}

// token handles a byte between strings.
func (w *walker) token(c byte) node {
	top := &w.stack[len(w.stack)-1]
	switch c {
	case '{', '[':
		w.push(c == '{')
	case '}', ']':
		known := w.ended(top)
		w.stack = w.stack[:len(w.stack)-1]
		if len(w.stack) == 0 {
			w.state = outside
		}
		return known
	case ',':
		top.wantKey = top.object
	case '"':
		return w.open(top)
	case 't':
		top.thought = top.thought || top.next == nodeThought
	}
	return nodeOther
}

// ended ends the watch at the end of f, if it is the part that is watched.
func (w *walker) ended(f *frame) node {
	if !w.watch || f.at != nodePart {
		return nodeOther
	}
	w.watch, w.thought = false, f.thought
	return nodePart
}

// open starts a string and says what it is.
func (w *walker) open(top *frame) node {
	w.buf = w.buf[:0]
	if top.wantKey {
		w.state, top.wantKey = inKey, false
		return nodeOther
	}
	w.leaf = nodeOther
	if top.object {
		w.leaf = top.next
	}
	switch {
	case w.leaf.lifted():
		w.state = inValue
	case w.leaf.noted():
		w.state = inNote
	default:
		w.state = inText
	}
	return w.leaf
}

// text handles a byte inside a string; it returns the leaf when a note ended,
// and nodePart at a key of the part that is watched.
func (w *walker) text(c byte) node {
	if c == '"' && !w.escaped {
		return w.close()
	}
	w.escaped = c == '\\' && !w.escaped
	if limit := w.limit(); len(w.buf) < limit {
		w.buf = append(w.buf, c)
	}
	return nodeOther
}

// limit is how much of the current string is remembered.
func (w *walker) limit() int {
	switch w.state {
	case inKey:
		return maxKey
	case inNote:
		return maxNote
	}
	return 0
}

func (w *walker) close() node {
	was := w.state
	w.state = structure
	switch was {
	case inKey:
		top := &w.stack[len(w.stack)-1]
		top.next = top.at.child(w.note())
		if w.watch && top.at == nodePart && top.next != nodeThought {
			return nodePart
		}
	case inNote:
		return w.leaf
	}
	return nodeOther
}

func (w *walker) push(object bool) {
	at := nodeRoot
	if len(w.stack) > 0 {
		top := &w.stack[len(w.stack)-1]
		if top.object {
			at = top.next
		} else {
			at = top.at.element()
		}
	}
	w.state = structure
	if len(w.stack) == maxDepth {
		// No decoder follows this deep; forget the document and wait for the next.
		w.stack, w.state = w.stack[:0], outside
		return
	}
	w.stack = append(w.stack, frame{at: at, object: object, wantKey: object})
}

// note is the remembered string, unescaped. A note cut at its limit loses a
// torn escape or character at its end.
func (w *walker) note() string {
	raw := w.buf
	for cut := 0; cut <= min(12, len(raw)); cut++ {
		var s string
		quoted := append(append([]byte{'"'}, raw[:len(raw)-cut]...), '"')
		if json.Unmarshal(quoted, &s) == nil {
			return s
		}
	}
	return ""
}
