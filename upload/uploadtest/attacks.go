package uploadtest

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/gopalisade/palisade/upload/content"
)

// formAttacks are forms around a good file.
func (g *Target) formAttacks() []attack {
	good := g.good(g.Types[0])
	plain := g.form(good)
	unclosed, epilogue, preamble := plain, plain, plain
	unclosed.Unclosed = true
	epilogue.Epilogue = string(plain.Bytes())
	preamble.Preamble = strings.Repeat(strings.Repeat("x", 62)+"\r\n", 8<<20/64)
	tooMany := slices.Repeat([]Part{good}, g.Max+1)
	header := good
	header.Header = append(slices.Clone(good.Header), "X-Padding: "+strings.Repeat("x", 9<<20))
	lines := good
	lines.Header = append(slices.Clone(good.Header), slices.Repeat([]string{"X-Padding: x"}, 9000)...)
	return []attack{
		{"no last boundary", unclosed, nil},
		{"a second form behind the last boundary", epilogue, nil},
		{"8 MiB before the first boundary", preamble, nil},
		{"10,000 fields", g.form(append(slices.Repeat([]Part{Value("x", "")}, 10_000), good)...), nil},
		{"too many files", g.form(tooMany...), nil},
		{"a part header of 9 MiB", g.form(header), nil},
		{"a part header of 9,000 lines", g.form(lines), nil},
		{"an unknown field of files", g.form(good, File(g.Field+"x", "good."+g.extension(), Sample(g.Types[0]))), nil},
		{"a client that leaves", plain, func(r *http.Request) { r.Body = Break(r.Body, r.ContentLength/2, nil) }},
		{"a client that leaves at the end", plain, func(r *http.Request) { r.Body = Break(r.Body, r.ContentLength-3, nil) }},
	}
}

func (g *Target) extension() string { return g.Types[0].Extensions()[0] }

// headerAttacks are good files under headers that two readers may read in two ways, or that name something else.
func (g *Target) headerAttacks() []attack {
	ext, kind, field := g.extension(), string(g.Types[0]), escape(g.Field)
	data := g.good(g.Types[0]).Body
	named := func(disposition string, others ...string) Form {
		return g.form(Part{Header: append([]string{"Content-Disposition: " + disposition}, others...), Body: data})
	}
	with := func(params string) Form {
		return named(`form-data; name="`+field+`"; `+params, "Content-Type: "+kind)
	}
	ordinary := `form-data; name="` + field + `"; filename="a.` + ext + `"`
	all := []attack{
		{"file name twice", with(`filename="a.` + ext + `"; filename="b.php"`), nil},
		{"file name twice, the second extended", with(`filename="a.` + ext + `"; filename*=UTF-8''b.php`), nil},
		{"file name in pieces", with(`filename*0="a."; filename*1="` + ext + `"`), nil},
		{"file name with a bare semicolon", with(`filename=a.php;.` + ext), nil},
		{"file name without its last quote", with(`filename="a.` + ext), nil},
		{"NUL in the file name", with("filename=\"a." + ext + "\x00.php\""), nil},
		{"field name twice", with(`name="other"; filename="a.` + ext + `"`), nil},
		{"no field name", named(`form-data; filename="a.`+ext+`"`, "Content-Type: "+kind), nil},
		{"an attachment", named(`attachment; name="`+field+`"; filename="a.`+ext+`"`, "Content-Type: "+kind), nil},
		{"two dispositions", named(ordinary, `Content-Disposition: form-data; name="`+field+`"; filename="b.php"`), nil},
		{"two types", named(ordinary, "Content-Type: "+kind, "Content-Type: text/html"), nil},
		{"quoted-printable", named(ordinary, "Content-Type: "+kind, "Content-Transfer-Encoding: quoted-printable"), nil},
		{"base64", named(ordinary, "Content-Type: "+kind, "Content-Transfer-Encoding: base64"), nil},
		{"a form within the form", named(ordinary, "Content-Type: multipart/mixed; boundary=x"), nil},
		{"no colon", named(ordinary, "Content-Type: "+kind, "X-No-Colon"), nil},
		{"no header", g.form(Part{Body: data}), nil},
	}
	for _, claim := range []string{"text/html", "image/svg+xml", "application/x-php", "/"} {
		all = append(all, attack{"declared as " + claim, named(ordinary, "Content-Type: "+claim), nil})
	}
	for _, name := range []string{
		"a.php", "a." + ext + ".php", "a." + ext + ".html", "a." + ext + ".svg", "a.pHp", "a", ".htaccess", "web.config", "..",
		"C:\\" + ext,
	} {
		all = append(all, attack{"named " + name, with(`filename="` + name + `"`), nil})
	}
	return all
}

