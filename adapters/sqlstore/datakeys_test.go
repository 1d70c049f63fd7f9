package sqlstore_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/gopalisade/palisade/adapters/sqlstore"
	"github.com/gopalisade/palisade/crypto/envelope"
	"github.com/gopalisade/palisade/crypto/envelope/envelopetest"
	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/secret"
)

func TestDataKeys(t *testing.T) {
	dialects(t, func(t *testing.T, d sqlstore.Dialect, empty func(testing.TB) *sql.DB) {
		s := newStore(t, empty(t), d) // one for all: subjects are apart
		envelopetest.Run(t, func(*testing.T) envelope.Store { return s.DataKeys() })
		for name, check := range map[string]func(*testing.T, sqlstore.Dialect, *sql.DB){
			"from creation to end":  dataKeysWhole,
			"several processes":     dataKeysOfSeveralProcesses,
			"what cannot be stored": dataKeysThatCannotBeStored,
			"without the database":  dataKeysWithoutDatabase,
			"what others wrote":     dataKeysOfOthers,
		} {
			t.Run(name, func(t *testing.T) { check(t, d, empty(t)) })
		}
	})
}

func dataKey(subject string) envelope.Record {
	return envelope.Record{
		Subject: subject, Seq: 1, KeyID: 7, Created: time.Now().Truncate(time.Microsecond), KEK: "local", Wrapped: make([]byte, 40),
	}
}

func newWrapper(t *testing.T) *envelope.Local {
	t.Helper()
	kek := make([]byte, 32)
	_, _ = rand.Read(kek) // never fails
	l, err := envelope.NewLocal(envelope.LocalConfig{Keys: []field.Key{{ID: 1, Secret: secret.New(kek), State: field.Primary}}})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func newDataKeys(t *testing.T, w envelope.KeyWrapper, s envelope.Store) *envelope.Keys {
	t.Helper()
	k, err := envelope.New(envelope.Config{Wrapper: w, Store: s})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.Close() })
	return k
}

