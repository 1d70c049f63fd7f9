package validate_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/problem"
	"github.com/gopalisade/palisade/validate"
)

type apiItem struct {
	SKU string `json:"sku" validate:"required,max=8"`
	Qty int    `json:"qty" validate:"min=1"`
}

type apiOrder struct {
	Shop   string    `path:"shop" validate:"slug"`
	Rest   string    `path:"rest,slash"`
	Page   int       `query:"page" default:"1" validate:"min=1,max=500"`
	Sort   string    `query:"sort" validate:"required,oneof=age name"`
	Tags   []string  `query:"tag" validate:"max=3,dive,max=5"`
	IDs    []*int    `query:"ids,comma"`
	Names  []string  `query:"names,comma" validate:"dive,max=5"`
	Until  *int      `query:"until" validate:"gtfield=Page,required_with=Sort"`
	Rank   int       `query:"rank" access:"write=-"`
	Key    string    `header:"Idempotency-Key" validate:"required,uuid" access:"write=staff"`
	Accept []string  `header:"X-Lang,comma"`
	Item   apiItem   `json:"item"`
	Items  []apiItem `json:"items"`
}

const apiItemSchema = `{"type":"object","properties":{"sku":{"type":"string","maxLength":8,"minLength":1},` +
	`"qty":{"type":"integer","format":"int64","minimum":1}},"required":["sku","qty"],"additionalProperties":false}`

const apiOrderGolden = `{"parameters":[` +
	`{"name":"shop","in":"path","required":true,"schema":{"type":"string","pattern":"^[0-9a-z]+(?:-[0-9a-z]+)*$",` +
	`"maxLength":128}},` +
	`{"name":"rest","in":"path","required":true,"schema":{"type":"string"}},` +
	`{"name":"page","in":"query","schema":{"type":"integer","format":"int64","minimum":1,"maximum":500,"default":1}},` +
	`{"name":"sort","in":"query","required":true,"schema":{"type":"string","enum":["age","name"]}},` +
	`{"name":"tag","in":"query","style":"form","explode":true,"schema":{"type":"array","items":{"type":"string",` +
	`"maxLength":5},"maxItems":3}},` +
	`{"name":"ids","in":"query","style":"form","explode":false,"schema":{"type":"array","items":{"type":"integer",` +
	`"format":"int64"}}},` +
	`{"name":"names","in":"query","style":"form","explode":false,"schema":{"type":"array",` +
	`"items":{"type":"string","description":"Normalised: trim. Also checked: max=5."}}},` +
	`{"name":"until","in":"query","schema":{"type":"integer","format":"int64",` +
	`"description":"Also checked: gtfield page, required_with sort."}},` +
	`{"name":"Idempotency-Key","in":"header","schema":{"type":"string","format":"uuid","pattern":"^[0-9a-f-]{36}$",` +
	`"minLength":1}},` +
	`{"name":"X-Lang","in":"header","schema":{"type":"array","items":{"type":"string","description":"Normalised: trim."}}}],` +
	`"requestBody":{"required":true,"content":{` +
	`"application/json":{"schema":{"$ref":"#/components/schemas/apiOrder"}},` +
	`"application/merge-patch+json":{"schema":{"$ref":"#/components/schemas/apiOrder"}}}},"responses":{` +
	`"400":{"description":"The request is malformed, or more than is accepted.",` + apiProblem + `},` +
	`"408":{"description":"The body came too slowly.",` + apiProblem + `},` +
	`"413":{"description":"The body is too large.",` + apiProblem + `},` +
	`"415":{"description":"The body is of another type, or compressed.",` + apiProblem + `},` +
	`"422":{"description":"The request is understood and against the rules; errors names each place and rule.",` +
	apiProblem + `}}}`

const apiProblem = `"content":{"application/problem+json":{"schema":{"$ref":"#/components/schemas/Problem"}}}`

