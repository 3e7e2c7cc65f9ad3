package imagechattest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// TestRepository checks that a repository keeps the contract of
// imagechat.Repository, and of Locker and Identified where it implements them.
func TestRepository(t *testing.T, open func(t *testing.T) imagechat.Repository) {
	t.Helper()
	for _, group := range []map[string]func(t *testing.T, r imagechat.Repository){
		transactionTests, sessionTests, searchTests, messageTests, imageTests, blobTests, turnTests, attemptTests,
		usageTests, eventTests, brandTests, abilityTests,
	} {
		for name, f := range group {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				f(t, open(t))
			})
		}
	}
}

var abilityTests = map[string]func(t *testing.T, r imagechat.Repository){
	"one holds it at a time": testLock[imagechat.Repository],
	"a mark is kept":         testIdentity[imagechat.Repository],
}

// must fails the test at once.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// got fails the test at once, or returns the value.
func got[T any](x T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		must(t, err)
		return x
	}
}

// newSession stores a plain session.
func newSession(t *testing.T, r imagechat.Repository, id imagechat.SessionID, change ...func(s *imagechat.Session)) *imagechat.Session {
	t.Helper()
	s := &imagechat.Session{
		ID: id, Title: "session " + string(id), ImagePurpose: "blog_header", Status: imagechat.SessionActive,
		FirstSeq: 1, CreatedAt: stored(at(0)), UpdatedAt: stored(at(0)),
	}
	for _, c := range change {
		c(s)
	}
	must(t, r.CreateSession(t.Context(), s))
	return s
}

var transactionTests = map[string]func(t *testing.T, r imagechat.Repository){
	"a transaction is seen whole from without and at once from within":  testAtomicVisible,
	"a failed transaction leaves nothing and its error is untouched":    testAtomicRollback,
	"a panic in a transaction leaves nothing":                           testAtomicPanic,
	"a refused write does not end its transaction":                      testAtomicGoesOn,
	"transactions do not nest":                                          testAtomicNest,
	"a context that ends takes its transaction back":                    testAtomicContext,
	"whenever a context ends, success is kept and failure left nothing": testAtomicAnyMoment,
	"transactions are serial":                                           testAtomicSerial,
	"what is handed in and out is a copy":                               testCopies,
	"numbers of a free object stay as they are":                         testNumbers,
}

func testAtomicVisible(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	must(t, r.Atomically(ctx, func(tx imagechat.Repository) error {
		newSession(t, tx, "s")
		if err := tx.AppendEvent(ctx, &imagechat.Event{SessionID: "s", Type: imagechat.EventSession}); err != nil {
			return err
		}
		s, err := tx.GetSession(ctx, "s")
		if err != nil {
			return err
		}
		if s.LastSeq != 1 {
			t.Errorf("within: got LastSeq %d, want 1", s.LastSeq)
		}
		list, err := tx.ListSessions(ctx, imagechat.SessionFilter{Limit: 5})
		if err != nil || len(list) != 1 {
			t.Errorf("within: got %d sessions, %v, want 1", len(list), err)
		}
		n, err := tx.CountSessions(ctx, imagechat.SessionFilter{Search: imagechat.SearchKeys("session")})
		if err != nil || n != 1 {
			t.Errorf("within: search counts %d sessions, %v, want 1", n, err)
		}
		return nil
	}))
	if s := got(r.GetSession(ctx, "s"))(t); s.LastSeq != 1 {
		t.Errorf("without: got LastSeq %d, want 1", s.LastSeq)
	}
}

// writeEverything makes one row of each sort.
func writeEverything(ctx context.Context, r imagechat.Repository) error {
	blob := KeyOf([]byte("everything"))
	return errors.Join(
		r.CreateSession(ctx, &imagechat.Session{ID: "s", Status: imagechat.SessionActive, FirstSeq: 1}),
		r.CreateMessage(ctx, &imagechat.Message{ID: "m", SessionID: "s", Text: "words", Parts: []imagechat.Part{{Blob: blob}}}),
		r.CreateImage(ctx, &imagechat.Image{ID: "i", SessionID: "s", Blob: blob, PromptUsed: "words"}),
		r.PutVariant(ctx, &imagechat.Variant{Source: blob, Name: "w=1", Blob: blob}),
		r.CreateTurn(ctx, &imagechat.Turn{ID: "t", SessionID: "s", Status: imagechat.TurnQueued, IdempotencyKey: "k"}),
		r.CreateAttempt(ctx, &imagechat.Attempt{ID: "a", TurnID: "t", SessionID: "s", State: imagechat.AttemptReserved, Booked: 5, BookedAt: at(0)}),
		r.AppendEvent(ctx, &imagechat.Event{SessionID: "s", Type: imagechat.EventSession}),
		r.CreateBrand(ctx, &imagechat.Brand{ID: "b", Name: "brand"}),
	)
}

