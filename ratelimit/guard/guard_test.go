package guard_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/internal/conf"
	"github.com/gopalisade/palisade/internal/racing"
	"github.com/gopalisade/palisade/ratelimit"
	"github.com/gopalisade/palisade/ratelimit/guard"
)

var (
	key1, key2 = bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	home       = netip.MustParseAddr("198.51.100.7")
)

func newGuard(t testing.TB, cfg guard.Config) *guard.Guard {
	t.Helper()
	if cfg.Keys == nil {
		cfg.Keys = [][]byte{key1}
	}
	g, err := guard.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// addr is one of many addresses, each a /64 of its own.
func addr(i int) netip.Addr {
	return netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, byte(i >> 24), byte(i >> 16), byte(i >> 8), byte(i), 15: 1})
}

// fail makes a wrong guess, and reports how long it was refused for, or 0.
func fail(t testing.TB, g *guard.Guard, a guard.Attempt) time.Duration {
	t.Helper()
	ticket, err := g.Begin(t.Context(), a)
	if err != nil {
		return blocked(t, err).RetryAfter
	}
	ticket.Fail(t.Context())
	return 0
}

func blocked(t testing.TB, err error) *guard.BlockedError {
	t.Helper()
	e, ok := errors.AsType[*guard.BlockedError](err)
	if !ok || !errors.Is(err, guard.ErrBlocked) {
		t.Fatalf("got %v, want ErrBlocked", err)
	}
	return e
}

// succeed makes a right guess, and reports whether it was let through.
func succeed(t testing.TB, g *guard.Guard, a guard.Attempt) bool {
	t.Helper()
	ticket, err := g.Begin(t.Context(), a)
	if err != nil {
		blocked(t, err)
		return false
	}
	ticket.Succeed(t.Context())
	return true
}

// failures makes n wrong guesses, and reports how many were let through.
func failures(t testing.TB, g *guard.Guard, n int, of func(i int) guard.Attempt) (through int) {
	t.Helper()
	for i := range n {
		if fail(t, g, of(i)) == 0 {
			through++
		}
	}
	return through
}

func TestLimits(t *testing.T) {
	for _, tc := range []struct {
		name string
		of   func(i int) guard.Attempt
		want int // let through, of 500 wrong guesses
	}{
		{"one account from one address", func(int) guard.Attempt { return guard.Attempt{Account: "a", Addr: home} }, 10},
		{"B-4 one account from many addresses", func(i int) guard.Attempt { return guard.Attempt{Account: "a", Addr: addr(i)} }, 10},
		{"few accounts from one address", func(i int) guard.Attempt {
			return guard.Attempt{Account: fmt.Sprint(i % 9), Addr: home}
		}, 50},
		{"many of a /64", func(i int) guard.Attempt {
			a := addr(1).As16()
			a[8], a[9] = byte(i), byte(i>>8)
			return guard.Attempt{Account: fmt.Sprint(i % 9), Addr: netip.AddrFrom16(a)}
		}, 50},
		{"mapped and plain are one", func(i int) guard.Attempt {
			if i%2 == 0 {
				return guard.Attempt{Account: fmt.Sprint(i % 9), Addr: netip.AddrFrom16(home.As16())}
			}
			return guard.Attempt{Account: fmt.Sprint(i % 9), Addr: home}
		}, 50},
		{"unknown addresses are one", func(i int) guard.Attempt { return guard.Attempt{Account: fmt.Sprint(i % 9)} }, 50},
		{"K-5 spellings of an account", func(i int) guard.Attempt {
			return guard.Attempt{Account: []string{"Alice", " alice", "ALICE\t", "alice"}[i%4], Addr: addr(i)}
		}, 10},
		{"K-1 names that run into each other", func(i int) guard.Attempt {
			return guard.Attempt{Account: []string{"ab", "a"}[i%2], Kind: []string{"", "b"}[i%2], Addr: addr(i)}
		}, 20},
		{"everybody else", func(i int) guard.Attempt { return guard.Attempt{Account: fmt.Sprint(i), Addr: addr(i)} }, 500},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if got := failures(t, newGuard(t, guard.Config{}), 500, tc.of); got != tc.want {
					t.Errorf("got %d let through, want %d", got, tc.want)
				}
			})
		})
	}
}

// TestSpray is B-4: one address, 500 accounts. The sketch never counts too many, and overlooks few.
func TestSpray(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := failures(t, newGuard(t, guard.Config{}), 500, func(i int) guard.Attempt {
			return guard.Attempt{Account: fmt.Sprint(i), Addr: home}
		})
		if got < 20 || got > 32 {
			t.Errorf("got %d accounts let through, want 20 or a few more", got)
		}
	})
}

