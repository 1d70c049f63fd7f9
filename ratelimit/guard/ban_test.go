package guard_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/problem"
	"github.com/gopalisade/palisade/ratelimit/guard"
)

// TestGrowth is B-8: bans double, are told honestly, end, and are forgiven.
func TestGrowth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(t, guard.Config{})
		a := guard.Attempt{Account: "a", Addr: home}
		failures(t, g, 10, func(int) guard.Attempt { return a })
		for i, want := range []time.Duration{30, 60, 120, 240, 480, 960, 1920, 3600, 3600} {
			want *= time.Second
			got := fail(t, g, a)
			if got < want || got > want+want/10 {
				t.Errorf("ban %d: got %v, want %v and up to a tenth more", i+1, got, want)
			}
			time.Sleep(got - 1)
			if fail(t, g, a) == 0 {
				t.Errorf("ban %d was over early", i+1)
			}
			time.Sleep(time.Nanosecond)
			if wait := fail(t, g, a); wait != 0 {
				t.Fatalf("ban %d: refused for %v more after Retry-After", i+1, wait)
			}
		}
		time.Sleep(8 * 24 * time.Hour)
		if got := failures(t, g, 20, func(int) guard.Attempt { return a }); got != 10 {
			t.Errorf("a week later: got %d let through, want 10", got)
		}
	})
}

// TestJitter wants the bans of many accounts to end at many times.
func TestJitter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(t, guard.Config{Limits: guard.Limits{Account: 1}})
		waits := map[time.Duration]bool{}
		for i := range 50 {
			a := guard.Attempt{Account: fmt.Sprint(i), Addr: addr(i)}
			fail(t, g, a)
			waits[fail(t, g, a)] = true
		}
		if len(waits) < 20 {
			t.Errorf("50 bans end at %d times", len(waits))
		}
	})
}

// TestPatientAttacker is L7: he asks again as soon as he may, from everywhere.
func TestPatientAttacker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, start := newGuard(t, guard.Config{}), time.Now()
		for day, most := range []int{42, 24, 24, 24, 24, 24} {
			guesses := 0
			for i := 0; i < 1000 && time.Since(start) < time.Duration(day+1)*24*time.Hour; i++ {
				wait := fail(t, g, guard.Attempt{Account: "a", Addr: addr(i)})
				if wait == 0 {
					guesses++
				}
				time.Sleep(wait)
			}
			if guesses > most || guesses == 0 {
				t.Errorf("got %d guesses on day %d, want at most %d", guesses, day+1, most)
			}
		}
	})
}

// TestBusyAddress: an office whose people mistype now and then is not banned, however long it goes on.
func TestBusyAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(t, guard.Config{})
		for i := range 2000 {
			a := guard.Attempt{Account: fmt.Sprint(i % 300), Addr: home}
			if fail(t, g, a) != 0 || !succeed(t, g, a) {
				t.Fatalf("mistake %d was the last", i+1)
			}
			time.Sleep(6 * time.Minute)
		}
	})
}

func TestBlocked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(t, guard.Config{})
		bodies := map[string]bool{}
		for _, account := range []string{"known", "unknown"} {
			a := guard.Attempt{Account: account, Addr: home}
			failures(t, g, 10, func(int) guard.Attempt { return a })
			_, err := g.Begin(t.Context(), a)
			e := blocked(t, err)
			if e.By != "account" && e.By != "pair" || e.Code() != "too_many_attempts" || !strings.Contains(e.Error(), e.By) {
				t.Errorf("got %+v", e)
			}
			w := httptest.NewRecorder()
			problem.Write(w, httptest.NewRequest("POST", "/login", nil), err)
			if w.Code != 429 || w.Header().Get("Retry-After") < "30" || strings.Contains(w.Body.String(), account) {
				t.Errorf("got %d, %v, %s", w.Code, w.Header(), w.Body)
			}
			bodies[w.Body.String()] = true
		}
		if len(bodies) != 1 {
			t.Errorf("B-2: got %v, want one answer", bodies)
		}
	})
}

func TestUnlock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(t, guard.Config{})
		a := guard.Attempt{Account: "a", Addr: home, Device: g.DeviceCookie("a")}
		failures(t, g, 60, func(int) guard.Attempt { return a })
		if succeed(t, g, a) {
			t.Fatal("no ban to unlock")
		}
		if err := g.Unlock(t.Context(), guard.Attempt{Account: "A"}); err != nil {
			t.Fatal(err)
		}
		if stranger := (guard.Attempt{Account: "a", Addr: addr(1)}); !succeed(t, g, stranger) {
			t.Error("strangers are banned still")
		}
		if succeed(t, g, a) {
			t.Error("the address was not given, and is forgiven all the same")
		}
		if err := g.Unlock(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		if !succeed(t, g, guard.Attempt{Account: "a", Addr: home}) || !succeed(t, g, a) {
			t.Error("banned after unlocking all")
		}
	})
}

// TestFloodOfAccounts is M-2: a banned account stays banned while ten thousand others are invented.
func TestFloodOfAccounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(t, guard.Config{Store: guard.NewMemory(2000), BanFirst: time.Hour})
		victim := guard.Attempt{Account: "admin", Addr: home}
		failures(t, g, 10, func(int) guard.Attempt { return victim })
		failures(t, g, 10_000, func(i int) guard.Attempt { return guard.Attempt{Account: fmt.Sprint("forged", i), Addr: addr(i)} })
		if fail(t, g, victim) == 0 || fail(t, g, guard.Attempt{Account: "admin", Addr: addr(-1)}) == 0 {
			t.Error("a flood of accounts bought another guess")
		}
	})
}

// TestARightPasswordBansNobody: colleagues behind an address from which somebody has guessed get in, one after another, once
// its ban is over.
func TestARightPasswordBansNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(t, guard.Config{})
		failures(t, g, 60, func(i int) guard.Attempt { return guard.Attempt{Account: fmt.Sprint("guessed", i), Addr: home} })
		time.Sleep(2 * time.Hour / 10) // the ban, not what it was for
		for i := range 10 {
			if !succeed(t, g, guard.Attempt{Account: fmt.Sprint("colleague", i), Addr: home}) {
				t.Fatalf("colleague %d is banned by the right passwords of those before", i)
			}
		}
	})
}

// TestManyCookiesAreNoManyGuesses: whoever knew the password once may have many device cookies of the account.
func TestManyCookiesAreNoManyGuesses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(t, guard.Config{})
		got := failures(t, g, 1000, func(i int) guard.Attempt {
			return guard.Attempt{Account: "alice", Addr: addr(i), Device: g.DeviceCookie("alice")}
		})
		if got != 40 {
			t.Errorf("got %d guesses, want 30 with cookies and 10 as a stranger", got)
		}
		if err := g.Unlock(t.Context(), guard.Attempt{Account: "ALICE"}); err != nil {
			t.Fatal(err)
		}
		if !succeed(t, g, guard.Attempt{Account: "alice", Addr: home, Device: g.DeviceCookie("alice")}) {
			t.Error("the operator's unlock left the holders banned")
		}
	})
}
