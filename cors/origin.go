package cors

import (
	"net/netip"
	"strings"

	"github.com/gopalisade/palisade/internal/conf"
)

// origins are the allowed ones: two maps, because a structure that is simple to read is simple to trust.
type origins struct {
	exact    map[string]string    // to the string of our own that is sent back
	suffixes map[string][]pattern // by what follows "*.", "example.com"
}

type pattern struct {
	scheme, port string // port "" is the default one, "*" any
}

// maxOrigin is a scheme, a host of 253 and a port.
const maxOrigin = 253 + len("https://:65535")

// add checks o and stores it.
func (os *origins) add(f *conf.Faults, field, o string, cfg Config) {
	if os.exact == nil {
		os.exact, os.suffixes = map[string]string{}, map[string][]pattern{}
	}
	if o == "null" {
		f.Check(false, field, o, "is what every sandboxed page claims to be")
		return
	}
	scheme, host, port, ok := split(strings.Replace(o, "://*.", "://", 1))
	wild := strings.Contains(o, "://*.")
	if !ok || (port == "*" && !wild && strings.Contains(host, "*")) {
		f.Check(false, field, o, "must be scheme://host[:port] in lower case, without path, and * only as the first label or the port")
		return
	}
	f.Check(!(scheme == "https" && port == "443") && !(scheme == "http" && port == "80"), field, o, "must leave out the default port, as browsers do")
	f.Check(scheme == "https" || !cfg.Credentials || isLoopback(host) || cfg.DangerouslyAllowInsecure, field, o, "is not https, and Credentials are allowed")
	if !wild && port != "*" {
		os.exact[o] = o
		return
	}
	if wild {
		_, err := netip.ParseAddr(host)
		f.Check(err != nil, field, o, "puts a pattern on an address")
		shared := !strings.Contains(host, ".") || sharedSuffixes[host]
		f.Check(!shared || host == "localhost" || cfg.DangerouslyAllowSuffix, field, o, "covers hosts that anybody can register")
	} else {
		host = "=" + host // any port of exactly this host; "=" stands in no host
	}
	os.suffixes[host] = append(os.suffixes[host], pattern{scheme, port})
}

// sharedSuffixes are suffixes of two labels under which strangers get hosts. It is a net for honest mistakes, not a list
// to rely on.
var sharedSuffixes = map[string]bool{
	"co.uk": true, "org.uk": true, "com.au": true, "co.jp": true, "com.br": true, "co.in": true, "com.cn": true,
	"github.io": true, "gitlab.io": true, "pages.dev": true, "workers.dev": true, "web.app": true, "vercel.app": true,
	"netlify.app": true, "herokuapp.com": true, "azurewebsites.net": true, "cloudfront.net": true, "appspot.com": true,
	"fly.dev": true, "onrender.com": true, "ngrok.io": true, "amazonaws.com": true, "run.app": true,
}

// find returns the string to send back for an allowed origin. The work is bounded by maxOrigin, whatever was sent.
func (os *origins) find(origin string) (string, bool) {
	if len(origin) > maxOrigin {
		return "", false
	}
	if own, ok := os.exact[origin]; ok {
		return own, true
	}
	if len(os.suffixes) == 0 {
		return "", false
	}
	scheme, host, port, ok := split(origin)
	if !ok || port == "*" {
		return "", false
	}
	if matches(os.suffixes["="+host], scheme, port) {
		return origin, true
	}
	for rest := host; ; {
		dot := strings.IndexByte(rest, '.')
		if dot < 0 {
			return "", false
		}
		rest = rest[dot+1:]
		if matches(os.suffixes[rest], scheme, port) {
			return origin, true // checked byte by byte, so that it may be sent back
		}
	}
}

func matches(patterns []pattern, scheme, port string) bool {
	for _, p := range patterns {
		if p.scheme == scheme && (p.port == port || p.port == "*") {
			return true
		}
	}
	return false
}

// split reads an origin as a browser serialises it (RFC 6454 section 6.2): lower case, no userinfo, no path, no query, no
// trailing dot. A port may be "*" for the sake of patterns.
func split(origin string) (scheme, host, port string, ok bool) {
	scheme, rest, ok := strings.Cut(origin, "://")
	if !ok || !isScheme(scheme) || len(origin) > maxOrigin+2 {
		return "", "", "", false
	}
	if rest != "" && rest[0] == '[' {
		end := strings.IndexByte(rest, ']')
		if end < 0 {
			return "", "", "", false
		}
		host, rest = rest[:end+1], rest[end+1:]
		addr, err := netip.ParseAddr(host[1:end])
		if err != nil || !addr.Is6() || addr.Zone() != "" || addr.String() != host[1:end] {
			return "", "", "", false
		}
	} else {
		end := strings.IndexByte(rest, ':')
		if end < 0 {
			end = len(rest)
		}
		host, rest = rest[:end], rest[end:]
		if !isHost(host) {
			return "", "", "", false
		}
	}
	if rest == "" {
		return scheme, host, "", true
	}
	port = rest[1:]
	return scheme, host, port, rest[0] == ':' && (port == "*" || isPort(port))
}

func isScheme(s string) bool {
	for i := range len(s) {
		c := s[i]
		if ('a' > c || c > 'z') && (i == 0 || ('0' > c || c > '9') && c != '+' && c != '-' && c != '.') {
			return false
		}
	}
	return s != ""
}

// isHost checks labels of 1 to 63 lower-case letters, digits, dashes and underscores.
func isHost(s string) bool {
	if len(s) > 253 {
		return false
	}
	label := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '.':
			if label == 0 {
				return false
			}
			label = 0
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '_':
			if label++; label > 63 {
				return false
			}
		default:
			return false
		}
	}
	return label > 0
}

func isPort(s string) bool {
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' || len(s) > 5 {
			return false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n > 0 && n <= 65535 && s[0] != '0'
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && addr.IsLoopback()
}
