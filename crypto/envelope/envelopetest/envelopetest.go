// Package envelopetest checks an implementation of [envelope.Store].
//
// Call [Run] from a test of your own; it fails the test wherever the store breaks the contract. It never reads the clock.
package envelopetest

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/crypto/envelope"
	"github.com/gopalisade/palisade/crypto/field"
)

// Run runs the suite. newStore returns a store, which may hold records of other subjects; it is called for each subtest, and
// cleans up through t.Cleanup.
func Run(t *testing.T, newStore func(t *testing.T) envelope.Store) {
	for name, check := range map[string]func(*testing.T, envelope.Store){
		"add then list":            addThenList,
		"unknown":                  unknown,
		"a seq is there once":      exists,
		"replace":                  replace,
		"replace what has changed": replaceChanged,
		"delete":                   remove,
		"shred":                    shred,
		"shred the unknown":        shredUnknown,
		"one subject for another":  apart,
		"names stay as they were":  names,
		"extremes":                 extremes,
		"concurrent first keys":    concurrentAdd,
		"concurrent replacements":  concurrentReplace,
		"concurrent ends":          concurrentShred,
		"a cancelled context":      cancelled,
	} {
		t.Run(name, func(t *testing.T) { check(t, newStore(t)) })
	}
}

// start is in the past of every machine, to the microsecond.
var start = time.Date(2025, 3, 9, 2, 30, 0, 123_456_000, time.UTC)

// subject returns a name that no other test has used.
func subject() string { return "subject-" + rand.Text() }

func record(subject string, seq uint32) envelope.Record {
	wrapped := make([]byte, 77)
	_, _ = rand.Read(wrapped) // never fails
	return envelope.Record{
		Subject: subject, Seq: seq, KeyID: field.KeyID(seq * 0x01010101), Created: start.Add(time.Duration(seq) * time.Hour),
		KEK: "transit/orders", Wrapped: wrapped,
	}
}

func add(t *testing.T, s envelope.Store, rec envelope.Record) envelope.Record {
	t.Helper()
	if err := s.Add(t.Context(), rec); err != nil {
		t.Fatal(err)
	}
	return rec
}

// want fails unless the subject has these records and no others.
func want(t *testing.T, s envelope.Store, subject string, recs ...envelope.Record) {
	t.Helper()
	got, err := s.List(t.Context(), subject)
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(got, func(a, b envelope.Record) int { return cmp.Compare(a.Seq, b.Seq) })
	if !slices.EqualFunc(got, recs, equal) {
		t.Errorf("got %+v, want %+v", got, recs)
	}
}

// equal compares records; times are equal as instants.
func equal(a, b envelope.Record) bool {
	return a.Subject == b.Subject && a.Seq == b.Seq && a.KeyID == b.KeyID && a.Created.Equal(b.Created) && a.KEK == b.KEK &&
		bytes.Equal(a.Wrapped, b.Wrapped)
}

func addThenList(t *testing.T, s envelope.Store) {
	who := subject()
	var all []envelope.Record
	for _, seq := range []uint32{2, 1, 3} {
		all = append(all, add(t, s, record(who, seq)))
	}
	slices.SortFunc(all, func(a, b envelope.Record) int { return cmp.Compare(a.Seq, b.Seq) })
	want(t, s, who, all...)

	got, err := s.List(t.Context(), who)
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		clear(got[i].Wrapped)
	}
	want(t, s, who, all...) // or what List returned is not the caller's own
	mine := record(subject(), 1)
	kept := mine
	kept.Wrapped = bytes.Clone(mine.Wrapped)
	add(t, s, mine)
	clear(mine.Wrapped)
	want(t, s, mine.Subject, kept) // or what Add was given changes the store
}

func unknown(t *testing.T, s envelope.Store) {
	want(t, s, subject())
	who := subject()
	if err := s.Replace(t.Context(), record(who, 1), []byte("old")); !errors.Is(err, envelope.ErrConflict) {
		t.Errorf("Replace: got %v, want ErrConflict", err)
	}
	add(t, s, record(who, 1))
	for _, other := range []string{strings.ToUpper(who), who + " ", " " + who, who[:len(who)-1], "%", who + "%", "_"} {
		want(t, s, other)
	}
	if err := s.Replace(t.Context(), record(who, 2), nil); !errors.Is(err, envelope.ErrConflict) {
		t.Errorf("Replace of another Seq: got %v, want ErrConflict", err)
	}
	if list, err := s.List(t.Context(), who); err != nil || len(list) != 1 {
		t.Errorf("got %+v, %v: a replacement that failed added a record", list, err)
	}
}

func exists(t *testing.T, s envelope.Store) {
	rec := add(t, s, record(subject(), 1))
	if err := s.Add(t.Context(), record(rec.Subject, 1)); !errors.Is(err, envelope.ErrExists) {
		t.Errorf("got %v, want ErrExists", err)
	}
	want(t, s, rec.Subject, rec)
}

