package transport

import (
	"context"
	"net/http"
	"net/netip"
	"strings"
)

// Peer is the other end of a request.
type Peer struct {
	Addr   netip.Addr // client; IPv4-mapped addresses are folded and zones removed; zero where unknown
	Scheme string     // "https" or "http", as the client spoke it
	Host   string     // host the client asked for, as in [http.Request.Host]
}

type peerKey struct{}

// peerContext carries the Peer by value, in one allocation.
type peerContext struct {
	context.Context
	peer Peer
}

func (c *peerContext) Value(key any) any {
	if key == (peerKey{}) {
		return &c.peer
	}
	return c.Context.Value(key)
}

// PeerOf returns what [Resolver.Wrap] found out about r, or without it the socket's own peer, which cannot be forged by a
// header. It allocates nothing.
func PeerOf(r *http.Request) Peer {
	if p, ok := r.Context().Value(peerKey{}).(*Peer); ok {
		return *p
	}
	return socketPeer(r)
}

// socketPeer believes only the connection.
func socketPeer(r *http.Request) Peer {
	p := Peer{Addr: parseAddr(r.RemoteAddr), Scheme: "http", Host: r.Host}
	if r.TLS != nil {
		p.Scheme = "https"
	}
	return p
}

// parseAddr reads "ip", "ip:port", "[ip]" and "[ip]:port", folds IPv4-mapped IPv6 and drops zones, so that one client has
// one spelling. Anything else, the unspecified address too, is the zero Addr.
func parseAddr(s string) netip.Addr {
	if len(s) > maxNode {
		return netip.Addr{}
	}
	host := s
	switch {
	case s == "":
		return netip.Addr{}
	case s[0] == '[':
		end := strings.IndexByte(s, ']')
		if end < 0 || !isPortSuffix(s[end+1:]) {
			return netip.Addr{}
		}
		host = s[1:end]
		if strings.IndexByte(host, ':') < 0 {
			return netip.Addr{} // brackets hold IPv6 only (RFC 3986 section 3.2.2)
		}
	case strings.Count(s, ":") == 1: // IPv4 with a port; an IPv6 address has at least two
		colon := strings.IndexByte(s, ':')
		if !isPortSuffix(s[colon:]) {
			return netip.Addr{}
		}
		host = s[:colon]
	}
	addr, err := netip.ParseAddr(host)
	if err != nil || addr.IsUnspecified() {
		return netip.Addr{}
	}
	return addr.Unmap().WithZone("")
}

// maxNode bounds one address: 39 for IPv6, brackets, a port, and room for a zone.
const maxNode = 96

// isPortSuffix accepts nothing, or a colon with one to five digits.
func isPortSuffix(s string) bool {
	if s == "" {
		return true
	}
	if s[0] != ':' || len(s) < 2 || len(s) > 6 {
		return false
	}
	for _, c := range []byte(s[1:]) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
