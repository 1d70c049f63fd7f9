package field_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"slices"
	"testing"

	"github.com/gopalisade/palisade/crypto/field"
)

// rotate makes key 3 the primary instead of 7.
func rotate(tb testing.TB, ring *field.Ring) {
	tb.Helper()
	if err := ring.SetPrimary(3); err != nil {
		tb.Fatal(err)
	}
}

func sealRow[S any](tb testing.TB, table *field.Table[S], v S, row ...field.Part) field.Cells {
	tb.Helper()
	cells, err := table.SealRow(&v, row...)
	if err != nil {
		tb.Fatal(err)
	}
	return cells
}

// reseal returns the cells that changed.
func reseal[S any](tb testing.TB, table *field.Table[S], cells field.Cells, row ...field.Part) (field.Cells, []string) {
	tb.Helper()
	before := slices.Clone(cells)
	for i := range before {
		before[i].Bytes = slices.Clone(before[i].Bytes)
	}
	out, changed, err := table.Reseal(cells, row...)
	if err != nil || len(out) != len(cells) {
		tb.Fatalf("got %v, %v", out, err)
	}
	var names []string
	for i := range out {
		if out[i].Column != cells[i].Column || !bytes.Equal(before[i].Bytes, cells[i].Bytes) {
			tb.Errorf("%v became %v, and what was given %v", before[i], out[i], cells[i])
		}
		if !bytes.Equal(out[i].Bytes, cells[i].Bytes) || (out[i].Bytes == nil) != (cells[i].Bytes == nil) {
			names = append(names, out[i].Column)
		}
	}
	if changed != (len(names) > 0) {
		tb.Errorf("says %t, and changed %v", changed, names)
	}
	return out, names
}

func TestTableReseal(t *testing.T) {
	for _, suite := range suites {
		ring := newRing(t, suite)
		for name, table := range map[string]*field.Table[customer]{
			"": tableOf[customer](t, ring), "acme": tableOf[customer](t, ring).Tenant("acme"),
		} {
			in := ada()
			if err := ring.SetPrimary(7); err != nil {
				t.Fatal(err)
			}
			old := sealRow(t, table, in, field.Int(7))
			if _, names := reseal(t, table, old, field.Int(7)); names != nil {
				t.Errorf("%v %q: changed %v under the same key", suite, name, names)
			}
			rotate(t, ring)
			fresh, names := reseal(t, table, old, field.Int(7))
			if !slices.Equal(names, table.Columns()) {
				t.Errorf("%v %q: changed %v, want all", suite, name, names)
			}
			want := sealRow(t, table, in, field.Int(7))
			for _, c := range fresh {
				id, err := c.SealedBy()
				if err != nil || id != 3 && id != 0 {
					t.Errorf("%v %q: %v is under key %d, %v", suite, name, c, id, err)
				}
				if id == 0 && !bytes.Equal(c.Bytes, want.Get(c.Column).Bytes) {
					t.Errorf("%v %q: %v is not the index of today", suite, name, c)
				}
				if len(c.Bytes) != len(want.Get(c.Column).Bytes) {
					t.Errorf("%v %q: %v has %d bytes, want %d: lost its padding?", suite, name, c, len(c.Bytes),
						len(want.Get(c.Column).Bytes))
				}
				_ = append(c.Bytes, "overwritten?"...)
			}
			out := customer{ID: 7, Clear: "clear", hidden: "hidden"}
			if err := table.OpenRow(fresh, &out, field.Int(7)); err != nil || !same(in, out) {
				t.Errorf("%v %q: got %+v, %v", suite, name, out, err)
			}
			if _, names := reseal(t, table, fresh, field.Int(7)); names != nil {
				t.Errorf("%v %q: a second time changes %v", suite, name, names)
			}
		}
	}
}