// TestParallel is B-1: the guess is counted before the secret is looked at.
func TestParallel(t *testing.T) {
	for _, tc := range []struct {
		name  string
		limit int
		n     int
		want  int64
	}{{"limit 5", 5, 100, 5}, {"under the limit", 100, 50, 50}} {
		t.Run(tc.name, func(t *testing.T) {
			g := newGuard(t, guard.Config{Limits: guard.Limits{Account: tc.limit, Pair: 1000, Addr: 1000}})
			var verified atomic.Int64
			var wg sync.WaitGroup
			start, hold := make(chan struct{}), make(chan struct{})
			var begun sync.WaitGroup
			for range tc.n {
				begun.Add(1)
				wg.Go(func() {
					<-start
					ticket, err := g.Begin(t.Context(), guard.Attempt{Account: "a", Addr: home})
					begun.Done()
					<-hold // all are at the verifier at once
					if err == nil {
						verified.Add(1)
						ticket.Fail(t.Context())
					}
				})
			}
			close(start)
			begun.Wait()
			close(hold)
			wg.Wait()
			if got := verified.Load(); got != tc.want {
				t.Errorf("%d of %d reached the verifier, want exactly %d", got, tc.n, tc.want)
			}
			if ticket, err := g.Begin(t.Context(), guard.Attempt{Account: "a"}); (err == nil) != (tc.want < int64(tc.limit)) {
				t.Errorf("got %v afterwards", err)
			} else if err == nil && ticket.Failures() != tc.want {
				t.Errorf("%d count as %d", tc.n, ticket.Failures())
			}
		})
	}
}

// TestParallelOwner: the right password, from many tabs at once, for ever.
func TestParallelOwner(t *testing.T) {
	g := newGuard(t, guard.Config{})
	for range 100 {
		var wg sync.WaitGroup
		for range 9 {
			wg.Go(func() {
				if !succeed(t, g, guard.Attempt{Account: "a", Addr: home}) {
					t.Error("the owner was refused")
				}
			})
		}
		wg.Wait()
	}
}

func TestSuccess(t *testing.T) {
	at := func(i int) guard.Attempt { return guard.Attempt{Account: fmt.Sprint(i), Addr: home} }
	for _, tc := range []struct {
		name string
		do   func(t *testing.T, g *guard.Guard) bool
		want bool
	}{
		{"forgets failures in a row", func(t *testing.T, g *guard.Guard) bool {
			for range 3 {
				failures(t, g, 9, func(int) guard.Attempt { return at(1) })
				if !succeed(t, g, at(1)) {
					return false
				}
			}
			return true
		}, true},
		{"is not believed during a ban", func(t *testing.T, g *guard.Guard) bool {
			failures(t, g, 10, func(int) guard.Attempt { return at(1) })
			return succeed(t, g, at(1))
		}, false},
		{"B-6 keeps what tells against the address", func(t *testing.T, g *guard.Guard) bool {
			for i := range 60 {
				fail(t, g, at(i))
				succeed(t, g, guard.Attempt{Account: "attacker's own", Addr: home})
			}
			return succeed(t, g, at(100))
		}, false},
		{"B-6 keeps the failures of an address on another's account", func(t *testing.T, g *guard.Guard) bool {
			for range 3 {
				failures(t, g, 9, func(int) guard.Attempt { return at(1) })
				succeed(t, g, guard.Attempt{Account: "1", Addr: addr(1)}) // the owner, elsewhere
			}
			return succeed(t, g, at(1))
		}, false},
		{"B-6 an account that logged in counts like others", func(t *testing.T, g *guard.Guard) bool {
			fail(t, g, at(500))
			for i := range 100 {
				succeed(t, g, at(i))
			}
			return failures(t, g, 40, at) > 32
		}, false},
		{"tells nothing against an address", func(t *testing.T, g *guard.Guard) bool {
			for i := range 300 {
				if !succeed(t, g, at(i)) {
					return false
				}
			}
			return true
		}, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if got := tc.do(t, newGuard(t, guard.Config{})); got != tc.want {
					t.Errorf("got %t, want %t", got, tc.want)
				}
			})
		})
	}
}

// TestTicket is B-5: whatever happens to the request, a guess that nobody took back counts.
func TestTicket(t *testing.T) {
	for _, tc := range []struct {
		name string
		use  func(ctx context.Context, ticket *guard.Ticket)
		want int64
	}{
		{"fail", func(ctx context.Context, t *guard.Ticket) { t.Fail(ctx) }, 1},
		{"close", func(ctx context.Context, t *guard.Ticket) { t.Close(ctx) }, 1},
		{"forgotten", func(context.Context, *guard.Ticket) {}, 1},
		{"abort", func(ctx context.Context, t *guard.Ticket) { t.Abort(ctx); t.Close(ctx) }, 0},
		{"succeed", func(ctx context.Context, t *guard.Ticket) { t.Succeed(ctx); t.Close(ctx) }, 0},
		{"twice", func(ctx context.Context, t *guard.Ticket) { t.Abort(ctx); t.Abort(ctx); t.Succeed(ctx) }, 0},
		{"too late", func(ctx context.Context, t *guard.Ticket) { t.Fail(ctx); t.Succeed(ctx); t.Abort(ctx) }, 1},
		{"panic", func(ctx context.Context, t *guard.Ticket) {
			defer func() { _ = recover() }()
			defer t.Close(ctx)
			panic("handler")
		}, 1},
		{"client gone, right password", func(ctx context.Context, t *guard.Ticket) {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			t.Succeed(ctx)
		}, 0},
	} {
		g := newGuard(t, guard.Config{Store: attentive{guard.NewMemory(0)}})
		a := guard.Attempt{Account: "a", Addr: home}
		ticket, err := g.Begin(t.Context(), a)
		if err != nil {
			t.Fatal(err)
		}
		tc.use(t.Context(), ticket)
		next, err := g.Begin(t.Context(), a)
		if err != nil || next.Failures() != tc.want {
			t.Errorf("%s: got %d failures, %v; want %d", tc.name, next.Failures(), err, tc.want)
		}
	}
}

