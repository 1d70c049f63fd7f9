package guard_test

import (
	"encoding/base64"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/ratelimit/guard"
)

// TestDevice is B-3: the owner's device passes while strangers are banned.
func TestDevice(t *testing.T) {
	own := newGuard(t, guard.Config{Keys: [][]byte{key1}})
	for _, tc := range []struct {
		name   string
		keys   [][]byte
		cookie string
		wait   time.Duration
		want   bool
	}{
		{"own", nil, own.DeviceCookie("alice"), 0, true},
		{"another spelling", nil, own.DeviceCookie(" ALICE"), 0, true},
		{"after rotation", [][]byte{key2, key1}, own.DeviceCookie("alice"), 0, true},
		{"key gone", [][]byte{key2}, own.DeviceCookie("alice"), 0, false},
		{"another account", nil, own.DeviceCookie("mallory"), 0, false},
		{"prefix of the account", nil, own.DeviceCookie("alic"), 0, false},
		{"another guard", nil, newGuard(t, guard.Config{Keys: [][]byte{key2}}).DeviceCookie("alice"), 0, false},
		{"at its end", nil, "", 90*24*time.Hour - time.Minute, true},
		{"past its end", nil, "", 90 * 24 * time.Hour, false},
		{"none", nil, " ", 0, false},
		{"cut", nil, own.DeviceCookie("alice")[:75], 0, false},
		{"longer", nil, own.DeviceCookie("alice") + "A", 0, false},
		{"line feed", nil, own.DeviceCookie("alice")[:75] + "\n", 0, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := newGuard(t, guard.Config{Keys: tc.keys, DeviceLife: 90 * 24 * time.Hour})
				cookie := tc.cookie
				if cookie == "" {
					cookie = g.DeviceCookie("alice")
				}
				time.Sleep(tc.wait)
				failures(t, g, 1000, func(i int) guard.Attempt { return guard.Attempt{Account: "alice", Addr: addr(i)} })
				if got := succeed(t, g, guard.Attempt{Account: "alice", Addr: home, Device: cookie}); got != tc.want {
					t.Errorf("got %t, want %t", got, tc.want)
				}
				if succeed(t, g, guard.Attempt{Account: "alice", Addr: home}) {
					t.Error("the owner's success let strangers in")
				}
			})
		})
	}
}

// TestDeviceCounter bounds what a thief of the cookie has, and what he costs the others.
func TestDeviceCounter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(t, guard.Config{})
		stolen := guard.Attempt{Account: "alice", Addr: home, Device: g.DeviceCookie("alice")}
		other := guard.Attempt{Account: "alice", Addr: home, Device: g.DeviceCookie("alice")}
		if got := failures(t, g, 10, func(int) guard.Attempt { return stolen }); got != 10 {
			t.Errorf("got %d guesses, want 10", got)
		}
		ticket, err := g.Begin(t.Context(), guard.Attempt{Account: "alice", Addr: home})
		if err != nil || ticket.Failures() != 0 {
			t.Fatalf("a holder's failures count against strangers: %v", err)
		}
		ticket.Abort(t.Context())
		if got := failures(t, g, 30, func(int) guard.Attempt { return stolen }); got != 10 {
			t.Errorf("got %d more guesses as a stranger, want 10", got)
		}
		for range 2 { // more would be too many for all cookies together
			failures(t, g, 9, func(int) guard.Attempt { return other })
			if !succeed(t, g, other) {
				t.Fatal("the other device is banned, too, or its success forgets nothing")
			}
		}
	})
}

// TestNewCookiesAreNoNewGuesses: an attacker's own cookies help him on his own account only.
func TestNewCookiesAreNoNewGuesses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(t, guard.Config{})
		got := failures(t, g, 500, func(i int) guard.Attempt {
			return guard.Attempt{Account: "victim", Addr: addr(i), Device: g.DeviceCookie(fmt.Sprint("mallory", i))}
		})
		if got != 10 {
			t.Errorf("got %d guesses, want 10", got)
		}
	})
}

// TestOneSpelling looks for a cookie that ends in a zero byte, and lets a line feed stand for it.
func TestOneSpelling(t *testing.T) {
	g := newGuard(t, guard.Config{Limits: guard.Limits{Account: 1}})
	fail(t, g, guard.Attempt{Account: "alice"})
	for range 100_000 {
		cookie := g.DeviceCookie("alice")
		if raw, err := base64.RawURLEncoding.DecodeString(cookie); err != nil || raw[len(raw)-1] != 0 {
			continue
		}
		if succeed(t, g, guard.Attempt{Account: "alice", Device: cookie[:75] + "\n"}) {
			t.Error("two spellings of one cookie are accepted")
		}
		if !succeed(t, g, guard.Attempt{Account: "alice", Device: cookie}) {
			t.Error("the cookie itself is refused")
		}
		return
	}
	t.Error("no cookie ends in a zero byte")
}
