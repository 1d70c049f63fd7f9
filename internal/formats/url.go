package formats

import (
	"strings"

	"github.com/gopalisade/palisade/internal/ascii"
)

const maxURL = 2048

// uriMarks are the characters of a path, query and fragment beside letters, digits, escapes and # (RFC 3986 appendix A).
const uriMarks = "-._~!$&'()*+,;=:@/?"

// URL reports whether s is an absolute http or https URL: a [Hostname] or an IP address, a port if need be, and then only
// the characters that RFC 3986 leaves unescaped. It has no user before the host, since user@host reads like another host;
// no backslash, which browsers read as a slash; no escaped NUL or line end (%00, %0a, %0d), which end a text or a header
// where they are unescaped too early; and 2048 bytes at most. Letters beyond ASCII, brackets, braces and bars, which
// browsers show and accept, are to be escaped first.
func URL(s string) bool { return URLOf(s, "https", "http") }

// URLOf is [URL] for these schemes, in lower case, instead of http and https. All of them need a host: mailto, data and
// javascript cannot be let in.
func URLOf(s string, schemes ...string) bool {
	if len(s) > maxURL {
		return false
	}
	scheme, rest, found := strings.Cut(s, "://")
	if !found || !ascii.All(scheme, "+-.") || !anyFold(scheme, schemes) {
		return false
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	return authority(rest[:end], false) && uriTail(rest[end:]) && visible(rest[end:], isEnd)
}

// RelPath reports whether s is a path on this same host, to be redirected to: it starts with one slash and no second, in
// no spelling, has neither empty nor dot segments, and hides no slash, dot or percent sign behind an escape. Escaped
// controls are refused in the query too, since they become header lines where they are unescaped too early.
func RelPath(s string) bool {
	if s == "" || len(s) > maxURL || s[0] != '/' || !uriTail(s) {
		return false
	}
	end := strings.IndexAny(s, "?#")
	if end < 0 {
		end = len(s)
	}
	return segments(s[1:end]) && visible(s[:end], isPathMark) && visible(s[end:], isControl)
}

func anyFold(s string, of []string) bool {
	for _, one := range of {
		if strings.EqualFold(s, one) { // s is ASCII, so that no long s passes for an s
			return true
		}
	}
	return false
}

// uriTail reports whether s may stand behind a host; it may be empty.
func uriTail(s string) bool {
	s, fragment, _ := strings.Cut(s, "#")
	return uriChars(s) && uriChars(fragment)
}

func uriChars(s string) bool {
	for more := true; more; {
		var part string
		part, s, more = strings.Cut(s, "%")
		if part != "" && !ascii.All(part, uriMarks) || more && (len(s) < 2 || !isHex(s[0]) || !isHex(s[1])) {
			return false
		}
	}
	return true
}

// segments reports whether path, without its first slash, has no part that is empty (except the last) or dots.
func segments(path string) bool {
	for more := true; more; {
		var part string
		part, path, more = strings.Cut(path, "/")
		if part == "." || part == ".." || part == "" && more {
			return false
		}
	}
	return true
}

func isControl(c byte) bool  { return c < ' ' || c == 0x7F }
func isEnd(c byte) bool      { return c == 0 || c == '\n' || c == '\r' }
func isPathMark(c byte) bool { return isControl(c) || strings.IndexByte(`/\.%`, c) >= 0 }

// visible reports whether the escapes of s stand for none of those.
func visible(s string, those func(byte) bool) bool {
	for {
		_, rest, found := strings.Cut(s, "%")
		if !found {
			return true
		}
		if those(unhex(rest[0])<<4 | unhex(rest[1])) {
			return false
		}
		s = rest[2:]
	}
}

func unhex(c byte) byte {
	if isDigit(c) {
		return c - '0'
	}
	return (c | 0x20) - 'a' + 10
}
