package formats_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/internal/formats"
)

// no is a text that is refused, with the reason before it.
type no struct{ why, text string }

func check(t *testing.T, format func(string) bool, accepted []string, refused []no) {
	t.Helper()
	for _, s := range accepted {
		if !format(s) {
			t.Errorf("%q is refused", s)
		}
	}
	for _, r := range refused {
		if format(r.text) {
			t.Errorf("%s: %q is accepted", r.why, r.text)
		}
	}
}

// all formats, with a text that passes and makes no allocation unless it says so.
var all = []struct {
	name   string
	format func(string) bool
	good   string
	allocs bool
}{
	{"ASCII", formats.ASCII, "a\x00~", false},
	{"Alpha", formats.Alpha, "azAZ", false},
	{"AlphaNum", formats.AlphaNum, "az09", false},
	{"BCP47", formats.BCP47, "de-CH", true},
	{"Base64", formats.Base64, "aGVsbG8=", false},
	{"Base64RawURL", formats.Base64RawURL, "aGVsbG8", false},
	{"Base64URL", formats.Base64URL, "aGVsbG8=", false},
	{"CIDR", formats.CIDR, "192.0.2.0/24", false},
	{"CIDRv4", formats.CIDRv4, "192.0.2.0/24", false},
	{"CIDRv6", formats.CIDRv6, "2001:db8::/32", false},
	{"CountryAlpha2", formats.CountryAlpha2, "CH", false},
	{"CountryAlpha3", formats.CountryAlpha3, "CHE", false},
	{"Cron", formats.Cron, "*/5 0-6 1,15 JAN-MAR MON", false},
	{"Currency", formats.Currency, "EUR", false},
	{"Date", formats.Date, "2024-02-29", false},
	{"DateTime", formats.DateTime, "2024-02-29T12:30:00.25+02:00", false},
	{"Decimal", formats.Decimal, "-1.5", false},
	{"Digits", formats.Digits, "0042", false},
	{"Duration", formats.Duration, "P1Y2M3DT4H5M6S", false},
	{"E164", formats.E164, "+41446681800", false},
	{"Email", formats.Email, "first.last+tag@mail.example.com", false},
	{"EmailIntl", formats.EmailIntl, "用户@例子.example", true},
	{"EmailRFC5321", formats.EmailRFC5321, `"a b"@example`, false},
	{"FQDN", formats.FQDN, "www.example.com", false},
	{"Hex", formats.Hex, "c0FFee", false},
	{"HostPort", formats.HostPort, "example.com:443", false},
	{"Hostname", formats.Hostname, "localhost", false},
	{"IP", formats.IP, "2001:db8::1", false},
	{"IPv4", formats.IPv4, "192.0.2.1", false},
	{"IPv6", formats.IPv6, "2001:db8::1", false},
	{"JSON", formats.JSON, `{"a":[1]}`, true},
	{"JSONPointer", formats.JSONPointer, "/a~1b/0", false},
	{"Latitude", formats.Latitude, "-47.3769", false},
	{"Longitude", formats.Longitude, "8.5417", false},
	{"Lowercase", formats.Lowercase, "straße 1", false},
	{"Luhn", formats.Luhn, "4111111111111111", false},
	{"MAC", formats.MAC, "00:00:5e:00:53:01", false},
	{"Port", formats.Port, "8080", false},
	{"PrintASCII", formats.PrintASCII, "a ~", false},
	{"RelPath", formats.RelPath, "/a/b?c=%2Fd#e", false},
	{"Semver", formats.Semver, "1.2.3-rc.1+build.5", false},
	{"Slug", formats.Slug, "hello-world-2", false},
	{"Time", formats.Time, "12:30:00Z", false},
	{"ULID", formats.ULID, "01ARZ3NDEKTSV4RRFFQ69G5FAV", false},
	{"URL", formats.URL, "https://example.com:8443/a?b=c#d", false},
	{"UUID", formats.UUID, "f81d4fae-7dec-11d0-a765-00a0c91e6bf6", false},
	{"UUIDAnyCase", formats.UUIDAnyCase, "F81D4FAE-7dec-11d0-a765-00a0c91e6bf6", false},
	{"Uppercase", formats.Uppercase, "ÄÖÜ 1", false},
}

