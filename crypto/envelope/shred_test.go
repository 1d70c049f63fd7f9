package envelope_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/crypto/envelope"
	"github.com/gopalisade/palisade/crypto/field"
)

func TestShred(t *testing.T) {
	local := newLocal(t)
	synctest.Test(t, func(t *testing.T) {
		store := envelope.NewMemory(0)
		here, there := newKeys(t, local, store, nil), newKeys(t, local, store, nil)
		ring, other := ringOf(t, here, alice), ringOf(t, there, alice)
		sealed := seal(t, ring)
		bystander := seal(t, ringOf(t, here, "customer-8"))
		for range 2 {
			if err := here.Shred(t.Context(), alice); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := ring.Open(cell(), sealed); !errors.Is(err, field.ErrClosed) {
			t.Errorf("the ring that somebody holds gives %v, want ErrClosed", err)
		}
		_, err := here.Ring(t.Context(), alice)
		for _, err := range []error{err, here.Rotate(t.Context(), alice), here.Rewrap(t.Context(), alice)} {
			wantKind(t, "here", err, envelope.ErrShredded)
		}
		_, err = newKeys(t, local, store, nil).Ring(t.Context(), alice)
		wantKind(t, "after a restart", err, envelope.ErrShredded)
		if !opens(ringOf(t, here, "customer-8"), bystander) {
			t.Error("another subject was shredded")
		}

		if !opens(other, sealed) {
			t.Error("the other process knows already, which would be nice")
		}
		time.Sleep(5 * time.Minute)
		_, err = there.Ring(t.Context(), alice)
		wantKind(t, "there, after TTL", err, envelope.ErrShredded)
		if _, err := other.Open(cell(), sealed); !errors.Is(err, field.ErrClosed) {
			t.Errorf("there, the ring that somebody holds gives %v", err)
		}
		_, _ = here.Close(), there.Close()
	})
}

// TestShredDuringFlight has a load that read the records before they were deleted.
func TestShredDuringFlight(t *testing.T) {
	local := newLocal(t)
	for _, known := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			store := envelope.NewMemory(0)
			if known {
				ringOf(t, newKeys(t, local, store, nil), alice)
			}
			kms := &service{KeyWrapper: local}
			k := newKeys(t, kms, store, nil)
			_, release := kms.block()
			result := make(chan error)
			go func() {
				_, err := k.Ring(t.Context(), alice)
				result <- err
			}()
			synctest.Wait()
			if err := k.Shred(t.Context(), alice); err != nil {
				t.Error(err)
			}
			release()
			wantKind(t, fmt.Sprintf("known %t", known), <-result, envelope.ErrShredded)
			_, err := k.Ring(t.Context(), alice)
			wantKind(t, "afterwards", err, envelope.ErrShredded)
			_ = k.Close()
		})
	}
}

// TestShredWhileOthersSeal wants that every call gives a ring or says why not, and that nothing opens at the end.
func TestShredWhileOthersSeal(t *testing.T) {
	local, store := newLocal(t), envelope.NewMemory(0)
	k := newKeys(t, local, store, nil)
	var mu sync.Mutex
	var all [][]byte
	var wg sync.WaitGroup
	half := make(chan struct{})
	for i := range 8 {
		wg.Go(func() {
			for n := range 400 {
				if i == 0 && n == 200 {
					close(half)
				}
				ring, err := k.Ring(t.Context(), alice)
				if err != nil {
					wantKind(t, "sealing", err, envelope.ErrShredded)
					continue
				}
				sealed, err := ring.Seal(cell(), []byte("a note"))
				if err != nil {
					if !errors.Is(err, field.ErrClosed) {
						t.Error(err)
					}
					continue
				}
				mu.Lock()
				all = append(all, sealed)
				mu.Unlock()
			}
		})
	}
	<-half
	if err := k.Shred(t.Context(), alice); err != nil {
		t.Error(err)
	}
	wg.Wait()
	if len(all) == 0 {
		t.Fatal("nothing was sealed before")
	}
	if _, err := k.Ring(t.Context(), alice); !errors.Is(err, envelope.ErrShredded) {
		t.Errorf("got %v, want ErrShredded", err)
	}
}

// TestStoreDown wants 503 and never an answer.
func TestStoreDown(t *testing.T) {
	store := &brokenStore{Store: envelope.NewMemory(0)}
	k := newKeys(t, newLocal(t), store, nil)
	ring := ringOf(t, k, alice)
	store.fail(errDown)
	_, err := k.Ring(t.Context(), "customer-8")
	for name, err := range map[string]error{
		"Ring": err, "Rotate": k.Rotate(t.Context(), alice), "Rewrap": k.Rewrap(t.Context(), alice),
		"Shred": k.Shred(t.Context(), alice), "Retire": k.Retire(t.Context(), alice, 1),
	} {
		wantKind(t, name, err, envelope.ErrUnavailable)
		if !errors.Is(err, errDown) {
			t.Errorf("%s: got %v, want the cause", name, err)
		}
	}
	seal(t, ring) // a shredding that failed leaves it
}

// TestStepsOfTheStore fails the second step, after the first has succeeded.
func TestStepsOfTheStore(t *testing.T) {
	for _, step := range []string{"add", "replace"} {
		store := &brokenStore{Store: envelope.NewMemory(0)}
		k := newKeys(t, newLocal(t), store, nil)
		ringOf(t, k, alice)
		store.before = func(name string) {
			if name == step {
				store.fail(errDown)
			}
		}
		err := k.Rotate(t.Context(), alice)
		if step == "replace" {
			err = k.Rewrap(t.Context(), alice)
		}
		wantKind(t, step, err, envelope.ErrUnavailable)
	}
	full := newKeys(t, newLocal(t), envelope.NewMemory(1), nil)
	ringOf(t, full, alice)
	_, err := full.Ring(t.Context(), "customer-8")
	wantKind(t, "full", err, envelope.ErrFull)
	wantKind(t, "full", full.Shred(t.Context(), "customer-8"), envelope.ErrFull)
}

// TestRemovedKey has an old record deleted in the store: the others go on, in the same ring.
func TestRemovedKey(t *testing.T) {
	local := newLocal(t)
	synctest.Test(t, func(t *testing.T) {
		store := &filtered{Store: envelope.NewMemory(0)}
		k := newKeys(t, local, store, nil)
		old := seal(t, ringOf(t, k, alice))
		if err := k.Rotate(t.Context(), alice); err != nil {
			t.Fatal(err)
		}
		for range 20 {
			time.Sleep(5 * time.Minute)
			ringOf(t, k, alice)
		}
		ring := ringOf(t, k, alice)
		if !opens(ring, old) {
			t.Error("the old key does not open")
		}
		store.hide.Store(1)
		time.Sleep(5 * time.Minute)
		if got := ringOf(t, k, alice); got != ring || opens(got, old) {
			t.Error("want the same ring, without the old key")
		}
		seal(t, ring)
		_ = k.Close()
	})
}

// filtered hides one record.
type filtered struct {
	envelope.Store
	hide atomic.Uint32
}

func (f *filtered) List(ctx context.Context, subject string) ([]envelope.Record, error) {
	recs, err := f.Store.List(ctx, subject)
	return slices.DeleteFunc(recs, func(r envelope.Record) bool { return r.Seq == f.hide.Load() }), err
}
