package commandline

import (
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// width is what help is set in: the narrowest terminal that anybody has.
const width = 80

// WriteHelp shows how a command is used; with nil, the program.
func (l *Line) WriteHelp(w io.Writer, c *Command) error {
	h := &page{}
	if c == nil {
		h.line("Usage: " + l.Program + " <command> [flags]")
		h.text("", l.About)
		h.table("Flags:", []*Flag{&l.help})
		h.groups(l.Flags)
		h.WriteString("Commands:\n")
		for _, c := range l.Commands {
			h.WriteString("  " + c.usage() + "\n")
			h.text("    ", c.Help)
		}
		h.line(fmt.Sprintf("Run %q for more information on a command.", l.Program+" <command> --help"))
	} else {
		h.line("Usage: " + l.Program + " " + c.usage())
		h.text("", c.Help)
		h.table("Arguments:", c.Args)
		h.table("Flags:", append([]*Flag{&l.help}, c.Flags...))
		h.groups(l.Flags)
	}
	_, err := io.WriteString(w, strings.TrimRight(h.String(), "\n")+"\n")
	return err
}

// A page is help in the making.
type page struct{ strings.Builder }

func (h *page) line(s string) { h.WriteString(s + "\n\n") }

// text writes paragraphs.
func (h *page) text(indent, s string) {
	for paragraph := range strings.SplitSeq(s, "\n\n") {
		for _, line := range wrap(paragraph, width-len(indent)) {
			h.WriteString(indent + line + "\n")
		}
		h.WriteString("\n")
	}
}

// groups writes a table for each group, in the order of their first flags.
func (h *page) groups(flags []*Flag) {
	var names []string
	members := map[string][]*Flag{}
	for _, f := range flags {
		if f.has("hidden") {
			continue
		}
		if members[f.Group] == nil {
			names = append(names, f.Group)
		}
		members[f.Group] = append(members[f.Group], f)
	}
	for _, name := range names {
		h.table(name, members[name])
	}
}

// table writes names on the left and help on the right of them.
func (h *page) table(title string, flags []*Flag) {
	if len(flags) == 0 {
		return
	}
	const most = 30 // a longer name gets a line of its own
	shorts := false
	for _, f := range flags {
		shorts = shorts || f.Short != ""
	}
	left := make([]string, len(flags))
	column := 0
	for i, f := range flags {
		left[i] = "  " + f.left(shorts)
		if n := utf8.RuneCountInString(left[i]); n <= most {
			column = max(column, n)
		}
	}
	column += 4
	h.WriteString(title + "\n")
	for i, f := range flags {
		h.WriteString(left[i])
		at := utf8.RuneCountInString(left[i])
		for _, line := range wrap(f.Help, width-column) {
			if at > column-2 {
				h.WriteString("\n")
				at = 0
			}
			h.WriteString(strings.Repeat(" ", column-at) + line + "\n")
			at = 0
		}
	}
	h.WriteString("\n")
}

// wrap breaks a paragraph at spaces.
func wrap(s string, width int) []string {
	var lines []string
	for _, word := range strings.Fields(s) {
		if n := len(lines); n > 0 && utf8.RuneCountInString(lines[n-1])+1+utf8.RuneCountInString(word) <= width {
			lines[n-1] += " " + word
			continue
		}
		lines = append(lines, word)
	}
	return lines
}

// usage is a command as it is typed, without the optional flags.
func (c *Command) usage() string {
	words := []string{c.Name}
	for _, f := range c.Flags {
		if f.has("required") {
			words = append(words, f.usage())
		}
	}
	for _, f := range c.Args {
		words = append(words, "<"+f.Name+">")
	}
	return strings.Join(append(words, "[flags]"), " ")
}

// left is what stands for a flag or argument in a table.
func (f *Flag) left(shorts bool) string {
	switch {
	case f.has("arg"):
		return "<" + f.Name + ">"
	case f.Short != "":
		return "-" + f.Short + ", " + f.usage()
	case shorts:
		return "    " + f.usage()
	default:
		return f.usage()
	}
}

// usage is a flag with what stands for its value: its default, or its kind.
func (f *Flag) usage() string {
	name := "--" + f.Name
	if f.value.Kind() == reflect.Bool {
		return name
	}
	value := f.Tag.Get("placeholder")
	if preset := f.Tag.Get("default"); value == "" && preset != "" {
		value = preset
		if f.value.Kind() == reflect.String {
			value = strconv.Quote(preset)
		}
	}
	if value == "" {
		value = "STRING"
		if f.value.Kind() == reflect.Slice {
			value = strings.ToUpper(f.Name)
		}
	}
	if f.value.Kind() == reflect.Slice {
		value += ",..."
	}
	return name + "=" + value
}
