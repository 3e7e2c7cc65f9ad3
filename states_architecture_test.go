package architecture

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// checkedPackage is what `go list -export -json` says of a package.
type checkedPackage struct {
	ImportPath, Export, Dir string
	GoFiles                 []string
}

// TestStatesMoveInOnePlace reads every package of the module with its types:
// only imagechat/states.go writes the state of a turn or an attempt. The
// conformance suites make rows in every state and are left out.
func TestStatesMoveInOnePlace(t *testing.T) {
	t.Parallel()
	exports := map[string]string{}
	var ours []checkedPackage
	for _, p := range exportedPackages(t) {
		exports[p.ImportPath] = p.Export
		if strings.HasPrefix(p.ImportPath, module) && p.ImportPath != module+"imagechat/imagechattest" {
			ours = append(ours, p)
		}
	}
	fset := token.NewFileSet()
	from := importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	allowed := 0
	for _, p := range ours {
		for _, pos := range writesOfStates(t, fset, from, p) {
			if strings.HasSuffix(filepath.ToSlash(pos.Filename), "/imagechat/states.go") {
				allowed++
				continue
			}
			t.Errorf("%s writes the state of a turn or an attempt; use its methods", pos)
		}
	}
	if allowed < 4 {
		t.Errorf("found %d writes in imagechat/states.go; the check looked at nothing", allowed)
	}
}

func exportedPackages(t *testing.T) []checkedPackage {
	t.Helper()
	out, err := exec.Command("go", "list", "-deps", "-export", "-json=ImportPath,Export,Dir,GoFiles", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []checkedPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p checkedPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func writesOfStates(t *testing.T, fset *token.FileSet, from types.Importer, p checkedPackage) (found []token.Position) {
	t.Helper()
	var files []*ast.File
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Selections: map[*ast.SelectorExpr]*types.Selection{}}
	if _, err := (&types.Config{Importer: from}).Check(p.ImportPath, fset, files, info); err != nil {
		t.Fatal(err)
	}
	// stateOf is the name of the field that holds a type's state.
	stateOf := func(x types.Type) string {
		if p, ok := x.Underlying().(*types.Pointer); ok {
			x = p.Elem()
		}
		return map[string]string{module + "imagechat.Attempt": "State", module + "imagechat.Turn": "Status"}[x.String()]
	}
	isField := func(e ast.Expr) bool {
		s, ok := ast.Unparen(e).(*ast.SelectorExpr)
		return ok && info.Selections[s] != nil && s.Sel.Name == stateOf(info.Selections[s].Recv())
	}
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for _, e := range n.Lhs {
					if isField(e) {
						found = append(found, fset.Position(e.Pos()))
					}
				}
			case *ast.CompositeLit:
				for _, e := range n.Elts {
					if kv, ok := e.(*ast.KeyValueExpr); ok {
						if key, ok := kv.Key.(*ast.Ident); ok && key.Name == stateOf(info.Types[n].Type) {
							found = append(found, fset.Position(kv.Pos()))
						}
					}
				}
			}
			return true
		})
	}
	return found
}
