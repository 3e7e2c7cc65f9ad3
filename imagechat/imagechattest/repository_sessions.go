package imagechattest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

var sessionTests = map[string]func(t *testing.T, r imagechat.Repository){
	"a session comes back as it was stored":             testSessionRoundTrip,
	"an update keeps what is not a client's to change":  testSessionUpdate,
	"a session that is not there is not found":          testSessionMissing,
	"a session id is given once":                        testSessionTwice,
	"any text comes back":                               testSessionText,
	"pages follow one another without gap or repeat":    testSessionPaging,
	"pages of equal times go by id":                     testSessionEqualTimes,
	"pages by what was touched last go by that alone":   testSessionsUpdated,
	"owners and statuses are told apart, and counted":   testSessionFilter,
	"deleting a session takes all but its attempts":     testSessionDelete,
	"what another session refers to outlives its own":   testSessionDeleteShared,
	"sessions that were deleted can be made once again": testSessionAgain,
}

func testSessionRoundTrip(t *testing.T, r imagechat.Repository) {
	var full imagechat.Session
	fill(&full, 1)
	must(t, r.CreateSession(t.Context(), &full))
	back := got(r.GetSession(t.Context(), full.ID))(t)
	diff(t, "all fields set", &full, back)
	if back.CreatedAt != stored(full.CreatedAt) {
		t.Errorf("CreatedAt: got %v, want %v", back.CreatedAt, stored(full.CreatedAt))
	}
	empty := imagechat.Session{ID: "empty"}
	must(t, r.CreateSession(t.Context(), &empty))
	back = got(r.GetSession(t.Context(), "empty"))(t)
	diff(t, "no field set", &empty, back)
	if !back.CreatedAt.IsZero() {
		t.Errorf("a zero time came back as %v", back.CreatedAt)
	}
}

func testSessionUpdate(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	var before, after imagechat.Session
	fill(&before, 1)
	fill(&after, 1000)
	must(t, r.CreateSession(ctx, &before))
	after.ID = before.ID
	must(t, r.UpdateSession(ctx, &after))
	want := after
	want.Owner, want.CreatedAt, want.LastSeq, want.FirstSeq = before.Owner, before.CreatedAt, before.LastSeq, before.FirstSeq
	diff(t, "after the update", &want, got(r.GetSession(ctx, before.ID))(t))
}

func testSessionMissing(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	_, err := r.GetSession(ctx, "none")
	wantCode(t, "GetSession", err, imagechat.NotFound)
	wantCode(t, "UpdateSession", r.UpdateSession(ctx, &imagechat.Session{ID: "none", Title: "x"}), imagechat.NotFound)
	wantCode(t, "DeleteSession", r.DeleteSession(ctx, "none"), imagechat.NotFound)
	wantCode(t, "CreateMessage", r.CreateMessage(ctx, &imagechat.Message{ID: "m", SessionID: "none"}), imagechat.NotFound)
	wantCode(t, "CreateImage", r.CreateImage(ctx, &imagechat.Image{ID: "i", SessionID: "none"}), imagechat.NotFound)
	wantCode(t, "CreateTurn", r.CreateTurn(ctx, &imagechat.Turn{ID: "t", SessionID: "none"}), imagechat.NotFound)
	wantCode(t, "AppendEvent", r.AppendEvent(ctx, &imagechat.Event{SessionID: "none"}), imagechat.NotFound)
	wantCode(t, "PruneEvents", r.PruneEvents(ctx, "none", 5), imagechat.NotFound)
	n := len(got(r.ListMessages(ctx, "none", "", 5))(t)) + len(got(r.ListEvents(ctx, "none", 0, 5))(t)) +
		len(got(r.ListTurns(ctx, "none"))(t)) + len(got(r.SessionBlobs(ctx, "none"))(t))
	if n != 0 {
		t.Errorf("lists of a session that is not there have %d rows", n)
	}
}

