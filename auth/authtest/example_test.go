package authtest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/authtest"
)

// Your own test: the handler is built as in production, but trusts the test's issuer.
func ExampleAttack() {
	_ = func(t *testing.T) {
		is := authtest.NewIssuer(t)
		handler := is.Gate().Wrap(http.NotFoundHandler()) // yours: built with is.Keys, is.Name and is.Audience
		authtest.Attack(t, handler, authtest.Good{
			Request: func() *http.Request { return httptest.NewRequest("GET", "/api/me", nil) },
			Token:   is.Token(auth.Principal{ID: "alice", Roles: []string{"customer"}}),
			Issuer:  is,
		})
	}
	// Output:
}

func ExampleWithPrincipal() {
	greet := func(_ http.ResponseWriter, r *http.Request) {
		p, _ := auth.From(r.Context())
		fmt.Println("hello", p.ID)
	}
	r := httptest.NewRequest("GET", "/", nil)
	greet(httptest.NewRecorder(), authtest.WithPrincipal(r, &auth.Principal{ID: "alice"}))
	// Output:
	// hello alice
}
