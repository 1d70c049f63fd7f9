package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gopalisade/palisade/adapters/sqlstore"
	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/apikey"
	"github.com/gopalisade/palisade/auth/apikey/apikeytest"
)

func TestAPIKeys(t *testing.T) {
	dialects(t, func(t *testing.T, d sqlstore.Dialect, empty func(testing.TB) *sql.DB) {
		s := newStore(t, empty(t), d) // one for all: owners are apart
		apikeytest.Run(t, func(*testing.T) apikey.Store { return s.APIKeys() })
		for name, check := range map[string]func(*testing.T, sqlstore.Dialect, *sql.DB){
			"from creation to end":  apiKeysWhole,
			"several processes":     apiKeysOfSeveralProcesses,
			"what cannot be stored": apiKeysThatCannotBeStored,
			"without the database":  apiKeysWithoutDatabase,
			"another hash":          apiKeyWithAnotherHash,
		} {
			t.Run(name, func(t *testing.T) { check(t, d, empty(t)) })
		}
	})
}

func apiKey(id, owner string) apikey.Record {
	rec := apikey.Record{Key: apikey.Key{ID: id, Name: "n", Owner: owner, CreatedAt: time.Now().Truncate(time.Microsecond)}}
	rec.Hash[0] = 1
	return rec
}

