package imagechat

import (
	"testing"
	"time"
)

func TestIDsGoOnFromWhereAnEarlierProcessStopped(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	var earlier, later idSource
	old := earlier.next(now.Add(48 * time.Hour)) // its clock was ahead
	old = max(old, earlier.next(now))
	for _, junk := range []string{"", "x", "00000000-0000-4000-8000-000000000000", "zzzzzzzz-zzzz-7zzz-zzzz-zzzzzzzzzzzz"} {
		later.after(junk)
	}
	if id := later.next(now); id >= old {
		t.Fatalf("got %s, a clock of its own should be behind %s", id, old)
	}
	later.after(old)
	if id := later.next(now); id <= old {
		t.Errorf("got %s after %s, want a greater one", id, old)
	}
}
