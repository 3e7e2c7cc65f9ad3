package imagechattest

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

var usageTests = map[string]func(t *testing.T, r imagechat.Repository){
	"what is booked is summed by session and time": testBooked,
	"reservations under a cap never pass it":       testBookedRace,
	"usage is summed by day and session":           testSumUsage,
	"recent durations are those of drawn pictures": testRecentDurations,
}

func book(t *testing.T, r imagechat.Repository, id string, change func(a *imagechat.Attempt)) {
	t.Helper()
	a := &imagechat.Attempt{ID: imagechat.AttemptID(id), TurnID: imagechat.TurnID(id), SessionID: "s", State: imagechat.AttemptStored, BookedAt: stored(at(0))}
	change(a)
	must(t, r.CreateAttempt(t.Context(), a))
}

func testBooked(t *testing.T, r imagechat.Repository) {
	for i, usd := range []imagechat.USD{0, 1_000_000_001, 20, 300, -4} {
		book(t, r, number(i), func(a *imagechat.Attempt) {
			a.Booked, a.BookedAt = usd, at(10*i)
			a.State = []imagechat.AttemptState{imagechat.AttemptReserved, imagechat.AttemptUnknown, imagechat.AttemptFailed}[i%3]
			if i == 3 {
				a.SessionID = "other"
			}
		})
	}
	check := func(what string, session imagechat.SessionID, since time.Time, want imagechat.USD, oldest time.Time) {
		t.Helper()
		usd, when, err := r.Booked(t.Context(), session, since)
		if err != nil || usd != want || !when.Equal(stored(oldest)) {
			t.Errorf("%s: got %d since %v, %v, want %d since %v", what, usd, when, err, want, stored(oldest))
		}
	}
	check("all", "", time.Time{}, 1_000_000_317, at(10))
	check("one session", "s", time.Time{}, 1_000_000_017, at(10))
	check("from a moment on, itself included", "", at(20), 316, at(20))
	check("after it", "", stored(at(20)).Add(time.Microsecond), 296, at(30))
	check("nothing above zero", "", at(40), -4, time.Time{})
	check("nothing", "none", time.Time{}, 0, time.Time{})
	frees := func(what string, since time.Time, amount imagechat.USD, want time.Time) {
		t.Helper()
		if when, err := r.FreesUp(t.Context(), since, amount); err != nil || !when.Equal(stored(want)) {
			t.Errorf("%s: got %v, %v, want %v", what, when, err, stored(want))
		}
	}
	frees("the first is enough", time.Time{}, 1_000_000_001, at(10))
	frees("a little more than the first", time.Time{}, 1_000_000_002, at(20))
	frees("to the last", time.Time{}, 1_000_000_321, at(30))
	frees("more than all", time.Time{}, 1_000_000_322, time.Time{})
	frees("of those since a moment", at(20), 21, at(30))
}

func testBookedRace(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	const limit = 10
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			err := r.Atomically(ctx, func(tx imagechat.Repository) error {
				usd, _, err := tx.Booked(ctx, "", time.Time{})
				if err != nil || usd >= limit {
					return err
				}
				id := number(i)
				return tx.CreateAttempt(ctx, &imagechat.Attempt{ID: imagechat.AttemptID(id), TurnID: imagechat.TurnID(id), State: imagechat.AttemptReserved, Booked: 1, BookedAt: at(i)})
			})
			if err != nil {
				t.Errorf("Atomically: %v", err)
			}
		})
	}
	wg.Wait()
	if usd, _, err := r.Booked(ctx, "", time.Time{}); usd != limit || err != nil {
		t.Errorf("booked %d, %v, want the cap of %d", usd, err, limit)
	}
}

func testSumUsage(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	newSession(t, r, "s", func(s *imagechat.Session) { s.Title = "여름" })
	day := func(n int) time.Time { return time.Date(2026, 3, n, 23, 59, 59, 999_999_000, time.UTC) }
	add := func(id string, turn imagechat.TurnID, session imagechat.SessionID, when time.Time, pictures int, usd imagechat.USD) {
		book(t, r, id, func(a *imagechat.Attempt) {
			a.TurnID, a.SessionID, a.BookedAt, a.Pictures, a.Booked = turn, session, when, pictures, usd
			a.Index = len(id)
			a.Usage = imagechat.Tokens{Input: 1, Text: 2, Image: 3, Thinking: 4, Total: 10}
		})
	}
	add("too early", "t0", "s", day(1), 9, 999)
	add("a", "t1", "s", day(2), 1, 10)
	add("bb", "t1", "s", day(2), 1, 10) // of the same turn
	add("ccc", "t2", "s", day(2).Add(time.Microsecond), 0, 5)
	add("dddd", "t3", "gone", day(3), 2, 100)
	book(t, r, "foreign", func(a *imagechat.Attempt) { a.Owner, a.Booked, a.BookedAt = "ann", 7, day(3) })

	u := got(r.SumUsage(ctx, imagechat.UsageQuery{Since: day(2)}))(t)
	want := &imagechat.Usage{
		Since: day(2), Turns: 3, Images: 4, Tokens: 40, USD: 125,
		ByDay: []imagechat.UsageDay{
			{Day: "2026-03-02", Turns: 1, Images: 2, Tokens: 20, USD: 20},
			{Day: "2026-03-03", Turns: 2, Images: 2, Tokens: 20, USD: 105},
		},
		BySession: []imagechat.UsageSession{
			{SessionID: "gone", Turns: 1, Images: 2, Tokens: 10, USD: 100},
			{SessionID: "s", Title: "여름", Turns: 2, Images: 2, Tokens: 30, USD: 25},
		},
	}
	diff(t, "SumUsage", want, u)
	u = got(r.SumUsage(ctx, imagechat.UsageQuery{Since: day(2), Limit: 1}))(t)
	want.BySession = want.BySession[:1]
	diff(t, "SumUsage of the dearest session", want, u)
	u = got(r.SumUsage(ctx, imagechat.UsageQuery{Owner: "nobody", Since: day(2)}))(t)
	diff(t, "SumUsage of nobody", &imagechat.Usage{Since: day(2)}, u)
}

