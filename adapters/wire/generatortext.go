package wire

import "github.com/gemini-image-chat/gemini-image-chat/imagechat"

// generatorCauses are the sentences for failures of the generator whose code
// alone does not say what to do, by code and cause.
var generatorCauses = map[imagechat.Code]map[string]text{
	imagechat.GeneratorProtocol: {
		"redirect": {KO: "이미지 모델 주소(GEMINI_BASE_URL)가 다른 곳으로 넘겨 보내요. 비용은 들지 않았어요. 관리자에게 주소를 고쳐 달라고 해 주세요.",
			EN: "The image model's address (GEMINI_BASE_URL) answers with a redirect. Nothing was charged. Ask the administrator to correct the address."},
		"web_page": {KO: "이미지 모델 대신 웹 페이지가 답했어요(프록시나 Wi-Fi 로그인 화면일 수 있어요). 비용은 들지 않았어요. 관리자에게 네트워크와 GEMINI_BASE_URL을 확인해 달라고 해 주세요.",
			EN: "A web page answered in the image model's place, such as a proxy's or a Wi-Fi sign-in page. Nothing was charged. Ask the administrator to check the network and GEMINI_BASE_URL."},
		"not_the_api": {KO: "GEMINI_BASE_URL이 Gemini API로 이어지지 않아요. 비용은 들지 않았어요. 관리자에게 주소를 확인해 달라고 해 주세요.",
			EN: "GEMINI_BASE_URL does not lead to the Gemini API. Nothing was charged. Ask the administrator to check the address."},
	},
	imagechat.QuotaExhausted: {
		"credit": {KO: "Gemini 선불 크레딧을 다 썼어요. 기다려도 풀리지 않으니 관리자에게 충전해 달라고 해 주세요.",
			EN: "The Gemini credit is used up. Waiting does not help; ask the administrator to top it up."},
	},
	imagechat.GeneratorRejectedKey: {
		"api_disabled": {KO: "이 키의 프로젝트에서 Gemini API가 꺼져 있어요. 관리자에게 Google Cloud에서 API를 켜 달라고 해 주세요.",
			EN: "The Gemini API is switched off in the key's project. Ask the administrator to enable it in Google Cloud."},
		"billing": {KO: "이 키의 프로젝트에 결제가 꺼져 있어요. 관리자에게 결제를 켜 달라고 해 주세요.",
			EN: "Billing is switched off in the key's project. Ask the administrator to enable it."},
		"key_restricted": {KO: "이 API 키는 여기서 쓸 수 없게 제한되어 있어요. 관리자에게 키의 제한(주소, API)을 확인해 달라고 해 주세요.",
			EN: "The API key is restricted and may not be used from here. Ask the administrator to check the key's restrictions."},
	},
	imagechat.ModelUnavailable: {
		"region": {KO: "서버가 있는 지역에서는 Gemini의 이미지 생성을 쓸 수 없어요. 모델을 바꿔도 마찬가지예요. 관리자에게 서버의 지역을 바꿔 달라고 해 주세요.",
			EN: "Gemini does not draw for the place where the server stands; another model does not help. Ask the administrator to run it in another region."},
		"precondition": {KO: "이 계정으로는 Gemini를 아직 쓸 수 없어요. 관리자에게 결제와 프로젝트 설정을 확인해 달라고 해 주세요.",
			EN: "Gemini cannot be used with this account yet. Ask the administrator to check its billing and project settings."},
	},
	imagechat.Interrupted: {
		"upstream": {KO: "Gemini 쪽에서 작업을 멈췄어요. 비용이 들었을 수 있으니 확인하고 다시 시도해 주세요.",
			EN: "Gemini broke off the work. It may have been charged, so check before you try again."},
	},
	imagechat.InvalidRequest: {
		"generator": {KO: "이미지 모델이 이 요청을 받아들이지 않았어요. 아래 이유를 보고 내용이나 옵션을 바꿔 주세요. 계속되면 관리자에게 알려 주세요.",
			EN: "The image model did not accept the request. Change the words or the options as its reason says; if it goes on, tell the administrator."},
	},
	imagechat.PayloadTooLarge: {
		"conversation": {KO: "대화가 너무 길어서 이미지 모델이 받지 못했어요. 새 대화를 시작하거나 참고 이미지를 줄여 주세요.",
			EN: "The conversation is too long for the image model. Start a new one, or send fewer reference images."},
	},
}

// obstacles are the sentences for what is in the way of a connection.
var obstacles = map[string]text{
	"proxy": {KO: "프록시가 연결을 막아서 이미지 모델에 연결하지 못했어요. 비용은 들지 않았어요. 관리자에게 HTTPS_PROXY를 확인해 달라고 해 주세요.",
		EN: "The proxy did not let the connection to the image model through. Nothing was charged. Ask the administrator to check HTTPS_PROXY."},
	"name": {KO: "이미지 모델의 주소를 찾지 못했어요. 비용은 들지 않았어요. 관리자에게 네트워크(DNS)와 GEMINI_BASE_URL을 확인해 달라고 해 주세요.",
		EN: "The image model's address was not found. Nothing was charged. Ask the administrator to check the network (DNS) and GEMINI_BASE_URL."},
	"certificate": {KO: "이미지 모델과 안전하게 연결하지 못했어요(TLS 인증서). 비용은 들지 않았어요. 관리자에게 GEMINI_BASE_URL과 프록시의 인증서를 확인해 달라고 해 주세요.",
		EN: "No secure connection to the image model could be made (TLS certificate). Nothing was charged. Ask the administrator to check GEMINI_BASE_URL and the proxy's certificate."},
	"connection": {KO: "이미지 모델에 연결하지 못했어요. 비용은 들지 않았어요. 관리자에게 네트워크, GEMINI_BASE_URL, HTTPS_PROXY를 확인해 달라고 해 주세요.",
		EN: "The image model could not be reached. Nothing was charged. Ask the administrator to check the network, GEMINI_BASE_URL and HTTPS_PROXY."},
}

// generatorText is the sentence of a failure whose cause is known, or "".
func generatorText(c imagechat.Code, e *imagechat.Error, l Locale) string {
	cause := e.Params["cause"]
	if c == imagechat.GeneratorOverloaded && cause == "unreachable" {
		if t, ok := obstacles[e.Params["obstacle"]]; ok {
			return t.In(l.Lang)
		}
		return obstacles["connection"].In(l.Lang)
	}
	if t, ok := generatorCauses[c][cause]; ok {
		return t.In(l.Lang)
	}
	if c == imagechat.GeneratorProtocol && cause == "" && e.Charge == imagechat.ChargeNone {
		return say(l, text{KO: "이미지 모델의 답을 쓸 수 없었어요. 비용은 들지 않았으니 다시 시도하거나 관리자에게 알려 주세요.",
			EN: "The image model's answer could not be used. Nothing was charged; try again, or tell the administrator."})
	}
	return ""
}
