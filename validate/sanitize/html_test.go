package sanitize_test

import (
	"sync"
	"testing"

	"github.com/gopalisade/palisade/internal/conf"
	"github.com/gopalisade/palisade/validate/sanitize"
)

const relText = ` rel="nofollow noopener noreferrer ugc"`

func newHTML(tb testing.TB, cfg sanitize.HTMLConfig) sanitize.HTML {
	tb.Helper()
	h, err := sanitize.NewHTML(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return h
}

// settings are what the invariants are checked under.
func settings(tb testing.TB) map[string]sanitize.HTML {
	return map[string]sanitize.HTML{
		"none":    {},
		"inline":  sanitize.Inline(),
		"ugc":     sanitize.UGC(),
		"laxest":  newHTML(tb, sanitize.HTMLConfig{Profile: "ugc", RelativeLinks: true, NewTab: true}),
		"compact": newHTML(tb, sanitize.HTMLConfig{RelativeLinks: true}),
	}
}

func TestHTML(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"text", "it's 5 < 6 & \"so\"", "it's 5 &lt; 6 &amp; &#34;so&#34;"},
		{"white space stays", " a\n\tb ", " a\n\tb "},
		{"line ends", "a\r\nb\rc", "a\nb\nc"},
		{"controls", "a\x00b\x1bc&#1;d\u0085e", "abcde"},
		{"no UTF-8", "a\xffb", "a\uFFFDb"},
		{
			"inline",
			"<B>a</B> <i dir=rtl>b</i> <code class=language-go>c</code>",
			`<b>a</b> <i dir="rtl">b</i> <code class="language-go">c</code>`,
		},
		{"attributes that all take", `<p lang=de-AT dir=LTR>a</p>`, `<p lang="de-AT">a</p>`},
		{"classes", `<code class="language-go x">a</code><p class=x>b</p>`, "<code>a</code><p>b</p>"},
		{"first of two attributes", `<p dir=rtl dir=ltr>a</p>`, `<p dir="rtl">a</p>`},
		{"void elements", "a<br/>b<hr>c<wbr>d</br>", "a<br>b<hr>c<wbr>d"},
		{"self-closed", "<b/>a", "<b>a</b>"},
		{
			"image",
			`<img src=http://h/i.png alt="a'b" width=10 height=0 title=t onerror=x>`,
			`<img src="http://h/i.png" alt="a'b" title="t" width="10">`,
		},
		{"image without source", `<img alt=a>`, ""},
		{"image of this site", `<img src=/logout>`, ""},
		{"image of another scheme", `<img src=data:image/png;base64,AA==><img src=mailto:a@example.com>`, ""},
		{"unfinished tag", "a<b c", "a&lt;b c"},
		{"unfinished comment", "I </3 you", "I &lt;/3 you"},
		{"comment", "a<!-- b -->c<!doctype html>d", "acd"},
		{
			"content that is not shown",
			"a<style>b</style><title>c</title><template>d<template>e</template>f</template><noscript>g</noscript>h",
			"ah",
		},
		{"content that is shown", "<textarea>a<b>&lt;</textarea><xmp><i>&lt;</xmp>", "a&lt;b&gt;&lt;&lt;i&gt;&amp;lt;"},
		{"stray ends of what is not shown", "</noscript>a<noscript>b</noscript>c", "ac"},
		{"paragraphs", "<p>a<p>b<b>c<p>d", "<p>a</p><p>b<b>c</b></p><p>d</p>"},
		{"paragraph before block", "<p>a<div>b</div>c</p>", "<p>a</p><div>b</div>c"},
		{"crossed", "<b><i>a</b>b</i>", "<b><i>a</i></b>b"},
		{"headings", "<h1>a<h2>b", "<h1>a</h1><h2>b</h2>"},
		{"list", "<ul><li>a<li>b<ol start=3><li>c</ol></ul>", `<ul><li>a</li><li>b<ol start="3"><li>c</li></ol></li></ul>`},
		{"terms", "<dl><dt>a<dd>b<dt>c</dl>", "<dl><dt>a</dt><dd>b</dd><dt>c</dt></dl>"},
		{
			"links in links",
			"<a href=http://a.example>a<a href=http://b.example>b",
			`<a href="http://a.example"` + relText + `>a</a><a href="http://b.example"` + relText + `>b</a>`,
		},
		{
			"table",
			"<table><tr><td>a<th scope=row>b<tr><td colspan=2 align=right rowspan=0>c</table>",
			`<table><tr><td>a</td><th scope="row">b</th></tr><tr><td align="right" colspan="2">c</td></tr></table>`,
		},
		{
			"sections of a table",
			"<table><caption>a<thead><tr><th>b<tbody><tr><td>c</table>",
			"<table><caption>a</caption><thead><tr><th>b</th></tr></thead><tbody><tr><td>c</td></tr></tbody></table>",
		},
		{
			"table in a table",
			"<table><table><tr><td><table><tr><td>a",
			"<table></table><table><tr><td><table><tr><td>a</td></tr></table></td></tr></table>",
		},
		{
			"cells end nothing outside",
			"<b><table><tr><td>a</b>b</td></tr></table></b>",
			"<b><table><tr><td>ab</td></tr></table></b>",
		},
		{"stray ends", "a</div></td></table></body>b", "ab"},
		{"stray items", "<li>a</li><td>b</td><tr><dd>c<caption>d", "abcd"},
		{
			"items look for their list in their cell",
			"<ul><li><table><tr><td><li>a",
			"<ul><li><table><tr><td>a</td></tr></table></li></ul>",
		},
		{"unknown", "<font color=red>a</font><svg><text>b</text></svg><form><input name=x><button>c</button></form>", "abc"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got, err := sanitize.UGC().Sanitize(tc.in); got != tc.want || err != nil {
				t.Errorf("got  %q, %v\nwant %q", got, err, tc.want)
			}
		})
	}
}

