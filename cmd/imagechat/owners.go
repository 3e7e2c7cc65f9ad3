package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/bunstore"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

type ownersCmd struct {
	Rename string `help:"FROM=TO hands all that belongs to one login to another; an empty FROM is what was made before there were logins. The server must be stopped."`
}

// Run lists whose conversations and pictures the database has, or hands them over.
func (c *ownersCmd) Run(p *program) (err error) {
	cfg, err := p.existingData()
	if err != nil {
		return err
	}
	ctx := context.Background()
	if c.Rename == "" {
		return withDatabase(ctx, cfg.DatabasePath, func(s *bunstore.Store) error { return p.listOwners(ctx, cfg, s) })
	}
	from, to, ok := strings.Cut(c.Rename, "=")
	if !ok || !tokenName().MatchString(to) {
		return fmt.Errorf("%w: --rename takes FROM=TO, and TO is the name of a login", errUsage)
	}
	release, err := lockDatabase(cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	return withDatabase(ctx, cfg.DatabasePath, func(s *bunstore.Store) error {
		moved, err := s.RenameOwner(ctx, imagechat.Owner(from), imagechat.Owner(to))
		if err == nil {
			fmt.Fprintf(p.Stderr, "%d rows of %q belong to %q now\n", moved, from, to)
		}
		return err
	})
}

func (p *program) listOwners(ctx context.Context, cfg config, s *bunstore.Store) error {
	owners, err := s.Owners(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(p.Stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "LOGIN\tCONVERSATIONS\tPICTURES\tUSD\t")
	for _, o := range owners {
		note := ""
		if !cfg.reaches(o.Owner) {
			note = "nobody can log in as this"
		}
		fmt.Fprintf(w, "%q\t%d\t%d\t%.2f\t%s\n", o.Owner, o.Sessions, o.Images, o.Spent.Float(), note)
	}
	return w.Flush()
}

// reaches tells whether somebody sees what belongs to an owner: without logins
// that is the empty one alone.
func (c config) reaches(owner imagechat.Owner) bool {
	if !c.Login {
		return owner == ""
	}
	return slices.ContainsFunc(c.Tokens, func(t token) bool { return t.Name == string(owner) })
}

// checkOwners warns of what nobody sees with the present logins.
func checkOwners(ctx context.Context, cfg config) []finding {
	var hidden []string
	err := withDatabase(ctx, cfg.DatabasePath, func(s *bunstore.Store) error {
		owners, err := s.Owners(ctx)
		for _, o := range owners {
			if !cfg.reaches(o.Owner) {
				hidden = append(hidden, fmt.Sprintf("%d conversations and %d pictures of %q", o.Sessions, o.Images, o.Owner))
			}
		}
		return err
	})
	if err != nil || len(hidden) == 0 {
		return nil
	}
	return []finding{{"logins", warning, "nobody sees " + strings.Join(hidden, ", ") + " with the present AUTH and AUTH_TOKENS",
		"give that login again, or hand them over: imagechat owners --rename FROM=TO"}}
}