// wantNothing checks that no row of writeEverything is there.
func wantNothing(t *testing.T, r imagechat.Repository) {
	t.Helper()
	ctx := t.Context()
	_, err := r.GetSession(ctx, "s")
	wantCode(t, "GetSession", err, imagechat.NotFound)
	_, err = r.GetMessage(ctx, "m")
	wantCode(t, "GetMessage", err, imagechat.NotFound)
	_, err = r.GetTurn(ctx, "t")
	wantCode(t, "GetTurn", err, imagechat.NotFound)
	_, err = r.FindTurn(ctx, "s", "k")
	wantCode(t, "FindTurn", err, imagechat.NotFound)
	_, err = r.GetAttempt(ctx, "a")
	wantCode(t, "GetAttempt", err, imagechat.NotFound)
	_, err = r.GetBrand(ctx, "b")
	wantCode(t, "GetBrand", err, imagechat.NotFound)
	blob := KeyOf([]byte("everything"))
	_, err = r.GetVariant(ctx, blob, "w=1")
	wantCode(t, "GetVariant", err, imagechat.NotFound)
	if x := got(r.GetImages(ctx, "i"))(t); len(x) != 0 {
		t.Errorf("GetImages: got %d", len(x))
	}
	if x := got(r.ReferencedBlobs(ctx, []imagechat.BlobKey{blob}))(t); len(x) != 0 {
		t.Errorf("ReferencedBlobs: got %v", x)
	}
	if x := got(r.ListEvents(ctx, "s", 0, 10))(t); len(x) != 0 {
		t.Errorf("ListEvents: got %d", len(x))
	}
	if x := got(r.CountSessions(ctx, imagechat.SessionFilter{}))(t); x != 0 {
		t.Errorf("CountSessions: got %d", x)
	}
	if x := got(r.CountSessions(ctx, imagechat.SessionFilter{Search: []string{"words"}}))(t); x != 0 {
		t.Errorf("CountSessions by search: got %d", x)
	}
}

func testAtomicRollback(t *testing.T, r imagechat.Repository) {
	cause := errors.New("the caller thought better of it")
	err := r.Atomically(t.Context(), func(tx imagechat.Repository) error {
		if err := writeEverything(t.Context(), tx); err != nil {
			t.Errorf("write: %v", err)
		}
		return cause
	})
	if err != cause { //nolint:errorlint // the very same is promised
		t.Errorf("got error %v, want the function's own", err)
	}
	wantNothing(t, r)
	must(t, writeEverything(t.Context(), r)) // nothing stands in the way
}

func testAtomicPanic(t *testing.T, r imagechat.Repository) {
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_ = r.Atomically(t.Context(), func(tx imagechat.Repository) error {
			if err := writeEverything(t.Context(), tx); err != nil {
				t.Errorf("write: %v", err)
			}
			panic("a bug")
		})
	}()
	wantNothing(t, r)
	must(t, writeEverything(t.Context(), r))
}

func testAtomicGoesOn(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	must(t, r.Atomically(ctx, func(tx imagechat.Repository) error {
		newSession(t, tx, "s")
		wantCode(t, "CreateSession again", tx.CreateSession(ctx, &imagechat.Session{ID: "s"}), imagechat.Conflict)
		wantCode(t, "CreateMessage in the air", tx.CreateMessage(ctx, &imagechat.Message{ID: "m", SessionID: "none"}), imagechat.NotFound)
		_, err := tx.GetTurn(ctx, "t")
		wantCode(t, "GetTurn", err, imagechat.NotFound)
		newSession(t, tx, "s2")
		return nil
	}))
	for _, id := range []imagechat.SessionID{"s", "s2"} {
		if _, err := r.GetSession(ctx, id); err != nil {
			t.Errorf("session %s: %v", id, err)
		}
	}
}

func testAtomicNest(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	must(t, r.Atomically(ctx, func(tx imagechat.Repository) error {
		if err := tx.Atomically(ctx, func(imagechat.Repository) error { return nil }); err == nil {
			t.Error("got no error")
		}
		return nil
	}))
}

