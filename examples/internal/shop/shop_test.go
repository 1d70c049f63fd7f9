package shop_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/examples/internal/guarded"
	"github.com/gopalisade/palisade/examples/internal/shop"
	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/rbac"
	"github.com/gopalisade/palisade/validate"
	"github.com/gopalisade/palisade/validate/graphql"
)

var permissions = []string{"read:orders", "write:orders"}

// newShop returns the shop behind a guard, for a store.
func newShop(t *testing.T, store shop.Store) http.Handler {
	t.Helper()
	model, err1 := rbac.New(rbac.Config{
		Permissions: permissions,
		Roles:       map[string]rbac.Role{"customer": {Allow: permissions}, "reader": {Allow: permissions[:1]}},
	})
	rules, err2 := validate.New[shop.NewOrder](validate.Config{})
	schema, err3 := shop.Shop{Store: store, Model: model, NewOrder: rules}.Schema()
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	guard, err := graphql.New(graphql.Config{Schema: schema.Schema()})
	if err != nil {
		t.Fatal(err)
	}
	return guard.Wrap(guarded.New(schema, slog.New(slog.DiscardHandler)))
}

// ask sends a document as p, and returns the answer and what the monitor heard.
func ask(h http.Handler, p *auth.Principal, document string) (string, []event.Event) {
	var events []event.Event
	body := fmt.Sprintf(`{"query":%q}`, document)
	r := httptest.NewRequest("POST", "/graphql", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	record := event.RecorderFunc(func(_ context.Context, e event.Event) { events = append(events, e) })
	ctx := event.WithRecorder(r.Context(), record)
	if p != nil {
		ctx = auth.WithPrincipal(ctx, p)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r.WithContext(ctx))
	return strings.TrimSpace(w.Body.String()), events
}

func TestWhoSeesWhat(t *testing.T) {
	store := shop.NewMemory(shop.User{ID: "ann", Email: "ann@example.com"}, shop.User{ID: "bob"})
	for i, owner := range []string{"ann", "bob", "ann"} {
		o := shop.Order{ID: fmt.Sprint("o", i), Item: fmt.Sprint("item ", i), Quantity: i, Status: shop.Shipped, UserID: owner}
		if err := store.AddOrder(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	h := newShop(t, store)
	ann := &auth.Principal{ID: "ann", Roles: []string{"customer"}}
	reader := &auth.Principal{ID: "ann", Roles: []string{"reader"}}
	machine := &auth.Principal{ID: "ann", Roles: []string{"customer"}, Method: auth.MethodAPIKey}
	ghost := &auth.Principal{ID: "gone", Roles: []string{"customer"}}
	nameless := &auth.Principal{Roles: []string{"customer"}}
	for _, tc := range []struct {
		name     string
		who      *auth.Principal
		document string
		data     string // of the answer; null where there must be none
		code     string // of the error; none where empty
		event    event.Code
	}{
		{"list", ann, `{ orders { total items { id } } }`, `{"orders":{"total":2,"items":[{"id":"o2"},{"id":"o0"}]}}`, "", ""},
		{
			"part", ann, `{ orders(first: 1, offset: 1) { items { id status } } }`,
			`{"orders":{"items":[{"id":"o0","status":"SHIPPED"}]}}`, "", "",
		},
		{"other status", ann, `{ orders(status: PENDING) { total } }`, `{"orders":{"total":0}}`, "", ""},
		{
			"own", ann, `{ order(id: "o0") { item user { email } } }`,
			`{"order":{"item":"item 0","user":{"email":"ann@example.com"}}}`, "", "",
		},
		{"another's", ann, `{ order(id: "o1") { item } }`, `{"order":null}`, "", ""},
		{
			"round trip", ann, `{ me { orders(first: 1) { user { orders { id } } } } }`,
			`{"me":{"orders":[{"user":{"orders":[{"id":"o2"},{"id":"o0"}]}}]}}`, "", "",
		},
		{
			"too large a part", ann, `{ me { id orders(first: 101) { id } } }`, `{"me":{"id":"ann","orders":null}}`,
			"invalid_input", event.InputValidationFail,
		},
		{
			"reader writes", reader, `mutation { createOrder(item: "x", quantity: 1) { id } }`, `null`,
			"insufficient_permissions", event.AuthzFail,
		},
		{
			"machine reads orders", machine, `{ order(id: "o0") { id user { id } } }`,
			`{"order":{"id":"o0","user":null}}`, "api_key_not_allowed", event.AuthzFail,
		},
		{"machine reads the account", machine, `{ me { id } }`, `null`, "api_key_not_allowed", event.AuthzFail},
		{"nobody's orders", nil, `{ order(id: "o0") { id } }`, `{"order":null}`, "unauthenticated", event.AuthzFail},
		{"nobody", nil, `{ me { id } }`, `null`, "unauthenticated", ""},
		{"without an id", nameless, `{ order(id: "o0") { id } }`, `{"order":null}`, "unauthenticated", ""},
		{"without an id, a list", nameless, `{ orders { total } }`, `null`, "unauthenticated", ""},
		{
			"without an id, a write", nameless, `mutation { createOrder(item: "x", quantity: 1) { id } }`, `null`,
			"unauthenticated", "",
		},
		{"deleted", ghost, `{ me { id } }`, `null`, "invalid_token", ""},
		{"deleted, a write", ghost, `mutation { createOrder(item: "x", quantity: 1) { id } }`, `null`, "invalid_token", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, events := ask(h, tc.who, tc.document)
			if !strings.HasSuffix(got, `"data":`+tc.data+`}`) {
				t.Errorf("got %s, want data %s", got, tc.data)
			}
			failed := strings.Contains(got, `"errors"`)
			if failed != (tc.code != "") || failed && !strings.Contains(got, `"code":"`+tc.code+`"`) {
				t.Errorf("got %s, want code %q", got, tc.code)
			}
			if heard := len(events) > 0; heard != (tc.event != "") || heard && events[0].Code != tc.event {
				t.Errorf("heard %v, want %q", events, tc.event)
			}
		})
	}
}

func TestCreateOrder(t *testing.T) {
	store := shop.NewMemory(shop.User{ID: "ann"})
	h := newShop(t, store)
	ann := &auth.Principal{ID: "ann", Roles: []string{"customer"}}
	if got, _ := ask(h, ann, `mutation { createOrder(item: " tea ", quantity: 3) { item quantity status } }`); got !=
		`{"data":{"createOrder":{"item":"tea","quantity":3,"status":"PENDING"}}}` {
		t.Errorf("got %s", got)
	}
	for _, bad := range []string{`item: "", quantity: 1`, `item: "x", quantity: 1001`, `item: "a\nb", quantity: 1`} {
		if got, _ := ask(h, ann, `mutation { createOrder(`+bad+`) { id } }`); !strings.Contains(got, `"code":"invalid_input"`) {
			t.Errorf("%s: got %s", bad, got)
		}
	}
	if _, total, err := store.Orders(t.Context(), "ann", "", 10, 0); total != 1 || err != nil {
		t.Errorf("got %d orders, %v, want 1", total, err)
	}
}

// TestPermissionsOfTheSchema wants a typo in @allow, or in the model, to stop the start.
func TestPermissionsOfTheSchema(t *testing.T) {
	model, err := rbac.New(rbac.Config{Permissions: []string{"read:orders"}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = shop.Shop{Store: shop.NewMemory(), Model: model}.Schema()
	if !errors.Is(err, rbac.ErrUnknownPermission) || !strings.Contains(err.Error(), "write:orders") {
		t.Errorf("got %v", err)
	}
}
