package demo

import (
	c "github.com/gemini-image-chat/gemini-image-chat/adapters/demo/internal/canvas"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/demo/internal/picture"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// motif is what some words call for.
type motif struct {
	words  string
	scene  picture.Scene
	object string
}

// motifs are looked up in this order; all that match are candidates, and several pictures of one wish take turns.
var motifs = []motif{
	{"조명 램프 스탠드 전등 무드등 펜던트등 샹들리에 lamp lighting chandelier lantern", picture.SceneLamp, ""},
	{"커피 카페 머그 라떼 컵 티타임 coffee mug cup latte tea cafe", picture.SceneProduct, "mug"},
	{"화장품 세럼 향수 에센스 앰플 로션 샴푸 토너 스킨케어 와인 유리병 물병 serum perfume bottle cosmetic shampoo lotion wine skincare", picture.SceneProduct, "bottle"},
	{"크림 꿀_ 꿀을 잼_ 캔들 향초 비누 cream jar honey jam candle", picture.SceneProduct, "jar"},
	{"케이크 베이커리 디저트 빵 쿠키 cake bakery dessert bread cookie", picture.SceneProduct, "cake"},
	{"선물 기프트 생일 크리스마스 gift present birthday christmas", picture.ScenePoster, "gift"},
	{"세일 할인 특가 쿠폰 쇼핑 sale discount coupon shopping", picture.ScenePoster, "bag"},
	{"오픈 이벤트 기념 축제 파티 신제품_출시 event opening anniversary festival party launch", picture.ScenePoster, "gift"},
	{"꽃 화분 식물 화병 플라워 flower plant vase bouquet", picture.SceneProduct, "vase"},
	{"앱 어플 스마트폰 휴대폰 핸드폰 폰케이스 app phone smartphone", picture.SceneProduct, "phone"},
	{"바다 해변 여름 휴가 수영 beach sea ocean summer vacation", picture.SceneSea, ""},
	{"등산 산맥 설산 숲 단풍 가을 겨울 첫눈 캠핑 풍경 여행 산책 mountain forest hiking autumn winter camping landscape travel snow", picture.SceneMountain, ""},
	{"도시 야경 밤거리 빌딩 city night skyline downtown", picture.SceneCity, ""},
	{"패턴 기하 추상 컨퍼런스 세미나 채용 브랜딩 기술 인공지능 로봇 pattern geometric abstract conference seminar webinar tech ai hiring robot", picture.SceneGeometric, ""},
	{"가방 백팩 bag backpack", picture.SceneProduct, "bag"},
	{"제품 상품 신상 쇼케이스 product packaging", picture.SceneProduct, ""},
}

var seasons = []struct{ words, season string }{
	{"겨울 첫눈 눈_오는 설산 크리스마스 winter snow christmas", "winter"},
	{"가을 단풍 autumn", "autumn"},
	{"여름 바캉스 summer", "summer"},
	{"봄 벚꽃 spring blossom", "spring"},
	{"야경 밤하늘 밤거리 심야 night", "night"},
}

var colors = []struct {
	words string
	hex   string
	name  imagechat.Localized
}{
	{"하늘색 하늘빛 skyblue sky_blue", "#5DB7E8", imagechat.Localized{KO: "하늘색", EN: "sky blue"}},
	{"남색 네이비 navy", "#1F2F5C", imagechat.Localized{KO: "남색", EN: "navy"}},
	{"파란 파랑 파랗 푸른 블루 blue", "#2F6FD0", imagechat.Localized{KO: "파란색", EN: "blue"}},
	{"빨간 빨강 빨갛 붉은 레드 red", "#D5332F", imagechat.Localized{KO: "빨간색", EN: "red"}},
	{"분홍 핑크 pink", "#EE7FA5", imagechat.Localized{KO: "분홍색", EN: "pink"}},
	{"주황 오렌지 orange", "#EE8432", imagechat.Localized{KO: "주황색", EN: "orange"}},
	{"노란 노랑 노랗 옐로 yellow", "#F2C230", imagechat.Localized{KO: "노란색", EN: "yellow"}},
	{"민트 청록 mint teal turquoise", "#3DB8A5", imagechat.Localized{KO: "민트색", EN: "mint"}},
	{"초록 녹색 green", "#3C9A5B", imagechat.Localized{KO: "초록색", EN: "green"}},
	{"보라 퍼플 라벤더 purple violet lavender", "#7B55C7", imagechat.Localized{KO: "보라색", EN: "purple"}},
	{"갈색 브라운 brown", "#8A5A3A", imagechat.Localized{KO: "갈색", EN: "brown"}},
	{"베이지 아이보리 크림색 beige ivory", "#E6D3B3", imagechat.Localized{KO: "베이지색", EN: "beige"}},
	{"금색 골드 황금 gold golden", "#C79A3E", imagechat.Localized{KO: "금색", EN: "gold"}},
	{"회색 그레이 grey gray silver 은색", "#8D9299", imagechat.Localized{KO: "회색", EN: "grey"}},
	{"검은 검정 까만 블랙 black", "#1B1C20", imagechat.Localized{KO: "검은색", EN: "black"}},
	{"하얀 하양 하얗 흰 화이트 white", "#F7F7F5", imagechat.Localized{KO: "흰색", EN: "white"}},
}

// named is a colour that a message names, and where.
type named struct {
	color c.Color
	name  imagechat.Localized
	at    int // bytes into the text
}

// colors finds the colours that a message names: of the background, the one that stands nearest to that word, and of
// everything else, the first of the others. Either may be nil.
func (w words) colors() (subject, ground *named) {
	wall, mentioned := w.find(backgrounds)
	for _, known := range colors {
		at, ok := w.find(known.words)
		if !ok {
			continue
		}
		found := &named{c.Hex(known.hex), known.name, at}
		switch {
		case mentioned && (ground == nil || abs(at-wall) < abs(ground.at-wall)):
			subject, ground = firstOf(subject, ground), found
		default:
			subject = firstOf(subject, found)
		}
	}
	return subject, ground
}

func firstOf(a, b *named) *named {
	if a == nil || b != nil && b.at < a.at {
		return b
	}
	return a
}

func abs(v int) int { return max(v, -v) }

func (w words) motifs() []motif {
	var found []motif
	for _, m := range motifs {
		if w.has(m.words) {
			found = append(found, m)
		}
	}
	return found
}

func (w words) season() string {
	for _, s := range seasons {
		if w.has(s.words) {
			return s.season
		}
	}
	return ""
}

// compose decides what a new picture shows. Pictures of one wish differ by index: in scene where the words allow
// several, in the seed always.
func compose(call *imagechat.Call, w words, seed uint64) picture.Brief {
	b := picture.Brief{Seed: seed, Style: call.Style.ID, Season: w.season()}
	subject, ground := w.colors()
	if subject != nil {
		b.Tint = &subject.color
	}
	if ground != nil {
		b.Ground = &ground.color
	}
	candidates := w.motifs()
	// Shops want the product alone on a plain ground; other placements without words may show a scene.
	b.Plain = call.Purpose.Text == imagechat.TextNone && (call.Purpose.Group == "shops" || call.Purpose.Group == "naver")
	if b.Plain || len(candidates) == 0 {
		candidates = onlyProducts(candidates, seed)
	}
	m := candidates[call.Index%len(candidates)]
	b.Scene, b.Object = m.scene, m.object
	if len(candidates) == 1 && call.Index%2 == 1 && m.scene == picture.SceneProduct && !b.Plain {
		b.Scene = picture.ScenePoster
	}
	if b.Object == "" {
		b.Object = picture.Objects[seed%uint64(len(picture.Objects))]
	}
	if len(w.motifs()) == 0 && !b.Plain {
		scenes := []picture.Scene{picture.SceneProduct, picture.SceneGeometric, picture.ScenePoster, picture.SceneMountain}
		b.Scene = scenes[(seed>>8+uint64(call.Index))%uint64(len(scenes))]
	}
	if call.Purpose.Text != imagechat.TextNone {
		b.Headline, b.Sub = headline(call.Request.Content)
	}
	return b
}

func onlyProducts(found []motif, seed uint64) []motif {
	var products []motif
	for _, m := range found {
		switch {
		case m.scene == picture.SceneLamp || m.scene == picture.SceneProduct:
			products = append(products, m)
		case m.object != "":
			products = append(products, motif{scene: picture.SceneProduct, object: m.object})
		}
	}
	if len(products) == 0 {
		products = []motif{{scene: picture.SceneProduct, object: picture.Objects[seed%uint64(len(picture.Objects))]}}
	}
	return products
}
