package sanitize_test

import (
	"encoding/csv"
	"errors"
	"fmt"
	"html/template"
	"os"
	"strings"

	"github.com/gopalisade/palisade/validate/sanitize"
)

func Example() {
	const evil = `<p onclick=steal()>It's <b>fine<script>steal()</script> <a href="javascript:steal()">really</a>`
	comment, err := sanitize.UGC().Sanitize(evil)
	if err != nil {
		panic(err)
	}
	// template.HTML is a promise that html/template need not escape: make it for sanitised text only, inside a block
	// element.
	page := template.Must(template.New("").Parse("<div>{{.}}</div>\n"))
	if err := page.Execute(os.Stdout, template.HTML(comment)); err != nil {
		panic(err)
	}
	// Output: <div><p>It's <b>fine really</b></p></div>
}

func ExampleHTML_Sanitize_tooLong() {
	h, err := sanitize.NewHTML(sanitize.HTMLConfig{MaxOutput: 20})
	if err != nil {
		panic(err)
	}
	_, err = h.Sanitize(strings.Repeat("&", 10))
	fmt.Println(errors.Is(err, sanitize.ErrTooLong), err)
	// Output: true sanitize: text is too long: the output exceeds MaxOutput
}

func ExampleProfile() {
	_, ok := sanitize.Profile("everything")
	fmt.Println(ok)
	// Output: false
}

func ExampleText() {
	fmt.Println(sanitize.Text("it's 5 < 6"))
	fmt.Println(sanitize.Text("<p>Tom &amp; <b>Jerry</b></p>"))
	fmt.Println(sanitize.Text("a&amp;lt;script&amp;gt;b&amp;lt;/script&amp;gt;c"))
	// Output:
	// it's 5 < 6
	// Tom & Jerry
	// ac
}

// Text returns plain text. Put into an attribute without escaping, a quotation mark ends the value: the symptom is an
// attribute that nobody wrote.
func ExampleText_wrong() {
	name := sanitize.Text(`Ada" onmouseover="steal()`)
	fmt.Println(`<img alt="` + name + `">`)
	if err := template.Must(template.New("").Parse(`<img alt="{{.}}">`)).Execute(os.Stdout, name); err != nil {
		panic(err)
	}
	// Output:
	// <img alt="Ada" onmouseover="steal()">
	// <img alt="Ada&#34; onmouseover=&#34;steal()">
}

func ExampleEmailKey() {
	for _, s := range []string{" Ada.L@Example.COM", "ada.l@example.com", "ada.l@münchen.de", "ada@localhost"} {
		address, err := sanitize.Email(s)
		key, _ := sanitize.EmailKey(s)
		fmt.Printf("%q %q %t\n", address, key, errors.Is(err, sanitize.ErrEmail))
	}
	// Output:
	// "Ada.L@example.com" "ada.l@example.com" false
	// "ada.l@example.com" "ada.l@example.com" false
	// "ada.l@xn--mnchen-3ya.de" "ada.l@xn--mnchen-3ya.de" false
	// "" "" true
}

func ExampleFilename() {
	for _, s := range []string{"../../etc/passwd", `C:\temp\aux.txt`, ".bashrc", "invoice\u202Efdp.exe", "Überblick.pdf"} {
		fmt.Println(sanitize.Filename(s))
	}
	// Output:
	// passwd
	// _aux.txt
	// bashrc
	// invoicefdp.exe
	// Überblick.pdf
}

func ExampleCSVCell() {
	w := csv.NewWriter(os.Stdout)
	for _, s := range []string{"=HYPERLINK(A1)", "-5", "-5+A1", "a;=A1"} {
		if err := w.Write([]string{sanitize.CSVCell(s)}); err != nil {
			panic(err)
		}
	}
	w.Flush()
	// Output:
	// '=HYPERLINK(A1)
	// -5
	// '-5+A1
	// a;'=A1
}

func ExampleLogLine() {
	fmt.Println(sanitize.LogLine("ada\nERROR admin logged in\x1b[2K"))
	// Output: ada\nERROR admin logged in\x1b[2K
}

func ExampleName() {
	fmt.Printf("%q\n", sanitize.Name("  Ada\t\u200b Lovelace\u202E "))
	// Output: "Ada Lovelace"
}

func ExampleHeader() {
	fmt.Println("Subject: " + sanitize.Header("Hello\r\nBcc: everybody@example.com"))
	// Output: Subject: Hello Bcc: everybody@example.com
}

func ExampleUsername() {
	fmt.Println(sanitize.Username("ＡＤＡ"))
	fmt.Println(sanitize.Username("ada lovelace"))
	// Output:
	// ada <nil>
	//  sanitize: not a user name: PRECIS does not allow it
}
