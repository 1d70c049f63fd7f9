package content_test

import (
	"strings"
	"testing"

	"github.com/gopalisade/palisade/upload/content"
)

func TestText(t *testing.T) {
	filler := strings.Repeat("nothing to see here\n", 5000)
	var rows []row
	add := func(name, text string, want error) { rows = append(rows, row{name, []byte(text), want}) }
	add("words", "hello\r\n\tworld\n", nil)
	add("many", filler, nil)
	add("byte order mark of UTF-8", "\ufeffa,b\r\n1,2\r\n", nil)
	add("all planes", "é ß 世界 😀 \U0010ffff", nil)
	add("less than", "a < b, a <= b, x <- y, <-ch, 1<2, i<n", nil)
	add("addresses", "<john@example.com>, Ann <ann.lee@example.com>", nil)
	add("types and tags that are none", "map<string,int> List<T> <linked lists> <headers> <formula> <x:y> <objective>", nil)
	add("JSON", `{"a":[1,2]}`, nil)
	add("a heading and a citation", "# Title\n\n> cited\n", nil)
	add("percent", "100 % < 200 %", nil)

	for _, text := range []string{
		"<html>", "<HTML>", "<ScRiPt>alert(1)</sCrIpT>", "<script src=x>", "<svg onload=alert(1)>", "<svg:svg xmlns:svg='x'>",
		"<x:script xmlns:x='http://www.w3.org/1999/xhtml'>",
		"<!DOCTYPE html>", "<!-- -->", "<?php echo 1;", "<?= 1 ?>", "<?xml version='1.0'?>", "<% eval %>", "<![CDATA[",
		"<!ENTITY x 'y'>", "<iframe>", "<img/src=x>",
		"<IMG\tsrc=x>", "<body\nonload=x>", "<meta http-equiv=refresh>", "<base href=//x>", "<object>", "<embed>", "<math>",
		"<details open>", "<form>", "<style>", "<link rel=x>", "<script",
	} {
		add("begins "+text, text, content.ErrActive)
		add("after a word "+text, "word "+text, content.ErrActive)
		add("after a byte order mark "+text, "\ufeff"+text, content.ErrActive)
		add("late "+text, filler+text+" "+filler, content.ErrActive)
	}
	add("two addresses and a page", "<a@example.com> <b@example.com> <html>", content.ErrActive)
	add("begins like a tag of any name", "  \n<p>hello", content.ErrActive)
	add("begins like an end tag", "</p>", content.ErrActive)
	add("bitmap by its first letters", "BM<html>", content.ErrActive)
	add("application of Windows", "<hta:application id=x>", content.ErrActive)
	add("shell script", "#!/bin/sh\nid\n", content.ErrActive)
	add("playlist", "#EXTM3U\n#EXTINF:1\nfile:///etc/passwd\n", content.ErrActive)
	add("drawing commands", "push graphic-context\nviewbox 0 0 640 480\n", content.ErrActive)
	add("archived page", "MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n", content.ErrActive)
	add("rich text", `{\rtf1\ansi`, content.ErrActive)
	add("PostScript", "%!PS-Adobe-3.0\n", content.ErrActive)
	add("shortcut", "[InternetShortcut]\r\nURL=file://x\r\n", content.ErrActive)

	add("zero", "a\x00b", content.ErrMalformed)
	add("escape sequence", "\x1b[2J", content.ErrMalformed)
	add("backspace", "a\bb", content.ErrMalformed)
	add("delete", "a\x7fb", content.ErrMalformed)
	add("control of the upper half", "a\u0085b", content.ErrMalformed)
	add("UTF-16", "\xff\xfeh\x00i\x00", content.ErrMalformed)
	add("UTF-16, page", "\xfe\xff\x00<\x00h\x00t\x00m\x00l\x00>", content.ErrMalformed)
	add("Latin-1", "caf\xe9 au lait", content.ErrMalformed)
	add("cut character", "caf\xc3", content.ErrMalformed)
	add("too long a form", "a\xc0\xbcscript>", content.ErrMalformed)
	add("surrogate", "\xed\xa0\x80", content.ErrMalformed)
	add("beyond Unicode", "\xf4\x90\x80\x80", content.ErrMalformed)
	add("image", string(jpegOf(8, 8)), content.ErrType)
	add("PDF", "%PDF-1.4\n", content.ErrType)
	run(t, content.Text, rows)
}

