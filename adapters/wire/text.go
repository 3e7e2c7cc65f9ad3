package wire

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

type text = imagechat.Localized

var reasonPrefix = text{KO: "이미지 모델이 알린 이유: ", EN: "The image model's reason: "}

// titles are the codes in words.
var titles = map[imagechat.Code]text{
	imagechat.InvalidRequest:         {KO: "입력을 확인해 주세요", EN: "Please check your input"},
	imagechat.MalformedRequest:       {KO: "요청을 읽지 못했어요", EN: "The request could not be read"},
	imagechat.Unauthorized:           {KO: "로그인이 필요해요", EN: "Please sign in"},
	imagechat.Forbidden:              {KO: "허용되지 않은 요청이에요", EN: "This is not allowed"},
	imagechat.NotFound:               {KO: "찾지 못했어요", EN: "Not found"},
	imagechat.SessionNotFound:        {KO: "대화를 찾지 못했어요", EN: "Conversation not found"},
	imagechat.ImageNotFound:          {KO: "이미지를 찾지 못했어요", EN: "Image not found"},
	imagechat.TurnNotFound:           {KO: "작업을 찾지 못했어요", EN: "Turn not found"},
	imagechat.Conflict:               {KO: "지금은 할 수 없어요", EN: "Not possible right now"},
	imagechat.IdempotencyMismatch:    {KO: "이미 쓴 요청 키예요", EN: "The request key was used before"},
	imagechat.PayloadTooLarge:        {KO: "너무 커요", EN: "Too large"},
	imagechat.UnsupportedImage:       {KO: "지원하지 않는 이미지예요", EN: "This kind of image is not supported"},
	imagechat.InvalidImage:           {KO: "이미지를 읽지 못했어요", EN: "The image could not be read"},
	imagechat.RateLimited:            {KO: "요청이 너무 많아요", EN: "Too many requests"},
	imagechat.BudgetExceeded:         {KO: "남은 예산이 부족해요", EN: "Not enough budget left"},
	imagechat.GeneratorNotConfigured: {KO: "이미지 모델이 설정되지 않았어요", EN: "The image model is not set up"},
	imagechat.GeneratorRejectedKey:   {KO: "API 키가 올바르지 않아요", EN: "The API key is not valid"},
	imagechat.ModelUnavailable:       {KO: "모델을 쓸 수 없어요", EN: "The model is not available"},
	imagechat.QuotaExhausted:         {KO: "사용 한도를 다 썼어요", EN: "The quota is used up"},
	imagechat.GeneratorOverloaded:    {KO: "이미지 모델이 붐비고 있어요", EN: "The image model is busy"},
	imagechat.GeneratorTimeout:       {KO: "시간이 너무 오래 걸렸어요", EN: "It took too long"},
	imagechat.GeneratorProtocol:      {KO: "이미지 모델의 답을 읽지 못했어요", EN: "The image model's answer could not be read"},
	imagechat.ContentBlocked:         {KO: "안전 기준에 걸렸어요", EN: "Blocked by the safety rules"},
	imagechat.NoImageReturned:        {KO: "이미지가 나오지 않았어요", EN: "No image was returned"},
	imagechat.Interrupted:            {KO: "작업이 중간에 끊겼어요", EN: "The work was interrupted"},
	imagechat.Cancelled:              {KO: "취소했어요", EN: "Cancelled"},
	imagechat.StorageFull:            {KO: "저장 공간이 없어요", EN: "No space left"},
	imagechat.StorageUnavailable:     {KO: "저장소를 쓸 수 없어요", EN: "Storage is not available"},
	imagechat.Internal:               {KO: "서버에 문제가 생겼어요", EN: "Something went wrong"},
}

