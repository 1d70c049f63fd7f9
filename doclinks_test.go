package palisade_test

import (
	"go/ast"
	"go/doc"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// brackets matches what looks like a doc link: [Name], [Type.Method], [pkg.Name], not an index as in Origins[2].
var brackets = regexp.MustCompile(`(?:^|[\s("])\[\*?((?:[a-z][a-z0-9]*\.)?[A-Z]\w*(?:\.[A-Z]\w*)?)\]`)

// TestDocLinks wants every [Name] in a doc comment to lead somewhere: a link that resolves to nothing is printed as text
// in brackets, and says that the comment outlived what it speaks of.
func TestDocLinks(t *testing.T) {
	packages := publicPackages(t)
	symbols := map[string]map[string]bool{}
	for dir, p := range packages {
		symbols[module+"/"+filepath.ToSlash(dir)] = symbolsOf(p.doc)
	}
	for dir, p := range packages {
		check := func(owner, text string) {
			for _, block := range p.doc.Parser().Parse(text).Content {
				checkBlock(t, dir+": "+owner, block, symbols)
			}
		}
		check("package", p.doc.Doc)
		values := append(append([]*doc.Value{}, p.doc.Consts...), p.doc.Vars...)
		funcs := append([]*doc.Func{}, p.doc.Funcs...)
		for _, typ := range p.doc.Types {
			check(typ.Name, typ.Doc)
			values = append(append(values, typ.Consts...), typ.Vars...)
			funcs = append(append(funcs, typ.Funcs...), typ.Methods...)
			if len(strings.TrimSpace(typ.Doc)) == 0 {
				t.Errorf("%s: type %s has no comment", dir, typ.Name)
			}
		}
		for _, v := range values {
			check(v.Names[0], v.Doc)
		}
		for _, f := range funcs {
			check(f.Name, f.Doc)
			if len(strings.TrimSpace(f.Doc)) == 0 {
				t.Errorf("%s: %s has no comment", dir, f.Name)
			}
		}
	}
}

func symbolsOf(d *doc.Package) map[string]bool {
	all := map[string]bool{}
	add := func(values []*doc.Value, funcs []*doc.Func, recv string) {
		for _, v := range values {
			for _, n := range v.Names {
				all[n] = true
			}
		}
		for _, f := range funcs {
			all[recv+f.Name] = true
		}
	}
	add(d.Consts, d.Funcs, "")
	add(d.Vars, nil, "")
	for _, typ := range d.Types {
		all[typ.Name] = true
		add(typ.Consts, typ.Funcs, "")
		add(typ.Vars, nil, "")
		add(nil, typ.Methods, typ.Name+".")
		for _, spec := range typ.Decl.Specs {
			ast.Inspect(spec, func(n ast.Node) bool {
				if f, ok := n.(*ast.Field); ok { // a field or an interface's method
					for _, name := range f.Names {
						all[typ.Name+"."+name.Name] = true
					}
				}
				return true
			})
		}
	}
	return all
}

func checkBlock(t *testing.T, where string, block comment.Block, symbols map[string]map[string]bool) {
	t.Helper()
	switch b := block.(type) {
	case *comment.Paragraph:
		checkText(t, where, b.Text, symbols)
	case *comment.Heading:
		checkText(t, where, b.Text, symbols)
	case *comment.List:
		for _, item := range b.Items {
			for _, inner := range item.Content {
				checkBlock(t, where, inner, symbols)
			}
		}
	}
}

func checkText(t *testing.T, where string, text []comment.Text, symbols map[string]map[string]bool) {
	t.Helper()
	for _, x := range text {
		switch x := x.(type) {
		case comment.Plain:
			for _, m := range brackets.FindAllStringSubmatch(string(x), -1) {
				t.Errorf("%s: [%s] leads nowhere", where, m[1])
			}
		case *comment.DocLink:
			names, ours := symbols[x.ImportPath]
			name := x.Name
			if x.Recv != "" {
				name = x.Recv + "." + x.Name
			}
			if ours && name != "" && !names[name] {
				t.Errorf("%s: [%s.%s] leads nowhere", where, x.ImportPath, name)
			}
			if !ours && strings.HasPrefix(x.ImportPath, module) {
				t.Errorf("%s: [%s] is no public package", where, x.ImportPath)
			}
		}
	}
}

// TestExamplesRun wants an Output comment in every Example, without which it is compiled but never run.
func TestExamplesRun(t *testing.T) {
	rooms := map[string]bool{}
	for _, file := range goFiles(t) {
		if !strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, ex := range doc.Examples(f) {
			rooms[filepath.Dir(file)] = true
			if ex.Output == "" && !ex.EmptyOutput {
				t.Errorf("%s: Example%s has no Output, so it never runs", file, ex.Name)
			}
		}
	}
	for dir, p := range publicPackages(t) {
		if !rooms[dir] && len(p.doc.Types)+len(p.doc.Funcs) > 0 && !strings.HasSuffix(dir, "test") {
			t.Errorf("%s has no Example", dir)
		}
	}
}

// TestReadmeCodeIsReal wants every Go block of the README to stand, line for line, in a file that is compiled and run by
// tests: an Example or a program under examples/.
func TestReadmeCodeIsReal(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var compiled []string
	err = filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && (strings.HasSuffix(p, "example_test.go") || strings.HasPrefix(p, "examples") && strings.HasSuffix(p, ".go")) {
			b, readErr := os.ReadFile(p)
			compiled, err = append(compiled, flush(string(b))), readErr
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, block := range strings.Split(string(readme), "```go\n")[1:] {
		code, _, closed := strings.Cut(block, "```")
		found := false
		for _, file := range compiled {
			found = found || strings.Contains(file, flush(code))
		}
		if !closed || !found {
			t.Errorf("Go block %d of README.md is not code that runs:\n%s", i+1, code)
		}
	}
}

// flush removes indentation, which differs between a program and a README.
func flush(code string) string {
	var b strings.Builder
	for line := range strings.Lines(code) {
		b.WriteString(strings.TrimSpace(line) + "\n")
	}
	return b.String()
}

// TestNoLooseEnds keeps notes to ourselves out of what others import.
func TestNoLooseEnds(t *testing.T) {
	marks := []string{"TO" + "DO", "FIX" + "ME", "XX" + "X:", "HA" + "CK:"}
	for _, file := range goFiles(t) {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, mark := range marks {
			if strings.Contains(string(b), mark) {
				t.Errorf("%s contains %s", file, mark)
			}
		}
	}
}
