package secret_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/crypto/secret"
	"github.com/gopalisade/palisade/internal/racing"
)

// Numbers that card networks publish for tests.
const (
	visa      = "4111111111111111"
	visa13    = "4222222222222"
	amex      = "378282246310005"
	diners    = "30569309025904"
	maestro19 = "6304000000000000000"
)

func TestHideCards(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"none", "order 17 is paid", "order 17 is paid"},
		{"empty", "", ""},
		{"alone", visa, "[redacted]"},
		{"within", "paid by " + visa + ", thanks", "paid by [redacted], thanks"},
		{"two", visa + "," + amex, "[redacted],[redacted]"},
		{"13 digits", visa13, "[redacted]"},
		{"14 digits", diners, "[redacted]"},
		{"19 digits", maestro19, "[redacted]"},
		{"12 digits", "411111111116", "411111111116"},
		{"20 digits", "41111111111111111111", "41111111111111111111"},
		{"wrong checksum", "4111111111111112", "4111111111111112"},
		{"groups", "4111 1111 1111 1111", "[redacted]"},
		{"hyphens and spaces", "4111-1111 1111 1111.", "[redacted]."},
		{"American groups", "3782 822463 10005", "[redacted]"},
		{"two spaces", "4111  1111 1111 1111", "4111  1111 1111 1111"},
		{"hyphen at the end", visa + "-", "[redacted]-"},
		{"number before", "order 12345 " + visa, "order 12345 [redacted]"},
		{"number behind", visa + " 99999", "[redacted] 99999"},
		{"stripe", ";" + visa + "=25121010000000000000?", ";[redacted]?"},
		{"equals", visa + "=x", "[redacted]=x"},
		{"quoted", `{"pan":"` + visa + `"}`, `{"pan":"[redacted]"}`},
		{"letters around", "x" + visa + "y", "x[redacted]y"},
		{"small numbers", strings.Repeat("12 ", 40), strings.Repeat("12 ", 40)},
		{"time", "2026-11-25 09:49:23.123456", "2026-11-25 09:49:23.123456"},
		{"other digits", "４１１１１１１１１１１１１１１１", "４１１１１１１１１１１１１１１１"},
	} {
		if got, changed := secret.HideCards(tc.in); got != tc.want || changed != (tc.in != tc.want) {
			t.Errorf("%s: got %q, %t, want %q", tc.name, got, changed, tc.want)
		}
	}
}

func TestIsCard(t *testing.T) {
	for _, tc := range []struct {
		name string
		n    uint64
		want bool
	}{
		{"Visa", 4111111111111111, true},
		{"Mastercard", 5555555555554444, true},
		{"Mastercard, second range", 2223003122003222, true},
		{"American Express", 378282246310005, true},
		{"Diners Club", 30569309025904, true},
		{"Discover", 6011111111111117, true},
		{"JCB", 3530111333300000, true},
		{"wrong checksum", 4111111111111112, false},
		{"no brand", 9111111111111116, false},
		{"brand of another length", 55555555555557, false},
		{"short", 18, false},
		{"20 digits", 18446744073709551615, false},
	} {
		if got := secret.IsCard(tc.n); got != tc.want {
			t.Errorf("%s: got %t, want %t", tc.name, got, tc.want)
		}
	}
	// Times are the numbers that logs are full of.
	now := time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)
	for i := range 1000 {
		at := now.Add(time.Duration(i) * 1234567 * time.Microsecond)
		for _, n := range []int64{at.UnixMilli(), at.UnixMicro(), at.UnixNano()} {
			if secret.IsCard(uint64(n)) {
				t.Errorf("%d is a time", n)
			}
		}
	}
}

// TestHideCardsIsLinear measures texts that make most work: twice the text may take twice the time, and not four times.
func TestHideCardsIsLinear(t *testing.T) {
	if racing.Enabled || testing.Short() {
		t.Skip("measures time")
	}
	for name, part := range map[string]string{
		"digits": "1", "groups": "123 ", "hyphens": "1234-", "cards": visa + " ", "almost": "4111 1111 1111 1112 ", "words": "ab ",
	} {
		took := func(n int) time.Duration {
			text := strings.Repeat(part, n/len(part))
			best := time.Hour
			for range 5 {
				start := time.Now()
				secret.HideCards(text)
				best = min(best, time.Since(start))
			}
			return best
		}
		small, large := took(1<<17), took(1<<20)
		if large > small*8*3 {
			t.Errorf("%s: 8 times the text took %v after %v", name, large, small)
		}
	}
}