func replace(t *testing.T, s envelope.Store) {
	who := subject()
	first, second := add(t, s, record(who, 1)), add(t, s, record(who, 2))
	next := first
	next.KEK, next.Wrapped = "local", []byte("wrapped by another, and longer or shorter than it was before")
	if err := s.Replace(t.Context(), next, first.Wrapped); err != nil {
		t.Fatal(err)
	}
	want(t, s, who, next, second)
}

func replaceChanged(t *testing.T, s envelope.Store) {
	rec := add(t, s, record(subject(), 1))
	next := record(rec.Subject, 1)
	flipped := bytes.Clone(rec.Wrapped)
	flipped[len(flipped)-1] ^= 1
	for _, old := range [][]byte{nil, flipped, rec.Wrapped[:76], append(bytes.Clone(rec.Wrapped), 0), next.Wrapped} {
		if err := s.Replace(t.Context(), next, old); !errors.Is(err, envelope.ErrConflict) {
			t.Errorf("in the place of %x: got %v, want ErrConflict", old, err)
		}
	}
	want(t, s, rec.Subject, rec)
}

func remove(t *testing.T, s envelope.Store) {
	who := subject()
	first, second := add(t, s, record(who, 1)), add(t, s, record(who, 2))
	other := first
	other.Subject = subject()
	add(t, s, other)
	for _, seq := range []uint32{0, 3, 1<<32 - 1, 1, 1} { // most of them are not there
		if err := s.Delete(t.Context(), who, seq); err != nil {
			t.Errorf("%d: %v", seq, err)
		}
	}
	if err := s.Delete(t.Context(), subject(), 1); err != nil {
		t.Errorf("of nobody: %v", err)
	}
	want(t, s, who, second)
	want(t, s, other.Subject, other)
	if err := s.Replace(t.Context(), record(who, 1), first.Wrapped); !errors.Is(err, envelope.ErrConflict) {
		t.Errorf("Replace of what was deleted: got %v, want ErrConflict", err)
	}
	want(t, s, who, second)
}

func shred(t *testing.T, s envelope.Store) {
	who, other := subject(), add(t, s, record(subject(), 1))
	rec := add(t, s, record(who, 1))
	add(t, s, record(who, 2))
	for range 2 {
		if err := s.Shred(t.Context(), who); err != nil {
			t.Fatal(err)
		}
		wantShredded(t, s, who)
		for seq := range uint32(3) {
			if err := s.Delete(t.Context(), who, seq); err != nil {
				t.Errorf("Delete: %v", err)
			}
		}
		wantShredded(t, s, who)
	}
	if err := s.Replace(t.Context(), record(who, 1), rec.Wrapped); !errors.Is(err, envelope.ErrShredded) {
		t.Errorf("Replace: got %v, want ErrShredded", err)
	}
	want(t, s, other.Subject, other)
}

// wantShredded wants that nothing is there, and that nothing can be put there.
func wantShredded(t *testing.T, s envelope.Store, who string) {
	t.Helper()
	if list, err := s.List(t.Context(), who); !errors.Is(err, envelope.ErrShredded) || len(list) > 0 {
		t.Errorf("List: got %+v, %v, want ErrShredded", list, err)
	}
	for _, seq := range []uint32{1, 2, 3} {
		if err := s.Add(t.Context(), record(who, seq)); !errors.Is(err, envelope.ErrShredded) {
			t.Errorf("Add of %d: got %v, want ErrShredded", seq, err)
		}
	}
}

func shredUnknown(t *testing.T, s envelope.Store) {
	who := subject()
	if err := s.Shred(t.Context(), who); err != nil {
		t.Fatal(err)
	}
	wantShredded(t, s, who)
}

// apart has records of two subjects that share all but the name.
func apart(t *testing.T, s envelope.Store) {
	a := add(t, s, record(subject(), 1))
	b := a
	b.Subject = subject()
	add(t, s, b)
	next := b
	next.Wrapped = []byte("another wrapped key")
	if err := s.Replace(t.Context(), next, b.Wrapped); err != nil {
		t.Fatal(err)
	}
	want(t, s, a.Subject, a)
	want(t, s, b.Subject, next)
}

func names(t *testing.T, s envelope.Store) {
	unique := rand.Text()
	for _, name := range []string{
		"'; DROP TABLE customers; --", "ä", "a\u0308", "\u00e4\u2028", " ", "日本語", "👩‍🚀", "a/../b", `a"b\c`,
		strings.Repeat("é", 110),
	} {
		rec := record(name+unique, 1)
		rec.KEK = name
		add(t, s, rec)
		want(t, s, rec.Subject, rec)
	}
}

func extremes(t *testing.T, s envelope.Store) {
	rec := record(subject(), 1<<32-1)
	rec.KeyID = 1<<32 - 1
	rec.Created = time.Date(2999, 12, 31, 23, 59, 59, 999_999_000, time.UTC)
	rec.KEK = strings.Repeat("k", 255)
	rec.Wrapped = bytes.Repeat([]byte{0, 0xff, '\\', '\n'}, 1028)
	add(t, s, rec)
	want(t, s, rec.Subject, rec)
}
