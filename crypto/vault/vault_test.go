package vault_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/vault"
	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/problem"
)

func TestTokenize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := vault.NewMemory(0)
		v := newVault(t, store, nil)
		ctx, log := listen(t)
		c, err := v.Tokenize(ctx, alice, parse(t, number))
		if err != nil {
			t.Fatal(err)
		}
		now := time.Now().Truncate(time.Microsecond)
		want := vault.Card{
			Token: c.Token, Brand: "visa", Masked: "************0668", CreatedAt: now, ExpiresAt: now.Add(5 * 365 * 24 * time.Hour),
		}
		if c != want || !strings.HasPrefix(c.Token, "tok_") || c.Last4() != "0668" {
			t.Errorf("got %+v, %s, want %+v", c, c.Last4(), want)
		}
		log.want("tokenise", event.Event{Code: event.SensitiveCreate, Principal: "alice", Object: c.Token, Reason: "card"})
		if got, err := v.Card(ctx, alice, c.Token); err != nil || got != c {
			t.Errorf("got %+v, %v, want %+v", got, err, c)
		}
		log.want("a look at the card, which shows nothing")
		pan, err := v.Detokenize(ctx, charge(alice, c.Token))
		if err != nil || pan.Reveal() != number {
			t.Errorf("got %v, %v, want the number", pan, err)
		}
		log.want("detokenise", event.Event{Code: event.SensitiveRead, Principal: "billing", Object: c.Token, Reason: "charge"})
		again, err := v.Tokenize(ctx, alice, pan)
		if err != nil || again.Token == c.Token {
			t.Errorf("got %+v, %v, want another token: Dedupe is not set", again, err)
		}
		if rec := record(t, store, c.Token); rec.Fingerprint != nil || bytes.Contains(rec.Sealed, []byte("0668")) {
			t.Errorf("got %+v, want no fingerprint, and a number that is sealed", rec)
		}
	})
}

// What is refused must be so before anything is stored.
func TestTokenizeRefuses(t *testing.T) {
	store := vault.NewMemory(0)
	v := newVault(t, store, dedupe)
	ctx, log := listen(t)
	if _, err := v.Tokenize(ctx, alice, vault.PAN{}); !errors.Is(err, vault.ErrPAN) {
		t.Errorf("no number: got %v, want ErrPAN", err)
	}
	for _, tc := range []struct {
		name  string
		owner vault.Owner
		want  error
	}{
		{"no tenant", vault.Owner{ID: "alice"}, nil},
		{"longest", vault.Owner{Tenant: strings.Repeat("é", 127), ID: strings.Repeat("x", 255)}, nil},
		{"nobody", vault.Owner{}, vault.ErrOwner},
		{"tenant only", vault.Owner{Tenant: "acme"}, vault.ErrOwner},
		{"long id", vault.Owner{ID: strings.Repeat("x", 256)}, vault.ErrOwner},
		{"long tenant", vault.Owner{Tenant: strings.Repeat("x", 256), ID: "a"}, vault.ErrOwner},
		{"zero byte", vault.Owner{ID: "a\x00"}, vault.ErrOwner},
		{"newline", vault.Owner{Tenant: "a\n", ID: "a"}, vault.ErrOwner},
		{"not UTF-8", vault.Owner{ID: "a\xff"}, vault.ErrOwner},
		{"reversed text", vault.Owner{ID: "a\u202e"}, vault.ErrOwner},
	} {
		c, err := v.Tokenize(ctx, tc.owner, parse(t, number))
		if !errors.Is(err, tc.want) || (c.Token == "") != (tc.want != nil) {
			t.Errorf("%s: got %+v, %v, want %v", tc.name, c, err, tc.want)
		}
		if tc.want == nil {
			wantNumber(t, v, tc.owner, c.Token)
			continue
		}
		_, card := v.Card(ctx, tc.owner, "tok_x")
		_, list := v.List(ctx, tc.owner, "")
		_, number := v.Detokenize(ctx, charge(tc.owner, "tok_x"))
		for i, err := range []error{card, list, number, v.Delete(ctx, tc.owner, "tok_x")} {
			if !errors.Is(err, vault.ErrOwner) || problem.Of(err).Status != 500 {
				t.Errorf("%s: call %d: got %v, want ErrOwner", tc.name, i, err)
			}
		}
	}
	if len(log.es) != 2 {
		t.Errorf("got %v, want the events of two cards", log.es)
	}
	if all, err := store.Next(ctx, "", 9); err != nil || len(all) != 2 {
		t.Errorf("got %d records, %v, want two", len(all), err)
	}
}

