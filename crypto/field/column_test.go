package field_test

import (
	"bytes"
	"errors"
	"math"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/secret"
	"github.com/gopalisade/palisade/internal/conf"
)

type (
	name    string
	octet   uint8
	digest  [4]octet
	level   int8
	address struct {
		Street string
		Number int
	}
	shout string // has a text form of its own
)

func (s shout) MarshalText() ([]byte, error) { return []byte(strings.ToUpper(string(s))), nil }

func (s *shout) UnmarshalText(b []byte) error {
	*s = shout(strings.ToLower(string(b)))
	return nil
}

func column[T any](tb testing.TB, ring *field.Ring) *field.Column[T] {
	tb.Helper()
	c, err := field.NewColumn[T](field.ColumnConfig{Ring: ring, Table: "customers", Name: "email"})
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// roundTrip checks that v comes back, and how it lies inside.
func roundTrip[T any](t *testing.T, v T, plaintext string) {
	t.Helper()
	ring := newRing(t, 0)
	c := column[T](t, ring)
	e, err := c.Seal(v, field.Int(7))
	if err != nil {
		t.Errorf("%T: %v", v, err)
		return
	}
	got, err := c.Open(e, field.Int(7))
	if err != nil || !reflect.DeepEqual(got, v) {
		t.Errorf("%T: got %v, %v, want %v", v, got, err, v)
	}
	if inside, err := ring.Open(cell(), e.Bytes()); err != nil || string(inside) != plaintext {
		t.Errorf("%T: inside is %q, %v, want %q", v, inside, err, plaintext)
	}
	if _, err := c.Open(e, field.Int(8)); !errors.Is(err, field.ErrOpen) {
		t.Errorf("%T: opens for another row: %v", v, err)
	}
	if _, err := c.Tenant("acme").Open(e, field.Int(7)); !errors.Is(err, field.ErrOpen) {
		t.Errorf("%T: opens for a tenant: %v", v, err)
	}
}

func TestColumnTypes(t *testing.T) {
	roundTrip(t, "ada", "ada")
	roundTrip(t, "", "")
	roundTrip(t, "\xff", "\xff")
	roundTrip(t, name("ada"), "ada")
	roundTrip(t, []byte{1, 2}, "\x01\x02")
	roundTrip(t, []byte{}, "")
	roundTrip(t, []octet{1, 2}, "\x01\x02")
	roundTrip(t, digest{1, 2, 3, 4}, "\x01\x02\x03\x04")
	roundTrip(t, true, "\x01")
	roundTrip(t, false, "\x00")
	roundTrip(t, 0, "\x00\x00\x00\x00\x00\x00\x00\x00")
	roundTrip(t, -2, "\xff\xff\xff\xff\xff\xff\xff\xfe")
	roundTrip(t, int64(math.MinInt64), "\x80\x00\x00\x00\x00\x00\x00\x00")
	roundTrip(t, level(-1), "\xff\xff\xff\xff\xff\xff\xff\xff")
	roundTrip(t, uint64(math.MaxUint64), "\xff\xff\xff\xff\xff\xff\xff\xff")
	roundTrip(t, uint8(9), "\x00\x00\x00\x00\x00\x00\x00\x09")
	roundTrip(t, 1.5, "\x3f\xf8\x00\x00\x00\x00\x00\x00")
	roundTrip(t, float32(-1.5), "\xbf\xf8\x00\x00\x00\x00\x00\x00")
	roundTrip(t, math.Inf(1), "\x7f\xf0\x00\x00\x00\x00\x00\x00")
	roundTrip(t, time.Unix(-1, 5).UTC(), "\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x05")
	roundTrip(t, time.Time{}, "\xff\xff\xff\xf1\x88\x6e\x09\x00\x00\x00\x00\x00")
	roundTrip(t, address{"Main <St>", 1}, `{"Street":"Main \u003cSt\u003e","Number":1}`)
	roundTrip(t, map[string]int{"a": 1}, `{"a":1}`)
	roundTrip(t, []string{"a"}, `["a"]`)
	roundTrip(t, &address{"Main", 1}, `{"Street":"Main","Number":1}`)
	roundTrip(t, netip.MustParseAddr("192.0.2.1"), `"192.0.2.1"`)
	roundTrip(t, shout("ada"), "ada")
	roundTrip(t, []shout{"ada"}, `["ADA"]`)
}

func TestColumnOfSecrets(t *testing.T) {
	ring := newRing(t, 0)
	text, raw := column[secret.String](t, ring), column[secret.Bytes](t, ring)
	e, err := text.Seal(secret.New("[redacted]"), field.Int(7)) // even this one
	if got, openErr := text.Open(e, field.Int(7)); err != nil || openErr != nil || got.Reveal() != "[redacted]" {
		t.Errorf("got %q, %v, %v", got.Reveal(), err, openErr)
	}
	b, err := raw.Seal(secret.New([]byte("\xff\x00")), field.Int(7))
	if got, openErr := raw.Open(b, field.Int(7)); err != nil || openErr != nil || string(got.Reveal()) != "\xff\x00" {
		t.Errorf("got %q, %v, %v", got.Reveal(), err, openErr)
	}
}

// In time the zone and the monotonic clock stay behind, the instant does not.
func TestColumnOfTime(t *testing.T) {
	c := column[time.Time](t, newRing(t, 0))
	now := time.Now().In(time.FixedZone("x", 3600))
	e, err := c.Seal(now, field.Int(7))
	got, openErr := c.Open(e, field.Int(7))
	if err != nil || openErr != nil || !got.Equal(now) || got.Location() != time.UTC {
		t.Errorf("got %v, %v, %v, want %v", got, err, openErr, now)
	}
}

func TestColumnFaults(t *testing.T) {
	ring := newRing(t, 0)
	faults := func(err error) string {
		var fields []string
		for _, f := range conf.All(err) {
			fields = append(fields, f.Field)
		}
		return strings.Join(fields, " ")
	}
	ok := field.ColumnConfig{Ring: ring, Table: "customers", Name: "email"}
	type hidden struct {
		A []struct{ B map[string]*secret.String }
	}
	type loop struct{ Next *loop }
	_, none := field.NewColumn[string](field.ColumnConfig{})
	_, pad := field.NewColumn[string](field.ColumnConfig{Ring: ring, Table: "customers", Name: "email", Pad: -1})
	_, channel := field.NewColumn[chan int](ok)
	_, function := field.NewColumn[func()](ok)
	_, complexNumber := field.NewColumn[complex128](ok)
	_, pin := field.NewColumn[string](field.ColumnConfig{Ring: ring, Table: "cards", Name: "PIN"})
	_, inside := field.NewColumn[hidden](ok)
	_, key := field.NewColumn[map[*secret.String]int](ok)
	_, number := field.NewColumn[secret.Secret[int]](ok)
	_, endless := field.NewColumn[loop](ok)
	for _, tc := range []struct {
		name string
		err  error
		want string
	}{
		{"zero", none, "Ring Table Name"},
		{"padding", pad, "Pad"},
		{"channel", channel, "T"},
		{"function", function, "T"},
		{"complex", complexNumber, "T"},
		{"pin", pin, "Name"},
		{"secret inside", inside, "T"},
		{"secret as key", key, "T"},
		{"secret number", number, "T"},
		{"type in itself", endless, ""},
	} {
		if got := faults(tc.err); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestColumnChangedType(t *testing.T) {
	ring := newRing(t, 0)
	text := seal(t, ring, cell(), "ten bytes!")
	large := seal(t, ring, cell(), "\x7f\xef\xff\xff\xff\xff\xff\xff")
	late := seal(t, ring, cell(), "\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff")
	for name, err := range map[string]error{
		"int":          open[int](t, ring, text),
		"int8":         open[int8](t, ring, large),
		"uint":         open[uint](t, ring, text),
		"uint16":       open[uint16](t, ring, large),
		"float64":      open[float64](t, ring, text),
		"float32":      open[float32](t, ring, large),
		"bool":         open[bool](t, ring, text),
		"time":         open[time.Time](t, ring, text),
		"nanoseconds":  open[time.Time](t, ring, late),
		"array":        open[digest](t, ring, text),
		"struct":       open[address](t, ring, text),
		"bool 2":       open[bool](t, ring, seal(t, ring, cell(), "\x02")),
		"float as int": open[float64](t, ring, text),
	} {
		var detail *field.OpenError
		if !errors.Is(err, field.ErrOpen) || !errors.As(err, &detail) || detail.Cause != field.ErrValue || detail.KeyID != 7 {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func open[T any](t *testing.T, ring *field.Ring, sealed []byte) error {
	t.Helper()
	var e field.Encrypted[T]
	if err := e.Scan(sealed); err != nil {
		t.Fatal(err)
	}
	var zero T
	got, err := column[T](t, ring).Open(e, field.Int(7))
	if !reflect.DeepEqual(got, zero) {
		t.Errorf("%T: half a value: %v", got, got)
	}
	return err
}

func TestColumnErrors(t *testing.T) {
	ring := newRing(t, 0)
	c := column[string](t, ring)
	bad := column[map[string]float64](t, ring)
	e, err := bad.Seal(map[string]float64{"password": math.NaN()}, field.Int(7))
	if !errors.Is(err, field.ErrValue) || !e.IsZero() || strings.Contains(err.Error(), "password") {
		t.Errorf("got %v, %v", e, err)
	}
	if e, err := c.Seal("text"); !errors.Is(err, field.ErrBinding) || !e.IsZero() {
		t.Errorf("no row: got %v", err)
	}
	if e, err := c.Tenant("").Seal("text", field.Int(1)); !errors.Is(err, field.ErrBinding) || !e.IsZero() {
		t.Errorf("no tenant: got %v", err)
	}
	_, err = c.Open(field.Encrypted[string]{}, field.Int(7))
	if !errors.Is(err, field.ErrFormat) || !errors.Is(err, field.ErrOpen) {
		t.Errorf("nothing sealed: got %v", err)
	}
	_ = ring.Close()
	var zero field.Column[string]
	for name, c := range map[string]*field.Column[string]{"closed": c, "zero": &zero} {
		_, sealErr := c.Seal("text", field.Int(7))
		_, openErr := c.Open(field.Encrypted[string]{}, field.Int(7))
		if !errors.Is(sealErr, field.ErrClosed) || !errors.Is(openErr, field.ErrClosed) || !errors.Is(openErr, field.ErrOpen) {
			t.Errorf("%s: got %v, %v", name, sealErr, openErr)
		}
	}
}

func TestColumnNull(t *testing.T) {
	c := column[string](t, newRing(t, 0))
	empty := ""
	for name, v := range map[string]*string{"NULL": nil, "empty": &empty} {
		n, err := c.SealNull(v, field.Int(7))
		if err != nil || n.Valid != (v != nil) {
			t.Errorf("%s: got %v, %v", name, n, err)
		}
		got, err := c.OpenNull(n, field.Int(7))
		if err != nil || (got == nil) != (v == nil) || got != nil && *got != "" {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
	if n, err := c.SealNull(&empty); n.Valid || !errors.Is(err, field.ErrBinding) {
		t.Errorf("no row: got %v, %v", n, err)
	}
	n, _ := c.SealNull(&empty, field.Int(7))
	if got, err := c.OpenNull(n, field.Int(8)); got != nil || !errors.Is(err, field.ErrOpen) {
		t.Errorf("other row: got %v, %v", got, err)
	}
}

func TestColumnReseal(t *testing.T) {
	ring := newRing(t, 0)
	c, err := field.NewColumn[string](field.ColumnConfig{Ring: ring, Table: "customers", Name: "email", Pad: 32})
	if err != nil {
		t.Fatal(err)
	}
	e, err := c.Tenant("acme").Seal("ada", field.Int(7))
	if err != nil || len(e.Bytes()) != sealedLen(32, field.AES256GCM) {
		t.Fatalf("got %d bytes, %v", len(e.Bytes()), err)
	}
	if err := ring.SetPrimary(3); err != nil {
		t.Fatal(err)
	}
	out, changed, err := c.Tenant("acme").Reseal(e, field.Int(7))
	if err != nil || !changed || bytes.Equal(out.Bytes(), e.Bytes()) {
		t.Errorf("got %t, %v", changed, err)
	}
	if got, err := c.Tenant("acme").Open(out, field.Int(7)); err != nil || got != "ada" {
		t.Errorf("got %q, %v", got, err)
	}
	if got, err := ring.Open(c.Tenant("acme").Binding(field.Int(7)), out.Bytes()); err != nil || string(got) != "ada" {
		t.Errorf("got %q, %v", got, err)
	}
}
