package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"time"
)

// txtLookup is net.Resolver.LookupTXT, or a test's.
type txtLookup func(ctx context.Context, name string) ([]string, error)

// dnsTimeout bounds the look-up of a platform's machines. Fly's resolver sits
// beside the machine and answers in a millisecond.
const dnsTimeout = 2 * time.Second

// otherMachines names the app's machines beside this one, when Fly runs it.
// Fly publishes every deployed machine as "id region" pairs in a TXT record:
// https://fly.io/docs/networking/private-networking/#fly-io-internal-addresses
func otherMachines(ctx context.Context, getenv func(string) (string, bool), lookup txtLookup) ([]string, error) {
	app, _ := getenv("FLY_APP_NAME")
	self, _ := getenv("FLY_MACHINE_ID")
	if app == "" || self == "" {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, dnsTimeout)
	defer cancel()
	records, err := lookup(ctx, "all.vms."+app+".internal")
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var others []string
	for pair := range strings.SplitSeq(strings.Join(records, ","), ",") {
		if fields := strings.Fields(pair); len(fields) > 0 && fields[0] != self {
			others = append(others, fields[0])
		}
	}
	return others, nil
}

// guardSecondMachine keeps a second machine from serving an empty database
// behind the same name. The machine that has the data goes on, with a warning;
// one that would begin anew beside others refuses to.
func guardSecondMachine(ctx context.Context, c config, getenv func(string) (string, bool), lookup txtLookup, log *slog.Logger) error {
	_, statErr := os.Stat(c.DatabasePath)
	fresh := errors.Is(statErr, os.ErrNotExist)
	others, err := otherMachines(ctx, getenv, lookup)
	switch {
	case err != nil:
		// DNS that does not answer must not keep the only machine down.
		log.Warn("cannot tell whether other machines run this app", "error", err)
		return nil
	case len(others) == 0:
		return nil
	case !fresh:
		log.Error("other machines run this app, but a SQLite database is seen by one machine only; run: fly scale count 1",
			"others", strings.Join(others, " "))
		return nil
	}
	return fmt.Errorf("this machine has no database yet, and %d other(s) run this app (%s): SQLite serves one machine only; run: fly scale count 1",
		len(others), strings.Join(others, " "))
}
