package guard_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/problem"
	"github.com/gopalisade/palisade/ratelimit"
	"github.com/gopalisade/palisade/ratelimit/guard"
)

// broken is a store that is out of reach, or hangs until the context ends.
type broken struct{ hangs bool }

var errDown = errors.New("dial tcp: refused")

func (b broken) Reserve(ctx context.Context, _ []guard.Counter, _ []guard.Tally) (bool, error) {
	return false, b.fail(ctx)
}

func (b broken) Settle(ctx context.Context, _ []guard.Change) error { return b.fail(ctx) }

func (b broken) fail(ctx context.Context) error {
	if b.hangs {
		<-ctx.Done()
		return ctx.Err()
	}
	return errDown
}

func TestStoreGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		events := 0
		ctx := event.WithRecorder(t.Context(), event.RecorderFunc(func(_ context.Context, e event.Event) {
			if e.Code == event.SysMonitorDisabled && errors.Is(e.Err, errDown) {
				events++
			}
		}))
		a := guard.Attempt{Account: "a", Addr: home}

		local, through := newGuard(t, guard.Config{Store: broken{}}), 0
		for range 20 {
			if ticket, err := local.Begin(ctx, a); err == nil {
				through++
				ticket.Fail(ctx)
			}
		}
		if through != 10 || events != 20 {
			t.Errorf("fail local: got %d through with %d events, want 10 with 20", through, events)
		}
		if ticket, err := local.Begin(ctx, guard.Attempt{Account: "b"}); err != nil {
			t.Error(err)
		} else {
			ticket.Succeed(ctx)
		}
		if err := local.Unlock(ctx, a); !errors.Is(err, errDown) || !errors.Is(err, ratelimit.ErrUnavailable) {
			t.Errorf("unlock: got %v", err)
		}
		if !succeed(t, local, guard.Attempt{Account: "a"}) {
			t.Error("unlock forgot nothing in this process")
		}

		closed := newGuard(t, guard.Config{Store: broken{}, OnStoreError: ratelimit.FailClosed})
		_, err := closed.Begin(ctx, a)
		p := problem.Of(err)
		if !errors.Is(err, ratelimit.ErrUnavailable) || !errors.Is(err, errDown) || p.Status != 503 || p.RetryAfter <= 0 {
			t.Errorf("fail closed: got %v, %+v", err, p)
		}

		gone, cancel := context.WithCancel(ctx)
		defer time.AfterFunc(time.Second, cancel).Stop()
		hanging := newGuard(t, guard.Config{Store: broken{hangs: true}})
		if _, err := hanging.Begin(gone, a); !errors.Is(err, ratelimit.ErrUnavailable) {
			t.Errorf("client gone: got %v, want no guess in the local store", err)
		}
		hurried, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		if _, err := hanging.Begin(hurried, a); err != nil {
			t.Errorf("a deadline of our own: got %v, want the local store in time", err)
		}
		start := time.Now()
		if _, err := hanging.Begin(ctx, a); err != nil || time.Since(start) > 5*time.Second {
			t.Errorf("store hangs: got %v after %v, want the local store soon", err, time.Since(start))
		}
	})
}

// flaky loses its store between Begin and the ticket's end.
type flaky struct {
	guard.Store
	broken
}

func (f flaky) Reserve(ctx context.Context, c []guard.Counter, y []guard.Tally) (bool, error) {
	return f.Store.Reserve(ctx, c, y)
}

func (f flaky) Settle(ctx context.Context, c []guard.Change) error { return f.broken.Settle(ctx, c) }

// TestSettleEnds: a store that hangs does not hold the login for ever, even where the context has no end.
func TestSettleEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(t, guard.Config{Store: flaky{guard.NewMemory(0), broken{hangs: true}}})
		ticket, err := g.Begin(t.Context(), guard.Attempt{Account: "a"})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		ticket.Succeed(t.Context())
		if got := time.Since(start); got > 5*time.Second {
			t.Errorf("held for %v", got)
		}
	})
}

func TestEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []event.Event
		ctx := event.WithRecorder(t.Context(), event.RecorderFunc(func(_ context.Context, e event.Event) { got = append(got, e) }))
		g := newGuard(t, guard.Config{Limits: guard.Limits{Account: 2}})
		a := guard.Attempt{Account: "alice@example.com", Addr: home}
		for range 3 {
			if ticket, err := g.Begin(ctx, a); err == nil {
				ticket.Close(ctx)
			}
		}
		if len(got) != 2 {
			t.Fatalf("got %+v, want a lock and a refusal", got)
		}
		for i, want := range []event.Code{event.AuthnLoginLock, event.AuthnLoginFailMax} {
			e := got[i]
			if e.Code != want || e.Count != 2 || e.Retry < 30*time.Second || e.Reason != "account" || e.Addr != home {
				t.Errorf("got %+v, want %s", e, want)
			}
			if len(e.Object) != 16 || e.Object != got[0].Object || strings.Contains(fmt.Sprint(e), "alice") {
				t.Errorf("got object %s in %+v", e.Object, e)
			}
		}
	})
}

// spy sees what a store sees.
type spy struct {
	guard.Store
	keys map[ratelimit.Key]int
}

func (s *spy) Reserve(ctx context.Context, c []guard.Counter, y []guard.Tally) (bool, error) {
	for i := range c {
		s.keys[c[i].Key]++
	}
	return s.Store.Reserve(ctx, c, y)
}

// TestKeys is K-6: what a store sees depends on the secret, and is the same in every process that has it.
func TestKeys(t *testing.T) {
	see := func(keys ...[]byte) map[ratelimit.Key]int {
		s := &spy{guard.NewMemory(0), map[ratelimit.Key]int{}}
		fail(t, newGuard(t, guard.Config{Store: s, Keys: keys}), guard.Attempt{Account: "a", Addr: home})
		return s.keys
	}
	shared := func(a, b map[ratelimit.Key]int) (n int) {
		for k := range a {
			n += b[k]
		}
		return n
	}
	one := see(key1)
	for _, tc := range []struct {
		name  string
		other map[ratelimit.Key]int
		want  int
	}{
		{"same key", see(key1), 5},
		{"rotating", see(key2, key1), 5},
		{"other key", see(key2), 0},
	} {
		if got := shared(one, tc.other); got != tc.want {
			t.Errorf("%s: got %d of 5 keys in common, want %d", tc.name, got, tc.want)
		}
	}
}
