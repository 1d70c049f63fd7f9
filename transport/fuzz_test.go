package transport_test

import (
	"net/netip"
	"testing"

	"github.com/gopalisade/palisade/transport"
)

var trusted = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8:f::/48")}

func FuzzXForwardedFor(f *testing.F) {
	f.Add("203.0.113.9, 10.0.0.2")
	f.Add("[2001:db8::1]:80,,10.1.1.1:5")
	fuzz(f, transport.XForwardedFor, "203.0.113.77, ")
}

func FuzzForwarded(f *testing.F) {
	f.Add(`for=203.0.113.9;proto=https, for="[2001:db8:f::2]:80"`)
	f.Add(`for="a\", for=1.1.1.1", for=203.0.113.9`)
	fuzz(f, transport.Forwarded, "for=203.0.113.77, ")
}

// fuzz wants that whatever a client writes on the left of an address that is not trusted moves nothing.
func fuzz(f *testing.F, header transport.Header, forged string) {
	res := newResolver(f, header)
	f.Fuzz(func(t *testing.T, list string) {
		p := res.Peer(request("10.0.0.1:5", string(header), list))
		if !p.Addr.IsValid() || p.Addr.Is4In6() || p.Addr.Zone() != "" {
			t.Errorf("%q: a peer of two spellings: %v", list, p.Addr)
		}
		if p.Scheme != "http" && p.Scheme != "https" {
			t.Errorf("%q: scheme %q", list, p.Scheme)
		}
		for _, prefix := range trusted {
			if prefix.Contains(p.Addr) {
				return // nobody but proxies spoke
			}
		}
		again := res.Peer(request("10.0.0.1:5", string(header), forged+list))
		if again.Addr != p.Addr {
			t.Errorf("%q: a forged prefix moved %v to %v", list, p.Addr, again.Addr)
		}
		if split := res.Peer(request("10.0.0.1:5", string(header), forged, string(header), list)); split.Addr != p.Addr {
			t.Errorf("%q: a forged line moved %v to %v", list, p.Addr, split.Addr)
		}
	})
}
