package imagechat

import (
	"strconv"
	"strings"
)

// modelRatios are the fourteen aspect ratios of gemini-nano-banana-2.1, widest choice of the known models
// (https://ai.google.dev/gemini-api/docs/image-generation, read 2026-11-22). Models with fewer pass their own list to
// NearestRatio.
var modelRatios = []string{
	"1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9", "1:4", "4:1", "1:8", "8:1",
}

// ModelRatios returns the aspect ratios that presets choose from when the model's own are not known.
func ModelRatios() []string { return append([]string(nil), modelRatios...) }

// ParseRatio reads "W:H" ("16:9", "1.91:1") as width over height. It reports false for anything that is not two
// positive numbers.
func ParseRatio(ratio string) (float64, bool) {
	w, h, found := strings.Cut(ratio, ":")
	if !found {
		return 0, false
	}
	width, errW := strconv.ParseFloat(w, 64)
	height, errH := strconv.ParseFloat(h, 64)
	quotient := width / height
	if errW != nil || errH != nil || width <= 0 || height <= 0 || !(quotient > 0 && quotient < 1e6) {
		return 0, false
	}
	return quotient, true
}

// NearestRatio returns the one of ratios that loses least when its picture is cropped to width x height pixels, and the
// share it loses in percent (0 to 100) against the nominal ratio. Ratios that cannot be read are passed over; with
// none left, or a side that is not positive, ratio is empty. A model's real pixels miss its nominal ratio by up to
// about 3 %, so a small crop happens even at 0.
func NearestRatio(width, height int, ratios []string) (ratio string, cropPercent float64) {
	if width <= 0 || height <= 0 {
		return "", 0
	}
	want := float64(width) / float64(height)
	cropPercent = 101
	for _, candidate := range ratios {
		have, ok := ParseRatio(candidate)
		if !ok {
			continue
		}
		if lost := cropLoss(have, want); lost < cropPercent {
			ratio, cropPercent = candidate, lost
		}
	}
	if ratio == "" {
		return "", 0
	}
	return ratio, cropPercent
}

// cropLoss is the percentage of a picture of one aspect ratio that a cover crop to another one cuts away.
func cropLoss(have, want float64) float64 {
	return 100 * (1 - min(have, want)/max(have, want))
}
