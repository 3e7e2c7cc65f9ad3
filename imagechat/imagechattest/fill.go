package imagechattest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// fill sets every field that a repository stores to a value of its own, all
// the way down, so that a field which an adapter forgets, now or when it is
// added, shows as a difference.
func fill(x any, seed int) { (&filler{n: seed}).value(reflect.ValueOf(x).Elem(), 0) }

type filler struct{ n int }

// maxDepth ends at the entities inside an event's message, which are the
// deepest that there are.
const maxDepth = 8

var (
	timeType = reflect.TypeFor[time.Time]()
	keyType  = reflect.TypeFor[imagechat.BlobKey]()
)

func (f *filler) value(v reflect.Value, depth int) {
	f.n++
	switch {
	case depth > maxDepth:
	case v.Type() == timeType:
		v.Set(reflect.ValueOf(at(f.n)))
	case v.Type() == keyType:
		v.SetString(string(KeyOf([]byte(fmt.Sprint(f.n)))))
	default:
		f.kind(v, depth)
	}
}

func (f *filler) kind(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("값 %d 💡 '\"\\%%\x00<&>", f.n))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(1000 + f.n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.value(v.Elem(), depth+1)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		f.value(v.Index(0), depth+1)
		f.value(v.Index(1), depth+1)
	case reflect.Map:
		f.mapping(v)
	case reflect.Struct:
		for i := range v.NumField() {
			// Nothing stores what has no name in JSON.
			if t := v.Type().Field(i); t.IsExported() && t.Tag.Get("json") != "-" {
				f.value(v.Field(i), depth+1)
			}
		}
	default:
		panic("imagechattest: fill knows no " + v.Type().String())
	}
}

// mapping fills the two sorts of map that entities have.
func (f *filler) mapping(v reflect.Value) {
	if v.Type().Elem().Kind() == reflect.String {
		v.Set(reflect.ValueOf(map[string]string{"key": fmt.Sprint(f.n), "키": "값"}))
		return
	}
	v.Set(reflect.ValueOf(map[string]any{
		"tone": "따뜻하게", "colors": []any{"#112233", "#445566"}, "strict": true, "weight": json.Number("1.5"), "none": nil,
		"nested": map[string]any{"a": []any{map[string]any{"b": "c"}}},
	}))
}

// at is a moment that has microseconds and another zone than UTC, and
// nanoseconds that a repository drops.
func at(n int) time.Time {
	zone := time.FixedZone("KST", 9*60*60)
	return time.Date(2026, 11, 22, 10, 0, 0, 123_456_789, zone).Add(time.Duration(n) * time.Second)
}

// stored is how a time comes back.
func stored(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Microsecond)
}

// diff compares what was stored with what came back.
func diff[T any](t *testing.T, what string, want, got T, opts ...cmp.Option) {
	t.Helper()
	opts = append(opts, cmpopts.EquateEmpty(), cmp.Comparer(func(a, b *imagechat.Error) bool {
		if a == nil || b == nil {
			return a == b
		}
		x, y := *a, *b
		x.ResetsAt, y.ResetsAt = stored(x.ResetsAt), stored(y.ResetsAt)
		x.Err, y.Err = nil, nil
		return cmp.Equal(x, y, cmpopts.EquateEmpty())
	}), cmp.Comparer(func(a, b time.Time) bool {
		return stored(a).Equal(stored(b))
	}))
	if d := cmp.Diff(want, got, opts...); d != "" {
		t.Errorf("%s: -want +got\n%s", what, d)
	}
}