func testAtomicContext(t *testing.T, r imagechat.Repository) {
	ctx, cancel := context.WithCancel(t.Context())
	err := r.Atomically(ctx, func(tx imagechat.Repository) error {
		if err := writeEverything(ctx, tx); err != nil {
			t.Errorf("write: %v", err)
		}
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want context.Canceled", err)
	}
	wantNothing(t, r)
}

func testAtomicAnyMoment(t *testing.T, r imagechat.Repository) {
	newSession(t, r, "s")
	var wg sync.WaitGroup
	kept := make([]bool, 60)
	for i := range kept {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*100*time.Microsecond)
			defer cancel()
			id := number(i)
			kept[i] = r.Atomically(ctx, func(tx imagechat.Repository) error {
				if err := tx.CreateMessage(ctx, &imagechat.Message{ID: imagechat.MessageID(id), SessionID: "s", Text: "words"}); err != nil {
					return err
				}
				return tx.CreateTurn(ctx, &imagechat.Turn{ID: imagechat.TurnID(id), SessionID: "s"})
			}) == nil
		})
	}
	wg.Wait()
	for i := range kept {
		_, errM := r.GetMessage(t.Context(), imagechat.MessageID(number(i)))
		_, errT := r.GetTurn(t.Context(), imagechat.TurnID(number(i)))
		if (errM == nil) != kept[i] || (errT == nil) != kept[i] {
			t.Errorf("transaction %d succeeded: %v; its message: %v, its turn: %v", i, kept[i], errM, errT)
		}
	}
	addMessage(t, r, "s", "after", "the repository is well")
}

func testAtomicSerial(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	newSession(t, r, "s")
	const n = 50
	var wg sync.WaitGroup
	var failed atomic.Int64
	for range n {
		wg.Go(func() {
			err := r.Atomically(ctx, func(tx imagechat.Repository) error {
				s, err := tx.GetSession(ctx, "s")
				if err != nil {
					return err
				}
				s.MessagesCount++
				return tx.UpdateSession(ctx, s)
			})
			if err != nil {
				failed.Add(1)
				t.Errorf("Atomically: %v", err)
			}
		})
	}
	wg.Wait()
	if s := got(r.GetSession(ctx, "s"))(t); s.MessagesCount != n-int(failed.Load()) {
		t.Errorf("%d increments made %d", n, s.MessagesCount)
	}
}

// testNumbers: a free object's numbers come back as they were written, in a
// session and in its events.
func testNumbers(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	const text = `{"digits":12345678901234567890,"places":512.0,"power":1e400}`
	guidelines := map[string]any{"digits": json.Number("12345678901234567890"), "places": json.Number("512.0"), "power": json.Number("1e400")}
	s := newSession(t, r, "s", func(s *imagechat.Session) { s.BrandGuidelines = guidelines })
	e := &imagechat.Event{SessionID: "s", Type: imagechat.EventSession, Session: s}
	if err := r.AppendEvent(ctx, e); err != nil {
		t.Fatal(err)
	}
	events := got(r.ListEvents(ctx, "s", 0, 10))(t)
	for name, back := range map[string]*imagechat.Session{"session": got(r.GetSession(ctx, "s"))(t), "event": events[0].Session} {
		if b, err := json.Marshal(back.BrandGuidelines); err != nil || string(b) != text {
			t.Errorf("%s: got guidelines %s (%v), want %s", name, b, err, text)
		}
	}
}

func testCopies(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	s := newSession(t, r, "s", func(s *imagechat.Session) {
		s.BrandGuidelines = map[string]any{"colors": []any{"red"}}
	})
	s.BrandGuidelines["colors"].([]any)[0] = "changed"
	first := got(r.GetSession(ctx, "s"))(t)
	first.BrandGuidelines["colors"].([]any)[0] = "changed"
	second := got(r.GetSession(ctx, "s"))(t)
	if c := second.BrandGuidelines["colors"].([]any)[0]; c != "red" {
		t.Errorf("guidelines: got %v, want red", c)
	}

	e := &imagechat.Event{SessionID: "s", Type: imagechat.EventMessage, Message: &imagechat.Message{Text: "said"}}
	must(t, r.AppendEvent(ctx, e))
	e.Message.Text = "changed"
	got(r.ListEvents(ctx, "s", 0, 1))(t)[0].Message.Text = "changed"
	if x := got(r.ListEvents(ctx, "s", 0, 1))(t)[0].Message.Text; x != "said" {
		t.Errorf("event: got %q, want %q", x, "said")
	}
}

// ids returns the ids of a list, for comparison.
func ids[T any](rows []T, id func(T) string) string {
	s := ""
	for i, r := range rows {
		if i > 0 {
			s += " "
		}
		s += id(r)
	}
	return s
}

func sessionIDs(rows []*imagechat.Session) string {
	return ids(rows, func(s *imagechat.Session) string { return string(s.ID) })
}

func wantString(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func number(i int) string { return fmt.Sprintf("%03d", i) }
