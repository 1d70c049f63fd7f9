package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql/introspection"
)

// ask sends a document, with names and values of its variables in turn.
func (c client) ask(status int, who []string, document string, variables ...any) map[string]any {
	c.t.Helper()
	vars := map[string]any{}
	for i := 0; i < len(variables); i += 2 {
		vars[variables[i].(string)] = variables[i+1]
	}
	body, err := json.Marshal(map[string]any{"query": document, "variables": vars})
	if err != nil {
		c.t.Fatal(err)
	}
	return c.want(status, "POST", "/api/graphql", string(body), who...)
}

// at follows a path of names and indices into an answer.
func at(v any, path ...any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[step]
		case int:
			list, _ := v.([]any)
			if step >= len(list) {
				return nil
			}
			v = list[step]
		}
	}
	return v
}

// firstCode is the code of the first error in an answer of 200.
func firstCode(answer map[string]any) any { return at(answer, "errors", 0, "extensions", "code") }

func account(name string) string {
	return `{"email":"` + name + `@example.com","password":"password-1"}`
}

func TestGraphQL(t *testing.T) {
	c := client{t, start(t, t.TempDir()), "192.0.2.60"}
	c.want(201, "POST", "/api/auth/register", account("ann"))
	c.want(201, "POST", "/api/auth/register", account("bob"))
	ann, bob := c.login("ann@example.com", "password-1"), c.login("bob@example.com", "password-1")

	const create = `mutation($item: String!, $n: Int!) {
		createOrder(item: $item, quantity: $n) { id item status user { email } }
	}`
	made := at(c.ask(200, ann, create, "item", " a book ", "n", 2), "data", "createOrder")
	id, _ := at(made, "id").(string)
	if at(made, "item") != "a book" || at(made, "status") != "PENDING" || at(made, "user", "email") != "ann@example.com" ||
		id == "" {
		t.Fatalf("got %v", made)
	}
	if o := c.want(200, "GET", "/api/orders/"+id, "", ann...); o["item"] != "a book" || o["quantity"] != 2.0 {
		t.Errorf("by REST: got %v", o)
	}
	for _, tc := range []struct {
		name     string
		document string
		want     string
	}{
		{"own list", `{ orders { total items { item } } }`, `map[orders:map[items:[map[item:a book]] total:1]]`},
		{"by status", `{ orders(status: SHIPPED) { total items { item } } }`, `map[orders:map[items:[] total:0]]`},
		{"past the end", `{ orders(first: 1, offset: 1) { total items { item } } }`, `map[orders:map[items:[] total:1]]`},
		{
			"through oneself", `{ me { email tier orders(first: 1) { quantity user { role } } } }`,
			`map[me:map[email:ann@example.com orders:[map[quantity:2 user:map[role:customer]]] tier:free]]`,
		},
		{"no such order", `{ order(id: "x") { item } }`, `map[order:<nil>]`},
	} {
		if got := c.ask(200, ann, tc.document); fmt.Sprint(got["data"]) != tc.want || got["errors"] != nil {
			t.Errorf("%s: got %v, want %s", tc.name, got, tc.want)
		}
	}

	mine := `query($id: ID!) { order(id: $id) { item } orders { total } me { orders { item } } }`
	got := fmt.Sprint(c.ask(200, bob, mine, "id", id))
	if got != "map[data:map[me:map[orders:[]] order:<nil> orders:map[total:0]]]" {
		t.Errorf("another's order is seen: %s", got)
	}
}

