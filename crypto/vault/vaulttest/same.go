package vaulttest

import (
	"bytes"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gopalisade/palisade/crypto/vault"
)

// twin returns another record of the same number.
func twin(rec vault.Record) vault.Record {
	other := record(rec.Owner)
	other.Fingerprint = bytes.Clone(rec.Fingerprint)
	return other
}

func same(t *testing.T, s vault.Store) {
	first := record(owner())
	if got := putOnce(t, s, first); !equal(got, first) {
		t.Errorf("got %+v, want what was put", got)
	}
	second := twin(first)
	if got := putOnce(t, s, second); !equal(got, first) {
		t.Errorf("got %+v, want the first", got)
	}
	if _, err := s.Get(t.Context(), second.Token); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("the second was added too: %v", err)
	}
	if got := putOnce(t, s, record(first.Owner)); got.Token == first.Token {
		t.Error("another number got the same token")
	}
	put(t, s, second) // nobody asked for one only
}

func sameUnderOldKey(t *testing.T, s vault.Store) {
	old := record(owner())
	putOnce(t, s, old)
	if got := putOnce(t, s, record(old.Owner), random(36), old.Fingerprint); !equal(got, old) {
		t.Errorf("got %+v, want what the old key marked", got)
	}
}

func sameOfOthers(t *testing.T, s vault.Store) {
	first := record(owner())
	putOnce(t, s, first)
	for _, who := range []vault.Owner{owner(), {Tenant: "other", ID: first.Owner.ID}, {ID: first.Owner.ID}} {
		other := twin(first)
		other.Owner = who
		if got := putOnce(t, s, other); !equal(got, other) {
			t.Errorf("%+v got %+v, want a record of their own", who, got)
		}
	}
}

func sameButOver(t *testing.T, s vault.Store) {
	over := record(owner())
	over.ExpiresAt = start.Add(time.Hour)
	putOnce(t, s, over)
	for _, tc := range []struct {
		name  string
		at    time.Duration
		fresh bool
	}{
		{"just before", time.Hour - time.Microsecond, false},
		{"at that moment", time.Hour, true},
	} {
		rec := twin(over)
		rec.CreatedAt = start.Add(tc.at)
		if got := putOnce(t, s, rec); (got.Token == rec.Token) != tc.fresh {
			t.Errorf("%s: got %s, want a fresh one %t", tc.name, got.Token, tc.fresh)
		}
	}
}

func sameOfSeveral(t *testing.T, s vault.Store) {
	first := put(t, s, record(owner()))
	second := put(t, s, twin(first))
	for _, rec := range []vault.Record{first, second} {
		if got := putOnce(t, s, twin(first)); got.Token != first.Token && got.Token != second.Token {
			t.Errorf("got %s, want one of two", got.Token)
		}
		if err := s.Delete(t.Context(), rec.Token); err != nil {
			t.Fatal(err)
		}
	}
	if third := twin(first); putOnce(t, s, third).Token != third.Token {
		t.Error("a fingerprint outlived its records")
	}
}

func swap(t *testing.T, s vault.Store) {
	old := put(t, s, record(owner()))
	changed := old
	changed.Sealed, changed.Fingerprint = random(80), random(36)
	if ok, err := s.Swap(t.Context(), old, changed); !ok || err != nil {
		t.Fatalf("got %t, %v, want true", ok, err)
	}
	if got := get(t, s, old.Token); !equal(got, changed) {
		t.Errorf("got %+v, want %+v", got, changed)
	}
	late := old
	late.Sealed = random(66)
	if ok, err := s.Swap(t.Context(), old, late); ok || err != nil {
		t.Errorf("with what was there before: got %t, %v, want false", ok, err)
	}
	if got := get(t, s, old.Token); !equal(got, changed) {
		t.Errorf("a refused swap left %+v", got)
	}
	more := changed
	more.Owner, more.Masked, more.Brand, more.ExpiresAt = owner(), "*", "x", time.Time{}
	if ok, err := s.Swap(t.Context(), changed, more); !ok || err != nil {
		t.Errorf("got %t, %v, want true", ok, err)
	}
	if got := get(t, s, old.Token); !equal(got, changed) {
		t.Errorf("more than the bytes changed: %+v", got)
	}
}

