package vault

import (
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/gopalisade/palisade/crypto/secret"
)

// The digits of a number. ISO/IEC 7812-1 allows 19 at most, and no card has had fewer than 12.
const minDigits, maxDigits = 12, 19

// lastDigits stay visible: the most that PCI DSS 4.0.1 section 3.4.1 allows beside the BIN.
const lastDigits = 4

// PAN is the number of a payment card. It prints masked to fmt, slog, JSON and every encoder that asks for text; only
// [PAN.Reveal] shows it. The zero PAN is no number, and is refused by the [Vault].
//
// A field of this type in a request reads itself from a JSON string, as [ParsePAN] does.
type PAN struct {
	digits secret.String // behind its closure, which neither fmt nor reflection can look into
}

// ParsePAN reads 12 to 19 ASCII digits, with single spaces or hyphens between them, of which the last is the check digit of
// ISO/IEC 7812-1. Anything else is [ErrPAN], which does not repeat the input.
func ParsePAN(text string) (PAN, error) {
	digits, ok := readDigits(text)
	if !ok || !luhn(digits) {
		return PAN{}, ErrPAN
	}
	return PAN{secret.New(digits)}, nil
}

// ParseUnionPay is ParsePAN for the numbers of UnionPay alone, some of which were issued without a right check digit. A
// typing mistake in such a number goes unnoticed: call it when ParsePAN has refused.
func ParseUnionPay(text string) (PAN, error) {
	digits, ok := readDigits(text)
	if !ok || brandOf(digits) != "unionpay" {
		return PAN{}, ErrPAN
	}
	return PAN{secret.New(digits)}, nil
}

// readDigits takes out the separators.
func readDigits(text string) (string, bool) {
	if len(text) > 2*maxDigits-1 || text == "" || !isDigit(text[len(text)-1]) {
		return "", false
	}
	digits := make([]byte, 0, 2*maxDigits)
	zeros := true // they have a right check digit, and come from programs that have no number
	for i := range len(text) {
		switch c := text[i]; {
		case isDigit(c):
			digits = append(digits, c)
			zeros = zeros && c == '0'
		case c != ' ' && c != '-', i == 0, !isDigit(text[i-1]):
			return "", false
		}
	}
	return string(digits), len(digits) >= minDigits && len(digits) <= maxDigits && !zeros
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// luhn reports whether the last digit is the check digit of the others.
func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		n := int(digits[i] - '0')
		if (len(digits)-i)%2 == 0 {
			n = n*2%10 + n/5
		}
		sum += n
	}
	return sum%10 == 0
}

// Reveal returns the digits, and "" of the zero PAN.
func (p PAN) Reveal() string { return p.digits.Reveal() }

// IsZero reports whether there is no number.
func (p PAN) IsZero() bool { return p.digits.IsZero() }

// Equal reports whether both are the same number, in a time that tells their lengths at most. The zero PAN equals nothing.
func (p PAN) Equal(other PAN) bool { return p.digits.Equal(other.digits) }

// Last4 returns the last four digits, which may be shown to anybody who may know of the card.
func (p PAN) Last4() string {
	digits := p.Reveal()
	return digits[max(0, len(digits)-lastDigits):]
}

// Masked returns the number with a '*' for all but the last four digits.
func (p PAN) Masked() string { return p.mask(0) }

// MaskBIN is Masked with the first bin digits too, 6 or 8: the most that PCI DSS 4.0.1 section 3.4.1 lets people see who
// have a business need for it. Of numbers under 16 digits it shows 6; of those under 14, or for another bin, none, so that four
// digits stay hidden at least.
func (p PAN) MaskBIN(bin int) string {
	n := len(p.Reveal())
	switch {
	case bin == 8 && n >= 16:
		return p.mask(8)
	case (bin == 8 || bin == 6) && n >= 14:
		return p.mask(6)
	}
	return p.mask(0)
}

func (p PAN) mask(first int) string {
	digits := p.Reveal()
	last := max(0, len(digits)-lastDigits)
	return digits[:first] + strings.Repeat("*", last-first) + digits[last:]
}

// String returns the number masked.
func (p PAN) String() string { return p.Masked() }

// Format prints the number masked for every verb of fmt.
func (p PAN) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, p.Masked()) }

// LogValue implements [slog.LogValuer].
func (p PAN) LogValue() slog.Value { return slog.StringValue(p.Masked()) }

// MarshalText returns the number masked, to encoding/json too. No reader takes that for a number.
func (p PAN) MarshalText() ([]byte, error) { return []byte(p.Masked()), nil }

// UnmarshalText is [ParsePAN].
func (p *PAN) UnmarshalText(text []byte) error {
	if len(text) > 2*maxDigits {
		return ErrPAN
	}
	pan, err := ParsePAN(string(text))
	if err == nil {
		*p = pan
	}
	return err
}