// TestGraphQLInput holds mutations to the rules of POST /api/orders.
func TestGraphQLInput(t *testing.T) {
	c := client{t, start(t, t.TempDir()), "192.0.2.61"}
	c.want(201, "POST", "/api/auth/register", account("ann"))
	ann := c.login("ann@example.com", "password-1")
	const create = `mutation($item: String!, $n: Int!) { createOrder(item: $item, quantity: $n) { item } }`
	for _, tc := range []struct {
		name     string
		item     string
		quantity int
		pointer  any // nil: good
	}{
		{"short", "x", 1, nil},
		{"long", strings.Repeat("ü", 200), 1000, nil},
		{"empty", " ", 1, "/item"},
		{"too long", strings.Repeat("x", 201), 1, "/item"},
		{"control character", "a\u0007b", 1, "/item"},
		{"two lines", "a\nb", 1, "/item"},
		{"nothing", "x", 0, "/quantity"},
		{"negative", "x", -1, "/quantity"},
		{"too many", "x", 1001, "/quantity"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := c.ask(200, ann, create, "item", tc.item, "n", tc.quantity)
			if pointer := at(got, "errors", 0, "extensions", "errors", 0, "pointer"); pointer != tc.pointer {
				t.Errorf("got %v, want a fault at %v", got, tc.pointer)
			}
			body, _ := json.Marshal(map[string]any{"item": tc.item, "quantity": tc.quantity})
			w, rest := c.do("POST", "/api/orders", string(body), ann...)
			if pointer := at(rest, "errors", 0, "pointer"); pointer != tc.pointer || (w.Code == 201) != (tc.pointer == nil) {
				t.Errorf("by REST: got %d %v, want a fault at %v", w.Code, rest, tc.pointer)
			}
		})
	}
	for _, part := range []string{"first: 0", "first: 101", "offset: -1"} {
		if got := c.ask(200, ann, "{ orders("+part+") { total } }"); firstCode(got) != "invalid_input" || got["data"] != nil {
			t.Errorf("%s: got %v", part, got)
		}
	}
}

func TestGraphQLPermissions(t *testing.T) {
	c := client{t, start(t, t.TempDir()), "192.0.2.62"}
	c.want(201, "POST", "/api/auth/register", account("ann"))
	ann, admin := c.login("ann@example.com", "password-1"), c.login("admin@example.com", "admin-password")
	c.ask(200, ann, `mutation { createOrder(item: "x", quantity: 1) { id } }`)
	key := func(scopes string) []string {
		made := c.want(201, "POST", "/api/keys", `{"name":"k","scopes":[`+scopes+`]}`, ann...)
		return []string{"X-API-Key", text(made, "key")}
	}
	reader, nobody := key(`"read:orders"`), key(``)
	const create = `mutation { createOrder(item: "x", quantity: 1) { id } }`
	for _, tc := range []struct {
		name     string
		who      []string
		document string
		data     string
		code     any
	}{
		{"key reads orders", reader, `{ orders { total } }`, "map[orders:map[total:1]]", nil},
		{"key sees no account", reader, `{ me { email } }`, "<nil>", "api_key_not_allowed"},
		{
			"not behind an order either", reader, `{ orders { items { item user { email } } } }`,
			"map[orders:map[items:[map[item:x user:<nil>]]]]", "api_key_not_allowed",
		},
		{"key without the scope", reader, create, "<nil>", "insufficient_permissions"},
		{"key without scopes", nobody, `{ orders { total } }`, "<nil>", "insufficient_permissions"},
		{"key without scopes, one order", nobody, `{ order(id: "x") { id } }`, "map[order:<nil>]", "insufficient_permissions"},
		{"admin sees no others' orders", admin, `{ orders { total } }`, "map[orders:map[total:0]]", nil},
	} {
		if got := c.ask(200, tc.who, tc.document); fmt.Sprint(got["data"]) != tc.data || firstCode(got) != tc.code {
			t.Errorf("%s: got %v, want %s and %v", tc.name, got, tc.data, tc.code)
		}
	}

	body, _ := json.Marshal(map[string]string{"query": introspection.Query})
	for _, who := range [][]string{ann, reader} {
		for _, document := range []string{string(body), `{"query":"{ a: __type(name: \"User\") { name } }"}`} {
			if out := c.want(400, "POST", "/api/graphql", document, who...); out["code"] != "introspection_refused" {
				t.Errorf("got %v", out)
			}
		}
	}
	types, _ := at(c.want(200, "POST", "/api/graphql", string(body), admin...), "data", "__schema", "types").([]any)
	if !slices.ContainsFunc(types, func(v any) bool { return at(v, "name") == "OrderPage" }) {
		t.Errorf("an administrator sees %d types", len(types))
	}

	c.want(401, "POST", "/api/graphql", `{"query":"{ me { id } }"}`)
	c.want(401, "POST", "/api/graphql", `{"query":"{ me { id } }"}`, "Authorization", "Bearer x")
	c.want(405, "GET", "/api/graphql?query={me{id}}", "", ann...)
}

