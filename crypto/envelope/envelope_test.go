package envelope_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/crypto/envelope"
	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/internal/racing"
)

func TestRing(t *testing.T) {
	kms, store := newService(t), envelope.NewMemory(0)
	k := newKeys(t, kms, store, nil)
	ring := ringOf(t, k, alice)
	sealed := seal(t, ring)
	if info, err := field.Inspect(sealed); err != nil || info.Suite != field.AES256GCMCommit {
		t.Errorf("got %+v, %v, want the committing suite", info, err)
	}
	if ringOf(t, k, alice) != ring {
		t.Error("the second call brought another ring")
	}
	if opens(ringOf(t, k, "customer-8"), sealed) {
		t.Error("another subject's ring opens it")
	}
	recs := records(t, store, alice)
	if len(recs) != 1 || recs[0].Seq != 1 || recs[0].KeyID != ring.Keys()[0].ID || recs[0].KEK != "local" {
		t.Errorf("got records %+v", recs)
	}
	again := newKeys(t, kms, store, nil) // the program was started again
	if !opens(ringOf(t, again, alice), sealed) {
		t.Error("what was sealed before the restart does not open")
	}
	if w, u := kms.wraps.Load(), kms.unwraps.Load(); w != 2 || u != 1 {
		t.Errorf("got %d wraps and %d unwraps, want 2 of two first keys and 1 of the restart", w, u)
	}
}

// TestOneCall has a service that is asked once for very many values.
func TestOneCall(t *testing.T) {
	kms := newService(t)
	k := newKeys(t, kms, envelope.NewMemory(0), nil)
	n := 1_000_000
	if testing.Short() || racing.Enabled {
		n = 50_000
	}
	var out []byte
	for i := range n {
		ring, err := k.Ring(t.Context(), alice)
		if err != nil {
			t.Fatal(err)
		}
		if out, err = ring.AppendSeal(out[:0], field.Bind("notes", "text", field.Int(int64(i+1))), []byte("a note")); err != nil {
			t.Fatal(err)
		}
	}
	if got := kms.calls(); got != 1 {
		t.Errorf("%d calls for %d values, want 1", got, n)
	}
}

// TestSingleFlight has a thousand first requests at once, for a subject that is new and for one that is known.
func TestSingleFlight(t *testing.T) {
	store := envelope.NewMemory(0)
	local := newLocal(t)
	for _, name := range []string{"new", "known"} {
		synctest.Test(t, func(t *testing.T) {
			kms := &service{KeyWrapper: local}
			k := newKeys(t, kms, store, nil)
			_, release := kms.block()
			rings := make([]*field.Ring, 1000)
			var wg sync.WaitGroup
			for i := range rings {
				wg.Go(func() { rings[i] = ringOf(t, k, alice) })
			}
			synctest.Wait()
			release()
			wg.Wait()
			for _, ring := range rings {
				if ring == nil || ring != rings[0] {
					t.Fatal("not everybody has the same ring")
				}
			}
			if kms.calls() != 1 {
				t.Errorf("%s: got %d calls of the service, want 1", name, kms.calls())
			}
			_ = k.Close()
		})
	}
}

// TestLeaving has the first who asks go away; the others get their ring.
func TestLeaving(t *testing.T) {
	local := newLocal(t)
	synctest.Test(t, func(t *testing.T) {
		kms := &service{KeyWrapper: local}
		k := newKeys(t, kms, envelope.NewMemory(0), nil)
		_, release := kms.block()
		reason := errors.New("the client left")
		ctx, leave := context.WithCancelCause(t.Context())
		left := make(chan error)
		go func() {
			_, err := k.Ring(ctx, alice)
			left <- err
		}()
		synctest.Wait()
		stayed := make(chan *field.Ring)
		go func() { stayed <- ringOf(t, k, alice) }()
		synctest.Wait()
		leave(reason)
		err := <-left
		wantKind(t, "who left", err, envelope.ErrUnavailable)
		if !errors.Is(err, reason) {
			t.Errorf("got %v, want the cause", err)
		}
		release()
		if ring := <-stayed; ring == nil || kms.calls() != 1 {
			t.Errorf("got ring %v after %d calls, want one", ring, kms.calls())
		}
		_ = k.Close()
	})
}

