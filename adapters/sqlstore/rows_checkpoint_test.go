package sqlstore_test

import (
	"database/sql"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/adapters/sqlstore"
)

func checkpoints(t *testing.T, d sqlstore.Dialect, empty func(testing.TB) *sql.DB) {
	db := empty(t)
	s := newStore(t, db, d)
	one, other := s.Checkpoint("one"), s.Checkpoint("other")
	want := func(step, wantOne, wantOther string) {
		t.Helper()
		for name, want := range map[string]string{"one": wantOne, "other": wantOther} {
			got, err := newStore(t, db, d).Checkpoint(name).Load(t.Context())
			if err != nil || string(got) != want || (got == nil) != (want == "") {
				t.Errorf("%s: %s: got %q, %v, want %q", step, name, got, err, want)
			}
		}
	}
	save := func(step string, err error) {
		t.Helper()
		if err != nil {
			t.Errorf("%s: %v", step, err)
		}
	}
	want("at first", "", "")
	save("first", one.Save(t.Context(), []byte("a\x00\xff")))
	want("first", "a\x00\xff", "")
	save("second", one.Save(t.Context(), []byte("b")))
	save("other", other.Save(t.Context(), []byte("c")))
	want("second", "b", "c")
	save("end", one.Save(t.Context(), nil))
	save("end again", one.Save(t.Context(), nil))
	want("end", "", "c")
	bad := s.Checkpoint("a\x00")
	_, err := bad.Load(t.Context())
	for _, err := range []error{err, bad.Save(t.Context(), []byte("x"))} {
		if err == nil || !strings.Contains(err.Error(), "UTF-8") {
			t.Errorf("got %v, want a refusal", err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := one.Load(t.Context()); err == nil {
		t.Errorf("closed: got %q, want an error", got)
	}
	if one.Save(t.Context(), []byte("x")) == nil || one.Save(t.Context(), nil) == nil {
		t.Error("closed: saved")
	}
}
