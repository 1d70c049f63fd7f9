package field_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/password"
)

var _ password.Sealer = (*field.Sealer)(nil)

func newSealer(tb testing.TB, ring *field.Ring) *field.Sealer {
	tb.Helper()
	s, err := field.NewSealer(field.SealerConfig{Ring: ring, Table: "users", Name: "password"})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func TestSealer(t *testing.T) {
	ring := newRing(t, 0)
	s := newSealer(t, ring)
	sealed, err := s.Seal("u7", []byte("$argon2id$…"))
	if err != nil || !strings.HasPrefix(sealed, "enc1.") || strings.Contains(sealed, "argon") {
		t.Fatalf("got %q, %v", sealed, err)
	}
	other, err := field.NewSealer(field.SealerConfig{Ring: ring, Table: "users", Name: "pin_hash"})
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name    string
		sealer  *field.Sealer
		subject string
		text    string
		want    error
	}{
		{"the same", s, "u7", sealed, nil},
		{"another subject", s, "u8", sealed, field.ErrOpen},
		{"no subject", s, "", sealed, field.ErrBinding},
		{"another column", other, "u7", sealed, field.ErrOpen},
		{"a tenant", s.Tenant("acme"), "u7", sealed, field.ErrOpen},
		{"no tenant", s.Tenant(""), "u7", sealed, field.ErrBinding},
		{"clear text", s, "u7", "$argon2id$…", field.ErrFormat},
		{"another spelling", s, "u7", sealed + "=", field.ErrFormat},
		{"nothing", s, "u7", "", field.ErrFormat},
	} {
		got, stale, err := tc.sealer.Open(tc.subject, tc.text)
		if !errors.Is(err, tc.want) || stale || (err == nil) != (string(got) == "$argon2id$…") || err != nil && !errors.Is(err, field.ErrOpen) {
			t.Errorf("%s: got %q, %v, %v, want %v", tc.name, got, stale, err, tc.want)
		}
	}
	if _, err := s.Seal("", nil); !errors.Is(err, field.ErrBinding) {
		t.Errorf("no subject: got %v", err)
	}
	c := column[string](t, ring)
	e, err := c.Seal("x", field.Str("u7"))
	if err != nil {
		t.Fatal(err)
	}
	same, err := field.NewSealer(field.SealerConfig{Ring: ring, Table: "customers", Name: "email"})
	if err != nil {
		t.Fatal(err)
	}
	text, _ := e.MarshalText()
	if got, _, err := same.Open("u7", string(text)); err != nil || string(got) != "x" {
		t.Errorf("a column's value: got %q, %v", got, err)
	}
	if err := ring.SetPrimary(3); err != nil {
		t.Fatal(err)
	}
	if _, stale, err := s.Open("u7", sealed); !stale || err != nil {
		t.Errorf("after a new primary: got %v, %v, want stale", stale, err)
	}
}

func TestSealerFaults(t *testing.T) {
	_, err := field.NewSealer(field.SealerConfig{Name: "cvv"})
	for _, name := range []string{"Ring", "Table", "Name"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, want a fault of %s", err, name)
		}
	}
}
