package guarded_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/examples/internal/guarded"
	"github.com/gopalisade/palisade/examples/internal/shop"
	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/problem"
	"github.com/gopalisade/palisade/rbac"
	"github.com/gopalisade/palisade/validate"
	"github.com/gopalisade/palisade/validate/graphql"
)

// store answers with an error, or panics, where it is told to, and counts what reached it.
type store struct {
	shop.Store
	calls int
	err   error
	panic any
}

func (s *store) User(ctx context.Context, id string) (shop.User, error) {
	s.calls++
	if s.panic != nil {
		panic(s.panic)
	}
	if s.err != nil {
		return shop.User{}, s.err
	}
	return s.Store.User(ctx, id)
}

// server is a guard with a schema behind it; inside stands between them.
type server struct {
	store  *store
	guard  *graphql.Guard
	bare   http.Handler // without the guard
	log    bytes.Buffer
	events []event.Code
}

func newServer(t *testing.T, cfg graphql.Config) *server {
	t.Helper()
	s := &server{store: &store{Store: shop.NewMemory(shop.User{ID: "ann", Email: "ann@example.com"})}}
	model, err1 := rbac.New(rbac.Config{
		Permissions: []string{"read:orders", "write:orders"},
		Roles:       map[string]rbac.Role{"customer": {Allow: []string{"read:orders", "write:orders"}}},
	})
	rules, err2 := validate.New[shop.NewOrder](validate.Config{})
	schema, err3 := shop.Shop{Store: s.store, Model: model, NewOrder: rules}.Schema()
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	s.bare = guarded.New(schema, slog.New(slog.NewTextHandler(&s.log, nil)))
	cfg.Schema = schema.Schema()
	if s.guard, err1 = graphql.New(cfg); err1 != nil {
		t.Fatal(err1)
	}
	return s
}

func (s *server) send(h http.Handler, body string, lines ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "/graphql", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(lines); i += 2 {
		r.Header.Set(lines[i], lines[i+1])
	}
	ctx := auth.WithPrincipal(r.Context(), &auth.Principal{ID: "ann", Roles: []string{"customer"}})
	record := event.RecorderFunc(func(_ context.Context, e event.Event) { s.events = append(s.events, e.Code) })
	ctx = event.WithRecorder(ctx, record)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r.WithContext(ctx))
	return w
}

const me = `{"query":"{ me { email } }"}`

func TestOperations(t *testing.T) {
	s := newServer(t, graphql.Config{MaxBatch: 2})
	h := s.guard.Wrap(s.bare)
	for _, tc := range []struct {
		name string
		body string
		want string
	}{
		{"query", me, `{"data":{"me":{"email":"ann@example.com"}}}`},
		{
			"named", `{"query":"query A { me { id } } query B { me { email } }","operationName":"B"}`,
			`{"data":{"me":{"email":"ann@example.com"}}}`,
		},
		{
			"variables", `{"query":"query($n: Int!) { orders(first: $n) { total } }","variables":{"n":3}}`,
			`{"data":{"orders":{"total":0}}}`,
		},
		{
			"fragments", `{"query":"{ ...Q } fragment Q on Query { me { ...U } } fragment U on User { id }"}`,
			`{"data":{"me":{"id":"ann"}}}`,
		},
		{
			"batch", `[` + me + `,{"query":"{ orders { total } }"}]`,
			`[{"data":{"me":{"email":"ann@example.com"}}},{"data":{"orders":{"total":0}}}]`,
		},
		{"batch of one", `[` + me + `]`, `[{"data":{"me":{"email":"ann@example.com"}}}]`},
	} {
		w := s.send(h, tc.body)
		if w.Code != 200 || strings.TrimSpace(w.Body.String()) != tc.want {
			t.Errorf("%s: got %d %s, want %s", tc.name, w.Code, w.Body, tc.want)
		}
	}
	for accept, kind := range map[string]string{
		"": "application/json; charset=utf-8", "*/*": "application/json; charset=utf-8",
		"application/graphql-response+json, application/json;q=0.9": "application/graphql-response+json; charset=utf-8",
	} {
		if got := s.send(h, me, "Accept", accept).Header().Get("Content-Type"); got != kind {
			t.Errorf("Accept %q: got %q, want %q", accept, got, kind)
		}
	}
}

// TestNothingIsParsedTwice hands the executor a text that no parser takes: what runs is the document of the guard.
func TestNothingIsParsedTwice(t *testing.T) {
	s := newServer(t, graphql.Config{})
	h := s.guard.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		req, _ := graphql.From(r.Context())
		req.Operations[0].Text = "}{ not GraphQL"
		r.Body = http.NoBody
		s.bare.ServeHTTP(w, r)
	}))
	if w := s.send(h, me); w.Code != 200 || !strings.Contains(w.Body.String(), "ann@example.com") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

