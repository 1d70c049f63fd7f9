package formats_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"math"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"github.com/gopalisade/palisade/internal/formats"
)

func FuzzEmail(f *testing.F) {
	for _, seed := range []string{
		"a.b+c@example.com", "用户@例子.example", `"a b"@[IPv6:::1]`, "${jndi}@example.com", "a@xn--bcher-kva.ch",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !formats.EmailRFC5321(s) && formats.Email(s) || !formats.EmailIntl(s) && formats.Email(s) {
			t.Errorf("%q is safe, but no address of the wider kinds", s)
		}
		if formats.Email(s) {
			if strings.ContainsAny(s, "\"`$%!{}|<>()[]\\,;: \t\r\n\x00") || !formats.PrintASCII(s) || strings.Count(s, "@") != 1 {
				t.Errorf("%q is accepted with characters that start something elsewhere", s)
			}
			if addr, err := mail.ParseAddress(s); err != nil || addr.Address != s || addr.Name != "" {
				t.Errorf("%q is read as %v by net/mail: %v", s, addr, err)
			}
		}
		if formats.EmailIntl(s) {
			unseen := func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) }
			if !formats.Printable(s, false) || !norm.NFC.IsNormalString(s) || strings.ContainsFunc(s, unseen) {
				t.Errorf("%q is accepted with something that cannot be seen", s)
			}
			if _, err := mail.ParseAddress(s); err != nil {
				t.Errorf("%q is refused by net/mail: %v", s, err)
			}
		}
	})
}

func FuzzHost(f *testing.F) {
	for _, seed := range []string{
		"example.com:80", "xn--bcher-kva.example", "https://[2001:db8::1]:80/a?b#c", "/a/b?c=%2F", "//x", `/\x`, "10.0.0.0/8",
		"::ffff:1.2.3.4", "fe80::1%a", "0x7f.1", "00-00-5e-00-53-01", "http://a@b/",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		addr, err := netip.ParseAddr(s)
		if got, want := formats.IP(s), err == nil && addr.Zone() == "" && !embeds(addr); got != want {
			t.Errorf("IP(%q): got %t, net/netip has %v, %v", s, got, addr, err)
		}
		if formats.IPv4(s) && (!addr.Is4() || addr.String() != s) {
			t.Errorf("IPv4(%q) has another spelling, %v", s, addr)
		}
		prefix, err := netip.ParsePrefix(s)
		if got, want := formats.CIDR(s), err == nil && prefix == prefix.Masked() && !prefix.Addr().Is4In6(); got != want {
			t.Errorf("CIDR(%q): got %t, net/netip has %v, %v", s, got, prefix, err)
		}
		if _, err := net.ParseMAC(s); formats.MAC(s) && err != nil {
			t.Errorf("MAC(%q): %v", s, err)
		}
		if n, err := strconv.ParseUint(s, 10, 16); formats.Port(s) != (err == nil && n > 0 && strconv.FormatUint(n, 10) == s) {
			t.Errorf("Port(%q): got %t, strconv has %d, %v", s, formats.Port(s), n, err)
		}
		hostname(t, s)
		if host, port, err := net.SplitHostPort(s); formats.HostPort(s) && (err != nil || !formats.Port(port) || host == "") {
			t.Errorf("HostPort(%q) is split to %q and %q: %v", s, host, port, err)
		}
	})
}

// embeds reports whether addr is an IPv6 address that stands for an IPv4 one.
func embeds(addr netip.Addr) bool {
	for _, network := range []string{"64:ff9b::/96", "::/96"} {
		if netip.MustParsePrefix(network).Contains(addr) {
			return addr != netip.IPv6Unspecified() && addr != netip.IPv6Loopback()
		}
	}
	return addr.Is4In6()
}

func hostname(t *testing.T, s string) {
	if !formats.Hostname(s) {
		if formats.FQDN(s) {
			t.Errorf("%q is fully qualified, but no host name", s)
		}
		return
	}
	if _, err := netip.ParseAddr(s); err == nil {
		t.Errorf("%q is a host name, and an address", s)
	}
	for label := range strings.SplitSeq(strings.ToLower(s), ".") {
		if !strings.HasPrefix(label, "xn--") {
			continue
		}
		name, err := idna.Punycode.ToUnicode(label)
		again, _ := idna.Punycode.ToASCII(name)
		if err != nil || again != label || formats.ASCII(name) || !formats.Printable(name, false) || strings.Contains(name, ".") {
			t.Errorf("%q in %q is %q, which encodes to %q: %v", label, s, name, again, err)
		}
	}
}