func TestOpenAPI(t *testing.T) {
	s, err := validate.New[apiOrder](validate.Config{
		MediaTypes: []string{"application/merge-patch+json"},
		Can:        func(context.Context, string) bool { return true },
	})
	if err != nil {
		t.Fatal(err)
	}
	var shared validate.Components
	if got := marshalled(t, s.OpenAPI(&shared)); got != apiOrderGolden {
		t.Errorf("got  %s\nwant %s", got, apiOrderGolden)
	}
	got := marshalled(t, &shared)
	want := `"apiItem":` + apiItemSchema + `,"apiOrder":{"type":"object",` +
		`"properties":{"item":{"$ref":"#/components/schemas/apiItem"},` +
		`"items":{"type":"array","items":{"$ref":"#/components/schemas/apiItem"}}},"required":["item"],` +
		`"additionalProperties":false}}}`
	if !strings.HasPrefix(got, `{"schemas":{"Problem":{`) || !strings.HasSuffix(got, want) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if again := marshalled(t, s.OpenAPI(&shared)); again != apiOrderGolden || marshalled(t, &shared) != got {
		t.Error("the second time it reads otherwise")
	}
	if strings.Contains(got+apiOrderGolden, "staff") {
		t.Error("the document names a permission")
	}
}

// A form has its own encoding; a request without a body has fewer refusals.
func TestOpenAPIBodies(t *testing.T) {
	form, err := validate.New[struct {
		Name string   `form:"name" norm:"trim" validate:"required"`
		Tags []string `form:"tag"`
		IDs  []int    `form:"id,comma"`
		Age  *int     `form:"age" validate:"max=150"`
	}](validate.Config{OptionalBody: true})
	if err != nil {
		t.Fatal(err)
	}
	schema := `"type":"object","properties":{"name":{"type":"string","minLength":1,"description":"Normalised: trim."},` +
		`"tag":{"type":"array","items":{"type":"string"}},"id":{"type":"array","items":{"type":"integer","format":"int64"}},` +
		`"age":{"type":"integer","format":"int64","maximum":150}},"required":["name"],"additionalProperties":false}`
	if got := string(form.JSONSchema()); got != schemaHead+schema {
		t.Errorf("form: got  %s\nwant %s", got, schemaHead+schema)
	}
	want := `{"required":false,"content":{"application/x-www-form-urlencoded":{"schema":{` + schema +
		`,"encoding":{"id":{"style":"form","explode":false}}}}}`
	if got := string(form.OpenAPI(new(validate.Components)).RequestBody); got != want {
		t.Errorf("form: got  %s\nwant %s", got, want)
	}
	plain, err := validate.New[struct {
		Name string `form:"name"`
	}](validate.Config{})
	if err != nil {
		t.Fatal(err)
	}
	want = `{"required":true,"content":{"application/x-www-form-urlencoded":{"schema":{"type":"object",` +
		`"properties":{"name":{"type":"string"}},"additionalProperties":false}}}}`
	if got := string(plain.OpenAPI(new(validate.Components)).RequestBody); got != want {
		t.Errorf("plain form: got  %s\nwant %s", got, want)
	}
	none, err := validate.New[struct {
		ID int `path:"id"`
	}](validate.Config{})
	if err != nil {
		t.Fatal(err)
	}
	op := none.OpenAPI(new(validate.Components))
	if op.RequestBody != nil || none.JSONSchema() != nil || len(op.Responses) != 2 ||
		op.Responses["400"] == nil || op.Responses["422"] == nil {
		t.Errorf("no body: got %s", marshalled(t, op))
	}
}

