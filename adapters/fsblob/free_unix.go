//go:build linux || darwin || freebsd

package fsblob

import "syscall"

// freeBytes returns the room that is left for others than root.
func freeBytes(dir string) (int64, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return 0, err
	}
	return max(0, int64(st.Bavail)) * int64(st.Bsize), nil //nolint:unconvert // the types differ between systems
}
