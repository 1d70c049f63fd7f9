package formats_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/internal/formats"
)

func TestDate(t *testing.T) {
	check(t, formats.Date, []string{"2024-02-29", "2000-02-29", "1999-12-31", "0000-02-29", "9999-01-01"}, []no{
		{"30 February", "2024-02-30"},
		{"29 February of another year", "2023-02-29"},
		{"29 February of a century", "1900-02-29"},
		{"31 April", "2024-04-31"},
		{"month 13", "2024-13-01"},
		{"month 0", "2024-00-01"},
		{"day 0", "2024-01-00"},
		{"day 32", "2024-01-32"},
		{"one digit", "2024-1-01"},
		{"sign", "+024-01-01"},
		{"negative month", "2024--1-01"},
		{"slashes", "2024/01/01"},
		{"no hyphens", "20240101"},
		{"week", "2024-W01-1"},
		{"day of the year", "2024-366"},
		{"five digits", "12024-01-01"},
		{"with a time", "2024-01-01T00:00:00Z"},
		{"other digits", "202٤-01-01"},
	})
}

// TestDateCalendar goes through all days of 400 years, and the days that are none.
func TestDateCalendar(t *testing.T) {
	for day := time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2300; day = day.AddDate(0, 0, 1) {
		if s := day.Format(time.DateOnly); !formats.Date(s) {
			t.Fatalf("%s is refused", s)
		}
		if next := day.AddDate(0, 0, 1); next.Day() == 1 {
			if s := day.Format("2006-01-") + strconv.Itoa(day.Day()+1); formats.Date(s) {
				t.Fatalf("%s is accepted", s)
			}
		}
	}
}

func TestTime(t *testing.T) {
	check(t, formats.Time, []string{
		"00:00:00Z", "23:59:59Z", "12:00:00.1Z", "12:00:00.123456789Z", "12:00:00+23:59", "12:00:00-00:00",
		"12:00:00.123456789-07:00",
	}, []no{
		{"hour 24", "24:00:00Z"},
		{"minute 60", "12:60:00Z"},
		{"leap second", "23:59:60Z"},
		{"leap second at an offset", "01:29:60+01:30"},
		{"second 61", "23:59:61Z"},
		{"no zone", "12:00:00"},
		{"lower-case z", "12:00:00z"},
		{"zone by name", "12:00:00UTC"},
		{"zone without a colon", "12:00:00+0100"},
		{"zone of hours", "12:00:00+01"},
		{"zone of 24 hours", "12:00:00+24:00"},
		{"zone of 60 minutes", "12:00:00+01:60"},
		{"zone with a minus sign", "12:00:00\u221201:00"},
		{"empty fraction", "12:00:00.Z"},
		{"fraction of ten digits", "12:00:00.1234567890Z"},
		{"comma", "12:00:00,5Z"},
		{"no seconds", "12:00Z"},
		{"one digit", "1:00:00Z"},
		{"sign", "+1:00:00Z"},
		{"space", "12:00:00 Z"},
		{"colons elsewhere", "12.00.00Z"},
		{"other digits", "12:00:٠٠Z"},
	})
}

func TestDateTime(t *testing.T) {
	check(t, formats.DateTime, []string{"2024-02-29T23:59:59Z", "0000-01-01T00:00:00.5+01:00"}, []no{
		{"30 February", "2024-02-30T00:00:00Z"},
		{"leap second", "2016-12-31T23:59:60Z"},
		{"lower-case t", "2024-02-29t00:00:00Z"},
		{"lower-case z", "2024-02-29T00:00:00z"},
		{"space", "2024-02-29 00:00:00Z"},
		{"no zone", "2024-02-29T00:00:00"},
		{"date", "2024-02-29"},
		{"date and T", "2024-02-29T"},
		{"no hyphens", "20240229T000000Z"},
		{"hour 24", "2024-02-29T24:00:00Z"},
		{"space first", " 2024-02-29T00:00:00Z"},
		{"zone twice", "2024-02-29T00:00:00ZZ"},
	})
}

func TestDuration(t *testing.T) {
	check(t, formats.Duration, []string{
		"P1Y", "P2W", "P1Y2M3D", "PT1H", "PT36H", "P1DT12H", "PT1M30S", "P0D", "PT0S", "P1Y2D", "PT1H1S", "P4Y", "P1M", "PT1M",
		"P999999999D", "PT0.5S", "PT8H6M12.345S", "P1DT0.123456789S",
	}, []no{
		{"nothing", "P"},
		{"no number", "PD"},
		{"empty time", "P1YT"},
		{"only T", "PT"},
		{"date unit in the time", "PT1D"},
		{"time unit in the date", "P1H"},
		{"no T", "P1D2H"},
		{"out of order", "P2D1Y"},
		{"out of order in the time", "PT1S1H"},
		{"twice", "P1D1D"},
		{"weeks with more", "P1Y2W"},
		{"weeks with a time", "P1WT1H"},
		{"no unit", "P1"},
		{"no unit at the end", "P1D2"},
		{"no P", "1D"},
		{"lower case", "p1d"},
		{"fraction of an hour", "PT0.5H"},
		{"fraction of a day", "P0.5D"},
		{"fraction that is not last", "PT0.5S1M"},
		{"two fractions", "PT0.5.5S"},
		{"empty fraction", "PT1.S"},
		{"fraction alone", "PT.5S"},
		{"fraction without a unit", "PT1.5"},
		{"fraction of ten digits", "PT0.1234567890S"},
		{"comma", "PT0,5S"},
		{"sign", "-P1D"},
		{"negative number", "P-1D"},
		{"ten digits", "P1234567890D"},
		{"ten digits of weeks", "P1234567890W"},
		{"two T", "PT1HT1M"},
		{"date-time form", "P0003-06-04T12:30:05"},
		{"other digits", "P১Y"},
		{"long", "P" + strings.Repeat("1", 64) + "D"},
	})
}
