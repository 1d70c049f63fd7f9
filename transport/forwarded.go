package transport

import (
	"strings"

	"github.com/gopalisade/palisade/internal/ascii"
)

// walkForwarded reads RFC 7239 section 4 from the right. It leaves in p the client's address, and the scheme and host that
// the nearest proxy reported in the last element.
func (res *Resolver) walkForwarded(lines []string, p *Peer) {
	budget, hops := maxChain, 0
	for i := len(lines) - 1; i >= 0; i-- {
		line := lines[i]
		for line != "" {
			element, before, ok := cutLastElement(line, &budget)
			if hops++; !ok || hops > maxHops {
				return
			}
			line = before
			if trimOWS(element) == "" {
				continue
			}
			hop, ok := parseElement(element)
			if !ok {
				return
			}
			if hops == 1 {
				if isScheme(hop.proto) {
					p.Scheme = strings.ToLower(hop.proto)
				}
				if isHost(hop.host) {
					p.Host = hop.host
				}
			}
			addr := parseAddr(hop.node) // "unknown" and "_hidden" are no addresses: the walk ends there
			if !addr.IsValid() {
				return
			}
			p.Addr = addr
			if !res.trusts(addr) {
				return
			}
		}
	}
}

// cutLastElement cuts s at its last comma outside quotes. Walking backwards, a quote opens or closes a string unless an odd
// number of backslashes stands before it. An unmatched quote means that the element's start is unknown: not ok.
func cutLastElement(s string, budget *int) (element, before string, ok bool) {
	quoted := false
	for i := len(s) - 1; i >= 0; i-- {
		if *budget--; *budget < 0 {
			return "", "", false
		}
		switch {
		case s[i] == '"' && !escaped(s, i, budget):
			quoted = !quoted
		case s[i] == ',' && !quoted:
			return s[i+1:], s[:i], true
		}
	}
	return s, "", !quoted
}

// escaped reports whether an odd number of backslashes stands before s[i].
func escaped(s string, i int, budget *int) bool {
	n := 0
	for i--; i >= 0 && s[i] == '\\' && *budget >= 0; i-- {
		*budget--
		n++
	}
	return n%2 == 1
}

// hop is one forwarded-element.
type hop struct{ node, proto, host string }

// parseElement reads forwarded-pairs separated by semicolons. A repeated or misshapen parameter makes the element
// worthless (section 4: each parameter at most once).
func parseElement(s string) (hop, bool) {
	var h hop
	seen := map[string]bool{}
	for s = trimOWS(s); s != ""; {
		name, rest, ok := strings.Cut(s, "=")
		name = strings.ToLower(name)
		if !ok || !ascii.All(name, "-_") || seen[name] {
			return hop{}, false
		}
		seen[name] = true
		var value string
		value, rest, ok = parseValue(rest)
		if !ok {
			return hop{}, false
		}
		switch name {
		case "for":
			h.node = value
		case "proto":
			h.proto = value
		case "host":
			h.host = value
		}
		rest = trimOWS(rest)
		if rest == "" {
			break
		}
		if s, ok = strings.CutPrefix(rest, ";"); !ok {
			return hop{}, false
		}
		s = trimOWS(s)
	}
	return h, true
}

// parseValue reads a token or a quoted string (RFC 9110 section 5.6.4) and returns what follows.
func parseValue(s string) (value, rest string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		end := strings.IndexAny(s, "; \t")
		if end < 0 {
			end = len(s)
		}
		// Brackets and colons belong in quotes, but proxies that forget them are common and mean no harm.
		return s[:end], s[end:], end > 0 && !strings.ContainsAny(s[:end], `"=,\`)
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '"':
			return b.String(), s[i+1:], true
		case '\\':
			if i++; i == len(s) {
				return "", "", false
			}
		}
		b.WriteByte(s[i])
	}
	return "", "", false
}
