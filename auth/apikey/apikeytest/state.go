package apikeytest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gopalisade/palisade/auth/apikey"
)

func rotateEnded(t *testing.T, s apikey.Store) {
	expired := record(owner())
	expired.CreatedAt, expired.ExpiresAt = start.Add(-time.Hour), start // the very moment counts as past
	create(t, s, expired)
	revoked := create(t, s, record(owner()))
	if err := s.Revoke(t.Context(), revoked.ID, start); err != nil {
		t.Fatal(err)
	}
	for _, old := range []apikey.Record{expired, revoked} {
		next := record(old.Owner)
		if err := s.Rotate(t.Context(), old.ID, start.Add(time.Hour), next); !errors.Is(err, apikey.ErrEnded) {
			t.Errorf("got %v, want ErrEnded", err)
		}
		if got := get(t, s, old.ID); !got.ExpiresAt.Equal(old.ExpiresAt) || got.RotatedTo != "" {
			t.Errorf("a refused rotation left %+v", got)
		}
		if _, err := s.Get(t.Context(), next.ID); !errors.Is(err, apikey.ErrNotFound) {
			t.Errorf("a refused rotation left a successor: %v", err)
		}
	}
}

func rotateAllOrNothing(t *testing.T, s apikey.Store) {
	old, taken := create(t, s, record(owner())), create(t, s, record(owner()))
	if err := s.Rotate(t.Context(), old.ID, start, taken); !errors.Is(err, apikey.ErrExists) {
		t.Errorf("got %v, want ErrExists", err)
	}
	if got := get(t, s, old.ID); !equal(got, old) {
		t.Errorf("got %+v, want it as it was", got)
	}
}

func revoke(t *testing.T, s apikey.Store) {
	rec, other := create(t, s, record(owner())), create(t, s, record(owner()))
	for i := range 2 {
		if err := s.Revoke(t.Context(), rec.ID, start.Add(time.Duration(i)*time.Hour)); err != nil {
			t.Errorf("call %d: %v", i+1, err)
		}
		if got := get(t, s, rec.ID).RevokedAt; !got.Equal(start) {
			t.Errorf("call %d: got %v, want %v", i+1, got, start)
		}
	}
	if got := get(t, s, other.ID); !got.RevokedAt.IsZero() {
		t.Error("another key was revoked too")
	}
}

func touch(t *testing.T, s apikey.Store) {
	rec := create(t, s, record(owner()))
	if err := s.Rotate(t.Context(), rec.ID, start.Add(time.Hour), record(rec.Owner)); err != nil {
		t.Fatal(err)
	}
	before := get(t, s, rec.ID)
	for _, tc := range []struct{ at, want time.Duration }{{time.Minute, time.Minute}, {0, time.Minute}, {time.Hour, time.Hour}} {
		if err := s.Touch(t.Context(), rec.ID, start.Add(tc.at)); err != nil {
			t.Fatal(err)
		}
		got := get(t, s, rec.ID)
		if !got.UsedAt.Equal(start.Add(tc.want)) {
			t.Errorf("touched at %v: got %v, want %v after the start", tc.at, got.UsedAt, tc.want)
		}
		if got.UsedAt = before.UsedAt; !equal(got, before) {
			t.Errorf("more than UsedAt changed: got %+v, want %+v", got, before)
		}
	}
}

