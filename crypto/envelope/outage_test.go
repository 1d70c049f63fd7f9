package envelope_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/crypto/envelope"
	"github.com/gopalisade/palisade/crypto/field"
)

// TestOutage drills a service, then a store, that is down for longer than a ring lives. A client asks every second.
func TestOutage(t *testing.T) {
	local := newLocal(t)
	for _, what := range []string{"service", "store"} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				kms := &service{KeyWrapper: local}
				store := &brokenStore{Store: envelope.NewMemory(0)}
				var reports atomic.Int64
				k := newKeys(t, kms, store, func(c *envelope.Config) {
					c.OnError = func(subject string, err error) {
						if subject != alice || !errors.Is(err, errDown) {
							t.Errorf("reported %q, %v", subject, err)
						}
						reports.Add(1)
					}
				})
				down := func(err error) {
					if what == "service" {
						kms.fail(err)
					} else if err != nil {
						store.fail(err)
					} else {
						store.err.Store(nil)
					}
				}
				ring := ringOf(t, k, alice)
				sealed := seal(t, ring)
				begin := time.Now()
				down(errDown)
				for time.Since(begin) < time.Hour {
					got, err := k.Ring(t.Context(), alice)
					if err != nil || got != ring || !opens(got, sealed) {
						t.Fatalf("after %v: got %v", time.Since(begin), err)
					}
					seal(t, got)
					time.Sleep(time.Second)
				}
				synctest.Wait()
				if _, err := ring.Seal(cell(), nil); !errors.Is(err, field.ErrClosed) {
					t.Errorf("after HardTTL the ring that somebody holds gives %v, want ErrClosed", err)
				}
				calls := kms.calls()
				for range 100 {
					_, err := k.Ring(t.Context(), alice)
					wantKind(t, "after HardTTL", err, envelope.ErrUnavailable)
					if !errors.Is(err, errDown) {
						t.Errorf("got %v, want the cause", err)
					}
				}
				if n := kms.calls() - calls; n > 1 {
					t.Errorf("%d calls of 100 requests in a moment", n)
				}
				if n := reports.Load(); n < 100 || n > 300 { // an hour of pauses of up to 16 s
					t.Errorf("got %d attempts in an hour", n)
				}
				down(nil)
				time.Sleep(16 * time.Second)
				if again := ringOf(t, k, alice); again == ring || !opens(again, sealed) {
					t.Error("it does not recover")
				}
				_ = k.Close()
			})
		})
	}
}

// TestNo has the service answer no while a ring is in use. It is closed at once, where an outage leaves it.
func TestNo(t *testing.T) {
	local := newLocal(t)
	for _, tc := range []struct {
		err    error
		want   error
		closed bool
	}{
		{envelope.ErrRefused, envelope.ErrRefused, true},
		{envelope.ErrForged, envelope.ErrForged, true},
		{fmt.Errorf("key is disabled: %w", envelope.ErrRefused), envelope.ErrRefused, true},
		{&envelope.Error{Kind: envelope.ErrForged, Step: "unwrap"}, envelope.ErrForged, true},
		{envelope.ErrUnavailable, envelope.ErrUnavailable, false},
		{errors.Join(envelope.ErrForged, envelope.ErrUnavailable), envelope.ErrUnavailable, false}, // in doubt, nothing was said
		{context.DeadlineExceeded, envelope.ErrUnavailable, false},
		{errDown, envelope.ErrUnavailable, false},
		{&envelope.Error{Kind: errDown}, envelope.ErrUnavailable, false}, // a kind that nobody knows
		{fmt.Errorf("row 7: %w", envelope.ErrRecord), envelope.ErrForged, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			kms := &service{KeyWrapper: local}
			k := newKeys(t, kms, envelope.NewMemory(0), nil)
			ring := ringOf(t, k, alice)
			kms.fail(tc.err)
			time.Sleep(5 * time.Minute)
			got, err := k.Ring(t.Context(), alice)
			if _, sealErr := ring.Seal(cell(), nil); errors.Is(sealErr, field.ErrClosed) != tc.closed {
				t.Errorf("%v: the ring gives %v, want closed %t", tc.err, sealErr, tc.closed)
			}
			if tc.closed {
				wantKind(t, tc.err.Error(), err, tc.want)
			} else if err != nil || got != ring {
				t.Errorf("%v: got %v, want the ring", tc.err, err)
			}
			_, err = k.Ring(t.Context(), "customer-8") // for whom nothing is ready
			if want := tc.want; tc.closed || !errors.Is(tc.err, envelope.ErrForged) {
				wantKind(t, tc.err.Error(), err, want)
			}
			kms.fail(nil)
			time.Sleep(16 * time.Second)
			ringOf(t, k, alice)
			_ = k.Close()
		})
	}
}

// TestOutageEvictsNothing has many strangers ask while the service is down.
func TestOutageEvictsNothing(t *testing.T) {
	kms := newService(t)
	k := newKeys(t, kms, envelope.NewMemory(0), func(c *envelope.Config) { c.MaxSubjects = 2 })
	ring := ringOf(t, k, alice)
	kms.fail(errDown)
	for i := range 11_000 { // more failures than are remembered
		_, err := k.Ring(t.Context(), fmt.Sprintf("stranger-%d", i))
		if !errors.Is(err, envelope.ErrUnavailable) {
			t.Fatal(err)
		}
	}
	if ringOf(t, k, alice) != ring {
		t.Error("a ring that was ready was lost in the outage")
	}
}

// TestPauses lets a service that is down be, for longer and longer.
func TestPauses(t *testing.T) {
	local := newLocal(t)
	synctest.Test(t, func(t *testing.T) {
		kms := &service{KeyWrapper: local}
		k := newKeys(t, kms, envelope.NewMemory(0), nil)
		kms.fail(errDown)
		begin := time.Now()
		var at []time.Duration
		for time.Since(begin) < 70*time.Second {
			before := kms.calls()
			_, err := k.Ring(t.Context(), alice)
			e, _ := errors.AsType[*envelope.Error](err)
			if e == nil || e.RetryAfter <= 0 || e.RetryAfter > 16*time.Second {
				t.Fatalf("got %v, want to know when to come back", err)
			}
			if kms.calls() > before {
				at = append(at, time.Since(begin))
			}
			time.Sleep(100 * time.Millisecond)
		}
		if want := "[0s 1s 3s 7s 15s 31s 47s 1m3s]"; fmt.Sprint(at) != want {
			t.Errorf("tried at %v, want %v", at, want)
		}
		_ = k.Close()
	})
}
