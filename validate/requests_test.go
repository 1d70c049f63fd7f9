package validate_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/crypto/secret"
	"github.com/gopalisade/palisade/validate"
)

// request is one row: what is sent to which schema, and the answer as "ok" or "422 invalid_input: body /a required".
type request struct {
	name   string
	schema string
	query  string
	header string // "Name: value" lines, beside the Content-Type that the schema expects
	body   string
	want   string
}

// schemas serve a request by one Schema each.
func schemas(t testing.TB) map[string]func(testing.TB, *http.Request) answer {
	return map[string]func(testing.TB, *http.Request) answer{
		"json":     server[account](t, validate.Config{}),
		"tight":    server[account](t, validate.Config{Limits: tight}),
		"open":     server[account](t, validate.Config{AllowUnknown: true}),
		"optional": server[account](t, validate.Config{OptionalBody: true}),
		"patch":    server[account](t, validate.Config{MediaTypes: []string{"application/merge-patch+json"}}),
		"whole":    server[wholeBody](t, validate.Config{}),
		"rules":    server[ruled](t, validate.Config{}),
		"query":    server[listing](t, validate.Config{}),
		"lenient":  server[listing](t, validate.Config{AllowUnknownQuery: true}),
		"header":   server[headed](t, validate.Config{}),
		"form":     server[login](t, validate.Config{}),
		"none":     server[struct{}](t, validate.Config{}),
		"foreign":  server[struct{}](t, validate.Config{ForeignBody: true}),
	}
}

func server[T any](t testing.TB, cfg validate.Config) func(testing.TB, *http.Request) answer {
	s := mustNew[T](t, cfg)
	return func(t testing.TB, r *http.Request) answer { return serve(t, s, r) }
}

// tight are limits that a short row reaches.
var tight = validate.Limits{
	Body: 200, Depth: 3, Members: 4, Elements: 6, String: 12, Number: 6, Params: 3, ParamName: 8, ParamValue: 8, Errors: 2,
}

type account struct {
	stamp
	Name   string                  `json:"name"   validate:"max=20"`
	Role   string                  `json:"role"   validate:"omitempty,oneof=user staff"`
	Age    int                     `json:"age"    validate:"min=0,max=150"`
	Level  int8                    `json:"level"`
	Count  uint16                  `json:"count"`
	Big    int64                   `json:"big"`
	Ratio  float64                 `json:"ratio"`
	Active bool                    `json:"active"`
	Nick   *string                 `json:"nick"   validate:"max=5"`
	Note   validate.Opt[string]    `json:"note"   validate:"max=10"`
	Pass   secret.String           `json:"pass"   validate:"omitempty,min=12"`
	Addr   netip.Addr              `json:"addr"`
	At     time.Time               `json:"at"`
	Raw    json.RawMessage         `json:"raw"`
	Blob   []byte                  `json:"blob"   validate:"max=4"`
	Tags   []string                `json:"tags"   validate:"max=5,unique,dive,max=10"`
	Attrs  map[string]string       `json:"attrs"  validate:"max=3,dive,keys,max=5,endkeys,max=8"`
	Items  []line                  `json:"items"  validate:"max=50"`
	Pair   [2]int                  `json:"pair"   validate:"omitempty"`
	Home   *place                  `json:"home"`
	Tree   *branch                 `json:"tree"`
	Byname map[string]place        `json:"byname"`
	Grid   [][]int                 `json:"grid"`
	Odd    string                  `json:"a/b~c"  validate:"max=3"`
	Plan   validate.Opt[place]     `json:"plan"`
	Lists  validate.Opt[[]float64] `json:"lists"`
}

type stamp struct {
	Version int `json:"version"`
}

type line struct {
	SKU string `json:"sku" validate:"required,max=8"`
	Qty int    `json:"qty" validate:"required,min=1"`
}

type place struct {
	Street string `json:"street" validate:"required"`
	Zip    string `json:"zip"    validate:"omitempty,len=5,number"`
}

type branch struct {
	Label string    `json:"label" validate:"max=5"`
	Left  *branch   `json:"left"`
	Rest  []*branch `json:"rest"`
}

type wholeBody struct {
	Lines []line `body:"json" validate:"required,max=2"`
}

func newRequest(tc request) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(tc.body))
	if tc.body == "" {
		r = httptest.NewRequest(http.MethodGet, "/", nil)
	}
	r.URL.RawQuery = tc.query
	switch tc.schema {
	case "form":
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	case "json", "tight", "open", "optional", "patch", "whole", "rules":
		r.Header.Set("Content-Type", "application/json")
	}
	first := map[string]bool{}
	for h := range strings.Lines(tc.header) {
		name, value, _ := strings.Cut(strings.TrimSuffix(h, "\n"), ": ")
		if !first[name] {
			r.Header.Del(name)
		}
		first[name] = true
		if value != "none" {
			r.Header.Add(name, value)
		}
	}
	return r
}

func (a answer) String() string {
	if a.status == http.StatusNoContent {
		return "ok"
	}
	return strings.TrimSuffix(fmt.Sprintf("%d %s: %s", a.status, a.problem.Code, places(a.problem)), ": ")
}

// TestRequests runs every row of the tables in requests_*_test.go.
func TestRequests(t *testing.T) {
	servers := schemas(t)
	rows := 0
	for _, table := range [][]request{
		jsonRows(), jsonTypeRows(), jsonLimitRows(), mediaRows(), queryRows(), otherSourceRows(),
		ruleRows(),
	} {
		for _, tc := range table {
			rows++
			t.Run(tc.schema+"/"+tc.name, func(t *testing.T) {
				a := servers[tc.schema](t, newRequest(tc))
				if got := a.String(); got != tc.want {
					t.Errorf("got  %s\nwant %s", got, tc.want)
				}
				if a.status != http.StatusNoContent {
					refused(t, a)
				}
			})
		}
	}
	if rows < 250 {
		t.Errorf("the tables have %d rows, want them all", rows)
	}
}
