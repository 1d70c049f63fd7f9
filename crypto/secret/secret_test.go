package secret_test

import (
	"flag"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/crypto/secret"
)

const password = "hunter2-hunter2"

type (
	pin  string
	blob []byte
	pair struct{ User, Pass string }
)

func TestNothingPrintsIt(t *testing.T) {
	for name, v := range map[string]map[string]any{
		"string":       shapes(secret.New(password)),
		"bytes":        shapes(secret.New([]byte(password))),
		"named string": shapes(secret.New(pin(password))),
		"struct":       shapes(secret.New(pair{"alice", password})),
		"pointer":      shapes(secret.New(&pair{"alice", password})),
		"map":          shapes(secret.New(map[string]string{password: password})),
		"any":          shapes(secret.New[any](password)),
		"secret":       shapes(secret.New(secret.New(password))),
	} {
		for shape, v := range v {
			for encoder, got := range encoders(v) {
				if holds(got, password) {
					t.Errorf("%s, %s by %s shows the value: %s", name, shape, encoder, got)
				}
			}
		}
	}
}

// TestHolds makes sure that the test above would see a value in every place and by every encoder that shows fields.
func TestHolds(t *testing.T) {
	for encoder, got := range encoders(pair{"alice", password}) {
		switch encoder {
		case "%T", "%!", "%t", "%e", "%c", "%U", "%d", "%p", "gob", "binary", "xml attribute": // show another spelling, or nothing
			continue
		case "%10.3v", "%-+#q":
			continue
		}
		if !holds(got, password) {
			t.Errorf("%s: the value was not found in %q", encoder, got)
		}
	}
}

func TestRedacted(t *testing.T) {
	s := secret.New(password)
	type config struct {
		Name     string
		Password secret.String
	}
	c := config{"db", s}
	for _, tc := range []struct{ name, got, want string }{
		{"v", fmt.Sprintf("%v", s), "[redacted]"},
		{"plus v", fmt.Sprintf("%+v", c), "{Name:db Password:[redacted]}"},
		{"sharp v", fmt.Sprintf("%#v", c), `secret_test.config{Name:"db", Password:[redacted]}`},
		{"q", fmt.Sprintf("%q", s), "[redacted]"},
		{"x", fmt.Sprintf("%x", s), "[redacted]"},
		{"d", fmt.Sprintf("%d", &s), "[redacted]"},
		{"width", fmt.Sprintf("%20s", s), "[redacted]"},
		{"string", s.String(), "[redacted]"},
		{"log value", s.LogValue().String(), "[redacted]"},
		{"zero", fmt.Sprint(secret.String{}), "[redacted]"},
		{"nil pointer", fmt.Sprint((*secret.String)(nil)), "<nil>"},
		{"slog text", encoders(c)["slog text"], " v=\"{Name:db Password:[redacted]}\" g.v=\"{Name:db Password:[redacted]}\"\n"},
		{"json", encoders(c)["json"], "{\"Name\":\"db\",\"Password\":\"[redacted]\"}\n"},
		{"xml", encoders(c)["xml"], "<config><Name>db</Name><Password>[redacted]</Password></config>"},
		{"template", encoders(s)["text/template"], "[redacted] [redacted]"},
		{"key of a map", encoders(map[*secret.String]int{&s: 1})["json"], "{\"[redacted]\":1}\n"},
		{"gob", encoders(c)["gob"], secret.ErrClear.Error()},
	} {
		if !strings.HasSuffix(tc.got, tc.want) {
			t.Errorf("%s: got %q, want %q", tc.name, tc.got, tc.want)
		}
	}
	if v := slog.AnyValue(s).Resolve(); v.Kind() != slog.KindString {
		t.Errorf("resolved to %v", v.Kind())
	}
}

func TestReveal(t *testing.T) {
	if got := secret.New(password).Reveal(); got != password {
		t.Errorf("got %q", got)
	}
	if got := (secret.String{}).Reveal(); got != "" {
		t.Errorf("zero value: got %q", got)
	}
	raw := []byte(password)
	s := secret.New(raw)
	clear(raw) // the owner's right
	if got := s.Reveal(); got[0] != 0 {
		t.Errorf("bytes were copied: %q", got)
	}
	for _, tc := range []struct {
		name string
		s    secret.Any
		text string
		ok   bool
	}{
		{"string", secret.New("a"), "a", true},
		{"bytes", secret.New([]byte("a")), "a", true},
		{"named string", secret.New(pin("a")), "a", true},
		{"named bytes", secret.New(blob("a")), "a", true},
		{"zero", secret.Bytes{}, "", true},
		{"number", secret.New(7), "", false},
		{"text in an interface", secret.New[any]("a"), "", false},
		{"pointer", &secret.String{}, "", true},
	} {
		if text, ok := tc.s.RevealText(); text != tc.text || ok != tc.ok {
			t.Errorf("%s: got %q, %t, want %q, %t", tc.name, text, ok, tc.text, tc.ok)
		}
	}
}

