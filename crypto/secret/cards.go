package secret

import (
	"math"
	"strconv"
	"strings"
)

// Numbers of payment cards have 13 to 19 digits (ISO/IEC 7812-1), of which the last is a Luhn checksum.
const minCard, maxCard = 13, 19

// minGroup is the shortest group of digits that another may follow within a number: cards are printed 4-4-4-4, 4-6-5 or
// 4-6-4. Lists of small numbers are no cards.
const minGroup = 3

// hideCards replaces every run of digits that may be the number of a card, and reports whether there was one. Spaces and
// hyphens may stand between groups. It looks at no byte more than a dozen times.
func hideCards(s string) (string, bool) {
	var out strings.Builder
	kept := 0 // what comes before is written
	for i := 0; i < len(s); {
		if !isDigit(s[i]) {
			i++
			continue
		}
		end := cardAt(s, i)
		if end == 0 {
			for i < len(s) && isDigit(s[i]) {
				i++
			}
			continue
		}
		out.WriteString(s[kept:i])
		out.WriteString(redacted)
		i, kept = end, end
	}
	if kept == 0 {
		return s, false
	}
	out.WriteString(s[kept:])
	return out.String(), true
}

// cardAt returns where the longest card number that begins at start ends, or 0. start is the first digit of a group.
func cardAt(s string, start int) (end int) {
	var sums [2]int // as if the digits at even, or odd, places were those that count double: the length decides
	n, group := 0, 0
	for i := start; i < len(s); i++ {
		switch {
		case isDigit(s[i]):
			if n == maxCard {
				return end
			}
			digit := int(s[i] - '0')
			sums[n%2] += digit*2 - digit/5*9
			sums[1-n%2] += digit
			n++
			group++
			if atEnd := i+1 == len(s) || !isDigit(s[i+1]); atEnd && n >= minCard && sums[n%2]%10 == 0 {
				end = trackEnd(s, i+1)
			}
		case (s[i] == ' ' || s[i] == '-') && group >= minGroup && i+1 < len(s) && isDigit(s[i+1]):
			group = 0
		default:
			return end
		}
	}
	return end
}

// trackEnd includes what follows a number in the data of a magnetic stripe: expiry and check value.
func trackEnd(s string, end int) int {
	if end+1 < len(s) && s[end] == '=' && isDigit(s[end+1]) {
		for end++; end < len(s) && isDigit(s[end]); end++ {
		}
	}
	return end
}

// brands are what numbers of cards begin with, and how many digits they have. Every tenth number has a right checksum, so that
// those that are no text, which count bytes and nanoseconds more often than they pay, must look like a brand's.
var brands = []struct{ from, to, shortest, longest int }{
	{4000, 4999, 13, 19}, // Visa
	{2200, 2204, 16, 19}, // Mir
	{2221, 2720, 16, 16}, // Mastercard
	{5100, 5599, 16, 16},
	{3400, 3499, 15, 15}, // American Express
	{3700, 3799, 15, 15},
	{3000, 3059, 14, 19}, // Diners Club
	{3600, 3699, 14, 19},
	{3800, 3999, 14, 19},
	{3528, 3589, 16, 19}, // JCB
	{5000, 5099, 13, 19}, // Maestro
	{5600, 5899, 13, 19},
	{6000, 6999, 13, 19}, // Maestro, Discover, UnionPay, RuPay
}

// isCard reports whether a number that is no text may be a card's.
func isCard(n uint64) bool {
	digits := strconv.FormatUint(n, 10)
	if len(digits) < minCard || cardAt(digits, 0) != len(digits) {
		return false
	}
	start, _ := strconv.Atoi(digits[:4])
	for _, b := range brands {
		if start >= b.from && start <= b.to && len(digits) >= b.shortest && len(digits) <= b.longest {
			return true
		}
	}
	return false
}

// isCardFloat is for numbers that JSON was read into.
func isCardFloat(f float64) bool {
	return f >= 1e12 && f < 1e19 && f == math.Trunc(f) && isCard(uint64(f))
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
