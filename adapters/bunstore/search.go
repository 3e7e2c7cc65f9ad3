package bunstore

import (
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// searched is a table of folded text with its index of trigrams, and the
// column by which its rows belong to those that are searched for.
type searched struct{ table, index, owner, row string }

var (
	sessionSearch = searched{"session_text", "session_text_index", "session_id", "s.id"}
	imageSearch   = searched{"image_text", "image_text_index", "image_id", "i.id"}
)

// defaultFewMatches bounds the texts that are fetched from the index. Where there
// are more, the keys are so common that walking the list from its newest end
// fills a page sooner.
const defaultFewMatches = 2000

// search adds to a query that its rows have a text with every key in it.
func (v view) search(ctx context.Context, q *bun.SelectQuery, t searched, keys []string) (*bun.SelectQuery, error) {
	match := trigrams(keys)
	few, err := v.isFew(ctx, t, match)
	if err != nil {
		return nil, err
	}
	found := v.from(t.table + " AS x").Column("x." + t.owner)
	for _, k := range keys {
		found = found.Where("instr(x.text, ?) > 0", text(k))
	}
	if few {
		found = found.Where("x.id IN (SELECT rowid FROM ? WHERE ? MATCH ?)", bun.Ident(t.index), bun.Ident(t.index), match)
		return q.Where("? IN (?)", bun.Safe(t.row), found), nil
	}
	found = found.Where("x."+t.owner+" = ?", bun.Safe(t.row))
	return q.Where("EXISTS (?)", found), nil
}

// isFew reports whether the index names so few texts that it is worth asking.
func (v view) isFew(ctx context.Context, t searched, match string) (bool, error) {
	if match == "" { // keys too short for trigrams
		return false, nil
	}
	hits := v.from(t.index).ColumnExpr("1").Where("? MATCH ?", bun.Ident(t.index), match).Limit(int64(v.db.fewMatches))
	n, err := built(ctx, v, "search", scanInt, v.from("(?) AS hits", hits).ColumnExpr("count(*)"))
	if err != nil {
		return false, err
	}
	return *n[0] < v.db.fewMatches, nil
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
