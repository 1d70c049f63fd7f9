// Package apikeytest checks an implementation of [apikey.Store].
//
// Call [Run] from a test of your own; it fails the test wherever the store breaks the contract. It never reads the clock.
package apikeytest

import (
	"crypto/rand"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/auth/apikey"
)

// Run runs the suite. newStore returns a store, which may hold keys of other owners; it is called for each subtest, and
// cleans up through t.Cleanup.
func Run(t *testing.T, newStore func(t *testing.T) apikey.Store) {
	for name, check := range map[string]func(*testing.T, apikey.Store){
		"create then get":              createThenGet,
		"unknown":                      unknown,
		"an id is there once":          exists,
		"too many":                     tooMany,
		"what does not count":          notCounted,
		"rotate":                       rotate,
		"rotate ends no later":         rotateEndsNoLater,
		"rotate what has ended":        rotateEnded,
		"rotate is all or nothing":     rotateAllOrNothing,
		"revoke":                       revoke,
		"touch":                        touch,
		"list":                         list,
		"delete expired":               deleteExpired,
		"concurrent creations":         concurrentCreate,
		"concurrent rotations":         concurrentRotate,
		"concurrent ends":              concurrentEnds,
		"a cancelled context":          cancelled,
		"strange text stays as it was": strange,
	} {
		t.Run(name, func(t *testing.T) { check(t, newStore(t)) })
	}
}

// start is in the past of every machine, to the microsecond.
var start = time.Date(2025, 3, 9, 2, 30, 0, 123_456_000, time.UTC)

const most = 100

// record returns a key of a year that nobody has yet.
func record(owner string) apikey.Record {
	rec := apikey.Record{
		Key: apikey.Key{
			ID: rand.Text()[:12], Name: "backup", Owner: owner, Tenant: "acme", Tier: "free",
			Scopes: []string{"orders:read", "orders:write"}, CreatedAt: start, ExpiresAt: start.AddDate(1, 0, 0),
		},
		Pepper: "0123456789abcdef",
	}
	_, _ = rand.Read(rec.Hash[:]) // never fails
	return rec
}

// owner returns a name that no other test has used.
func owner() string { return "owner-" + rand.Text() }

func create(t *testing.T, s apikey.Store, rec apikey.Record) apikey.Record {
	t.Helper()
	if err := s.Create(t.Context(), rec, most); err != nil {
		t.Fatal(err)
	}
	return rec
}