// TestOnlyThroughTheGuard sends past the guard what it would let pass and what it would not.
func TestOnlyThroughTheGuard(t *testing.T) {
	s := newServer(t, graphql.Config{})
	for _, body := range []string{me, `{"query":"{ __schema { types { name } } }"}`, `{"query":"}{"}`, ``} {
		w := s.send(s.bare, body)
		told := w.Body.String()
		if w.Code != 500 || s.store.calls != 0 || strings.Contains(told, "data") || strings.Contains(told, "guard") {
			t.Errorf("%s: got %d %s, and the store was asked %d times", body, w.Code, w.Body, s.store.calls)
		}
	}
	if !strings.Contains(s.log.String(), "did not come through a guard") {
		t.Errorf("nobody is told: %s", &s.log)
	}
	// Checked, but not wrapped: the context says nothing.
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := s.guard.Check(r); err != nil {
			t.Fatal(err)
		}
		s.bare.ServeHTTP(w, r)
	})
	if w := s.send(h, me); w.Code != 500 || s.store.calls != 0 {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

func TestNoSubscriptions(t *testing.T) {
	s := newServer(t, graphql.Config{})
	h := s.guard.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		req, _ := graphql.From(r.Context())
		req.Operations[0].Definition.Operation = ast.Subscription
		s.bare.ServeHTTP(w, r)
	}))
	if w := s.send(h, me); w.Code != 500 || s.store.calls != 0 {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

func TestIntrospectionIsTheGuards(t *testing.T) {
	const body = `{"query":"{ __type(name: \"User\") { name } me { __typename } }"}`
	for _, allowed := range []bool{false, true} {
		s := newServer(t, graphql.Config{Introspection: func(*http.Request) bool { return allowed }})
		w := s.send(s.guard.Wrap(s.bare), body)
		want := map[bool]string{
			false: `{"errors":[{"message":"Introspection is not allowed.","extensions":{"code":"introspection_refused"}}]}`,
			true:  `{"data":{"__type":{"name":"User"},"me":{"__typename":"User"}}}`,
		}[allowed]
		if got := strings.TrimSpace(w.Body.String()); got != want {
			t.Errorf("allowed %t: got %d %s", allowed, w.Code, got)
		}
	}
}

func TestErrorsOfResolvers(t *testing.T) {
	const secret = "dial tcp 10.0.0.7: password"
	for _, tc := range []struct {
		name   string
		err    error
		panics any
		code   string
		logged bool
	}{
		{"unknown", errors.New(secret), nil, "internal_server_error", true},
		{"known", &problem.Problem{Status: 409, Code: "taken"}, nil, "taken", false},
		{
			"known, with a cause", &auth.Error{Kind: auth.ErrInvalid, Reason: "gone", Err: errors.New(secret)}, nil,
			"invalid_token", false,
		},
		{"known, of ours", &problem.Problem{Status: 503, Code: "later"}, nil, "later", true},
		{"panic", nil, secret, "internal_server_error", true},
		{"panic with an error", nil, errors.New(secret), "internal_server_error", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newServer(t, graphql.Config{})
			s.store.err, s.store.panic = tc.err, tc.panics
			w := s.send(s.guard.Wrap(s.bare), `{"query":"{ me { email } orders { total } }"}`)
			var out struct {
				Errors []struct {
					Path       []any
					Extensions struct{ Code string }
				}
			}
			if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code != 200 || len(out.Errors) != 1 {
				t.Fatalf("got %d %s", w.Code, w.Body)
			}
			one := out.Errors[0]
			told := strings.Contains(w.Body.String(), "10.0.0.7")
			if one.Extensions.Code != tc.code || len(one.Path) != 1 || one.Path[0] != "me" || told {
				t.Errorf("got %s, want %s at me, and nothing of the cause", w.Body, tc.code)
			}
			if s.log.Len() > 0 != tc.logged {
				t.Errorf("logged %q", &s.log)
			}
			if panicked := tc.panics != nil; panicked != (len(s.events) == 1) || panicked && s.events[0] != event.SysCrash {
				t.Errorf("events %v", s.events)
			}
		})
	}
}

// TestArgumentsThatDoNotFit asks what a client sees of values that the schema's types let pass and Go's do not.
func TestArgumentsThatDoNotFit(t *testing.T) {
	s := newServer(t, graphql.Config{})
	for _, tc := range []struct {
		name, body string
		status     int
		code       string
	}{
		{"literal", `{"query":"{ orders(offset: 99999999999999999999) { total } }"}`, 400, "validation_failed"},
		{
			"variable", `{"query":"query($n: Int!) { orders(offset: $n) { total } }","variables":{"n":99999999999999999999}}`,
			400, "variables_invalid",
		},
		{"null", `{"query":"{ orders(first: null) { total } }"}`, 400, "validation_failed"},
		{
			"null by a variable", `{"query":"query($n: Int) { orders(first: $n) { total } }","variables":{"n":null}}`,
			200, "invalid_input",
		},
		{"no value of the enum", `{"query":"{ orders(status: pending) { total } }"}`, 400, "validation_failed"},
	} {
		w := s.send(s.guard.Wrap(s.bare), tc.body)
		got := w.Body.String()
		if w.Code != tc.status || !strings.Contains(got, `"code":"`+tc.code+`"`) || strings.Contains(got, "9999") {
			t.Errorf("%s: got %d %s, want %d %s", tc.name, w.Code, got, tc.status, tc.code)
		}
	}
}

func TestStopped(t *testing.T) {
	s := newServer(t, graphql.Config{})
	h := s.guard.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancel(r.Context())
		cancel()
		s.bare.ServeHTTP(w, r.WithContext(ctx))
	}))
	if w := s.send(h, me); w.Code != 503 || strings.Contains(w.Body.String(), "context") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}
