package validate_test

import (
	"context"
	"encoding/json"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/crypto/secret"
	"github.com/gopalisade/palisade/validate"
)

// schemaRow is a type, and the schema of its body.
type schemaRow struct {
	name string
	run  func(t *testing.T, want string)
	want string
}

const (
	schemaHead = `{"$schema":"https://json-schema.org/draft/2020-12/schema",`
	schemaTail = `,"additionalProperties":false}`
)

func schemaConfig(t testing.TB) validate.Config {
	rules := map[string]validate.Rule{"even": validate.RuleFor(func(n int) bool { return n%2 == 0 })}
	for name, expr := range map[string]string{"sku": `[A-Z]{2}-\d+`, "script1": `\pL+`, "lines": `(?m:^a$)`} {
		rule, err := validate.Pattern(expr)
		if err != nil {
			t.Fatal(err)
		}
		rules[name] = rule
	}
	return validate.Config{Rules: rules, Can: func(context.Context, string) bool { return true }}
}

// whole is a row that wants this very schema, but for $schema.
func whole[T any](name, want string) schemaRow {
	return schemaRow{name, func(t *testing.T, want string) {
		s, err := validate.New[T](schemaConfig(t))
		if err != nil {
			t.Fatal(err)
		}
		if got := string(s.JSONSchema()); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		schemaHolds(t, s)
	}, schemaHead + want}
}

// one is a row for a type with the member a; want is its schema, and a mark before it tells that it is required.
func one[T any](name, want string) schemaRow {
	want, required := strings.CutPrefix(want, "!")
	s := `"type":"object","properties":{"a":` + want + `}`
	if required {
		s += `,"required":["a"]`
	}
	return whole[T](name, s+schemaTail)
}

type schemaNode struct {
	Name string       `json:"name" validate:"required,max=3"`
	Kids []schemaNode `json:"kids" validate:"max=2"`
	Next *schemaNode  `json:"next"`
}

type schemaPoint struct {
	X int `json:"x" validate:"min=1"`
	Y int `json:"y" validate:"max=9"`
}

type schemaÉtat struct {
	A bool `json:"a"`
}

type schemaPair[A any] struct {
	L A `json:"l"`
	R A `json:"r"`
}

