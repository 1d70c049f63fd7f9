package password_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/crypto/password"
)

// quickest returns the least time of each call, in turns, so that a busy machine slows all of them.
func quickest(rounds int, calls map[string]func()) map[string]time.Duration {
	best := map[string]time.Duration{}
	for range rounds {
		for name, call := range calls {
			start := time.Now()
			call()
			if took := time.Since(start); best[name] == 0 || took < best[name] {
				best[name] = took
			}
		}
	}
	return best
}

// TestOneTime: whether there is an account, and whether its hash can be read, cannot be told from the time.
func TestOneTime(t *testing.T) {
	if raceEnabled || testing.Short() {
		t.Skip("measures time")
	}
	ring := newRing(t)
	for _, tc := range []struct {
		name string
		cfg  password.Config
	}{
		{"Argon2id", password.Config{Memory: 8 << 10, Sealer: ringSealer{ring}}},
		{"PBKDF2", password.Config{Iterations: 50_000, DangerouslyFewIterations: true, Sealer: ringSealer{ring}}},
	} {
		h := newHasher(t, tc.cfg)
		stored, err := h.For("7").Hash(t.Context(), "pw")
		if err != nil {
			t.Fatal(err)
		}
		elsewhere, err := h.For("8").Hash(t.Context(), "pw")
		if err != nil {
			t.Fatal(err)
		}
		verify := func(pw, stored string) func() {
			return func() { _, _ = h.For("7").Verify(t.Context(), pw, stored) }
		}
		best := quickest(15, map[string]func(){
			"wrong":         verify("wrong", stored),
			"right":         verify("pw", stored),
			"unknown":       func() { _ = h.VerifyUnknown(t.Context(), "wrong") },
			"empty":         verify("wrong", ""),
			"hostile":       verify("wrong", "$argon2id$v=19$m=4294967295,t=1,p=1$"+salt+"$"+key),
			"moved":         verify("pw", elsewhere),
			"not sealed":    verify("pw", openwall),
			"huge":          verify("pw", strings.Repeat("A", 1<<16)),
			"damaged":       verify("pw", stored[:len(stored)-1]),
			"long password": verify(strings.Repeat("x", 1024), stored),
		})
		for name, took := range best {
			if low, high := best["wrong"]*4/5, best["wrong"]*5/4; took < low || took > high {
				t.Errorf("%s: %s takes %v, and a wrong password %v", tc.name, name, took, best["wrong"])
			}
		}
	}
}