// Only what differs changes.
func TestTableResealPart(t *testing.T) {
	ring := newRing(t, 0)
	table := tableOf[customer](t, ring)
	in := ada()
	in.Home = nil
	old := sealRow(t, table, in, field.Int(7))
	in.Phone = nil
	noPhone := sealRow(t, table, in, field.Int(7))
	rotate(t, ring)
	fresh := sealRow(t, table, ada(), field.Int(7))
	only := func(cells field.Cells, columns ...string) field.Cells {
		part := table.Cells(columns...)
		for i := range part {
			part[i].Bytes = cells.Get(part[i].Column).Bytes
		}
		return part
	}
	with := func(cells field.Cells, column string, b []byte) field.Cells {
		cells = slices.Clone(cells)
		cells.Get(column).Bytes = b
		return cells
	}
	reversed := slices.Clone(old)
	slices.Reverse(reversed)
	for _, tc := range []struct {
		name  string
		cells field.Cells
		want  []string
	}{
		{"NULL stays", old, []string{"email", "email_eq", "phone", "phone_last", "born", "note", "token"}},
		{"NULL with an index stays", noPhone, []string{"email", "email_eq", "born", "note", "token"}},
		{"scanned in part", only(old, "born", "email", "email_eq"), []string{"email", "email_eq", "born"}},
		{"nothing", field.Cells{}, nil},
		{"in another order", reversed, []string{"token", "note", "born", "phone_last", "phone", "email_eq", "email"}},
		{"an old value among new ones", with(fresh, "born", old.Get("born").Bytes), []string{"born"}},
		{"an old index beside a new value", with(fresh, "email_eq", old.Get("email_eq").Bytes), []string{"email_eq"}},
		{"an index that was NULL", with(fresh, "email_eq", nil), []string{"email_eq"}},
		{"an index that is empty", with(fresh, "email_eq", []byte{}), []string{"email_eq"}},
		{"an index of NULL", with(fresh, "phone", nil), []string{"phone_last"}},
		{"an empty index of NULL", with(with(fresh, "phone", nil), "phone_last", []byte{}), []string{"phone_last"}},
	} {
		if _, got := reseal(t, table, tc.cells, field.Int(7)); !slices.Equal(got, tc.want) {
			t.Errorf("%s: changed %v, want %v", tc.name, got, tc.want)
		}
	}
}

// The policy of the ring may ask for another suite, with the same key.
func TestTableResealSuite(t *testing.T) {
	in := ada()
	old := sealRow(t, tableOf[customer](t, newRing(t, field.AES256GCM)), in, field.Int(7))
	ring := build(t, field.Config{
		Keys:  []field.Key{keyOf(7, 1, field.Primary)},
		Suite: field.AES256GCMCommit, AlsoOpen: []field.Suite{field.AES256GCM},
	})
	table := tableOf[customer](t, ring)
	fresh, names := reseal(t, table, old, field.Int(7))
	if want := []string{"email", "phone", "born", "note", "home", "token"}; !slices.Equal(names, want) {
		t.Errorf("changed %v, want %v", names, want)
	}
	for _, c := range fresh {
		if info, err := field.Inspect(c.Bytes); err == nil && info.Suite != field.AES256GCMCommit {
			t.Errorf("%v has suite %v", c, info.Suite)
		}
	}
}

type stranger struct {
	A string `enc:"email,index=other"`
}