func testSessionTwice(t *testing.T, r imagechat.Repository) {
	newSession(t, r, "s")
	wantCode(t, "CreateSession", r.CreateSession(t.Context(), &imagechat.Session{ID: "s", Title: "second"}), imagechat.Conflict)
	wantString(t, "the title", got(r.GetSession(t.Context(), "s"))(t).Title, "session s")
	if n := got(r.CountSessions(t.Context(), imagechat.SessionFilter{}))(t); n != 1 {
		t.Errorf("CountSessions: got %d, want 1", n)
	}
}

func testSessionText(t *testing.T, r imagechat.Repository) {
	for i, text := range []string{
		"", "따뜻한 조명", "\u110c\u1169\u1106\u1167\u11bc", "👩‍👩‍👧‍👦🏖️", "a\x00b", "\x00", "it's \"quoted\" \\ ?, ?1, :x, $x, %s, {}",
		"줄\n바꿈\r\n\t", "\u202eright to left\u2069", strings.Repeat("가", 5000), "\U0010ffff",
	} {
		id := imagechat.SessionID(fmt.Sprint(i))
		newSession(t, r, id, func(s *imagechat.Session) { s.Title = text })
		wantString(t, "the title", got(r.GetSession(t.Context(), id))(t).Title, text)
	}
	broken := "not \xff\xfe UTF-8 \xed\xa0\x80"
	newSession(t, r, "broken", func(s *imagechat.Session) { s.Title = broken })
	back := got(r.GetSession(t.Context(), "broken"))(t).Title
	if back != broken && strings.ReplaceAll(back, "\ufffd", "") != strings.ToValidUTF8(broken, "") {
		t.Errorf("text that is not UTF-8 came back as %q", back)
	}
}

func testSessionPaging(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	want := ""
	for i := range 25 {
		newSession(t, r, imagechat.SessionID(number(i)), func(s *imagechat.Session) { s.CreatedAt = at(i) })
		want = number(i) + " " + want
	}
	want = strings.TrimSpace(want)
	var byCursor, byOffset []*imagechat.Session
	var before imagechat.Position
	for {
		page := got(r.ListSessions(ctx, imagechat.SessionFilter{Limit: 7, Before: before}))(t)
		byCursor = append(byCursor, page...)
		if len(page) < 7 {
			break
		}
		last := page[len(page)-1]
		before = imagechat.Position{Time: last.CreatedAt, ID: string(last.ID)}
	}
	wantString(t, "by cursor", sessionIDs(byCursor), want)
	for offset := 0; offset < 28; offset += 7 {
		byOffset = append(byOffset, got(r.ListSessions(ctx, imagechat.SessionFilter{Limit: 7, Offset: offset}))(t)...)
	}
	wantString(t, "by offset", sessionIDs(byOffset), want)
	wantString(t, "without a limit", sessionIDs(got(r.ListSessions(ctx, imagechat.SessionFilter{}))(t)), want)
}

func testSessionsUpdated(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	for i := range 9 { // touched in another order than made, some at the same time
		newSession(t, r, imagechat.SessionID(number(i)), func(s *imagechat.Session) { s.CreatedAt, s.UpdatedAt = at(i), at(20-i/2) })
	}
	var all []*imagechat.Session
	f := imagechat.SessionFilter{Order: imagechat.SessionsUpdated, Limit: 4}
	for range 3 {
		all = append(all, got(r.ListSessions(ctx, f))(t)...)
		last := all[len(all)-1]
		f.Before = imagechat.Position{Time: last.UpdatedAt, ID: string(last.ID)}
	}
	wantString(t, "pages of four", sessionIDs(all), "001 000 003 002 005 004 007 006 008")
	f = imagechat.SessionFilter{Order: imagechat.SessionsUpdated, Status: imagechat.SessionActive, Search: []string{"session"}, Limit: 2}
	wantString(t, "found by words", sessionIDs(got(r.ListSessions(ctx, f))(t)), "001 000")
}

