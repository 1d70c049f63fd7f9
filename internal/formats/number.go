package formats

import "strings"

// E164 reports whether s is an international telephone number: a plus sign and 7 to 15 digits, the first not zero.
func E164(s string) bool {
	return len(s) >= 8 && len(s) <= 16 && s[0] == '+' && s[1] != '0' && Digits(s[1:])
}

// Luhn reports whether s is 12 to 19 digits with the check digit of ISO/IEC 7812-1, as card numbers have. Nothing but
// zeros is refused.
func Luhn(s string) bool {
	if len(s) < 12 || len(s) > 19 || !Digits(s) {
		return false
	}
	sum, all := 0, 0
	for i := range len(s) {
		n := int(s[i] - '0')
		all |= n
		if (len(s)-i)%2 == 0 {
			n = n*2%10 + n/5
		}
		sum += n
	}
	return sum%10 == 0 && all != 0
}

// Latitude reports whether s is decimal degrees from -90 to 90, without an exponent or leading zeros.
func Latitude(s string) bool { return degrees(s, 90) }

// Longitude reports whether s is decimal degrees from -180 to 180, as [Latitude] has them.
func Longitude(s string) bool { return degrees(s, 180) }

func degrees(s string, most int) bool {
	if len(s) > 32 || !Decimal(s) {
		return false
	}
	whole, fraction, _ := strings.Cut(strings.TrimLeft(s, "+-"), ".")
	n := number(whole)
	if n < 0 || whole[0] == '0' && whole != "0" {
		return false
	}
	return n < most || n == most && strings.Trim(fraction, "0") == ""
}

// Semver reports whether s is a version of Semantic Versioning 2.0.0, without a v before it; 256 bytes at most.
func Semver(s string) bool {
	if len(s) > 256 {
		return false
	}
	s, build, hasBuild := strings.Cut(s, "+")
	core, pre, hasPre := strings.Cut(s, "-")
	if hasBuild && !identifiers(build, false) || hasPre && !identifiers(pre, true) {
		return false
	}
	return strings.Count(core, ".") == 2 && identifiers(core, true) && every(core, func(c byte) bool {
		return isDigit(c) || c == '.'
	})
}

// identifiers reports whether s is words with dots between them; strict refuses numbers with leading zeros.
func identifiers(s string, strict bool) bool {
	for more := true; more; {
		var word string
		word, s, more = strings.Cut(s, ".")
		if !every(word, func(c byte) bool { return isAlpha(c) || isDigit(c) || c == '-' }) {
			return false
		}
		if strict && len(word) > 1 && word[0] == '0' && Digits(word) {
			return false
		}
	}
	return true
}
