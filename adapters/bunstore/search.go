package bunstore

import (
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// searched is what can be searched for, the table of its folded text, the
// index of that text's trigrams, and the column that joins the two.
type searched struct{ what, byID, row, text, index, owner string }

var (
	sessionSearch = searched{"sessions AS s", "sqlite_autoindex_sessions_1", "s.id", "session_text", "session_text_index", "session_id"}
	imageSearch   = searched{"images AS i", "sqlite_autoindex_images_1", "i.id", "image_text", "image_text_index", "image_id"}
)

const (
	// defaultFewMatches bounds the texts that the index is asked for to fill
	// a page. Where more match, the keys are so common that walking the list
	// from its newest end fills the page sooner.
	defaultFewMatches = 2000
	// maxSearchCount is where counting what was found ends, and
	// countMatches the most texts that are fetched from the index for it.
	maxSearchCount = 10_000
	countMatches   = 2 * maxSearchCount
)

// search begins a query for the rows that have a text with every key in it.
// Few matches are looked up one by one; otherwise every row of the list is
// asked, in the order of the query, until its limit.
func (v view) search(ctx context.Context, t searched, keys []string, few int) (*bun.SelectQuery, error) {
	match := trigrams(keys)
	isFew, err := v.isFewer(ctx, t, match, few)
	if err != nil {
		return nil, err
	}
	found := v.from(t.text + " AS x").Column("x." + t.owner)
	for _, k := range keys {
		found = found.Where("instr(x.text, ?) > 0", text(k))
	}
	if isFew {
		found = found.Where("x.id IN (SELECT rowid FROM ? WHERE ? MATCH ?)", bun.Ident(t.index), bun.Ident(t.index), match)
		// Left alone, SQLite would walk the whole list for its order.
		return v.from("? INDEXED BY ?", bun.Safe(t.what), bun.Ident(t.byID)).Where("? IN (?)", bun.Safe(t.row), found), nil
	}
	found = found.Where("x."+t.owner+" = ?", bun.Safe(t.row))
	return v.from(t.what).Where("EXISTS (?)", found), nil
}

// isFewer reports whether the index names fewer texts than n.
func (v view) isFewer(ctx context.Context, t searched, match string, n int) (bool, error) {
	if match == "" { // keys too short for trigrams
		return false, nil
	}
	hits := v.from(t.index).ColumnExpr("1").Where("? MATCH ?", bun.Ident(t.index), match).Limit(int64(n))
	count, err := built(ctx, v, "search", scanInt, v.from("(?) AS hits", hits).ColumnExpr("count(*)"))
	if err != nil {
		return false, err
	}
	return *count[0] < n, nil
}

// trigrams returns the question to the index whether the trigrams of the keys
// are in a text: every third one and the last, which cover a key. Shorter
// keys have none.
func trigrams(keys []string) string {
	var terms []string
	for _, k := range keys {
		runes := []rune(k)
		for i := 0; i+3 <= len(runes); i += 3 {
			terms = append(terms, string(runes[i:i+3]))
		}
		if n := len(runes); n >= 3 {
			terms = append(terms, string(runes[n-3:]))
		}
	}
	slices.Sort(terms)
	terms = slices.Compact(terms)
	for i, t := range terms {
		terms[i] = `"` + strings.ReplaceAll(t, `"`, `""`) + `"`
	}
	return strings.Join(terms, " AND ")
}

// putSessionText records what a session can be found by: its title (message
// is empty) or a message.
func (v view) putSessionText(ctx context.Context, session imagechat.SessionID, message imagechat.MessageID, s string) error {
	t := imagechat.SearchText(s)
	if t == "" {
		_, err := v.exec(ctx, `DELETE FROM session_text WHERE session_id = ? AND message_id = ?`, session, message)
		return err
	}
	_, err := v.exec(ctx, `INSERT INTO session_text (session_id, message_id, text) VALUES (?, ?, ?)
		ON CONFLICT (session_id, message_id) DO UPDATE SET text = excluded.text WHERE text <> excluded.text`, session, message, t)
	return err
}

// putImageText does the same for an image's prompt and alt text.
func (v view) putImageText(ctx context.Context, i *imagechat.Image) error {
	t := imagechat.SearchText(i.PromptUsed + "\n" + i.AltText)
	if t == "" {
		_, err := v.exec(ctx, `DELETE FROM image_text WHERE image_id = ?`, i.ID)
		return err
	}
	_, err := v.exec(ctx, `INSERT INTO image_text (image_id, text) VALUES (?, ?)
		ON CONFLICT (image_id) DO UPDATE SET text = excluded.text WHERE text <> excluded.text`, i.ID, t)
	return err
}
