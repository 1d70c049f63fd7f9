package transport

import (
	"net/http"
	"net/netip"
	"strings"

	"github.com/gopalisade/palisade/internal/around"
	"github.com/gopalisade/palisade/internal/ascii"
)

// Resolver finds the client behind trusted proxies. It is safe for concurrent use.
type Resolver struct {
	trusted []netip.Prefix
	header  Header
}

// Wrap returns next with the request's [Peer] in the context. It refuses nothing: where the headers make no sense, the
// peer is the nearest hop that is known.
func (res *Resolver) Wrap(next http.Handler) http.Handler {
	return around.New(next, func(w http.ResponseWriter, r *http.Request) {
		ctx := &peerContext{r.Context(), res.Peer(r)}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// Peer finds r's client from the socket and the header lines.
//
// The walk goes from the right, where the nearest proxy wrote, to the left, as long as the hop that wrote an entry is
// trusted. It ends at the first address that is not, which is the client; at an entry that is no address, in which case
// the hop before it is the nearest truth; and after a fixed number of hops. Nothing further left is looked at, so a client
// gains nothing by writing there.
func (res *Resolver) Peer(r *http.Request) Peer {
	p := socketPeer(r)
	if res.header == "" || !res.trusts(p.Addr) {
		return p
	}
	if res.header == Forwarded {
		res.walkForwarded(r.Header["Forwarded"], &p)
		return p
	}
	res.walkXForwardedFor(r.Header["X-Forwarded-For"], &p)
	if s := lastElement(r.Header["X-Forwarded-Proto"]); isScheme(s) {
		p.Scheme = strings.ToLower(s)
	}
	if h := lastElement(r.Header["X-Forwarded-Host"]); isHost(h) {
		p.Host = h
	}
	return p
}

func (res *Resolver) trusts(a netip.Addr) bool {
	for _, p := range res.trusted {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// Bounds of the walk. A chain of proxies is short; more is an attempt to make us work.
const (
	maxHops  = 32
	maxChain = 8 << 10 // bytes of header looked at, from the right
)

// walkXForwardedFor leaves the client's address in p.
func (res *Resolver) walkXForwardedFor(lines []string, p *Peer) {
	budget := maxChain
	hops := 0
	for i := len(lines) - 1; i >= 0; i-- {
		line, rest := lines[i], true
		for rest {
			var entry string
			entry, line, rest = cutLast(line, ',', &budget)
			if hops++; hops > maxHops || budget < 0 {
				return
			}
			if entry = trimOWS(entry); entry == "" {
				continue // RFC 9110 section 5.6.1: an empty list element means nothing
			}
			addr := parseAddr(entry)
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

// cutLast returns what follows the last sep of s, and what stands before it. It spends what it read from budget, and gives
// up when that is gone.
func cutLast(s string, sep byte, budget *int) (last, before string, more bool) {
	for i := len(s) - 1; i >= 0; i-- {
		if *budget--; *budget < 0 {
			return "", "", false
		}
		if s[i] == sep {
			return s[i+1:], s[:i], true
		}
	}
	return s, "", false
}

// lastElement is what the nearest proxy wrote into a list header: the last element of the last line.
func lastElement(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	budget := maxHost + 8
	last, _, _ := cutLast(lines[len(lines)-1], ',', &budget)
	return trimOWS(last)
}

func trimOWS(s string) string { return strings.Trim(s, " \t") }

// isScheme accepts the two schemes that a proxy of HTTP can report.
func isScheme(s string) bool { return strings.EqualFold(s, "https") || strings.EqualFold(s, "http") }

const maxHost = 261 // 253 for a name, and a port with its colon

// isHost accepts the characters of a host with an optional port, so that nothing else reaches a log or a Location.
func isHost(s string) bool { return len(s) <= maxHost && ascii.All(s, "-._:[]") }
