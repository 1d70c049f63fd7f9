package validate_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	jsonv2 "github.com/go-json-experiment/json"

	"github.com/gopalisade/palisade/internal/formats"
	"github.com/gopalisade/palisade/validate"
)

// document has every kind of member, and neither default nor norm nor rules: what is bound is what was sent.
type document struct {
	S   string               `json:"s"`
	I   int                  `json:"i"`
	I8  int8                 `json:"i8"`
	U   uint16               `json:"u"`
	F   float64              `json:"f"`
	F32 float32              `json:"f32"`
	B   bool                 `json:"b"`
	P   *string              `json:"p"`
	PP  **int                `json:"pp"`
	L   []int                `json:"l"`
	LL  [][]string           `json:"ll"`
	M   map[string]string    `json:"m"`
	MM  map[string]*document `json:"mm"`
	X   [2]int               `json:"x" validate:"omitempty"`
	T   time.Time            `json:"t"`
	A   netip.Addr           `json:"a"`
	D   []byte               `json:"d"`
	R   rawText              `json:"r"`
	N   *document            `json:"n"`
	In  struct {
		Q uint64 `json:"q~/"`
	} `json:"in"`
}

func FuzzBind(f *testing.F) {
	s := mustNew[document](f, validate.Config{})
	for _, body := range []string{
		`{}`, `{"s":"\u0061","i":-1,"i8":127,"u":65535,"f":1e3,"f32":0.1,"b":true,"p":"x","pp":3,"l":[1,2],"ll":[[],["a"]]}`,
		`{"m":{"a":"b","":"c"},"mm":{"a":{"s":"x"},"b":null},"x":[1,2],"t":"2024-02-29T12:00:00.5+01:00","a":"192.0.2.1","d":"aGk="}`,
		`{"r":{"a":[1,{"b":null}]},"n":{"n":{"l":[]}},"in":{"q~/":18446744073709551615}}`, `{"p":null,"pp":null,"n":null}`,
		`{"f":-0,"i":-0}`, `{"f":9007199254740993}`, `{"a":"fe80::1%eth0","t":"0000-01-01T00:00:00Z"}`, `[]`,
		`{"s":"\ud83d\ude00"}`,
		`{"t":"2024-01-01T24:00:00Z"}`, `{"t":"2024-01-01t00:00:00z"}`, `{"d":"aGl="}`, `{"x":[1]}`, `{"s":1,"S":2,"s":3}`,
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		got, err := s.Bind(postJSON(body))
		if err != nil {
			checkError(t, err)
			return
		}
		var want document
		if err := jsonv2.Unmarshal([]byte(body), &want, jsonv2.RejectUnknownMembers(true)); err != nil {
			t.Fatalf("what is accepted is JSON of the type, by a second reader too; %q: %v", body, err)
		}
		if !reflect.DeepEqual(got, want) && written(t, got) != written(t, want) { // no bytes are nil here, and empty there
			t.Fatalf("two readers see the same value in %q:\n%+v\n%+v", body, got, want)
		}
	})
}

func written(t *testing.T, d document) string {
	b, err := jsonv2.Marshal(d, jsonv2.Deterministic(true))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// checkError asserts what is true of every refusal: a 4xx, at most 32 faults, places that name a place.
func checkError(t *testing.T, err error) {
	e, ok := errors.AsType[*validate.Error](err)
	if !ok || e.HTTPStatus() >= http.StatusInternalServerError {
		t.Fatalf("a request is the client's fault, never the server's: %v", err)
	}
	if len(e.Fields) > 32 {
		t.Fatalf("at most 32 faults are told, not %d", len(e.Fields))
	}
	for _, f := range e.Fields {
		if f.Pointer != "" && !formats.JSONPointer(f.Pointer) {
			t.Fatalf("a pointer follows RFC 6901, and %q does not", f.Pointer)
		}
		if f.Code == "" || f.In == "" || f.In == "body" && f.Name != "" || f.In != "body" && f.Pointer != "" {
			t.Fatalf("a fault has a code and one place: %+v", f)
		}
	}
}

func FuzzPointers(f *testing.F) {
	s := mustNew[account](f, validate.Config{})
	for _, table := range [][]request{jsonRows(), jsonTypeRows()} {
		for _, tc := range table {
			if len(tc.body) < 1000 {
				f.Add(tc.body)
			}
		}
	}
	f.Fuzz(func(t *testing.T, body string) {
		if body == "" {
			return
		}
		a := serve(t, s, postJSON(body))
		if a.status == http.StatusNoContent {
			return
		}
		if len(a.body) >= maxAnswer {
			t.Fatalf("an answer is bounded, whatever was sent, and not %d bytes long", len(a.body))
		}
		for _, e := range a.events {
			checkError(t, e.Err)
		}
	})
}

func FuzzQuery(f *testing.F) {
	type input struct {
		A []string `query:"a"`
		B *string  `query:"b"`
		C []string `query:"c,comma"`
		É []string `query:"é"`
	}
	s := mustNew[input](f, validate.Config{})
	for _, query := range []string{
		"", "a=1&a=2&b=x&c=1,2", "a=%2541", "b=+", "c=%2C", "%C3%A9=1", "a=;", "a", "&", "b=%zz",
		"é=é", "a=%e9", "c=,", "=", "a==&b=&",
	} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		r := getRequest("/")
		r.URL.RawQuery = query
		got, err := s.Bind(r)
		if err != nil {
			checkError(t, err)
			return
		}
		want, err := url.ParseQuery(query)
		if err != nil {
			t.Fatalf("what is accepted is a query to net/url too; %q: %v", query, err)
		}
		var b []string
		if got.B != nil {
			b = []string{*got.B}
		}
		var c []string
		for part := range strings.SplitSeq(strings.Join(want["c"], ""), ",") {
			if want["c"] != nil {
				c = append(c, strings.Trim(part, " \t"))
			}
		}
		if !slices.Equal(got.A, want["a"]) || !slices.Equal(b, want["b"]) || !slices.Equal(got.C, c) ||
			!slices.Equal(got.É, want["é"]) {
			t.Fatalf("two readers see the same values in %q:\n%+v\n%v", query, got, want)
		}
		for name := range want {
			if !slices.Contains([]string{"a", "b", "c", "é"}, name) {
				t.Fatalf("nothing is accepted that nobody declared, as %q is", name)
			}
		}
	})
}

