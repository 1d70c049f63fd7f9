package validate_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"net/mail"
	"net/netip"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// schemaChecker is a validator of the keywords that the package exports, and fails the test at any other. It shares no code
// with what it checks.
type schemaChecker struct {
	t    testing.TB
	root map[string]any
}

func newSchemaChecker(t testing.TB, schema []byte) *schemaChecker {
	c := &schemaChecker{t: t}
	if err := json.Unmarshal(schema, &c.root); err != nil {
		t.Fatalf("schema %s: %v", schema, err)
	}
	return c
}

// accepts reports whether the document satisfies the schema, or else the first keyword that it does not.
func (c *schemaChecker) accepts(document string) (string, bool) {
	var v any
	if err := json.Unmarshal([]byte(document), &v); err != nil {
		c.t.Fatalf("%s: %v", document, err)
	}
	return c.check(c.root, v)
}

func (c *schemaChecker) check(schema any, v any) (string, bool) {
	if ok, is := schema.(bool); is {
		return "false", ok
	}
	s := schema.(map[string]any)
	for name, arg := range s {
		if why, ok := c.keyword(s, name, arg, v); !ok {
			return name + " " + why, false
		}
	}
	return "", true
}

func (c *schemaChecker) all(schemas any, v any) (passed, total int) {
	for _, s := range schemas.([]any) {
		if _, ok := c.check(s, v); ok {
			passed++
		}
		total++
	}
	return passed, total
}

func (c *schemaChecker) keyword(s map[string]any, name string, arg, v any) (string, bool) {
	switch name {
	case "$schema", "$defs", "description", "default", "readOnly", "writeOnly", "contentMediaType":
		return "", true
	case "$ref":
		return c.check(c.root["$defs"].(map[string]any)[strings.TrimPrefix(arg.(string), "#/$defs/")], v)
	case "type":
		types, ok := arg.([]any)
		if !ok {
			types = []any{arg}
		}
		return "", slices.ContainsFunc(types, func(t any) bool { return jsonType(t.(string), v) })
	case "enum":
		return "", slices.ContainsFunc(arg.([]any), func(e any) bool { return reflect.DeepEqual(e, v) })
	case "const":
		return "", reflect.DeepEqual(arg, v)
	case "not":
		_, ok := c.check(arg, v)
		return "", !ok
	case "allOf":
		passed, total := c.all(arg, v)
		return "", passed == total
	case "anyOf":
		passed, _ := c.all(arg, v)
		return "", passed > 0
	}
	switch v := v.(type) {
	case float64:
		return "", c.number(name, arg, v)
	case string:
		return "", c.text(name, arg, v)
	case []any:
		return c.array(name, arg, v)
	case map[string]any:
		return c.object(s, name, arg, v)
	}
	return "", true
}

func jsonType(name string, v any) bool {
	switch v := v.(type) {
	case nil:
		return name == "null"
	case bool:
		return name == "boolean"
	case float64:
		return name == "number" || name == "integer" && v == math.Trunc(v)
	case string:
		return name == "string"
	case []any:
		return name == "array"
	}
	return name == "object"
}

func (c *schemaChecker) number(name string, arg any, v float64) bool {
	limit, _ := arg.(float64)
	switch name {
	case "minimum":
		return v >= limit
	case "maximum":
		return v <= limit
	case "exclusiveMinimum":
		return v > limit
	case "exclusiveMaximum":
		return v < limit
	}
	return c.known(name)
}

func (c *schemaChecker) text(name string, arg any, v string) bool {
	limit, _ := arg.(float64)
	switch name {
	case "minLength":
		return utf8.RuneCountInString(v) >= int(limit)
	case "maxLength":
		return utf8.RuneCountInString(v) <= int(limit)
	case "pattern":
		return regexp.MustCompile(arg.(string)).MatchString(v)
	case "contentEncoding":
		_, err := base64.StdEncoding.DecodeString(v)
		return err == nil && arg == "base64"
	case "format":
		ok, found := standardFormats[arg.(string)]
		if !found {
			c.t.Fatalf("format %v is none of JSON Schema's", arg)
		}
		return ok(v)
	}
	return c.known(name)
}

