package imagechat

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTheBasicPurposesKeepTheirIDsAndSizes(t *testing.T) {
	t.Parallel()
	type figures struct {
		ID            string
		Width, Height int
		Ratio, Model  string
		Crop          float64
	}
	// Sizes and ids are those of the earlier Python server; sessions in the field carry them.
	want := []figures{
		{"sns_instagram_square", 1080, 1080, "1:1", "1:1", 0},
		{"sns_instagram_portrait", 1080, 1350, "4:5", "4:5", 0},
		{"sns_facebook", 1200, 630, "1.91:1", "16:9", 6.7},
		{"banner_web", 1920, 640, "3:1", "21:9", 22.2},
		{"banner_mobile", 800, 400, "2:1", "16:9", 11.1},
		{"product_showcase", 1000, 1000, "1:1", "1:1", 0},
		{"email_header", 600, 200, "3:1", "21:9", 22.2},
		{"custom", 0, 0, "custom", "", 0},
	}
	var got []figures
	for _, p := range DefaultPurposes().All()[:8] {
		got = append(got, figures{p.ID, p.Width, p.Height, p.Ratio, p.ModelRatio, p.CropPercent})
		if p.Group != "basic" || p.Confidence != ConfidenceSeed {
			t.Errorf("%s: group %q, confidence %q", p.ID, p.Group, p.Confidence)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("basic purposes (-want +got):\n%s", diff)
	}
}

func TestPlacementsCarryTheComputedRatioAndCrop(t *testing.T) {
	t.Parallel()
	// The figures of the published specifications' survey, worked out by hand.
	tests := map[string]struct {
		ratio string
		crop  float64
	}{
		"ig_feed_landscape": {"16:9", 6.8}, "meta_landscape_ad": {"16:9", 7.0}, "x_website_card": {"16:9", 7.1},
		"kakao_bizboard": {"4:1", 0.3}, "kakao_bizboard_motion_still": {"4:1", 20}, "kakao_display_2x1": {"16:9", 11.1},
		"kakao_richpop": {"3:2", 5.5}, "kakao_channel_search_small": {"3:2", 0.9}, "kakao_channel_search_wide": {"4:1", 21.1},
		"naver_gfa_main": {"21:9", 4.3}, "naver_gfa_smartchannel": {"4:1", 15.5}, "naver_timeboard": {"8:1", 20.2},
		"gdn_300x250": {"5:4", 4}, "gdn_728x90": {"8:1", 1.1}, "gdn_160x600": {"1:4", 6.3}, "gdn_300x600": {"9:16", 11.1},
		"gdn_320x50": {"8:1", 20}, "gdn_320x100": {"4:1", 20}, "gdn_970x250": {"4:1", 3}, "pinterest_pin": {"2:3", 0},
		"ig_feed_tall": {"3:4", 0}, "ig_fb_story": {"9:16", 0}, "kakao_msg_wide": {"4:3", 0}, "email_header_2x": {"21:9", 22.2},
		"google_logo_wide": {"4:1", 0}, "yt_thumbnail": {"16:9", 0}, "linkedin_vertical": {"4:5", 0},
	}
	for id, want := range tests {
		p, ok := DefaultPurposes().Get(id)
		if !ok || p.ModelRatio != want.ratio || p.CropPercent != want.crop {
			t.Errorf("%s: got (%v, %q, %v), want (true, %q, %v)", id, ok, p.ModelRatio, p.CropPercent, want.ratio, want.crop)
		}
	}
}

func TestEveryPlacementIsCompleteAndSaysWhereItComesFrom(t *testing.T) {
	t.Parallel()
	all := DefaultPurposes().All()
	if len(all) < 70 {
		t.Fatalf("got %d purposes, want the whole survey", len(all))
	}
	unverified := 0
	for _, p := range all[8:] {
		if p.Source == "" || p.CheckedOn == "" || p.Confidence == ConfidenceSeed {
			t.Errorf("%s: source %q, checked %q, confidence %q", p.ID, p.Source, p.CheckedOn, p.Confidence)
		}
		if strings.ContainsAny(p.Name.EN+p.Description.EN+p.Hint.EN+p.TextRules.EN+p.Guidance, "가나다라마바사아자차카타파하이의를은") {
			t.Errorf("%s: Korean in an English text", p.ID)
		}
		if !strings.HasSuffix(p.Description.KO, "요.") {
			t.Errorf("%s: the Korean description is not in 해요체: %q", p.ID, p.Description.KO)
		}
		if p.Unverified() {
			unverified++
		}
	}
	if unverified != 6 {
		t.Errorf("got %d unverified purposes, want the 6 low rows", unverified)
	}
}

func TestIDsOfOlderClientsResolve(t *testing.T) {
	t.Parallel()
	for alias, want := range map[string]string{
		"web_banner": "banner_web", "mobile_banner": "banner_mobile", "instagram_square": "sns_instagram_square",
		"facebook_post": "sns_facebook", "product_detail": "product_showcase", "email_header": "email_header",
	} {
		if p, ok := DefaultPurposes().Get(alias); !ok || p.ID != want {
			t.Errorf("Get(%q) = %q, %v; want %q", alias, p.ID, ok, want)
		}
	}
	if p, ok := DefaultPurposes().Get("Banner_Web"); ok {
		t.Errorf("Get is not case-sensitive: got %q", p.ID)
	}
}

func TestResolveFitsThePurposeToTheModel(t *testing.T) {
	t.Parallel()
	tenRatios := []string{"1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"}
	tests := map[string]struct {
		id            string
		width, height int
		ratios        []string
		wantRatio     string
		wantCrop      float64
		wantErr       error
	}{
		"a preset ignores a custom size":               {id: "banner_web", width: 1, height: 9, wantRatio: "21:9", wantCrop: 22.2},
		"a 4:1 placement on a model that ends at 21:9": {id: "kakao_bizboard", ratios: tenRatios, wantRatio: "21:9", wantCrop: 41.5},
		"custom picks the nearest ratio":               {id: "custom", width: 1000, height: 800, wantRatio: "5:4", wantCrop: 0},
		"custom at its smallest":                       {id: "custom", width: 256, height: 256, wantRatio: "1:1", wantCrop: 0},
		"custom at its most extreme":                   {id: "custom", width: 4096, height: 256, wantRatio: "8:1", wantCrop: 50},
		"custom one pixel too small":                   {id: "custom", width: 255, height: 256, wantErr: InvalidRequest},
		"custom one pixel too large":                   {id: "custom", width: 256, height: 4097, wantErr: InvalidRequest},
		"custom without a size":                        {id: "custom", wantErr: InvalidRequest},
		"an unknown purpose":                           {id: "billboard", wantErr: InvalidRequest},
		"an alias":                                     {id: "web_banner", wantRatio: "21:9", wantCrop: 22.2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := DefaultPurposes().Resolve(tt.id, tt.width, tt.height, tt.ratios)
			if !errors.Is(err, tt.wantErr) || p.ModelRatio != tt.wantRatio || p.CropPercent != tt.wantCrop {
				t.Errorf("got %q %v %v, want %q %v %v", p.ModelRatio, p.CropPercent, err, tt.wantRatio, tt.wantCrop, tt.wantErr)
			}
		})
	}
}

