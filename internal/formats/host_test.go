package formats_test

import (
	"strings"
	"testing"

	"github.com/gopalisade/palisade/internal/formats"
)

var (
	label63 = strings.Repeat("a", 63)
	host253 = strings.Join([]string{label63, label63, label63, strings.Repeat("b", 61)}, ".")
)

func TestHostname(t *testing.T) {
	check(t, formats.Hostname, []string{
		"localhost", "a", "a.b", "WWW.Example.COM", "3com.com", "1.2.3.4.example", "r3---sn-4g5e.example", "a-b--c.d",
		"xn--bcher-kva.example", "XN--BCHER-KVA.example", "xn--80ak6aa92e.com", "example.xn--p1ai", label63, host253,
		"123.0xg", "x--y.example",
	}, []no{
		{"dot alone", "."},
		{"dot at the end", "example.com."},
		{"dot first", ".example.com"},
		{"empty label", "a..b"},
		{"hyphen first", "-a.example"},
		{"hyphen last", "a-.example"},
		{"hyphen alone", "-"},
		{"underscore", "_dmarc.example.com"},
		{"label of 64", label63 + "a"},
		{"254 bytes", host253 + "b"},
		{"address", "127.0.0.1"},
		{"short address", "127.1"},
		{"number", "2130706433"},
		{"hexadecimal number", "0x7f000001"},
		{"hexadecimal, upper case", "0X7F.1"},
		{"octal number", "0177.0.0.01"},
		{"empty hexadecimal", "a.0x"},
		{"number under a name", "example.1"},
		{"space", "a b"},
		{"line break", "a\n"},
		{"NUL", "a\x00.example"},
		{"escape", "%31%32%37.example"},
		{"slash", "a/b"},
		{"port", "a:80"},
		{"user", "u@a"},
		{"asterisk", "*.example.com"},
		{"letters beyond ASCII", "bücher.example"},
		{"full-width dot", "127。0。0。1"},
		{"circled digits", "①②⑦.0.0.1"},
		{"zero-width space", "exam\u200bple.com"},
		{"punycode of nothing", "xn--.example"},
		{"punycode of ASCII", "xn--example-.com"},
		{"punycode of ASCII, bare", "xn--admin-.example"},
		{"punycode that is none", "xn--999999999.example"},
		{"punycode of upper case", "xn--Bcher-kva0a.example"},
		{"punycode of a joiner", "xn--ab-j1t.example"},
		{"punycode of a mark first", "xn--hello-zed.example"},
	})
}

func TestFQDN(t *testing.T) {
	check(t, formats.FQDN, []string{"a.bc", "example.com", "EXAMPLE.COM", "a.b.c.museum", "example.xn--p1ai"}, []no{
		{"one label", "localhost"},
		{"one label of punycode", "xn--p1ai"},
		{"top level of one letter", "a.b"},
		{"top level with a digit", "a.b2"},
		{"top level with a hyphen", "a.b-c"},
		{"dot at the end", "example.com."},
		{"address", "192.0.2.1"},
	})
}

func TestHostPort(t *testing.T) {
	check(t, formats.HostPort, []string{"localhost:1", "example.com:65535", "192.0.2.1:80", "[2001:db8::1]:80"}, []no{
		{"no port", "example.com"},
		{"no port behind an address", "[2001:db8::1]"},
		{"empty port", "example.com:"},
		{"empty port behind an address", "[::1]:"},
		{"no host", ":80"},
		{"zero", "a:0"},
		{"65536", "a:65536"},
		{"leading zero", "a:080"},
		{"sign", "a:+80"},
		{"name of a service", "a:http"},
		{"two ports", "a:80:80"},
		{"no brackets", "2001:db8::1:80"},
		{"zone", "[fe80::1%25eth0]:80"},
		{"mapped address", "[::ffff:127.0.0.1]:80"},
		{"translated address", "[64:ff9b::7f00:1]:80"},
		{"name in brackets", "[localhost]:80"},
		{"open bracket", "[::1"},
		{"text behind the bracket", "[::1]x:80"},
		{"number for a host", "2130706433:80"},
	})
}

func TestPort(t *testing.T) {
	check(t, formats.Port, []string{"1", "80", "65535"}, []no{
		{"zero", "0"},
		{"too large", "65536"},
		{"wraps around", "4294967376"},
		{"leading zero", "080"},
		{"sign", "+80"},
		{"negative", "-1"},
		{"space", " 80"},
		{"other digits", "٨٠"},
	})
}