func testSessionEqualTimes(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	for i := range 9 {
		newSession(t, r, imagechat.SessionID(number(i)), func(s *imagechat.Session) { s.CreatedAt = at(i / 4) })
	}
	var all []*imagechat.Session
	var before imagechat.Position
	for range 5 {
		// The time of the position may have been kept more exactly than the rows'.
		page := got(r.ListSessions(ctx, imagechat.SessionFilter{Limit: 2, Before: before}))(t)
		all = append(all, page...)
		last := all[len(all)-1]
		before = imagechat.Position{Time: last.CreatedAt.In(at(0).Location()), ID: string(last.ID)}
	}
	wantString(t, "pages of two", sessionIDs(all), "008 007 006 005 004 003 002 001 000")
}

func testSessionFilter(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	add := func(id string, owner imagechat.Owner, status imagechat.SessionStatus) {
		newSession(t, r, imagechat.SessionID(id), func(s *imagechat.Session) { s.Owner, s.Status = owner, status })
	}
	add("1", "", imagechat.SessionActive)
	add("2", "", imagechat.SessionArchived)
	add("3", "ann", imagechat.SessionActive)
	add("4", "ann", imagechat.SessionActive)
	add("5", "Ann", imagechat.SessionCompleted)
	add("6", "ann\x00", imagechat.SessionCompleted)
	check := func(want string, f imagechat.SessionFilter) {
		t.Helper()
		what := fmt.Sprintf("owner %q, status %q", f.Owner, f.Status)
		wantString(t, what, sessionIDs(got(r.ListSessions(ctx, f))(t)), want)
		if n := got(r.CountSessions(ctx, f))(t); n != len(strings.Fields(want)) {
			t.Errorf("%s: counted %d, want %d", what, n, len(strings.Fields(want)))
		}
	}
	check("2 1", imagechat.SessionFilter{})
	check("1", imagechat.SessionFilter{Status: imagechat.SessionActive})
	check("4 3", imagechat.SessionFilter{Owner: "ann"})
	check("", imagechat.SessionFilter{Owner: "ann", Status: imagechat.SessionArchived})
	check("5", imagechat.SessionFilter{Owner: "Ann"})
	check("6", imagechat.SessionFilter{Owner: "ann\x00"})
	check("", imagechat.SessionFilter{Owner: "nobody"})

	s := got(r.GetSession(ctx, "3"))(t)
	s.Status = imagechat.SessionArchived
	must(t, r.UpdateSession(ctx, s))
	must(t, r.DeleteSession(ctx, "4"))
	check("3", imagechat.SessionFilter{Owner: "ann", Status: imagechat.SessionArchived})
	check("", imagechat.SessionFilter{Owner: "ann", Status: imagechat.SessionActive})
	check("3", imagechat.SessionFilter{Owner: "ann"})
	// Paging is left aside when counting.
	f := imagechat.SessionFilter{Limit: 1, Offset: 1, Before: imagechat.Position{Time: at(-5), ID: "x"}}
	if n := got(r.CountSessions(ctx, f))(t); n != 2 {
		t.Errorf("CountSessions with paging: got %d, want 2", n)
	}
}

func testSessionDelete(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	must(t, writeEverything(ctx, r))
	must(t, r.CreateAttempt(ctx, &imagechat.Attempt{ID: "a2", TurnID: "t", SessionID: "s", Index: 1, State: imagechat.AttemptStored, Booked: 7, BookedAt: at(0)}))
	must(t, r.DeleteBrand(ctx, "b")) // not a session's
	must(t, r.DeleteSession(ctx, "s"))
	if n := len(got(r.ListAttempts(ctx, "t"))(t)); n != 2 {
		t.Errorf("%d attempts are left, want 2", n)
	}
	if usd, _, err := r.Booked(ctx, "s", at(-1)); usd != 12 || err != nil {
		t.Errorf("Booked: got %d, %v, want 12", usd, err)
	}
	if a := got(r.GetAttempt(ctx, "a"))(t); a.SessionID != "s" {
		t.Errorf("the attempt lost its session: %+v", a)
	}
	for _, list := range []int{
		len(got(r.ListMessages(ctx, "s", "", 9))(t)), len(got(r.ListTurns(ctx, ""))(t)),
		len(got(r.ListImages(ctx, imagechat.ImageFilter{}))(t)), len(got(r.SessionBlobs(ctx, "s"))(t)),
		len(got(r.ListImages(ctx, imagechat.ImageFilter{Search: []string{"words"}}))(t)),
	} {
		if list != 0 {
			t.Errorf("a list still has %d rows", list)
		}
	}
	for _, err := range []error{
		errOf(r.GetMessage(ctx, "m")), errOf(r.GetTurn(ctx, "t")), errOf(r.FindTurn(ctx, "s", "k")),
		errOf(r.GetVariant(ctx, KeyOf([]byte("everything")), "w=1")),
	} {
		wantCode(t, "lookup after the deletion", err, imagechat.NotFound)
	}
}

