package validate_test

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/crypto/secret"
	"github.com/gopalisade/palisade/validate"
)

// schemaFormats has a member for each rule about the form of a text, named like the rule.
type schemaFormats struct {
	F0  *string `json:"email" validate:"email"`
	F1  *string `json:"email_intl" validate:"email_intl"`
	F2  *string `json:"email_rfc5321" validate:"email_rfc5321"`
	F3  *string `json:"url" validate:"url"`
	F4  *string `json:"http_url" validate:"http_url"`
	F5  *string `json:"https_url" validate:"https_url"`
	F6  *string `json:"relpath" validate:"relpath"`
	F7  *string `json:"hostname" validate:"hostname"`
	F8  *string `json:"hostname_rfc1123" validate:"hostname_rfc1123"`
	F9  *string `json:"fqdn" validate:"fqdn"`
	F10 *string `json:"hostname_port" validate:"hostname_port"`
	F11 *string `json:"port" validate:"port"`
	F12 *string `json:"ip" validate:"ip"`
	F13 *string `json:"ipv4" validate:"ipv4"`
	F14 *string `json:"ipv6" validate:"ipv6"`
	F15 *string `json:"cidr" validate:"cidr"`
	F16 *string `json:"mac" validate:"mac"`
	F17 *string `json:"uuid" validate:"uuid"`
	F18 *string `json:"uuid_rfc4122" validate:"uuid_rfc4122"`
	F19 *string `json:"uuid3" validate:"uuid3"`
	F20 *string `json:"uuid4" validate:"uuid4"`
	F21 *string `json:"uuid5" validate:"uuid5"`
	F22 *string `json:"uuid7" validate:"uuid7"`
	F23 *string `json:"ulid" validate:"ulid"`
	F24 *string `json:"date" validate:"date"`
	F25 *string `json:"time" validate:"time"`
	F26 *string `json:"timestamp" validate:"timestamp"`
	F27 *string `json:"duration" validate:"duration"`
	F28 *string `json:"e164" validate:"e164"`
	F29 *string `json:"credit_card" validate:"credit_card"`
	F30 *string `json:"semver" validate:"semver"`
	F31 *string `json:"latitude" validate:"latitude"`
	F32 *string `json:"longitude" validate:"longitude"`
	F33 *string `json:"base64" validate:"base64"`
	F34 *string `json:"base64url" validate:"base64url"`
	F35 *string `json:"base64rawurl" validate:"base64rawurl"`
	F36 *string `json:"hexadecimal" validate:"hexadecimal"`
	F37 *string `json:"iso3166_1_alpha2" validate:"iso3166_1_alpha2"`
	F38 *string `json:"iso3166_1_alpha3" validate:"iso3166_1_alpha3"`
	F39 *string `json:"iso4217" validate:"iso4217"`
	F40 *string `json:"bcp47_language_tag" validate:"bcp47_language_tag"`
	F41 *string `json:"cron" validate:"cron"`
	F42 *string `json:"json" validate:"json"`
	F43 *string `json:"jsonpointer" validate:"jsonpointer"`
	F44 *string `json:"slug" validate:"slug"`
	F45 *string `json:"alpha" validate:"alpha"`
	F46 *string `json:"alphanum" validate:"alphanum"`
	F47 *string `json:"ascii" validate:"ascii"`
	F48 *string `json:"printascii" validate:"printascii"`
	F49 *string `json:"number" validate:"number"`
	F50 *string `json:"numeric" validate:"numeric"`
	F51 *string `json:"lowercase" validate:"lowercase"`
	F52 *string `json:"uppercase" validate:"uppercase"`
	F53 *string `json:"boolean" validate:"boolean"`
}

// Every such rule accepts a text of the list, and none that the schema does not.
func TestJSONSchemaFormats(t *testing.T) {
	s, err := validate.New[schemaFormats](validate.Config{})
	if err != nil {
		t.Fatal(err)
	}
	c := newSchemaChecker(t, s.JSONSchema())
	for field := range reflect.TypeFor[schemaFormats]().Fields() {
		rule := field.Tag.Get("json")
		accepted := 0
		for _, text := range schemaTexts {
			body := `{"` + rule + `":` + jsonText(text) + `}`
			if _, err := s.Bind(jsonRequest(body)); err != nil {
				continue
			}
			accepted++
			if why, ok := c.accepts(body); !ok {
				t.Errorf("%s: Bind accepts %q, the schema does not: %s", rule, text, why)
			}
		}
		if accepted == 0 {
			t.Errorf("%s: no text is accepted, so that nothing was tested", rule)
		}
	}
}