// TestAny is how a package finds secrets by reflection.
func TestAny(t *testing.T) {
	marker := reflect.TypeFor[secret.Any]()
	for _, tc := range []struct {
		name string
		typ  reflect.Type
		want bool
	}{
		{"string", reflect.TypeFor[secret.String](), true},
		{"struct", reflect.TypeFor[secret.Secret[pair]](), true},
		{"pointer", reflect.TypeFor[*secret.Bytes](), true},
		{"plain", reflect.TypeFor[string](), false},
		{"look-alike", reflect.TypeFor[impostor](), false},
	} {
		if got := tc.typ.Implements(marker); got != tc.want {
			t.Errorf("%s: got %t, want %t", tc.name, got, tc.want)
		}
	}
}

type impostor struct{}

func (impostor) RevealText() (string, bool) { return "", true }
func (impostor) IsZero() bool               { return true }
func (impostor) sealed()                    {} // not the same name as in the other package

var _ = impostor{}.sealed

func TestIsZero(t *testing.T) {
	for _, tc := range []struct {
		name string
		s    interface{ IsZero() bool }
		want bool
	}{
		{"never set", secret.String{}, true},
		{"empty", secret.New(""), true},
		{"no bytes", secret.New([]byte{}), true},
		{"text", secret.New("x"), false},
		{"zero byte", secret.New([]byte{0}), false},
		{"number", secret.New(0), true},
		{"another number", secret.New(1), false},
		{"nil error", secret.New[error](nil), true},
		{"struct", secret.New(pair{}), true},
		{"empty text in an interface", secret.New[any](""), true},
		{"text in an interface", secret.New[any]("x"), false},
		{"nothing in an interface", secret.New[any](nil), true},
		{"bytes in an interface", secret.New[any]([]byte{}), true},
		{"pointer to nothing", secret.New((*string)(nil)), true},
		{"pointer to empty text", secret.New(new(string)), true},
		{"pointer to text", secret.New(new("x")), false},
		{"no texts", secret.New([]string{}), true},
		{"a text", secret.New([]string{""}), false},
		{"empty map", secret.New(map[string]int{}), true},
		{"map", secret.New(map[string]int{"": 0}), false},
		{"pointer to itself", secret.New(circle()), false},
		{"array", secret.New([4]byte{}), true},
		{"another array", secret.New([4]byte{3: 1}), false},
	} {
		if got := tc.s.IsZero(); got != tc.want {
			t.Errorf("%s: got %t, want %t", tc.name, got, tc.want)
		}
	}
}

type loop *loop

func circle() loop {
	var l loop
	l = &l
	return l
}

func TestEqual(t *testing.T) {
	for _, tc := range []struct {
		name      string
		got, want bool
	}{
		{"same text", secret.New("abc").Equal(secret.New("abc")), true},
		{"other text", secret.New("abc").Equal(secret.New("abd")), false},
		{"longer text", secret.New("abc").Equal(secret.New("abcd")), false},
		{"same bytes", secret.New([]byte("abc")).Equal(secret.New([]byte("abc"))), true},
		{"other bytes", secret.New(blob("abc")).Equal(secret.New(blob("abd"))), false},
		{"both empty", secret.New("").Equal(secret.New("")), false},
		{"both unset", secret.String{}.Equal(secret.String{}), false},
		{"one unset", secret.New("abc").Equal(secret.String{}), false},
		{"same arrays", secret.New([32]byte{31: 1}).Equal(secret.New([32]byte{31: 1})), true},
		{"other arrays", secret.New([32]byte{31: 1}).Equal(secret.New([32]byte{31: 2})), false},
		{"one array unset", secret.New([32]byte{31: 1}).Equal(secret.Secret[[32]byte]{}), false},
		{"arrays of numbers", secret.New([2]int{1}).Equal(secret.New([2]int{1})), true},
		{"both empty in interfaces", secret.New[any]("").Equal(secret.New[any]("")), false},
		{"both behind pointers", secret.New(new(string)).Equal(secret.New(new(string))), false},
		{"no texts", secret.New([]string{}).Equal(secret.New([]string{})), false},
		{"same numbers", secret.New(7).Equal(secret.New(7)), true},
		{"other structs", secret.New(pair{"a", "b"}).Equal(secret.New(pair{"a", "c"})), false},
		{"same structs", secret.New(pair{"a", "b"}).Equal(secret.New(pair{"a", "b"})), true},
	} {
		if tc.got != tc.want {
			t.Errorf("%s: got %t, want %t", tc.name, tc.got, tc.want)
		}
	}
	if reflect.TypeFor[secret.String]().Comparable() {
		t.Error("== compiles, and compares addresses")
	}
}

func TestFlag(t *testing.T) {
	var s secret.String
	set := flag.NewFlagSet("", flag.ContinueOnError)
	var usage strings.Builder
	set.SetOutput(&usage)
	set.TextVar(&s, "password", secret.New(password), "of the database")
	set.PrintDefaults()
	if strings.Contains(usage.String(), password) || s.Reveal() != password {
		t.Errorf("default %q, usage: %s", s.Reveal(), usage.String())
	}
	set.SetOutput(io.Discard)
	if err := set.Parse([]string{"-password", "other"}); err != nil || s.Reveal() != "other" {
		t.Errorf("got %q, %v", s.Reveal(), err)
	}
}
