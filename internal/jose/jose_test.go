package jose_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gopalisade/palisade/internal/jose"
)

func TestScan(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		want       bool
	}{
		{"empty", ``, false},
		{"object", `{}`, true},
		{"white space", " {\t\"a\" :\r\n1 } ", true},
		{"all kinds", `{"a":[true,false,null,-1.5e+3,0,{"b":{}},"\"\\\/\b\f\n\r\t\u00e4é","\ud83d\ude00",[],1E-2]}`, true},
		{"no object", `[]`, false},
		{"no name", `{1:2}`, false},
		{"no colon", `{"a" 1}`, false},
		{"no comma", `{"a":1 "b":2}`, false},
		{"trailing comma", `{"a":1,}`, false},
		{"trailing comma in a list", `{"a":[1,]}`, false},
		{"no comma in a list", `{"a":[1 2]}`, false},
		{"unfinished list", `{"a":[1`, false},
		{"unfinished object", `{"a":1`, false},
		{"unfinished string", `{"a":"`, false},
		{"unfinished escape", `{"a":"\`, false},
		{"unfinished after an escape", `{"a":"\n`, false},
		{"twice", `{"a":1,"a":2}`, false},
		{"twice by escape", `{"a":1,"\u0061":2}`, false},
		{"twice below", `{"x":{"a":1,"a":2}}`, false},
		{"more", `{}{}`, false},
		{"NUL after it", "{}\x00", false},
		{"unknown word", `{"a":tru}`, false},
		{"unknown letter", `{"a":x}`, false},
		{"leading zero", `{"a":01}`, false},
		{"no fraction", `{"a":1.}`, false},
		{"no exponent", `{"a":1e}`, false},
		{"plus", `{"a":+1}`, false},
		{"minus only", `{"a":-}`, false},
		{"control character", "{\"a\":\"\x01\"}", false},
		{"control character after an escape", "{\"a\":\"\\n\x01\"}", false},
		{"invalid UTF-8", "{\"a\":\"\xff\"}", false},
		{"invalid UTF-8 after an escape", "{\"a\":\"\\n\xff\"}", false},
		{"unknown escape", `{"a":"\x"}`, false},
		{"short hex", `{"a":"\u12"`, false},
		{"no hex", `{"a":"\u12g4"}`, false},
		{"low surrogate", `{"a":"\udc00"}`, false},
		{"high surrogate", `{"a":"\ud800"}`, false},
		{"high surrogate and more", `{"a":"\ud800x"}`, false},
		{"two high surrogates", `{"a":"\ud800\ud800"}`, false},
		{"surrogate and cut hex", `{"a":"\ud800\ud`, false},
		{"16 deep", strings.Repeat(`{"a":`, 16) + "1" + strings.Repeat("}", 16), true},
		{"17 deep", strings.Repeat(`{"a":`, 17) + "1" + strings.Repeat("}", 17), false},
		{"17 lists deep", `{"a":` + strings.Repeat(`[`, 17) + strings.Repeat("]", 17) + "}", false},
		{"64 members", members(64), true},
		{"65 members", members(65), false},
	} {
		if got := walk(tc.text); got != tc.want {
			t.Errorf("%s: got %t, want %t", tc.name, got, tc.want)
		}
		if tc.want && !json.Valid([]byte(tc.text)) {
			t.Errorf("%s: a laxer reader refuses it", tc.name)
		}
	}
}

func members(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(`,"` + strings.Repeat("x", i) + `":1`)
	}
	return "{" + b.String()[1:] + "}"
}

func walk(text string) bool {
	s := jose.Scan(text)
	return s.Members(func(string) bool { return s.Skip() }) && s.End()
}