func TestVisibleShareSaysWhatTheCropLeaves(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ wantWidth, wantHeight float64 }{
		"banner_web":           {100, 77.8}, // 21:9 cut to 3:1 loses top and bottom
		"gdn_300x600":          {88.9, 100}, // 9:16 cut to 1:2 loses the sides
		"sns_instagram_square": {100, 100},
		"custom":               {100, 100},
	}
	for id, want := range tests {
		p, _ := DefaultPurposes().Get(id)
		w, h := p.VisibleShare()
		if diff := cmp.Diff([]float64{want.wantWidth, want.wantHeight}, []float64{w, h}, approx(0.06)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", id, diff)
		}
	}
}

func approx(tolerance float64) cmp.Option {
	return cmp.Comparer(func(a, b float64) bool { return a-b < tolerance && b-a < tolerance })
}

func TestFiguresGoStaleAfter180Days(t *testing.T) {
	t.Parallel()
	p, _ := DefaultPurposes().Get("fb_link_og")
	checked, err := time.Parse(time.DateOnly, p.CheckedOn)
	if err != nil {
		t.Fatal(err)
	}
	if p.Stale(checked.AddDate(0, 0, 180)) {
		t.Error("stale on day 180")
	}
	if !p.Stale(checked.AddDate(0, 0, 181)) {
		t.Error("not stale on day 181")
	}
	custom, _ := DefaultPurposes().Get(CustomPurpose)
	if custom.Stale(checked.AddDate(10, 0, 0)) {
		t.Error("the custom purpose has no figures that age")
	}
}

