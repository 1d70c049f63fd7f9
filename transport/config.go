package transport

import (
	"fmt"
	"net/netip"

	"github.com/gopalisade/palisade/internal/conf"
)

// Header names the forwarding header that the trusted proxies write. They must append to it or replace it; one header is
// read and the other ignored, because a proxy that writes one passes the other through as the client sent it.
type Header string

// The forwarding headers.
const (
	XForwardedFor Header = "X-Forwarded-For" // with X-Forwarded-Proto and X-Forwarded-Host
	Forwarded     Header = "Forwarded"       // RFC 7239
)

// Config describes a [Resolver]. The zero Config trusts nobody: the peer is the socket's.
type Config struct {
	_ [0]func() // keyed literals only, never comparable

	// TrustedProxies are the networks of your own proxies. An address in them is a hop, never a client.
	TrustedProxies []netip.Prefix
	// Header is what they write; required with TrustedProxies.
	Header Header
	// DangerouslyTrustEveryone allows a TrustedProxies entry that covers all addresses: any client then names its own
	// address, and with it escapes every limit and block.
	DangerouslyTrustEveryone bool
}

// New returns a Resolver, or every fault of cfg joined.
func New(cfg Config) (*Resolver, error) {
	f := conf.Faults{Room: "transport"}
	res := &Resolver{header: cfg.Header}
	for i, p := range cfg.TrustedProxies {
		field := fmt.Sprintf("TrustedProxies[%d]", i)
		p = unmapPrefix(p)
		f.Check(p.IsValid(), field, nil, "must be a network, as netip.ParsePrefix reads it")
		f.Check(!p.IsValid() || p.Bits() > 0 || cfg.DangerouslyTrustEveryone, field, p, "trusts every address")
		res.trusted = append(res.trusted, p.Masked())
	}
	f.Check(cfg.Header == "" || cfg.Header == XForwardedFor || cfg.Header == Forwarded,
		"Header", string(cfg.Header), "must be XForwardedFor or Forwarded")
	f.Check(cfg.Header != "" || len(cfg.TrustedProxies) == 0, "Header", nil, "is required with TrustedProxies")
	f.Check(cfg.Header == "" || len(cfg.TrustedProxies) > 0, "TrustedProxies", nil, "is required with Header")
	if err := f.Err(); err != nil {
		return nil, err
	}
	return res, nil
}

// unmapPrefix turns ::ffff:10.0.0.0/104 into 10.0.0.0/8, since addresses are folded before they are compared.
func unmapPrefix(p netip.Prefix) netip.Prefix {
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		return netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p
}
