package wire

import (
	"encoding/json"
	"math"
	"reflect"
	"strconv"
)

// Whole is a whole number of a request. JSON tells whole numbers from others
// by their value: 512, 512.0 and 5.12e2 are the same one.
type Whole int32

// UnmarshalJSON reads any spelling of a whole number.
func (w *Whole) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	n, err := strconv.ParseFloat(string(b), 64)
	if err != nil || n != math.Trunc(n) || math.Abs(n) > math.MaxInt32 {
		return &json.UnmarshalTypeError{Value: "this value", Type: reflect.TypeFor[Whole]()}
	}
	*w = Whole(n)
	return nil
}
