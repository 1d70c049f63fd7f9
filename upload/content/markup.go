package content

import (
	"bytes"
	"strings"
)

// openers begin markup that a browser, or a server with an interpreter, may run. In lower case; what follows one that ends
// with a letter must end the word.
var openers = bySecond(
	"<!doctype", "<!--", "<![cdata[", "<!entity", "<?php", "<?xml", "<?=", "<%",
	"<html", "<head", "<body", "<title", "<meta", "<link", "<base", "<style", "<script", "<noscript", "<template",
	"<iframe", "<frame", "<frameset", "<object", "<embed", "<applet", "<svg", "<math", "<img", "<image", "<video", "<audio",
	"<form", "<input", "<button", "<textarea", "<select", "<details", "<marquee", "<isindex", "<xml", "<xss",
)

// foreigners begin what metadata has no reason to hold. They are long enough not to come about by chance in a color profile.
// Programs for pictures do leave a property list in it, which has a document type of its own.
var foreigners = bySecond("<!doctype html", "<?php", "<html", "<script", "<svg", "<iframe")

// opening is a list of words by their second byte, so that a text of nothing but "<" costs no more than another.
type opening [0x80][]string

func bySecond(words ...string) *opening {
	list := new(opening)
	for _, w := range words {
		list[w[1]] = append(list[w[1]], w)
	}
	return list
}

// isMarkup reports whether markup begins at p. A namespace prefix does not hide an element.
func isMarkup(p []byte) bool {
	if opens(p, openers) {
		return true
	}
	if len(p) < 2 || p[0] != '<' || !isLetter(p[1]) {
		return false
	}
	if i := bytes.IndexByte(p[:min(len(p), 24)], ':'); i > 1 && isWord(p[1:i]) {
		var local [searchWindow]byte
		local[0] = '<'
		n := 1 + copy(local[1:], p[i+1:])
		return opens(local[:n], openers)
	}
	return false
}

func opens(p []byte, list *opening) bool {
	if len(p) < 2 || p[0] != '<' || p[1] >= 0x80 {
		return false
	}
	second := p[1]
	if second >= 'A' && second <= 'Z' {
		second |= 0x20
	}
	for _, open := range list[second] {
		if len(p) < len(open) || !foldedEqual(p, open) {
			continue
		}
		if last := open[len(open)-1]; !isLetter(last) || len(p) == len(open) || !isWord(p[len(open):len(open)+1]) {
			return true
		}
	}
	return false
}

// foldedEqual compares the beginning of p with lower-case text.
func foldedEqual(p []byte, text string) bool {
	for i := range len(text) {
		c := p[i]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != text[i] {
			return false
		}
	}
	return true
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }

func isWord(p []byte) bool {
	for _, c := range p {
		if !isLetter(c) && !isDigit(c) && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

// starters begin text that some program takes for its own, when it looks at the first bytes. In lower case.
var starters = []string{
	"#!", "#ext", "{\\rtf", "%!", "mime-version:", "push graphic-context", "viewbox ", "[internetshortcut]",
	"windows registry editor", "regedit4", "begin:vc",
}

// blanks are what readers pass over before they look: white space, and the mark of UTF-8.
const blanks = "\ufeff \t\r\n"

// startsProgram reports whether text begins, white space aside, like a page, a script or a playlist.
func startsProgram(head []byte) bool {
	if len(head) > 1 && head[0] == '<' && (isLetter(head[1]) || head[1] >= 0x80 || strings.IndexByte("!?%/_:", head[1]) >= 0) {
		return !isAddress(head) // which may begin a mail
	}
	for _, s := range starters {
		if len(head) >= len(s) && foldedEqual(head, s) {
			return true
		}
	}
	return false
}

// isAddress reports whether head begins with the address of a mail in angle brackets: without a space no attribute is in it.
func isAddress(head []byte) bool {
	end := bytes.IndexByte(head, '>')
	if end < 0 {
		return false
	}
	local, domain, ok := bytes.Cut(head[1:end], []byte("@"))
	return ok && len(local) > 0 && len(domain) > 0 && isWord(domain) &&
		!bytes.ContainsFunc(local, func(r rune) bool { return r < '!' || strings.ContainsRune("\"'/<=:", r) })
}