func TestGetHandsOutCopies(t *testing.T) {
	t.Parallel()
	p, _ := DefaultPurposes().Get("ig_fb_story")
	p.Formats[0], p.SafeArea.Top = "gif", 0
	again, _ := DefaultPurposes().Get("ig_fb_story")
	if again.Formats[0] == "gif" || again.SafeArea.Top == 0 {
		t.Error("a caller's change reached the registry")
	}
}

const ownPurpose = `{"id":"lobby_screen","group":"lobby","name":{"ko":"로비 화면","en":"Lobby screen"},
	"description":{"ko":"로비에 걸어요.","en":"Hangs in the lobby."},"width":1080,"height":1920,"ratio":"9:16",
	"formats":["png"],"guidance":"Readable from five metres.","confidence":"own"}`

func TestAnOperatorsFileAddsAndOverrides(t *testing.T) {
	t.Parallel()
	file := `{"groups":[{"id":"lobby","name":{"ko":"로비","en":"Lobby"}}],"purposes":[` + ownPurpose + `,
		{"id":"banner_web","group":"basic","name":{"ko":"큰 배너","en":"Big banner"},"description":{"ko":"더 커요.","en":"Bigger."},
		"width":2560,"height":800,"ratio":"3.2:1","formats":["jpeg"],"guidance":"Wide.","confidence":"own"}]}`
	r, err := LoadPurposes(DefaultPurposes(), strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if p, ok := r.Get("lobby_screen"); !ok || p.ModelRatio != "9:16" {
		t.Errorf("added purpose: %+v, %v", p, ok)
	}
	if p, _ := r.Get("banner_web"); p.Width != 2560 || p.ModelRatio != "4:1" || p.CropPercent != 20 {
		t.Errorf("overridden purpose: %dx%d %s %v", p.Width, p.Height, p.ModelRatio, p.CropPercent)
	}
	if p, _ := DefaultPurposes().Get("banner_web"); p.Width != 1920 {
		t.Error("the built-in registry changed")
	}
	if got, want := len(r.All()), len(DefaultPurposes().All())+1; got != want {
		t.Errorf("got %d purposes, want %d", got, want)
	}
	if groups := r.Groups(); groups[len(groups)-1].ID != "lobby" {
		t.Errorf("groups end with %q", groups[len(groups)-1].ID)
	}
}

func TestAFaultyFileIsRefusedWithTheRowsName(t *testing.T) {
	t.Parallel()
	change := func(old, with string) string {
		row := strings.Replace(ownPurpose, old, with, 1)
		if row == ownPurpose {
			t.Fatalf("%q is not in the row", old)
		}
		return `{"groups":[{"id":"lobby","name":{"ko":"로비","en":"Lobby"}}],"purposes":[` + row + `]}`
	}
	tests := map[string]struct{ file, want string }{
		"not JSON":                   {`purposes:`, "read purposes"},
		"two values":                 {`{} {}`, "more than one"},
		"an unknown field":           {change(`"width"`, `"wide":1,"width"`), "wide"},
		"an id with a slash":         {change(`lobby_screen`, `lobby/screen`), "lobby/screen"},
		"a missing translation":      {change(`"en":"Lobby screen"`, `"en":""`), "name"},
		"a ratio that lies":          {change(`9:16`, `16:9`), "16:9"},
		"a side of zero":             {change(`1080`, `0`), "0x1920"},
		"an unknown format":          {change(`["png"]`, `["webp"]`), "webp"},
		"no format":                  {change(`["png"]`, `[]`), "formats"},
		"a hand-written crop":        {change(`"ratio"`, `"crop_percent":3,"ratio"`), "computed"},
		"a safe area without inside": {change(`"ratio"`, `"safe_area":{"left":540,"top":0,"right":540,"bottom":0},"ratio"`), "safe_area"},
		"an unknown group":           {change(`"group":"lobby"`, `"group":"roof"`), "roof"},
		"a taken alias":              {change(`"group"`, `"aliases":["banner_web"],"group"`), "banner_web"},
		"a claim without a source":   {change(`"own"`, `"high"`), "source"},
		"a bad date":                 {change(`"confidence"`, `"source":"x","checked_on":"soon","confidence"`), "soon"},
		"no guidance":                {change(`Readable from five metres.`, ``), "guidance"},
		"alpha without png":          {change(`["png"]`, `["jpeg"],"alpha":"allowed"`), "png"},
		"the same row twice":         {`{"purposes":[` + strings.Replace(ownPurpose, `"lobby"`, `"basic"`, 1) + `,` + ownPurpose + `]}`, "twice"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := LoadPurposes(DefaultPurposes(), strings.NewReader(tt.file))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error that names %q", err, tt.want)
			}
		})
	}
}

