package wire

import (
	"strconv"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// unsupportedKinds name a file that is not read and the way to one that is.
// The keys are the kinds of package finish.
var unsupportedKinds = map[string]text{
	"heic": {KO: "아이폰 사진 형식인 HEIC 파일이라 읽지 못해요. 아이폰의 설정 > 카메라 > 포맷에서 '높은 호환성'을 고르고 찍거나, 사진을 JPEG로 내보내서 다시 올려 주세요.",
		EN: "This is a HEIC file, the iPhone's own photo format, which cannot be read here. Choose Settings > Camera > Formats > Most Compatible on the iPhone, or export the photo as JPEG, and upload it again."},
	"avif": {KO: "AVIF 파일이라 읽지 못해요. 브라우저나 이미지 앱에서 열어 JPEG나 PNG로 저장해서 다시 올려 주세요.",
		EN: "This is an AVIF file, which cannot be read here. Open it in a browser or an image app, save it as JPEG or PNG, and upload that."},
	"photoshop": {KO: "Photoshop 파일(PSD)이라 읽지 못해요. Photoshop에서 파일 > 내보내기로 PNG나 JPEG를 만들어 다시 올려 주세요.",
		EN: "This is a Photoshop file (PSD), which cannot be read here. In Photoshop choose File > Export, make a PNG or JPEG, and upload that."},
	"video": {KO: "동영상 파일이라 쓸 수 없어요. 원하는 장면을 화면 캡처해서 PNG나 JPEG로 올려 주세요.",
		EN: "This is a video, which cannot be used. Take a screenshot of the scene you want and upload it as PNG or JPEG."},
	"tiff": {KO: "TIFF 파일이라 읽지 못해요. 이미지 앱에서 열어 PNG나 JPEG로 저장해서 다시 올려 주세요.",
		EN: "This is a TIFF file, which cannot be read here. Open it in an image app, save it as PNG or JPEG, and upload that."},
	"bmp": {KO: "BMP 파일이라 읽지 못해요. 이미지 편집 앱에서 열어 PNG로 저장해서 다시 올려 주세요.",
		EN: "This is a BMP file, which cannot be read here. Open it in an app such as Paint, save it as PNG, and upload that."},
	"jxl": {KO: "JPEG XL 파일이라 읽지 못해요. 이미지 앱에서 열어 일반 JPEG나 PNG로 저장해서 다시 올려 주세요.",
		EN: "This is a JPEG XL file, which cannot be read here. Save it as an ordinary JPEG or as PNG, and upload that."},
	"ico": {KO: "아이콘 파일(ICO)이라 읽지 못해요. PNG로 바꿔서 다시 올려 주세요.",
		EN: "This is an icon file (ICO), which cannot be read here. Convert it to PNG and upload that."},
	"svg": {KO: "SVG 파일이라 읽지 못해요. 디자인 앱에서 원하는 크기의 PNG로 내보내서 다시 올려 주세요.",
		EN: "This is an SVG file, which cannot be read here. Export it as PNG in the size you want and upload that."},
	"pdf": {KO: "PDF 파일이라 읽지 못해요. 필요한 쪽을 PNG나 JPEG로 내보내서 다시 올려 주세요.",
		EN: "This is a PDF file, which cannot be read here. Export the page you need as PNG or JPEG and upload that."},
	"zip": {KO: "압축 파일(ZIP)이라 읽지 못해요. 압축을 풀고 안에 있는 이미지를 올려 주세요.",
		EN: "This is a ZIP archive. Unpack it and upload the image that is inside."},
	"animated_webp": {KO: "움직이는 WebP 파일이라 읽지 못해요. 원하는 장면을 PNG나 JPEG로 저장해서 다시 올려 주세요.",
		EN: "This is an animated WebP, which cannot be read here. Save the frame you want as PNG or JPEG and upload that."},
	"jpeg": {KO: "JPEG가 맞지만 흔하지 않은 방식(특수한 색 샘플링, 12비트, 산술 부호화 등)으로 저장되어 읽지 못해요. 이미지 앱에서 열어 일반 JPEG나 PNG로 다시 저장해서 올려 주세요.",
		EN: "This is a JPEG, but of an unusual kind (rare colour sampling, 12 bits, arithmetic coding or the like) that cannot be read here. Open it in an image app, save it again as an ordinary JPEG or as PNG, and upload that."},
	"png": {KO: "PNG가 맞지만 흔하지 않은 방식으로 저장되어 읽지 못해요. 이미지 앱에서 열어 일반 PNG로 다시 저장해서 올려 주세요.",
		EN: "This is a PNG, but of an unusual kind that cannot be read here. Open it in an image app, save it again as an ordinary PNG, and upload that."},
}

// keptUnsupported is for a picture that is in the conversation already.
var keptUnsupported = text{
	KO: "이 이미지는 흔하지 않은 방식으로 저장되어 여기에서 크기를 바꾸거나 내보낼 수 없어요. 원본은 그대로 내려받을 수 있어요.",
	EN: "This image is stored in an unusual way and cannot be scaled or exported here. You can still download the original.",
}

func unsupportedImage(e *imagechat.Error, l Locale) string {
	if e.Params["of"] == "kept" {
		return keptUnsupported.In(l.Lang)
	}
	return unsupportedKinds[e.Params["cause"]].In(l.Lang)
}

// brokenAnswers are what can be wrong with a picture that the generator sent.
var brokenAnswers = map[string]text{
	"broken_image": {KO: "이미지 모델이 보낸 이미지 파일이 깨져 있어서 쓰지 못했어요. 비용이 들었으니 확인하고 다시 시도해 주세요.",
		EN: "The image that the image model sent was cut off or damaged. It was charged, so check before you try again."},
	"not_an_image": {KO: "이미지 모델이 보낸 것이 이미지가 아니어서 쓰지 못했어요. 비용이 들었으니 확인하고 다시 시도해 주세요.",
		EN: "What the image model sent was no image. It was charged, so check before you try again."},
}

// invalidImage says what of a picture cannot be worked with: of an upload, or
// of one that is in the conversation already.
func invalidImage(e *imagechat.Error, l Locale) string {
	kept := e.Params["of"] == "kept"
	switch e.Params["cause"] {
	case "pixels":
		most := megapixels(e.Params["max_pixels"], l)
		if kept {
			return say(l, text{KO: "이 이미지는 %s을 넘어서 크기를 바꾸거나 내보낼 수 없어요. 원본은 그대로 내려받을 수 있어요.", EN: "This image has more than %s and cannot be scaled or exported. You can still download the original."}, most)
		}
		return say(l, text{KO: "이미지가 %s을 넘어요. 크기를 줄여서 다시 올려 주세요.", EN: "The image has more than %s. Scale it down and upload it again."}, most)
	case "side":
		return say(l, text{KO: "이미지의 한 변이 너무 길어요. 한 변은 %s픽셀까지예요. 여러 장으로 나누거나 줄여서 다시 올려 주세요.", EN: "One side of the image is too long: at most %s pixels are possible. Cut it into several images or scale it down, and upload it again."}, e.Params["max_side"])
	case "memory":
		if kept {
			return say(l, text{KO: "이 이미지는 읽는 데 메모리가 너무 많이 들어서 크기를 바꾸거나 내보낼 수 없어요. 원본은 그대로 내려받을 수 있어요.", EN: "Reading this image takes too much memory, so it cannot be scaled or exported. You can still download the original."})
		}
		return say(l, text{KO: "이 파일은 읽는 데 메모리가 너무 많이 들어요. 크기를 줄이거나 일반 JPEG(프로그레시브가 아닌)로 저장해서 다시 올려 주세요.", EN: "Reading this file takes too much memory. Scale it down, or save it as an ordinary JPEG (not a progressive one), and upload it again."})
	}
	if kept {
		return say(l, text{KO: "이 이미지의 파일이 손상되어 크기를 바꾸거나 내보낼 수 없어요. 원본을 내려받아 확인하거나 이미지를 다시 만들어 주세요.", EN: "This image's file is damaged and cannot be scaled or exported. Download the original to look at it, or make the image again."})
	}
	return ""
}

// megapixels is a number of pixels as people say it.
func megapixels(pixels string, l Locale) string {
	n, err := strconv.ParseInt(pixels, 10, 64)
	if err != nil || n <= 0 {
		n = 50_000_000
	}
	return say(l, text{KO: "%d메가픽셀", EN: "%d megapixels"}, n/1_000_000)
}
