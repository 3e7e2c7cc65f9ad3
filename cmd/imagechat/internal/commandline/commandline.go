// Package commandline reads a command line into a struct of commands, flags
// and arguments.
//
// The libraries that do this find a command's methods by name. One such call
// anywhere makes the linker keep every exported method of every type, which
// was five megabytes of a program of thirty-nine. This package looks at fields
// alone.
//
// The outermost struct's fields are commands (structs tagged cmd) and, in an
// embedded struct, flags that every command takes. A command's fields are its
// flags, and those tagged arg its arguments. The tags:
//
//	cmd, arg     what the field is; default:"withargs" on a command: the one meant when none is named
//	name, short  a flag's names; by default the field's in lower case with dashes
//	help, group, placeholder, hidden    how help shows it
//	default, enum, required             what it is when not given, and what it may be
//
// Fields are strings, booleans, integers, durations and lists of strings.
package commandline

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// A Flag is an option or, in a command's arguments, a position.
type Flag struct {
	Name  string // without dashes
	Short string // one letter, or empty
	Group string
	Help  string
	Tag   reflect.StructTag
	value reflect.Value
	given bool
}

// Text is the value as written, for flags that are strings.
func (f *Flag) Text() string { return f.value.String() }

// has tells whether the field has a tag of that name.
func (f *Flag) has(tag string) bool {
	_, ok := f.Tag.Lookup(tag)
	return ok
}

// A Command is one word of the command line with its flags and arguments.
type Command struct {
	Name   string
	Help   string
	Target any // pointer to the command's struct
	Flags  []*Flag
	Args   []*Flag
}

// A Line is everything that can be written on the command line.
type Line struct {
	Program  string
	About    string
	Flags    []*Flag // of every command
	Commands []*Command
	fallback *Command
	help     Flag
}

// New reads the struct that root points to, and sets its defaults. It panics
// when the struct is not one that can be read, which is a mistake in the code.
func New(program, about string, root any) *Line {
	l := &Line{Program: program, About: about}
	l.help = Flag{Name: "help", Short: "h", Help: "Show context-sensitive help.", value: reflect.ValueOf(new(bool)).Elem()}
	v := reflect.ValueOf(root).Elem()
	for i := range v.NumField() {
		field := v.Type().Field(i)
		switch _, isCommand := field.Tag.Lookup("cmd"); {
		case field.Anonymous:
			l.Flags, _ = fields(v.Field(i))
		case isCommand:
			c := &Command{Name: nameOf(field), Help: field.Tag.Get("help"), Target: v.Field(i).Addr().Interface()}
			c.Flags, c.Args = fields(v.Field(i))
			l.Commands = append(l.Commands, c)
			if field.Tag.Get("default") == "withargs" {
				l.fallback = c
			}
		default:
			panic("commandline: " + field.Name + " is neither a command nor embedded")
		}
	}
	return l
}

// fields reads the flags and arguments of a struct.
func fields(v reflect.Value) (flags, args []*Flag) {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		f := &Flag{
			Name: nameOf(field), Short: field.Tag.Get("short"), Group: field.Tag.Get("group"),
			Help: field.Tag.Get("help"), Tag: field.Tag, value: v.Field(i),
		}
		if preset := f.Tag.Get("default"); preset != "" {
			if err := f.set(preset); err != nil {
				panic("commandline: " + err.Error())
			}
			f.given = false
		}
		if f.has("arg") {
			args = append(args, f)
		} else {
			flags = append(flags, f)
		}
	}
	return flags, args
}

