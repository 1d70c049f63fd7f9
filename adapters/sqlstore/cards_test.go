package sqlstore_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gopalisade/palisade/adapters/sqlstore"
	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/secret"
	"github.com/gopalisade/palisade/crypto/vault"
	"github.com/gopalisade/palisade/crypto/vault/vaulttest"
)

func TestCards(t *testing.T) {
	dialects(t, func(t *testing.T, d sqlstore.Dialect, empty func(testing.TB) *sql.DB) {
		s := newStore(t, empty(t), d) // one for all: owners are apart
		vaulttest.Run(t, func(*testing.T) vault.Store { return s.Cards() })
		for name, check := range map[string]func(*testing.T, sqlstore.Dialect, *sql.DB){
			"from creation to end":      cardsWhole,
			"several processes":         cardsOfSeveralProcesses,
			"rotation":                  cardsOfTwoKeys,
			"rows that were moved":      cardsThatWereMoved,
			"what cannot be stored":     cardsThatCannotBeStored,
			"without the database":      cardsWithoutDatabase,
			"a column of another shape": cardsOfAnotherShape,
		} {
			t.Run(name, func(t *testing.T) { check(t, d, empty(t)) })
		}
	})
}

const cardNumber = "4000057382030668"

func cardPAN(t *testing.T) vault.PAN {
	t.Helper()
	pan, err := vault.ParsePAN(cardNumber)
	if err != nil {
		t.Fatal(err)
	}
	return pan
}

// cardKeys returns a primary key that is the same in every process of a test.
func cardKeys(t *testing.T) []field.Key {
	t.Helper()
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	return []field.Key{{ID: 1, Secret: secret.New(key), State: field.Primary}}
}

func newVault(t *testing.T, s vault.Store, keys []field.Key) (*vault.Vault, *field.Ring) {
	t.Helper()
	ring, err := field.New(field.Config{Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.New(vault.Config{Ring: ring, Store: s, Purposes: []string{"charge"}, Dedupe: true})
	if err != nil {
		t.Fatal(err)
	}
	return v, ring
}

var cardOwner = vault.Owner{Tenant: "acme", ID: "alice"}

func tokenize(t *testing.T, v *vault.Vault, who vault.Owner) vault.Card {
	t.Helper()
	c, err := v.Tokenize(t.Context(), who, cardPAN(t))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func detokenize(t *testing.T, v *vault.Vault, who vault.Owner, token string) (vault.PAN, error) {
	t.Helper()
	return v.Detokenize(t.Context(), vault.Access{Owner: who, Token: token, Purpose: "charge", Actor: "billing"})
}

func cardsWhole(t *testing.T, d sqlstore.Dialect, db *sql.DB) {
	keys := cardKeys(t)
	v, _ := newVault(t, newStore(t, db, d).Cards(), keys)
	c := tokenize(t, v, cardOwner)
	again, _ := newVault(t, newStore(t, db, d).Cards(), keys) // the program was started again
	if pan, err := detokenize(t, again, cardOwner, c.Token); err != nil || pan.Reveal() != cardNumber {
		t.Errorf("got %v, %v, want the number", pan, err)
	}
	if same := tokenize(t, again, cardOwner); same != c {
		t.Errorf("got %+v, want %+v", same, c)
	}
	if all, err := again.List(t.Context(), cardOwner, ""); err != nil || len(all) != 1 || all[0] != c {
		t.Errorf("got %+v, %v, want %+v", all, err, c)
	}
	if err := again.Delete(t.Context(), cardOwner, c.Token); err != nil {
		t.Fatal(err)
	}
	if fresh := tokenize(t, v, cardOwner); fresh.Token == c.Token {
		t.Error("a token came back")
	}
	if _, err := detokenize(t, v, cardOwner, c.Token); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}

// cardsOfSeveralProcesses has a pool of connections for each: the one token of a number may not depend on a lock in memory.
func cardsOfSeveralProcesses(t *testing.T, d sqlstore.Dialect, db *sql.DB) {
	open := func() *sql.DB { return db } // PostgreSQL: no lock in memory at all
	if d == sqlstore.SQLite {
		path := filepath.Join(t.TempDir(), "shared.db")
		open = func() *sql.DB { return openSQLite(t, path) }
	}
	keys := cardKeys(t)
	tokens := make([]string, 100)
	var processes []*vault.Vault
	for range 4 {
		v, _ := newVault(t, newStore(t, open(), d).Cards(), keys)
		processes = append(processes, v)
	}
	var wg sync.WaitGroup
	for i := range tokens {
		wg.Go(func() {
			c, err := processes[i%4].Tokenize(t.Context(), cardOwner, cardPAN(t))
			if err != nil {
				t.Error(err)
			}
			tokens[i] = c.Token
		})
	}
	wg.Wait()
	for _, token := range tokens {
		if token != tokens[0] {
			t.Fatalf("one number has the tokens %s and %s", token, tokens[0])
		}
	}
}

// cardsOfTwoKeys rotates keys while others tokenise the same numbers.
func cardsOfTwoKeys(t *testing.T, d sqlstore.Dialect, db *sql.DB) {
	keys := cardKeys(t)
	v, ring := newVault(t, newStore(t, db, d).Cards(), keys)
	before := map[vault.Owner]vault.Card{}
	for i := range 120 {
		who := vault.Owner{ID: strings.Repeat("x", i+1)}
		before[who] = tokenize(t, v, who)
	}
	next := cardKeys(t)[0]
	next.ID = 2
	if err := ring.Add(next); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for p := (vault.Progress{}); !p.Done; {
				var err error
				if p, err = v.Reseal(t.Context(), p); err != nil || p.Unreadable > 0 {
					t.Errorf("got %+v, %v", p, err)
					return
				}
			}
		})
	}
	for who, want := range before {
		wg.Go(func() {
			if got, err := v.Tokenize(t.Context(), who, cardPAN(t)); err != nil || got != want {
				t.Errorf("got %+v, %v, want %+v", got, err, want)
			}
		})
	}
	wg.Wait()
	if err := ring.Disable(1); err != nil {
		t.Fatal(err)
	}
	for who, want := range before {
		if pan, err := detokenize(t, v, who, want.Token); err != nil || pan.Reveal() != cardNumber {
			t.Fatalf("without the old key: got %v, %v", pan, err)
		}
		if got := tokenize(t, v, who); got != want {
			t.Fatalf("without the old key: got %+v, want %+v", got, want)
		}
	}
}