// details say what happened and what to do next. Those that depend on
// numbers have a function in sentence instead of only this line.
var details = map[imagechat.Code]text{
	imagechat.InvalidRequest:         {KO: "입력한 내용에 고칠 곳이 있어요. 아래 항목을 확인하고 다시 보내 주세요.", EN: "Something in your input needs a change. Check the fields below and send it again."},
	imagechat.MalformedRequest:       {KO: "요청의 형식이 올바르지 않아 읽지 못했어요. 형식을 확인하고 다시 보내 주세요.", EN: "The request has the wrong form and could not be read. Check its form and send it again."},
	imagechat.Unauthorized:           {KO: "로그인해야 볼 수 있어요. 받은 토큰으로 로그인해 주세요.", EN: "You need to sign in to see this. Sign in with the token you were given."},
	imagechat.Forbidden:              {KO: "이 주소에서 온 요청은 받지 않아요. 앱을 새로 열어서 다시 시도해 주세요.", EN: "Requests from there are not accepted. Open the app afresh and try again."},
	imagechat.NotFound:               {KO: "요청한 것을 찾지 못했어요. 주소를 확인해 주세요.", EN: "What you asked for was not found. Check the address."},
	imagechat.SessionNotFound:        {KO: "이 대화는 지워졌거나 없는 대화예요. 목록에서 다시 선택해 주세요.", EN: "This conversation was deleted or never existed. Pick one from the list."},
	imagechat.ImageNotFound:          {KO: "이 이미지는 지워졌거나 없는 이미지예요. 다른 이미지를 선택해 주세요.", EN: "This image was deleted or never existed. Choose another one."},
	imagechat.TurnNotFound:           {KO: "이 작업은 지워졌거나 없는 작업이에요. 대화를 새로 고쳐 주세요.", EN: "This turn was deleted or never existed. Reload the conversation."},
	imagechat.Conflict:               {KO: "지금 상태에서는 할 수 없는 일이에요. 화면을 새로 고치고 상태를 확인해 주세요.", EN: "That is not possible in the present state. Reload and look at the state."},
	imagechat.IdempotencyMismatch:    {KO: "같은 요청 키로 다른 내용을 보냈어요. 새 키를 써서 다시 보내 주세요.", EN: "The same request key came with another content. Send it again with a new key."},
	imagechat.PayloadTooLarge:        {KO: "보낸 내용이 너무 커요. 크기를 줄여서 다시 보내 주세요.", EN: "What you sent is too large. Make it smaller and send it again."},
	imagechat.UnsupportedImage:       {KO: "PNG, JPEG, WebP, GIF 이미지만 쓸 수 있어요. 형식을 바꿔서 다시 올려 주세요.", EN: "Only PNG, JPEG, WebP and GIF images can be used. Convert it and upload it again."},
	imagechat.InvalidImage:           {KO: "이미지 파일이 손상되어 읽지 못했어요. 다른 파일로 다시 올려 주세요.", EN: "The image file is damaged and could not be read. Upload another file."},
	imagechat.RateLimited:            {KO: "요청이 몰려서 잠시 쉬고 있어요. 조금 뒤에 다시 시도해 주세요.", EN: "Too many requests came at once. Try again in a moment."},
	imagechat.BudgetExceeded:         {KO: "남은 예산이 부족해요. 예산이 다시 생긴 뒤에 다시 시도하거나 관리자에게 예산을 늘려 달라고 해 주세요.", EN: "Not enough of the budget is left. Try again when it frees up, or ask the administrator to raise it."},
	imagechat.GeneratorNotConfigured: {KO: "이미지 모델이 아직 설정되지 않았어요. 관리자에게 GEMINI_API_KEY 설정을 부탁해 주세요.", EN: "The image model is not set up yet. Ask the administrator to set GEMINI_API_KEY."},
	imagechat.GeneratorRejectedKey:   {KO: "API 키가 올바르지 않아요. 관리자에게 키를 확인해 달라고 해 주세요.", EN: "The API key is not valid. Ask the administrator to check it."},
	imagechat.ModelUnavailable:       {KO: "이 모델은 지금 쓸 수 없어요. 다른 모델을 선택해서 다시 시도해 주세요.", EN: "This model is not available. Choose another model and try again."},
	imagechat.QuotaExhausted:         {KO: "Gemini 사용 한도를 다 썼어요. 한도가 다시 채워지면 시도해 주세요.", EN: "The Gemini quota is used up. Try again when it is filled up again."},
	imagechat.GeneratorOverloaded:    {KO: "이미지 모델에 요청이 몰려서 지금은 만들지 못했어요. 잠시 뒤에 다시 시도해 주세요.", EN: "The image model is overloaded and could not make it now. Try again in a moment."},
	imagechat.GeneratorTimeout:       {KO: "정해진 시간 안에 답이 오지 않았어요. 비용이 들었을 수 있으니 확인하고 다시 시도해 주세요.", EN: "No answer came in time. It may have been charged, so check before you try again."},
	imagechat.GeneratorProtocol:      {KO: "이미지 모델의 답이 깨져서 쓰지 못했어요. 비용이 들었을 수 있으니 확인하고 다시 시도해 주세요.", EN: "The image model's answer was broken. It may have been charged, so check before you try again."},
	imagechat.ContentBlocked:         {KO: "안전 기준 때문에 이 이미지는 만들지 못했어요. 표현을 조금 바꿔서 다시 시도해 주세요.", EN: "This image could not be made because of the safety rules. Change the wording a little and try again."},
	imagechat.NoImageReturned:        {KO: "이번에는 이미지가 나오지 않았어요. 원하는 장면을 더 자세히 적어서 다시 시도해 주세요.", EN: "No image was returned this time. Describe the scene in more detail and try again."},
	imagechat.Interrupted:            {KO: "서버가 다시 시작되면서 작업이 끊겼어요. 비용이 들었을 수 있으니 확인하고 다시 시도해 주세요.", EN: "The server restarted and the work was cut off. It may have been charged, so check before you try again."},
	imagechat.Cancelled:              {KO: "요청한 대로 작업을 멈췄어요. 필요하면 다시 시도해 주세요.", EN: "The work was stopped as you asked. Try again whenever you like."},
	imagechat.StorageFull:            {KO: "서버의 저장 공간이 꽉 차서 시작하지 못했어요. 관리자에게 공간을 비워 달라고 해 주세요.", EN: "The server's storage is full, so nothing was started. Ask the administrator to free some space."},
	imagechat.StorageUnavailable:     {KO: "저장소에 잠시 문제가 있어요. 조금 뒤에 다시 시도해 주세요.", EN: "The storage has a problem at the moment. Try again shortly."},
	imagechat.Internal:               {KO: "서버에서 예상하지 못한 문제가 생겼어요. 다시 시도해도 계속되면 요청 번호를 관리자에게 알려 주세요.", EN: "Something unexpected happened on the server. If it goes on, give the request id to the administrator."},
}

