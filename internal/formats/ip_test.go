package formats_test

import (
	"testing"

	"github.com/gopalisade/palisade/internal/formats"
)

func TestIPv4(t *testing.T) {
	check(t, formats.IPv4, []string{"0.0.0.0", "127.0.0.1", "255.255.255.255"}, []no{
		{"three parts", "127.0.1"},
		{"two parts, long enough", "127.000001"},
		{"five parts", "1.2.3.4.5"},
		{"256", "1.2.3.256"},
		{"leading zero", "127.0.0.01"},
		{"octal", "0177.0.0.1"},
		{"hexadecimal", "0x7f.0.0.1"},
		{"one number", "2130706433"},
		{"dot at the end", "127.0.0.1."},
		{"space", " 127.0.0.1"},
		{"mapped", "::ffff:1.2.3.4"},
		{"port", "1.2.3.4:80"},
		{"network", "1.2.3.0/24"},
		{"sign", "+1.2.3.4"},
		{"other digits", "١.2.3.4"},
		{"full-width dots", "127。0。0。1"},
	})
}

func TestIPv6(t *testing.T) {
	check(t, formats.IPv6, []string{
		"::", "::1", "2001:db8::1", "2001:DB8::1", "2001:0db8:0000:0000:0000:0000:0000:0001", "1::d6:192.168.0.1",
		"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "64:ff9b:1::1", "::1:0:0",
	}, []no{
		{"zone", "fe80::1%eth0"},
		{"empty zone", "fe80::1%"},
		{"zone with a slash", "fe80::1%a/b"},
		{"mapped", "::ffff:127.0.0.1"},
		{"mapped, in hexadecimal", "::ffff:7f00:1"},
		{"mapped, at length", "0:0:0:0:0:FFFF:127.0.0.1"},
		{"compatible", "::127.0.0.1"},
		{"compatible, in hexadecimal", "::7f00:1"},
		{"compatible, the smallest", "::2"},
		{"translated", "64:ff9b::192.0.2.1"},
		{"translated, in hexadecimal", "0064:FF9B::7F00:1"},
		{"two gaps", "1::2::3"},
		{"nine parts", "1:2:3:4:5:6:7:8:9"},
		{"seven parts", "1:2:3:4:5:6:7"},
		{"five digits", "12345::"},
		{"three colons", ":::"},
		{"colon last", "1:2:3:4:5:6:7:"},
		{"octal at the end", "::ffff:1.2.3.04"},
		{"brackets", "[::1]"},
		{"network", "::/0"},
		{"no hexadecimal", "::g"},
		{"an IPv4 address", "192.0.2.1"},
	})
	check(t, formats.IP, []string{"192.0.2.1", "::1"}, []no{
		{"mapped", "::ffff:192.0.2.1"}, {"zone", "fe80::1%1"}, {"name", "localhost"}, {"short", "127.1"},
	})
}

func TestCIDR(t *testing.T) {
	check(t, formats.CIDRv4, []string{"10.0.0.0/8", "192.0.2.1/32", "0.0.0.0/0"}, []no{
		{"host bits", "10.0.0.1/8"},
		{"too many bits", "10.0.0.0/33"},
		{"leading zero", "10.0.0.0/08"},
		{"sign", "10.0.0.0/+8"},
		{"negative", "10.0.0.0/-1"},
		{"no bits", "10.0.0.0/"},
		{"address", "10.0.0.0"},
		{"mask", "10.0.0.0/255.0.0.0"},
		{"short", "10/8"},
		{"twice", "10.0.0.0/8/8"},
		{"IPv6", "::/0"},
	})
	check(t, formats.CIDRv6, []string{"::/0", "2001:db8::/32", "::1/128", "64:ff9b::/96", "::/96", "::7f00:1/128"}, []no{
		{"host bits", "2001:db8::1/32"},
		{"too many bits", "::/129"},
		{"many digits", "::/0000"},
		{"zone", "fe80::%eth0/10"},
		{"mapped", "::ffff:10.0.0.0/104"},
		{"IPv4", "10.0.0.0/8"},
	})
	check(t, formats.CIDR, []string{"10.0.0.0/8", "::/0"}, []no{{"address", "::1"}, {"host bits", "::1/64"}})
}

func TestMAC(t *testing.T) {
	check(t, formats.MAC, []string{"00:00:5e:00:53:01", "00-00-5E-00-53-AF", "02:00:5e:10:00:00:00:01"}, []no{
		{"mixed separators", "00:00-5e:00:53:01"},
		{"dots", "0000.5e00.5301"},
		{"dots between pairs", "00.00.5e.00.53.01"},
		{"no separators", "00005e005301"},
		{"no hexadecimal", "00:00:5e:00:53:0g"},
		{"seven pairs", "00:00:5e:00:53:01:02"},
		{"shifted", "0:000:5e:00:53:01"},
		{"separator last", "00:00:5e:00:53:0:"},
	})
}
