package formats

import "strings"

// Date reports whether s is a full-date of RFC 3339 section 5.6 that the calendar has.
func Date(s string) bool {
	if len(s) != len("2006-01-02") || s[4] != '-' || s[7] != '-' {
		return false
	}
	year, month, day := number(s[:4]), number(s[5:7]), number(s[8:])
	if year < 0 || month < 1 || month > 12 || day < 1 {
		return false
	}
	days := 30 + (month+month/8)%2
	if month == 2 {
		days = 28
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			days = 29
		}
	}
	return day <= days
}

// Time reports whether s is a full-time of RFC 3339 section 5.6 that [time.Parse] can read as well: the Z is upper-case,
// a fraction has nine digits at most, and a leap second (23:59:60) is refused, since no time.Time holds it.
func Time(s string) bool {
	if len(s) < len("15:04:05Z") || len(s) > len("15:04:05.999999999+07:00") || s[2] != ':' || s[5] != ':' {
		return false
	}
	if !upTo(s[:2], 23) || !upTo(s[3:5], 59) || !upTo(s[6:8], 59) {
		return false
	}
	zone := s[8:]
	if fraction, found := strings.CutPrefix(zone, "."); found {
		end := 0
		for end < len(fraction) && isDigit(fraction[end]) {
			end++
		}
		if end < 1 || end > 9 {
			return false
		}
		zone = fraction[end:]
	}
	if zone == "Z" {
		return true
	}
	return len(zone) == 6 && (zone[0] == '+' || zone[0] == '-') && zone[3] == ':' &&
		upTo(zone[1:3], 23) && upTo(zone[4:], 59)
}

// DateTime reports whether s is a [Date], an upper-case T and a [Time].
func DateTime(s string) bool {
	return len(s) > 11 && s[10] == 'T' && Date(s[:10]) && Time(s[11:])
}

// Duration reports whether s is an ISO 8601 duration, as P3DT12H, P2W or PT0.5S. Its numbers have nine digits at most and
// are whole, but for the seconds, which may have a point and nine digits more.
// Units that are zero may be left out, in the middle too: many programs write one hour and a second as PT1H1S, although
// RFC 3339 appendix A would not.
func Duration(s string) bool {
	if len(s) < len("P1D") || len(s) > 64 || s[0] != 'P' {
		return false
	}
	date, clock, found := strings.Cut(s[1:], "T")
	if weeks, ok := strings.CutSuffix(date, "W"); ok {
		return !found && len(weeks) <= 9 && Digits(weeks)
	}
	return units(date, "YMD") && units(whole(clock), "HMS") && found == (clock != "")
}

// whole returns a time without the fraction of its seconds. What is no fraction stays, and is no unit either.
func whole(clock string) string {
	seconds, fraction, _ := strings.Cut(clock, ".")
	digits, ok := strings.CutSuffix(fraction, "S")
	if !ok || len(digits) > 9 || !Digits(digits) {
		return clock
	}
	return seconds + "S"
}

// units reports whether s is numbers, each with a unit behind it, in this order.
func units(s, order string) bool {
	for s != "" {
		n := 0
		for n < len(s) && isDigit(s[n]) {
			n++
		}
		if n < 1 || n > 9 || n == len(s) {
			return false
		}
		at := strings.IndexByte(order, s[n])
		if at < 0 {
			return false
		}
		order, s = order[at+1:], s[n+1:]
	}
	return true
}

// upTo reports whether s is a number from 0 to most.
func upTo(s string, most int) bool {
	n := number(s)
	return 0 <= n && n <= most
}

// number returns the value of up to nine digits, or -1.
func number(s string) int {
	if len(s) > 9 || !Digits(s) {
		return -1
	}
	n := 0
	for i := range len(s) {
		n = n*10 + int(s[i]-'0')
	}
	return n
}
