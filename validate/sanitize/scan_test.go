package sanitize_test

import (
	"testing"

	"github.com/gopalisade/palisade/validate/sanitize"
)

// What is no markup is what somebody wrote.
func TestHTMLKeepsText(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"address", "Ada <ada@example.com> wrote", "Ada &lt;ada@example.com&gt; wrote"},
		{"URL", "see <https://example.com/x>", "see &lt;https://example.com/x&gt;"},
		{"types", "map<string,int> list<int> std<a::b>", "map&lt;string,int&gt; list&lt;int&gt; std&lt;a::b&gt;"},
		{"comparison", "if a<b && c>d then", "if a&lt;b &amp;&amp; c&gt;d then"},
		{"comparison in words", "if a<b and c>d then", "if a&lt;b and c&gt;d then"},
		{"division", "a<b/c>d", "a&lt;b/c&gt;d"},
		{"assignment", "a<b c==d>e<p =f>", "a&lt;b c==d&gt;e&lt;p =f&gt;"},
		{"text, then markup", "a<b & <i>c</i>", "a&lt;b &amp; <i>c</i>"},
		{"heart", "I </3 you <b>x</b>", "I &lt;/3 you <b>x</b>"},
		{"half a tag", "a<b", "a&lt;b"},
		{"unfinished script", "How do I use <script> here? <b>Thanks", "How do I use &lt;script&gt; here? <b>Thanks</b>"},
		{"unfinished title", "<title> is one", "&lt;title&gt; is one"},
		{"plain text", "<plaintext>a<b>b", "&lt;plaintext&gt;a<b>b</b>"},
		{"end that is none", "a<script>b</scripty>c</script d", "a&lt;script&gt;b&lt;/scripty&gt;c&lt;/script d"},
		{"end with spaces", "a<script>b</scripty></SCRIPT\n >c", "ac"},
		{"two without end", "<script>a<script>b", "&lt;script&gt;a&lt;script&gt;b"},
		{"unfinished template", "<template>a<template>b</template>c", "&lt;template&gt;ac"},
		{"stray end of a template", "a</template>b<template>c</template>d", "abd"},
		{"quotation marks inside", `<p a="b"c><p a=b"c">`, `&lt;p a=&#34;b&#34;c&gt;&lt;p a=b&#34;c&#34;&gt;`},
		{"quotation mark in a name", `<p a"b>`, `&lt;p a&#34;b&gt;`},
		{"values that do not end", `<p a=><p a="b>c`, `&lt;p a=&gt;&lt;p a=&#34;b&gt;c`},
		{"end with attributes", "<b>a</b c=d>", "<b>a&lt;/b c=d&gt;</b>"},
		{"words that are attributes", "<td nowrap>a<p v-cloak>b<b @c>d", "a<p>b<b>d</b></p>"},
		{"spaces around the equals sign", "<p dir = 'rtl' >a", `<p dir="rtl">a</p>`},
		{"equals sign at the end", "<p dir =", "&lt;p dir ="},
		{"custom and pasted elements", "<my-menu>a</my-menu><o:p>b</o:p><x:p>", "ab&lt;x:p&gt;"},
		{"instructions", "<?xml version='1.0'?>a<?b<c?>d<? e>", "a&lt;?b&lt;c?&gt;d&lt;? e&gt;"},
		{"declarations", "<!DOCTYPE html>a<![endif]>b<!c>d<!doctype <b>e", "ab&lt;!c&gt;d&lt;!doctype <b>e</b>"},
		{"comments that end early", "a<!-->b<!--->c<!--!>d--!>e<!----->f", "abcef"},
		{"comments that do not end", "a<!-- b <i>c</i><!--d", "a&lt;!-- b <i>c</i>&lt;!--d"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got, err := sanitize.UGC().Sanitize(tc.in); got != tc.want || err != nil {
				t.Errorf("got  %q, %v\nwant %q", got, err, tc.want)
			}
			if err := invariant(sanitize.UGC(), tc.in); err != nil {
				t.Error(err)
			}
		})
	}
}
