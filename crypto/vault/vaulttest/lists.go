package vaulttest

import (
	"slices"
	"testing"
	"time"

	"github.com/gopalisade/palisade/crypto/vault"
)

// pages collects what a listing returns, n at a time.
func pages(t *testing.T, n int, page func(after string, n int) ([]vault.Record, error)) (all []vault.Record) {
	t.Helper()
	for after := ""; ; {
		list, err := page(after, n)
		if err != nil || len(list) > n {
			t.Fatalf("got %d records, %v, want at most %d", len(list), err, n)
		}
		if len(list) == 0 {
			return all
		}
		all = append(all, list...)
		after = list[len(list)-1].Token
	}
}

// wantAll compares records in any order.
func wantAll(t *testing.T, got, want []vault.Record) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("got %d records, want %d", len(got), len(want))
	}
	for _, rec := range want {
		if i := slices.IndexFunc(got, func(r vault.Record) bool { return r.Token == rec.Token }); i < 0 || !equal(got[i], rec) {
			t.Errorf("%s is missing or another", rec.Token)
		}
	}
}

func list(t *testing.T, s vault.Store) {
	who := owner()
	var want []vault.Record
	for range 7 {
		want = append(want, put(t, s, record(who)))
	}
	put(t, s, record(owner()))
	put(t, s, record(vault.Owner{Tenant: "other", ID: who.ID}))
	put(t, s, record(vault.Owner{ID: who.ID}))
	var before []vault.Record
	for _, n := range []int{1, 3, 7, 100} {
		got := pages(t, n, func(after string, n int) ([]vault.Record, error) { return s.List(t.Context(), who, after, start, n) })
		wantAll(t, got, want)
		if before != nil && !slices.EqualFunc(got, before, equal) {
			t.Errorf("pages of %d have another order", n)
		}
		before = got
	}
	// A page behind a token that was deleted meanwhile goes on where it stood.
	if err := s.Delete(t.Context(), before[2].Token); err != nil {
		t.Fatal(err)
	}
	rest, err := s.List(t.Context(), who, before[2].Token, start, 100)
	if err != nil || !slices.EqualFunc(rest, before[3:], equal) {
		t.Errorf("behind a deleted one: got %d records, %v, want %d", len(rest), err, len(before[3:]))
	}
	if none, err := s.List(t.Context(), owner(), "", start, 100); err != nil || len(none) != 0 {
		t.Errorf("of nobody: got %v, %v", none, err)
	}
}

func listLive(t *testing.T, s vault.Store) {
	who := owner()
	var want []vault.Record
	for i, expiry := range []time.Time{start.Add(time.Hour), start.Add(time.Hour + time.Microsecond), {}, start} {
		rec := record(who)
		rec.ExpiresAt = expiry
		if put(t, s, rec); i == 1 || i == 2 {
			want = append(want, rec)
		}
	}
	got := pages(t, 1, func(after string, n int) ([]vault.Record, error) {
		return s.List(t.Context(), who, after, start.Add(time.Hour), n)
	})
	wantAll(t, got, want)
}

func next(t *testing.T, s vault.Store) {
	want := map[string]vault.Record{}
	for i := range 7 {
		rec := record(owner())
		if i%2 == 0 {
			rec.ExpiresAt = start // over, and still to be resealed
		}
		want[rec.Token] = put(t, s, rec)
	}
	found := 0
	seen := map[string]bool{}
	for _, rec := range pages(t, 3, func(after string, n int) ([]vault.Record, error) { return s.Next(t.Context(), after, n) }) {
		if seen[rec.Token] {
			t.Errorf("%s came twice", rec.Token)
		}
		seen[rec.Token] = true
		if mine, ok := want[rec.Token]; ok {
			found++
			if !equal(rec, mine) {
				t.Errorf("got %+v, want %+v", rec, mine)
			}
		}
	}
	if found != len(want) {
		t.Errorf("got %d of %d records", found, len(want))
	}
}