func TestDedupe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVault(t, vault.NewMemory(0), func(cfg *vault.Config) { cfg.Dedupe, cfg.MaxAge = true, time.Hour })
		ctx, log := listen(t)
		first := tokenize(t, v, alice)
		same, err := v.Tokenize(ctx, alice, parse(t, "4000 0573 8203 0668"))
		if err != nil || same != first {
			t.Errorf("got %+v, %v, want %+v", same, err, first)
		}
		log.want("known", event.Event{Code: event.SensitiveCreate, Principal: "alice", Object: first.Token, Reason: "card_known"})
		seen := []string{first.Token}
		for _, who := range []vault.Owner{mallory, {ID: "alice"}, {Tenant: "alice", ID: "acme"}, {Tenant: "acmea", ID: "lice"}} {
			c := tokenize(t, v, who)
			if slices.Contains(seen, c.Token) {
				t.Errorf("%+v shares a token", who)
			}
			seen = append(seen, c.Token)
		}
		if other, err := v.Tokenize(ctx, alice, parse(t, "4111111111111111")); err != nil || other.Token == first.Token {
			t.Errorf("another number: got %+v, %v", other, err)
		}
		if err := v.Delete(ctx, alice, first.Token); err != nil {
			t.Fatal(err)
		}
		fresh := tokenize(t, v, alice)
		if fresh.Token == first.Token {
			t.Error("deleted, and the token came back")
		}
		time.Sleep(time.Hour)
		if late := tokenize(t, v, alice); late.Token == fresh.Token {
			t.Error("expired, and the token came back")
		}
	})
}

func TestDedupeAtOnce(t *testing.T) {
	v := newVault(t, vault.NewMemory(0), dedupe)
	pan := parse(t, number)
	tokens := make([]string, 100)
	var wg sync.WaitGroup
	for i := range tokens {
		wg.Go(func() {
			c, err := v.Tokenize(t.Context(), alice, pan)
			if err != nil {
				t.Error(err)
			}
			tokens[i] = c.Token
		})
	}
	wg.Wait()
	if slices.Sort(tokens); tokens[0] != tokens[99] {
		t.Errorf("one number has the tokens %s and %s", tokens[0], tokens[99])
	}
}

func TestMaxAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, log := listen(t)
		store := vault.NewMemory(0)
		short := newVault(t, store, func(cfg *vault.Config) { cfg.MaxAge = time.Hour })
		forever := newVault(t, store, func(cfg *vault.Config) { cfg.MaxAge = -1 })
		c, kept := tokenize(t, short, alice), tokenize(t, forever, alice)
		if !kept.ExpiresAt.IsZero() || !c.ExpiresAt.Equal(c.CreatedAt.Add(time.Hour)) {
			t.Errorf("got %v and %v", kept.ExpiresAt, c.ExpiresAt)
		}
		time.Sleep(time.Until(c.ExpiresAt) - time.Nanosecond)
		wantNumber(t, short, alice, c.Token)
		time.Sleep(time.Nanosecond)
		if _, err := short.Detokenize(ctx, charge(alice, c.Token)); !errors.Is(err, vault.ErrNotFound) {
			t.Errorf("expired: got %v, want ErrNotFound", err)
		}
		log.want("expired", event.Event{Code: event.AuthzFail, Principal: "billing", Object: c.Token, Reason: "card_expired"})
		if all, err := short.List(ctx, alice, ""); err != nil || len(all) != 1 || all[0] != kept {
			t.Errorf("got %+v, %v, want the other card", all, err)
		}
		time.Sleep(time.Millisecond)
		for _, want := range []int{1, 0} {
			if n, err := short.Prune(ctx); n != want || err != nil {
				t.Errorf("Prune: got %d, %v, want %d", n, err, want)
			}
		}
		log.want("prune", event.Event{Code: event.SensitiveDelete, Reason: "card_expired", Count: 1})
		if _, err := store.Get(ctx, c.Token); !errors.Is(err, vault.ErrNotFound) {
			t.Errorf("got %v, want it gone", err)
		}
		time.Sleep(100 * 365 * 24 * time.Hour)
		if got, err := forever.Card(ctx, alice, kept.Token); err != nil || got != kept {
			t.Errorf("after a hundred years: got %+v, %v", got, err)
		}
	})
}

