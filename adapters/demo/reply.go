package demo

import (
	"strings"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// Every reply begins with one of these, so that nobody takes the demo for a model.
var marks = imagechat.Localized{KO: "[데모] ", EN: "[Demo] "}

var howToLeave = imagechat.Localized{
	KO: " 지금은 연습용 이미지예요. GEMINI_API_KEY를 설정하면 Gemini가 만들어요.",
	EN: " These are practice images. Set GEMINI_API_KEY and Gemini will draw.",
}

// language of the reply: the person's, or else that of the message.
func language(call *imagechat.Call) imagechat.Lang {
	if call.Lang != "" {
		return call.Lang
	}
	if hasHangul(call.Request.Content) {
		return imagechat.LangKO
	}
	return imagechat.LangEN
}

func pick(texts []imagechat.Localized, seed uint64) imagechat.Localized {
	return texts[seed%uint64(len(texts))]
}

// marked gives a reply its mark and, at the start of a conversation, the way to real pictures.
func marked(call *imagechat.Call, text imagechat.Localized) string {
	lang := language(call)
	reply := marks.In(lang) + text.In(lang)
	if len(call.History) == 0 {
		reply += howToLeave.In(lang)
	}
	return reply
}

// talk answers a message that calls for no picture, with the question that helps most.
func talk(call *imagechat.Call, w words, subject bool, seed uint64) string {
	purpose := call.Purpose.Name
	switch {
	case w.has("고마 감사 thanks thank"):
		return marked(call, imagechat.Localized{
			KO: "도움이 됐다니 기뻐요. 더 바꾸고 싶은 곳이 있으면 말해 주세요.",
			EN: "Glad it helps. Tell me if anything should change.",
		})
	case subject:
		return marked(call, pick([]imagechat.Localized{
			{KO: "좋은 주제예요. 밝고 산뜻한 분위기와 차분하고 고급스러운 분위기 가운데 어느 쪽이 어울릴까요? “그려 줘”라고 하면 바로 그릴게요.",
				EN: "A good subject. Should it feel bright and fresh, or calm and refined? Say “draw it” and I will start."},
			{KO: "무엇을 가장 크게 보여 주면 좋을까요? 제품, 사람, 장면 가운데 하나만 정하면 “만들어 줘” 한마디로 시작할 수 있어요.",
				EN: "What should be largest: the product, a person or a scene? Pick one and say “make it”."},
		}, seed))
	case w.has("안녕 반가 hello hi hey"):
		return marked(call, imagechat.Localized{
			KO: "안녕하세요! “" + purpose.KO + "”에 쓸 이미지를 함께 만들어요. 무엇을 보여 줄까요? 예를 들면 “여름 세일 배너 만들어 줘”처럼요.",
			EN: "Hello! Let's make an image for “" + purpose.EN + "”. What should it show? For example: “make a summer sale banner”.",
		})
	}
	return marked(call, pick([]imagechat.Localized{
		{KO: "무엇을 보여 줄까요? 제품이나 장면을 한 문장으로 알려 주세요. 예를 들면 “햇살 드는 식탁 위의 머그컵 그려 줘”처럼요.",
			EN: "What should it show? Name a product or a scene in one sentence, such as “draw a mug on a sunny table”."},
		{KO: "주인공부터 정해 볼까요? 제품 이름이나 장면을 알려 주면 “" + purpose.KO + "” 크기에 맞춰 그릴게요.",
			EN: "Who is the hero? Tell me the product or the scene and I will draw it to fit “" + purpose.EN + "”."},
	}, seed))
}

// another is all there is to say beside the second and later pictures of one wish.
func another(call *imagechat.Call) string {
	lang := language(call)
	return marks.In(lang) + imagechat.Localized{KO: "다른 느낌으로도 만들어 봤어요.", EN: "And another take."}.In(lang)
}

func drewReply(call *imagechat.Call, head string, seed uint64) string {
	if call.Index > 0 {
		return another(call)
	}
	purpose := call.Purpose.Name
	if head == "" {
		return marked(call, imagechat.Localized{
			KO: "“" + purpose.KO + "” 크기에 맞춰 글자 없이 그렸어요. 밝기나 배경색을 바꾸고 싶으면 말해 주세요.",
			EN: "Drawn without words to fit “" + purpose.EN + "”. Tell me if the light or the background should change.",
		})
	}
	return marked(call, pick([]imagechat.Localized{
		{KO: "“" + head + "”, 이런 느낌으로 그려 봤어요. “더 밝게”, “파란 배경”처럼 말하면 바꿔 드려요.",
			EN: "Here is “" + head + "”. Say “brighter” or “on a blue background” and I will change it."},
		{KO: "“" + purpose.KO + "”에 맞춰 그렸어요. 분위기나 문구를 바꾸고 싶으면 말해 주세요.",
			EN: "Drawn to fit “" + purpose.EN + "”. Tell me if the mood or the words should change."},
	}, seed))
}

func changedReply(call *imagechat.Call, e edit) string {
	if call.Index > 0 {
		return another(call)
	}
	if len(e.done) == 0 {
		return marked(call, imagechat.Localized{
			KO: "데모는 말을 다 알아듣지 못해서 색과 구도만 조금 바꿨어요. “더 밝게”, “따뜻하게”, “파란 배경”, “눈 내리게”, “‘여름 세일’ 문구 넣어 줘”는 알아들어요.",
			EN: "The demo did not catch that, so it only shifted colour and framing. It knows “brighter”, “warmer”, “blue background”, “add snow” and “add the text \"Summer sale\"”.",
		})
	}
	var ko, en []string
	for _, d := range e.done {
		ko, en = append(ko, d.KO), append(en, d.EN)
	}
	return marked(call, imagechat.Localized{
		KO: "선택한 이미지를 이렇게 바꿨어요: " + strings.Join(ko, ", ") + ".",
		EN: "The image you chose is now " + strings.Join(en, ", ") + ".",
	})
}
