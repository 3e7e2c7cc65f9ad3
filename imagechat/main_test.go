package imagechat_test

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails the package when a Service leaves goroutines behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
