package field_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/secret"
	"github.com/gopalisade/palisade/internal/conf"
)

type (
	partly struct{ Shown, note string }
	street struct{ Street string }
	outer  struct{ *street }
	flat   struct{ street }
	deep   struct{ flat }
	dash   struct {
		A int `json:"-"`
	}
	oddTag struct { // which encoding/json does not take for a name
		A int `json:"a·b"`
		B int `json:"a-b"`
	}
	blank struct {
		_ [0]func()
		A int
	}
	twins struct {
		A int `json:"B"`
		B int
	}
	shadowed struct {
		flat
		Street string
	}
	visit struct {
		time.Time
		Room string
	}
	visits struct {
		At time.Time
		*visit
	}
	two struct { // whose methods hide each other
		timeless
		moment
	}
	moment   struct{ time.Time }
	timeless struct{ time.Time }
	named    struct {
		time.Time `json:"at"`
		Room      string
	}
	numbers struct{ N json.Number }
	viaPtr  struct{ n int }
	byValue struct{ A int }
	rate    int // with a form of text and one of JSON, of which only that leads back
	textKey string
	loop    struct {
		Next  *loop
		Also  []loop
		Named map[string]loop
	}
)

func (r rate) MarshalText() ([]byte, error)    { return []byte("rate"), nil }
func (r rate) MarshalJSON() ([]byte, error)    { return []byte("1"), nil }
func (r *rate) UnmarshalJSON([]byte) error     { return nil }
func (p *viaPtr) MarshalText() ([]byte, error) { return fmt.Append(nil, p.n), nil }
func (p *viaPtr) UnmarshalText(b []byte) error { _, err := fmt.Sscan(string(b), &p.n); return err }
func (byValue) MarshalJSON() ([]byte, error)   { return []byte("{}"), nil }
func (byValue) UnmarshalJSON([]byte) error     { return nil }
func (k textKey) MarshalText() ([]byte, error) { return []byte("key"), nil }
func (k *textKey) UnmarshalText([]byte) error  { return nil }

func typeFault[T any](ring *field.Ring) string {
	_, err := field.NewColumn[T](field.ColumnConfig{Ring: ring, Table: "customers", Name: "email"})
	for _, f := range conf.All(err) {
		return f.Reason
	}
	return ""
}

// What JSON would lose is told when the column is made, with its place.
func TestTypesThatJSONLoses(t *testing.T) {
	ring := newRing(t, 0)
	for _, tc := range []struct {
		name, got, want string
	}{
		{"unexported field", typeFault[partly](ring), "partly.note is not exported"},
		{"below", typeFault[map[string][]partly](ring), "[][].note is not exported"},
		{"in an array behind a pointer", typeFault[*[2]partly](ring), "[].note is not exported"},
		{"URL", typeFault[url.URL](ring), "url.URL.User.username is not exported"},
		{"embedded", typeFault[struct{ partly }](ring), ".partly.note is not exported"},
		{"dash", typeFault[dash](ring), `dash.A is left out by its tag json:"-"`},
		{"same name", typeFault[twins](ring), "twins.B has the JSON name of another field"},
		{"same name, embedded", typeFault[shadowed](ring), "shadowed.Street has the JSON name of another field"},
		{"embedded pointer", typeFault[outer](ring), "outer.street is an embedded pointer"},
		{"embedded time", typeFault[visit](ring), "visit.Time is embedded with a form of its own"},
		{"embedded pointer to a form", typeFault[visits](ring), "visits.visit is embedded with a form of its own"},
		{"embedded time with a name", typeFault[named](ring), "named.Time is embedded with a form of its own"},
		{"embedded twice", typeFault[two](ring), "two.timeless is embedded with a form of its own"},
		{"embedded alone, with others inside", typeFault[struct{ visit }](ring), ".visit.Time is embedded with a form"},
		{"declared from a time, inside", typeFault[struct{ B birthday }](ring), ".B.wall is not exported"},
		{"no way back", typeFault[[]rank](ring), "[] has not both of TextMarshaler and TextUnmarshaler"},
		{"masked", typeFault[struct{ M masked }](ring), ".M has not both of Marshaler and Unmarshaler"},
		{"read by value", typeFault[byValue](ring), "is a Unmarshaler by value"},
		{"any", typeFault[any](ring), "is an interface"},
		{"any in a map", typeFault[map[string]any](ring), "[] is an interface"},
		{"interface", typeFault[fmt.Stringer](ring), "is an interface"},
		{"interface with a form", typeFault[json.Marshaler](ring), "is an interface"},
		{"Secret", typeFault[struct{ S secret.String }](ring), "holds a Secret"},
		{"methods in a map", typeFault[map[string]viaPtr](ring), "by its pointer only"},
		{"methods in an array in a map", typeFault[map[string][1]viaPtr](ring), "by its pointer only"},
		{"number as text", typeFault[numbers](ring), "numbers.N is a json.Number"},
		{"pointer to a pointer", typeFault[**int](ring), "one null cannot be both"},
		{"pointer to a pointer to a form", typeFault[**big.Int](ring), "one null cannot be both"},
		{"pointer to a map", typeFault[struct{ M *map[string]int }](ring), ".M is a pointer to what may be nil"},
		{"key is a struct", typeFault[map[street]int](ring), "has keys"},
		{"key is text with a form", typeFault[map[textKey]int](ring), "has keys"},
		{"key with half a form", typeFault[map[rank]int](ring), "has keys"},
		{"key with a form in JSON alone", typeFault[map[rate]int](ring), "has keys"},
		{"key with a pointer's form", typeFault[map[viaPtr]int](ring), "has keys"},
		{"key is a bool", typeFault[map[bool]int](ring), "has keys"},
		{"function", typeFault[func()](ring), "has no form in JSON"},
		{"channel inside", typeFault[struct{ C chan int }](ring), ".C has no form in JSON"},
		{"complex", typeFault[complex64](ring), "has no form in JSON"},
		{"address", typeFault[uintptr](ring), "has no form in JSON"},
	} {
		if !strings.Contains(tc.got, tc.want) {
			t.Errorf("%s: got %q, want %q", tc.name, tc.got, tc.want)
		}
	}
	if b, err := json.Marshal(partly{"a", "b"}); err != nil || string(b) != `{"Shown":"a"}` {
		t.Errorf("got %s, %v: JSON loses nothing", b, err)
	}
}

