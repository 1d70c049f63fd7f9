package graphql

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// decoder reads JSON strictly: jsontext refuses invalid UTF-8, lone surrogates and names that come twice, at any depth.
type decoder struct {
	json  *jsontext.Decoder
	data  []byte
	depth int
}

func (g *Guard) decoder(data []byte) *decoder {
	return &decoder{jsontext.NewDecoder(bytes.NewBuffer(data)), data, g.limits.values}
}

func (d *decoder) token() (jsontext.Token, *Error) {
	tok, err := d.json.ReadToken()
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		return tok, duplicate.err()
	case err != nil:
		return tok, malformed.err()
	}
	return tok, nil
}

// end asks that nothing follow.
func (d *decoder) end() *Error {
	if _, err := d.json.ReadToken(); !errors.Is(err, io.EOF) {
		return malformed.err()
	}
	return nil
}

// text reads a string; null is no string.
func (d *decoder) text(s *string) *Error {
	tok, err := d.token()
	switch {
	case err != nil:
		return err
	case tok.Kind() == '"':
		*s = tok.String()
		return nil
	case tok.Kind() == 'n':
		return nil
	}
	return malformed.err()
}

// object calls member with each name; member reads the value.
func (d *decoder) object(member func(name string) *Error) *Error {
	tok, err := d.token()
	if err != nil || tok.Kind() != '{' {
		return malformed.err()
	}
	for d.json.PeekKind() != '}' {
		tok, err := d.token()
		if err != nil {
			return err
		}
		if err := member(tok.String()); err != nil {
			return err
		}
	}
	_, err = d.token()
	return err
}

// list calls element where an element begins. Its caller saw the bracket.
func (d *decoder) list(element func() *Error) *Error {
	_, _ = d.json.ReadToken()
	for d.json.PeekKind() != ']' {
		if err := element(); err != nil {
			return err
		}
	}
	_, err := d.token()
	return err
}

// raw reads a value, and returns its bytes as well.
func (d *decoder) raw() (any, []byte, *Error) {
	start := d.json.InputOffset()
	value, err := d.value(1)
	if err != nil {
		return nil, nil, err
	}
	return value, bytes.TrimLeft(d.data[start:d.json.InputOffset()], " \t\r\n:"), nil
}

// value reads any value. Numbers keep their digits: a float would make another number of some.
func (d *decoder) value(depth int) (any, *Error) {
	kind := d.json.PeekKind()
	if kind == '{' || kind == '[' {
		if depth > d.depth {
			return nil, tooStructured.over(int64(depth), int64(d.depth))
		}
		return d.composite(kind, depth)
	}
	tok, err := d.token()
	if err != nil {
		return nil, err
	}
	switch tok.Kind() {
	case '"':
		return tok.String(), nil
	case '0':
		return json.Number(tok.String()), nil
	case 't', 'f':
		return tok.Bool(), nil
	}
	return nil, nil
}

func (d *decoder) composite(kind jsontext.Kind, depth int) (any, *Error) {
	if kind == '{' {
		all := map[string]any{}
		err := d.object(func(name string) (err *Error) {
			all[name], err = d.value(depth + 1)
			return err
		})
		return all, err
	}
	all := []any{}
	err := d.list(func() *Error {
		v, err := d.value(depth + 1)
		all = append(all, v)
		return err
	})
	return all, err
}
