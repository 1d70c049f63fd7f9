package envelope_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/crypto/envelope"
	"github.com/gopalisade/palisade/crypto/field"
)

// TestRetire tries all the time; another process asks rarely, so that it uses the old key for as long as it can.
func TestRetire(t *testing.T) {
	local := newLocal(t)
	synctest.Test(t, func(t *testing.T) {
		store := envelope.NewMemory(0)
		here, there := newKeys(t, local, store, nil), newKeys(t, local, store, nil)
		old := seal(t, ringOf(t, here, alice))
		first := primary(t, ringOf(t, here, alice))
		wantKind(t, "the only key", here.Retire(t.Context(), alice, first), envelope.ErrInUse)
		if err := here.Rotate(t.Context(), alice); err != nil {
			t.Fatal(err)
		}
		second := records(t, store, alice)[1].KeyID
		begin := time.Now()
		var kept [][]byte
		for len(records(t, store, alice)) == 2 {
			if time.Since(begin) > 10*time.Hour {
				t.Fatal("it is never retired")
			}
			time.Sleep(time.Minute)
			wantKind(t, "the newest", here.Retire(t.Context(), alice, second), envelope.ErrInUse)
			if err := here.Retire(t.Context(), alice, first); err != nil {
				wantKind(t, "too early", err, envelope.ErrInUse)
			}
			ringOf(t, here, alice)
			if since := time.Since(begin); since == since.Truncate(29*time.Minute) {
				kept = append(kept, seal(t, ringOf(t, there, alice)))
			}
		}
		if took := time.Since(begin); took < 2*time.Hour {
			t.Errorf("retired after %v", took)
		}
		if opens(ringOf(t, here, alice), old) {
			t.Error("the retired key opens at once still")
		}
		if last := kept[len(kept)-1]; !opens(ringOf(t, here, alice), last) {
			t.Error("the other process sealed with the retired key not long ago")
		}
		for range 2 {
			if err := here.Retire(t.Context(), alice, first); err != nil {
				t.Errorf("again: %v", err)
			}
		}
		time.Sleep(5 * time.Minute)
		if opens(ringOf(t, there, alice), old) {
			t.Error("the retired key opens in the other process, after TTL")
		}
		_, _ = here.Close(), there.Close()
	})
}

// TestRetireWithoutRing has nothing ready, and a store that fails when it comes to deleting.
func TestRetireWithoutRing(t *testing.T) {
	local := newLocal(t)
	synctest.Test(t, func(t *testing.T) {
		store := &brokenStore{Store: envelope.NewMemory(0)}
		k := newKeys(t, local, store, nil)
		for range 2 {
			if err := k.Rotate(t.Context(), alice); err != nil {
				t.Fatal(err)
			}
		}
		first := records(t, store, alice)[0].KeyID
		time.Sleep(3 * time.Hour)
		store.before = func(step string) {
			if step == "delete" {
				store.fail(errDown)
			}
		}
		wantKind(t, "store down", k.Retire(t.Context(), alice, first), envelope.ErrUnavailable)
		store.before = nil
		store.err.Store(nil)
		if err := k.Retire(t.Context(), alice, first); err != nil {
			t.Error(err)
		}
		if keys := ringOf(t, k, alice).Keys(); len(keys) != 1 || keys[0].ID == first || keys[0].State != field.Primary {
			t.Errorf("got %v", keys)
		}
		_ = k.Close()
	})
}
