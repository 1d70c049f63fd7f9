package formats

import (
	"net/netip"
	"strings"
)

// IP reports whether s is an [IPv4] or an [IPv6] address.
func IP(s string) bool { return IPv4(s) || IPv6(s) }

// IPv4 reports whether s is four decimal numbers without leading zeros. Shorter and other spellings, which some resolvers
// read as addresses (127.1, 0x7f000001, 2130706433), are refused.
func IPv4(s string) bool {
	if len(s) < len("0.0.0.0") || len(s) > len("255.255.255.255") || !isDigit(s[0]) || strings.Contains(s, ":") {
		return false
	}
	_, err := netip.ParseAddr(s)
	return err == nil
}

// IPv6 reports whether s is an IPv6 address in any spelling of RFC 4291 section 2.2. A zone is refused, since it names an
// interface of one machine. So is what stands for an IPv4 address, while lists of IPv4 networks miss it: mapped ones, which
// are IPv4 to the socket (::ffff:127.0.0.1), the compatible ones of old (::127.0.0.1; section 2.5.5.1), and those that
// a NAT64 translates (64:ff9b::7f00:1; RFC 6052 section 2.1). A list of networks may name these ranges: see [CIDRv6].
func IPv6(s string) bool {
	addr, ok := parseIPv6(s)
	return ok && !embeds(addr)
}

// embeds reports whether the last four bytes are an IPv4 address. ::1 and :: are no such.
func embeds(addr netip.Addr) bool {
	b := addr.As16()
	head, tail := [12]byte(b[:12]), [4]byte(b[12:])
	return head == [12]byte{0, 0x64, 0xff, 0x9b} || head == [12]byte{} && tail != [4]byte{} && tail != [4]byte{3: 1}
}

// parseIPv6 is [IPv6] with the addresses that embed another, except mapped ones.
func parseIPv6(s string) (netip.Addr, bool) {
	if len(s) < len("::") || len(s) > len("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255") {
		return netip.Addr{}, false
	}
	if !strings.Contains(s, ":") || strings.Contains(s, "%") {
		return netip.Addr{}, false
	}
	addr, err := netip.ParseAddr(s)
	return addr, err == nil && !addr.Is4In6()
}

// CIDR reports whether s is a [CIDRv4] or a [CIDRv6].
func CIDR(s string) bool { return CIDRv4(s) || CIDRv6(s) }

// CIDRv4 reports whether s is a network of IPv4: an address whose host bits are zero, and the number of its other bits.
func CIDRv4(s string) bool { return network(s, IPv4) }

// CIDRv6 reports whether s is a network of IPv6, as [CIDRv4] is of IPv4: no mapped one, but 64:ff9b::/96 is one to deny.
func CIDRv6(s string) bool {
	return network(s, func(addr string) bool { _, ok := parseIPv6(addr); return ok })
}

func network(s string, ok func(string) bool) bool {
	addr, bits, found := strings.Cut(s, "/")
	if !found || len(bits) > 3 || !ok(addr) {
		return false
	}
	p, err := netip.ParsePrefix(s)
	return err == nil && p == p.Masked() // 10.0.0.1/8 is a slip: is the host meant, or the network?
}

// MAC reports whether s is an EUI-48 or EUI-64 of hexadecimal pairs, with hyphens or with colons between all of them.
func MAC(s string) bool {
	if len(s) != len("00:00:5e:00:53:01") && len(s) != len("00:00:5e:ef:10:00:00:01") || s[2] != ':' && s[2] != '-' {
		return false
	}
	for i := range len(s) {
		if i%3 == 2 && s[i] != s[2] || i%3 != 2 && !isHex(s[i]) {
			return false
		}
	}
	return true
}