func FuzzPath(f *testing.F) {
	for _, path := range []string{
		"/p/a/x/b", "/p/%61/x/%2561", "/i/%2F", "/i/%252F", "/t/5/a%2Fb/%2e%2e", "/t/5/..;/%25",
		"/i/é", "/p/%2562/x/%61", "/t/5//", "/i/%",
	} {
		f.Add(path)
	}
	h := pathHandler(f)
	f.Fuzz(func(t *testing.T, path string) {
		u, err := url.ParseRequestURI(path)
		if err != nil || u.EscapedPath() != path || !strings.HasPrefix(path, "/") || u.Host != "" || len(u.Path) < 2 ||
			u.RawQuery != "" {
			return
		}
		if !slices.Contains([]string{"i", "t", "p", "y"}, u.Path[1:2]) {
			return
		}
		std, raw := routed(t, path, h)
		if std.Code == http.StatusInternalServerError || raw.Code == http.StatusInternalServerError {
			return // the routers chose different patterns for it
		}
		if std.Code == http.StatusOK && raw.Code == http.StatusOK && std.Body.String() != raw.Body.String() {
			t.Fatalf("two routers hand out the same value of %q: %q and %q", path, std.Body, raw.Body)
		}
		decided := func(code int) bool {
			return code == http.StatusOK || code == http.StatusBadRequest || code == http.StatusUnprocessableEntity
		}
		if decided(std.Code) && decided(raw.Code) && std.Code != raw.Code {
			t.Fatalf("two routers decide alike on %q: %d and %d", path, std.Code, raw.Code)
		}
	})
}

var ruleTypes = []reflect.Type{
	reflect.TypeFor[string](), reflect.TypeFor[int8](), reflect.TypeFor[uint](), reflect.TypeFor[float32](),
	reflect.TypeFor[bool](),
	reflect.TypeFor[*string](), reflect.TypeFor[[]string](), reflect.TypeFor[map[string]int](), reflect.TypeFor[time.Time](),
	reflect.TypeFor[validate.Opt[int]](), reflect.TypeFor[[2]int](), reflect.TypeFor[[]byte](), reflect.TypeFor[place](),
}

func FuzzRules(f *testing.F) {
	for _, rules := range []string{
		"required,min=1,max=5", "email|uuid", "oneof='a b' c", "dive,keys,max=1,endkeys,min=1", "eqfield=B",
		"required_if=B 1", "unique", "isbn",
		"hexcolor|rgb", "max=0x2C", "len=99999999999", "dive,dive,dive", "excluded_without_all=A B", "gt", "iscolor",
		"postcode_iso3166_alpha2=DE",
		"startsnotwith=a", "containsrune=\xff", "spicedb=id", "fieldexcludes=B", "cve", "eth_addr_checksum",
		"luhn_checksum", "origin",
	} {
		f.Add(rules, "trim", "read=a;write=b", "1")
	}
	f.Add("", "html=ugc,nfc", "write=-", "x")
	f.Add("dive,keys", "trim", "", "")
	f.Fuzz(func(t *testing.T, rules, norm, access, def string) {
		for _, typ := range ruleTypes {
			tag := "json:\"a\" validate:" + strconv.Quote(rules) + " norm:" + strconv.Quote(norm) + " access:" + strconv.Quote(access)
			if def != "" {
				tag += " default:" + strconv.Quote(def)
			}
			s, err := validate.NewDynamic(reflect.StructOf([]reflect.StructField{
				{Name: "A", Type: typ, Tag: reflect.StructTag(tag)},
				{Name: "B", Type: typ, Tag: `json:"b"`},
			}), validate.Config{Can: func(context.Context, string) bool { return true }})
			if err != nil {
				continue // New says what is wrong, and does not panic
			}
			for _, v := range []string{`1`, `"a"`, `[]`, `["a","b"]`, `{"a":1}`, `null`, `true`, `{"street":""}`} {
				if _, err := s.Bind(postJSON(fmt.Sprintf(`{"a":%s,"b":%[1]s}`, v))); err != nil {
					checkError(t, err)
				}
			}
		}
	})
}
