package sanitize

import (
	"net/url"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/idna"

	"github.com/gopalisade/palisade/internal/formats"
)

const maxLink = 2048 // bytes; what browsers and proxies agree on

var (
	linkSchemes  = []string{"http", "https", "mailto"}
	imageSchemes = []string{"http", "https"}
)

// link returns the URL in normal form if it is one that every parser reads alike: browsers drop tabs and line ends, take a
// backslash for a slash and ignore what is left of an @, so URLs with any of these are refused instead of repaired. The
// host comes out as the ASCII that a browser would look up (UTS 46), or not at all.
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
		ok = u.Opaque != "" && !breaks(s)
	default:
		u.Host, ok = authority(u)
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

// breaks is true where an escaped control would begin a header field in the reader's mail program (RFC 6068 section 7).
func breaks(mail string) bool {
	text, err := url.PathUnescape(mail)
	return err != nil || strings.ContainsFunc(text, unicode.IsControl)
}

// authority returns the host as it is looked up, with its port. Escapes and letters of other scripts are read first,
// since they may spell another name: %C2%AD is nothing, and %E3%80%82 a dot.
func authority(u *url.URL) (string, bool) {
	host, port := u.Hostname(), u.Port()
	name, ok := lookup(host)
	switch {
	case strings.HasPrefix(u.Host, "["):
		name, ok = "["+host+"]", formats.IPv6(host)
	case !ok:
		ok = formats.IPv4(host)
	}
	if port == "" {
		return name, ok
	}
	return name + ":" + port, ok && formats.Port(port)
}

// lookup returns the host name in lower-case ASCII. What is ASCII already need not obey UTS 46, which refuses names that
// exist, as r3---sn.example.
func lookup(name string) (string, bool) {
	if formats.ASCII(name) {
		return strings.ToLower(name), formats.Hostname(name)
	}
	mapped, err := idna.Lookup.ToASCII(name)
	return mapped, err == nil && formats.Hostname(mapped)
}
