package login_test

import (
	"context"
	"errors"
	"net/netip"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/login"
	"github.com/gopalisade/palisade/crypto/password"
	"github.com/gopalisade/palisade/internal/racing"
	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/problem"
	"github.com/gopalisade/palisade/ratelimit"
	"github.com/gopalisade/palisade/ratelimit/guard"
)

// TestOurFault: what is our fault is a 503 and no guess; what a client may bring about is a guess.
func TestOurFault(t *testing.T) {
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for _, tc := range []struct {
		name, login string
		ctx         context.Context
		err         error // of the verifier
		want        error
		code        string
		guesses     int64
	}{
		{"accounts out of reach", "down", t.Context(), nil, auth.ErrUnavailable, "authentication_unavailable", 0},
		{"no memory, known", "alice", t.Context(), password.ErrBusy, password.ErrBusy, "password_busy", 0},
		{"no memory, unknown", "nobody", t.Context(), password.ErrBusy, password.ErrBusy, "password_busy", 0},
		{"verifier broken", "alice", t.Context(), errDown, auth.ErrUnavailable, "authentication_unavailable", 0},
		{"client gone", "alice", gone, context.Canceled, auth.ErrUnavailable, "authentication_unavailable", 1},
		{"client gone while accounts were asked", "down", gone, nil, auth.ErrUnavailable, "authentication_unavailable", 1},
		{"shorter bound", "alice", t.Context(), password.ErrTooLong, login.ErrInvalidLogin, "invalid_credentials", 1},
		{"longer bound", "alice", t.Context(), password.ErrEmpty, login.ErrInvalidLogin, "invalid_credentials", 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := newHouse(t, nil)
			h.passwords.err = tc.err
			_, err := h.Check(tc.ctx, login.Attempt{Login: tc.login, Password: right})
			if got := answer(err); !errors.Is(err, tc.want) || !strings.Contains(got, tc.code) || strings.Contains(got, "hunter2") {
				t.Errorf("got %v, %s; want %s", err, got, tc.code)
			} else if strings.HasPrefix(got, "503") != strings.Contains(got, "Retry-After") {
				t.Errorf("503 without Retry-After: %s", got)
			}
			ticket, err := h.guard.Begin(t.Context(), guard.Attempt{Account: tc.login})
			if err != nil || ticket.Failures() != tc.guesses {
				t.Errorf("got %d guesses, %v; want %d", ticket.Failures(), err, tc.guesses)
			}
		})
	}
}

// TestLockIsTold wants the guard's event, too, when a login fails that was one too many.
func TestLockIsTold(t *testing.T) {
	h := newHouse(t, nil)
	ctx := h.recording(t.Context())
	for range 10 {
		_, _ = h.Check(ctx, login.Attempt{Login: "alice", Password: "wrong"})
	}
	if last := h.events[len(h.events)-1]; len(h.events) != 11 || last.Code != event.AuthnLoginLock {
		t.Errorf("got %d events, the last %+v; want a lock after ten failures", len(h.events), last)
	}
}

// TestPanic is B-5 for a look-up that panics.
func TestPanic(t *testing.T) {
	h := newHouse(t, func(c *login.Config) {
		c.Find = func(context.Context, string) (login.Account, error) { panic("nil map") }
	})
	func() {
		defer func() { _ = recover() }()
		_, _ = h.Check(t.Context(), login.Attempt{Login: "alice", Password: right})
		t.Error("the panic is gone")
	}()
	if ticket, err := h.guard.Begin(t.Context(), guard.Attempt{Account: "alice"}); err != nil || ticket.Failures() != 1 {
		t.Errorf("got %d guesses, %v; want 1", ticket.Failures(), err)
	}
}

// TestGuarded is B-1, B-2, B-3 and L7 through the whole login.
func TestGuarded(t *testing.T) {
	for _, name := range []string{"alice", "nobody", "disabled", "locked"} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, nil)
			var wg sync.WaitGroup
			var blocked atomic.Int64
			for i := range 100 {
				wg.Go(func() {
					addr := netip.AddrFrom4([4]byte{203, 0, 113, byte(i)})
					_, err := h.Check(t.Context(), login.Attempt{Login: name, Password: "wrong", Addr: addr})
					if errors.Is(err, guard.ErrBlocked) {
						blocked.Add(1)
					}
				})
			}
			wg.Wait()
			if got := h.passwords.hashes.Load(); got != 10 || blocked.Load() != 90 {
				t.Errorf("of 100 at once %d reached the hash and %d were blocked, want exactly 10 and 90", got, blocked.Load())
			}
			_, err := h.Check(t.Context(), login.Attempt{Login: name, Password: right, Addr: home})
			if got := h.passwords.hashes.Load(); got != 10 {
				t.Errorf("%d hashes after the ban, want none more than 10", got)
			}
			if got := answer(err); !strings.Contains(got, "too_many_attempts") || !strings.Contains(got, "Retry-After") {
				t.Errorf("during the ban: got %s", got)
			}
		})
	}
}

