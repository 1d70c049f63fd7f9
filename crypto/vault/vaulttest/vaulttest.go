// Package vaulttest checks an implementation of [vault.Store].
//
// Call [Run] from a test of your own; it fails the test wherever the store breaks the contract. It never reads the clock.
package vaulttest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/crypto/secret"
	"github.com/gopalisade/palisade/crypto/vault"
)

// Run runs the suite. newStore returns a store, which may hold records of other owners; it is called for each subtest, and
// cleans up through t.Cleanup.
func Run(t *testing.T, newStore func(t *testing.T) vault.Store) {
	for name, check := range map[string]func(*testing.T, vault.Store){
		"put then get":                  putThenGet,
		"unknown":                       unknown,
		"a token is there once":         exists,
		"one record for a fingerprint":  same,
		"fingerprints of other keys":    sameUnderOldKey,
		"fingerprints of other owners":  sameOfOthers,
		"fingerprints of what is over":  sameButOver,
		"several with one fingerprint":  sameOfSeveral,
		"delete":                        remove,
		"delete expired":                deleteExpired,
		"list":                          list,
		"list of what is live":          listLive,
		"next":                          next,
		"swap":                          swap,
		"swap a fingerprint":            swapFingerprint,
		"concurrent puts":               concurrentPut,
		"concurrent puts of other keys": concurrentRotation,
		"concurrent puts and swaps":     concurrentPutAndSwap,
		"concurrent swaps":              concurrentSwap,
		"concurrent deletes":            concurrentDelete,
		"a cancelled context":           cancelled,
		"strange text stays as it was":  strange,
	} {
		t.Run(name, func(t *testing.T) { check(t, newStore(t)) })
	}
}

// start is in the past of every machine, to the microsecond.
var start = time.Date(2025, 3, 9, 2, 30, 0, 123_456_000, time.UTC)

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}

// record returns a record that nobody has yet.
func record(o vault.Owner) vault.Record {
	return vault.Record{
		Card: vault.Card{
			Token: secret.NewID("tok"), Brand: "visa", Masked: "************0668", CreatedAt: start, ExpiresAt: start.AddDate(5, 0, 0),
		},
		Owner: o, Sealed: random(66), Fingerprint: random(36),
	}
}

// owner returns a name that no other test has used.
func owner() vault.Owner { return vault.Owner{Tenant: "acme", ID: "owner-" + rand.Text()} }

// put adds a record and finds it added.
func put(t *testing.T, s vault.Store, rec vault.Record) vault.Record {
	t.Helper()
	got, err := s.Put(t.Context(), rec, nil)
	if err != nil || !equal(got, rec) {
		t.Fatalf("Put: got %+v, %v, want %+v", got, err, rec)
	}
	return rec
}

// putOnce looks for the fingerprints first, the record's own among them.
func putOnce(t *testing.T, s vault.Store, rec vault.Record, others ...[]byte) vault.Record {
	t.Helper()
	got, err := s.Put(t.Context(), rec, append([][]byte{rec.Fingerprint}, others...))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func get(t *testing.T, s vault.Store, token string) vault.Record {
	t.Helper()
	rec, err := s.Get(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// equal compares records; times are equal as instants, and bytes where both are empty.
func equal(a, b vault.Record) bool {
	same := bytes.Equal(a.Sealed, b.Sealed) && bytes.Equal(a.Fingerprint, b.Fingerprint)
	for _, pair := range [][2]*time.Time{{&a.CreatedAt, &b.CreatedAt}, {&a.ExpiresAt, &b.ExpiresAt}} {
		same = same && pair[0].Equal(*pair[1]) && pair[0].IsZero() == pair[1].IsZero()
		*pair[0], *pair[1] = time.Time{}, time.Time{}
	}
	a.Sealed, a.Fingerprint, b.Sealed, b.Fingerprint = nil, nil, nil, nil
	return same && reflect.DeepEqual(a, b)
}

func putThenGet(t *testing.T, s vault.Store) {
	plain := record(vault.Owner{ID: owner().ID})
	plain.Brand, plain.Fingerprint, plain.ExpiresAt = "", nil, time.Time{}
	for _, want := range []vault.Record{record(owner()), plain} {
		put(t, s, want)
		got := get(t, s, want.Token)
		if !equal(got, want) || (got.Fingerprint == nil) != (want.Fingerprint == nil) {
			t.Errorf("got %+v, want %+v", got, want)
		}
		got.Sealed[0]++
		if again := get(t, s, want.Token); !equal(again, want) {
			t.Error("what Get returned is not the caller's own")
		}
	}
	mine := record(owner())
	kept := mine
	kept.Sealed, kept.Fingerprint = bytes.Clone(mine.Sealed), bytes.Clone(mine.Fingerprint)
	put(t, s, mine)
	mine.Sealed[0]++
	mine.Fingerprint[0]++
	if got := get(t, s, mine.Token); !equal(got, kept) {
		t.Error("what Put was given changes the store")
	}
}

func unknown(t *testing.T, s vault.Store) {
	const nobodys = "tok_00000000000000000000000000nobodys"
	if _, err := s.Get(t.Context(), nobodys); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("Get: got %v, want ErrNotFound", err)
	}
	if err := s.Delete(t.Context(), nobodys); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("Delete: got %v, want ErrNotFound", err)
	}
	rec := record(owner())
	if ok, err := s.Swap(t.Context(), rec, rec); ok || err != nil {
		t.Errorf("Swap: got %t, %v, want false", ok, err)
	}
	put(t, s, rec)
	for _, token := range []string{strings.ToUpper(rec.Token), rec.Token[:20], rec.Token + "0", "tok%", "%", ""} {
		if _, err := s.Get(t.Context(), token); !errors.Is(err, vault.ErrNotFound) {
			t.Errorf("Get(%q) beside %q: got %v, want ErrNotFound", token, rec.Token, err)
		}
	}
}

func exists(t *testing.T, s vault.Store) {
	rec := put(t, s, record(owner()))
	for _, who := range []vault.Owner{rec.Owner, owner()} {
		other := record(who)
		other.Token = rec.Token
		for _, same := range [][][]byte{nil, {other.Fingerprint}} {
			if _, err := s.Put(t.Context(), other, same); !errors.Is(err, vault.ErrExists) {
				t.Errorf("got %v, want ErrExists", err)
			}
		}
	}
	if got := get(t, s, rec.Token); !equal(got, rec) {
		t.Errorf("the first record became %+v", got)
	}
}

func remove(t *testing.T, s vault.Store) {
	rec, other := put(t, s, record(owner())), record(owner())
	other.Owner = rec.Owner
	put(t, s, other)
	if err := s.Delete(t.Context(), rec.Token); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(t.Context(), rec.Token); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("Get: got %v, want ErrNotFound", err)
	}
	if err := s.Delete(t.Context(), rec.Token); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("again: got %v, want ErrNotFound", err)
	}
	if got := get(t, s, other.Token); !equal(got, other) {
		t.Errorf("another record became %+v", got)
	}
	if all, err := s.List(t.Context(), rec.Owner, "", start, 9); err != nil || len(all) != 1 || !equal(all[0], other) {
		t.Errorf("List: got %+v, %v, want the other record", all, err)
	}
	again := record(rec.Owner)
	again.Fingerprint = rec.Fingerprint
	if got := putOnce(t, s, again); got.Token != again.Token {
		t.Errorf("a fingerprint outlived its record: got %s, want %s", got.Token, again.Token)
	}
}

