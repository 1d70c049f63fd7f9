package validate

import (
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxPattern bounds what is exported: a class such as \pL has hundreds of ranges.
const maxPattern = 1000

// ecmaPattern writes a regular expression of RE2 so that ECMA-262, whose syntax JSON Schema has, reads the same: there a dot
// stops at other line ends, \s takes in more, and (?i), \pL and [[:alpha:]] are different or none. What it writes RE2 reads
// too.
func ecmaPattern(expr string) (string, bool) {
	var p patternWriter
	re, err := syntax.Parse(expr, syntax.Perl)
	ok := err == nil && p.write(re)
	return p.String(), ok && p.Len() <= maxPattern
}

type patternWriter struct{ strings.Builder }

// write reports whether re can be said.
func (p *patternWriter) write(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpEmptyMatch:
		p.WriteString("(?:)")
	case syntax.OpLiteral:
		return p.literal(re)
	case syntax.OpCharClass:
		return p.class(re.Rune)
	case syntax.OpAnyCharNotNL:
		p.WriteString(`[^\n]`)
	case syntax.OpAnyChar:
		p.WriteString(`[\s\S]`)
	case syntax.OpBeginText:
		p.WriteByte('^')
	case syntax.OpEndText:
		p.WriteByte('$')
	case syntax.OpWordBoundary:
		p.WriteString(`\b`)
	case syntax.OpNoWordBoundary:
		p.WriteString(`\B`)
	case syntax.OpCapture:
		return p.group(re.Sub[0])
	case syntax.OpConcat:
		return !slices.ContainsFunc(re.Sub, func(sub *syntax.Regexp) bool { return !p.write(sub) })
	case syntax.OpAlternate:
		return p.alternate(re.Sub)
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		return p.repeat(re)
	default: // (?m) and what matches nothing
		return false
	}
	return true
}

// group makes one thing of re, which a quantifier may follow.
func (p *patternWriter) group(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL, syntax.OpCapture, syntax.OpAlternate:
		return p.write(re)
	case syntax.OpLiteral:
		if len(re.Rune) == 1 {
			return p.write(re)
		}
	}
	p.WriteString("(?:")
	ok := p.write(re)
	p.WriteByte(')')
	return ok
}

func (p *patternWriter) alternate(subs []*syntax.Regexp) bool {
	p.WriteString("(?:")
	for i, sub := range subs {
		if i > 0 {
			p.WriteByte('|')
		}
		if !p.write(sub) {
			return false
		}
	}
	p.WriteByte(')')
	return true
}

// repeat leaves out whether the expression is lazy, which does not change what matches.
func (p *patternWriter) repeat(re *syntax.Regexp) bool {
	ok := p.group(re.Sub[0])
	switch {
	case re.Op == syntax.OpStar:
		p.WriteByte('*')
	case re.Op == syntax.OpPlus:
		p.WriteByte('+')
	case re.Op == syntax.OpQuest:
		p.WriteByte('?')
	case re.Max == re.Min:
		fmt.Fprintf(p, "{%d}", re.Min)
	case re.Max < 0:
		fmt.Fprintf(p, "{%d,}", re.Min)
	default:
		fmt.Fprintf(p, "{%d,%d}", re.Min, re.Max)
	}
	return ok
}

func (p *patternWriter) literal(re *syntax.Regexp) bool {
	for _, r := range re.Rune {
		if re.Flags&syntax.FoldCase == 0 {
			p.char(r, `\^$.|?*+()[]{}`)
			continue
		}
		var same []rune
		for next := unicode.SimpleFold(r); ; next = unicode.SimpleFold(next) {
			same = append(same, next, next)
			if next == r {
				break
			}
		}
		if !p.class(same) {
			return false
		}
	}
	return true
}

// class writes pairs of first and last characters, or what is between them where they reach to the last character of all.
func (p *patternWriter) class(pairs []rune) bool {
	if len(pairs) == 0 {
		return false
	}
	p.WriteByte('[')
	if pairs[0] == 0 && pairs[len(pairs)-1] == unicode.MaxRune && len(pairs) > 2 {
		p.WriteByte('^')
		pairs = slices.Clone(pairs[1 : len(pairs)-1])
		for i := range pairs {
			pairs[i] += rune(1 - i%2*2)
		}
	}
	for i := 0; i < len(pairs); i += 2 {
		if !utf8.ValidRune(pairs[i]) || !utf8.ValidRune(pairs[i+1]) {
			return false
		}
		p.char(pairs[i], `\]^-[`)
		if pairs[i+1] > pairs[i] {
			if pairs[i+1] > pairs[i]+1 {
				p.WriteByte('-')
			}
			p.char(pairs[i+1], `\]^-[`)
		}
	}
	p.WriteByte(']')
	return true
}

func (p *patternWriter) char(r rune, special string) {
	switch {
	case r < ' ' || r == 0x7f:
		fmt.Fprintf(p, `\x%02x`, r)
	case strings.ContainsRune(special, r):
		p.WriteByte('\\')
		fallthrough
	default:
		p.WriteRune(r)
	}
}
