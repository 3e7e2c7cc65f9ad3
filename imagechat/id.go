package imagechat

import (
	"crypto/rand"
	"encoding/hex"
	"strconv"
	"sync"
	"time"
)

// Ids are UUIDv7 strings (RFC 9562): 36 characters, lower case, sorted by
// the time they were made. They are guessable in time only and are never an
// authorisation.
type (
	SessionID string
	MessageID string
	ImageID   string
	TurnID    string
	AttemptID string
	BrandID   string
)

// BlobKey names immutable bytes by their content: the lower-case hex SHA-256,
// 64 characters.
type BlobKey string

// Valid reports whether k has the form of a key. Everything else is refused
// before it comes near a file system.
func (k BlobKey) Valid() bool {
	if len(k) != 64 {
		return false
	}
	for _, c := range []byte(k) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// Valid reports whether id can be a part of a file name, as ids that this
// package makes always can: 1–64 ASCII letters, digits, "-" and "_".
func (id AttemptID) Valid() bool {
	for _, c := range []byte(id) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return len(id) >= 1 && len(id) <= 64
}

// idSource hands out UUIDv7 values that increase strictly within the
// process, so that rows made in one millisecond keep their order.
type idSource struct {
	mu   sync.Mutex
	last uint64 // milliseconds << 12 | sequence
}

var ids idSource

// newID returns a fresh UUIDv7 for the moment now.
func newID(now time.Time) string { return ids.next(now) }

// after makes every id to come greater than id, which an earlier process made
// whose clock may have been ahead: lists are in the order of ids.
func (s *idSource) after(id string) {
	if len(id) != 36 || id[14] != '7' {
		return
	}
	v, err := strconv.ParseUint(id[0:8]+id[9:13]+id[15:18], 16, 64)
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = max(s.last, v)
}

func (s *idSource) next(now time.Time) string {
	s.mu.Lock()
	v := uint64(now.UnixMilli()) << 12
	if v <= s.last {
		v = s.last + 1 // RFC 9562 §6.2, method 1: a counter in rand_a
	}
	s.last = v
	s.mu.Unlock()

	var b [16]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails since Go 1.24
	ms := v >> 12
	for i := range 6 {
		b[i] = byte(ms >> (40 - 8*i))
	}
	b[6] = 0x70 | byte(v>>8)&0x0f
	b[7] = byte(v)
	b[8] = 0x80 | b[8]&0x3f

	var out [36]byte
	hex.Encode(out[0:8], b[0:4])
	out[8] = '-'
	hex.Encode(out[9:13], b[4:6])
	out[13] = '-'
	hex.Encode(out[14:18], b[6:8])
	out[18] = '-'
	hex.Encode(out[19:23], b[8:10])
	out[23] = '-'
	hex.Encode(out[24:36], b[10:16])
	return string(out[:])
}

// newStoreID is a random UUIDv4: marks are compared, never sorted.
func newStoreID() StoreID {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	x := hex.EncodeToString(b[:])
	return StoreID(x[:8] + "-" + x[8:12] + "-" + x[12:16] + "-" + x[16:20] + "-" + x[20:])
}