// sentence is a code's line with the numbers of this failure filled in.
func sentence(c imagechat.Code, e *imagechat.Error, l Locale) string {
	base := details[c].In(l.Lang)
	if s := generatorText(c, e, l); s != "" {
		return s
	}
	switch c {
	case imagechat.PayloadTooLarge:
		return orElse(tooLarge(e, l), base)
	case imagechat.RateLimited, imagechat.GeneratorOverloaded:
		return orElse(withWait(c, e, l), base)
	case imagechat.BudgetExceeded:
		return orElse(overBudget(e, l), base)
	case imagechat.QuotaExhausted:
		return orElse(quotaGone(e, l), base)
	case imagechat.ModelUnavailable:
		return orElse(modelGone(e, l), base)
	case imagechat.MalformedRequest:
		return orElse(malformed(e, l), base)
	case imagechat.InvalidRequest:
		if e.Params["cause"] == "format_not_accepted" {
			return say(l, text{KO: "이 용도는 정해진 형식만 받아요(%[1]s: %[2]s). 형식을 바꾸거나 비워 두고 다시 보내 주세요.", EN: "This purpose takes certain formats only (%[1]s: %[2]s). Change the format or leave it out, and send it again."},
				e.Params["purpose"], strings.ToUpper(e.Params["accepted"]))
		}
	case imagechat.InvalidImage:
		return orElse(invalidImage(e, l), base)
	case imagechat.UnsupportedImage:
		return orElse(unsupportedImage(e, l), base)
	case imagechat.GeneratorProtocol:
		if t, ok := brokenAnswers[e.Params["cause"]]; ok {
			return t.In(l.Lang)
		}
	case imagechat.StorageFull:
		return orElse(quotaFull(e, l), base)
	case imagechat.Unauthorized:
		if e.Params["cause"] == "wrong_token" {
			return say(l, text{KO: "이 토큰은 맞지 않아요. 받은 토큰을 빠짐없이 다시 적어 주세요.", EN: "This token is not right. Enter the whole token that you were given."})
		}
	case imagechat.Interrupted:
		if e.Params["cause"] == "shutdown" && e.RetryAfter > 0 { // refused, not cut off
			return say(l, text{KO: "서버가 곧 다시 시작돼요. 아무것도 시작하지 않았으니 잠시 뒤에 다시 보내 주세요.", EN: "The server is about to restart. Nothing was started; send it again in a moment."})
		}
	}
	return base
}

