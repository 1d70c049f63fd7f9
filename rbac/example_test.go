package rbac_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/rbac"
)

func Example() {
	model, err := rbac.New(rbac.Config{
		Permissions: []string{"orders:read", "orders:write"},
		Roles: map[string]rbac.Role{
			"viewer": {Allow: []string{"orders:read"}},
			"editor": {Inherits: []string{"viewer"}, Allow: []string{"orders:write"}},
		},
	})
	if err != nil {
		panic(err)
	}
	h := model.Require("orders:write")(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for _, role := range []string{"viewer", "editor"} {
		r := httptest.NewRequest("POST", "/orders", nil)
		r = r.WithContext(auth.WithPrincipal(r.Context(), &auth.Principal{ID: "u", Roles: []string{role}}))
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		fmt.Println(role, w.Code)
	}
	// Output:
	// viewer 403
	// editor 200
}

// A typo opens nothing: the route answers 500 until it is mended, and Validate finds it before.
func ExampleModel_Validate_typo() {
	model, err := rbac.New(rbac.Config{Permissions: []string{"orders:read"}})
	if err != nil {
		panic(err)
	}
	fmt.Println(model.Validate("orders:raed"))
	// Output: rbac: unknown permission: "orders:raed"
}