func FuzzURL(f *testing.F) {
	for _, seed := range []string{"https://[2001:db8::1]:80/a?b#c", "/a/b?c=%2F", "//x", `/\x`, "http://a@b/"} {
		f.Add(seed)
	}
	base := &url.URL{Scheme: "https", Host: "app.example.com", Path: "/login"}
	f.Fuzz(func(t *testing.T, s string) {
		if formats.URL(s) {
			u, err := url.Parse(s)
			if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.Opaque != "" {
				t.Fatalf("%q is accepted, but net/url reads %#v, %v", s, u, err)
			}
			_, rest, _ := strings.Cut(s, "://")
			end := strings.IndexAny(rest+"/", "/?#")
			if host := rest[:end]; host != u.Host {
				t.Errorf("%q: the host is %q to net/url, and %q to the eye", s, u.Host, host)
			}
			if name := u.Hostname(); !formats.Hostname(name) && !formats.IP(name) {
				t.Errorf("%q: its host %q is none", s, name)
			}
			if port := u.Port(); port != "" && !formats.Port(port) || strings.HasSuffix(u.Host, ":") {
				t.Errorf("%q: its port %q is none", s, port)
			}
		}
		if formats.RelPath(s) {
			u, err := url.Parse(s)
			if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil {
				t.Fatalf("%q leads away: net/url reads %#v, %v", s, u, err)
			}
			to := base.ResolveReference(u)
			if to.Host != base.Host || to.Scheme != base.Scheme || to.EscapedPath() != u.EscapedPath() {
				t.Errorf("%q leads to %v", s, to)
			}
			up := strings.Contains(u.Path+"/", "/../")
			if up || strings.Contains(u.Path, "//") || strings.ContainsAny(u.Path, "\\\r\n\x00%") {
				t.Errorf("%q hides %q", s, u.Path)
			}
		}
	})
}

func FuzzTime(f *testing.F) {
	for _, seed := range []string{
		"2024-02-29T12:00:00.5+01:00", "2024-02-30", "23:59:60Z", "P1DT2H", "*/5 1-2 1 JAN 7", "2024-01-01T00:00:00,5Z",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if _, err := time.Parse(time.DateOnly, s); formats.Date(s) != (err == nil) {
			t.Errorf("Date(%q): got %t, package time has %v", s, formats.Date(s), err)
		}
		if formats.DateTime(s) {
			at, err := time.Parse(time.RFC3339Nano, s)
			if err != nil {
				t.Errorf("DateTime(%q): %v", s, err)
			}
			if zulu := at.Format(time.RFC3339Nano); !formats.DateTime(zulu) {
				t.Errorf("DateTime(%q), but not of its other spelling %q", s, zulu)
			}
		}
		if got := formats.Time(s); got != formats.DateTime("2024-02-29T"+s) {
			t.Errorf("Time(%q): got %t, but not behind a date", s, got)
		}
		if formats.Duration(s) && (strings.Trim(s, "PYMDTHSW.0123456789") != "" || !formats.Digits(s[len(s)-2:len(s)-1])) {
			t.Errorf("Duration(%q) has other characters", s)
		}
		if formats.Cron(s) && s[0] != '@' && len(strings.Fields(s)) != 5 {
			t.Errorf("Cron(%q) has no five fields", s)
		}
	})
}

func FuzzEncoding(f *testing.F) {
	for _, seed := range []string{
		"aGVsbG8=", "aGVsbG8", "AB==", "-_-_", `{"a":[1]}`, "/a~1b", "1.0.0-rc.1+b", "-90.0", uuid, "4111111111111111", "c0ffee",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, tc := range []struct {
			name   string
			format func(string) bool
			oracle *base64.Encoding
		}{
			{"Base64", formats.Base64, base64.StdEncoding},
			{"Base64URL", formats.Base64URL, base64.URLEncoding},
			{"Base64RawURL", formats.Base64RawURL, base64.RawURLEncoding},
		} {
			raw, err := tc.oracle.Strict().DecodeString(s)
			want := s != "" && err == nil && !strings.ContainsAny(s, "\r\n") // which the decoder skips
			if got := tc.format(s); got != want {
				t.Errorf("%s(%q): got %t, encoding/base64 has %v", tc.name, s, got, err)
			} else if got && tc.oracle.EncodeToString(raw) != s {
				t.Errorf("%s(%q) has a second spelling", tc.name, s)
			}
		}
		if _, err := hex.DecodeString(s + s); s != "" && formats.Hex(s) != (err == nil) {
			t.Errorf("Hex(%q): got %t, encoding/hex has %v", s, formats.Hex(s), err)
		}
		if formats.JSON(s) && !json.Valid([]byte(s)) {
			t.Errorf("JSON(%q) is not valid", s)
		}
		for limit, format := range map[float64]func(string) bool{90: formats.Latitude, 180: formats.Longitude} {
			if n, err := strconv.ParseFloat(s, 64); format(s) && (err != nil || math.Abs(n) > limit) {
				t.Errorf("%q degrees are %v, %v", s, n, err)
			}
		}
		for _, own := range all { // nothing of this panics, whatever it says
			own.format(s)
		}
	})
}

func FuzzText(f *testing.F) {
	for _, seed := range []string{"Grüezi", "a\r\nb", "pаypal", "東京Tokyo", "\u202e", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		page := formats.Printable(s, true) && utf8.ValidString(s)
		if formats.Printable(s, false) && (!page || strings.ContainsFunc(s, unicode.IsControl)) {
			t.Errorf("%q is accepted in a line, with something that is none", s)
		}
		if formats.SingleScript(s) {
			latin := strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Latin, r) })
			alike := strings.ContainsFunc(s, func(r rune) bool { return unicode.In(r, unicode.Cyrillic, unicode.Greek) })
			if latin && alike {
				t.Errorf("%q has letters of two scripts that look alike", s)
			}
		}
		if formats.Lowercase(s) && utf8.ValidString(s) && strings.ToLower(s) != s {
			t.Errorf("Lowercase(%q), but it is %q", s, strings.ToLower(s))
		}
	})
}