// attentive is a store that does nothing for a context that has ended.
type attentive struct{ guard.Store }

func (a attentive) Settle(ctx context.Context, c []guard.Change) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return a.Store.Settle(ctx, c)
}

// TestAbortIsWhole takes a thousand guesses back, and wants nothing left in any dimension.
func TestAbortIsWhole(t *testing.T) {
	g := newGuard(t, guard.Config{})
	for i := range 1000 {
		ticket, err := g.Begin(t.Context(), guard.Attempt{Account: fmt.Sprint(i % 100), Addr: home})
		if err != nil {
			t.Fatalf("%d: %v", i, err)
		}
		ticket.Abort(t.Context())
	}
}

// TestKinds is B-7: a second factor has its own count, and a new code does not reset it.
func TestKinds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(t, guard.Config{})
		otp := func(int) guard.Attempt { return guard.Attempt{Account: "a", Addr: home, Kind: "otp"} }
		password := guard.Attempt{Account: "a", Addr: home}
		through := 0
		for range 5 { // each time the password again, and with it a new code
			if !succeed(t, g, password) {
				t.Fatal("the password's count is not its own")
			}
			through += failures(t, g, 4, otp)
		}
		if through != 10 {
			t.Errorf("got %d guesses at codes, want 10", through)
		}
	})
}

func TestFaults(t *testing.T) {
	key := [][]byte{key1}
	for _, tc := range []struct {
		name string
		cfg  guard.Config
		want string
	}{
		{"no key", guard.Config{}, "Keys"},
		{"short key", guard.Config{Keys: [][]byte{key1, []byte("hunter2")}}, "Keys[1]"},
		{"open", guard.Config{Keys: key, OnStoreError: ratelimit.FailOpen}, "OnStoreError"},
		{"account", guard.Config{Keys: key, Limits: guard.Limits{Account: -1}}, "Limits.Account"},
		{"pair", guard.Config{Keys: key, Limits: guard.Limits{Pair: 1001}}, "Limits.Pair"},
		{"device", guard.Config{Keys: key, Limits: guard.Limits{Device: -1}}, "Limits.Device"},
		{"addr", guard.Config{Keys: key, Limits: guard.Limits{Addr: -1}}, "Limits.Addr"},
		{"accounts in a sketch", guard.Config{Keys: key, Limits: guard.Limits{AccountsPerAddr: 41}}, "Limits.AccountsPerAddr"},
		{"addresses in a sketch", guard.Config{Keys: key, Limits: guard.Limits{AddrsPerAccount: 41}}, "Limits.AddrsPerAccount"},
		{"first ban", guard.Config{Keys: key, BanFirst: 1}, "BanFirst"},
		{"longest ban", guard.Config{Keys: key, BanFirst: time.Hour, BanMax: time.Minute}, "BanMax"},
		{"a ban for good", guard.Config{Keys: key, BanMax: 25 * time.Hour}, "BanMax"},
		{"forget", guard.Config{Keys: key, Forget: time.Second}, "Forget"},
		{"forget addresses", guard.Config{Keys: key, ForgetAddr: 31 * 24 * time.Hour}, "ForgetAddr"},
		{"device life", guard.Config{Keys: key, DeviceLife: 1}, "DeviceLife"},
	} {
		_, err := guard.New(tc.cfg)
		if all := conf.All(err); len(all) != 1 || all[0].Field != tc.want || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: got %v, want one fault of %s", tc.name, err, tc.want)
		}
	}
}

func TestBeginAllocations(t *testing.T) {
	if racing.Enabled {
		t.Skip("the race detector allocates")
	}
	g, ctx, a := newGuard(t, guard.Config{}), t.Context(), guard.Attempt{Account: "a", Addr: home}
	got := testing.AllocsPerRun(100, func() {
		if ticket, err := g.Begin(ctx, a); err == nil {
			ticket.Abort(ctx)
		}
	})
	if got > 24 {
		t.Errorf("got %v allocations, want at most 24", got)
	}
}
