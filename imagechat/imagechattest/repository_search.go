package imagechattest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

var searchTests = map[string]func(t *testing.T, r imagechat.Repository){
	"search finds substrings of titles and messages": testSearchSessions,
	"search goes by pages, owner and status":         testSearchPages,
	"search follows what was changed and deleted":    testSearchChanges,
	"search finds images by prompt and alt text":     testSearchImages,
	"search among many is as exact as among few":     testSearchMany,
}

func addMessage(t *testing.T, r imagechat.Repository, session imagechat.SessionID, id imagechat.MessageID, text string) {
	t.Helper()
	must(t, r.CreateMessage(t.Context(), &imagechat.Message{ID: id, SessionID: session, Role: imagechat.RoleUser, Text: text}))
}

func testSearchSessions(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	titles := map[imagechat.SessionID]string{
		"1": "여름 세일 배너", "2": "Winter SALE 100%", "3": "", "4": "a\"quoted\" 'title' \\ * - OR AND NEAR(", "5": "x_y", "6": "조명",
	}
	for id, title := range titles {
		newSession(t, r, id, func(s *imagechat.Session) { s.Title = title })
	}
	addMessage(t, r, "1", "m1", "따뜻한 조명 아래의 커피")
	addMessage(t, r, "3", "m2", "Make it BIGGER, please")
	addMessage(t, r, "3", "m3", "조금 더 밝게")
	addMessage(t, r, "2", "m4", "🏖️ emoji \x00 and NUL")
	for query, want := range map[string]string{
		"":         "6 5 4 3 2 1",
		"세일":       "1",
		"sale":     "2",
		"조명":       "6 1",
		"조ㅁ":       "6 1",
		"ㅈㅁ":       "6 1",
		"ㅈㄱ":       "3",
		"커피 조명":    "1", // in one text
		"커피 세일":    "",  // in two texts of one session
		"bigger":   "3",
		"igge":     "3",
		"e":        "4 3 2", // shorter than any index of trigrams
		"%":        "2",
		"100%":     "2",
		"0% e":     "2",
		"_":        "5",
		"x_y":      "5",
		"xzy":      "",
		"\"":       "4",
		"\"quoted": "4",
		"'title'":  "4",
		"\\":       "4",
		"or and":   "4",
		"near(":    "4",
		"*":        "4",
		"🏖️":       "2",
		"nul":      "2",
		"absent":   "",
		"ㅎㅎㅎ":      "",
	} {
		f := imagechat.SessionFilter{Search: imagechat.SearchKeys(query)}
		wantString(t, fmt.Sprintf("search for %q", query), sessionIDs(got(r.ListSessions(ctx, f))(t)), want)
		if n := got(r.CountSessions(ctx, f))(t); n != len(strings.Fields(want)) {
			t.Errorf("search for %q: counted %d, want %d", query, n, len(strings.Fields(want)))
		}
	}
}

func testSearchPages(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	for i := range 10 {
		newSession(t, r, imagechat.SessionID(number(i)), func(s *imagechat.Session) {
			s.Title, s.CreatedAt = "lamp", at(i)
			if i%2 == 1 {
				s.Status = imagechat.SessionArchived
			}
			if i == 9 {
				s.Owner = "ann"
			}
		})
	}
	f := imagechat.SessionFilter{Search: []string{"lamp"}, Limit: 3}
	wantString(t, "first page", sessionIDs(got(r.ListSessions(ctx, f))(t)), "008 007 006")
	f.Before = imagechat.Position{Time: at(6), ID: "006"}
	wantString(t, "second page", sessionIDs(got(r.ListSessions(ctx, f))(t)), "005 004 003")
	f.Before, f.Offset = imagechat.Position{}, 6
	wantString(t, "third page by offset", sessionIDs(got(r.ListSessions(ctx, f))(t)), "002 001 000")
	f = imagechat.SessionFilter{Search: []string{"lamp"}, Status: imagechat.SessionArchived}
	wantString(t, "archived", sessionIDs(got(r.ListSessions(ctx, f))(t)), "007 005 003 001")
	f = imagechat.SessionFilter{Search: []string{"lamp"}, Owner: "ann"}
	wantString(t, "ann's", sessionIDs(got(r.ListSessions(ctx, f))(t)), "009")
}

