package secret_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gopalisade/palisade/crypto/secret"
)

func FuzzEncoders(f *testing.F) {
	names := slices.Sorted(maps.Keys(shapes(secret.New(""))))
	for place := range names {
		f.Add("hunter2-hunter2", uint8(place))
		f.Add("%!s(MISSING)\x00\"'<script>", uint8(place))
		f.Add("\xff\xfe\u202eabcdefgh", uint8(place))
	}
	f.Fuzz(func(t *testing.T, value string, place uint8) {
		if len(value) < 8 || len(value) > 256 {
			return
		}
		shape := names[int(place)%len(names)]
		plain := encoders(shapes(secret.New("x"))[shape])
		for encoder, got := range encoders(shapes(secret.New(value))[shape]) {
			// Types and names of fields are there without it.
			if holds(got, value) && !holds(plain[encoder], value) && !looksLikeFrame(value) {
				t.Errorf("%s by %s shows %q: %s", shape, encoder, value, got)
			}
		}
	})
}

// looksLikeFrame is about values of what addresses and clocks are made of, which an encoder may print by chance.
func looksLikeFrame(value string) bool {
	return strings.Trim(value, "0123456789abcdefxABCDEFX-:+.TZ, ") == ""
}

func FuzzUnmarshalJSON(f *testing.F) {
	f.Add([]byte(`"pass"`))
	f.Add([]byte(`"\ud83d\ude00"`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var s secret.String
		if err := s.UnmarshalJSON(data); err != nil {
			if !errors.Is(err, secret.ErrInput) || err.Error() != secret.ErrInput.Error() || !s.IsZero() {
				t.Fatalf("%q: a refusal says more than it should, or set the value: %v", data, err)
			}
			return
		}
		var want string
		if err := json.Unmarshal(data, &want); err != nil || s.Reveal() != want || !utf8.ValidString(want) {
			t.Errorf("%q: got %q, encoding/json has %q, %v", data, s.Reveal(), want, err)
		}
	})
}

// FuzzHideCards compares with a search that tries every run of digits.
func FuzzHideCards(f *testing.F) {
	f.Add("paid by 4111 1111 1111 1111, 378282246310005")
	f.Add("12345 4111111111111111=2512 99")
	f.Add("4111-1111-1111-1112 0000000000000000000")
	f.Fuzz(func(t *testing.T, s string) {
		got, changed := secret.HideCards(s)
		if !changed && got != s {
			t.Fatalf("%q became %q, and is said not to have changed", s, got)
		}
		if left := anyCard(got); left != "" {
			t.Errorf("%q: %q still has %q", s, got, left)
		}
		if !changed && anyCard(s) != "" || changed && anyCard(s) == "" {
			t.Errorf("%q: changed is %t", s, changed)
		}
	})
}

// anyCard returns a card that whole groups of digits make, three digits or more each but the last.
func anyCard(s string) string {
	for i := range len(s) {
		if !digit(s, i) || digit(s, i-1) {
			continue
		}
		var digits []byte
		for j, group := i, 0; j < len(s) && len(digits) <= 19; j++ {
			if digit(s, j) {
				digits = append(digits, s[j]-'0')
				if group++; !digit(s, j+1) && len(digits) >= 13 && len(digits) <= 19 && luhn(digits) {
					return s[i : j+1]
				}
				continue
			}
			if (s[j] != ' ' && s[j] != '-') || group < 3 || !digit(s, j+1) {
				break
			}
			group = 0
		}
	}
	return ""
}

func digit(s string, i int) bool { return i >= 0 && i < len(s) && s[i] >= '0' && s[i] <= '9' }

func luhn(digits []byte) bool {
	sum := 0
	for i, d := range digits {
		n := int(d)
		if (len(digits)-i)%2 == 0 {
			n *= 2
		}
		sum += n/10 + n%10
	}
	return sum%10 == 0
}

// FuzzHandler logs JSON documents that have a secret somewhere, under a name that hides it.
func FuzzHandler(f *testing.F) {
	f.Add([]byte(`{"user":"x","password":"y","list":[{"api_key":"z","n":1}]}`), "4111111111111111")
	f.Add([]byte(`[[[{"a":{"db_password":null}}]]]`), "x")
	f.Fuzz(func(t *testing.T, doc []byte, message string) {
		var v any
		if json.Unmarshal(doc, &v) != nil {
			return
		}
		const value = "hunter2-hunter2"
		if strings.Contains(string(doc), "hunter2") || strings.Contains(message, "hunter2") {
			return
		}
		plant(v, value)
		var out bytes.Buffer
		h, err := secret.NewHandler(secret.HandlerConfig{Next: slog.NewJSONHandler(&out, nil)})
		if err != nil {
			t.Fatal(err)
		}
		slog.New(h).Info(message, "doc", v)
		if !json.Valid(out.Bytes()) || strings.Contains(out.String(), value) {
			t.Errorf("%s, %q: got %s", doc, message, out.Bytes())
		}
		var record struct{ Msg string }
		if err := json.Unmarshal(out.Bytes(), &record); err != nil || anyCard(record.Msg) != "" {
			t.Errorf("%q: the message shows a card: %s, %v", message, out.Bytes(), err)
		}
	})
}

// plant puts value under every name that hides it.
func plant(v any, value string) {
	switch v := v.(type) {
	case []any:
		for _, part := range v {
			plant(part, value)
		}
	case map[string]any:
		for key, part := range v {
			plant(part, value)
			if secret.Hides(key, nil, nil) {
				v[key] = value
			}
		}
		v["password"] = value
	}
}

// FuzzCheckID is about the one spelling of ids.
func FuzzCheckID(f *testing.F) {
	f.Add("tok", secret.NewID("tok"))
	f.Add("", secret.NewID(""))
	f.Add("a_b", "a_b_00000000000000000000000000")
	f.Fuzz(func(t *testing.T, prefix, s string) {
		if secret.CheckID(prefix, s) != nil {
			return
		}
		if !strings.HasPrefix(s, prefix) || strings.ToLower(s[len(prefix):]) != s[len(prefix):] {
			t.Errorf("%q is an id with prefix %q", s, prefix)
		}
		for i := len(prefix); i < len(s); i++ {
			if other := s[:i] + string(s[i]^1) + s[i+1:]; secret.CheckID(prefix, other) == nil {
				t.Errorf("%q and %q are both ids", s, other)
			}
		}
	})
}