func orElse(s, otherwise string) string {
	if s != "" {
		return s
	}
	return otherwise
}

func say(l Locale, t text, args ...any) string { return fmt.Sprintf(t.In(l.Lang), args...) }

func tooLarge(e *imagechat.Error, l Locale) string {
	if e.Params["of"] == "kept" {
		return say(l, text{KO: "이 이미지는 파일이 너무 커서 크기를 바꾸거나 내보낼 수 없어요. 원본은 그대로 내려받을 수 있어요.", EN: "This image's file is too large to be scaled or exported. You can still download the original."})
	}
	limit := orElse(e.Params["max_bytes"], e.Params["limit"])
	n, err := strconv.ParseInt(limit, 10, 64)
	if err != nil || n <= 0 {
		return ""
	}
	return say(l, text{KO: "%s까지 보낼 수 있어요. 크기를 줄여서 다시 보내 주세요.", EN: "At most %s can be sent. Make it smaller and send it again."}, byteCount(n))
}

// malformed says what about the request's form is wrong, where that is known.
func malformed(e *imagechat.Error, l Locale) string {
	switch e.Params["cause"] {
	case "method":
		return say(l, text{KO: "이 주소는 이 메서드를 받지 않아요. 쓸 수 있는 메서드: %s", EN: "This address does not take that method. It takes: %s"}, e.Params["allowed"])
	case "content_type":
		return say(l, text{KO: "본문의 형식을 확인해 주세요. Content-Type이 %s인 본문만 받아요.", EN: "Check the body's type. Only a body whose Content-Type is %s is taken here."}, e.Params["expected"])
	case "upgrade":
		return say(l, text{KO: "이 주소는 WebSocket만 받아요. Upgrade: websocket 헤더를 넣어서 연결해 주세요.", EN: "This address speaks WebSocket only. Connect with the header Upgrade: websocket."})
	case "range":
		return say(l, text{KO: "요청한 범위가 파일을 벗어나요. Range를 고치거나 빼고 다시 요청해 주세요.", EN: "The range lies outside of the file. Change Range or leave it out, and ask again."})
	case "query":
		return say(l, text{KO: "주소의 ? 뒤를 읽지 못했어요. 글자 %%는 %%25로, ;는 %%3B로 적어서 다시 보내 주세요.", EN: "What follows the ? in the address could not be read. Write the character %% as %%25 and ; as %%3B, and send it again."})
	}
	return ""
}

// quotaFull says that it is the person's own uploads that take all the room.
func quotaFull(e *imagechat.Error, l Locale) string {
	limit, err := strconv.ParseInt(e.Params["max_bytes"], 10, 64)
	if err != nil || e.Params["cause"] != "quota" {
		return ""
	}
	return say(l, text{KO: "올려 둔 이미지가 한도(%s)까지 찼어요. 쓰지 않는 이미지나 대화를 지우고 다시 올려 주세요.", EN: "Your uploads fill the %s that they may take. Delete images or conversations that you no longer need, and upload it again."}, byteCount(limit))
}

