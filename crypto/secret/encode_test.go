package secret_test

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/netip"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/crypto/secret"
)

func TestUnmarshalJSON(t *testing.T) {
	read := func(into any, data string) error { return json.Unmarshal([]byte(data), into) }
	for _, tc := range []struct {
		name string
		into interface{ RevealText() (string, bool) }
		data string
		err  error
		want string
	}{
		{"string", new(secret.String), `"p\u0061ss"`, nil, "pass"},
		{"bytes are text", new(secret.Bytes), `"cGFzcw=="`, nil, "cGFzcw=="},
		{"named string", new(secret.Secret[pin]), `"1234"`, nil, "1234"},
		{"named bytes", new(secret.Secret[blob]), `"1234"`, nil, "1234"},
		{"empty", new(secret.String), `""`, nil, ""},
		{"null", new(secret.String), `null`, nil, ""},
		{"number", new(secret.String), `1234`, secret.ErrInput, ""},
		{"array for bytes", new(secret.Bytes), `[1,2]`, secret.ErrInput, ""},
		{"object", new(secret.String), `{"a":1}`, secret.ErrInput, ""},
		{"saved redacted", new(secret.String), `"[redacted]"`, secret.ErrInput, ""},
		{"saved redacted, escaped", new(secret.Bytes), `"\u005bredacted]"`, secret.ErrInput, ""},
		{"lone surrogate", new(secret.String), `"pass\ud800"`, secret.ErrInput, ""},
		{"broken UTF-8", new(secret.String), "\"pass\xff\"", secret.ErrInput, ""},
	} {
		if err := read(tc.into, tc.data); !errors.Is(err, tc.err) {
			t.Errorf("%s: got error %v, want %v", tc.name, err, tc.err)
		}
		if got, _ := tc.into.RevealText(); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
	s := secret.New("before")
	if err := read(&s, "null"); err != nil || !s.IsZero() {
		t.Errorf("null left %q, %v", s.Reveal(), err)
	}
	s = secret.New("before")
	if err := s.UnmarshalJSON([]byte(`"half`)); !errors.Is(err, secret.ErrInput) || s.Reveal() != "before" {
		t.Errorf("an error left %q, %v", s.Reveal(), err)
	}
}

func TestUnmarshalOtherTypes(t *testing.T) {
	var n secret.Secret[int]
	if err := json.Unmarshal([]byte("42"), &n); err != nil || n.Reveal() != 42 {
		t.Errorf("got %d, %v", n.Reveal(), err)
	}
	var p secret.Secret[pair]
	if err := json.Unmarshal([]byte(`{"User":"a","Pass":"b"}`), &p); err != nil || p.Reveal() != (pair{"a", "b"}) {
		t.Errorf("got %v, %v", p.Reveal(), err)
	}
	var a secret.Secret[netip.Addr]
	if err := a.UnmarshalText([]byte("192.0.2.1")); err != nil || a.Reveal() != netip.MustParseAddr("192.0.2.1") {
		t.Errorf("got %v, %v", a.Reveal(), err)
	}
	for name, err := range map[string]error{
		"number":                            json.Unmarshal([]byte(`"`+password+`"`), &n),
		"struct":                            json.Unmarshal([]byte(`{"User":1,"`+password+`":2}`), &p),
		"text of a number":                  n.UnmarshalText([]byte(password)),
		"redacted in an interface":          json.Unmarshal([]byte(`"[redacted]"`), new(secret.Secret[any])),
		"redacted behind a pointer":         json.Unmarshal([]byte(` "\u005bredacted]" `), new(secret.Secret[*string])),
		"redacted, and its type reads text": new(secret.Secret[word]).UnmarshalText([]byte("[redacted]")),
		"redacted, and its type reads JSON": json.Unmarshal([]byte(`"[redacted]"`), new(secret.Secret[word])),
		"text of an address":                a.UnmarshalText([]byte(password)),
		"text of a big float":               new(secret.Secret[big.Float]).UnmarshalText([]byte(password)),
	} {
		if !errors.Is(err, secret.ErrInput) || strings.Contains(err.Error(), password) {
			t.Errorf("%s: got %v, want ErrInput", name, err)
		}
	}
}

// word takes every text.
type word struct{ text string }

func (w *word) UnmarshalText(text []byte) error {
	w.text = string(text)
	return nil
}

func TestUnmarshalText(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		want       error
	}{
		{"text", "pass", nil},
		{"empty", "", nil},
		{"replacement character", "\uFFFD", nil}, // it was sent so
		{"redacted", "[redacted]", secret.ErrInput},
		{"broken UTF-8", "\xff", secret.ErrInput},
	} {
		var s secret.Bytes
		text := []byte(tc.text)
		err := s.UnmarshalText(text)
		clear(text) // decoders use their buffers again
		if !errors.Is(err, tc.want) || err == nil && string(s.Reveal()) != tc.text {
			t.Errorf("%s: got %q, %v, want %v", tc.name, s.Reveal(), err, tc.want)
		}
	}
	var doc struct {
		Password secret.String `xml:"password,attr"`
	}
	if err := xml.Unmarshal([]byte(`<db password="pass"/>`), &doc); err != nil || doc.Password.Reveal() != "pass" {
		t.Errorf("xml: got %q, %v", doc.Password.Reveal(), err)
	}
}

func TestErrInput(t *testing.T) {
	var known interface {
		HTTPStatus() int
		Code() string
	}
	if !errors.As(secret.ErrInput, &known) || known.HTTPStatus() != 422 || known.Code() != "secret_malformed" {
		t.Errorf("got %v", secret.ErrInput)
	}
	if got := secret.ErrInput.Error(); got != "secret: input cannot be read" {
		t.Errorf("got %q", got)
	}
}

func TestRefusedInClear(t *testing.T) {
	s := secret.New(password)
	_, binary := s.MarshalBinary()
	var sent bytes.Buffer
	if err := gob.NewEncoder(&sent).Encode(struct{ Text []byte }{[]byte(password)}); err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector{})
	defer func() { _ = db.Close() }()
	_, insert := db.ExecContext(t.Context(), "INSERT", s)
	_, pointer := db.ExecContext(t.Context(), "INSERT", &s)
	for name, err := range map[string]error{
		"MarshalBinary":   binary,
		"UnmarshalBinary": s.UnmarshalBinary([]byte("other")),
		"gob encode":      gob.NewEncoder(io.Discard).Encode(struct{ S secret.String }{s}),
		"insert":          insert,
		"insert pointer":  pointer,
		"scan":            s.Scan("other"),
		"scan NULL":       new(sql.Null[secret.String]).Scan("other"),
	} {
		if !errors.Is(err, secret.ErrClear) {
			t.Errorf("%s: got %v, want ErrClear", name, err)
		}
		if strings.Contains(fmt.Sprint(err), password) {
			t.Errorf("%s shows the value: %v", name, err)
		}
	}
	if s.Reveal() != password {
		t.Errorf("a refusal changed the value to %q", s.Reveal())
	}
	if _, err := db.ExecContext(t.Context(), "INSERT", s.Reveal()); err != nil {
		t.Errorf("asked for: %v", err)
	}
}

// connector is the smallest driver that takes arguments.
type connector struct{}

func (connector) Connect(context.Context) (driver.Conn, error) { return conn{}, nil }
func (connector) Driver() driver.Driver                        { return nil }

type conn struct{ driver.Conn }

func (conn) Close() error { return nil }

func (conn) ExecContext(context.Context, string, []driver.NamedValue) (driver.Result, error) {
	return driver.RowsAffected(1), nil
}
