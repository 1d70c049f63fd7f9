package vault_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/vault"
	"github.com/gopalisade/palisade/monitor/event"
)

// rotating returns a vault with n cards under key 1, and key 2 as primary.
func rotating(t *testing.T, store vault.Store, n int, change func(*vault.Config)) (*vault.Vault, *field.Ring, []vault.Card) {
	t.Helper()
	ring := newRing(t, newKey(1, field.Primary))
	v := newVault(t, store, func(cfg *vault.Config) { cfg.Ring = ring; change(cfg) })
	var all []vault.Card
	for i := range n {
		all = append(all, tokenize(t, v, vault.Owner{ID: fmt.Sprint("user", i)}))
	}
	if err := ring.Add(newKey(2, field.Primary)); err != nil {
		t.Fatal(err)
	}
	return v, ring, all
}

// reseal goes to the end.
func reseal(t *testing.T, v *vault.Vault) (p vault.Progress) {
	t.Helper()
	for !p.Done {
		var err error
		if p, err = v.Reseal(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	p.After = ""
	return p
}

func TestReseal(t *testing.T) {
	store := vault.NewMemory(0)
	v, ring, all := rotating(t, store, 250, dedupe)
	ctx, log := listen(t)
	var p vault.Progress
	for _, want := range []vault.Progress{
		{Seen: 100, Resealed: 100}, {Seen: 200, Resealed: 200}, {Seen: 250, Resealed: 250, Done: true},
	} {
		before := p.Resealed
		var err error
		p, err = v.Reseal(ctx, p)
		after := p.After
		if p.After = ""; p != want || err != nil {
			t.Fatalf("got %+v, %v, want %+v", p, err, want)
		}
		log.want("reseal", event.Event{Code: event.SensitiveUpdate, Reason: "card_resealed", Count: int64(p.Resealed - before)})
		// The program stops, and another goes on with what was kept.
		kept, err := json.Marshal(vault.Progress{After: after, Seen: p.Seen, Resealed: p.Resealed, Done: p.Done})
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(kept, &p); err != nil {
			t.Fatal(err)
		}
	}
	log.want("all was told")
	p = vault.Progress{}
	for !p.Done {
		var err error
		if p, err = v.Reseal(ctx, p); err != nil {
			t.Fatal(err)
		}
	}
	if p.After = ""; p != (vault.Progress{Seen: 250, Done: true}) {
		t.Errorf("again: got %+v, want nothing to do", p)
	}
	log.want("again, nothing happened")
	if err := ring.Disable(1); err != nil {
		t.Fatal(err)
	}
	for i, c := range all {
		who := vault.Owner{ID: fmt.Sprint("user", i)}
		wantNumber(t, v, who, c.Token)
		if got := tokenize(t, v, who); got != c {
			t.Fatalf("got %+v, want %+v", got, c)
		}
	}
}

// Of exactly one page there is another, which is empty.
func TestResealWholePages(t *testing.T) {
	v, _, _ := rotating(t, vault.NewMemory(0), 100, dedupe)
	p, err := v.Reseal(t.Context(), vault.Progress{})
	if err != nil || p.Done || p.Seen != 100 {
		t.Errorf("got %+v, %v", p, err)
	}
	if p, err = v.Reseal(t.Context(), p); err != nil || !p.Done || p.Seen != 100 || p.Resealed != 100 {
		t.Errorf("got %+v, %v", p, err)
	}
	empty := newVault(t, vault.NewMemory(0), nil)
	if p := reseal(t, empty); p != (vault.Progress{Done: true}) {
		t.Errorf("nothing: got %+v", p)
	}
}

// Dedupe concerns the cards from before it was set as soon as all were gone over, and those from when it was not.
func TestResealFollowsDedupe(t *testing.T) {
	store, ring := vault.NewMemory(0), newRing(t)
	with := func(once bool) *vault.Vault {
		return newVault(t, store, func(cfg *vault.Config) { cfg.Ring, cfg.Dedupe = ring, once })
	}
	c := tokenize(t, with(false), alice)
	sealed := string(record(t, store, c.Token).Sealed)
	for _, once := range []bool{true, false} {
		if p := reseal(t, with(once)); p != (vault.Progress{Seen: 1, Resealed: 1, Done: true}) {
			t.Errorf("Dedupe %t: got %+v, want one changed", once, p)
		}
		rec := record(t, store, c.Token)
		if (rec.Fingerprint != nil) != once || string(rec.Sealed) != sealed {
			t.Errorf("Dedupe %t: got %+v, want a fingerprint %t and the same sealed number", once, rec, once)
		}
		if same := tokenize(t, with(true), alice); (same.Token == c.Token) != once {
			t.Errorf("Dedupe %t: got %s beside %s", once, same.Token, c.Token)
		}
	}
}

// A record that cannot be opened stays as it is, is told, and holds nobody up: the old key is still needed, or lost.
func TestResealUnreadable(t *testing.T) {
	store := vault.NewMemory(0)
	v, ring, all := rotating(t, store, 3, dedupe)
	damaged := record(t, store, all[1].Token)
	worse := damaged
	worse.Sealed = append([]byte{}, damaged.Sealed...)
	worse.Sealed[len(worse.Sealed)-1] ^= 1
	if ok, err := store.Swap(t.Context(), damaged, worse); !ok || err != nil {
		t.Fatal(ok, err)
	}
	ctx, log := listen(t)
	p, err := v.Reseal(ctx, vault.Progress{})
	if p.After = ""; err != nil || p != (vault.Progress{Seen: 3, Resealed: 2, Unreadable: 1, Done: true}) {
		t.Errorf("got %+v, %v, want one unreadable", p, err)
	}
	log.want("reseal",
		event.Event{Code: event.CryptDecryptFail, Object: all[1].Token, Reason: "card"},
		event.Event{Code: event.SensitiveUpdate, Reason: "card_resealed", Count: 2})
	if got := record(t, store, all[1].Token); string(got.Sealed) != string(worse.Sealed) {
		t.Error("a damaged record was overwritten")
	}
	if err := ring.Add(newKey(3, field.Primary)); err != nil {
		t.Fatal(err)
	}
	if err := ring.Disable(2); err != nil {
		t.Fatal(err)
	}
	if p := reseal(t, v); p != (vault.Progress{Seen: 3, Unreadable: 3, Done: true}) {
		t.Errorf("with the wrong key disabled: got %+v, want none resealed", p)
	}
}

// Two walks at once, one that stops, and somebody who deletes, lose nothing.
func TestResealAtOnce(t *testing.T) {
	store := vault.NewMemory(0)
	v, ring, all := rotating(t, store, 300, dedupe)
	var wg sync.WaitGroup
	changed := make([]int, 3)
	for i := range changed {
		wg.Go(func() {
			for p := (vault.Progress{}); !p.Done; {
				var err error
				if p, err = v.Reseal(t.Context(), p); err != nil || p.Unreadable != 0 {
					t.Errorf("got %+v, %v", p, err)
					return
				}
				changed[i] = p.Resealed
			}
		})
	}
	wg.Go(func() {
		for i := 0; i < len(all); i += 2 {
			if err := v.Delete(t.Context(), vault.Owner{ID: fmt.Sprint("user", i)}, all[i].Token); err != nil {
				t.Error(err)
			}
		}
	})
	wg.Wait()
	if sum := changed[0] + changed[1] + changed[2]; sum < 150 || sum > 300 {
		t.Errorf("%v of 300 were resealed: some twice, or not", changed)
	}
	if err := ring.Disable(1); err != nil {
		t.Fatal(err)
	}
	for i, c := range all {
		who := vault.Owner{ID: fmt.Sprint("user", i)}
		if _, err := v.Card(t.Context(), who, c.Token); errors.Is(err, vault.ErrNotFound) != (i%2 == 0) {
			t.Errorf("card %d: got %v", i, err)
		}
		if i%2 == 1 {
			wantNumber(t, v, who, c.Token)
		}
	}
}

func TestResealFails(t *testing.T) {
	store := newShaky()
	v, _, _ := rotating(t, store, 3, dedupe)
	n := 0
	store.swapped = func() error {
		if n++; n == 2 {
			return errDown
		}
		return nil // it was changed meanwhile
	}
	p, err := v.Reseal(t.Context(), vault.Progress{})
	if !errors.Is(err, vault.ErrUnavailable) || p.Seen != 1 || p.Resealed != 0 || p.After == "" || p.Done {
		t.Errorf("got %+v, %v, want it to have come past one record", p, err)
	}
	store.swapped = nil
	if p, err = v.Reseal(t.Context(), p); err != nil || p.Seen != 3 || p.Resealed != 2 || !p.Done {
		t.Errorf("going on: got %+v, %v", p, err)
	}

	// The ring has no more values to seal.
	key := newKey(1, field.Primary)
	small, err := field.New(field.Config{Keys: []field.Key{key}, Suite: field.AES256GCMCommit, MaxSeals: 1})
	if err != nil {
		t.Fatal(err)
	}
	v = newVault(t, vault.NewMemory(0), func(cfg *vault.Config) { cfg.Ring = small })
	c := tokenize(t, v, alice)
	ctx, log := listen(t)
	if _, err := v.Tokenize(ctx, alice, parse(t, number)); !errors.Is(err, field.ErrExhausted) {
		t.Errorf("got %v, want ErrExhausted", err)
	}
	log.want("exhausted", event.Event{Code: event.CryptEncryptFail, Principal: "alice", Reason: "card"})
	wantNumber(t, v, alice, c.Token)
	second := newKey(2, field.Primary)
	if err := small.Add(second); err != nil {
		t.Fatal(err)
	}
	if _, err := small.Seal(field.Bind("vault", "pan", field.Str("x")).Tenant("acme"), nil); err != nil {
		t.Fatal(err)
	}
	if p, err := v.Reseal(t.Context(), vault.Progress{}); !errors.Is(err, field.ErrExhausted) || p.Seen != 0 {
		t.Errorf("got %+v, %v, want ErrExhausted", p, err)
	}
}