// Two types of one name, one type in two directions, and one under two policies are four schemas.
func TestComponentsNames(t *testing.T) {
	type Problem struct {
		A apiItem `json:"a"`
	}
	var shared validate.Components
	for _, unknown := range []bool{false, true, false} {
		s, err := validate.New[Problem](validate.Config{AllowUnknown: unknown})
		if err != nil {
			t.Fatal(err)
		}
		s.OpenAPI(&shared)
	}
	v, err := validate.NewView[Problem](validate.ViewConfig{})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"description":"OK","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Problem4"}}}}`
	if got := string(v.OpenAPI(&shared)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	var got struct{ Schemas map[string]json.RawMessage }
	if err := json.Unmarshal([]byte(marshalled(t, &shared)), &got); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Problem", "Problem2", "Problem3", "Problem4", "apiItem", "apiItem2", "apiItem3"} {
		if got.Schemas[name] == nil {
			t.Errorf("no schema %s", name)
		}
	}
	if len(got.Schemas) != 7 {
		t.Errorf("%d schemas, want 7", len(got.Schemas))
	}
}

// What problem.Write answers is what the document says of it.
func TestOpenAPIProblem(t *testing.T) {
	var got struct {
		Schemas struct{ Problem json.RawMessage }
	}
	if err := json.Unmarshal([]byte(marshalled(t, new(validate.Components))), &got); err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Properties map[string]struct {
			Items struct{ Properties map[string]any }
		}
	}
	if err := json.Unmarshal(got.Schemas.Problem, &schema); err != nil {
		t.Fatal(err)
	}
	for name := range members(reflect.TypeFor[problem.Problem]()) {
		if _, ok := schema.Properties[name]; !ok {
			t.Errorf("the schema has no %s", name)
		}
	}
	if a, b := len(schema.Properties), len(members(reflect.TypeFor[problem.Problem]())); a != b {
		t.Errorf("the schema has %d members, a Problem %d", a, b)
	}
	if fields := schema.Properties["errors"].Items.Properties; len(fields) != len(members(reflect.TypeFor[problem.Field]())) {
		t.Errorf("the schema of a fault has %d members", len(fields))
	}
	s, err := validate.New[apiItem](validate.Config{})
	if err != nil {
		t.Fatal(err)
	}
	c := newSchemaChecker(t, got.Schemas.Problem)
	for _, body := range []string{`{"sku":"123456789","x":1}`, `{`, ``} {
		w, r := httptest.NewRecorder(), jsonRequest(body)
		_, err := s.Bind(r)
		problem.Write(w, r, err)
		if why, ok := c.accepts(w.Body.String()); !ok || w.Code < http.StatusBadRequest {
			t.Errorf("%d %s is against the schema of a Problem: %s", w.Code, w.Body, why)
		}
	}
}

// members are the names under which a struct is written.
func members(t reflect.Type) map[string]bool {
	names := map[string]bool{}
	for f := range t.Fields() {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "-" {
			names[name] = true
		}
	}
	return names
}

func marshalled(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// What a query may say satisfies the schemas of its parameters.
func TestOpenAPIParametersHold(t *testing.T) {
	type search struct {
		Words []string `query:"w" norm:"trim" validate:"max=2,dive,max=3"`
		Names []string `query:"n,comma" validate:"dive,max=3"`
		Page  int      `query:"p" validate:"min=1,max=9"`
	}
	s, err := validate.New[search](validate.Config{})
	if err != nil {
		t.Fatal(err)
	}
	checkers := map[string]*schemaChecker{}
	for _, raw := range s.OpenAPI(new(validate.Components)).Parameters {
		var p struct {
			Name     string
			Required bool
			Schema   json.RawMessage
		}
		if err := json.Unmarshal(raw, &p); err != nil {
			t.Fatal(err)
		}
		if p.Required != (p.Name == "p") {
			t.Errorf("%s required: %v", p.Name, p.Required)
		}
		checkers[p.Name] = newSchemaChecker(t, p.Schema)
	}
	for _, row := range []struct {
		query    string
		name     string
		document string
	}{
		{"p=9", "p", "9"},
		{"p=1&w=+abc+&w=", "w", `[" abc ",""]`},
		{"p=1&n=abc,+def", "n", `["abc"," def"]`},
		{"p=1&n=", "n", `[""]`},
	} {
		_, err := s.Bind(httptest.NewRequest(http.MethodGet, "/?"+row.query, nil))
		if why, ok := checkers[row.name].accepts(row.document); !ok || err != nil {
			t.Errorf("%s: Bind says %v, the schema %v %s", row.query, err, ok, why)
		}
	}
}