// nameOf is the name tag, or the field's name: TurnTimeout is turn-timeout.
func nameOf(field reflect.StructField) string {
	if name := field.Tag.Get("name"); name != "" {
		return name
	}
	var b strings.Builder
	before := 'A'
	for _, r := range field.Name {
		if unicode.IsUpper(r) && unicode.IsLower(before) {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
		before = r
	}
	return b.String()
}

// Parse reads the arguments into the struct, and returns the command that they
// name. Where they ask for help, nothing is checked for being missing.
func (l *Line) Parse(args []string) (c *Command, help bool, err error) {
	p := parser{line: l, rest: args}
	for len(p.rest) > 0 {
		word := p.rest[0]
		p.rest = p.rest[1:]
		switch {
		case p.plain || word == "-" || !strings.HasPrefix(word, "-"):
			err = p.position(word)
		case word == "--":
			p.plain = true
		case strings.HasPrefix(word, "--"):
			name, value, written := strings.Cut(word[2:], "=")
			err = p.flag("--"+name, func(f *Flag) bool { return f.Name == name }, value, written)
		default:
			short, value := word[1:2], strings.TrimPrefix(word[2:], "=")
			err = p.flag("-"+short, func(f *Flag) bool { return f.Short == short }, value, value != "")
		}
		if err != nil {
			return nil, false, err
		}
	}
	if l.help.value.Bool() {
		return p.command, true, nil
	}
	if p.command == nil {
		p.command = l.fallback
	}
	if p.command == nil {
		return nil, false, fmt.Errorf("which command?")
	}
	return p.command, false, p.missing()
}

type parser struct {
	line    *Line
	rest    []string
	command *Command
	taken   int  // positions filled
	plain   bool // after a --, everything is a position
}

// position takes a word that is no flag: the command, or its next argument.
func (p *parser) position(word string) error {
	if p.command == nil {
		i := slices.IndexFunc(p.line.Commands, func(c *Command) bool { return c.Name == word })
		if i < 0 {
			return fmt.Errorf("unexpected argument %s", word)
		}
		p.command = p.line.Commands[i]
		return nil
	}
	if p.taken == len(p.command.Args) {
		return fmt.Errorf("unexpected argument %s", word)
	}
	p.taken++
	return p.command.Args[p.taken-1].set(word)
}

// flag takes an option, and the next word with it where the value stands there.
func (p *parser) flag(shown string, is func(*Flag) bool, value string, written bool) error {
	candidates := append([]*Flag{&p.line.help}, p.line.Flags...)
	if p.command != nil {
		candidates = append(candidates, p.command.Flags...)
	}
	i := slices.IndexFunc(candidates, is)
	if i < 0 {
		return fmt.Errorf("unknown flag %s", shown)
	}
	f := candidates[i]
	switch {
	case written:
	case f.value.Kind() == reflect.Bool:
		value = "true"
	case len(p.rest) == 0, strings.HasPrefix(p.rest[0], "-") && p.rest[0] != "-":
		return fmt.Errorf("%s needs a value (one that begins with a dash is written %s=-value)", shown, shown)
	default:
		value, p.rest = p.rest[0], p.rest[1:]
	}
	return f.set(value)
}

// missing reports what the command cannot do without.
func (p *parser) missing() error {
	if p.taken < len(p.command.Args) {
		return fmt.Errorf("expected <%s>", p.command.Args[p.taken].Name)
	}
	var names []string
	for _, f := range p.command.Flags {
		if f.has("required") && !f.given {
			names = append(names, f.usage())
		}
	}
	if len(names) > 0 {
		return fmt.Errorf("missing flags: %s", strings.Join(names, ", "))
	}
	return nil
}

// set reads a text into the field.
func (f *Flag) set(text string) error {
	shown := "--" + f.Name
	if f.has("arg") {
		shown = "<" + f.Name + ">"
	}
	if choices, limited := f.Tag.Lookup("enum"); limited && !slices.Contains(strings.Split(choices, ","), text) {
		quoted := strings.ReplaceAll(strings.Trim(choices, ","), ",", `","`)
		return fmt.Errorf(`%s must be one of "%s" but got %q`, shown, quoted, text)
	}
	var err error
	switch target := f.value.Addr().Interface().(type) {
	case *string:
		*target = text
	case *bool:
		*target, err = strconv.ParseBool(text)
	case *int:
		*target, err = strconv.Atoi(text)
	case *time.Duration:
		*target, err = time.ParseDuration(text)
	case *[]string:
		if !f.given {
			*target = nil // what is given replaces the default
		}
		*target = append(*target, splitList(text)...)
	default:
		panic(fmt.Sprintf("commandline: %s: a %T cannot be read", shown, target))
	}
	if err != nil {
		return fmt.Errorf("%s: %q is not %s", shown, text, f.wants())
	}
	f.given = true
	return nil
}

func (f *Flag) wants() string {
	switch f.value.Interface().(type) {
	case bool:
		return "true or false"
	case int:
		return "a whole number"
	default:
		return "a duration such as 3s or 1m30s"
	}
}

// splitList cuts at commas; a backslash before one keeps it.
func splitList(text string) []string {
	var list []string
	for part := range strings.SplitSeq(text, ",") {
		if n := len(list); n > 0 && strings.HasSuffix(list[n-1], `\`) {
			list[n-1] = strings.TrimSuffix(list[n-1], `\`) + "," + part
			continue
		}
		list = append(list, part)
	}
	return list
}
