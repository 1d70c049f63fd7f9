package field_test

import (
	"fmt"
	"testing"
	"unicode"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/internal/racing"
)

func TestTransforms(t *testing.T) {
	fold, email, digits := field.Fold(), field.Email(), field.Digits()
	for _, tc := range []struct {
		name string
		tr   field.Transform
		in   string
		want string
		ok   bool
	}{
		{"case", fold, "ADA Lovelace", "ada lovelace", true},
		{"space around", fold, "\t\u00a0 ada \u2003\n", "ada", true},
		{"space inside stays", fold, "a  b", "a  b", true},
		{"decomposed", fold, "E\u0301", "\u00e9", true},
		{"composed", fold, "\u00c9", "\u00e9", true},
		{"sharp s is not ss", fold, "Straße", "straße", true},
		{"capital sharp s", fold, "STRAẞE", "straße", true},
		{"dotted capital i", fold, "İzmir", "izmir", true},
		{"dotted capital i, decomposed", fold, "I\u0307zmir", "izmir", true},
		{"dotless i stays", fold, "ı", "ı", true},
		{"final sigma", fold, "ΟΔΌΣ", "οδόσ", true},
		{"final sigma, lower case", fold, "οδός", "οδόσ", true},
		{"kelvin sign", fold, "\u212a", "k", true},
		{"full width stays", fold, "Ａ", "ａ", true},
		{"empty", fold, "", "", true},
		{"address", email, " Ada@Example.COM ", "ada@example.com", true},
		{"no at", email, "ada", "", false},
		{"two ats", email, "a@b@c", "", false},
		{"no host", email, "ada@ ", "", false},
		{"no local part", email, "@example.com", "", false},
		{"space inside", email, "a b@c", "", false},
		{"space in the host", email, "a@b\u2003c", "", false},
		{"line break inside", email, "a@b\n.c", "", false},
		{"control character", email, "a\x00@b", "", false},
		{"phone", digits, "+49 (30) 123-4", "49301234", true},
		{"other digits", digits, "٣", "", false},
		{"no digits", digits, "call me", "", false},
	} {
		got, ok := tc.tr.Map(tc.in)
		if ok != tc.ok || ok && got != tc.want {
			t.Errorf("%s: got %q, %t, want %q, %t", tc.name, got, ok, tc.want, tc.ok)
		}
	}
}

// Of every character, alone and before every mark that may compose with it.
func TestFoldedTwice(t *testing.T) {
	var marks []rune
	for r := rune(0x300); r <= 0x3099; r++ {
		if unicode.Is(unicode.Mn, r) {
			marks = append(marks, r)
		}
	}
	fold := field.Fold().Map
	check := func(s string) {
		once, _ := fold(s)
		if twice, _ := fold(once); twice != once {
			t.Errorf("%+q becomes %+q, and that %+q", s, once, twice)
		}
	}
	for r := rune(0); r <= unicode.MaxRune; r++ {
		check(string(r)) // surrogates are U+FFFD
		if racing.Enabled {
			continue // half a million texts take long
		}
		if unicode.IsUpper(r) || unicode.IsTitle(r) || unicode.IsSpace(r) {
			for _, m := range marks {
				check(string(r) + string(m))
			}
		}
	}
}

// ASCII takes a short way, to the same end.
func TestFoldOfASCII(t *testing.T) {
	fold := field.Fold().Map
	for c := range rune(0x80) {
		text := fmt.Sprintf("A%cz", c)
		short, _ := fold(text)
		long, _ := fold(text + "É")
		if short+"é" != long {
			t.Errorf("%q folds to %q, and before an accent to %q", text, short, long)
		}
	}
}
