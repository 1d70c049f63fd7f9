package formats_test

import (
	"strings"
	"testing"

	"github.com/gopalisade/palisade/internal/formats"
)

func TestE164(t *testing.T) {
	check(t, formats.E164, []string{"+41446681800", "+1234567", "+123456789012345"}, []no{
		{"no plus", "41446681800"},
		{"zero first", "+0446681800"},
		{"six digits", "+123456"},
		{"sixteen digits", "+1234567890123456"},
		{"spaces", "+41 44 668 18 00"},
		{"hyphens", "+1-202-555-0100"},
		{"parentheses", "+41(0)446681800"},
		{"00", "0041446681800"},
		{"full-width plus", "＋41446681800"},
		{"other digits", "+٤١٤٤٦٦٨١٨٠٠"},
	})
}

func TestLuhn(t *testing.T) {
	check(t, formats.Luhn, []string{
		"4111111111111111", "5555555555554444", "378282246310005", "6011111111111117", "4222222222222", "000000000018",
	}, []no{
		{"one digit off", "4111111111111112"},
		{"two digits swapped", "738282246310005"},
		{"spaces", "4111 1111 1111 1111"},
		{"hyphens", "4111-1111-1111-1111"},
		{"eleven digits", "00000000018"},
		{"twenty digits", "00000000000000000018"},
		{"zeros", "0000000000000000"},
		{"letters", "411111111111111a"},
		{"sign", "+411111111111111"},
		{"other digits", "٤١١١١١١١"},
	})
	// Every change of one digit is found.
	const good = "4111111111111111"
	for i := range good {
		for d := byte('0'); d <= '9'; d++ {
			if s := good[:i] + string(d) + good[i+1:]; formats.Luhn(s) != (s == good) {
				t.Errorf("%s: got %t", s, s != good)
			}
		}
	}
}

func TestDegrees(t *testing.T) {
	check(t, formats.Latitude, []string{"0", "-0", "90", "-90", "+90.000", "89.999999", "47.3769", "0.5"}, []no{
		{"above", "90.0000001"},
		{"far above", "91"},
		{"below", "-90.1"},
		{"leading zero", "07.5"},
		{"two zeros", "00"},
		{"exponent", "1e1"},
		{"no whole", ".5"},
		{"not a number", "NaN"},
		{"infinity", "-Inf"},
		{"hexadecimal", "0x1p3"},
		{"minutes", "47°22′"},
		{"letter", "47.3N"},
		{"many digits", "1234567890"},
		{"long", "1." + strings.Repeat("1", 31)},
	})
	check(t, formats.Longitude, []string{"180", "-180.0", "179.9999", "90.1"}, []no{
		{"above", "180.01"}, {"below", "-181"}, {"comma", "8,5"}, {"pair", "8.5 47.3"},
	})
}

func TestSemver(t *testing.T) {
	check(t, formats.Semver, []string{
		"0.0.0", "1.2.3", "10.20.30", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-0.3.7", "1.0.0-x-y-z.--", "1.0.0+001",
		"1.0.0-rc.1+b.01", "1.0.0+a-b", "1.0.0-0A", "99999999999999999999.0.0", "1.0.0--",
	}, []no{
		{"v", "v1.2.3"},
		{"two numbers", "1.2"},
		{"four numbers", "1.2.3.4"},
		{"leading zero", "01.2.3"},
		{"leading zero behind", "1.2.03"},
		{"leading zero in the pre-release", "1.0.0-01"},
		{"empty pre-release", "1.0.0-"},
		{"empty build", "1.0.0+"},
		{"empty identifier", "1.0.0-a..b"},
		{"empty identifier of the build", "1.0.0+a..b"},
		{"two builds", "1.0.0+a+b"},
		{"letters", "1.x.3"},
		{"underscore", "1.0.0-a_b"},
		{"sign", "-1.0.0"},
		{"space", "1.0.0 "},
		{"empty number", "1..3"},
		{"long", "1.0.0-" + strings.Repeat("a", 251)},
	})
}