// Of another owner's card nobody learns anything, and the log learns all.
func TestOwners(t *testing.T) {
	v := newVault(t, vault.NewMemory(0), nil)
	c := tokenize(t, v, alice)
	unknown := tokenize(t, newVault(t, vault.NewMemory(0), nil), alice).Token
	ctx, log := listen(t)
	answers := map[string]bool{}
	for _, tc := range []struct {
		name, token, object, reason string
		who                         vault.Owner
	}{
		{"another user", c.Token, c.Token, "card_of_another", mallory},
		{"another tenant", c.Token, c.Token, "card_of_another", vault.Owner{Tenant: "other", ID: "alice"}},
		{"no tenant", c.Token, c.Token, "card_of_another", vault.Owner{ID: "alice"}},
		{"tenant and id joined", c.Token, c.Token, "card_of_another", vault.Owner{Tenant: "acm", ID: "ealice"}},
		{"unknown token", unknown, unknown, "card_unknown", alice},
		{"mistyped token", c.Token[:len(c.Token)-1] + "!", "", "card_malformed", alice},
		{"upper case", strings.ToUpper(c.Token), "", "card_malformed", alice},
		{"a number", number, "", "card_malformed", alice},
		{"no token", "", "", "card_malformed", alice},
		{"a path", "../" + c.Token, "", "card_malformed", alice},
		{"a megabyte", strings.Repeat("9", 1<<20), "", "card_malformed", alice},
	} {
		_, card := v.Card(ctx, tc.who, tc.token)
		log.want(tc.name, event.Event{Code: event.AuthzFail, Principal: tc.who.ID, Object: tc.object, Reason: tc.reason})
		del := v.Delete(ctx, tc.who, tc.token)
		log.want(tc.name, event.Event{Code: event.AuthzFail, Principal: tc.who.ID, Object: tc.object, Reason: tc.reason})
		_, detokenize := v.Detokenize(ctx, charge(tc.who, tc.token))
		log.want(tc.name, event.Event{Code: event.AuthzFail, Principal: "billing", Object: tc.object, Reason: tc.reason})
		for _, err := range []error{card, del, detokenize} {
			answers[fmt.Sprint(err, problem.Of(err))] = true
			if !errors.Is(err, vault.ErrNotFound) || problem.Of(err).Status != 404 {
				t.Errorf("%s: got %v, want ErrNotFound", tc.name, err)
			}
		}
	}
	if len(answers) != 1 {
		t.Errorf("the answers can be told apart: %v", answers)
	}
	wantNumber(t, v, alice, c.Token)
}

func TestList(t *testing.T) {
	v := newVault(t, vault.NewMemory(0), nil)
	want := map[vault.Card]bool{}
	for range 250 {
		want[tokenize(t, v, alice)] = true
	}
	tokenize(t, v, mallory)
	var sizes []int
	for after := ""; ; {
		page, err := v.List(t.Context(), alice, after)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		sizes = append(sizes, len(page))
		for _, c := range page {
			if !want[c] {
				t.Errorf("%+v is not there, or came twice", c)
			}
			delete(want, c)
		}
		after = page[len(page)-1].Token
	}
	if !slices.Equal(sizes, []int{vault.MaxList, vault.MaxList, 50}) || len(want) != 0 {
		t.Errorf("got pages of %v, %d cards are missing", sizes, len(want))
	}
	if _, err := v.List(t.Context(), alice, "' OR 1=1"); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}

