package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSecondMachineOnSQLite(t *testing.T) {
	t.Parallel()
	fly := map[string]string{"FLY_APP_NAME": "chat", "FLY_MACHINE_ID": "aaa"}
	tests := []struct {
		name        string
		env         map[string]string
		records     []string
		lookupErr   error
		hasDatabase bool
		wantError   string
		wantLog     string
	}{
		{"elsewhere than on Fly nobody is asked", nil, nil, errors.New("asked"), false, "", ""},
		{"alone it starts", fly, []string{"aaa nrt"}, nil, false, "", ""},
		{"a new machine beside another refuses", fly, []string{"aaa nrt,bbb nrt"}, nil, false, "fly scale count 1", ""},
		{"the one with the data goes on and says so", fly, []string{"bbb nrt,aaa nrt"}, nil, true, "", "fly scale count 1"},
		{"several records are read as one", fly, []string{"aaa nrt,", "ccc fra"}, nil, false, "ccc", ""},
		{"no record is no other machine", fly, nil, &net.DNSError{IsNotFound: true}, false, "", ""},
		{"DNS that fails does not keep it down", fly, nil, errors.New("dns is away"), false, "", "cannot tell"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := config{DatabasePath: filepath.Join(t.TempDir(), "chat.db")}
			if test.hasDatabase {
				if err := os.WriteFile(c.DatabasePath, nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			getenv := func(k string) (string, bool) { v, ok := test.env[k]; return v, ok }
			lookup := func(_ context.Context, name string) ([]string, error) {
				if name != "all.vms.chat.internal" {
					t.Errorf("asked for %q", name)
				}
				return test.records, test.lookupErr
			}
			var out bytes.Buffer
			err := guardSecondMachine(t.Context(), c, getenv, lookup, slog.New(slog.NewTextHandler(&out, nil)))
			if test.wantError == "" && err != nil || test.wantError != "" && (err == nil || !strings.Contains(err.Error(), test.wantError)) {
				t.Errorf("error %v, want %q", err, test.wantError)
			}
			if !strings.Contains(out.String(), test.wantLog) || test.wantLog == "" && out.Len() > 0 {
				t.Errorf("logged %q, want %q", out.String(), test.wantLog)
			}
		})
	}
}