// falselyPadded is authentic, since whoever made it had the key.
func falselyPadded(t *testing.T) []byte {
	t.Helper()
	block, err := aes.NewCipher(field.FieldKey(fixed(1), field.AES256GCM, "customers", "born", "")[:32])
	if err != nil {
		t.Fatal(err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		t.Fatal(err)
	}
	header := []byte{0xF9, 0x81, 0, 0, 0, 7}
	aad := append(slices.Clone(header), field.AAD(field.Bind("customers", "born", field.Int(7)))...)
	return aead.Seal(header, nil, make([]byte, 8), aad)
}

func TestTableResealErrors(t *testing.T) {
	ring := newRing(t, 0)
	table := tableOf[customer](t, ring)
	good := sealRow(t, table, ada(), field.Int(7))
	badPad := seal(t, ring, field.Bind("customers", "phone", field.Int(7)).Pad(32), "+49 30 1234")
	badPad[1] &^= 0x80
	ofOtherType := seal(t, ring, field.Bind("customers", "email", field.Int(7)), "no address")
	phone := seal(t, ring, field.Bind("customers", "phone", field.Int(7)), "none")
	rotate(t, ring)
	set := func(column string, b []byte) field.Cells {
		cells := slices.Clone(good)
		cells.Get(column).Bytes = b
		return cells
	}
	flipped := slices.Clone(good.Get("token").Bytes)
	flipped[40] ^= 1
	for _, tc := range []struct {
		name  string
		cells field.Cells
		row   field.Part
		open  bool // matches ErrOpen
		want  error
	}{
		{"forged", set("token", flipped), field.Int(7), true, field.ErrOpen},
		{"no longer padded", set("phone", badPad), field.Int(7), true, field.ErrOpen},
		{"no sealed value", set("born", []byte("1815")), field.Int(7), true, field.ErrFormat},
		{"empty", set("born", []byte{}), field.Int(7), true, field.ErrFormat},
		{"another row", good, field.Int(8), true, field.ErrOpen},
		{"no row", good, field.Int(0), true, field.ErrBinding},
		{"says that it is padded", set("born", falselyPadded(t)), field.Int(7), true, field.ErrFormat},
		{"another table's index", tableOf[stranger](t, ring).Cells(), field.Int(7), true, field.ErrFormat},
		{"unknown column", append(slices.Clone(good), field.Cell{Column: "other"}), field.Int(7), true, field.ErrFormat},
		{"index without its value", table.Cells("email_eq"), field.Int(7), true, field.ErrFormat},
		{"not to be indexed", set("email", ofOtherType), field.Int(7), false, field.ErrValue},
		{"no digits", set("phone", phone), field.Int(7), false, field.ErrValue},
	} {
		out, changed, err := table.Reseal(tc.cells, tc.row)
		if out != nil || changed || !errors.Is(err, tc.want) || errors.Is(err, field.ErrOpen) != tc.open {
			t.Errorf("%s: got %v, %t, %v, want %v", tc.name, out, changed, err, tc.want)
		}
	}
	if err := ring.Disable(7); err != nil {
		t.Fatal(err)
	}
	if _, _, err := table.Reseal(good, field.Int(7)); !errors.Is(err, field.ErrKeyDisabled) {
		t.Errorf("disabled: got %v", err)
	}
	_ = ring.Close()
	if _, _, err := table.Reseal(good, field.Int(7)); !errors.Is(err, field.ErrClosed) || !errors.Is(err, field.ErrOpen) {
		t.Errorf("closed: got %v", err)
	}
}

// A value whose type has changed cannot be indexed, and padding that is not there is no padding.
func TestTableResealTypes(t *testing.T) {
	ring := newRing(t, 0)
	type number struct {
		A int64 `enc:"a,index=eq"`
	}
	sealed := seal(t, ring, field.Bind("customers", "a", field.Int(7)), "text")
	cells := tableOf[number](t, ring).Cells()
	cells[0].Bytes = sealed
	if _, _, err := tableOf[number](t, ring).Reseal(cells, field.Int(7)); !errors.Is(err, field.ErrValue) ||
		!errors.Is(err, field.ErrOpen) {
		t.Errorf("got %v, want ErrValue behind ErrOpen", err)
	}
}

func TestTableResealExhausted(t *testing.T) {
	keys := []field.Key{keyOf(7, 1, field.Primary), keyOf(3, 2, field.Active)}
	old := sealRow(t, tableOf[cells4](t, build(t, field.Config{Keys: keys, Suite: field.AES256GCMCommit})), cells4{}, field.Int(7))
	keys[0].State, keys[1].State = field.Active, field.Primary
	table := tableOf[cells4](t, build(t, field.Config{Keys: keys, Suite: field.AES256GCMCommit, MaxSeals: 1}))
	var err error
	for i := 0; i < 3 && err == nil; i++ {
		_, _, err = table.Reseal(old, field.Int(7))
	}
	if !errors.Is(err, field.ErrExhausted) {
		t.Errorf("got %v, want ErrExhausted", err)
	}
}

// A short value does not leave the end of a longer one in memory.
func TestTableResealScratch(t *testing.T) {
	type twoTexts struct {
		A string `enc:"a,pad=64,index=eq"`
		B string `enc:"b"`
	}
	ring := newRing(t, 0)
	table := tableOf[twoTexts](t, ring)
	old := sealRow(t, table, twoTexts{"a long text that ends with ada", "1"}, field.Int(7))
	rotate(t, ring)
	reseal(t, table, old, field.Int(7))
	if left := field.Leftover(ring); bytes.Contains(left, []byte("ada")) {
		t.Errorf("resealing leaves %q", left)
	}
}

func TestSealedBy(t *testing.T) {
	table := tableOf[customer](t, newRing(t, 0))
	cells := sealRow(t, table, ada(), field.Int(7))
	cells.Get("born").Bytes = []byte("1815")
	cells.Get("home").Bytes = nil
	cells.Get("phone_last").Bytes = []byte("anything")
	for _, tc := range []struct {
		column string
		err    error
		want   field.KeyID
	}{
		{"email", nil, 7},
		{"email_eq", nil, 0},
		{"phone_last", nil, 0},
		{"home", nil, 0},
		{"born", field.ErrFormat, 0},
	} {
		if got, err := cells.Get(tc.column).SealedBy(); got != tc.want || !errors.Is(err, tc.err) {
			t.Errorf("%s: got %d, %v, want %d, %v", tc.column, got, err, tc.want, tc.err)
		}
	}
}

// Whatever a row holds: what Reseal returns opens to the same, and what it refuses stays as it was.
func FuzzTableReseal(f *testing.F) {
	f.Add([]byte{}, uint8(0), uint16(0), true)
	f.Add([]byte("x"), uint8(1), uint16(40), false)
	f.Fuzz(func(t *testing.T, raw []byte, column uint8, bit uint16, flip bool) {
		ring := newRing(t, 0)
		table := tableOf[customer](t, ring)
		cells := sealRow(t, table, ada(), field.Int(7))
		rotate(t, ring)
		c := &cells[int(column)%len(cells)]
		if flip {
			c.Bytes[int(bit/8)%len(c.Bytes)] ^= 1 << (bit % 8)
		} else {
			c.Bytes = raw
		}
		id, _ := c.SealedBy()
		var before, after customer
		openErr := table.OpenRow(cells, &before, field.Int(7))
		out, changed, err := table.Reseal(cells, field.Int(7))
		if err == nil && !changed {
			t.Fatal("invariant: a row of the old key changes")
		}
		if err == nil && openErr == nil && (table.OpenRow(out, &after, field.Int(7)) != nil || !same(before, after)) {
			t.Fatal("invariant: what was resealed opens to what it was")
		}
		if (err == nil) != (openErr == nil) && !(openErr != nil && c.Bytes == nil) && !errors.Is(err, field.ErrValue) {
			t.Fatalf("invariant: what opens can be resealed: key %d: %v, %v", id, openErr, err)
		}
	})
}

func BenchmarkTableReseal(b *testing.B) {
	for _, stale := range []bool{true, false} {
		ring := newRing(b, 0)
		table := tableOf[cells4](b, ring)
		cells := sealRow(b, table, cells4{"ada@example.com", "+49301234", "Ada Lovelace", 1815}, field.Int(7))
		name := "unchanged"
		if stale {
			name = "stale"
			rotate(b, ring)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, changed, err := table.Reseal(cells, field.Int(7)); err != nil || changed != stale {
					b.Fatal(changed, err)
				}
			}
		})
	}
}
