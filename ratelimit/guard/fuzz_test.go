package guard_test

import (
	"crypto/rand"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/ratelimit/guard"
)

// FuzzDeviceCookie changes a cookie, or makes one up: only what the guard made is accepted, and for its account only.
func FuzzDeviceCookie(f *testing.F) {
	key := make([]byte, 32) // of this process, since the seeds of another hold what the other's guard made
	_, _ = rand.Read(key)
	g := newGuard(f, guard.Config{
		Keys: [][]byte{key}, Limits: guard.Limits{Account: 1, Pair: 1, Device: 1000},
		BanFirst: 24 * time.Hour, BanMax: 24 * time.Hour, // longer than any fuzzing
	})
	made := g.DeviceCookie("alice")
	raw, err := base64.RawURLEncoding.DecodeString(made)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(made, "alice", 0, byte(0))
	f.Add(made, "Alice", 0, byte(0))
	f.Add(made, "alic", 10, byte(1))
	f.Add(made[:75]+"\n", "alice", 0, byte(0))
	f.Add(g.DeviceCookie("bob"), "alice", 5, byte(0x80))
	f.Add("", "", 60, byte(2))
	for _, account := range []string{"alice", "bob"} { // ban strangers, so that only a holder passes
		fail(f, g, guard.Attempt{Account: account})
	}
	passes := func(t *testing.T, account, cookie string) bool {
		ticket, err := g.Begin(t.Context(), guard.Attempt{Account: account, Device: cookie})
		if err != nil {
			return false
		}
		ticket.Abort(t.Context())
		return true
	}
	f.Fuzz(func(t *testing.T, cookie, account string, at int, flip byte) {
		if passes(t, "alice", cookie) && cookie != made {
			t.Errorf("%q was accepted, which the guard did not make for alice", cookie)
		}
		if passes(t, "bob", made) {
			t.Error("alice's cookie was accepted for bob")
		}
		changed := append([]byte(nil), raw...)
		changed[uint(at)%uint(len(changed))] ^= flip
		if got := passes(t, "alice", base64.RawURLEncoding.EncodeToString(changed)); got != (flip == 0) {
			t.Errorf("byte %d changed by %#x: accepted %t", at, flip, got)
		}
		if len(account) < 100 {
			own := g.DeviceCookie(account)
			if passes(t, "alice", own) != (strings.ToLower(strings.TrimSpace(account)) == "alice") {
				t.Errorf("the cookie of %q is right for alice, or alice's is not", account)
			}
		}
	})
}