func TestDelete(t *testing.T) {
	store := newShaky()
	v := newVault(t, store, nil)
	c := tokenize(t, v, alice)
	ctx, log := listen(t)
	if err := v.Delete(ctx, alice, c.Token); err != nil {
		t.Fatal(err)
	}
	log.want("delete", event.Event{Code: event.SensitiveDelete, Principal: "alice", Object: c.Token, Reason: "card"})
	if err := v.Delete(ctx, alice, c.Token); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("again: got %v, want ErrNotFound", err)
	}
	c = tokenize(t, v, alice)
	_, log = listen(t)
	store.beforeD = func(token string) { _ = store.Memory.Delete(t.Context(), token) }
	if err := v.Delete(ctx, alice, c.Token); problem.Of(err).Status != 404 {
		t.Errorf("somebody was faster: got %v, want ErrNotFound", err)
	}
	log.want("somebody was faster, and told")
}

func TestStoreDown(t *testing.T) {
	store := newShaky()
	v := newVault(t, store, dedupe)
	c := tokenize(t, v, alice)
	store.down = true
	ctx, log := listen(t)
	_, tok := v.Tokenize(ctx, alice, parse(t, number))
	_, card := v.Card(ctx, alice, c.Token)
	_, list := v.List(ctx, alice, "")
	_, pan := v.Detokenize(ctx, charge(alice, c.Token))
	_, prune := v.Prune(ctx)
	p, reseal := v.Reseal(ctx, vault.Progress{Seen: 7})
	if p != (vault.Progress{Seen: 7}) {
		t.Errorf("Reseal: got %+v, want what it was given", p)
	}
	get := v.Delete(ctx, alice, c.Token)
	store.beforeD = func(string) { store.down = true }
	store.down = false
	del := v.Delete(ctx, alice, c.Token)
	for i, err := range []error{tok, card, list, pan, prune, reseal, get, del} {
		answer := problem.Of(err)
		if !errors.Is(err, vault.ErrUnavailable) || !errors.Is(err, errDown) || answer.Status != 503 || answer.RetryAfter <= 0 {
			t.Errorf("call %d: got %v, %+v, want 503", i, err, answer)
		}
		if strings.Contains(fmt.Sprintf("%+v", answer), "postgres") {
			t.Errorf("call %d: the client learns %+v", i, answer)
		}
	}
	log.want("nothing happened")
	store.down, store.beforeD = false, nil
	wantNumber(t, v, alice, c.Token)
}

func TestFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVault(t, vault.NewMemory(2), func(cfg *vault.Config) { cfg.MaxAge = time.Hour })
		first := tokenize(t, v, alice)
		tokenize(t, v, mallory)
		_, err := v.Tokenize(t.Context(), alice, parse(t, number))
		if !errors.Is(err, vault.ErrFull) || !errors.Is(err, vault.ErrUnavailable) {
			t.Errorf("got %v, want ErrFull", err)
		}
		wantNumber(t, v, alice, first.Token)
		time.Sleep(time.Hour + time.Microsecond)
		tokenize(t, v, alice) // what has expired makes room
	})
}

// Columns may be as short as Record says.
func TestSealedLength(t *testing.T) {
	for _, suite := range []field.Suite{field.AES256GCM, field.XAES256GCM, field.AES256GCMCommit} {
		ring, err := field.New(field.Config{Keys: []field.Key{newKey(1, field.Primary)}, Suite: suite})
		if err != nil {
			t.Fatal(err)
		}
		store := vault.NewMemory(0)
		v := newVault(t, store, func(cfg *vault.Config) { cfg.Ring, cfg.Dedupe = ring, true })
		c, err := v.Tokenize(t.Context(), alice, parse(t, "6304012345678901237"))
		if err != nil {
			t.Fatal(err)
		}
		rec := record(t, store, c.Token)
		if n := len(rec.Sealed); n > 85 || suite == field.AES256GCMCommit && n != 85 || len(rec.Fingerprint) != 36 {
			t.Errorf("%v: got %d and %d bytes, want at most 85, and 36", suite, n, len(rec.Fingerprint))
		}
	}
}