func deleteExpired(t *testing.T, s vault.Store) {
	expired, never, live := record(owner()), record(owner()), record(owner())
	expired.ExpiresAt, never.ExpiresAt = start.Add(time.Minute), time.Time{}
	for _, rec := range []vault.Record{expired, never, live} {
		put(t, s, rec)
	}
	for _, tc := range []struct {
		name   string
		before time.Time
		gone   bool
	}{{"at that moment", start.Add(time.Minute), false}, {"later", start.Add(time.Minute + time.Microsecond), true}} {
		n, err := s.DeleteExpired(t.Context(), tc.before)
		if err != nil || tc.gone && n < 1 { // the store may hold records of others
			t.Errorf("%s: got %d, %v", tc.name, n, err)
		}
		if _, err := s.Get(t.Context(), expired.Token); errors.Is(err, vault.ErrNotFound) != tc.gone {
			t.Errorf("%s: got %v, want gone %t", tc.name, err, tc.gone)
		}
	}
	if n, err := s.DeleteExpired(t.Context(), start.Add(time.Minute+time.Microsecond)); n != 0 || err != nil {
		t.Errorf("again: got %d, %v, want 0", n, err)
	}
	get(t, s, never.Token)
	get(t, s, live.Token)
	if all, err := s.List(t.Context(), expired.Owner, "", start, 9); err != nil || len(all) != 0 {
		t.Errorf("the list still has %+v, %v", all, err)
	}
	if again := twin(expired); putOnce(t, s, again).Token != again.Token {
		t.Error("a fingerprint outlived its record")
	}
}

// cancelled checks that a store that cannot ask says so: an error, and never that there is no such record.
func cancelled(t *testing.T, s vault.Store) {
	rec := put(t, s, record(owner()))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := s.Get(ctx, rec.Token); errors.Is(err, vault.ErrNotFound) || err == nil && got.Token != rec.Token {
		t.Errorf("got %+v, %v", got, err)
	}
	if err := s.Delete(ctx, rec.Token); errors.Is(err, vault.ErrNotFound) {
		t.Errorf("Delete: got %v", err)
	}
}

func strange(t *testing.T, s vault.Store) {
	rec := record(vault.Owner{Tenant: `名 \ % _ ' "`, ID: `o'"; -- ` + owner().ID})
	rec.Token, rec.Masked = "99"+rand.Text(), "é"
	rec.Sealed = append([]byte{0, 0xff, '\'', '\\'}, rec.Sealed...)
	rec.Fingerprint = append([]byte{0, 0xff, '\'', '\\'}, rec.Fingerprint...)
	put(t, s, rec)
	if got := get(t, s, rec.Token); !equal(got, rec) {
		t.Errorf("got %+v, want %+v", got, rec)
	}
	if all, err := s.List(t.Context(), rec.Owner, "", start, 9); err != nil || len(all) != 1 || !equal(all[0], rec) {
		t.Errorf("got %+v, %v", all, err)
	}
	twin := record(rec.Owner)
	twin.Fingerprint = rec.Fingerprint
	if got := putOnce(t, s, twin); got.Token != rec.Token {
		t.Errorf("got %s, want the record with that fingerprint", got.Token)
	}
}
