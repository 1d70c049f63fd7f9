package sanitize

import (
	"net/url"
	"slices"
	"strings"
	"unicode"
)

const maxLink = 2048 // bytes; what browsers and proxies agree on

var (
	linkSchemes  = []string{"http", "https", "mailto"}
	imageSchemes = []string{"http", "https"}
)

// link returns the URL in normal form if it is one that every parser reads alike: browsers drop tabs and line ends, take a
// backslash for a slash and ignore what is left of an @, so URLs with any of these are refused instead of repaired.
func link(raw string, schemes []string, relative bool) (string, bool) {
	s := strings.Trim(raw, " \t\n\f\r")
	if s == "" || len(s) > maxLink || strings.ContainsFunc(s, unlinkable) {
		return "", false
	}
	u, err := url.Parse(s)
	if err != nil || u.User != nil {
		return "", false
	}
	var ok bool
	switch u.Scheme {
	case "":
		ok = relative && u.Host == "" && !strings.HasPrefix(s, "//")
	case "mailto":
		ok = u.Opaque != ""
	default:
		ok = u.Hostname() != "" && u.Opaque == ""
	}
	if u.Scheme != "" {
		ok = ok && slices.Contains(schemes, u.Scheme)
	}
	if !ok {
		return "", false
	}
	// What does not read back as it was written has two meanings.
	out := u.String()
	again, err := url.Parse(out)
	return out, err == nil && out != "" && again.String() == out && again.Scheme == u.Scheme && again.Host == u.Host
}

// unlinkable characters are white space, controls, invisible ones and the backslash.
func unlinkable(r rune) bool {
	return r <= ' ' || r == '\\' || r == unicode.ReplacementChar || unicode.IsSpace(r) || unicode.Is(unicode.C, r)
}
