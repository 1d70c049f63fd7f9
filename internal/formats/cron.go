package formats

import "strings"

// cronField is the range of one field, with the names that stand for its first values.
type cronField struct {
	low, high int
	names     string
}

var cronFields = [5]cronField{
	{0, 59, ""}, // minute
	{0, 23, ""}, // hour
	{1, 31, ""}, // day of the month
	{1, 12, "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"},
	{0, 7, "SUNMONTUEWEDTHUFRISAT"},
}

// Cron reports whether s is the five time fields of a crontab, one space between them, or one of its nicknames (@daily).
// A field is a list of *, numbers, ranges and, for months and week days, English names of three letters in either case; a
// step may follow each. Seconds, years, L, W, # and ? are extensions, and refused; 128 bytes at most.
func Cron(s string) bool {
	switch s {
	case "@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly":
		return true
	}
	if len(s) > 128 {
		return false
	}
	for i, field := range cronFields {
		text, rest, more := strings.Cut(s, " ")
		if more == (i == len(cronFields)-1) || !field.list(text) {
			return false
		}
		s = rest
	}
	return true
}

func (f cronField) list(s string) bool {
	for more := true; more; {
		var item string
		item, s, more = strings.Cut(s, ",")
		span, step, stepped := strings.Cut(item, "/")
		if !f.span(span) || stepped && (step == "" || step[0] == '0' || !upTo(step, f.high)) {
			return false
		}
	}
	return true
}

func (f cronField) span(s string) bool {
	if s == "*" {
		return true
	}
	from, to, isRange := strings.Cut(s, "-")
	first := f.value(from)
	if !isRange {
		return first >= 0
	}
	last := f.value(to)
	return first >= 0 && last >= first
}

// value returns the number that s stands for, or -1.
func (f cronField) value(s string) int {
	if len(s) == 3 && isAlpha(s[0]) {
		for i := 0; i < len(f.names); i += 3 {
			if isAlpha(s[1]) && isAlpha(s[2]) && strings.EqualFold(f.names[i:i+3], s) {
				return f.low + i/3
			}
		}
		return -1
	}
	if n := number(s); len(s) <= 2 && n >= f.low && n <= f.high {
		return n
	}
	return -1
}