func get(t *testing.T, s apikey.Store, id string) apikey.Record {
	t.Helper()
	rec, err := s.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// equal compares records; times are equal as instants, and lists where both are empty.
func equal(a, b apikey.Record) bool {
	same := slices.Equal(a.Scopes, b.Scopes)
	for _, pair := range [][2]*time.Time{
		{&a.CreatedAt, &b.CreatedAt}, {&a.ExpiresAt, &b.ExpiresAt}, {&a.RevokedAt, &b.RevokedAt}, {&a.UsedAt, &b.UsedAt},
	} {
		same = same && pair[0].Equal(*pair[1]) && pair[0].IsZero() == pair[1].IsZero()
		*pair[0], *pair[1] = time.Time{}, time.Time{}
	}
	a.Scopes, b.Scopes = nil, nil
	return same && reflect.DeepEqual(a, b)
}

func createThenGet(t *testing.T, s apikey.Store) {
	plain := record(owner())
	plain.Pepper, plain.Tenant, plain.Tier, plain.Scopes, plain.ExpiresAt = "", "", "", nil, time.Time{}
	for _, want := range []apikey.Record{record(owner()), plain} {
		create(t, s, want)
		got := get(t, s, want.ID)
		if !equal(got, want) || got.Hash != want.Hash {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if len(got.Scopes) > 0 {
			got.Scopes[0] = "changed"
			if again := get(t, s, want.ID); !equal(again, want) {
				t.Error("what Get returned is not the caller's own")
			}
		}
	}
	mine := record(owner())
	kept := slices.Clone(mine.Scopes)
	create(t, s, mine)
	mine.Scopes[0] = "changed"
	if got := get(t, s, mine.ID); !slices.Equal(got.Scopes, kept) {
		t.Error("what Create was given changes the store")
	}
}

func unknown(t *testing.T, s apikey.Store) {
	if _, err := s.Get(t.Context(), "nosuchkey000"); !errors.Is(err, apikey.ErrNotFound) {
		t.Errorf("Get: got %v, want ErrNotFound", err)
	}
	if err := s.Rotate(t.Context(), "nosuchkey000", start, record(owner())); !errors.Is(err, apikey.ErrNotFound) {
		t.Errorf("Rotate: got %v, want ErrNotFound", err)
	}
	if err := errors.Join(s.Revoke(t.Context(), "nosuchkey000", start), s.Touch(t.Context(), "nosuchkey000", start)); err != nil {
		t.Errorf("Revoke, Touch: got %v, want none", err)
	}
	rec := create(t, s, record(owner()))
	for _, id := range []string{strings.ToLower(rec.ID), rec.ID[:11], rec.ID + "0", "%", ""} {
		if _, err := s.Get(t.Context(), id); !errors.Is(err, apikey.ErrNotFound) {
			t.Errorf("Get(%q) beside %q: got %v, want ErrNotFound", id, rec.ID, err)
		}
	}
}

func exists(t *testing.T, s apikey.Store) {
	rec := create(t, s, record(owner()))
	other := record(owner())
	other.ID = rec.ID
	if err := s.Create(t.Context(), other, most); !errors.Is(err, apikey.ErrExists) {
		t.Errorf("got %v, want ErrExists", err)
	}
	if got := get(t, s, rec.ID); !equal(got, rec) {
		t.Errorf("the first key became %+v", got)
	}
}

func tooMany(t *testing.T, s apikey.Store) {
	who := owner()
	for i := range 4 {
		err := s.Create(t.Context(), record(who), 3)
		if want := i == 3; errors.Is(err, apikey.ErrTooMany) != want || err != nil != want {
			t.Errorf("key %d of 3: got %v", i+1, err)
		}
	}
	if err := s.Create(t.Context(), record(owner()), 3); err != nil {
		t.Errorf("one owner pays for another: %v", err)
	}
}

// notCounted fills an owner's places with keys that have ended or a successor.
func notCounted(t *testing.T, s apikey.Store) {
	who := owner()
	expired := record(who)
	expired.CreatedAt, expired.ExpiresAt = start.Add(-time.Hour), start
	create(t, s, expired)
	revoked, rotated := create(t, s, record(who)), create(t, s, record(who))
	if err := s.Revoke(t.Context(), revoked.ID, start); err != nil {
		t.Fatal(err)
	}
	if err := s.Rotate(t.Context(), rotated.ID, start.Add(time.Hour), record(who)); err != nil {
		t.Fatal(err)
	}
	if err := s.Create(t.Context(), record(who), 1); !errors.Is(err, apikey.ErrTooMany) {
		t.Errorf("a second beside one: got %v, want ErrTooMany", err)
	}
	if err := s.Create(t.Context(), record(who), 2); err != nil {
		t.Errorf("the second of two: got %v; want none, for the others do not count", err)
	}
}

func rotate(t *testing.T, s apikey.Store) {
	old, next := create(t, s, record(owner())), record("")
	next.Owner = old.Owner
	if err := s.Rotate(t.Context(), old.ID, start.Add(time.Hour), next); err != nil {
		t.Fatal(err)
	}
	if got := get(t, s, next.ID); !equal(got, next) {
		t.Errorf("successor: got %+v, want %+v", got, next)
	}
	old.ExpiresAt, old.RotatedTo = start.Add(time.Hour), next.ID
	if got := get(t, s, old.ID); !equal(got, old) {
		t.Errorf("predecessor: got %+v, want %+v", got, old)
	}
	if err := s.Rotate(t.Context(), old.ID, start.Add(2*time.Hour), record(old.Owner)); !errors.Is(err, apikey.ErrRotated) {
		t.Errorf("again: got %v, want ErrRotated", err)
	}
	late := record(old.Owner)
	late.CreatedAt = start.Add(time.Hour)
	if err := s.Rotate(t.Context(), old.ID, start.Add(2*time.Hour), late); !errors.Is(err, apikey.ErrEnded) {
		t.Errorf("again, after its end: got %v, want ErrEnded", err)
	}
	if got := get(t, s, old.ID); !equal(got, old) {
		t.Errorf("a refused rotation left %+v", got)
	}
}

func rotateEndsNoLater(t *testing.T, s apikey.Store) {
	for _, tc := range []struct {
		name         string
		expiry, want time.Time
	}{
		{"earlier than the overlap", start.Add(time.Minute), start.Add(time.Minute)},
		{"never", time.Time{}, start.Add(time.Hour)},
	} {
		old := record(owner())
		old.ExpiresAt = tc.expiry
		create(t, s, old)
		if err := s.Rotate(t.Context(), old.ID, start.Add(time.Hour), record(old.Owner)); err != nil {
			t.Fatal(err)
		}
		if got := get(t, s, old.ID).ExpiresAt; !got.Equal(tc.want) {
			t.Errorf("%s: got %v, want %v", tc.name, got, tc.want)
		}
	}
}