// cardsThatWereMoved is somebody who can write the database.
func cardsThatWereMoved(t *testing.T, d sqlstore.Dialect, db *sql.DB) {
	v, _ := newVault(t, newStore(t, db, d).Cards(), cardKeys(t))
	mallory := vault.Owner{Tenant: "acme", ID: "mallory"}
	for _, tc := range []struct{ name, change string }{
		{"the owner", "UPDATE palisade_cards SET owner = 'mallory' WHERE token = $1"},
		{"the expiry", "UPDATE palisade_cards SET owner = 'mallory', expires_at = NULL WHERE token = $1"},
		{"the sealed number", "UPDATE palisade_cards SET owner = 'mallory'," +
			" sealed = (SELECT sealed FROM palisade_cards WHERE token <> $1 LIMIT 1) WHERE token = $1"},
	} {
		c, other := tokenize(t, v, cardOwner), tokenize(t, v, mallory)
		if _, err := db.ExecContext(t.Context(), tc.change, c.Token); err != nil {
			t.Fatal(err)
		}
		if pan, err := detokenize(t, v, mallory, c.Token); !errors.Is(err, field.ErrOpen) || !pan.IsZero() {
			t.Errorf("%s: got %v, %v, want ErrOpen", tc.name, pan, err)
		}
		if pan, err := detokenize(t, v, mallory, other.Token); err != nil || pan.Reveal() != cardNumber {
			t.Errorf("%s: another card: got %v, %v", tc.name, pan, err)
		}
	}
}

func card(token string) vault.Record {
	now := time.Now().Truncate(time.Microsecond)
	return vault.Record{
		Card: vault.Card{Token: token, Masked: "*", CreatedAt: now}, Owner: cardOwner, Sealed: []byte("s"), Fingerprint: []byte("f"),
	}
}

