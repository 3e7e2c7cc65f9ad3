// Command supply lists the licences of the modules inside a Go binary and
// writes a CycloneDX bill of materials. It fails on a module whose licence is
// missing or not one that may ship in an MIT program.
package main

import (
	"cmp"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

func main() {
	binary := flag.String("binary", "", "Go binary to read")
	sbom := flag.String("sbom", "", "file for the bill of materials")
	flag.Parse()
	if err := run(*binary, *sbom); err != nil {
		fmt.Fprintln(os.Stderr, "supply:", err)
		os.Exit(1)
	}
}

// A part is one module in the binary.
type part struct{ Path, Version, Sum, Licence string }

func run(binary, sbom string) error {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return err
	}
	// Module directories are asked for in the module that the binary was
	// built from, which lies beside this one.
	parts, err := readParts(info, "..")
	if err != nil {
		return err
	}
	var unknown []string
	for _, p := range parts {
		fmt.Printf("%-12s %s %s\n", p.Licence, p.Path, p.Version)
		if p.Licence == "" {
			unknown = append(unknown, p.Path)
		}
	}
	if len(unknown) > 0 {
		return fmt.Errorf("no accepted licence found for %s", strings.Join(unknown, ", "))
	}
	return writeSBOM(sbom, info, parts)
}

func readParts(info *debug.BuildInfo, dir string) ([]part, error) {
	var parts []part
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		cmd := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", m.Path)
		cmd.Dir = dir
		out, err := cmd.Output()
		if err != nil {
			return nil, fmt.Errorf("find %s: %w", m.Path, err)
		}
		licence, err := licenceOf(strings.TrimSpace(string(out)))
		if err != nil {
			return nil, err
		}
		parts = append(parts, part{Path: m.Path, Version: m.Version, Sum: m.Sum, Licence: licence})
	}
	slices.SortFunc(parts, func(a, b part) int { return cmp.Compare(a.Path, b.Path) })
	return parts, nil
}

// marks are sentences that only one licence has, the more specific first.
var marks = []struct{ id, sentence string }{
	{"Apache-2.0", "Apache License Version 2.0"},
	{"Apache-2.0", "http://www.apache.org/licenses/LICENSE-2.0"},
	{"BSD-3-Clause", "may be used to endorse or promote products derived from this software without specific prior written permission"},
	{"BSD-2-Clause", "Redistributions in binary form must reproduce the above copyright notice"},
	{"MIT", "Permission is hereby granted, free of charge, to any person obtaining a copy of this software"},
	{"ISC", "Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted"},
	{"ISC", "Permission to use, copy, modify, and distribute this software for any purpose with or without fee is hereby granted"},
	{"OFL-1.1", "SIL OPEN FONT LICENSE Version 1.1"},
	{"Unlicense", "This is free and unencumbered software released into the public domain"},
}

// licenceOf reads a module's licence file. It returns "" when the text is none
// of the accepted ones.
func licenceOf(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	for _, e := range entries {
		name := strings.ToUpper(e.Name())
		if e.IsDir() || (!strings.HasPrefix(name, "LICEN") && !strings.HasPrefix(name, "COPYING")) {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return "", err
		}
		text := strings.Join(strings.Fields(string(raw)), " ")
		for _, m := range marks {
			if strings.Contains(text, m.sentence) {
				return m.id, nil
			}
		}
	}
	return "", nil
}

func writeSBOM(path string, info *debug.BuildInfo, parts []part) (err error) {
	bom := cdx.NewBOM()
	bom.Metadata = &cdx.Metadata{Component: &cdx.Component{
		Type: cdx.ComponentTypeApplication, Name: info.Main.Path, Version: info.Main.Version,
	}}
	components := []cdx.Component{{Type: cdx.ComponentTypeLibrary, Name: "std", Version: info.GoVersion}}
	for _, p := range parts {
		components = append(components, cdx.Component{
			Type: cdx.ComponentTypeLibrary, Name: p.Path, Version: p.Version,
			PackageURL: "pkg:golang/" + p.Path + "@" + p.Version,
			Licenses:   &cdx.Licenses{{License: &cdx.License{ID: p.Licence}}},
			Properties: &[]cdx.Property{{Name: "go:sum", Value: p.Sum}},
		})
	}
	bom.Components = &components
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	e := json.NewEncoder(f)
	e.SetIndent("", "  ")
	return e.Encode(bom)
}