func list(t *testing.T, s apikey.Store) {
	who := owner()
	var want []string
	for i, expiry := range []time.Time{{}, start.Add(2 * time.Hour), start.Add(time.Hour), start.AddDate(1, 0, 0)} {
		rec := record(who)
		rec.CreatedAt, rec.ExpiresAt = start.Add(time.Duration(i)*time.Minute), expiry
		create(t, s, rec)
		want = append([]string{rec.ID}, want...)
	}
	create(t, s, record(owner()))
	if err := s.Revoke(t.Context(), want[0], start); err != nil {
		t.Fatal(err)
	}
	want = slices.Delete(want, 0, 2) // revoked, expired
	all, err := s.List(t.Context(), who, start.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, rec := range all {
		got = append(got, rec.ID)
		if whole := get(t, s, rec.ID); !equal(rec, whole) {
			t.Errorf("got %+v, want %+v", rec, whole)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v: what is live, newest first", got, want)
	}
	if none, err := s.List(t.Context(), owner(), start); err != nil || len(none) != 0 {
		t.Errorf("of nobody: got %v, %v", none, err)
	}
}

func deleteExpired(t *testing.T, s apikey.Store) {
	expired, never, revoked, live := record(owner()), record(owner()), record(owner()), record(owner())
	expired.ExpiresAt, never.ExpiresAt = start.Add(time.Minute), time.Time{}
	for _, rec := range []apikey.Record{expired, never, revoked, live} {
		create(t, s, rec)
	}
	if err := s.Revoke(t.Context(), revoked.ID, start.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name   string
		before time.Time
		gone   bool
	}{{"at that moment", start.Add(time.Minute), false}, {"later", start.Add(time.Minute + time.Microsecond), true}} {
		n, err := s.DeleteExpired(t.Context(), tc.before)
		if err != nil || tc.gone && n < 2 { // the store may hold keys of others
			t.Errorf("%s: got %d, %v", tc.name, n, err)
		}
		for _, rec := range []apikey.Record{expired, revoked} {
			if _, err := s.Get(t.Context(), rec.ID); errors.Is(err, apikey.ErrNotFound) != tc.gone {
				t.Errorf("%s: got %v, want gone %t", tc.name, err, tc.gone)
			}
		}
	}
	get(t, s, never.ID)
	get(t, s, live.ID)
	if all, err := s.List(t.Context(), expired.Owner, start); err != nil || len(all) != 0 {
		t.Errorf("the list still has %+v, %v", all, err)
	}
}

func concurrentCreate(t *testing.T, s apikey.Store) {
	who := owner()
	var made atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 3 {
				if err := s.Create(t.Context(), record(who), 5); err == nil {
					made.Add(1)
				} else if !errors.Is(err, apikey.ErrTooMany) {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	all, err := s.List(t.Context(), who, start)
	if err != nil || len(all) != 5 || made.Load() != 5 {
		t.Errorf("of 24 at once %d were made and %d are there, %v; want exactly 5", made.Load(), len(all), err)
	}
}

func concurrentRotate(t *testing.T, s apikey.Store) {
	old := create(t, s, record(owner()))
	var won atomic.Pointer[apikey.Record]
	var wins atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			next := record(old.Owner)
			if err := s.Rotate(t.Context(), old.ID, start.Add(time.Hour), next); err == nil {
				wins.Add(1)
				won.Store(&next)
			} else if !errors.Is(err, apikey.ErrRotated) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if wins.Load() != 1 {
		t.Fatalf("of 8 rotations at once %d succeeded, want 1", wins.Load())
	}
	if got := get(t, s, old.ID).RotatedTo; got != won.Load().ID {
		t.Errorf("got successor %s, want that of the one that succeeded, %s", got, won.Load().ID)
	}
	if all, err := s.List(t.Context(), old.Owner, start); err != nil || len(all) != 2 {
		t.Errorf("got %d keys, %v; want the old one and one new", len(all), err)
	}
}

// concurrentEnds revokes a key while it is rotated and used: whoever is first, it is revoked afterwards.
func concurrentEnds(t *testing.T, s apikey.Store) {
	for range 10 {
		rec := create(t, s, record(owner()))
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := s.Revoke(t.Context(), rec.ID, start); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			if err := s.Touch(t.Context(), rec.ID, start.Add(time.Minute)); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			err := s.Rotate(t.Context(), rec.ID, start.Add(time.Hour), record(rec.Owner))
			if err != nil && !errors.Is(err, apikey.ErrEnded) {
				t.Error(err)
			}
		})
		wg.Wait()
		if got := get(t, s, rec.ID); !got.RevokedAt.Equal(start) || !got.UsedAt.Equal(start.Add(time.Minute)) {
			t.Errorf("something was lost: got %+v", got)
		}
	}
}

// cancelled checks that a store that cannot ask says so: an error, and never that there is no such key.
func cancelled(t *testing.T, s apikey.Store) {
	rec := create(t, s, record(owner()))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := s.Get(ctx, rec.ID); errors.Is(err, apikey.ErrNotFound) || err == nil && got.ID != rec.ID {
		t.Errorf("got %+v, %v", got, err)
	}
}

func strange(t *testing.T, s apikey.Store) {
	rec := record(`o'"; -- ` + owner())
	rec.Name, rec.Tenant, rec.Tier = `名 \ % _ ' "`, "é", " "
	rec.Scopes = []string{"a.b:c-d_e", "A", "a"}
	create(t, s, rec)
	if got := get(t, s, rec.ID); !equal(got, rec) {
		t.Errorf("got %+v, want %+v", got, rec)
	}
	if all, err := s.List(t.Context(), rec.Owner, start); err != nil || len(all) != 1 || !equal(all[0], rec) {
		t.Errorf("got %+v, %v", all, err)
	}
}