func testRecentDurations(t *testing.T, r imagechat.Repository) {
	for i := range 6 {
		book(t, r, number(i), func(a *imagechat.Attempt) {
			a.Model, a.Size, a.Pictures = "m", "1K", 1
			a.CalledAt, a.EndedAt = at(10*i), at(10*i+i).Add(time.Millisecond)
		})
	}
	for i, change := range []func(a *imagechat.Attempt){
		func(a *imagechat.Attempt) { a.Model = "other" }, func(a *imagechat.Attempt) { a.Size = "2K" },
		func(a *imagechat.Attempt) { a.Pictures = 0 }, func(a *imagechat.Attempt) { a.State = imagechat.AttemptFailed },
	} {
		book(t, r, fmt.Sprint("not", i), func(a *imagechat.Attempt) {
			a.Model, a.Size, a.Pictures, a.CalledAt, a.EndedAt = "m", "1K", 1, at(99), at(100)
			change(a)
		})
	}
	ms := time.Millisecond
	diff(t, "the newest three", []time.Duration{5*time.Second + ms, 4*time.Second + ms, 3*time.Second + ms},
		got(r.RecentDurations(t.Context(), "m", "1K", 3))(t))
	diff(t, "of an unknown model", nil, got(r.RecentDurations(t.Context(), "none", "1K", 3))(t))
}

var eventTests = map[string]func(t *testing.T, r imagechat.Repository){
	"an event comes back as it was stored":             testEventRoundTrip,
	"fifty appends at once leave no gap and no repeat": testEventSeq,
	"an undone append gives its number back":           testEventRollback,
	"events are listed after a number, in order":       testEventList,
	"pruned events are gone and numbers go on":         testEventPrune,
}

func testEventRoundTrip(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	var e imagechat.Event
	fill(&e, 1)
	newSession(t, r, e.SessionID)
	e.Seq = 99 // is set by AppendEvent
	must(t, r.AppendEvent(ctx, &e))
	if e.Seq != 1 {
		t.Errorf("AppendEvent set Seq %d, want 1", e.Seq)
	}
	back := got(r.ListEvents(ctx, e.SessionID, 0, 5))(t)
	diff(t, "all fields set", []*imagechat.Event{&e}, back)
	if zone := back[0].Message.Images[0].CreatedAt.Location(); zone != time.UTC {
		t.Errorf("a time inside the event came back in %v, want UTC", zone)
	}
}

