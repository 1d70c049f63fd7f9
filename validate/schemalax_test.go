package validate_test

import (
	"context"
	"encoding/json"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/crypto/secret"
	"github.com/gopalisade/palisade/validate"
)

// These are accepted, and what a naive schema would refuse.
func TestJSONSchemaLaxer(t *testing.T) {
	type tricky struct {
		Times []time.Time `json:"times" validate:"unique"`
		Not   uint        `json:"not" validate:"noneof=02"`
		Empty string      `json:"empty"`
		With  *int        `json:"with" validate:"required_with=Empty"`
		Plain int         `json:"plain"`
		Staff *int        `json:"staff" validate:"required_with=Plain" access:"write=staff"`
		Weeks *string     `json:"weeks" validate:"duration"`
		Small float32     `json:"small" validate:"max=0.1"`
	}
	s, err := validate.New[tricky](validate.Config{Can: func(context.Context, string) bool { return false }})
	if err != nil {
		t.Fatal(err)
	}
	c := newSchemaChecker(t, s.JSONSchema())
	for _, body := range []string{
		`{"times":["2006-01-02T15:04:05+01:30","2006-01-02T15:04:05+01:30"]}`, `{"not":2}`, `{"empty":""}`, `{"plain":1}`,
		`{"weeks":"P10W"}`, `{"weeks":"PT1H1S"}`, `{"small":0.100000001}`, `{"with":null}`,
	} {
		if _, err := s.Bind(jsonRequest(body)); err != nil {
			t.Errorf("%s: %v", body, err)
		}
		if why, ok := c.accepts(body); !ok {
			t.Errorf("Bind accepts %s, the schema does not: %s", body, why)
		}
	}
}

// The schema of a type with everything in it holds for whatever Bind accepts.
func FuzzJSONSchema(f *testing.F) {
	type all struct {
		Name  string               `json:"name" norm:"trim" validate:"required,max=5"`
		Mail  string               `json:"mail" validate:"omitempty,email"`
		Kind  *string              `json:"kind" validate:"oneof=a b"`
		Count validate.Opt[uint8]  `json:"count" validate:"lt=9"`
		Ratio float64              `json:"ratio" validate:"gte=0,lt=1"`
		Tree  *schemaNode          `json:"tree"`
		Marks map[string][2]string `json:"marks" validate:"max=2,dive,keys,alpha,endkeys,dive,max=3"`
		Blob  []byte               `json:"blob" validate:"max=4"`
		When  time.Time            `json:"when"`
		Both  int                  `json:"both" validate:"required_with=Ratio"`
	}
	s, err := validate.New[all](validate.Config{})
	if err != nil {
		f.Fatal(err)
	}
	schema := s.JSONSchema()
	for _, body := range []string{
		`{"name":"  a  ","mail":"","kind":null,"count":8,"ratio":0.5,"both":1,"blob":"YWJjZA==","when":"2006-01-02T15:04:05Z"}`,
		`{"name":"a","mail":"a@b.example","kind":"b","count":null,"tree":{"name":"b","kids":[{"name":"c","next":null}]}}`,
		`{"name":"a","marks":{"a":["","𝒳é"]}}`, `{"name":"\u00a0"}`, `{"name":"a","ratio":-0,"both":0}`, `{"name":"a",` +
			`"ratio":1e-400,"both":0}`,
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		if _, err := s.Bind(jsonRequest(body)); err != nil {
			return
		}
		if why, ok := newSchemaChecker(t, schema).accepts(body); !ok {
			t.Errorf("what Bind accepts must satisfy the schema: %q, %s", body, why)
		}
	})
}

