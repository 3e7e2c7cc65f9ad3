package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
)

func TestListeningFailsByASettingOrByWhatElseRuns(t *testing.T) {
	t.Parallel()
	c := config{Host: "chat.invalid", Port: 80}
	for variable, err := range map[string]error{
		"HOST": &net.DNSError{Err: "no such host", Name: c.Host, IsNotFound: true},
		"PORT": os.NewSyscallError("bind", syscall.EACCES),
		"":     os.NewSyscallError("bind", syscall.EADDRINUSE),
	} {
		got := listenError(c, fmt.Errorf("listen: %w", err))
		var bad *configError
		if errors.As(got, &bad) != (variable != "") || bad != nil && (bad.Variable != variable || bad.Example == "") || strings.Contains(got.Error(), "\n") {
			t.Errorf("%v: got %v, want it to blame %q", err, got, variable)
		}
	}
}
