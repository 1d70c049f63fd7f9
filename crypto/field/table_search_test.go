package field_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/gopalisade/palisade/crypto/field"
)

func TestTableCandidates(t *testing.T) {
	ring := newRing(t, 0)
	table := tableOf[customer](t, ring)
	in := ada()
	cells, err := table.SealRow(&in, field.Int(7))
	if err != nil {
		t.Fatal(err)
	}
	stored := cells.Get("email_eq").Bytes
	for _, tc := range []struct {
		name   string
		table  *field.Table[customer]
		column string
		email  string
		found  bool
		err    error
	}{
		{"the same", table, "email", "Ada@example.com", true, nil},
		{"another spelling", table, "email", " ada@EXAMPLE.com", true, nil},
		{"somebody else", table, "email", "eve@example.com", false, nil},
		{"another tenant's", table.Tenant("acme"), "email", "Ada@example.com", false, nil},
		{"no tenant", table.Tenant(""), "email", "Ada@example.com", false, field.ErrBinding},
		{"not text for the index", table, "email", "nobody", false, field.ErrValue},
		{"the column of the index", table, "email_eq", "Ada@example.com", false, field.ErrValue},
		{"a column without an index", table, "born", "Ada@example.com", false, field.ErrValue},
		{"no column", table, "", "Ada@example.com", false, field.ErrValue},
		{"NULL", table, "phone", "Ada@example.com", false, field.ErrValue},
	} {
		example := customer{Email: tc.email}
		got, err := tc.table.Candidates(tc.column, &example)
		found := slices.ContainsFunc(got, func(b []byte) bool { return bytes.Equal(b, stored) })
		if !errors.Is(err, tc.err) || (err == nil) != (len(got) == 2) || found != tc.found {
			t.Errorf("%s: got %x, %v, want found %v, %v", tc.name, got, err, tc.found, tc.err)
		}
		if same := tc.table.Same(tc.column, &in, &example); tc.table == table && same != tc.found {
			t.Errorf("%s: same is %v, want %v", tc.name, same, tc.found)
		}
	}
	if _, err := table.Candidates("email", nil); !errors.Is(err, field.ErrValue) {
		t.Errorf("nil: got %v", err)
	}
	if table.Same("email", &in, nil) || table.Same("email", nil, &in) {
		t.Error("nil is the same as somebody")
	}
	if err := ring.SetPrimary(3); err != nil {
		t.Fatal(err)
	}
	got, err := table.Candidates("phone", &in)
	if err != nil || len(got) != 2 || !bytes.Equal(got[1], cells.Get("phone_last").Bytes) {
		t.Errorf("under a new primary: got %x, %v", got, err)
	}
	_ = ring.Close()
	if _, err := table.Candidates("email", &in); !errors.Is(err, field.ErrClosed) {
		t.Errorf("closed: got %v", err)
	}
}