// Whoever can write the store can say of no number that it is another's, lives longer or looks different.
func TestChangedRecords(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(rec, other *vault.Record)
	}{
		{"token", func(rec, other *vault.Record) { rec.Token = other.Token }},
		{"owner", func(rec, _ *vault.Record) { rec.Owner.ID = mallory.ID }},
		{"tenant", func(rec, _ *vault.Record) { rec.Owner.Tenant = "other" }},
		{"no tenant", func(rec, _ *vault.Record) { rec.Owner.Tenant = "" }},
		{"mask", func(rec, _ *vault.Record) { rec.Masked = "************0660" }},
		{"brand", func(rec, _ *vault.Record) { rec.Brand = "mastercard" }},
		{"brand and mask moved", func(rec, _ *vault.Record) { rec.Brand, rec.Masked = "", "visa************0668" }},
		{"a later expiry", func(rec, _ *vault.Record) { rec.ExpiresAt = rec.ExpiresAt.Add(time.Microsecond) }},
		{"no expiry", func(rec, _ *vault.Record) { rec.ExpiresAt = time.Time{} }},
		{"another's number", func(rec, other *vault.Record) { rec.Sealed = other.Sealed }},
		{"a bit", func(rec, _ *vault.Record) { rec.Sealed[20] ^= 1 }},
		{"an end", func(rec, _ *vault.Record) { rec.Sealed = rec.Sealed[:len(rec.Sealed)-1] }},
		{"nothing left", func(rec, _ *vault.Record) { rec.Sealed = nil }},
		{"a number in clear", func(rec, _ *vault.Record) { rec.Sealed = []byte(number) }},
	} {
		ring := newRing(t)
		with := func(cfg *vault.Config) { cfg.Ring = ring }
		store := vault.NewMemory(0)
		v := newVault(t, store, with)
		rec, other := record(t, store, tokenize(t, v, alice).Token), record(t, store, tokenize(t, v, alice).Token)
		tc.change(&rec, &other)
		moved := vault.NewMemory(0)
		if _, err := moved.Put(t.Context(), rec, nil); err != nil {
			t.Fatal(err)
		}
		ctx, log := listen(t)
		pan, err := newVault(t, moved, with).Detokenize(ctx, charge(rec.Owner, rec.Token))
		if !errors.Is(err, field.ErrOpen) || !pan.IsZero() || problem.Of(err).Status != 500 {
			t.Errorf("%s: got %v, %v, want ErrOpen", tc.name, pan, err)
		}
		log.want(tc.name, event.Event{Code: event.CryptDecryptFail, Principal: "billing", Object: rec.Token, Reason: "card"})
	}
}

func TestRestart(t *testing.T) {
	key := newKey(7, field.Primary)
	store := vault.NewMemory(0)
	c := tokenize(t, newVault(t, store, func(cfg *vault.Config) { cfg.Dedupe, cfg.Ring = true, newRing(t, key) }), alice)
	again := newVault(t, store, func(cfg *vault.Config) { cfg.Dedupe, cfg.Ring = true, newRing(t, key) })
	wantNumber(t, again, alice, c.Token)
	if same := tokenize(t, again, alice); same != c {
		t.Errorf("got %+v, want %+v", same, c)
	}
	other := newVault(t, store, nil) // with another key
	if _, err := other.Detokenize(t.Context(), charge(alice, c.Token)); !errors.Is(err, field.ErrOpen) {
		t.Errorf("got %v, want ErrOpen", err)
	}
}

func TestClosedRing(t *testing.T) {
	for _, once := range []bool{false, true} {
		ring := newRing(t)
		v := newVault(t, vault.NewMemory(0), func(cfg *vault.Config) { cfg.Ring, cfg.Dedupe = ring, once })
		c := tokenize(t, v, alice)
		if err := ring.Close(); err != nil {
			t.Fatal(err)
		}
		ctx, log := listen(t)
		if _, err := v.Tokenize(ctx, alice, parse(t, number)); !errors.Is(err, field.ErrClosed) {
			t.Errorf("Tokenize: got %v, want ErrClosed", err)
		}
		log.want("seal", event.Event{Code: event.CryptEncryptFail, Principal: "alice", Reason: "card"})
		if _, err := v.Detokenize(ctx, charge(alice, c.Token)); !errors.Is(err, field.ErrOpen) {
			t.Errorf("Detokenize: got %v, want ErrOpen", err)
		}
		if p, err := v.Reseal(ctx, vault.Progress{}); !errors.Is(err, field.ErrClosed) || p != (vault.Progress{}) {
			t.Errorf("Reseal: got %+v, %v, want ErrClosed", p, err)
		}
		if got, err := v.Card(ctx, alice, c.Token); err != nil || got != c {
			t.Errorf("Card: got %+v, %v; it needs no key", got, err)
		}
	}
}
