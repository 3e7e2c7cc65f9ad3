//go:build !linux && !darwin && !freebsd

package fsblob

import (
	"math"
	"os"
)

// freeBytes knows nothing here, which must not keep a server from working.
func freeBytes(dir string) (int64, error) {
	_, err := os.Stat(dir)
	return math.MaxInt64, err
}
