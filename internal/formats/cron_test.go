package formats_test

import (
	"strings"
	"testing"

	"github.com/gopalisade/palisade/internal/formats"
)

func TestCron(t *testing.T) {
	check(t, formats.Cron, []string{
		"* * * * *", "0 0 1 1 0", "59 23 31 12 7", "*/15 0-6/2 1,15,31 JAN,MAR-MAY MON-FRI", "0 0 1 jan mon-Fri",
		"05 04 * * *", "@daily", "@hourly",
		"0/5 * * * *", "5-5 * * * *",
	}, []no{
		{"four fields", "* * * *"},
		{"six fields", "* * * * * *"},
		{"two spaces", "*  * * * *"},
		{"space last", "* * * * * "},
		{"space first", " * * * * *"},
		{"tab", "*\t* * * *"},
		{"minute 60", "60 * * * *"},
		{"hour 24", "* 24 * * *"},
		{"day 0", "* * 0 * *"},
		{"day 32", "* * 32 * *"},
		{"month 0", "* * * 0 *"},
		{"month 13", "* * * 13 *"},
		{"week day 8", "* * * * 8"},
		{"range backwards", "* 6-0 * * *"},
		{"open range", "* 6- * * *"},
		{"range of ranges", "* 1-2-3 * * *"},
		{"range to *", "* 1-* * * *"},
		{"step 0", "*/0 * * * *"},
		{"step of many", "*/60 * * * *"},
		{"empty step", "*/ * * * *"},
		{"two steps", "*/2/3 * * * *"},
		{"negative", "-1 * * * *"},
		{"sign", "+1 * * * *"},
		{"empty item", "1,,2 * * * *"},
		{"comma last", "1, * * * *"},
		{"name in another field", "* * JAN * *"},
		{"name with a long s", "* * * * \u017fa"},
		{"no name", "* * * ABC *"},
		{"name of two", "* * * * MONTUE"},
		{"name across two", "* * * ANF *"},
		{"extension ?", "0 0 ? * *"},
		{"extension L", "0 0 L * *"},
		{"extension #", "0 0 * * 5#2"},
		{"unknown nickname", "@every"},
		{"at start-up", "@reboot"},
		{"three digits", "005 * * * *"},
		{"command", "* * * * * rm"},
		{"long", strings.Repeat("1,", 64) + "1 * * * *"},
	})
}
