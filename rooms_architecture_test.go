package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// TestRoomsKeepTheirWalls reads the types behind Service: none reaches back to
// what stands above it, and the spool and the queue stay where they are worked
// with. No type may grow beyond mostMethods again.
func TestRoomsKeepTheirWalls(t *testing.T) {
	t.Parallel()
	const mostMethods = 60
	fset := token.NewFileSet()
	paths, err := filepath.Glob("imagechat/*.go")
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]map[string]bool{} // type → types of its fields
	methods := map[string]int{}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Recv != nil {
					methods[typeName(n.Recv.List[0].Type)]++
				}
			case *ast.TypeSpec:
				if s, ok := n.Type.(*ast.StructType); ok {
					fields[n.Name.Name] = map[string]bool{}
					for _, field := range s.Fields.List {
						fields[n.Name.Name][typeName(field.Type)] = true
					}
				}
			}
			return true
		})
	}
	for name, n := range methods {
		if n > mostMethods {
			t.Errorf("%s has %d methods, more than %d", name, n, mostMethods)
		}
	}
	// From the top down: a room may hold those below it only.
	order := []string{"Service", "engine", "pictures", "briefing", "intake", "inbox", "rules", "library", "room", "stores", "feed", "recorder", "kit"}
	for i, name := range order {
		if len(fields[name]) == 0 {
			t.Errorf("there is no room %s", name)
		}
		for _, above := range order[:i+1] {
			if fields[name][above] {
				t.Errorf("%s holds %s, which stands above it", name, above)
			}
		}
	}
	for held, holders := range map[string][]string{
		"queue": {"engine", "intake"},
		"Spool": {"inbox", "stores", "room", "Ports"},
	} {
		for name := range fields {
			if fields[name][held] && !strings.Contains(strings.Join(holders, " ")+" attemptSpool", name) {
				t.Errorf("%s holds a %s; only %v may", name, held, holders)
			}
		}
	}
}

func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return typeName(e.X)
	case *ast.IndexExpr:
		return typeName(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}