// TestTimeout has a service that hangs, and heeds its context.
func TestTimeout(t *testing.T) {
	local := newLocal(t)
	synctest.Test(t, func(t *testing.T) {
		kms := &service{KeyWrapper: local}
		k := newKeys(t, kms, envelope.NewMemory(0), func(c *envelope.Config) { c.Timeout = 3 * time.Second })
		kms.block()
		begin := time.Now()
		_, err := k.Ring(t.Context(), alice)
		wantKind(t, "hanging", err, envelope.ErrUnavailable)
		if took := time.Since(begin); took != 3*time.Second {
			t.Errorf("took %v, want the timeout", took)
		}
		_ = k.Close()
	})
}

func TestSubjects(t *testing.T) {
	kms := newService(t)
	k := newKeys(t, kms, envelope.NewMemory(0), nil)
	for _, tc := range []struct {
		name, subject string
		ok            bool
	}{
		{"number", "7", true},
		{"text", "tenant ä/日本", true},
		{"longest", strings.Repeat("a", 255), true},
		{"empty", "", false},
		{"too long", strings.Repeat("a", 256), false},
		{"not UTF-8", "a\xff", false},
		{"zero byte", "a\x00", false},
		{"line break", "a\n", false},
		{"C1 control", "a\u0085", false},
	} {
		_, err := k.Ring(t.Context(), tc.subject)
		if tc.ok {
			if err != nil {
				t.Errorf("%s: got %v", tc.name, err)
			}
			continue
		}
		for _, err := range []error{
			err, k.Rotate(t.Context(), tc.subject), k.Rewrap(t.Context(), tc.subject), k.Shred(t.Context(), tc.subject),
			k.Retire(t.Context(), tc.subject, 1),
		} {
			wantKind(t, tc.name, err, envelope.ErrSubject)
		}
	}
	if kms.calls() != 3 {
		t.Errorf("got %d calls, want 3 of the good names", kms.calls())
	}
}

// TestTwoProcesses make the first key of a subject at once: one of the keys is taken by both.
func TestTwoProcesses(t *testing.T) {
	local := newLocal(t)
	for range 20 {
		store := envelope.NewMemory(0)
		var processes []*envelope.Keys
		for range 4 {
			processes = append(processes, newKeys(t, local, store, nil))
		}
		rings := make([]*field.Ring, len(processes))
		var wg sync.WaitGroup
		for i, k := range processes {
			wg.Go(func() { rings[i] = ringOf(t, k, alice) })
		}
		wg.Wait()
		sealed := seal(t, rings[0])
		for i, ring := range rings {
			if ring == nil || !opens(ring, sealed) {
				t.Errorf("process %d cannot open what the first sealed", i)
			}
		}
		if recs := records(t, store, alice); len(recs) != 1 {
			t.Errorf("got %d first keys, want 1", len(recs))
		}
	}
}

// losing is a store in which somebody else always adds first, and takes it away again.
type losing struct{ envelope.Store }

func (losing) Add(context.Context, envelope.Record) error { return envelope.ErrExists }

func TestLosingAlways(t *testing.T) {
	kms := newService(t)
	k := newKeys(t, kms, losing{envelope.NewMemory(0)}, nil)
	_, err := k.Ring(t.Context(), alice)
	wantKind(t, "never first", err, envelope.ErrUnavailable)
	if kms.calls() > 5 {
		t.Errorf("tried %d times, want a bound", kms.calls())
	}
}

func TestClose(t *testing.T) {
	kms := newService(t)
	k := newKeys(t, kms, envelope.NewMemory(0), nil)
	ring := ringOf(t, k, alice)
	began, _ := kms.block()
	waiting := make(chan error, 1)
	go func() {
		_, err := k.Ring(context.Background(), "customer-8")
		waiting <- err
	}()
	<-began
	begin := time.Now()
	for range 2 {
		if err := k.Close(); err != nil {
			t.Error(err)
		}
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("took %v, want it to end the call that waits, before its Timeout", took)
	}
	wantKind(t, "who waited", <-waiting, envelope.ErrClosed)
	_, err := ring.Seal(cell(), nil)
	if !errors.Is(err, field.ErrClosed) {
		t.Errorf("a ring goes on after Close: %v", err)
	}
	_, err = k.Ring(t.Context(), alice)
	for _, err := range []error{
		err, k.Rotate(t.Context(), alice), k.Rewrap(t.Context(), alice), k.Shred(t.Context(), alice), k.Retire(t.Context(), alice, 1),
	} {
		wantKind(t, "after Close", err, envelope.ErrClosed)
	}
}