func TestJSONSchemaAllowUnknown(t *testing.T) {
	s, err := validate.New[schemaPoint](validate.Config{AllowUnknown: true})
	if err != nil {
		t.Fatal(err)
	}
	want := schemaHead + `"type":"object","properties":{"x":{"type":"integer","format":"int64","minimum":1},` +
		`"y":{"type":"integer","format":"int64","maximum":9}},"required":["x"]}`
	if got := string(s.JSONSchema()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	schemaHolds(t, s)
}

// A Go expression and the one that is exported match the same texts, and the exported one has only what both syntaxes share.
func TestJSONSchemaPattern(t *testing.T) {
	for _, row := range []struct{ expr, want string }{
		{`a.c`, `^a[^\n]c$`},
		{`(?s)a.c`, `^a[\s\S]c$`},
		{`(?i)ak`, `^[aA][kKELVINK]$`},
		{`[^a\]]*`, `^[^\]a]*$`},
		{`[[:alpha:]_-]+?`, `^[\-A-Z_a-z]+$`},
		{`(a|bc)?d{2,}`, `^(?:a|bc)?d{2,}$`},
		{`(?:ab){0,2}(?:^)?[01]{3}`, `^(?:ab){0,2}(?:^)?[01]{3}$`},
		{`\Q+(\E\t\x7f`, `^\+\(\x09\x7f$`},
		{`\bx\B`, `^\bx\B$`},
		{``, `^(?:)$`},
		{`(?P<n>x)|`, `^(?:x|(?:))$`},
		{`\pL`, ``},
		{`a|(?m:b$)`, ``},
		{`(?i)a\x{DFFF}`, ``},
		{`(?m)^a`, ``},
		{`[^\x00-\x{10FFFF}]`, ``},
		{`\p{Cs}`, ``},
	} {
		rule, err := validate.Pattern(row.expr)
		if err != nil {
			t.Fatal(err)
		}
		s, err := validate.New[struct {
			A string `json:"a" validate:"own"`
		}](validate.Config{Rules: map[string]validate.Rule{"own": rule}})
		if err != nil {
			t.Fatal(err)
		}
		var schema struct {
			Properties struct{ A struct{ Pattern string } }
		}
		if err := json.Unmarshal(s.JSONSchema(), &schema); err != nil {
			t.Fatal(err)
		}
		got := schema.Properties.A.Pattern
		if got != strings.ReplaceAll(row.want, "KELVIN", "\u212a") {
			t.Errorf("%s is exported as %s, want %s", row.expr, got, row.want)
		}
		ours, theirs := regexp.MustCompile(`\A(?:`+row.expr+`)\z`), regexp.MustCompile(got)
		for _, text := range append(schemaTexts, "ac", "a\nc", "a\rc", "aK", "]", "dd", "add", "bcddd", "+(\t\x7f", "x", "") {
			if got != "" && ours.MatchString(text) != theirs.MatchString(text) {
				t.Errorf("%s and %s differ about %q", row.expr, got, text)
			}
		}
	}
}

type schemaView struct {
	ID     string                `json:"id"`
	Salary int                   `json:"salary" access:"read=payroll"`
	Hash   string                `json:"hash" access:"read=-"`
	Secret secret.Secret[string] `json:"secret"`
	Note   string                `json:"note,omitempty"`
	Since  time.Time             `json:"since,omitzero"`
	Boss   *schemaView           `json:"boss"`
	Team   []schemaView          `json:"team"`
	Blob   []byte                `json:"blob"`
	Ratio  float32               `json:"ratio"`
	Flags  map[string]bool       `json:"flags"`
	Addr   netip.Addr            `json:"addr"`
	Raw    json.RawMessage       `json:"raw"`
	Maybe  validate.Opt[[2]int]  `json:"maybe"`
	Empty  struct{}              `json:"empty"`
}

func TestViewJSONSchema(t *testing.T) {
	may := false
	v, err := validate.NewView[schemaView](validate.ViewConfig{Can: func(context.Context, string) bool { return may }})
	if err != nil {
		t.Fatal(err)
	}
	want := schemaHead + `"$ref":"#/$defs/schemaView","$defs":{"schemaView":{"type":"object",` +
		`"properties":{"id":{"type":"string"},` +
		`"salary":{"type":"integer"},"note":{"type":"string"},"since":{"type":"string","format":"date-time"},` +
		`"boss":{"anyOf":[{"$ref":"#/$defs/schemaView"},{"type":"null"}]},"team":{"type":"array",` +
		`"items":{"$ref":"#/$defs/schemaView"}},` +
		`"blob":{"type":"string","contentEncoding":"base64"},"ratio":{"type":"number"},` +
		`"flags":{"type":"object","additionalProperties":{"type":"boolean"}},"addr":{"type":"string"},"raw":{},` +
		`"maybe":{"type":["array","null"],"items":{"type":"integer"},"minItems":2,"maxItems":2},"empty":{"type":"object"}},` +
		`"required":["id","boss","team","blob","ratio","flags","addr","raw","maybe","empty"]}}}`
	schema := v.JSONSchema()
	if string(schema) != want {
		t.Errorf("got  %s\nwant %s", schema, want)
	}
	c := newSchemaChecker(t, schema)
	for _, value := range []schemaView{
		{},
		{
			ID: "a", Boss: &schemaView{Salary: 1}, Team: []schemaView{{}}, Maybe: validate.Some([2]int{1, 2}),
			Raw: json.RawMessage("[1]"),
		},
		{Since: time.Unix(0, 0), Blob: []byte("x"), Flags: map[string]bool{"a": true}, Addr: netip.IPv6Loopback(), Note: "n"},
	} {
		for _, may = range []bool{false, true} {
			b, err := v.Marshal(t.Context(), value)
			if err != nil {
				t.Fatal(err)
			}
			if why, ok := c.accepts(string(b)); !ok {
				t.Errorf("the View writes %s, against its schema: %s", b, why)
			}
		}
	}
}