func dataKeysWhole(t *testing.T, d sqlstore.Dialect, db *sql.DB) {
	w := newWrapper(t)
	k := newDataKeys(t, w, newStore(t, db, d).DataKeys())
	ring, err := k.Ring(t.Context(), "alice")
	if err != nil {
		t.Fatal(err)
	}
	cell := field.Bind("notes", "text", field.Int(1))
	sealed, err := ring.Seal(cell, []byte("a note"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(k.Rotate(t.Context(), "alice"), k.Rewrap(t.Context(), "alice")); err != nil {
		t.Fatal(err)
	}
	again := newDataKeys(t, w, newStore(t, db, d).DataKeys()) // the program was started again
	if ring, err = again.Ring(t.Context(), "alice"); err != nil {
		t.Fatal(err)
	}
	if text, err := ring.Open(cell, sealed); err != nil || string(text) != "a note" || len(ring.Keys()) != 2 {
		t.Errorf("got %q, %v of %v", text, err, ring.Keys())
	}
	if err := k.Shred(t.Context(), "alice"); err != nil {
		t.Fatal(err)
	}
	again = newDataKeys(t, w, newStore(t, db, d).DataKeys())
	if _, err := again.Ring(t.Context(), "alice"); !errors.Is(err, envelope.ErrShredded) {
		t.Errorf("got %v, want ErrShredded", err)
	}
	var rows, bytes int
	const left = "SELECT count(*), coalesce(sum(length(wrapped)), 0) FROM palisade_data_keys"
	if err := db.QueryRowContext(t.Context(), left).Scan(&rows, &bytes); err != nil || rows != 1 || bytes != 0 {
		t.Errorf("got %d rows with %d bytes, %v, want the tombstone alone", rows, bytes, err)
	}
}

// dataKeysOfSeveralProcesses has a pool of connections for each: neither the one first key nor the tombstone may depend on a
// lock in memory.
func dataKeysOfSeveralProcesses(t *testing.T, d sqlstore.Dialect, db *sql.DB) {
	open := func() *sql.DB { return db } // PostgreSQL: no lock in memory at all
	if d == sqlstore.SQLite {
		path := filepath.Join(t.TempDir(), "shared.db")
		open = func() *sql.DB { return openSQLite(t, path) }
	}
	w := newWrapper(t)
	var processes []*envelope.Keys
	for range 4 {
		processes = append(processes, newDataKeys(t, w, newStore(t, open(), d).DataKeys()))
	}
	cell := field.Bind("notes", "text", field.Int(1))
	for _, subject := range []string{"a", "b", "c", "d"} {
		rings := make([]*field.Ring, len(processes))
		var wg sync.WaitGroup
		for i, k := range processes {
			wg.Go(func() {
				ring, err := k.Ring(t.Context(), subject)
				if err != nil {
					t.Error(err)
				}
				rings[i] = ring
			})
		}
		wg.Wait()
		sealed, err := rings[0].Seal(cell, []byte("a note"))
		if err != nil {
			t.Fatal(err)
		}
		for i, ring := range rings {
			if text, err := ring.Open(cell, sealed); err != nil || string(text) != "a note" {
				t.Errorf("process %d: got %q, %v", i, text, err)
			}
		}
		for i, k := range processes {
			wg.Go(func() {
				err := k.Rotate(t.Context(), subject)
				if i == 0 {
					err = k.Shred(t.Context(), subject)
				}
				if err != nil && !errors.Is(err, envelope.ErrShredded) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for i, k := range processes {
			if err := k.Rotate(t.Context(), subject); !errors.Is(err, envelope.ErrShredded) {
				t.Errorf("process %d: got %v, want ErrShredded", i, err)
			}
		}
	}
}

func dataKeysThatCannotBeStored(t *testing.T, d sqlstore.Dialect, db *sql.DB) {
	s := newStore(t, db, d).DataKeys()
	ctx := t.Context()
	for name, change := range map[string]func(*envelope.Record){
		"zero byte":        func(r *envelope.Record) { r.Subject = "a\x00" },
		"not UTF-8":        func(r *envelope.Record) { r.KEK = "\xff" },
		"like a tombstone": func(r *envelope.Record) { r.Seq = 0 },
		"nothing wrapped":  func(r *envelope.Record) { r.Wrapped = nil },
	} {
		rec := dataKey("alice")
		change(&rec)
		for _, err := range []error{s.Add(ctx, rec), s.Replace(ctx, rec, []byte("old"))} {
			if !errors.Is(err, envelope.ErrRecord) {
				t.Errorf("%s: got %v, want a refusal", name, err)
			}
		}
	}
	if list, err := s.List(ctx, "a\x00"); err != nil || len(list) != 0 {
		t.Errorf("got %v, %v, want nothing", list, err)
	}
	if err := s.Delete(ctx, "a\x00", 1); err != nil {
		t.Errorf("Delete: got %v, want nothing", err)
	}
	if err := s.Shred(ctx, "a\x00"); err == nil {
		t.Error("a tombstone that cannot be stored was acknowledged")
	}
}

// dataKeysWithoutDatabase wants an error from every step, and never an answer.
func dataKeysWithoutDatabase(t *testing.T, d sqlstore.Dialect, db *sql.DB) {
	s := newStore(t, db, d).DataKeys()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	wantDataKeyErrors(t, s, cancelled)
	if _, err := db.ExecContext(t.Context(), "DROP TABLE palisade_data_keys"); err != nil {
		t.Fatal(err)
	}
	wantDataKeyErrors(t, s, t.Context())
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	wantDataKeyErrors(t, s, t.Context())
}

func wantDataKeyErrors(t *testing.T, s envelope.Store, ctx context.Context) {
	t.Helper()
	rec := dataKey("alice")
	_, list := s.List(ctx, rec.Subject)
	for i, err := range []error{
		list, s.Add(ctx, rec), s.Replace(ctx, rec, rec.Wrapped), s.Delete(ctx, rec.Subject, 1), s.Shred(ctx, rec.Subject),
	} {
		for _, known := range []error{envelope.ErrExists, envelope.ErrConflict, envelope.ErrShredded, envelope.ErrRecord} {
			if err == nil || errors.Is(err, known) {
				t.Errorf("step %d: got %v, want an error of the database", i, err)
			}
		}
	}
}

// dataKeysOfOthers has a row that does not fit into a record.
func dataKeysOfOthers(t *testing.T, d sqlstore.Dialect, db *sql.DB) {
	s := newStore(t, db, d).DataKeys()
	if err := s.Add(t.Context(), dataKey("alice")); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), "UPDATE palisade_data_keys SET seq = -1"); err != nil {
		t.Fatal(err)
	}
	if list, err := s.List(t.Context(), "alice"); err == nil || len(list) != 0 {
		t.Errorf("got %+v, %v, want an error", list, err)
	}
}