// schemaTexts are right for some rule, and in some spelling that another reader may not know.
var schemaTexts = []string{
	"", " ", "a", "b", "ab", " ab ", "abc", "ABC", "DE", "de", "x", "yz", "x y", "EUR", "US D", "DEU", "a.+)",
	"a.b+)", "AB-12", "é", "日本語日本",
	"𝒳𝒳", "\u2126", "ﬃ", "a  b", "  a  ", " a@b.example ", "a@b.example", "_x+y=z@sub.b.example",
	"j\u00fcrgen@b\u00fccher.example",
	`"a b"@b.example`, "a@[192.0.2.1]", "http://a", "HTTPS://a.example:8443/p;q?r=s#t",
	"https://[2001:db8::1]/%2F", "/a/b?c=d", "/",
	"localhost", "a--b.example", "xn--bcher-kva.example", "a.example:80", "[::1]:80", "80", "65535", "192.0.2.1",
	"::", "2001:db8::ff00:1",
	"::1.2.3.4", "192.0.2.0/24", "2001:db8::/32", "00:00:5e:00:53:01", "00-00-5E-EF-10-00-00-01",
	"f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
	"F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6", "f81d4fae-7dec-31d0-a765-00a0c91e6bf6", "f81d4fae-7dec-41d0-a765-00a0c91e6bf6",
	"f81d4fae-7dec-51d0-a765-00a0c91e6bf6", "f81d4fae-7dec-71d0-a765-00a0c91e6bf6", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "2024-02-29",
	"15:04:05Z", "23:59:59.123456789-23:59", "2006-01-02T15:04:05Z", "0001-01-01T00:00:00Z",
	"9999-12-31T23:59:59.999+14:00", "P1D",
	"PT1H1S", "P2W", "P1Y2M3DT4H5M6S", "+491234567", "+123456789012345", "4111111111111111", "1.2.3",
	"1.0.0-rc.1+build-5", "-90.0", "45",
	"+180", "YQ==", "YWI=", "YWJj", "_-8=", "_-8", "AbFf09", "USA", "CH", "en-GB", "*/5 * * * *", "{}", "[1]",
	"/a~1b/~0", "a-b-c9", "Z9",
	"a\tb", "~ ~", "007", "-1.50", "ABÉ", "true", "T",
}

func jsonText(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func jsonRequest(body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return r
}

// schemaHolds sends random bodies: what Bind accepts satisfies the schema.
func schemaHolds[T any](t *testing.T, s *validate.Schema[T]) {
	t.Helper()
	schema := s.JSONSchema()
	if schema == nil {
		return
	}
	c := newSchemaChecker(t, schema)
	g := generator{rand.New(rand.NewPCG(1, 2))}
	accepted := 0
	for range 1000 {
		body := g.value(reflect.TypeFor[T](), 0)
		if _, err := s.Bind(jsonRequest(body)); err != nil {
			continue
		}
		accepted++
		if why, ok := c.accepts(body); !ok {
			t.Fatalf("Bind accepts %s, the schema %s does not: %s", body, schema, why)
		}
	}
	if accepted < 3 {
		t.Errorf("%d of the bodies are accepted, so that little was tested", accepted)
	}
}

// generator makes JSON that a type might read.
type generator struct{ *rand.Rand }

func (g generator) value(t reflect.Type, depth int) string {
	if g.IntN(25) == 0 {
		return []string{"null", "1", `"x"`, "[]", "{}", "true", "1.0"}[g.IntN(7)]
	}
	switch t {
	case reflect.TypeFor[validate.Opt[int]]():
		return g.value(reflect.TypeFor[*int](), depth)
	case reflect.TypeFor[json.RawMessage]():
		return g.value(reflect.TypeFor[map[string]bool](), depth)
	case reflect.TypeFor[time.Time](), reflect.TypeFor[secret.Secret[string]](), reflect.TypeFor[netip.Addr](),
		reflect.TypeFor[[]byte]():
		return g.text()
	}
	switch t.Kind() {
	case reflect.Pointer:
		if g.IntN(3) == 0 || depth > 3 {
			return "null"
		}
		return g.value(t.Elem(), depth+1)
	case reflect.Struct:
		return g.object(t, depth)
	case reflect.Slice, reflect.Array, reflect.Map:
		return g.several(t, depth)
	case reflect.Bool:
		return strconv.FormatBool(g.IntN(2) == 0)
	case reflect.String:
		return g.text()
	case reflect.Float32, reflect.Float64:
		return []string{
			"0", "0.1", "0.100000001", "0.5", "-1", "-0.99999999", "-1.00000001", "2000", "1999.5", "1e3",
			"-0",
		}[g.IntN(11)]
	}
	return []string{"0", "1", "2", "3", "4", "5", "6", "100", "101", "-1", "-0", "2000000000", "300"}[g.IntN(13)]
}

func (g generator) text() string { return jsonText(schemaTexts[g.IntN(len(schemaTexts))]) }

func (g generator) object(t reflect.Type, depth int) string {
	var members []string
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" {
			return g.value(f.Type, depth)
		}
		if g.IntN(4) > 0 {
			members = append(members, `"`+name+`":`+g.value(f.Type, depth+1))
		}
	}
	if g.IntN(20) == 0 {
		members = append(members, `"zz":1`)
	}
	return "{" + strings.Join(members, ",") + "}"
}

func (g generator) several(t reflect.Type, depth int) string {
	var parts []string
	for range g.IntN(4) - depth/3 {
		parts = append(parts, g.value(t.Elem(), depth+1))
	}
	if t.Kind() != reflect.Map {
		return "[" + strings.Join(parts, ",") + "]"
	}
	for i, part := range parts {
		parts[i] = `"` + []string{"a", "bc", "toolong", "a b"}[(i+g.IntN(2))%4] + `":` + part
	}
	return "{" + strings.Join(parts, ",") + "}"
}
