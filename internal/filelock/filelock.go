// Package filelock keeps two programs from using one directory at once. The
// kernel drops a lock with the process that has it, however that ends.
package filelock

import "errors"

// ErrLocked says that somebody else has the lock.
var ErrLocked = errors.New("locked by another program")
