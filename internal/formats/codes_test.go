package formats_test

import (
	"strings"
	"testing"

	"golang.org/x/text/currency"
	"golang.org/x/text/language"

	"github.com/gopalisade/palisade/internal/formats"
)

func TestCountries(t *testing.T) {
	bad := []no{
		{"lower case", "ch"},
		{"mixed case", "Ch"},
		{"one letter", "C"},
		{"four letters", "CHEE"},
		{"digits", "C1"},
		{"brackets", "[["},
	}
	check(t, formats.CountryAlpha2, []string{"AD", "CH", "GB", "ZW", "SS", "AX", "BQ"}, append(bad,
		no{"not assigned", "AA"}, no{"reserved", "UK"}, no{"of users", "XK"}, no{"former", "AN"}, no{"union", "EU"},
		no{"last", "ZZ"}))
	check(t, formats.CountryAlpha3, []string{"ABW", "CHE", "GBR", "ZWE"}, append(bad,
		no{"not assigned", "AAA"}, no{"former", "YUG"}, no{"of users", "XKK"}, no{"two letters", "CH"}, no{"last", "ZZZ"}))
	both(t, 2, formats.CountryAlpha2, 249)
	both(t, 3, formats.CountryAlpha3, 249)
	both(t, 3, formats.Currency, 178)
}

// TestCountriesAgree compares with the regions of CLDR.
func TestCountriesAgree(t *testing.T) {
	for _, code := range codes(2) {
		if !formats.CountryAlpha2(code) {
			continue
		}
		region, err := language.ParseRegion(code)
		if err != nil || !region.IsCountry() {
			t.Errorf("%s is no country: %v", code, err)
		}
		if three := region.ISO3(); !formats.CountryAlpha3(three) {
			t.Errorf("%s is there, but %s is not", code, three)
		}
	}
}

func TestCurrency(t *testing.T) {
	check(t, formats.Currency, []string{"EUR", "CHF", "USD", "XAU", "CHW", "SLE", "XCG"}, []no{
		{"lower case", "eur"},
		{"not assigned", "AAA"},
		{"former", "DEM"},
		{"former, of Croatia", "HRK"},
		{"sign", "€"},
		{"not of ISO", "BTC"},
		{"two letters", "EU"},
		{"four letters", "USDT"},
	})
	const newer = "MRU SLE UYW VED VES XCG ZWG" // than the table of x/text
	for _, code := range codes(3) {
		if _, err := currency.ParseISO(code); formats.Currency(code) && err != nil && !strings.Contains(newer, code) {
			t.Errorf("%s: %v", code, err)
		}
	}
}

// both counts the codes of that size that are accepted, among all that are possible.
func both(t *testing.T, size int, format func(string) bool, want int) {
	t.Helper()
	n := 0
	for _, code := range codes(size) {
		if format(code) {
			n++
		}
	}
	if n != want {
		t.Errorf("%d codes, want %d", n, want)
	}
}

func codes(size int) (all []string) {
	if size == 0 {
		return []string{""}
	}
	for _, code := range codes(size - 1) {
		for c := 'A'; c <= 'Z'; c++ {
			all = append(all, code+string(c))
		}
	}
	return all
}

func TestBCP47(t *testing.T) {
	check(t, formats.BCP47, []string{
		"de", "de-CH", "zh-Hant-TW", "sr-Latn", "es-419", "en-u-ca-buddhist", "DE-ch", "en-x-uk", "x-uk", "uk",
	}, []no{
		{"underscore", "de_CH"},
		{"space", "de CH"},
		{"unknown language", "xx-XX-x"},
		{"unknown region", "de-AB"},
		{"no code of ISO 3166", "en-UK"},
		{"no code of ISO 3166, behind a script", "en-Latn-uk"},
		{"root", "root"},
		{"root with a region", "ROOT-US"},
		{"hyphen last", "de-"},
		{"hyphen first", "-de"},
		{"two hyphens", "de--CH"},
		{"list", "de,en"},
		{"quality", "de;q=1"},
		{"path", "../de"},
		{"long", "en-a-aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa"},
		{"long subtag", "abcdefghi"},
	})
}