// byteCount is a size in the unit that limits are given in: powers of 1024
// where the number is one, else of 1000.
func byteCount(n int64) string {
	switch {
	case n >= 1<<20 && n%(1<<20) == 0:
		return strconv.FormatInt(n>>20, 10) + "MB"
	case n >= 1_000_000:
		return strconv.FormatFloat(math.Floor(float64(n)/100_000)/10, 'f', -1, 64) + "MB"
	case n >= 1<<10 && n%(1<<10) == 0:
		return strconv.FormatInt(n>>10, 10) + "KB"
	case n >= 1000:
		return strconv.FormatInt(n/1000, 10) + "KB"
	}
	return strconv.FormatInt(n, 10) + "B"
}

func withWait(c imagechat.Code, e *imagechat.Error, l Locale) string {
	wait := retryAfter(e, l.Now)
	if wait <= 0 {
		return ""
	}
	if c == imagechat.RateLimited && e.Params["cause"] == "files" {
		return say(l, text{KO: "올리거나 내려받는 파일이 한꺼번에 너무 많아요. 몇 개가 끝난 뒤(%s쯤) 다시 시도해 주세요.", EN: "Too many of your files are on their way at once. Let some of them finish, and try again in about %s."}, l.wait(wait))
	}
	if c == imagechat.RateLimited && e.Params["cause"] == "queue" {
		return say(l, text{KO: "순서를 기다리는 요청이 이미 %s개예요. 앞선 작업이 끝나도록 %s쯤 뒤에 다시 보내 주세요.", EN: "%s requests of yours are waiting already. Let some of them finish, and send it again in about %s."}, e.Params["max"], l.wait(wait))
	}
	if c == imagechat.RateLimited {
		return say(l, text{KO: "요청이 몰려서 잠시 쉬고 있어요. %s 뒤에 다시 시도해 주세요.", EN: "Too many requests came at once. Try again in %s."}, l.wait(wait))
	}
	return say(l, text{KO: "이미지 모델에 요청이 몰려서 지금은 만들지 못했어요. %s 뒤에 다시 시도해 주세요.", EN: "The image model is overloaded and could not make it now. Try again in %s."}, l.wait(wait))
}

func overBudget(e *imagechat.Error, l Locale) string {
	limit := orElse(e.Params["cap"], e.Params["limit"])
	spent := e.Params["spent"]
	if limit == "" || spent == "" {
		return ""
	}
	s := say(l, text{KO: "예산 $%s를 다 썼어요.", EN: "The budget of $%s is used up."}, dollars(limit))
	if left := leftOf(limit, spent); left != "" && e.Params["estimate"] != "" {
		s = say(l, text{
			KO: "남은 예산 $%s보다 비싼 요청이에요(예상 비용 $%s, 예산 $%s).",
			EN: "This request costs more than the $%s that is left (estimated cost $%s, budget $%s).",
		}, dollars(left), dollars(e.Params["estimate"]), dollars(limit))
	}
	switch {
	case !e.ResetsAt.IsZero():
		return s + say(l, text{KO: " %s부터 예산이 다시 생겨요. 급하면 관리자에게 예산을 늘려 달라고 해 주세요.", EN: " The budget frees up from %s. If it is urgent, ask the administrator to raise it."}, l.clock(e.ResetsAt))
	case e.Params["budget"] == "session":
		return s + say(l, text{KO: " 새 대화를 시작하거나 관리자에게 예산을 늘려 달라고 해 주세요.", EN: " Start a new conversation or ask the administrator to raise it."})
	}
	return s + say(l, text{KO: " 장수나 크기를 줄이거나 관리자에게 예산을 늘려 달라고 해 주세요.", EN: " Make fewer or smaller images, or ask the administrator to raise it."})
}

// leftOf is what remains of a budget; "" when nothing does.
func leftOf(limit, spent string) string {
	all, err := strconv.ParseFloat(limit, 64)
	if err != nil {
		return ""
	}
	gone, err := strconv.ParseFloat(spent, 64)
	if err != nil || gone >= all {
		return ""
	}
	return strconv.FormatFloat(all-gone, 'f', -1, 64)
}

