// Package commandline makes cobra commands of a struct, so that a program's
// commands, flags and settings are each written down once, with their types.
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
// Flags are strings, booleans, integers, durations and lists of strings;
// arguments are strings. Nothing is called by its name: one such call makes the
// linker keep every exported method of every type.
package commandline

import (
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// A Flag is an option that every command takes.
type Flag struct {
	*pflag.Flag
	Tag reflect.StructTag
}

// Text is the value as written, for flags that are strings.
func (f *Flag) Text() string { return f.Value.String() }

// A Line is everything that can be written on the command line.
type Line struct {
	Flags  []*Flag // of every command
	root   *cobra.Command
	chosen any
}

// New reads the struct that root points to, and sets its defaults. It panics
// when the struct is not one that can be read, which is a mistake in the code.
func New(program, about string, root any) *Line {
	l := &Line{root: &cobra.Command{Use: program, Long: about, SilenceErrors: true, SilenceUsage: true}}
	l.root.SetHelpFunc(l.help)
	l.root.PersistentFlags().SortFlags = false
	v := reflect.ValueOf(root).Elem()
	for i := range v.NumField() {
		field := v.Type().Field(i)
		switch _, isCommand := field.Tag.Lookup("cmd"); {
		case field.Anonymous:
			for k := range v.Field(i).NumField() {
				l.Flags = append(l.Flags, addFlag(l.root.PersistentFlags(), v.Field(i), k))
			}
		case isCommand:
			l.add(field, v.Field(i))
		default:
			panic("commandline: " + field.Name + " is neither a command nor embedded")
		}
	}
	return l
}

// add makes a command of a struct.
func (l *Line) add(field reflect.StructField, v reflect.Value) {
	c := &cobra.Command{Use: nameOf(field), Short: field.Tag.Get("help")}
	c.Flags().SortFlags = false
	target := v.Addr().Interface()
	var places []*string
	var names []string
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if _, isArg := f.Tag.Lookup("arg"); isArg {
			places, names = append(places, v.Field(i).Addr().Interface().(*string)), append(names, "<"+nameOf(f)+">")
			c.Use += " " + names[len(names)-1]
			c.Long += fmt.Sprintf("\n  %-12s%s", names[len(names)-1], f.Tag.Get("help"))
			continue
		}
		flag := addFlag(c.Flags(), v, i)
		if _, required := f.Tag.Lookup("required"); required {
			_ = c.MarkFlagRequired(flag.Name) // it was added just now
			c.Use += " --" + flag.Name + "=" + flag.Value.Type()
		}
	}
	if c.Long != "" {
		c.Long = c.Short + "\n\nArguments:" + c.Long
	}
	c.Args = func(_ *cobra.Command, args []string) error {
		if len(args) < len(names) {
			return fmt.Errorf("expected %s", names[len(args)])
		}
		if len(args) > len(names) {
			return fmt.Errorf("unexpected argument %s", args[len(names)])
		}
		return nil
	}
	c.RunE = func(_ *cobra.Command, args []string) error {
		for i, place := range places {
			*place = args[i]
		}
		l.chosen = target
		return nil
	}
	if field.Tag.Get("default") == "withargs" {
		l.root.RunE = c.RunE
	}
	l.root.AddCommand(c)
}

// addFlag makes a flag of a struct's field.
func addFlag(set *pflag.FlagSet, v reflect.Value, i int) *Flag {
	field := v.Type().Field(i)
	tag := field.Tag
	name, short := nameOf(field), tag.Get("short")
	switch target := v.Field(i).Addr().Interface().(type) {
	case *string:
		set.VarP(&text{target, tag}, name, short, tag.Get("help"))
	case *bool:
		set.BoolVarP(target, name, short, false, tag.Get("help"))
	case *int:
		set.IntVarP(target, name, short, 0, tag.Get("help"))
	case *time.Duration:
		set.DurationVarP(target, name, short, 0, tag.Get("help"))
	case *[]string:
		set.StringSliceVarP(target, name, short, nil, tag.Get("help"))
	default:
		panic(fmt.Sprintf("commandline: --%s: a %T cannot be read", name, target))
	}
	f := &Flag{set.Lookup(name), tag}
	_, f.Hidden = tag.Lookup("hidden")
	if preset := tag.Get("default"); preset != "" {
		if err := f.Value.Set(preset); err != nil {
			panic("commandline: --" + name + ": " + err.Error())
		}
		f.DefValue = preset
	}
	return f
}

// text is a string that may be one of a few.
type text struct {
	target *string
	tag    reflect.StructTag
}

func (t *text) String() string { return *t.target }

func (t *text) Type() string {
	if p := t.tag.Get("placeholder"); p != "" {
		return p
	}
	return "string"
}

func (t *text) Set(s string) error {
	if choices, limited := t.tag.Lookup("enum"); limited && !slices.Contains(strings.Split(choices, ","), s) {
		return fmt.Errorf("it must be one of %s", strings.ReplaceAll(strings.Trim(choices, ","), ",", ", "))
	}
	*t.target = s
	return nil
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

// Parse reads the arguments into the struct and returns a pointer to the
// command that they name; nil when what they ask for (help, completion for a
// shell) has been written to out.
func (l *Line) Parse(out io.Writer, args []string) (any, error) {
	l.root.SetOut(out)
	l.root.SetArgs(args)
	err := l.root.Execute()
	return l.chosen, err
}

// width is what help is set in: the narrowest terminal that anybody has.
const width = 80

// help shows how a command is used, with the flags of every command by group.
func (l *Line) help(c *cobra.Command, _ []string) {
	about := c.Long
	if about == "" {
		about = c.Short
	}
	c.Printf("%s\n\nUsage:\n  %s\n", about, c.UseLine())
	own := c.LocalFlags()
	if c == l.root {
		own = pflag.NewFlagSet("", pflag.ContinueOnError)
		own.AddFlag(c.Flags().Lookup("help"))
		c.Printf("  %s [command]\n\nCommands:\n", c.Name())
		for _, sub := range c.Commands() {
			c.Printf("  %-12s%s\n", sub.Name(), sub.Short)
		}
	}
	own.SortFlags = false
	c.Printf("\nFlags:\n%s", own.FlagUsagesWrapped(width))
	var group *pflag.FlagSet
	for i, f := range l.Flags {
		if group == nil || f.Tag.Get("group") != l.Flags[i-1].Tag.Get("group") {
			if group != nil {
				c.Print(group.FlagUsagesWrapped(width))
			}
			group = pflag.NewFlagSet("", pflag.ContinueOnError)
			group.SortFlags = false
			if !f.Hidden {
				c.Printf("\n%s:\n", f.Tag.Get("group"))
			}
		}
		group.AddFlag(f.Flag)
	}
	if group != nil {
		c.Print(group.FlagUsagesWrapped(width))
	}
}