func TestValues(t *testing.T) {
	s := jose.Scan(`"a\n" ["x"] "y" 12.5 [1,{"b":2}] true`)
	if text, ok := s.Text(); !ok || text != "a\n" {
		t.Errorf("got %q, %t", text, ok)
	}
	if s.Try(func() bool { _, ok := s.Text(); return ok }) {
		t.Error("a list was read as a string")
	}
	if list, ok := s.List(1, false); !ok || len(list) != 1 || list[0] != "x" {
		t.Errorf("got %q, %t", list, ok)
	}
	if list, ok := s.List(1, true); !ok || len(list) != 1 || list[0] != "y" {
		t.Errorf("got %q, %t", list, ok)
	}
	if date, ok := s.Date(); !ok || date != 12 {
		t.Errorf("got %d, %t", date, ok)
	}
	if raw, ok := s.Raw(); !ok || raw != `[1,{"b":2}]` {
		t.Errorf("got %q, %t", raw, ok)
	}
	if s.End() || !s.Skip() || !s.End() {
		t.Error("the end is not where it should be")
	}
	for _, text := range []string{"", "0", "-1", "1e3", "1.5e3", "253402300800", "99999999999999999999", `"1"`} {
		s := jose.Scan(text)
		if date, ok := s.Date(); ok {
			t.Errorf("%q: got %d, want no date", text, date)
		}
	}
	for _, text := range []string{`["a","b","c"]`, `[1]`, `"a"`, `null`} {
		s := jose.Scan(text)
		if list, ok := s.List(2, false); ok {
			t.Errorf("%q: got %q, want no list", text, list)
		}
	}
}

func TestBase64(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		want       bool
	}{
		{"empty", "", true},
		{"plain", "AAAA", true},
		{"url", "-_-_", true},
		{"standard alphabet", "+/+/", false},
		{"padding", "AA==", false},
		{"D15 line feed", "AA\nAA", false},
		{"D15 carriage return", "AA\rAA", false},
		{"D16 unused bits", "AB", false},
		{"space", " AAAA", false},
	} {
		out, ok := jose.Decode(nil, tc.text)
		if ok != tc.want || ok && jose.Encode(out) != tc.text || ok && len(out) != jose.DecodedLen(len(tc.text)) {
			t.Errorf("%s: got %x, %t; want %t", tc.name, out, ok, tc.want)
		}
	}
	hash := jose.Encode(make([]byte, 32))
	for text, want := range map[string]bool{hash: true, hash[:42]: false, hash + "AA": false, hash[:42] + "B": false, "": false} {
		if got := jose.IsHash(text); got != want {
			t.Errorf("%q: got %t, want %t", text, got, want)
		}
	}
}

func TestSplit(t *testing.T) {
	for _, tc := range []struct {
		text string
		want bool
	}{
		{"a.b.c", true},
		{"a..", true},
		{"aaaa.b.c", true},
		{"aaaaa.b.c", false},
		{".b.c", false},
		{"a.b", false},
		{"a", false},
		{"", false},
		{"a.b.c.d", false},
		{"a.b.c.d.e", false},
	} {
		c, ok := jose.Split(tc.text, 4)
		if ok != tc.want || ok && c.Header+"."+c.Payload+"."+c.Signature != tc.text || ok && c.Input != c.Header+"."+c.Payload {
			t.Errorf("%q: got %+v, %t; want %t", tc.text, c, ok, tc.want)
		}
	}
	for name, want := range map[string]bool{"alg": false, "ALG": true, "alG": true, "algo": false, "": false} {
		if got := jose.IsHeaderVariant(name); got != want {
			t.Errorf("%q: got %t, want %t", name, got, want)
		}
	}
}

func FuzzScan(f *testing.F) {
	for _, seed := range []string{`{}`, `{"a":[1,2,{"b":"\ud83d\ude00"}]}`, `{"a":1,"a":2}`, "{\"a\":\"\xff\"}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if walk(text) && !json.Valid([]byte(text)) {
			t.Errorf("%q: we accept what is no JSON", text)
		}
		s := jose.Scan(text)
		got, ok := s.Text()
		if !ok {
			return
		}
		var want string
		if !utf8.ValidString(got) || s.End() && (json.Unmarshal([]byte(text), &want) != nil || got != want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	})
}
