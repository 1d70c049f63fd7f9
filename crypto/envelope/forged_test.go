package envelope_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/gopalisade/palisade/crypto/envelope"
)

// TestForged has records that somebody has changed in the store.
func TestForged(t *testing.T) {
	local := newLocal(t)
	store := envelope.NewMemory(0)
	k := newKeys(t, local, store, nil)
	ringOf(t, k, alice)
	good := records(t, store, alice)[0]
	for _, tc := range []struct {
		name   string
		change func(*envelope.Record)
	}{
		{"another subject's", func(r *envelope.Record) { r.Subject = "mallory" }},
		{"later", func(r *envelope.Record) { r.Created = r.Created.Add(time.Microsecond) }},
		{"another seq", func(r *envelope.Record) { r.Seq++ }},
		{"another id", func(r *envelope.Record) { r.KeyID++ }},
		{"no seq", func(r *envelope.Record) { r.Seq = 0 }},
		{"no id", func(r *envelope.Record) { r.KeyID = 0 }},
		{"no time", func(r *envelope.Record) { r.Created = time.Time{} }},
		{"no KEK", func(r *envelope.Record) { r.KEK = "" }},
		{"nothing wrapped", func(r *envelope.Record) { r.Wrapped = nil }},
		{"no wrapped key", func(r *envelope.Record) { r.Wrapped = r.Wrapped[:16] }},
		{"too long", func(r *envelope.Record) { r.Wrapped = make([]byte, 5000) }},
	} {
		rec := good
		rec.Wrapped = bytes.Clone(good.Wrapped)
		tc.change(&rec)
		other := envelope.NewMemory(0)
		if err := other.Add(t.Context(), rec); err != nil {
			t.Fatal(err)
		}
		_, err := newKeys(t, local, other, nil).Ring(t.Context(), rec.Subject)
		wantKind(t, tc.name, err, envelope.ErrForged)
	}
	for i := range good.Wrapped {
		rec := good
		rec.Wrapped = bytes.Clone(good.Wrapped)
		rec.Wrapped[i] ^= 1
		other := envelope.NewMemory(0)
		if err := other.Add(t.Context(), rec); err != nil {
			t.Fatal(err)
		}
		_, err := newKeys(t, local, other, nil).Ring(t.Context(), alice)
		if i >= 16+2 && i < 16+6 { // the id of the key-encryption key
			wantKind(t, fmt.Sprintf("byte %d", i), err, envelope.ErrRefused)
			continue
		}
		wantKind(t, fmt.Sprintf("byte %d", i), err, envelope.ErrForged)
	}
}

// TestForgedLists has a store that returns what does not fit together.
func TestForgedLists(t *testing.T) {
	local := newLocal(t)
	store := envelope.NewMemory(0)
	k := newKeys(t, local, store, nil)
	ringOf(t, k, alice)
	ringOf(t, k, "mallory")
	if err := k.Rotate(t.Context(), alice); err != nil {
		t.Fatal(err)
	}
	good, foreign := records(t, store, alice), records(t, store, "mallory")[0]
	again := good[1]
	again.KeyID++
	moved := good[0]
	moved.Seq = 3
	for _, tc := range []struct {
		name string
		list []envelope.Record
	}{
		{"somebody else's", []envelope.Record{foreign}},
		{"somebody else's too", []envelope.Record{good[0], good[1], foreign}},
		{"a seq twice", []envelope.Record{good[0], good[1], again}},
		{"an id twice", []envelope.Record{good[0], good[1], moved}},
	} {
		_, err := newKeys(t, local, listing{envelope.NewMemory(0), tc.list}, nil).Ring(t.Context(), alice)
		wantKind(t, tc.name, err, envelope.ErrForged)
	}
	ringOf(t, newKeys(t, local, listing{envelope.NewMemory(0), []envelope.Record{good[1], good[0]}}, nil), alice) // any order
}

// listing returns the same list to everybody.
type listing struct {
	envelope.Store
	list []envelope.Record
}

func (l listing) List(context.Context, string) ([]envelope.Record, error) {
	return slices.Clone(l.list), nil
}

// TestOtherKey has a service that returns a key, but not the right one.
func TestOtherKey(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func([]byte) []byte
	}{
		{"another", func([]byte) []byte { return random() }},
		{"none", func([]byte) []byte { return nil }},
		{"short", func(key []byte) []byte { return key[:31] }},
		{"long", func(key []byte) []byte { return append(key, 0) }},
		{"one bit", func(key []byte) []byte { key[31] ^= 1; return key }},
	} {
		kms, store := newService(t), envelope.NewMemory(0)
		ringOf(t, newKeys(t, kms, store, nil), alice)
		kms.change = tc.change
		k := newKeys(t, kms, store, nil)
		_, err := k.Ring(t.Context(), alice)
		wantKind(t, tc.name, err, envelope.ErrForged)
		wantKind(t, tc.name, k.Rewrap(t.Context(), alice), envelope.ErrForged)
	}
}

// oddWrapper returns what cannot be stored.
type oddWrapper struct {
	envelope.KeyWrapper
	wrapped []byte
}

func (o oddWrapper) Wrap(context.Context, []byte, []byte) ([]byte, error) { return o.wrapped, nil }

func TestOddWrapper(t *testing.T) {
	for name, wrapped := range map[string][]byte{"nothing": nil, "too much": make([]byte, 4097)} {
		store := envelope.NewMemory(0)
		_, err := newKeys(t, oddWrapper{newLocal(t), wrapped}, store, nil).Ring(t.Context(), alice)
		wantKind(t, name, err, envelope.ErrRefused)
		if len(records(t, store, alice)) != 0 {
			t.Errorf("%s: it was stored", name)
		}
	}
}
