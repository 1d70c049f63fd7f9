package formats_test

import (
	"strings"
	"testing"

	"github.com/gopalisade/palisade/internal/formats"
)

func TestURL(t *testing.T) {
	check(t, formats.URL, []string{
		"http://localhost", "https://example.com", "HTTPS://Example.COM/", "https://example.com:8443/a/b.c?d=e&f=%20#g",
		"http://192.0.2.1/", "http://[2001:db8::1]:80/", "https://example.com?a=b", "https://example.com#top",
		"https://xn--bcher-kva.example/", "https://example.com/a//b/../c;d=1,2:@!$'()*+=~", "https://example.com/?",
		"https://example.com/%09%7f%2f%2e",
		"https://example.com/" + strings.Repeat("a", 2028),
	}, []no{
		{"script", "javascript:alert(1)"},
		{"script with a host", "javascript://example.com/%0aalert(1)"},
		{"data", "data:text/html,x"},
		{"file", "file:///etc/passwd"},
		{"mail", "mailto:a@example.com"},
		{"another scheme", "ftp://example.com"},
		{"no scheme", "example.com"},
		{"scheme-relative", "//example.com"},
		{"relative", "/a"},
		{"opaque", "http:example.com"},
		{"opaque address", "http:127.0.0.1"},
		{"one slash", "http:/example.com"},
		{"three slashes", "http:///example.com"},
		{"no host", "http://"},
		{"no host but a port", "http://:80"},
		{"no host but a query", "http://?a"},
		{"user", "http://user@example.com"},
		{"user and password", "http://user:pw@example.com"},
		{"empty user", "http://@example.com"},
		{"user that looks like a host", "https://example.com:443@evil.example"},
		{"user behind a backslash", `http://evil.example\@example.com`},
		{"backslashes", `http:\\example.com`},
		{"backslash in the path", `http://example.com\a`},
		{"empty port", "http://example.com:"},
		{"port 0", "http://example.com:0"},
		{"port 65536", "http://example.com:65536"},
		{"port with a zero first", "http://example.com:0443"},
		{"port that is a name", "http://example.com:http"},
		{"number for a host", "http://2130706433/"},
		{"hexadecimal host", "http://0x7f000001/"},
		{"octal host", "http://0177.0.0.1/"},
		{"short address", "http://127.1/"},
		{"dot at the end of the host", "http://localhost./"},
		{"escaped host", "http://%31%32%37.0.0.1/"},
		{"full-width dots", "http://127。0。0。1/"},
		{"circled digits", "http://①②⑦.⓪.⓪.①/"},
		{"long s in the scheme", "httpſ://example.com"},
		{"zone", "http://[fe80::1%25eth0]/"},
		{"mapped address", "http://[::ffff:169.254.169.254]/"},
		{"name in brackets", "http://[example.com]/"},
		{"open bracket", "http://[::1/"},
		{"underscore", "http://a_b.example/"},
		{"tab", "http://exam\tple.com"},
		{"line break", "http://example.com/\n"},
		{"leading control", "\x01http://example.com"},
		{"leading space", " http://example.com"},
		{"space", "http://example.com/a b"},
		{"NUL", "http://example.com/\x00"},
		{"quote", `http://example.com/"onload="`},
		{"angle bracket", "http://example.com/<script>"},
		{"braces", "http://example.com/${jndi:x}"},
		{"backtick", "http://example.com/`id`"},
		{"brackets in the query", "http://example.com/?a[0]=1"},
		{"escaped header line", "http://example.com/%0d%0aSet-Cookie:x"},
		{"escaped line end in the query", "http://example.com/?a=%0A"},
		{"escaped carriage return in the fragment", "http://example.com/#%0D"},
		{"escaped NUL", "http://example.com/a.png%00.html"},
		{"address with an IPv4 address inside", "http://[::127.0.0.1]/"},
		{"translated address", "http://[64:ff9b::7f00:1]/"},
		{"half an escape", "http://example.com/%4"},
		{"no escape", "http://example.com/%zz"},
		{"percent sign last", "http://example.com/100%"},
		{"two fragments", "http://example.com/#a#b"},
		{"letters beyond ASCII", "http://example.com/ü"},
		{"bidi control", "http://example.com/\u202e"},
		{"2049 bytes", "https://example.com/" + strings.Repeat("a", 2029)},
	})
}

func TestURLOf(t *testing.T) {
	web := func(s string) bool { return formats.URLOf(s, "wss", "ftp") }
	check(t, web, []string{"wss://example.com/live", "WSS://example.com", "ftp://192.0.2.1/"}, []no{
		{"not listed", "https://example.com"},
		{"longer", "wssx://example.com"},
		{"shorter", "ws://example.com"},
		{"long s", "wſſ://example.com"},
		{"empty", "://example.com"},
		{"user", "ftp://u@example.com"},
	})
	if formats.URLOf("https://example.com") {
		t.Error("no schemes, but one is accepted")
	}
}

func TestRelPath(t *testing.T) {
	check(t, formats.RelPath, []string{
		"/", "/a", "/a/", "/a/b.html", "/a?b=c", "/?next=https%3A%2F%2Fexample.com%2F", "/#top", "/a%20b", "/.well-known/x",
		"/a..b", "/...", "/a:b@c", "/a?b=//c", "/%C3%BC", "/a?q=100%25",
	}, []no{
		{"no slash", "a"},
		{"absolute", "https://example.com/"},
		{"script", "javascript:alert(1)"},
		{"two slashes", "//example.com"},
		{"three slashes", "///example.com"},
		{"slash and backslash", `/\example.com`},
		{"backslash first", `\/example.com`},
		{"slash, tab, slash", "/\t/example.com"},
		{"slash, line break, slash", "/\n/example.com"},
		{"space first", " /a"},
		{"escaped slash", "/%2fexample.com"},
		{"escaped slash, upper case", "/%2Fexample.com"},
		{"escaped backslash", "/%5cexample.com"},
		{"dots and two slashes", "/..//example.com"},
		{"dot segment", "/./a"},
		{"dot dot segment", "/a/../b"},
		{"dot dot at the end", "/a/.."},
		{"escaped dots", "/%2e%2e/a"},
		{"half escaped dots", "/.%2E/a"},
		{"escaped twice", "/%252e%252e/a"},
		{"two slashes inside", "/a//b"},
		{"two slashes at the end", "/a//"},
		{"header line", "/a%0d%0aSet-Cookie:x"},
		{"header line in the query", "/?a=%0D%0ASet-Cookie:x"},
		{"NUL in the fragment", "/#%00"},
		{"delete", "/%7f"},
		{"line break", "/a\r\n"},
		{"two fragments", "/#a#b"},
		{"half an escape", "/%4"},
		{"letters beyond ASCII", "/ü"},
		{"ideographic dot", "/。/a"},
		{"2049 bytes", "/" + strings.Repeat("a", 2048)},
	})
}
