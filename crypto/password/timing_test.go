package password_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/crypto/password"
	"github.com/gopalisade/palisade/internal/racing"
)

// compare returns the least time of each call, and those that differ from the first one's by more than a quarter. They take
// turns, until they agree: a busy machine makes a call take longer and never shorter, so what is different stays different. The
// hashes are small, for some of them to be computed without being interrupted.
func compare(first string, calls map[string]func()) (best map[string]time.Duration, differ []string) {
	best = map[string]time.Duration{}
	for round := range 500 {
		for name, call := range calls {
			start := time.Now()
			call()
			if took := time.Since(start); best[name] == 0 || took < best[name] {
				best[name] = took
			}
		}
		differ = nil
		for name, took := range best {
			if took < best[first]*4/5 || took > best[first]*5/4 {
				differ = append(differ, name)
			}
		}
		if round >= 20 && differ == nil {
			break
		}
	}
	return best, differ
}

// TestOneTime: whether there is an account, and whether its hash can be read, cannot be told from the time.
func TestOneTime(t *testing.T) {
	if racing.Enabled || testing.Short() {
		t.Skip("measures time")
	}
	ring := newRing(t)
	for _, tc := range []struct {
		name string
		cfg  password.Config
	}{
		{"Argon2id", password.Config{Memory: 1 << 10, Sealer: newPepper(t, ring)}},
		{"PBKDF2", password.Config{Iterations: 5000, DangerouslyFewIterations: true, Sealer: newPepper(t, ring)}},
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
		best, differ := compare("wrong", map[string]func(){
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
		for _, name := range differ {
			t.Errorf("%s: %s takes %v, and a wrong password %v", tc.name, name, best[name], best["wrong"])
		}
	}
}