func TestNearestRatioOfNothing(t *testing.T) {
	t.Parallel()
	for name, args := range map[string]struct {
		w, h   int
		ratios []string
	}{
		"no ratios": {10, 10, nil}, "unreadable ratios": {10, 10, []string{"wide", "1:0", "-1:1", "NaN:1", "Inf:1"}}, "no size": {0, 10, modelRatios},
	} {
		if ratio, crop := NearestRatio(args.w, args.h, args.ratios); ratio != "" || crop != 0 {
			t.Errorf("%s: got %q %v", name, ratio, crop)
		}
	}
}

func TestTheEightStyles(t *testing.T) {
	t.Parallel()
	var ids []string
	for _, s := range Styles() {
		ids = append(ids, s.ID)
		if s.Name.KO == "" || s.Name.EN == "" || s.Guidance == "" || !strings.HasSuffix(s.Description.KO, "요.") || s.Description.EN == "" {
			t.Errorf("style %q is incomplete: %+v", s.ID, s)
		}
		if again, ok := StyleByID(s.ID); !ok || again != s {
			t.Errorf("StyleByID(%q) = %+v, %v", s.ID, again, ok)
		}
	}
	want := []string{"modern", "minimal", "vibrant", "luxury", "playful", "professional", "natural", "tech"}
	if diff := cmp.Diff(want, ids); diff != "" {
		t.Errorf("styles (-want +got):\n%s", diff)
	}
	if s, ok := StyleByID("baroque"); ok {
		t.Errorf("StyleByID of an unknown id = %+v", s)
	}
}

func TestParseLang(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		header   string
		fallback Lang
		want     Lang
	}{
		"nothing asked":                  {"", LangKO, LangKO},
		"a bare tag":                     {"en", LangKO, LangEN},
		"a regional tag":                 {"en-GB", LangKO, LangEN},
		"upper case":                     {"KO-kr", LangEN, LangKO},
		"a browser's list":               {"ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", LangEN, LangKO},
		"weights beat order":             {"en;q=0.3, ko;q=0.8", LangEN, LangKO},
		"the earlier of equals":          {"en, ko", LangKO, LangEN},
		"unknown languages are skipped":  {"ja, fr;q=0.9, en;q=0.1", LangKO, LangEN},
		"only unknown languages":         {"ja", LangEN, LangEN},
		"weight zero is a refusal":       {"en;q=0", LangKO, LangKO},
		"a weight that is no number":     {"en;q=high", LangKO, LangKO},
		"anything goes":                  {"*", LangEN, LangEN},
		"a language that begins with en": {"enm", LangKO, LangKO},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := ParseLang(tt.header, tt.fallback); got != tt.want {
				t.Errorf("ParseLang(%q) = %q, want %q", tt.header, got, tt.want)
			}
		})
	}
}