func testSearchChanges(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	find := func(what, key, want string) {
		t.Helper()
		found := got(r.ListSessions(ctx, imagechat.SessionFilter{Search: []string{key}}))(t)
		wantString(t, what, sessionIDs(found), want)
	}
	s := newSession(t, r, "s", func(s *imagechat.Session) { s.Title = "before" })
	find("the first title", "before", "s")
	s.Title = "afterwards"
	must(t, r.UpdateSession(ctx, s))
	find("the old title", "before", "")
	find("the new title", "afterwards", "s")
	s.Title = ""
	must(t, r.UpdateSession(ctx, s))
	find("no title", "afterwards", "")
	addMessage(t, r, "s", "m", "spoken words")
	find("a message", "spoken", "s")
	must(t, r.DeleteSession(ctx, "s"))
	find("a deleted session", "spoken", "")
}

func imageIDs(rows []*imagechat.Image) string {
	return ids(rows, func(i *imagechat.Image) string { return string(i.ID) })
}

func testSearchImages(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	add := func(id imagechat.ImageID, prompt, alt string) {
		must(t, r.CreateImage(ctx, &imagechat.Image{ID: id, Role: imagechat.ImageGenerated, Blob: KeyOf([]byte(id)), PromptUsed: prompt, AltText: alt}))
	}
	add("1", "따뜻한 조명의 방", "a warm room")
	add("2", "A cold ROOM", "")
	add("3", "", "")
	find := func(query, want string) {
		t.Helper()
		found := got(r.ListImages(ctx, imagechat.ImageFilter{Search: imagechat.SearchKeys(query)}))(t)
		wantString(t, fmt.Sprintf("search for %q", query), imageIDs(found), want)
	}
	find("room", "2 1")
	find("조명 room", "1") // prompt and alt text together
	find("ㅈㅁ", "1")
	find("om", "2 1")
	find("window", "")
	must(t, r.UpdateImage(ctx, &imagechat.Image{ID: "3", AltText: "a window"}))
	find("window", "3")
	must(t, r.UpdateImage(ctx, &imagechat.Image{ID: "1", AltText: "changed"}))
	find("warm", "")
	find("조명", "1") // the prompt still counts
	must(t, r.DeleteImage(ctx, "2"))
	find("room", "")
}

func testSearchMany(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	const n = 150
	must(t, r.Atomically(ctx, func(tx imagechat.Repository) error {
		for i := range n {
			s := &imagechat.Session{ID: imagechat.SessionID(fmt.Sprintf("%05d", i)), CreatedAt: at(i), Title: "common words"}
			if i == 123 {
				s.Title = "rare lamp, common words"
			}
			if err := tx.CreateSession(ctx, s); err != nil {
				return err
			}
		}
		return nil
	}))
	common := imagechat.SessionFilter{Search: []string{"common"}, Limit: 2}
	wantString(t, "a common word", sessionIDs(got(r.ListSessions(ctx, common))(t)), "00149 00148")
	common.Before = imagechat.Position{Time: at(2), ID: "00002"}
	wantString(t, "its last page", sessionIDs(got(r.ListSessions(ctx, common))(t)), "00001 00000")
	if c := got(r.CountSessions(ctx, common))(t); c != n {
		t.Errorf("a common word: counted %d, want %d", c, n)
	}
	rare := imagechat.SessionFilter{Search: []string{"lamp", "common"}, Limit: 2}
	wantString(t, "a rare word", sessionIDs(got(r.ListSessions(ctx, rare))(t)), "00123")
	// All trigrams of the key are in the texts, the key itself is not.
	apart := imagechat.SessionFilter{Search: []string{"common wordsommon"}, Limit: 2}
	wantString(t, "a key in pieces", sessionIDs(got(r.ListSessions(ctx, apart))(t)), "")
}