func errOf[T any](_ T, err error) error { return err }

func testSessionDeleteShared(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	for _, id := range []imagechat.SessionID{"s1", "s2", "s3"} {
		newSession(t, r, id)
	}
	refer := func(session imagechat.SessionID, message imagechat.MessageID, images ...imagechat.ImageID) {
		must(t, r.CreateMessage(ctx, &imagechat.Message{ID: message, SessionID: session, ReferenceIDs: images}))
	}
	for _, id := range []imagechat.ImageID{"logo", "own"} {
		must(t, r.CreateImage(ctx, &imagechat.Image{ID: id, SessionID: "s1", MessageID: "m0", Role: imagechat.ImageReference, Blob: KeyOf([]byte(id))}))
	}
	must(t, r.PutVariant(ctx, &imagechat.Variant{Source: KeyOf([]byte("logo")), Name: "w=1", Blob: KeyOf([]byte("small"))}))
	refer("s1", "m0", "logo", "own", "logo")
	refer("s3", "m2", "logo")
	refer("s2", "m1", "logo")

	for _, step := range []struct{ gone, home imagechat.SessionID }{{"s1", "s2"}, {"s2", "s3"}} {
		must(t, r.DeleteSession(ctx, step.gone))
		if left := got(r.GetImages(ctx, "logo", "own"))(t); imageIDs(left) != "logo" || left[0].SessionID != step.home || left[0].MessageID != "" {
			t.Errorf("%s is gone: got %+v, want the logo alone, in %s and without a message", step.gone, left, step.home)
		}
		if blobs := got(r.SessionBlobs(ctx, step.home))(t); len(blobs) != 2 {
			t.Errorf("%s is gone: %s holds %d blobs, want the logo and its variant", step.gone, step.home, len(blobs))
		}
	}
	must(t, r.DeleteSession(ctx, "s3"))
	if left := got(r.GetImages(ctx, "logo"))(t); len(left) != 0 {
		t.Errorf("nothing refers to %+v any more", left)
	}
}

func testSessionAgain(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	must(t, writeEverything(ctx, r))
	must(t, r.DeleteSession(ctx, "s"))
	newSession(t, r, "s")
	if n := got(r.CountSessions(ctx, imagechat.SessionFilter{}))(t); n != 1 {
		t.Errorf("CountSessions: got %d, want 1", n)
	}
	e := &imagechat.Event{SessionID: "s", Type: imagechat.EventSession}
	must(t, r.AppendEvent(ctx, e))
	if events := got(r.ListEvents(ctx, "s", 0, 9))(t); e.Seq != 1 || len(events) != 1 {
		t.Errorf("the first event has the number %d, and %d are listed; want 1 and 1", e.Seq, len(events))
	}
	must(t, r.CreateTurn(ctx, &imagechat.Turn{ID: "t", SessionID: "s", IdempotencyKey: "k"}))
	must(t, r.CreateMessage(ctx, &imagechat.Message{ID: "m", SessionID: "s", Text: "other"}))
	if n := got(r.CountSessions(ctx, imagechat.SessionFilter{Search: []string{"words"}}))(t); n != 0 {
		t.Errorf("the deleted session's words still find %d", n)
	}
}
