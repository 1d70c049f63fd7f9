package validate

import (
	"bytes"
	"encoding"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/gopalisade/palisade/internal/formats"
)

// wanted is the JSON type of each kind, for people.
var wanted = [...]string{
	kindBool: "boolean", kindInt: "integer", kindUint: "integer", kindFloat: "number", kindString: "string", kindBytes: "string",
	kindText: "string", kindSecret: "string",
}

// scalar binds a value that is neither object nor array.
func (s *state) scalar(n *node, v reflect.Value) bool {
	kind := s.dec.PeekKind()
	switch {
	case kind == '"' && n.kind >= kindString:
		b, ok := s.text(false)
		return ok && s.setText(n, v, b)
	case (kind == 't' || kind == 'f') && n.kind == kindBool:
		v.SetBool(kind == 't')
		return s.skip() && s.check(n, v)
	case kind == '0' && n.kind > kindBool && n.kind < kindString:
		raw, err := s.dec.ReadValue()
		if err != nil {
			return s.syntax(err)
		}
		return s.setNumber(n, v, raw)
	}
	return s.mismatch(wanted[n.kind])
}

// setText gives v a text, after normalising it, and runs the rules.
func (s *state) setText(n *node, v reflect.Value, b []byte) bool {
	limits := &s.plan.cfg.Limits
	if len(b) > limits.String {
		return s.fail(CodeLimit, map[string]any{"limit": "string", "max": limits.String})
	}
	if bytes.IndexByte(b, 0) >= 0 {
		return s.fail(CodeNUL, nil)
	}
	switch n.kind {
	case kindBytes:
		decoded, err := base64.StdEncoding.Strict().AppendDecode([]byte{}, b)
		if err != nil || bytes.ContainsAny(b, "\r\n") { // which the package skips
			return s.fail("base64", nil)
		}
		v.SetBytes(decoded)
		return s.check(n, v)
	case kindText:
		if code := unmarshalText(v, bytes.Clone(b)); code != "" {
			return s.fail(code, nil)
		}
		return s.check(n, v)
	}
	text, code := n.normalise(string(b))
	if code != "" {
		return s.fail(code, nil)
	}
	if n.kind == kindSecret {
		return s.setSecret(n, v, text)
	}
	v.SetString(text)
	return s.check(n, v)
}

// setSecret gives v a secret, whose rules see its text.
func (s *state) setSecret(n *node, v reflect.Value, text string) bool {
	if code := unmarshalText(v, []byte(text)); code != "" {
		return s.fail(code, nil)
	}
	return s.check(n, reflect.ValueOf(text))
}

// unmarshalText lets a type read itself. [time.Time] reads more than RFC 3339 allows, such as T7:00:00.
func unmarshalText(v reflect.Value, b []byte) (code string) {
	if v.Type() == timeType && !formats.DateTime(string(b)) {
		return CodeFormat
	}
	if v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText(b) != nil {
		return CodeFormat
	}
	return ""
}

// guarded turns a panic of somebody's type, rule or method into a refusal of the request. What it says may be what was sent,
// so the log learns its type and place.
func (s *state) guarded(do func()) {
	defer func() {
		if p := recover(); p != nil {
			s.stop = &Error{Kind: errPanic, Word: "panic", Err: fmt.Errorf("%T at %s %q", p, s.in, s.pointer())}
		}
	}()
	do()
}

var timeType = reflect.TypeFor[time.Time]()

func (n *node) normalise(text string) (string, string) {
	for _, f := range n.norm {
		if text == "" {
			break // required tells, and omitempty does not mind
		}
		var ok bool
		if text, ok = f.do(text); !ok {
			return "", f.code
		}
	}
	return text, ""
}

// setNumber gives v a number by its text, which follows JSON's grammar.
func (s *state) setNumber(n *node, v reflect.Value, raw []byte) bool {
	limits := &s.plan.cfg.Limits
	if len(raw) > limits.Number {
		return s.fail(CodeLimit, map[string]any{"limit": "number", "max": limits.Number})
	}
	if code := parseNumber(n, v, string(raw)); code != "" {
		if code == CodeType {
			return s.fail(code, typeParams(wanted[n.kind]))
		}
		return s.fail(code, nil)
	}
	return s.check(n, v)
}

// parseNumber sets v, or returns what is wrong.
func parseNumber(n *node, v reflect.Value, text string) string {
	whole := !strings.ContainsAny(text, ".eE")
	switch n.kind {
	case kindInt:
		i, err := strconv.ParseInt(text, 10, n.bits)
		v.SetInt(i)
		return numberCode(whole, err)
	case kindUint:
		u, err := strconv.ParseUint(text, 10, n.bits)
		v.SetUint(u)
		return numberCode(whole, err)
	}
	f, err := strconv.ParseFloat(text, n.bits)
	if err != nil || math.IsInf(f, 0) {
		return CodeRange
	}
	if digits, zeros, _ := strings.Cut(text, "."); strings.Trim(zeros, "0") == "" { // a whole number
		text, whole = digits, !strings.ContainsAny(text, "eE")
	}
	if whole && math.Abs(f) >= 1<<24 && strconv.FormatFloat(f, 'f', -1, 64) != text {
		return CodePrecision
	}
	v.SetFloat(f)
	return ""
}

func numberCode(whole bool, err error) string {
	switch {
	case !whole:
		return CodeType
	case err != nil:
		return CodeRange
	}
	return ""
}

// foreign lets a type read its JSON itself, once the value has passed the limits of structure. It gets a copy: nothing
// that a handler keeps may point into the body.
func (s *state) foreign(n *node, v reflect.Value) (ok bool) {
	start := s.dec.InputOffset()
	if !s.skip() {
		return false
	}
	raw := bytes.Clone(bytes.TrimLeft(s.buf[start:s.dec.InputOffset()], " \t\r\n:,"))
	if bytes.Contains(raw, []byte(`\u0000`)) && hasNUL(raw) {
		return s.fail(CodeNUL, nil)
	}
	if err := json.Unmarshal(raw, v.Addr().Interface()); errors.Is(err, jsontext.ErrDuplicateName) {
		return s.refuse(ErrMalformed, CodeInvalidJSON, s.fault(CodeDuplicate, nil))
	} else if err != nil {
		return s.fail(CodeFormat, nil)
	}
	return s.check(n, v)
}

// hasNUL reports whether an escape in the JSON text stands for U+0000, and not for a backslash in front of u0000.
func hasNUL(raw []byte) bool {
	for i := 0; i < len(raw)-5; i++ {
		if raw[i] == '\\' {
			if string(raw[i:i+6]) == `\u0000` {
				return true
			}
			i++
		}
	}
	return false
}
