package password_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/crypto/password"
	"github.com/gopalisade/palisade/problem"
)

func TestBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := small()
		cfg.MaxQueue, cfg.MaxWait = 2, time.Second
		h := newHasher(t, cfg)
		release := h.Enter(1 << 10) // everything
		ctx, cancel := context.WithCancel(t.Context())
		errs := make([]error, 4)
		var wg sync.WaitGroup
		start := func(i int, ctx context.Context) {
			wg.Go(func() { _, errs[i] = h.Hash(ctx, "x") })
			synctest.Wait()
		}
		start(0, ctx)
		start(1, t.Context())
		start(2, t.Context()) // the line is full
		cancel()
		synctest.Wait()
		start(3, t.Context()) // in the place that the first left
		time.Sleep(500 * time.Millisecond)
		release()
		wg.Wait()
		if !errors.Is(errs[0], context.Canceled) || errs[1] != nil || !errors.Is(errs[2], password.ErrBusy) || errs[3] != nil {
			t.Errorf("got %v", errs)
		}
		if free, waiting := h.Free(); free != 1<<10 || waiting != 0 {
			t.Errorf("got %d KiB free, %d waiting", free, waiting)
		}
		defer h.Enter(1 << 10)()
		before := time.Now()
		if err := h.VerifyUnknown(t.Context(), "x"); !errors.Is(err, password.ErrBusy) || time.Since(before) != time.Second {
			t.Errorf("got %v after %v, want busy after a second", err, time.Since(before))
		}
		p := problem.Of(password.ErrBusy)
		if p.Status != 503 || p.RetryAfter <= 0 || p.Code != "password_busy" || password.ErrBusy.Error() == "" {
			t.Errorf("got %+v", p)
		}
	})
}

// TestLargeIsNotOvertaken lets small requests arrive behind a large one.
func TestLargeIsNotOvertaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHasher(t, small())
		half := h.Enter(512)
		order := make(chan string, 2)
		go func() { defer h.Enter(1 << 10)(); order <- "large" }()
		synctest.Wait()
		go func() { defer h.Enter(8)(); order <- "small" }()
		synctest.Wait()
		half()
		if first := <-order; first != "large" {
			t.Errorf("%s came first", first)
		}
		<-order
	})
}

func TestManyAtOnce(t *testing.T) {
	cfg := small()
	cfg.MaxQueue = 100
	h := newHasher(t, cfg)
	stored, err := h.Hash(t.Context(), "pw")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			if _, err := h.Verify(t.Context(), "pw", stored); err != nil {
				t.Error(err)
			}
			if free, _ := h.Free(); free < 0 {
				t.Errorf("%d KiB over the budget", -free)
			}
		})
	}
	wg.Wait()
	if free, _ := h.Free(); free != 1<<10 {
		t.Errorf("%d KiB were not given back", 1<<10-free)
	}
}

// TestShares: a stored hash takes the memory that it asks for, and not what a new one would.
func TestShares(t *testing.T) {
	h := newHasher(t, small()) // 1 MiB
	for _, tc := range []struct {
		name, stored string
		want         int64
	}{
		{"ours", phc(64, 1, 1, "pw", 16, 32), 64},
		{"larger", phc(512, 1, 1, "pw", 16, 32), 512},
		{"scrypt", "$scrypt$ln=9,r=8,p=1$wlhLyXmP8b53bm1NKYVQqg$mTpvG8lzuuDk+DWz8HZIB6Vum6erDuUm0As5yU+VxWA", 512},
		{"bcrypt, but never more than there is", openwall, 1 << 10},
		{"PBKDF2, but never more than there is", passlib, 1 << 10},
	} {
		synctest.Test(t, func(t *testing.T) {
			release := h.Enter(1<<10 - tc.want + 1) // one KiB is missing
			done := make(chan error, 1)
			go func() {
				_, err := h.Verify(t.Context(), "pw", tc.stored)
				done <- err
			}()
			synctest.Wait()
			if _, waiting := h.Free(); waiting != 1 {
				t.Errorf("%s: does not wait for its %d KiB", tc.name, tc.want)
			}
			release()
			if err := <-done; err != nil && !errors.Is(err, password.ErrMismatch) {
				t.Errorf("%s: got %v", tc.name, err)
			}
			defer h.Enter(1<<10 - tc.want)() // as much as it needs is left
			if _, err := h.Verify(t.Context(), "pw", tc.stored); err != nil && !errors.Is(err, password.ErrMismatch) {
				t.Errorf("%s: got %v", tc.name, err)
			}
		})
	}
}

// TestGivenUpAsGranted: memory that is granted to somebody who leaves in the same moment is not lost.
func TestGivenUpAsGranted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHasher(t, small())
		gaveUp := 0
		for range 100 {
			release := h.Enter(1 << 10)
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() {
				_, err := h.Hash(ctx, "x")
				done <- err
			}()
			synctest.Wait()
			cancel()
			release()
			if err := <-done; err != nil {
				gaveUp++
			}
			if free, waiting := h.Free(); free != 1<<10 || waiting != 0 {
				t.Fatalf("%d KiB free, %d waiting", free, waiting)
			}
		}
		if gaveUp == 0 {
			t.Error("nobody gave up")
		}
	})
}
