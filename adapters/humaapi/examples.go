package humaapi

import "github.com/danielgtaylor/huma/v2"

// example is a request in both languages.
type example struct{ ko, en any }

type object = map[string]any

// bodyExamples are the requests that people start from, by operation.
var bodyExamples = map[string]example{
	"createSession": {
		object{"title": "여름 신메뉴 인스타 피드", "image_purpose": "sns_instagram_square", "style_preset": "minimal"},
		object{"title": "Summer menu for Instagram", "image_purpose": "sns_instagram_square", "style_preset": "minimal"},
	},
	"updateSession": {object{"title": "가을 신메뉴", "style_preset": nil}, object{"title": "Autumn menu", "style_preset": nil}},
	"createTurn": {
		object{"kind": "generate", "content": "나무 탁자 위의 아이스 라떼, 부드러운 아침 햇살", "count": 2},
		object{"kind": "generate", "content": "An iced latte on a wooden table, soft morning light", "count": 2},
	},
	"estimateTurn":  {object{"kind": "generate", "content": "아이스 라떼", "count": 4}, object{"kind": "generate", "content": "Iced latte", "count": 4}},
	"sendMessage":   {object{"content": "어떤 분위기가 어울릴까?"}, object{"content": "Which mood would suit it?"}},
	"generateImage": {object{"prompt": "나무 탁자 위의 아이스 라떼"}, object{"prompt": "An iced latte on a wooden table"}},
	"refineImage": {
		object{"feedback": "배경을 더 밝게 해 줘", "image_id": "0199f3c2-7a10-7c3e-9b1a-2f6f1f0c5a12"},
		object{"feedback": "Make the background brighter", "image_id": "0199f3c2-7a10-7c3e-9b1a-2f6f1f0c5a12"},
	},
	"updateImage": {object{"is_selected": true, "alt_text": "나무 탁자 위의 아이스 라떼"}, object{"is_selected": true, "alt_text": "Iced latte on a wooden table"}},
	"createExport": {
		object{"image_id": "0199f3c2-7a10-7c3e-9b1a-2f6f1f0c5a12", "purposes": []string{"sns_instagram_square", "banner_web"}},
		object{"image_id": "0199f3c2-7a10-7c3e-9b1a-2f6f1f0c5a12", "purposes": []string{"email_header"}, "formats": []string{"jpeg"}},
	},
	"previewExport": {
		object{"purposes": []string{"sns_instagram_square", "banner_web"}},
		object{"purposes": []string{"email_header"}, "focus": object{"x": 0.5, "y": 0.4}},
	},
	"createBrand": {
		object{"name": "달빛커피", "palette": []object{{"name": "달빛 노랑", "hex": "#F6D860"}}, "tone": "다정하고 담백하게"},
		object{"name": "Moonlight Coffee", "palette": []object{{"name": "Moon yellow", "hex": "#F6D860"}}, "tone": "Warm and plain"},
	},
	"updateBrand": {object{"dont": []string{"네온 색을 쓰지 않는다"}}, object{"dont": []string{"Use no neon colours"}}},
}

// problemExample is what a refused request looks like.
func problemExample(ko bool) object {
	p := object{
		"type": "urn:imagechat:problem:invalid_request", "title": "Please check your input", "status": 422,
		"detail": "Something in your input needs a change. Check the fields below and send it again. content: From 1 to 2000 characters.",
		"code":   "invalid_request", "request_id": "a1b2c3d4e5f60718", "retryable": false,
		"errors": []object{{"location": "content", "rule": "too_long", "message": "From 1 to 2000 characters."}},
	}
	if ko {
		p["title"] = "입력을 확인해 주세요"
		p["detail"] = "입력한 내용에 고칠 곳이 있어요. 아래 항목을 확인하고 다시 보내 주세요. content: 1자에서 2000자까지 쓸 수 있어요."
		p["errors"] = []object{{"location": "content", "rule": "too_long", "message": "1자에서 2000자까지 쓸 수 있어요."}}
	}
	return p
}

func describeExamples(doc *huma.OpenAPI) {
	for _, item := range doc.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Patch, item.Delete} {
			if op == nil {
				continue
			}
			if e, ok := bodyExamples[op.OperationID]; ok {
				op.RequestBody.Content["application/json"].Examples = bothLanguages(e.ko, e.en)
			}
			if r := op.Responses["422"]; r != nil {
				for _, c := range r.Content {
					c.Examples = bothLanguages(problemExample(true), problemExample(false))
				}
			}
		}
	}
}

func bothLanguages(ko, en any) map[string]*huma.Example {
	return map[string]*huma.Example{"ko": {Summary: "한국어", Value: ko}, "en": {Summary: "English", Value: en}}
}