func cardsThatCannotBeStored(t *testing.T, d sqlstore.Dialect, db *sql.DB) {
	s, ctx := newStore(t, db, d).Cards(), t.Context()
	for _, tc := range []struct {
		name   string
		change func(*vault.Record)
	}{
		{"token", func(r *vault.Record) { r.Token = "a\x00" }},
		{"tenant", func(r *vault.Record) { r.Owner.Tenant = "\xff" }},
		{"owner", func(r *vault.Record) { r.Owner.ID = "a\x00" }},
		{"mask", func(r *vault.Record) { r.Masked = "\xff" }},
	} {
		rec := card("a")
		tc.change(&rec)
		if _, err := s.Put(ctx, rec, nil); err == nil || errors.Is(err, vault.ErrExists) {
			t.Errorf("%s: got %v, want a refusal", tc.name, err)
		}
	}
	const strange = "a\x00"
	_, get := s.Get(ctx, strange)
	if del := s.Delete(ctx, strange); !errors.Is(get, vault.ErrNotFound) || !errors.Is(del, vault.ErrNotFound) {
		t.Errorf("got %v, %v, want ErrNotFound", get, del)
	}
	if list, err := s.List(ctx, vault.Owner{ID: strange}, "", time.Now(), 9); err != nil || len(list) != 0 {
		t.Errorf("List: got %v, %v, want none", list, err)
	}
	if ok, err := s.Swap(ctx, card(strange), card(strange)); ok || err != nil {
		t.Errorf("Swap: got %t, %v, want false", ok, err)
	}
	if _, err := s.Next(ctx, strange, 9); err == nil {
		t.Error("Next: a walk that begins nowhere is over at once")
	}
}

// cardsWithoutDatabase wants an error from every step, and never an answer.
func cardsWithoutDatabase(t *testing.T, d sqlstore.Dialect, db *sql.DB) {
	s := newStore(t, db, d).Cards()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	wantCardErrors(t, s, cancelled)
	if _, err := db.ExecContext(t.Context(), "DROP TABLE palisade_cards"); err != nil {
		t.Fatal(err)
	}
	wantCardErrors(t, s, t.Context())
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	wantCardErrors(t, s, t.Context())
}

func wantCardErrors(t *testing.T, s vault.Store, ctx context.Context) {
	t.Helper()
	now := time.Now()
	_, put := s.Put(ctx, card("a"), nil)
	_, once := s.Put(ctx, card("a"), [][]byte{[]byte("f")})
	_, get := s.Get(ctx, "a")
	_, list := s.List(ctx, cardOwner, "", now, 1)
	_, next := s.Next(ctx, "", 1)
	_, expired := s.DeleteExpired(ctx, now)
	_, swap := s.Swap(ctx, card("a"), card("a"))
	for i, err := range []error{put, once, get, list, next, expired, swap, s.Delete(ctx, "a")} {
		for _, known := range []error{vault.ErrNotFound, vault.ErrExists} {
			if err == nil || errors.Is(err, known) {
				t.Errorf("step %d: got %v, want an error of the database", i, err)
			}
		}
	}
}

// cardsOfAnotherShape wants no half record of a row that cannot be read.
func cardsOfAnotherShape(t *testing.T, d sqlstore.Dialect, db *sql.DB) {
	s := newStore(t, db, d).Cards()
	if _, err := s.Put(t.Context(), card("a"), nil); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		"ALTER TABLE palisade_cards RENAME COLUMN masked TO other", "ALTER TABLE palisade_cards ADD COLUMN masked TEXT",
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	rec, err := s.Get(t.Context(), "a")
	all, also := s.Next(t.Context(), "", 1)
	if err == nil || rec.Token != "" || also == nil || all != nil {
		t.Errorf("got %+v, %v and %v, %v, want errors", rec, err, all, also)
	}
}

// TestCardsAreNotInTheFile looks at what a thief of the disk has: database, write-ahead log and all.
func TestCardsAreNotInTheFile(t *testing.T) {
	dir := t.TempDir()
	db := openSQLite(t, filepath.Join(dir, "test.db"))
	v, _ := newVault(t, newStore(t, db, sqlstore.SQLite).Cards(), cardKeys(t))
	for i := range 50 {
		who := vault.Owner{ID: strings.Repeat("x", i+1)}
		if c := tokenize(t, v, who); i%2 == 0 {
			if err := v.Delete(t.Context(), who, c.Token); err != nil {
				t.Fatal(err)
			}
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	var all []byte
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, content...)
	}
	if !bytes.Contains(all, []byte("************0668")) {
		t.Fatalf("the cards are not in %v: the test looks at the wrong place", files)
	}
	for i := range len(cardNumber) - 7 {
		if part := cardNumber[i : i+8]; bytes.Contains(all, []byte(part)) {
			t.Errorf("the file holds %s", part)
		}
	}
}