var schemaRows = []schemaRow{
	one[struct {
		A bool `json:"a"`
	}]("bool", `{"type":"boolean"}`),
	one[struct {
		A bool `json:"a" validate:"eq=true"`
	}]("bool, true", `!{"type":"boolean","const":true}`),
	one[struct {
		A int `json:"a" validate:"min=1,max=100"`
	}]("int between", `!{"type":"integer","format":"int64","minimum":1,"maximum":100}`),
	one[struct {
		A int32 `json:"a" validate:"gt=0,lt=5"`
	}]("int strictly between", `!{"type":"integer","format":"int32","exclusiveMinimum":0,"exclusiveMaximum":5}`),
	one[struct {
		A int8 `json:"a" validate:"required,max=5"`
	}]("int8", `!{"type":"integer","maximum":5,"minimum":-128}`),
	one[struct {
		A uint64 `json:"a"`
	}]("uint64", `{"type":"integer","minimum":0}`),
	one[struct {
		A uint16 `json:"a" validate:"ne=3"`
	}]("uint16, not three", `{"type":"integer","not":{"const":3},"minimum":0,"maximum":65535}`),
	one[struct {
		A int `json:"a" validate:"oneof=1 2 02"`
	}]("int of a list", `!{"type":"integer","format":"int64","enum":[1,2]}`),
	one[struct {
		A uint `json:"a" validate:"noneof=1 02"`
	}]("uint not of a list", `{"type":"integer","not":{"enum":[1]},"minimum":0}`),
	one[struct {
		A uint `json:"a" validate:"noneof=02"`
	}]("nothing is 02", `{"type":"integer","minimum":0,"description":"Also checked: noneof=02."}`),
	one[struct {
		A int `json:"a" validate:"len=4|eq=6"`
	}]("int, alternatives", `!{"type":"integer","format":"int64","anyOf":[{"const":4},{"const":6}]}`),
	one[struct {
		A int `json:"a" validate:"min=2,gte=4,even"`
	}]("one keyword twice, own rule",
		`!{"type":"integer","format":"int64","minimum":2,"allOf":[{"minimum":4}],"description":"Also checked: even."}`),
	one[struct {
		A float64 `json:"a" validate:"gte=0.5,lt=2e3"`
	}]("float64", `!{"type":"number","minimum":0.5,"exclusiveMaximum":2000}`),
	one[struct {
		A float32 `json:"a" validate:"max=0.1,gt=-1"`
	}]("float32 is rounded first", `{"type":"number","exclusiveMinimum":-1,"description":"Also checked: max=0.1."}`),
	one[struct {
		A string `json:"a" validate:"required,max=5"`
	}]("text", `!{"type":"string","maxLength":5,"minLength":1}`),
	one[struct {
		A string `json:"a" validate:"min=2,max=5"`
	}]("text that cannot be left out", `!{"type":"string","minLength":2,"maxLength":5}`),
	one[struct {
		A string `json:"a" validate:"omitempty,gt=2,lt=5"`
	}]("omitempty", `{"type":"string","anyOf":[{"const":""},{"minLength":3,"maxLength":4}]}`),
	one[struct {
		A string `json:"a" validate:"omitempty,max=5"`
	}]("omitempty for nothing", `{"type":"string","maxLength":5}`),
	one[struct {
		A string `json:"a" validate:"lt=0|len=2"`
	}]("text, shorter than nothing", `!{"type":"string","anyOf":[{"not":{}},{"minLength":2,"maxLength":2}]}`),
	one[struct {
		A string `json:"a" validate:"eq=x y,ne=z"`
	}]("text, equal", `!{"type":"string","const":"x y","not":{"const":"z"}}`),
	one[struct {
		A string `json:"a" validate:"required,oneof=EUR 'US D' EUR"`
	}]("text of a list", `!{"type":"string","enum":["EUR","US D"]}`),
	one[struct {
		A *string `json:"a" validate:"noneof=x"`
	}]("text not of a list, or null", `{"anyOf":[{"type":"string","not":{"enum":["x"]}},{"type":"null"}]}`),
	one[struct {
		A *string `json:"a" validate:"oneof=x yz"`
	}]("list with null", `{"type":["string","null"],"enum":["x","yz",null]}`),
	one[struct {
		A *string `json:"a" validate:"required,email"`
	}]("pointer that is required", `!{"type":"string","format":"email","minLength":1}`),
	one[struct {
		A validate.Opt[int] `json:"a" validate:"max=3"`
	}]("opt", `{"type":["integer","null"],"format":"int64","maximum":3}`),
	one[struct {
		A string `json:"a" validate:"startswith=a.,endswith=),contains=+,excludes=b"`
	}]("texts in texts",
		`!{"type":"string","pattern":"^a\\.","not":{"pattern":"b"},"allOf":[{"pattern":"\\)$"},{"pattern":"\\+"}]}`),
	one[struct {
		A string `json:"a" validate:"minbytes=5,maxbytes=9"`
	}]("bytes of text", `!{"type":"string","minLength":2,"maxLength":9,"description":"Also checked: minbytes=5, maxbytes=9."}`),
	one[struct {
		A string `json:"a" validate:"oneofci=a b"`
	}]("no equivalent", `!{"type":"string","description":"Also checked: oneofci=a b."}`),
	one[struct {
		A string `json:"a" validate:"iscolor|email"`
	}]("no equivalent of one alternative", `!{"type":"string","description":"Also checked: iscolor|email."}`),
	one[struct {
		A string `json:"a" validate:"required,sku"`
	}]("own pattern", `!{"type":"string","pattern":"^[A-Z]{2}-[0-9]+$","minLength":1}`),
	one[struct {
		A string `json:"a" validate:"script1,lines"`
	}]("own patterns without a short equivalent", `!{"type":"string","description":"Also checked: script1, lines."}`),
	one[struct {
		A string `json:"a" norm:"trim" validate:"required,min=2,max=20,email"`
	}]("trimmed first", `!{"type":"string","minLength":2,"description":"Normalised: trim. Also checked: max=20, email."}`),
	one[struct {
		A string `json:"a" norm:"lower" validate:"min=2,max=5,oneof=abc 'de'"`
	}]("lowered first",
		`!{"type":"string","minLength":2,"maxLength":5,"description":"Normalised: lower. Also checked: oneof=abc 'de'."}`),
	one[struct {
		A string `json:"a" norm:"nfkc,collapse" validate:"required,max=3"`
	}]("may grow", `!{"type":"string","minLength":1,"description":"Normalised: nfkc, collapse. Also checked: max=3."}`),
	one[struct {
		A string `json:"a" norm:"trim" validate:"omitempty,min=2"`
	}]("trimmed to nothing", `{"type":"string","description":"Normalised: trim. Also checked: min=2."}`),
	one[struct {
		A []byte `json:"a" validate:"required,max=4,ne=3"`
	}]("base64", `!{"type":"string","contentEncoding":"base64","maxLength":8,"minLength":1,`+
		`"description":"Also checked: max=4, ne=3."}`),
	one[struct {
		A []byte `json:"a" validate:"omitempty,min=2"`
	}]("base64 or nothing", `{"type":"string","contentEncoding":"base64","anyOf":[{"const":""},{"minLength":4}],`+
		`"description":"Also checked: min=2."}`),
	one[struct {
		A time.Time `json:"a" validate:"required,lt"`
	}]("time", `!{"type":"string","format":"date-time","description":"Also checked: lt=now."}`),
	one[struct {
		A netip.Addr `json:"a" default:"::1"`
	}]("type that reads text", `{"type":"string","default":"::1"}`),
	one[struct {
		A json.RawMessage `json:"a"`
	}]("any JSON", `{}`),
	one[struct {
		A *json.RawMessage `json:"a"`
	}]("any JSON or null", `{}`),
	one[struct {
		A secret.Secret[string] `json:"a" validate:"min=3,maxbytes=72"`
	}]("secret", `!{"type":"string","format":"password","writeOnly":true,"minLength":3,"maxLength":72,`+
		`"description":"Also checked: maxbytes=72."}`),
	one[struct {
		A []string `json:"a" validate:"required,min=1,max=3,unique,dive,required,max=2"`
	}]("list", `!{"type":"array","items":{"type":"string","maxLength":2,"minLength":1},"minItems":1,"maxItems":3,`+
		`"uniqueItems":true}`),
	one[struct {
		A []*int `json:"a" validate:"len=2,dive,max=3"`
	}]("list with nulls", `!{"type":"array","items":{"type":["integer","null"],"format":"int64","maximum":3},`+
		`"minItems":2,"maxItems":2}`),
	one[struct {
		A []*int `json:"a" validate:"dive,required"`
	}]("list without nulls", `{"type":"array","items":{"type":"integer","format":"int64"}}`),
	one[struct {
		A []time.Time `json:"a" validate:"unique"`
	}]("equal times are not equal in Go",
		`{"type":"array","items":{"type":"string","format":"date-time"},"description":"Also checked: unique."}`),
	one[struct {
		A [2]bool `json:"a"`
	}]("array", `{"type":"array","items":{"type":"boolean"},"minItems":2,"maxItems":2}`),
	one[struct {
		A map[string]int `json:"a" validate:"max=2,ne=1,dive,keys,required,alpha,max=3,endkeys,min=1"`
	}]("map", `{"type":"object","propertyNames":{"pattern":"^[A-Za-z]+$","maxLength":3,"minLength":1},`+
		`"additionalProperties":{"type":"integer","format":"int64","minimum":1},"maxProperties":2,`+
		`"not":{"minProperties":1,"maxProperties":1}}`),
	one[struct {
		A map[string]*bool `json:"a" validate:"unique"`
	}]("map without rules of keys",
		`{"type":"object","additionalProperties":{"type":["boolean","null"]},"description":"Also checked: unique."}`),
	one[struct {
		A int `json:"a" default:"20" validate:"min=1"`
	}]("default", `{"type":"integer","format":"int64","minimum":1,"default":20}`),
	whole[struct {
		A bool    `json:"a" default:"true"`
		B uint8   `json:"b" default:"7"`
		C float32 `json:"c" default:"0.1"`
		D string  `json:"d" default:" X " norm:"trim,lower"`
	}]("defaults", `"type":"object","properties":{"a":{"type":"boolean","default":true},`+
		`"b":{"type":"integer","minimum":0,"maximum":255,"default":7},"c":{"type":"number","default":0.1},`+
		`"d":{"type":"string","description":"Normalised: trim, lower.","default":"x"}}`+schemaTail),
	whole[struct {
		A int `json:"a" validate:"required" access:"write=-"`
		B int `json:"b" validate:"required" access:"read=-"`
		C int `json:"c" validate:"required" access:"read=staff;write=admin"`
	}]("access, without names of permissions", `"type":"object","properties":{`+
		`"a":{"type":"integer","format":"int64","readOnly":true},"b":{"type":"integer","format":"int64","writeOnly":true},`+
		`"c":{"type":"integer","format":"int64"}},"required":["b"]`+schemaTail),
	whole[struct {
		P schemaPoint  `json:"p"`
		Q *schemaPoint `json:"q"`
	}]("one type twice", `"type":"object","properties":{"p":{"$ref":"#/$defs/schemaPoint"},`+
		`"q":{"anyOf":[{"$ref":"#/$defs/schemaPoint"},{"type":"null"}]}},"required":["p"],"additionalProperties":false,`+
		`"$defs":{"schemaPoint":{"type":"object","properties":{"x":{"type":"integer","format":"int64","minimum":1},`+
		`"y":{"type":"integer","format":"int64","maximum":9}},"required":["x"],"additionalProperties":false}}}`),
	whole[schemaNode]("recursion", `"$ref":"#/$defs/schemaNode","$defs":{"schemaNode":{"type":"object","properties":{`+
		`"name":{"type":"string","maxLength":3,"minLength":1},"kids":{"type":"array",`+
		`"items":{"$ref":"#/$defs/schemaNode"},"maxItems":2},`+
		`"next":{"anyOf":[{"$ref":"#/$defs/schemaNode"},{"type":"null"}]}},"required":["name"],"additionalProperties":false}}}`),
	whole[struct {
		A schemaPair[struct {
			B int `json:"b"`
		}] `json:"a"`
		C []schemaPair[schemaPoint] `json:"c"`
		D []schemaPair[schemaPoint] `json:"d"`
	}]("generic and nameless types", `"type":"object","properties":{"a":{"type":"object","properties":{`+
		`"l":{"type":"object","properties":{"b":{"type":"integer","format":"int64"}},"additionalProperties":false},`+
		`"r":{"type":"object","properties":{"b":{"type":"integer","format":"int64"}},"additionalProperties":false}},`+
		`"additionalProperties":false},"c":{"type":"array","items":{"$ref":"#/$defs/schemaPair_schemaPoint"}},`+
		`"d":{"type":"array","items":{"$ref":"#/$defs/schemaPair_schemaPoint"}}},"additionalProperties":false,`+
		`"$defs":{"schemaPair_schemaPoint":{"type":"object","properties":{"l":{"$ref":"#/$defs/schemaPoint"},`+
		`"r":{"$ref":"#/$defs/schemaPoint"}},"required":["l","r"],"additionalProperties":false},`+
		`"schemaPoint":{"type":"object","properties":{"x":{"type":"integer","format":"int64","minimum":1},`+
		`"y":{"type":"integer","format":"int64","maximum":9}},"required":["x"],"additionalProperties":false}}}`),
	whole[struct {
		A []string `body:"json" validate:"max=2"`
	}]("whole body", `"type":"array","items":{"type":"string"},"maxItems":2}`),
	whole[struct {
		A *schemaPoint `body:"json"`
	}]("whole body or null", `"type":["object","null"],"properties":{"x":{"type":"integer","format":"int64","minimum":1},`+
		`"y":{"type":"integer","format":"int64","maximum":9}},"required":["x"]`+schemaTail),
	whole[struct {
		A int    `json:"a" validate:"required_with=B C"`
		B int    `json:"b"`
		C []bool `json:"c"`
		D string `json:"d" validate:"required_with=E"`
		E string `json:"e"`
		F *int   `json:"f" validate:"required_without=E"`
		G int    `json:"g" validate:"gtfield=B,excluded_if=B 2"`
	}]("members beside each other", `"type":"object","properties":{"a":{"type":"integer","format":"int64"},`+
		`"b":{"type":"integer","format":"int64"},"c":{"type":"array","items":{"type":"boolean"}},`+
		`"d":{"type":"string","description":"Also checked: required_with e."},"e":{"type":"string"},`+
		`"f":{"type":["integer","null"],"format":"int64","description":"Also checked: required_without e."},`+
		`"g":{"type":"integer","format":"int64","description":"Also checked: gtfield b, excluded_if b."}},`+
		`"dependentRequired":{"b":["a"],"c":["a"]},"allOf":[{"anyOf":[{"required":["f"]},{"required":["e"]}]}]`+schemaTail),
	whole[struct {
		A int `json:"a" validate:"required_with=B" access:"write=admin"`
		B int `json:"b"`
	}]("not every caller must", `"type":"object","properties":{"a":{"type":"integer","format":"int64",`+
		`"description":"Also checked: required_with b."},"b":{"type":"integer","format":"int64"}}`+schemaTail),
	whole[struct {
		A []schemaÉtat `json:"a"`
		B []schemaÉtat `json:"b"`
	}]("name beyond ASCII", `"type":"object","properties":{"a":{"type":"array","items":{"$ref":"#/$defs/schema_tat"}},`+
		`"b":{"type":"array","items":{"$ref":"#/$defs/schema_tat"}}},"additionalProperties":false,"$defs":{"schema_tat":{`+
		`"type":"object","properties":{"a":{"type":"boolean"}}`+schemaTail+`}}`),
	whole[struct{}]("nothing at all", ``),
}

func TestJSONSchema(t *testing.T) {
	for _, row := range schemaRows {
		t.Run(row.name, func(t *testing.T) {
			if row.want == schemaHead {
				row.want = ""
			}
			row.run(t, row.want)
		})
	}
}
