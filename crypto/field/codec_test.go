package field_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"net"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/secret"
)

type (
	birthday time.Time
	passcode secret.String
	token    secret.Bytes
	rank     int    // with a text form and no way back
	masked   string // whose JSON hides it
	identity [16]byte
)

func (r rank) MarshalText() ([]byte, error) { return []byte("rank"), nil }
func (masked) MarshalJSON() ([]byte, error) { return []byte(`"***"`), nil }

func (i identity) MarshalText() ([]byte, error) { return []byte("identity"), nil }
func (i *identity) UnmarshalText([]byte) error  { return errors.New("not called") }

// kept checks that what was sealed opens as it was.
func kept[T any](t *testing.T, v T, same func(a, b T) bool) {
	t.Helper()
	c := column[T](t, newRing(t, 0))
	e, err := c.Seal(v, field.Int(7))
	if err != nil {
		t.Errorf("%T: %v", v, err)
		return
	}
	if got, err := c.Open(e, field.Int(7)); err != nil || !same(got, v) {
		t.Errorf("%T: got %v, %v, want %v", v, got, err, v)
	}
}

func equal[T any](a, b T) bool { return reflect.DeepEqual(a, b) }

func TestNumbersAreKept(t *testing.T) {
	float64s := func(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) }
	float32s := func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) }
	kept(t, math.Copysign(0, -1), float64s)
	kept(t, math.Float64frombits(0x7ff8000000000123), float64s)
	kept(t, math.MaxFloat64, float64s)
	kept(t, math.Float32frombits(0x7fc00123), float32s)
	kept(t, float32(math.Inf(-1)), float32s)
	kept(t, float32(math.SmallestNonzeroFloat32), float32s)
	kept(t, time.Duration(5), equal)
	kept(t, rank(3), equal)
	kept(t, *big.NewInt(1 << 62), func(a, b big.Int) bool { return a.Cmp(&b) == 0 })
}

func TestTimesAreKept(t *testing.T) {
	for _, at := range []time.Time{
		{},
		time.Date(-5000, 1, 1, 0, 0, 0, 1, time.UTC),
		time.Date(1_000_000, 1, 1, 0, 0, 0, 999_999_999, time.FixedZone("x", 3600)),
		time.Unix(math.MaxInt64, 5),
	} {
		kept(t, at, time.Time.Equal)
		kept(t, birthday(at), func(a, b birthday) bool { return time.Time(a).Equal(time.Time(b)) })
	}
}

// What was declared from a Secret has none of its methods, and is sealed as one.
func TestDeclaredSecretsAreKept(t *testing.T) {
	kept(t, passcode(secret.New("swordfish")), func(a, b passcode) bool {
		return secret.String(a).Reveal() == "swordfish" && secret.String(a).Equal(secret.String(b))
	})
	kept(t, token(secret.New([]byte("\xff\x00"))), func(a, b token) bool {
		return string(secret.Bytes(a).Reveal()) == "\xff\x00" && secret.Bytes(a).Equal(secret.Bytes(b))
	})
	type row struct {
		Passcode passcode  `enc:"passcode,index=eq,fold"`
		Born     *birthday `enc:"born,index=eq"`
	}
	table := tableOf[row](t, newRing(t, 0))
	born := birthday(time.Unix(5, 6).UTC())
	cells, err := table.SealRow(&row{passcode(secret.New("swordfish")), &born}, field.Int(7))
	var got row
	if openErr := table.OpenRow(cells, &got, field.Int(7)); err != nil || openErr != nil {
		t.Fatal(err, openErr)
	}
	same, _ := table.Candidates("passcode", &row{Passcode: passcode(secret.New("Swordfish"))})
	if !bytes.Equal(cells.Get("passcode_eq").Bytes, same[0]) {
		t.Error("a Secret is not folded")
	}
	if secret.String(got.Passcode).Reveal() != "swordfish" || !reflect.DeepEqual(*got.Born, born) {
		t.Errorf("got %q, %v", secret.String(got.Passcode).Reveal(), *got.Born)
	}
}

// Of text and bytes nothing can be left out, whatever their own form says.
func TestTextIsKept(t *testing.T) {
	kept(t, "\xff\x00", equal)
	kept(t, masked("4111"), equal)
	kept(t, identity{1, 2}, equal)
	kept(t, []octet{1, 2}, equal)
	kept(t, digest{1, 2}, equal)
	kept(t, [0]byte{}, equal)
	kept(t, json.RawMessage(`{"a": "<"}`), equal)
	kept(t, json.Number(""), equal)
	kept(t, net.IPv4(192, 0, 2, 1), equal)
	ring := newRing(t, 0)
	if err := faultOf[net.IP](emailIndex(ring)); err == nil {
		t.Error("net.IP is indexed, though one address has two forms")
	}
	if err := faultOf[identity](emailIndex(ring)); err != nil {
		t.Errorf("an array of bytes has one form: %v", err)
	}
}

func TestOwnFormsAreKept(t *testing.T) {
	kept(t, netip.MustParseAddr("192.0.2.1"), equal)
	kept(t, map[netip.Addr]int{netip.MustParseAddr("192.0.2.1"): 1}, equal)
	kept(t, []*big.Int{big.NewInt(7), nil}, func(a, b []*big.Int) bool { return a[0].Cmp(b[0]) == 0 && a[1] == nil })
	kept(t, sql.Null[int]{V: 1, Valid: true}, equal)
	kept(t, struct{ At time.Time }{time.Unix(1, 2).UTC()}, equal)
	type alone struct{ time.Time }
	kept(t, alone{time.Unix(1, 2).UTC()}, equal)
}

// The type is not sealed, so not every change of it shows.
func TestChangedNumbers(t *testing.T) {
	ring := newRing(t, 0)
	for _, tc := range []struct {
		name string
		f    float64
		ok   bool
	}{
		{"half", 0.5, true},
		{"infinite", math.Inf(1), true},
		{"not a number", math.NaN(), true},
		{"too precise", 16_777_217, false},
		{"too large", math.MaxFloat64, false},
		{"too small", math.SmallestNonzeroFloat64, false},
	} {
		e, err := column[float64](t, ring).Seal(tc.f, field.Int(7))
		if err != nil {
			t.Fatal(err)
		}
		got, err := column[float32](t, ring).Open(field.Encrypted[float32](e), field.Int(7))
		if (err == nil) != tc.ok || tc.ok && float64(got) != tc.f && !math.IsNaN(tc.f) {
			t.Errorf("%s: got %v, %v, want opened %t", tc.name, got, err, tc.ok)
		}
	}
	minus, _ := column[int64](t, ring).Seal(-1, field.Int(7))
	got, err := column[uint64](t, ring).Open(field.Encrypted[uint64](minus), field.Int(7))
	if err != nil || got != math.MaxUint64 {
		t.Errorf("got %d, %v: say so in Column", got, err)
	}
}
