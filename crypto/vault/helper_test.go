package vault_test

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/secret"
	"github.com/gopalisade/palisade/crypto/vault"
	"github.com/gopalisade/palisade/monitor/event"
)

// number is the card of most tests. No part of it is likely anywhere else, and its last digits begin with a zero.
const number = "4000057382030668"

func parse(tb testing.TB, digits string) vault.PAN {
	tb.Helper()
	pan, err := vault.ParsePAN(digits)
	if err != nil {
		tb.Fatalf("%q: %v", digits, err)
	}
	return pan
}

// check returns the check digit of ISO/IEC 7812-1 for the digits before it, by the standard's own description: double every
// second digit from the right, add the digits of the products.
func check(digits string) string {
	sum := 0
	for i := range len(digits) {
		n := int(digits[len(digits)-1-i] - '0')
		if i%2 == 0 {
			n *= 2
		}
		sum += n/10 + n%10
	}
	return string("0987654321"[sum%10])
}

func newKey(id field.KeyID, state field.State) field.Key {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	return field.Key{ID: id, Secret: secret.New(key), State: state}
}

func newRing(tb testing.TB, keys ...field.Key) *field.Ring {
	tb.Helper()
	if len(keys) == 0 {
		keys = []field.Key{newKey(1, field.Primary)}
	}
	ring, err := field.New(field.Config{Keys: keys})
	if err != nil {
		tb.Fatal(err)
	}
	return ring
}

// newVault returns a Vault over store, with what change sets.
func newVault(tb testing.TB, store vault.Store, change func(*vault.Config)) *vault.Vault {
	tb.Helper()
	cfg := vault.Config{Store: store, Purposes: []string{"charge", "refund"}}
	if change != nil {
		change(&cfg)
	}
	if cfg.Ring == nil {
		cfg.Ring = newRing(tb)
	}
	v, err := vault.New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

func dedupe(cfg *vault.Config) { cfg.Dedupe = true }

var (
	alice   = vault.Owner{Tenant: "acme", ID: "alice"}
	mallory = vault.Owner{Tenant: "acme", ID: "mallory"}
)

func tokenize(tb testing.TB, v *vault.Vault, who vault.Owner) vault.Card {
	tb.Helper()
	c, err := v.Tokenize(tb.Context(), who, parse(tb, number))
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func charge(who vault.Owner, token string) vault.Access {
	return vault.Access{Owner: who, Token: token, Purpose: "charge", Actor: "billing"}
}

// wantNumber opens a token.
func wantNumber(tb testing.TB, v *vault.Vault, who vault.Owner, token string) {
	tb.Helper()
	if pan, err := v.Detokenize(tb.Context(), charge(who, token)); err != nil || pan.Reveal() != number {
		tb.Errorf("got %v, %v, want the number", pan, err)
	}
}

// log collects events, and holds each against what no event may tell.
type log struct {
	tb testing.TB
	mu sync.Mutex
	es []event.Event
}

func listen(tb testing.TB) (context.Context, *log) {
	l := &log{tb: tb}
	return event.WithRecorder(tb.Context(), l), l
}

func (l *log) Record(_ context.Context, e event.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if strings.Contains(e.LogValue().String(), number) {
		l.tb.Errorf("an event holds the number: %v", e.LogValue())
	}
	l.es = append(l.es, e)
}

// want compares what was told since the last call: code, principal, object, reason.
func (l *log) want(name string, want ...event.Event) {
	l.tb.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.es) != len(want) {
		l.tb.Errorf("%s: got %v, want %v", name, l.es, want)
	}
	for i, e := range l.es[:min(len(l.es), len(want))] {
		e.Level, e.Err = 0, nil
		if e != want[i] {
			l.tb.Errorf("%s: got %+v, want %+v", name, e, want[i])
		}
	}
	l.es = nil
}

var errDown = errors.New("dsn=postgres://user:password@db")

// shaky is a store that fails when it is told to.
type shaky struct {
	*vault.Memory
	down    bool
	taken   int                // answers to Put that the token is taken
	swapped func() error       // what Swap answers
	beforeD func(token string) // runs before Delete
}

func newShaky() *shaky { return &shaky{Memory: vault.NewMemory(0)} }

func (s *shaky) err() error {
	if s.down {
		return errDown
	}
	return nil
}

func (s *shaky) Put(ctx context.Context, rec vault.Record, same [][]byte) (vault.Record, error) {
	if s.taken > 0 {
		s.taken--
		return vault.Record{}, vault.ErrExists
	}
	if s.down {
		return vault.Record{}, errDown
	}
	return s.Memory.Put(ctx, rec, same)
}

func (s *shaky) Get(ctx context.Context, token string) (vault.Record, error) {
	if s.down {
		return vault.Record{}, errDown
	}
	return s.Memory.Get(ctx, token)
}

func (s *shaky) List(ctx context.Context, o vault.Owner, after string, at time.Time, n int) ([]vault.Record, error) {
	list, err := s.Memory.List(ctx, o, after, at, n)
	return list, errors.Join(err, s.err())
}

func (s *shaky) Next(ctx context.Context, after string, n int) ([]vault.Record, error) {
	list, err := s.Memory.Next(ctx, after, n)
	return list, errors.Join(err, s.err())
}

func (s *shaky) Delete(ctx context.Context, token string) error {
	if s.beforeD != nil {
		s.beforeD(token)
	}
	if s.down {
		return errDown
	}
	return s.Memory.Delete(ctx, token)
}

func (s *shaky) DeleteExpired(ctx context.Context, before time.Time) (int, error) {
	if s.down {
		return 0, errDown
	}
	return s.Memory.DeleteExpired(ctx, before)
}

func (s *shaky) Swap(ctx context.Context, old, next vault.Record) (bool, error) {
	if s.swapped != nil {
		return false, s.swapped()
	}
	return s.Memory.Swap(ctx, old, next)
}

// record returns what the store has of a token.
func record(tb testing.TB, s vault.Store, token string) vault.Record {
	tb.Helper()
	rec, err := s.Get(tb.Context(), token)
	if err != nil {
		tb.Fatal(err)
	}
	return rec
}