// What is looked for is found wherever it stands, also across the borders of what is read at once.
func TestTextBorders(t *testing.T) {
	const border = 32 << 10
	for _, text := range []string{"<script ", "<prefix-of-some-length:script ", "\xff", "\xf0\x9f\x98", "\x00"} {
		for at := border - len(text) - 2; at <= border+2; at++ {
			for _, more := range []int{0, 5, border} {
				if _, err := check(t, []byte(strings.Repeat("a", at)+text+strings.Repeat("b", more)), content.Text); err == nil {
					t.Fatalf("%q at %d with %d behind it: got no error", text, at, more)
				}
			}
		}
	}
	for at := border - 5; at <= border+1; at++ {
		if _, err := check(t, []byte(strings.Repeat("a", at)+"😀"), content.Text); err != nil {
			t.Fatalf("character at %d: got %v", at, err)
		}
	}
}

// What a browser would run needs no element of a certain name, and no reader stops looking at the first white space.
func TestTextDisguises(t *testing.T) {
	blank := strings.Repeat("\n ", 20_000)
	var rows []row
	add := func(text string, want error) {
		rows = append(rows, row{text[max(0, len(text)-60):], []byte(text), want})
	}
	for _, tag := range []string{
		"<p onclick=x>", "<x onmouseover = x>", "<a href='x' ONFOCUS=x>", "<x/onload=x>", `<x a="1"onerror=x>`, "<x\nonwheel\n=x>",
		`<x a=">" onbegin=x>`, `<x a='">' onend=x>`, "<x a=b/c onscroll=x>", "<x-y onpointerenter=x>", "</x onclick=x>",
		"<x ===onclick onload=x>", `<! " ><x onload=x>`, `<? ' ><x onload=x>`, `</ " ><x onload=x>`, "<<x onload=x>",
		"<x a= onclick onload=x>",
		"<x a onload=x>",
	} {
		add("word "+tag, content.ErrActive)
	}
	for _, tag := range []string{
		"<p title=\"@\" onclick=x>", "<p @ x>", "<a href=mailto:a@b.c>", "<b@>", "<p/a@b>", "<_:script>", "<é:script>",
		"<:x>", "<h1>", "<a@b", "<a@b c>",
	} {
		add(tag, content.ErrActive)
		add(blank+tag, content.ErrActive)
	}
	add(blank+"#!/bin/sh", content.ErrActive)
	for _, text := range []string{
		"for (i=0; i <n; i++) { once = 1; only=2; one = 3 }", "a <b and onward = c", "<a.b+c@example.com> wrote on=1",
		"on <x on=1>", "<x onx=1>",
		"<x onceone=1>", "on load = 1", "<x a=onload=1>", `<x a="onload=1">`, "<! onload=1>", "</ onload=1>", "< onload=1>",
		"<x> onload=1", "<x onload>", "<x data-onload=1>", "<1 onload=1>", "<x a='b' onload>",
	} {
		add("word "+text, nil)
	}
	add(blank+"word", nil)
	add(blank, nil)
	run(t, content.Text, rows)
}

// What is no markup is none at the borders of what is read at once either.
func TestTextBordersOfWords(t *testing.T) {
	const border, word = 32 << 10, "<headers> <linked>"
	for at := border - len(word) - 1; at <= border+1; at++ {
		if _, err := check(t, []byte(strings.Repeat("a", at)+word+strings.Repeat("b", 100)), content.Text); err != nil {
			t.Fatalf("%q at %d: got %v", word, at, err)
		}
	}
}
