package field_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/secret"
	"github.com/gopalisade/palisade/internal/conf"
)

func indexOf[T any](tb testing.TB, cfg field.IndexConfig) *field.Index[T] {
	tb.Helper()
	ix, err := field.NewIndex[T](cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return ix
}

func value[T any](tb testing.TB, ix *field.Index[T], v T) string {
	tb.Helper()
	b, err := ix.Value(v)
	if err != nil {
		tb.Fatal(err)
	}
	return string(b)
}

func emailIndex(ring *field.Ring) field.IndexConfig {
	return field.IndexConfig{Ring: ring, Table: "customers", Column: "email", Name: "eq", Bits: 128}
}

// An index value depends on everything that it is computed for, and on nothing else.
func TestIndexValue(t *testing.T) {
	ring := newRing(t, 0)
	base := value(t, indexOf[string](t, emailIndex(ring)), "ada")
	if again := value(t, indexOf[string](t, emailIndex(newRing(t, field.AES256GCMCommit))), "ada"); again != base {
		t.Error("differs the second time")
	}
	seen := map[string]string{base: "base"}
	for name, change := range map[string]func(*field.IndexConfig){
		"table":     func(c *field.IndexConfig) { c.Table = "suppliers" },
		"column":    func(c *field.IndexConfig) { c.Column = "phone" },
		"name":      func(c *field.IndexConfig) { c.Name = "eq2" },
		"border":    func(c *field.IndexConfig) { c.Table, c.Column = "customer", "semail" },
		"transform": func(c *field.IndexConfig) { c.Transforms = []field.Transform{field.Fold()} },
		"version": func(c *field.IndexConfig) {
			c.Transforms = []field.Transform{field.Fold()}
			c.Transforms[0].Version++
		},
		"twice": func(c *field.IndexConfig) { c.Transforms = []field.Transform{field.Fold(), field.Fold()} },
		"ring": func(c *field.IndexConfig) {
			c.Ring = build(t, field.Config{Keys: []field.Key{keyOf(7, 9, field.Primary)}})
		},
	} {
		cfg := emailIndex(ring)
		change(&cfg)
		got := value(t, indexOf[string](t, cfg), "ada")
		if other := seen[got]; other != "" {
			t.Errorf("%s and %s make the same", name, other)
		}
		seen[got] = name
	}
	ix := indexOf[string](t, emailIndex(ring))
	for _, tenant := range []string{"acme", "umbrella"} {
		got := value(t, ix.Tenant(tenant), "ada")
		if other := seen[got]; other != "" {
			t.Errorf("tenant %s and %s make the same", tenant, other)
		}
		seen[got] = tenant
	}
	if got := value(t, ix, "Ada"); got == base {
		t.Error("the value does not matter")
	}
	if value(t, indexOf[secret.String](t, emailIndex(ring)), secret.New("ada")) != base {
		t.Error("a secret is indexed as another text")
	}
}

func TestCandidates(t *testing.T) {
	ring := newRing(t, 0)
	ix := indexOf[string](t, emailIndex(ring))
	old := value(t, ix, "ada")
	list, err := ix.Candidates("ada")
	if err != nil || len(list) != 2 || string(list[0]) != old {
		t.Fatalf("got %x, %v", list, err)
	}
	if err := ring.Add(keyOf(9, 3, field.Primary)); err != nil {
		t.Fatal(err)
	}
	list, err = ix.Candidates("ada")
	if err != nil || len(list) != 3 || string(list[0]) != value(t, ix, "ada") || string(list[1]) != old {
		t.Errorf("while a rotation is under way: got %x, %v", list, err)
	}
	if err := ring.Disable(7); err != nil {
		t.Fatal(err)
	}
	list, err = ix.Candidates("ada")
	if err != nil || len(list) != 2 || bytes.Equal(list[1], []byte(old)) {
		t.Errorf("with a key disabled: got %x, %v", list, err)
	}
}

// With eight bits, a search finds other rows too, and drops them after they were opened.
func TestSearch(t *testing.T) {
	ring := newRing(t, 0)
	cfg := emailIndex(ring)
	cfg.Bits, cfg.Transforms = 8, []field.Transform{field.Email()}
	ix, c := indexOf[string](t, cfg), column[string](t, ring)
	type row struct {
		id    int64
		email field.Encrypted[string]
		index string
	}
	var rows []row
	for id := int64(1); id <= 2000; id++ {
		email := fmt.Sprintf("User%d@Example.com", id)
		e, err := c.Seal(email, field.Int(id))
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row{id, e, value(t, ix, email)})
		if id == 1000 { // half of the rows are under the old key
			if err := ring.SetPrimary(3); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, id := range []int64{1, 999, 1001, 2000} {
		want := fmt.Sprintf(" user%d@example.COM", id)
		list, err := ix.Candidates(want)
		if err != nil {
			t.Fatal(err)
		}
		opened, found := 0, 0
		for _, r := range rows {
			if r.index != string(list[0]) && r.index != string(list[1]) {
				continue
			}
			opened++
			email, err := c.Open(r.email, field.Int(r.id))
			if err != nil {
				t.Fatal(err)
			}
			if ix.Same(email, want) {
				found++
				if r.id != id {
					t.Errorf("%d was found for %d", r.id, id)
				}
			}
		}
		if found != 1 || opened < 2 || opened > 100 {
			t.Errorf("%s: %d of %d candidates, want 1 of some", want, found, opened)
		}
	}
}

func TestIndexTypes(t *testing.T) {
	ring := newRing(t, 0)
	cfg := emailIndex(ring)
	if indexOf[int](t, cfg).Same(1, 2) || !indexOf[int](t, cfg).Same(2, 2) {
		t.Error("numbers are the same that are not")
	}
	at := time.Now()
	if value(t, indexOf[time.Time](t, cfg), at) != value(t, indexOf[time.Time](t, cfg), at.UTC().Round(0)) {
		t.Error("one instant has two values")
	}
	if value(t, indexOf[[16]byte](t, cfg), [16]byte{1}) == value(t, indexOf[[16]byte](t, cfg), [16]byte{2}) {
		t.Error("two arrays have one value")
	}
}

func TestIndexFaults(t *testing.T) {
	ring := newRing(t, 0)
	ok := emailIndex(ring)
	with := func(change func(*field.IndexConfig)) field.IndexConfig {
		cfg := ok
		change(&cfg)
		return cfg
	}
	forced := with(func(c *field.IndexConfig) { c.DangerouslyFewValues = true })
	negative := with(func(c *field.IndexConfig) { c.Bits, c.Population, c.Distinct = -1, -1, -1 })
	folding := with(func(c *field.IndexConfig) { c.Transforms = []field.Transform{field.Fold()} })
	nameless := with(func(c *field.IndexConfig) { c.Transforms = []field.Transform{{Name: "x"}} })
	few := with(func(c *field.IndexConfig) { c.Distinct = 63 })
	small := with(func(c *field.IndexConfig) { c.Population = 10 })
	for _, tc := range []struct {
		name string
		err  error
		want string
	}{
		{"zero", faultOf[string](field.IndexConfig{}), "Ring Table Column Name"},
		{"verification value", faultOf[string](with(func(c *field.IndexConfig) { c.Column = "cvv" })), "Column"},
		{"bits", faultOf[string](with(func(c *field.IndexConfig) { c.Bits = 257 })), "Bits"},
		{"negative", faultOf[string](negative), "Bits Population Distinct"},
		{"bool", faultOf[bool](ok), "Distinct"},
		{"bool, forced", faultOf[bool](forced), ""},
		{"int8", faultOf[int8](ok), "Distinct"},
		{"uint8", faultOf[octet](ok), "Distinct"},
		{"one byte", faultOf[[1]byte](ok), "Distinct"},
		{"enum", faultOf[string](few), "Distinct"},
		{"enum, forced", faultOf[string](with(func(c *field.IndexConfig) { c.Distinct, c.DangerouslyFewValues = 2, true })), ""},
		{"enum, since there are no more rows", faultOf[string](small), "Distinct"},
		{"64 values", faultOf[string](with(func(c *field.IndexConfig) { c.Distinct = 64 })), ""},
		{"float", faultOf[float64](ok), "T"},
		{"struct", faultOf[address](ok), "T"},
		{"channel", faultOf[chan int](ok), "T"},
		{"secret inside", faultOf[[]secret.String](ok), "T"},
		{"transform of numbers", faultOf[int](folding), "Transforms"},
		{"empty transform", faultOf[string](nameless), "Transforms[0]"},
	} {
		var got []string
		for _, fault := range conf.All(tc.err) {
			got = append(got, fault.Field)
		}
		if strings.Join(got, " ") != tc.want {
			t.Errorf("%s: got %v, want %s", tc.name, tc.err, tc.want)
		}
	}
}

func faultOf[T any](cfg field.IndexConfig) error {
	_, err := field.NewIndex[T](cfg)
	return err
}

func TestIndexErrors(t *testing.T) {
	ring := build(t, field.Config{Keys: []field.Key{keyOf(7, 1, field.Primary)}, MaxPlaintext: 10})
	cfg := emailIndex(ring)
	exact := indexOf[string](t, cfg)
	cfg.Transforms = []field.Transform{field.Email()}
	ix := indexOf[string](t, cfg)
	if ix.Same("a@b", "a") || ix.Same("a", "a@b") || ix.Same("", "") {
		t.Error("what cannot be indexed is the same")
	}
	check := func(name string, ix *field.Index[string], v string, want error) {
		t.Helper()
		b, err := ix.Value(v)
		list, listErr := ix.Candidates(v)
		if !errors.Is(err, want) || !errors.Is(listErr, want) || b != nil || list != nil {
			t.Errorf("%s: got %x, %v, %x, %v, want %v", name, b, err, list, listErr, want)
		}
	}
	check("refused by the transform", ix, "ada", field.ErrValue)
	check("no text", ix, "a@\xff", field.ErrValue)
	check("too large", exact, "eleven byte", field.ErrTooLarge)
	check("empty tenant", exact.Tenant(""), "a", field.ErrBinding)
	check("zero", &field.Index[string]{}, "a", field.ErrClosed)
	if (&field.Index[string]{}).Same("a", "a") {
		t.Error("the zero index compares")
	}
	_ = ring.Close()
	check("closed", exact, "a", field.ErrClosed)
}