func TestEveryFormat(t *testing.T) {
	for _, f := range all {
		t.Run(f.name, func(t *testing.T) {
			if !f.format(f.good) {
				t.Fatalf("%q is refused", f.good)
			}
			if got := f.format(""); got != (f.name == "JSONPointer") {
				t.Errorf("the empty string: got %t", got)
			}
			if n := testing.AllocsPerRun(100, func() { f.format(f.good) }); !f.allocs && n != 0 {
				t.Errorf("%v allocations, want 0", n)
			}
			for _, tail := range []string{"\n", "\r\n", "\x00", "\xff", "\u200b", "\u202e", "\u0660"} {
				if f.format(f.good+tail) && !loose[f.name+tail] {
					t.Errorf("%q is accepted", f.good+tail)
				}
			}
		})
	}
}

// loose are the tails that belong to an alphabet.
var loose = map[string]bool{
	"ASCII\n": true, "ASCII\r\n": true, "ASCII\x00": true, "JSON\n": true, "JSON\r\n": true,
	"JSONPointer\n": true, "JSONPointer\r\n": true, "JSONPointer\x00": true,
	"JSONPointer\u200b": true, "JSONPointer\u202e": true, "JSONPointer\u0660": true,
	"Lowercase\n": true, "Lowercase\r\n": true, "Lowercase\x00": true, "Lowercase\xff": true,
	"Lowercase\u200b": true, "Lowercase\u202e": true, "Lowercase\u0660": true,
	"Uppercase\n": true, "Uppercase\r\n": true, "Uppercase\x00": true, "Uppercase\xff": true,
	"Uppercase\u200b": true, "Uppercase\u202e": true, "Uppercase\u0660": true,
}

// TestLinear gives every format 4 and 16 KiB of what it would read longest. Four times the text may take four times
// as long, and with a noisy machine three times that; a quadratic one would take sixteen times.
func TestLinear(t *testing.T) {
	const size = 1 << 12
	units := strings.Fields("a 0 A . a. - a- = %41 / xn-- :: \" ~0 [ 1, é я漢")
	for _, f := range all {
		for _, unit := range units {
			short := strings.Repeat(unit, size/len(unit))
			fast, slow := took(f.format, short), took(f.format, strings.Repeat(short, 4))
			if slow > 12*fast && slow > 5*time.Millisecond {
				t.Errorf("%s of %q: %v for %d bytes, %v for four times as many", f.name, unit, fast, size, slow)
			}
		}
	}
}

func took(format func(string) bool, s string) time.Duration {
	best := time.Hour
	for range 3 {
		start := time.Now()
		format(s)
		best = min(best, time.Since(start))
	}
	return best
}

// TestTooLong has no format with an end read on for long: the text is refused by its length.
func TestTooLong(t *testing.T) {
	for _, f := range all {
		if unbounded[f.name] {
			continue
		}
		for _, unit := range []string{"a", "0", "1.", "/a", "a-"} {
			for _, before := range []string{"", f.good} {
				if s := before + strings.Repeat(unit, 1<<17); f.format(s) {
					t.Errorf("%s accepts %d bytes of %q", f.name, len(s), unit)
				}
			}
		}
	}
}

// unbounded formats are alphabets, and have the length that the field's own rule allows.
var unbounded = map[string]bool{
	"ASCII": true, "Alpha": true, "AlphaNum": true, "Base64": true, "Base64RawURL": true, "Base64URL": true, "Decimal": true,
	"Digits": true, "Hex": true, "Lowercase": true, "PrintASCII": true, "Uppercase": true,
}

func Example() {
	for _, s := range []string{"https://example.com/a", "https://user@example.com/", "//example.com", "javascript:alert(1)"} {
		fmt.Println(formats.URL(s), s)
	}
	// Output:
	// true https://example.com/a
	// false https://user@example.com/
	// false //example.com
	// false javascript:alert(1)
}

// An URL that passes says nothing about where it leads: this one is the metadata service of a cloud, and a server that
// fetches it on behalf of its users hands out its own credentials.
func Example_formatIsNotReach() {
	fmt.Println(formats.URL("http://169.254.169.254/latest/meta-data/"))
	// Output:
	// true
}