// dollars is an amount as the web app writes it, so that a sum reads the same
// everywhere: two digits from a dollar on, below it three where the third
// says something, below a thousandth as many as it takes to the first.
func dollars(amount string) string {
	v, err := strconv.ParseFloat(amount, 64)
	if err != nil || v == 0 {
		return amount
	}
	digits := 2
	if v > 0 && v < 1 {
		digits = max(3, int(math.Ceil(-math.Log10(v))))
	}
	s := strconv.FormatFloat(v, 'f', digits, 64)
	if dot := strings.IndexByte(s, '.'); len(s)-dot-1 == 3 {
		s = strings.TrimSuffix(s, "0")
	}
	return s
}

func quotaGone(e *imagechat.Error, l Locale) string {
	if e.ResetsAt.IsZero() {
		return ""
	}
	return say(l, text{KO: "Gemini 사용 한도를 다 썼어요. %s에 다시 채워지니 그때 시도해 주세요.", EN: "The Gemini quota is used up. It is filled up again at %s; try again then."}, l.clock(e.ResetsAt))
}

func modelGone(e *imagechat.Error, l Locale) string {
	model, instead := e.Params["model"], e.Params["replacement"]
	switch {
	case model == "":
		return ""
	case instead == "":
		return say(l, text{KO: "지금 쓸 수 없는 모델이에요: %s. 다른 모델을 선택해서 다시 시도해 주세요.", EN: "This model is not available: %s. Choose another model and try again."}, model)
	}
	return say(l, text{KO: "지금 쓸 수 없는 모델이에요: %s. 대신 쓸 수 있는 모델로 바꿔서 다시 시도해 주세요: %s", EN: "This model is not available: %s. Change to this one and try again: %s"}, model, instead)
}

// wait is a span as people say it, rounded up so that it is never too short.
func (l Locale) wait(d time.Duration) string {
	seconds := int(math.Ceil(d.Seconds()))
	switch {
	case seconds < 120:
		return say(l, text{KO: "%d초", EN: "%d s"}, seconds)
	case seconds < 7200:
		return say(l, text{KO: "%d분", EN: "%d min"}, (seconds+59)/60)
	}
	return say(l, text{KO: "%d시간", EN: "%d h"}, (seconds+3599)/3600)
}

// clock is a moment on the person's own clock.
func (l Locale) clock(t time.Time) string {
	t = t.In(l.zone())
	if l.Lang != imagechat.LangKO {
		return t.Format("Jan 2, 15:04 MST")
	}
	half, hour := "오전", t.Hour()
	if hour >= 12 {
		half, hour = "오후", hour-12
	}
	if hour == 0 {
		hour = 12
	}
	return fmt.Sprintf("%d월 %d일 %s %d:%02d", int(t.Month()), t.Day(), half, hour, t.Minute())
}