// bombs are sizes beyond what anybody uploads on purpose, in files that are short enough for most handlers.
var bombs = map[content.Type]int64{
	content.PNG: 12_000, content.JPEG: 2000, content.GIF: 10_000, content.ZIP: 256 << 20, content.PDF: 256 << 20,
}

// fileAttacks are files in forms that are well.
func (g *Target) fileAttacks() []attack {
	var all []attack
	file := func(what, name string, data []byte) {
		all = append(all, attack{what + ", " + name, g.form(File(g.Field, name, data)), nil})
	}
	for _, kind := range g.Types {
		ext := kind.Extensions()[0]
		file("an empty file", "a."+ext, nil)
		file("EICAR", "a."+ext, EICAR())
		if n, ok := bombs[kind]; ok {
			file("a bomb", "a."+ext, Bomb(kind, n))
		}
		if kind == content.ZIP {
			file("EICAR in an archive", "a."+ext, Zip("a.com", EICAR()))
			file("EICAR in archives", "a."+ext, Zip("c.zip", Zip("b.zip", Zip("a.com", EICAR()))))
		} else if kind != content.Text { // in which it would be text, beside other text
			file("EICAR behind the end", "a."+ext, append(Sample(kind), EICAR()...))
		}
		long := File(g.Field, "a."+ext, nil)
		long.Body = Stream(kind, g.MaxBytes+2) // an odd WebP is one byte longer
		all = append(all, attack{"a file that is too long, a." + ext, g.form(long), nil})
	}
	disguises := Disguises()
	for _, name := range slices.Sorted(maps.Keys(disguises)) {
		if kind, _ := content.ByExtension(path.Ext(name)); slices.Contains(g.Types, kind) {
			file("a disguise", name, disguises[name])
		}
	}
	return all
}

// bodyAttacks are requests that are no form, or not clearly one.
func (g *Target) bodyAttacks() []attack {
	plain := g.form(g.good(g.Types[0]))
	kind := func(lines ...string) func(*http.Request) {
		return func(r *http.Request) { r.Header["Content-Type"] = lines }
	}
	b := plain.boundary()
	all := []attack{
		{"no body", plain, func(r *http.Request) { r.Body, r.ContentLength = http.NoBody, 0 }},
		{"JSON", plain, func(r *http.Request) {
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader("{}")), 2
			r.Header.Set("Content-Type", "application/json")
		}},
	}
	for i, lines := range [][]string{
		nil,
		{"multipart/form-data"},
		{`multipart/form-data; boundary=""`},
		{"multipart/form-data; boundary=other"},
		{"multipart/mixed; boundary=" + b},
		{"multipart/form-data; boundary*=UTF-8''" + b},
		{"multipart/form-data; boundary=" + b, "multipart/form-data; boundary=other"},
		{"application/x-www-form-urlencoded"},
	} {
		all = append(all, attack{fmt.Sprintf("Content-Type %d, %q", i, lines), plain, kind(lines...)})
	}
	long := plain
	long.Boundary = strings.Repeat("b", 71)
	return append(all, attack{"a boundary of 71 bytes (RFC 2046 section 5.1.1)", long, nil})
}