func testEventSeq(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	newSession(t, r, "s")
	newSession(t, r, "other")
	var wg sync.WaitGroup
	var mu sync.Mutex
	seen := map[int64]bool{}
	for i := range 50 {
		wg.Go(func() {
			e := &imagechat.Event{SessionID: "s", Type: imagechat.EventSession}
			appendTo := func(r imagechat.Repository) error { return r.AppendEvent(ctx, e) }
			var err error
			if i%2 == 0 {
				err = appendTo(r)
			} else {
				err = r.Atomically(ctx, appendTo)
			}
			if err != nil {
				t.Errorf("AppendEvent: %v", err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			if seen[e.Seq] {
				t.Errorf("the number %d was given twice", e.Seq)
			}
			seen[e.Seq] = true
		})
	}
	wg.Wait()
	events := got(r.ListEvents(ctx, "s", 0, 0))(t)
	if len(events) != 50 {
		t.Errorf("%d events are listed, want 50", len(events))
	}
	for i, e := range events {
		if e.Seq != int64(i+1) {
			t.Errorf("event %d has the number %d", i+1, e.Seq)
		}
	}
	if s := got(r.GetSession(ctx, "s"))(t); s.LastSeq != 50 || s.FirstSeq != 1 {
		t.Errorf("the session has LastSeq %d and FirstSeq %d, want 50 and 1", s.LastSeq, s.FirstSeq)
	}
	if s := got(r.GetSession(ctx, "other"))(t); s.LastSeq != 0 {
		t.Errorf("another session has LastSeq %d, want 0", s.LastSeq)
	}
}

func testEventRollback(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	newSession(t, r, "s")
	cause := errors.New("undone")
	err := r.Atomically(ctx, func(tx imagechat.Repository) error {
		for range 3 {
			if err := tx.AppendEvent(ctx, &imagechat.Event{SessionID: "s"}); err != nil {
				t.Errorf("AppendEvent: %v", err)
			}
		}
		return cause
	})
	if !errors.Is(err, cause) {
		t.Errorf("got error %v", err)
	}
	e := &imagechat.Event{SessionID: "s"}
	must(t, r.AppendEvent(ctx, e))
	if e.Seq != 1 {
		t.Errorf("the next number is %d, want 1", e.Seq)
	}
}

func eventSeqs(rows []*imagechat.Event) string {
	return ids(rows, func(e *imagechat.Event) string { return fmt.Sprint(e.Seq) })
}

func testEventList(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	newSession(t, r, "s")
	for range 6 {
		must(t, r.AppendEvent(ctx, &imagechat.Event{SessionID: "s"}))
	}
	wantString(t, "after 2, at most 3", eventSeqs(got(r.ListEvents(ctx, "s", 2, 3))(t)), "3 4 5")
	wantString(t, "after 4", eventSeqs(got(r.ListEvents(ctx, "s", 4, 9))(t)), "5 6")
	wantString(t, "after the last", eventSeqs(got(r.ListEvents(ctx, "s", 6, 9))(t)), "")
	wantString(t, "after -1", eventSeqs(got(r.ListEvents(ctx, "s", -1, 1))(t)), "1")
}

func testEventPrune(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	newSession(t, r, "s")
	for range 6 {
		must(t, r.AppendEvent(ctx, &imagechat.Event{SessionID: "s"}))
	}
	check := func(keepFrom int64, wantSeqs string, wantFirst int64) {
		t.Helper()
		must(t, r.PruneEvents(ctx, "s", keepFrom))
		wantString(t, fmt.Sprint("kept from ", keepFrom), eventSeqs(got(r.ListEvents(ctx, "s", 0, 0))(t)), wantSeqs)
		if s := got(r.GetSession(ctx, "s"))(t); s.FirstSeq != wantFirst || s.LastSeq != 6 {
			t.Errorf("kept from %d: FirstSeq %d and LastSeq %d, want %d and 6", keepFrom, s.FirstSeq, s.LastSeq, wantFirst)
		}
	}
	check(0, "1 2 3 4 5 6", 1)
	check(4, "4 5 6", 4)
	check(2, "4 5 6", 4)
	check(100, "", 7)
	e := &imagechat.Event{SessionID: "s"}
	must(t, r.AppendEvent(ctx, e))
	if e.Seq != 7 {
		t.Errorf("the next number is %d, want 7", e.Seq)
	}
}

var brandTests = map[string]func(t *testing.T, r imagechat.Repository){
	"brands are kept, changed, listed by name and deleted": testBrands,
}

func testBrands(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	var b, changed imagechat.Brand
	fill(&b, 1)
	fill(&changed, 1000)
	must(t, r.CreateBrand(ctx, &b))
	wantCode(t, "CreateBrand again", r.CreateBrand(ctx, &b), imagechat.Conflict)
	diff(t, "all fields set", &b, got(r.GetBrand(ctx, b.ID))(t))
	changed.ID = b.ID
	must(t, r.UpdateBrand(ctx, &changed))
	want := changed
	want.Owner, want.CreatedAt = b.Owner, b.CreatedAt
	diff(t, "after the update", &want, got(r.GetBrand(ctx, b.ID))(t))
	diff(t, "in the list", []*imagechat.Brand{&want}, got(r.ListBrands(ctx, b.Owner))(t))

	for id, name := range map[imagechat.BrandID]string{"1": "나", "2": "가", "3": "Z", "4": "가"} {
		must(t, r.CreateBrand(ctx, &imagechat.Brand{ID: id, Owner: "ann", Name: name}))
	}
	rows := got(r.ListBrands(ctx, "ann"))(t)
	wantString(t, "by name, then id", ids(rows, func(b *imagechat.Brand) string { return string(b.ID) }), "3 2 4 1")
	must(t, r.DeleteBrand(ctx, "2"))
	_, err := r.GetBrand(ctx, "2")
	wantCode(t, "GetBrand", err, imagechat.NotFound)
	wantCode(t, "DeleteBrand", r.DeleteBrand(ctx, "2"), imagechat.NotFound)
	wantCode(t, "UpdateBrand", r.UpdateBrand(ctx, &imagechat.Brand{ID: "2"}), imagechat.NotFound)
	if n := len(got(r.ListBrands(ctx, "nobody"))(t)); n != 0 {
		t.Errorf("nobody has %d brands", n)
	}
}