func TestTypesThatJSONKeeps(t *testing.T) {
	kept(t, deep{flat{street{"Main"}}}, equal)
	kept(t, &street{"Main"}, equal)
	kept(t, (*street)(nil), equal)
	kept(t, oddTag{1, 2}, equal)
	kept(t, blank{A: 1}, equal)
	kept(t, []viaPtr{{7}}, equal)
	kept(t, map[string]*viaPtr{"a": {7}}, equal)
	kept(t, map[int8][]uint8{-1: {1, 2}, 2: {}, 3: nil}, equal)
	kept(t, map[string]int(nil), equal)
	kept(t, []string{}, equal)
	kept(t, []string(nil), equal)
	kept(t, []string{"\ufffd", `\ufffd`, "\\\ufffd", "\u2028<>&"}, equal)
	kept(t, []int64{math.MinInt64, 1<<53 + 1}, equal)
	kept(t, []uint64{math.MaxUint64}, equal)
	kept(t, []float64{math.MaxFloat64, math.Copysign(0, -1)}, equal)
	kept(t, [2]bool{true}, equal)
	kept(t, loop{Next: &loop{Also: []loop{{}, {Named: map[string]loop{"a": {}}}}}}, equal)
	type list []list
	kept(t, list{{}, {{}}}, equal)
}

// Values that JSON would change, or not read again, are refused when they are sealed.
func TestValuesThatJSONChanges(t *testing.T) {
	type text struct {
		S []string
		P *string
		M map[string]string
		A [1]string
	}
	type nest []nest
	var deepest nest
	for range 10_001 {
		deepest = nest{deepest}
	}
	bad := "a\xffb"
	refused(t, "slice", []string{"ok", bad})
	refused(t, "slice in a struct", text{S: []string{bad}})
	refused(t, "behind a pointer", text{P: &bad})
	refused(t, "in a map", text{M: map[string]string{"a": bad}})
	refused(t, "key", text{M: map[string]string{bad: "a"}})
	refused(t, "keys that become one", map[string]int{"\xff": 1, "\xfe": 2})
	refused(t, "array", text{A: [1]string{bad}})
	refused(t, "not a number", []float64{math.NaN()})
	refused(t, "year", []time.Time{time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)})
	refused(t, "nested too deeply", deepest)
	kept(t, map[netip.Addr]text{netip.IPv6LinkLocalAllNodes().WithZone("eth0"): {P: new("ok")}}, equal)
}

func refused[T any](t *testing.T, name string, v T) {
	t.Helper()
	e, err := column[T](t, newRing(t, 0)).Seal(v, field.Int(7))
	if !errors.Is(err, field.ErrValue) || !e.IsZero() {
		t.Errorf("%s: got %v, %v, want ErrValue", name, e, err)
	}
}