func TestDevice(t *testing.T) {
	h := newHouse(t, nil)
	first, err := h.Check(t.Context(), login.Attempt{Login: "alice", Password: right, Addr: home})
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		_, _ = h.Check(t.Context(), login.Attempt{Login: "alice", Password: "wrong"})
	}
	if _, err := h.Check(t.Context(), login.Attempt{Login: "alice", Password: right}); !errors.Is(err, guard.ErrBlocked) {
		t.Errorf("a stranger: got %v, want ErrBlocked", err)
	}
	for _, spelling := range []string{"alice", "Alice "} { // counted as one, and so found as one
		own := login.Attempt{Login: spelling, Password: right, Device: first.Device}
		if r, err := h.Check(t.Context(), own); err != nil || r.Principal.ID != "id-alice" {
			t.Errorf("%q on the owner's device: got %+v, %v", spelling, r, err)
		}
	}
}

// TestDisabledIsNoSuccess: the right password of a disabled account forgives no failure, or the count would tell.
func TestDisabledIsNoSuccess(t *testing.T) {
	h := newHouse(t, nil)
	for range 10 {
		_, _ = h.Check(t.Context(), login.Attempt{Login: "disabled", Password: right})
	}
	if _, err := h.Check(t.Context(), login.Attempt{Login: "disabled", Password: right}); !errors.Is(err, guard.ErrBlocked) {
		t.Errorf("got %v, want ErrBlocked as for a wrong password", err)
	}
}

func TestUnguarded(t *testing.T) {
	h := newHouse(t, func(c *login.Config) { c.Guard, c.DangerouslyUnguarded = nil, true })
	for range 30 {
		if _, err := h.Check(t.Context(), login.Attempt{Login: "alice", Password: "wrong"}); !errors.Is(err, login.ErrInvalidLogin) {
			t.Fatalf("got %v", err)
		}
	}
	if r, err := h.Check(t.Context(), login.Attempt{Login: "alice", Password: right}); err != nil || r.Device != "" {
		t.Errorf("got %+v, %v", r, err)
	}
	if _, err := h.Check(t.Context(), login.Attempt{Login: "down", Password: right}); !errors.Is(err, auth.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

func TestGuardGone(t *testing.T) {
	g, err := guard.New(guard.Config{Keys: [][]byte{make([]byte, 32)}, Store: gone{}, OnStoreError: ratelimit.FailClosed})
	if err != nil {
		t.Fatal(err)
	}
	h := newHouse(t, func(c *login.Config) { c.Guard = g })
	_, err = h.Check(t.Context(), login.Attempt{Login: "alice", Password: right})
	if !errors.Is(err, ratelimit.ErrUnavailable) || h.passwords.hashes.Load() != 0 || h.finds != 0 {
		t.Errorf("got %v after %d hashes", err, h.passwords.hashes.Load())
	}
}

type gone struct{ guard.Store }

func (gone) Reserve(context.Context, []guard.Counter, []guard.Tally) (bool, error) {
	return false, errDown
}

// TestMemory is L4: 64 logins at once stay within the budget, and those that find no place are told when to come back.
func TestMemory(t *testing.T) {
	if racing.Enabled {
		t.Skip("the race detector takes memory of its own")
	}
	const budget = 32 << 10 // KiB: four hashes of 8 MiB
	hasher := newHasher(t, password.Config{Memory: budget / 4, MemoryBudget: budget, MaxQueue: 12, MaxWait: time.Minute})
	h := newHouse(t, func(c *login.Config) { c.Passwords, c.Guard, c.DangerouslyUnguarded = hasher, nil, true })
	defer debug.SetGCPercent(debug.SetGCPercent(10)) // garbage is not what is measured
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	before, peak := stats.HeapAlloc, uint64(0)
	var busy, refused atomic.Int64
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			_, err := h.Check(t.Context(), login.Attempt{Login: "nobody", Password: "wrong"})
			switch p := problem.Of(err); {
			case errors.Is(err, login.ErrInvalidLogin):
				refused.Add(1)
			case errors.Is(err, password.ErrBusy) && p.Status == 503 && p.RetryAfter > 0:
				busy.Add(1)
			default:
				t.Errorf("got %v", err)
			}
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	for {
		select {
		case <-done:
			if most := uint64(budget<<10 + 32<<20); peak-before > most {
				t.Errorf("got a peak of %d MiB, want at most %d MiB", (peak-before)>>20, most>>20)
			}
			if busy.Load() == 0 || refused.Load() < 3 {
				t.Errorf("%d were judged and %d told to wait, want some of both", refused.Load(), busy.Load())
			}
			t.Logf("peak %d MiB, %d judged, %d told to wait", (peak-before)>>20, refused.Load(), busy.Load())
			return
		case <-time.After(time.Millisecond):
			runtime.GC()
			runtime.ReadMemStats(&stats)
			peak = max(peak, stats.HeapAlloc)
		}
	}
}

func TestAllocations(t *testing.T) {
	if racing.Enabled {
		t.Skip("the race detector allocates")
	}
	h := newHouse(t, func(c *login.Config) { c.Guard = newGuard(t, guard.Limits{Account: 1, Pair: 1}) })
	ctx, a := t.Context(), login.Attempt{Login: "alice", Password: "wrong", Addr: home}
	_, _ = h.Check(ctx, a)
	if got := testing.AllocsPerRun(100, func() { _, _ = h.Check(ctx, a) }); got > 20 {
		t.Errorf("got %v allocations for a blocked login, want at most 20", got)
	}
}
