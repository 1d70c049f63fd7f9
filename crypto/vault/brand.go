package vault

import "strconv"

// lengths of a brand's numbers, a bit for each.
const (
	of12to19 = of13to19 | 1<<12
	of13to19 = of14to19 | 1<<13
	of14to19 = of16to19 | 1<<14 | 1<<15
	of16to19 = 1<<16 | 1<<17 | 1<<18 | 1<<19
)

// brands are the ranges of first digits that the card networks publish. They do not overlap.
var brands = []struct {
	name     string
	from, to int // first four digits
	lengths  uint
}{
	{"visa", 4000, 4999, 1<<13 | 1<<16 | 1<<19},
	{"mastercard", 5100, 5599, 1 << 16},
	{"mastercard", 2221, 2720, 1 << 16},
	{"amex", 3400, 3499, 1 << 15},
	{"amex", 3700, 3799, 1 << 15},
	{"discover", 6011, 6011, of16to19},
	{"discover", 6440, 6599, of16to19},
	{"diners", 3000, 3059, of14to19},
	{"diners", 3095, 3095, of14to19},
	{"diners", 3600, 3699, of14to19},
	{"diners", 3800, 3999, of14to19},
	{"jcb", 3528, 3589, of16to19},
	{"unionpay", 6200, 6299, of16to19},
	{"unionpay", 8100, 8199, of16to19},
	{"maestro", 5018, 5018, of12to19},
	{"maestro", 5020, 5020, of12to19},
	{"maestro", 5038, 5038, of12to19},
	{"maestro", 5600, 5899, of12to19},
	{"maestro", 6304, 6304, of12to19},
	{"maestro", 6700, 6799, of12to19},
	{"mir", 2200, 2204, of16to19},
}

// Brand tells from the first digits whose card it is: visa, mastercard, amex, discover, diners, jcb, unionpay, maestro, mir, or
// "" where that is not certain. It is for pictures and statistics: ranges change hands, and some cards have two brands.
func (p PAN) Brand() string { return brandOf(p.Reveal()) }

func brandOf(digits string) string {
	if len(digits) < minDigits {
		return ""
	}
	start, _ := strconv.Atoi(digits[:4])
	for _, b := range brands {
		if start >= b.from && start <= b.to && b.lengths>>len(digits)&1 == 1 {
			return b.name
		}
	}
	return ""
}