func TestGraphQLHostile(t *testing.T) {
	c := client{t, start(t, t.TempDir()), "192.0.2.63"}
	c.want(201, "POST", "/api/auth/register", account("ann"))
	ann := c.login("ann@example.com", "password-1")
	document := func(text string) string {
		body, _ := json.Marshal(map[string]string{"query": text})
		return string(body)
	}
	aliases := func(field string) string {
		var b strings.Builder
		for i := range 16 {
			fmt.Fprintf(&b, "a%d: %s ", i, field)
		}
		return b.String()
	}
	for _, tc := range []struct {
		name, body string
		code       string
		status     int
	}{
		{
			"deep", document("{ me {" + strings.Repeat("orders { user {", 5) + "id" + strings.Repeat("}}", 5) + "}}"),
			"depth_limit", 400,
		},
		{"dear", document("{ orders(first: 100) { items { user { orders(first: 100) { id } } } } }"), "cost_limit", 400},
		{
			"dear by variable",
			`{"query":"query($n: Int!) { me { orders(first: $n) { id } } }","variables":{"n":2147483647}}`, "cost_limit", 400,
		},
		{"everything", document("{ me { orders(first: -1) { id } } }"), "cost_limit", 400},
		{
			"many mutations", document("mutation {" + aliases(`createOrder(item: "x", quantity: 1) { id }`) + "}"),
			"duplicate_limit", 400,
		},
		{"batch", "[" + document("{ me { id } }") + "]", "batch_refused", 400},
		{"cycle", document("{ me { ...A } } fragment A on User { ...A }"), "fragment_cycle", 400},
		{"unknown field", document("{ me { pasword } }"), "validation_failed", 400},
		{"two readings", `{"query":"{ me { id } }","query":"{ me { email } }"}`, "duplicate_member", 400},
		{"not JSON", `{`, "malformed_request", 400},
		{"large", document("{ me { id } } #" + strings.Repeat("x", 64<<10)), "body_too_large", 413},
	} {
		out := c.want(tc.status, "POST", "/api/graphql", tc.body, ann...)
		if out["code"] != tc.code || strings.Contains(fmt.Sprint(out), "assword") {
			t.Errorf("%s: got %v, want %s", tc.name, out, tc.code)
		}
	}
	c.want(415, "POST", "/api/graphql", document("{ me { id } }"), append(ann, "Content-Type", "text/plain")...)
}

func TestGraphQLCosts(t *testing.T) {
	c := client{t, start(t, t.TempDir()), "192.0.2.64"}
	admin := c.login("admin@example.com", "admin-password")
	c.want(201, "POST", "/api/auth/register", account("ann"))
	c.want(201, "POST", "/api/users", `{"email":"max@example.com","password":"password-1","tier":"premium"}`, admin...)
	const dear = `{ me { orders(first: 80) { user { id } } } }` // 162: 1 + 1 + 80 × 2
	for _, tc := range []struct {
		email  string
		passed int
	}{
		{"ann@example.com", 6},
		{"max@example.com", 10}, // and many more
	} {
		who := c.login(tc.email, "password-1")
		body, _ := json.Marshal(map[string]string{"query": dear})
		passed := 0
		for range 10 {
			w, out := c.do("POST", "/api/graphql", string(body), who...)
			switch {
			case w.Code == http.StatusOK:
				passed++
			case w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "":
				t.Fatalf("got %d %v", w.Code, out)
			}
		}
		if passed != tc.passed {
			t.Errorf("%s: %d dear queries passed, want %d", tc.email, passed, tc.passed)
		}
		c.want(200, "GET", "/api/me", "", who...) // another budget
	}
}
