package field_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/crypto/field"
)

func TestIndexBits(t *testing.T) {
	ring := newRing(t, 0)
	cfg := emailIndex(ring)
	cfg.Bits = 256
	whole := value(t, indexOf[string](t, cfg), "ada")
	for bits := 1; bits <= 256; bits++ {
		cfg.Bits = bits
		ix := indexOf[string](t, cfg)
		got := value(t, ix, "ada")
		want := []byte(whole[:(bits+7)/8])
		want[len(want)-1] &= byte(0xFF << ((8 - bits%8) % 8))
		if got != string(want) || ix.Bits() != bits {
			t.Errorf("%d bits: got %x, want %x", bits, got, want)
		}
	}
	cfg.Bits = 0
	if ix := indexOf[string](t, cfg); ix.Bits() != 16 || len(value(t, ix, "ada")) != 2 {
		t.Errorf("default: got %d bits", ix.Bits())
	}
}

func TestIndexWarnings(t *testing.T) {
	ring := newRing(t, 0)
	for _, tc := range []struct {
		name                       string
		bits, population, distinct int
		want                       int
		warnings                   string
	}{
		{"nothing known", 0, 0, 0, 16, "the population is unknown: 16 bits"},
		{"bits without a population", 256, 0, 0, 256, "the population is unknown: 256 bits"},
		{"bits follow", 0, 1_000_000, 0, 18, "18 bits follow from the population: set Bits to it"},
		{"bits are set", 18, 1_000_000, 0, 18, ""},
		{"too many", 40, 1_000_000, 0, 40, "40 bits: more than 18"},
		{"too few", 5, 1_000_000, 0, 5, "5 bits: less than 10"},
		{"few values", 0, 1_000_000, 2, 16, "2 different values"},
	} {
		cfg := emailIndex(ring)
		cfg.Bits, cfg.Population, cfg.Distinct, cfg.DangerouslyFewValues = tc.bits, tc.population, tc.distinct, true
		ix := indexOf[string](t, cfg)
		got := strings.Join(ix.Warnings(), "; ")
		if ix.Bits() != tc.want || !strings.HasPrefix(got, tc.warnings) || (got == "") != (tc.warnings == "") ||
			len(ix.Warnings()) > 1 {
			t.Errorf("%s: got %d bits, %q, want %d, %q", tc.name, ix.Bits(), got, tc.want, tc.warnings)
		}
	}
}

// Which is why Bits are set once there are rows: with another length half of them are missed, and no error tells.
func TestAnotherPopulationFindsOtherRows(t *testing.T) {
	cfg := emailIndex(newRing(t, 0))
	cfg.Bits = 0
	cfg.Population = 100_000
	before := indexOf[string](t, cfg)
	cfg.Population = 200_000
	after := indexOf[string](t, cfg)
	cfg.Bits = before.Bits()
	mended := indexOf[string](t, cfg)
	missed := 0
	for i := range 100 {
		v := fmt.Sprint(i)
		if value(t, before, v) != value(t, after, v) {
			missed++
		}
		if value(t, before, v) != value(t, mended, v) {
			t.Errorf("%s is missed though Bits are set", v)
		}
	}
	if missed == 0 {
		t.Error("nothing is missed: the documentation warns of nothing")
	}
}

func TestPlanIndex(t *testing.T) {
	for _, tc := range []struct {
		population, distinct int
		minBits, maxBits     int
		warnings             int
	}{
		{1_000_000, 1_000_000, 10, 18, 0},
		{1 << 20, 1 << 20, 11, 19, 0},
		{4096, 4096, 7, 11, 0},
		{1_000_000, 2_000_000, 10, 18, 0},
		{1_000_000, 100_000, 10, 15, 0},
		{1_000_000, 1000, 8, 8, 2},
		{500, 500, 5, 7, 1},
		{1_000_000, 63, 0, 0, 1},
		{1_000_000, 2, 0, 0, 1},
		{50, 50, 0, 0, 1},
		{0, 10, 0, 0, 1},
		{10, 0, 0, 0, 1},
		{-1, -1, 0, 0, 1},
	} {
		p := field.PlanIndex(tc.population, tc.distinct)
		if p.MinBits != tc.minBits || p.MaxBits != tc.maxBits || len(p.Warnings) != tc.warnings {
			t.Errorf("%d, %d: got %+v, want %d to %d, %d warnings", tc.population, tc.distinct, p, tc.minBits, tc.maxBits, tc.warnings)
		}
		if p.MaxBits > 0 && (1<<p.MaxBits > tc.distinct/2 || p.MinBits > p.MaxBits) {
			t.Errorf("%d, %d: %+v breaks its own rule", tc.population, tc.distinct, p)
		}
	}
}

func TestPlanOfAnyNumbers(t *testing.T) {
	numbers := []int{math.MinInt, -1, 0, 1, 2, 63, 64, 65, 127, 128, 1 << 20, math.MaxInt}
	for _, population := range numbers {
		for _, distinct := range numbers {
			p := field.PlanIndex(population, distinct)
			if p.MinBits < 0 || p.MinBits > p.MaxBits || p.MaxBits > 256 {
				t.Errorf("%d, %d: got %+v", population, distinct, p)
			}
		}
	}
}

// A masked card number leaves 10^5 possible ones, since Luhn's digit rules one out of ten. Beside a hash without a key that is
// no time at all; with a key, nobody who has not the key can try.
func TestUnkeyedHashOfCardsIsBroken(t *testing.T) {
	card := "" // masked: 411111******1115
	for middle := 738_290; !luhn(card) || card == ""; middle++ {
		card = fmt.Sprintf("411111%06d1115", middle)
	}
	unkeyed := sha256.Sum256([]byte(card))
	ix := indexOf[string](t, field.IndexConfig{Ring: newRing(t, 0), Table: "cards", Column: "number", Name: "eq", Bits: 256})
	keyed := value(t, ix, card)
	broken, tried := "", 0
	for middle := range 1_000_000 {
		guess := fmt.Sprintf("411111%06d1115", middle)
		if !luhn(guess) {
			continue
		}
		tried++
		sum := sha256.Sum256([]byte(guess))
		if sum == unkeyed {
			broken = guess
		}
		if hmac.Equal(sum[:], []byte(keyed)) {
			t.Fatal("the index is a hash without a key")
		}
	}
	if broken != card || tried != 100_000 {
		t.Errorf("got %q after %d guesses: the attack is not one", broken, tried)
	}
}

func luhn(digits string) bool {
	sum := 0
	for i := range digits {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}