func swapFingerprint(t *testing.T, s vault.Store) {
	old := record(owner())
	putOnce(t, s, old)
	moved := old
	moved.Fingerprint = random(36)
	none := moved
	none.Fingerprint = nil
	for _, step := range []struct {
		name     string
		from, to vault.Record
	}{{"to another", old, moved}, {"to none", moved, none}, {"from none", none, moved}} {
		if ok, err := s.Swap(t.Context(), step.from, step.to); !ok || err != nil {
			t.Fatalf("%s: got %t, %v, want true", step.name, ok, err)
		}
		if got := get(t, s, old.Token); !equal(got, step.to) || (got.Fingerprint == nil) != (step.to.Fingerprint == nil) {
			t.Errorf("%s: got %+v", step.name, got)
		}
	}
	if got := putOnce(t, s, twin(moved)); got.Token != old.Token {
		t.Error("the new fingerprint does not find the record")
	}
	if fresh := twin(old); putOnce(t, s, fresh).Token != fresh.Token {
		t.Error("the old fingerprint still finds the record")
	}
}

func concurrentPut(t *testing.T, s vault.Store) {
	first := record(owner())
	tokens := make([]string, 100)
	var wg sync.WaitGroup
	for i := range tokens {
		wg.Go(func() {
			rec := twin(first)
			got, err := s.Put(t.Context(), rec, [][]byte{rec.Fingerprint})
			if err != nil {
				t.Error(err)
			}
			tokens[i] = got.Token
		})
	}
	wg.Wait()
	wantOne(t, s, first.Owner, tokens)
}

// concurrentRotation lets processes put that have different primary keys, as they do while a new key is introduced: all
// look for the fingerprints of both keys, and each stores its own.
func concurrentRotation(t *testing.T, s vault.Store) {
	who, both := owner(), [][]byte{random(36), random(36)}
	tokens := make([]string, 40)
	var wg sync.WaitGroup
	for i := range tokens {
		wg.Go(func() {
			rec := record(who)
			rec.Fingerprint = both[i%2]
			got, err := s.Put(t.Context(), rec, [][]byte{both[i%2], both[1-i%2]})
			if err != nil {
				t.Error(err)
			}
			tokens[i] = got.Token
		})
	}
	wg.Wait()
	wantOne(t, s, who, tokens)
}

func wantOne(t *testing.T, s vault.Store, who vault.Owner, tokens []string) {
	t.Helper()
	all, err := s.List(t.Context(), who, "", start, 200)
	if err != nil || len(all) != 1 {
		t.Fatalf("got %d records, %v, want 1", len(all), err)
	}
	for _, token := range tokens {
		if token != all[0].Token {
			t.Errorf("somebody got %q, want %s", token, all[0].Token)
		}
	}
}

// concurrentPutAndSwap looks for a record while its fingerprint changes to and fro: whoever knows both finds it.
func concurrentPutAndSwap(t *testing.T, s vault.Store) {
	old := record(owner())
	putOnce(t, s, old)
	moved := old
	moved.Fingerprint = random(36)
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := range 50 {
			from, to := old, moved
			if i%2 == 1 {
				from, to = moved, old
			}
			if ok, err := s.Swap(t.Context(), from, to); !ok || err != nil {
				t.Errorf("Swap: got %t, %v, want true", ok, err)
			}
		}
	})
	for range 4 {
		wg.Go(func() {
			for range 25 {
				got, err := s.Put(t.Context(), record(old.Owner), [][]byte{moved.Fingerprint, old.Fingerprint})
				if err != nil || got.Token != old.Token {
					t.Errorf("Put: got %q, %v, want %s", got.Token, err, old.Token)
				}
			}
		})
	}
	wg.Wait()
}

func concurrentSwap(t *testing.T, s vault.Store) {
	old := put(t, s, record(owner()))
	var won atomic.Pointer[vault.Record]
	var wins atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			changed := old
			changed.Sealed = random(66)
			ok, err := s.Swap(t.Context(), old, changed)
			if err != nil {
				t.Error(err)
			}
			if ok {
				wins.Add(1)
				won.Store(&changed)
			}
		})
	}
	wg.Wait()
	if wins.Load() != 1 {
		t.Fatalf("of 8 swaps at once %d succeeded, want 1", wins.Load())
	}
	if got := get(t, s, old.Token); !equal(got, *won.Load()) {
		t.Error("the record is not of the one that succeeded")
	}
}

func concurrentDelete(t *testing.T, s vault.Store) {
	rec := put(t, s, record(owner()))
	var wins atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			switch err := s.Delete(t.Context(), rec.Token); {
			case err == nil:
				wins.Add(1)
			case !errors.Is(err, vault.ErrNotFound):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if wins.Load() != 1 {
		t.Errorf("of 8 deletions at once %d succeeded, want 1", wins.Load())
	}
}