func newAPIKeys(t *testing.T, s apikey.Store) *apikey.Keys {
	t.Helper()
	k, err := apikey.New(apikey.Config{Store: s, Prefix: "pk", MaxPerOwner: 5})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func apiKeysWhole(t *testing.T, d sqlstore.Dialect, db *sql.DB) {
	k := newAPIKeys(t, newStore(t, db, d).APIKeys())
	c, err := k.Create(t.Context(), apikey.Params{Name: "ci", Owner: "alice", Scopes: []string{"orders:read"}})
	if err != nil {
		t.Fatal(err)
	}
	again := newAPIKeys(t, newStore(t, db, d).APIKeys()) // the program was started again
	p, err := again.Verify(t.Context(), c.Text)
	if err != nil || p.ID != "alice" || !slices.Equal(p.Permissions, []string{"orders:read"}) || !p.Expiry.Equal(c.Key.ExpiresAt) {
		t.Errorf("got %+v, %v", p, err)
	}
	list, err := again.List(t.Context(), "alice")
	if err != nil || len(list) != 1 || list[0].UsedAt.IsZero() {
		t.Errorf("got %+v, %v, want one key that was used", list, err)
	}
	next, err := k.Rotate(t.Context(), "alice", c.Key.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := again.Verify(t.Context(), c.Text); !errors.Is(err, auth.ErrInvalid) {
		t.Errorf("the old key: got %v, want ErrInvalid", err)
	}
	if _, err := again.Verify(t.Context(), next.Text); err != nil {
		t.Errorf("the new key: got %v", err)
	}
}

// apiKeysOfSeveralProcesses has a pool of connections for each: neither the limit of an owner nor the one successor of a
// key may depend on a lock in memory.
func apiKeysOfSeveralProcesses(t *testing.T, d sqlstore.Dialect, db *sql.DB) {
	open := func() *sql.DB { return db } // PostgreSQL: no lock in memory at all
	if d == sqlstore.SQLite {
		path := filepath.Join(t.TempDir(), "shared.db")
		open = func() *sql.DB { return openSQLite(t, path) }
	}
	var made, rotated atomic.Int64
	old := apiKey("old000000000", "bob")
	var processes []*apikey.Keys
	for i := range 4 {
		s := newStore(t, open(), d).APIKeys()
		if i == 0 {
			if err := s.Create(t.Context(), old, 1); err != nil {
				t.Fatal(err)
			}
		}
		processes = append(processes, newAPIKeys(t, s))
	}
	var wg sync.WaitGroup
	for _, k := range processes {
		wg.Go(func() {
			for range 4 {
				if _, err := k.Create(t.Context(), apikey.Params{Name: "n", Owner: "alice"}); err == nil {
					made.Add(1)
				} else if !errors.Is(err, apikey.ErrTooMany) {
					t.Error(err)
				}
				if _, err := k.Rotate(t.Context(), "bob", old.ID, time.Hour); err == nil {
					rotated.Add(1)
				} else if !errors.Is(err, apikey.ErrRotated) {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if made.Load() != 5 || rotated.Load() != 1 {
		t.Errorf("got %d keys and %d successors, want 5 and 1", made.Load(), rotated.Load())
	}
}

func apiKeysThatCannotBeStored(t *testing.T, d sqlstore.Dialect, db *sql.DB) {
	s := newStore(t, db, d).APIKeys()
	ctx := t.Context()
	if err := s.Create(ctx, apiKey("good00000000", "alice"), 9); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name   string
		change func(*apikey.Record)
	}{
		{"zero byte", func(r *apikey.Record) { r.Name = "a\x00" }},
		{"not UTF-8", func(r *apikey.Record) { r.Owner = "\xff" }},
		{"zero byte in a scope", func(r *apikey.Record) { r.Scopes = []string{"a", "b\x00"} }},
		{"a scope that reads as two", func(r *apikey.Record) { r.Scopes = []string{"a b"} }},
		{"a scope that reads as another", func(r *apikey.Record) { r.Scopes = []string{"a\n"} }},
		{"a scope that reads as none", func(r *apikey.Record) { r.Scopes = []string{""} }},
	} {
		rec := apiKey("bad000000000", "alice")
		tc.change(&rec)
		for _, err := range []error{s.Create(ctx, rec, 9), s.Rotate(ctx, "good00000000", rec.CreatedAt, rec)} {
			if err == nil || errors.Is(err, apikey.ErrTooMany) || errors.Is(err, apikey.ErrNotFound) {
				t.Errorf("%s: got %v, want a refusal", tc.name, err)
			}
		}
	}
	const strange = "a\x00"
	_, get := s.Get(ctx, strange)
	rotate := s.Rotate(ctx, strange, time.Now(), apiKey("next00000000", "alice"))
	if !errors.Is(get, apikey.ErrNotFound) || !errors.Is(rotate, apikey.ErrNotFound) {
		t.Errorf("got %v, %v, want ErrNotFound", get, rotate)
	}
	list, err := s.List(ctx, strange, time.Now())
	err = errors.Join(err, s.Revoke(ctx, strange, time.Now()), s.Touch(ctx, strange, time.Now()))
	if err != nil || len(list) != 0 {
		t.Errorf("got %v, %v, want nothing", list, err)
	}
}

// apiKeysWithoutDatabase wants an error from every step, and never an answer.
func apiKeysWithoutDatabase(t *testing.T, d sqlstore.Dialect, db *sql.DB) {
	s := newStore(t, db, d).APIKeys()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	wantErrors(t, s, cancelled)
	if _, err := db.ExecContext(t.Context(), "DROP TABLE palisade_api_keys"); err != nil {
		t.Fatal(err)
	}
	wantErrors(t, s, t.Context())
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	wantErrors(t, s, t.Context())
}

func wantErrors(t *testing.T, s apikey.Store, ctx context.Context) {
	t.Helper()
	now := time.Now()
	_, get := s.Get(ctx, "a")
	_, list := s.List(ctx, "a", now)
	_, expired := s.DeleteExpired(ctx, now)
	for i, err := range []error{
		get, list, expired, s.Create(ctx, apiKey("a", "b"), 1), s.Rotate(ctx, "a", now, apiKey("a", "b")),
		s.Revoke(ctx, "a", now), s.Touch(ctx, "a", now),
	} {
		for _, known := range []error{apikey.ErrNotFound, apikey.ErrEnded, apikey.ErrExists, apikey.ErrTooMany} {
			if err == nil || errors.Is(err, known) {
				t.Errorf("step %d: got %v, want an error of the database", i, err)
			}
		}
	}
}

func apiKeyWithAnotherHash(t *testing.T, d sqlstore.Dialect, db *sql.DB) {
	s := newStore(t, db, d).APIKeys()
	if err := s.Create(t.Context(), apiKey("a", "alice"), 1); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), "UPDATE palisade_api_keys SET hash = $1", []byte("short")); err != nil {
		t.Fatal(err)
	}
	if rec, err := s.Get(t.Context(), "a"); err == nil || rec.ID != "" {
		t.Errorf("got %+v, %v, want an error", rec, err)
	}
}
