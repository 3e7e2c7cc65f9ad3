package humaapi_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

// Earlier servers took what these tests send, and clients written against
// them still send it.

func TestAPageOfAnySizeIsAnswered(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	for range 3 {
		s.session()
	}
	for query, want := range map[string][2]float64{
		"?limit=1000":            {100, 0},
		"?limit=-1":              {1, 0},
		"?limit=2&offset=-5":     {2, 0},
		"?offset=99999999999999": {20, 100_000_000},
	} {
		got := s.want(200, s.do("GET", base+"/sessions"+query, nil))
		if got["limit"] != want[0] || got["offset"] != want[1] {
			t.Errorf("%s: got limit %v, offset %v, want %v", query, got["limit"], got["offset"], want)
		}
	}
	s.want(200, s.do("GET", base+"/images?limit=1000", nil))
	s.want(200, s.do("GET", base+"/images?limit=-1", nil))
}

func TestACustomSessionMayNameItsSizeLater(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	made := s.want(201, s.do("POST", base+"/sessions", object{"image_purpose": "custom"}))
	if title, there := made["title"]; !there || title != nil {
		t.Errorf("got title %v, want null", title)
	}
	p := s.wantProblem(422, "invalid_request", s.do("POST", base+"/sessions/"+made["id"].(string)+"/generate", object{"prompt": "간판"}))
	if detail := p["detail"].(string); !strings.Contains(detail, "custom_width") {
		t.Errorf("got %q, want it to ask for the size", detail)
	}
}

func TestConversationsAreListedByWhatWasTouchedLast(t *testing.T) {
	t.Parallel()
	s := start(t, setup{replies: []imagechattest.Reply{{Text: "네."}}})
	first, second := s.session(), s.session()
	s.want(200, s.do("POST", base+"/sessions/"+first+"/message", object{"content": "안녕"}))
	ids := func(query string) (got []string, next string) {
		page := s.want(200, s.do("GET", base+"/sessions"+query, nil))
		for _, one := range page["sessions"].([]any) {
			got = append(got, one.(map[string]any)["id"].(string))
		}
		next, _ = page["next_cursor"].(string)
		return got, next
	}
	if got, _ := ids(""); !slices.Equal(got, []string{second, first}) {
		t.Errorf("newest first: got %v", got)
	}
	got, next := ids("?sort=updated&limit=1")
	rest, _ := ids("?sort=updated&limit=1&cursor=" + next)
	if !slices.Equal(append(got, rest...), []string{first, second}) {
		t.Errorf("touched last first: got %v then %v", got, rest)
	}
	s.wantProblem(422, "invalid_request", s.do("GET", base+"/sessions?cursor="+next, nil)) // of the other list
	s.wantProblem(422, "invalid_request", s.do("GET", base+"/sessions?sort=oldest", nil))
}
