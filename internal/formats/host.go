package formats

import (
	"strings"

	"golang.org/x/net/idna"

	"github.com/gopalisade/palisade/internal/ascii"
)

// Lengths of RFC 1035 section 2.3.4, as text and without the root's dot.
const (
	maxHost  = 253
	maxLabel = 63
)

// Hostname reports whether s is a host name of RFC 1123 section 2.1, which may be a single label such as localhost.
// A last label that a browser would read as a number is refused (127.1, 0x7f.1): that is an address in disguise.
// So is a dot at the end, an underscore, and an xn-- label that is not what its letters encode to.
func Hostname(s string) bool {
	_, ok := hostname(s)
	return ok
}

// FQDN reports whether s is a [Hostname] under a top-level domain of letters, or of punycode.
func FQDN(s string) bool {
	top, ok := hostname(s)
	return ok && len(top) > 1 && len(top) < len(s) && (Alpha(top) || isPuny(top))
}

// HostPort reports whether s is a [Hostname] or an IP address with a port, an IPv6 address in brackets.
func HostPort(s string) bool { return authority(s, true) }

// Port reports whether s is a number from 1 to 65535 without a sign or leading zeros.
func Port(s string) bool {
	return len(s) <= 5 && Digits(s) && s[0] != '0' && number(s) <= 65535
}

// hostname returns the last label of s, and whether s is a host name at all.
func hostname(s string) (last string, ok bool) {
	if len(s) > maxHost {
		return "", false
	}
	for more := true; more; {
		last, s, more = strings.Cut(s, ".")
		if !label(last) {
			return "", false
		}
	}
	return last, !looksNumeric(last)
}

// label reports whether s is letters, digits and inner hyphens, and its punycode, if it has any, is genuine.
func label(s string) bool {
	if len(s) > maxLabel || !ascii.All(s, "-") || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	return !isPuny(s) || genuine(s)
}

func isPuny(s string) bool {
	return len(s) > 4 && s[2:4] == "--" && s[0]|0x20 == 'x' && s[1]|0x20 == 'n'
}

// genuine reports whether the A-label s decodes to a name that may be registered, and encodes to s again. Without the
// way back, plain ASCII dressed as punycode would be a second spelling of a blocked name.
func genuine(s string) bool {
	lower := strings.ToLower(s)
	name, err := idna.Registration.ToUnicode(lower)
	if err != nil || name == lower {
		return false
	}
	back, err := idna.Registration.ToASCII(name)
	return err == nil && back == lower
}

// looksNumeric is the WHATWG URL standard's "ends in a number" for one label.
func looksNumeric(s string) bool {
	if Digits(s) {
		return true
	}
	return len(s) >= 2 && s[0] == '0' && s[1]|0x20 == 'x' && (len(s) == 2 || Hex(s[2:]))
}

// authority reports whether s is a host, with a port behind it that may be missing unless it is needed.
func authority(s string, needPort bool) bool {
	var host, port string
	var found, ok bool
	if strings.HasPrefix(s, "[") { // RFC 3986 section 3.2.2
		var rest string
		host, rest, ok = strings.Cut(s[1:], "]")
		ok = ok && IPv6(host)
		port, found = strings.CutPrefix(rest, ":")
		ok = ok && (found || rest == "")
	} else {
		host, port, found = strings.Cut(s, ":")
		ok = Hostname(host) || IPv4(host)
	}
	return ok && (found && Port(port) || !found && !needPort)
}
