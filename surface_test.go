package palisade_test

import (
	"bytes"
	"flag"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/printer"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite api/*.txt from the code")

// TestSurface holds the public API against the reviewed text in api/. A difference is a decision for the changelog, not a
// detail: read the diff that -update makes.
func TestSurface(t *testing.T) {
	want := map[string]bool{}
	for dir, p := range publicPackages(t) {
		name := strings.ReplaceAll(filepath.ToSlash(dir), "/", "-") + ".txt"
		golden := filepath.Join("api", name)
		want[name] = true
		got := surface(t, p)
		if *update {
			if err := os.WriteFile(golden, got, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		reviewed, err := os.ReadFile(golden)
		if err != nil || !bytes.Equal(got, reviewed) {
			t.Errorf("%s differs from the code; run go test . -update and review the diff\n%s", golden, firstDifference(got, reviewed))
		}
	}
	entries, err := os.ReadDir("api")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !want[e.Name()] {
			t.Errorf("api/%s describes no package", e.Name())
		}
	}
}

// pkg is one parsed package of the root module.
type pkg struct {
	dir   string
	fset  *token.FileSet
	files []*ast.File // without tests
	doc   *doc.Package
}

// publicPackages parses every importable package of the root module, by folder.
func publicPackages(t *testing.T) map[string]*pkg {
	t.Helper()
	all := map[string]*pkg{}
	for _, file := range goFiles(t) {
		dir := filepath.Dir(file)
		if dir == "." || strings.HasPrefix(filepath.ToSlash(dir), "internal/") || strings.HasSuffix(file, "_test.go") {
			continue
		}
		p := all[dir]
		if p == nil {
			p = &pkg{dir: dir, fset: token.NewFileSet()}
			all[dir] = p
		}
		f, err := parser.ParseFile(p.fset, file, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		p.files = append(p.files, f)
	}
	for dir, p := range all {
		var err error
		p.doc, err = doc.NewFromFiles(p.fset, p.files, module+"/"+filepath.ToSlash(dir))
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// surface prints the exported declarations of p without comments and bodies, sorted.
func surface(t *testing.T, p *pkg) []byte {
	t.Helper()
	var decls []string
	show := func(node ast.Node) {
		var b bytes.Buffer
		config := printer.Config{Mode: printer.UseSpaces, Tabwidth: 4}
		if err := config.Fprint(&b, p.fset, node); err != nil {
			t.Fatal(err)
		}
		lines := slices.DeleteFunc(strings.Split(b.String(), "\n"), func(l string) bool { return strings.TrimSpace(l) == "" })
		decls = append(decls, strings.Join(lines, "\n"))
	}
	for _, f := range p.files {
		ast.FileExports(f)
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				d.Doc, d.Body = nil, nil
				show(d)
			case *ast.GenDecl:
				if d.Tok == token.IMPORT {
					continue
				}
				stripComments(d)
				show(d)
			}
		}
	}
	slices.Sort(decls)
	return []byte("package " + p.doc.Name + "\n\n" + strings.Join(decls, "\n") + "\n")
}

func stripComments(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GenDecl:
			n.Doc = nil
		case *ast.TypeSpec:
			n.Doc, n.Comment = nil, nil
		case *ast.ValueSpec:
			n.Doc, n.Comment = nil, nil
		case *ast.Field:
			n.Doc, n.Comment = nil, nil
		}
		return true
	})
}

func firstDifference(got, want []byte) string {
	g, w := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range g {
		if i >= len(w) || g[i] != w[i] {
			old := "(nothing)"
			if i < len(w) {
				old = w[i]
			}
			return "got  " + g[i] + "\nwant " + old
		}
	}
	return "the reviewed text goes on: " + w[len(g)]
}

// TestSecretsStayOut looks for files that a developer may have left: keys, databases, the example server's data.
func TestSecretsStayOut(t *testing.T) {
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() == ".git" {
			return fs.SkipDir
		}
		if ext := filepath.Ext(p); !d.IsDir() && slices.Contains([]string{".pem", ".key", ".db", ".sqlite"}, ext) {
			if !strings.Contains(filepath.ToSlash(p), "palisade-data/") { // ignored by git
				t.Errorf("%s must not stand in the tree", p)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