// rules are the sentences for broken rules; {min} and {max} take the bounds.
var rules = map[string]text{
	"required":             {KO: "꼭 필요한 값이에요.", EN: "This is required."},
	"too_long":             {KO: "%[2]d자까지 쓸 수 있어요.", EN: "At most %[2]d characters."},
	"too_short":            {KO: "%[1]d자 이상 써 주세요.", EN: "At least %[1]d characters."},
	"length":               {KO: "%[1]d자에서 %[2]d자까지 쓸 수 있어요.", EN: "From %[1]d to %[2]d characters."},
	"range":                {KO: "%[1]d에서 %[2]d 사이의 값을 써 주세요.", EN: "Use a value from %[1]d to %[2]d."},
	"minimum":              {KO: "%[1]d 이상이어야 해요.", EN: "It must be at least %[1]d."},
	"maximum":              {KO: "%[2]d 이하여야 해요.", EN: "It must be at most %[2]d."},
	"too_many":             {KO: "%[2]d개까지 넣을 수 있어요.", EN: "At most %[2]d of them."},
	"too_many_bytes":       {KO: "JSON으로 %[2]d바이트까지 쓸 수 있어요(한글은 한 글자가 3바이트예요).", EN: "At most %[2]d bytes as JSON (a Hangul syllable takes 3)."},
	"more_than_references": {KO: "reference_image_ids에 있는 이미지보다 역할이 더 많아요. 개수를 맞춰 주세요.", EN: "There are more roles than images in reference_image_ids. Give one for each at most."},
	"both_sides":           {KO: "custom_width와 custom_height를 함께 보내 주세요.", EN: "Give custom_width and custom_height together."},
	"not_custom":           {KO: "직접 정한 크기와 다른 용도를 함께 쓸 수 없어요. 용도를 빼거나 custom으로 보내 주세요.", EN: "A size of your own does not go with another purpose. Leave the purpose out, or send custom."},
	"no_picture":           {KO: "이미지를 만들지 않는 대화(chat)에는 쓸 수 없어요. 빼거나 다른 kind로 보내 주세요.", EN: "chat draws no image, so this has no meaning there. Leave it out, or send another kind."},
	"unknown":              {KO: "모르는 값이에요. 목록에 있는 값을 써 주세요.", EN: "This value is not known. Use one from the list."},
	"nul":                  {KO: "쓸 수 없는 문자(NUL)가 들어 있어요. 지우고 다시 보내 주세요.", EN: "It holds a character that cannot be used (NUL). Remove it and send it again."},
	"not_utf8":             {KO: "UTF-8 글자가 아니에요. 인코딩을 확인해 주세요.", EN: "It is not UTF-8. Check the encoding."},
	"type":                 {KO: "값의 종류가 맞지 않아요.", EN: "The value is of the wrong kind."},
	"not_null":             {KO: "비워 둘 수 없는 값이에요. 다른 값을 쓰거나 항목을 빼고 보내 주세요.", EN: "It cannot be cleared. Give another value, or leave it out."},
	"integer":              {KO: "512처럼 정수로 적어 주세요.", EN: "Write a whole number, such as 512."},
	"cursor":               {KO: "이 목록의 cursor가 아니에요. 첫 페이지부터 다시 불러와 주세요.", EN: "This is no cursor of this list. Begin again at the first page."},
	"format":               {KO: "값의 형식이 맞지 않아요.", EN: "The value has the wrong form."},
	"unexpected":           {KO: "없는 항목이에요. 이름을 확인해 주세요.", EN: "There is no such field. Check its name."},
	"not_allowed": {KO: "이 주소의 이미지는 가져오지 않아요. 파일로 올려 주세요.",
		EN: "Images are not fetched from there. Upload the file instead."},
	"hex_color": {KO: "#F6D860처럼 # 뒤에 여섯 자리로 적어 주세요.", EN: "Write it like #F6D860: a # and six digits."},
	"no_size": {KO: "이 대화에는 정해 둔 크기가 없어요. width와 height를 함께 보내 주세요.",
		EN: "This conversation has no size of its own. Give width and height."},
	"not_accepted": {KO: "이 용도가 받지 않는 형식이에요.", EN: "The purpose does not take this format."},
	"over_limit":   {KO: "이 형식으로는 용량 제한을 맞출 수 없어요. 다른 형식을 선택해 주세요.", EN: "This format cannot meet the byte limit. Choose another format."},
	"invalid":      {KO: "쓸 수 없는 값이에요. 값을 확인해 주세요.", EN: "This value cannot be used. Check it."},
}

func fieldSentence(f imagechat.FieldError, lang imagechat.Lang) string {
	name := f.Rule
	if (name == "too_long" || name == "too_short") && f.Min > 0 && f.Max > 0 {
		name = "length"
	}
	if name == "unknown" && f.Location == "cursor" {
		name = "cursor"
	}
	bounded := f.Min != 0 || f.Max != 0 || name == "minimum" // which may be 0
	t, ok := rules[name]
	if !ok || (!bounded && needsBounds(name)) {
		t = rules["invalid"]
		bounded = false
	}
	s := t.In(lang)
	if !bounded || !needsBounds(name) {
		return s
	}
	return fmt.Sprintf(s, f.Min, f.Max)
}

func needsBounds(rule string) bool {
	switch rule {
	case "too_long", "too_short", "length", "range", "minimum", "maximum", "too_many", "too_many_bytes":
		return true
	}
	return false
}
