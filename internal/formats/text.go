package formats

import (
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable reports whether s is UTF-8 without what makes text lie or break: controls of C0 and C1, noncharacters, the
// bidi controls that reorder what is around them (Trojan Source; isolates too), the tags U+E0000 to U+E007F, which nobody
// sees but a language model reads, annotations (U+FFF9 to U+FFFB), and a byte order mark in front. That refuses the
// flags of England, Scotland and Wales, which are written in tags. With lines, tabs and line breaks are allowed: LF,
// CR LF, and U+2028 and U+2029.
func Printable(s string, lines bool) bool {
	if strings.HasPrefix(s, "\uFEFF") {
		return false
	}
	for i := 0; i < len(s); {
		c := s[i]
		if isPrint(c) {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 || hidden(r) {
			return false
		}
		if isBreak(r) && (!lines || r == '\r' && (i+1 == len(s) || s[i+1] != '\n')) {
			return false
		}
		i += size
	}
	return true
}

func isBreak(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029'
}

// hidden reports whether r has no place in any text.
func hidden(r rune) bool {
	switch {
	case isBreak(r):
		return false
	case r < ' ', 0x7F <= r && r <= 0x9F:
		return true
	case 0x202A <= r && r <= 0x202E, 0x2066 <= r && r <= 0x2069: // LRE RLE PDF LRO RLO, LRI RLI FSI PDI
		return true
	case 0xFFF9 <= r && r <= 0xFFFB, 0xE0000 <= r && r <= 0xE007F:
		return true
	}
	return 0xFDD0 <= r && r <= 0xFDEF || r&0xFFFE == 0xFFFE
}

// A set of scripts as bits, the known ones.
const (
	latin = 1 << iota
	han
	hiragana
	katakana
	bopomofo
	hangul
	other
)

// known are the scripts that may stand together, each with its bit.
var known = [...]struct {
	table *unicode.RangeTable
	bit   int
}{
	{unicode.Latin, latin},
	{unicode.Han, han},
	{unicode.Hiragana, hiragana},
	{unicode.Katakana, katakana},
	{unicode.Bopomofo, bopomofo},
	{unicode.Hangul, hangul},
}

// scripts are all, in an order that does not change from run to run.
var scripts = func() (all []*unicode.RangeTable) {
	for _, name := range slices.Sorted(maps.Keys(unicode.Scripts)) {
		all = append(all, unicode.Scripts[name])
	}
	return all
}()

// SingleScript reports whether the letters of s are of one script, or of those that are written together: Latin with
// Japanese, Chinese or Korean (UTS 39 section 5.2, "Highly Restrictive"). It refuses a Cyrillic а among Latin letters, but
// also honest text, as a name in two scripts: meant for user names and other identifiers, not for prose. A word
// written wholly in letters that look like another's passes.
func SingleScript(s string) bool {
	var seen int
	var table *unicode.RangeTable // the one script of other
	for _, r := range s {
		if r < utf8.RuneSelf {
			if isAlpha(byte(r)) {
				seen |= latin
			}
		} else if bit := knownScript(r); bit != 0 {
			seen |= bit
		} else if !unicode.In(r, unicode.Common, unicode.Inherited) && (table == nil || !unicode.Is(table, r)) {
			if table != nil {
				return false
			}
			if table = script(r); table == nil {
				return false // not assigned
			}
			seen |= other
		}
		if !together(seen) {
			return false
		}
	}
	return true
}

func knownScript(r rune) int {
	for _, k := range known {
		if unicode.Is(k.table, r) {
			return k.bit
		}
	}
	return 0
}

func script(r rune) *unicode.RangeTable {
	for _, table := range scripts {
		if unicode.Is(table, r) {
			return table
		}
	}
	return nil
}

// together reports whether the scripts seen belong to one writing system.
func together(seen int) bool {
	for _, system := range [...]int{other, latin | han | hiragana | katakana, latin | han | bopomofo, latin | han | hangul} {
		if seen&^system == 0 {
			return true
		}
	}
	return false
}