func (c *schemaChecker) array(name string, arg any, v []any) (string, bool) {
	limit, _ := arg.(float64)
	switch name {
	case "items":
		for i, e := range v {
			if why, ok := c.check(arg, e); !ok {
				return fmt.Sprint(i, " ", why), false
			}
		}
		return "", true
	case "minItems":
		return "", len(v) >= int(limit)
	case "maxItems":
		return "", len(v) <= int(limit)
	case "uniqueItems":
		for i := range v {
			if slices.ContainsFunc(v[:i], func(e any) bool { return reflect.DeepEqual(e, v[i]) }) {
				return "", false
			}
		}
		return "", true
	}
	return "", c.known(name)
}

func (c *schemaChecker) object(s map[string]any, name string, arg any, v map[string]any) (string, bool) {
	limit, _ := arg.(float64)
	properties, _ := s["properties"].(map[string]any)
	switch name {
	case "minProperties":
		return "", len(v) >= int(limit)
	case "maxProperties":
		return "", len(v) <= int(limit)
	case "required":
		return "", !slices.ContainsFunc(arg.([]any), func(n any) bool { _, ok := v[n.(string)]; return !ok })
	case "dependentRequired":
		for have, need := range arg.(map[string]any) {
			if _, ok := v[have]; !ok {
				continue
			}
			for _, n := range need.([]any) {
				if _, ok := v[n.(string)]; !ok {
					return have, false
				}
			}
		}
		return "", true
	case "properties", "additionalProperties", "propertyNames":
		for member, value := range v {
			sub, listed := properties[member]
			switch {
			case name == "propertyNames":
				sub, value = arg, member
			case name == "additionalProperties" && listed, name == "properties" && !listed:
				continue
			case name == "additionalProperties":
				sub = arg
			}
			if why, ok := c.check(sub, value); !ok {
				return member + " " + why, false
			}
		}
		return "", true
	}
	return "", c.known(name)
}

var schemaKeywords = strings.Fields(`minimum maximum exclusiveMinimum exclusiveMaximum minLength maxLength pattern
	contentEncoding format items minItems maxItems uniqueItems minProperties maxProperties required dependentRequired
	properties additionalProperties propertyNames`)

// known fails the test at a keyword that is none; one of another type says nothing.
func (c *schemaChecker) known(name string) bool {
	if !slices.Contains(schemaKeywords, name) {
		c.t.Fatalf("%s is no keyword", name)
	}
	return true
}

func anyText(string) bool { return true }

func matcher(expr string) func(string) bool { return regexp.MustCompile(expr).MatchString }

// standardFormats are the formats as their RFCs have them, by the standard library.
var standardFormats = map[string]func(string) bool{
	"password": anyText, "int64": anyText, "int32": anyText,
	"email": func(s string) bool {
		_, err := mail.ParseAddress(s)
		return err == nil && !strings.ContainsAny(s, "<>") && strings.TrimSpace(s) == s
	},
	"idn-email": func(s string) bool { return strings.Count(s, "@") == 1 },
	"uri": func(s string) bool {
		u, err := url.Parse(s)
		return err == nil && u.IsAbs() && !strings.ContainsAny(s, " \\<>\"{}|^`")
	},
	"uri-reference": func(s string) bool {
		_, err := url.Parse(s)
		return err == nil && !strings.ContainsAny(s, " \\<>\"{}|^`")
	},
	"hostname":     matcher(`^[0-9A-Za-z](?:[0-9A-Za-z-]{0,61}[0-9A-Za-z])?(?:\.[0-9A-Za-z](?:[0-9A-Za-z-]{0,61}[0-9A-Za-z])?)*$`),
	"ipv4":         func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Is4() },
	"ipv6":         func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Is6() && a.Zone() == "" },
	"uuid":         matcher(`^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$`),
	"date":         func(s string) bool { _, err := time.Parse(time.DateOnly, s); return err == nil },
	"time":         func(s string) bool { _, err := time.Parse(time.RFC3339, "2000-01-01T"+s); return err == nil },
	"date-time":    func(s string) bool { _, err := time.Parse(time.RFC3339, s); return err == nil },
	"json-pointer": matcher(`^(?:/(?:[^~/]|~[01])*)*$`),
}