func TestHTMLNewTab(t *testing.T) {
	h := newHTML(t, sanitize.HTMLConfig{NewTab: true})
	got, err := h.Sanitize(`<a href="https://example.com" target=x title="a">x</a>`)
	want := `<a href="https://example.com" title="a"` + relText + ` target="_blank">x</a>`
	if got != want || err != nil {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

func TestProfile(t *testing.T) {
	const in = `<p>a <b>b</b></p>`
	for _, tc := range []struct {
		name string
		ok   bool
		want string
	}{
		{"inline", true, "a <b>b</b>"},
		{"ugc", true, in},
		{"none", false, "a b"}, // the zero value allows nothing
		{"UGC", false, "a b"},
		{"", false, "a b"},
	} {
		h, ok := sanitize.Profile(tc.name)
		if got, err := h.Sanitize(in); got != tc.want || ok != tc.ok || err != nil {
			t.Errorf("%q: got %q, %t, %v, want %q, %t", tc.name, got, ok, err, tc.want, tc.ok)
		}
	}
}

func TestNewHTML(t *testing.T) {
	_, err := sanitize.NewHTML(sanitize.HTMLConfig{Profile: "all", MaxInput: -1, MaxOutput: -1})
	if all := conf.All(err); len(all) != 3 {
		t.Errorf("got %v, want three faults", err)
	}
	if got, err := newHTML(t, sanitize.HTMLConfig{}).Sanitize("<p><b>a"); got != "<b>a</b>" || err != nil {
		t.Errorf("the default profile: got %q, %v", got, err)
	}
}

// Every payload, under every setting, in every parsing context.
func TestHTMLPayloads(t *testing.T) {
	for name, h := range settings(t) {
		for _, p := range payloads(t) {
			if err := invariant(h, p.text); err != nil {
				t.Errorf("%s, line %d: %v\nof %q", name, p.line, err, p.text)
			}
		}
	}
}

// Payloads in the middle of others: what one leaves open must not arm the next.
func TestHTMLPayloadsJoined(t *testing.T) {
	all := payloads(t)
	for i := range all {
		joined := all[i].text + all[(i*7+3)%len(all)].text + all[(i*31+11)%len(all)].text
		if err := invariant(sanitize.UGC(), joined); err != nil {
			t.Errorf("line %d and two others: %v", all[i].line, err)
		}
	}
}

// The tests above would be worth nothing if the judge passed everything.
func TestJudge(t *testing.T) {
	caught := 0
	for _, p := range payloads(t) {
		if danger(p.text, "body") != nil {
			caught++
		}
	}
	if caught < 400 {
		t.Errorf("the judge objects to %d raw payloads, want 400 or more", caught)
	}
	for _, bad := range []string{
		"<p id=x>", "<p style=x>", "<p onx=y>", "<a href='javascript:1'>", "<a href='//h'>", "<svg>", "<p class=x>",
	} {
		if danger(bad, "body") == nil {
			t.Errorf("the judge passes %q", bad)
		}
	}
	for _, bad := range []string{"</div>", "</main>", "<td>", "<li>", "<dt>", "<textarea>", "<script>", "<!--"} {
		if contained(bad) == nil {
			t.Errorf("%q is said to stay in its place", bad)
		}
	}
}

func TestHTMLConcurrent(t *testing.T) {
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, p := range payloads(t)[:50] {
				if _, err := sanitize.UGC().Sanitize(p.text); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}
