package auth_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/gopalisade/palisade/auth"
)

func Example() {
	// An authenticator of one's own: a header that a trusted front end sets.
	front := auth.AuthenticatorFunc(func(r *http.Request) (*auth.Principal, error) {
		user := r.Header.Get("X-Front-User")
		if user == "" {
			return nil, auth.ErrNoCredentials
		}
		return &auth.Principal{ID: user}, nil
	})
	gate, err := auth.New(auth.Config{By: []auth.Authenticator{front}})
	if err != nil {
		panic(err)
	}
	h := gate.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		p, _ := auth.From(r.Context())
		fmt.Println("hello", p.ID)
	}))
	r := httptest.NewRequest("GET", "/", nil)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	fmt.Println(w.Code, w.Header().Get("WWW-Authenticate"))
	r.Header.Set("X-Front-User", "alice")
	h.ServeHTTP(httptest.NewRecorder(), r)
	// Output:
	// 401 Bearer
	// hello alice
}

// Optional admits strangers, not failures: a credential that does not hold is refused all the same.
func ExampleGate_Optional() {
	gate, err := auth.New(auth.Config{By: []auth.Authenticator{keyed("A", "Bearer")}})
	if err != nil {
		panic(err)
	}
	h := gate.Optional(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, known := auth.From(r.Context())
		fmt.Println("known:", known)
	}))
	for _, credential := range []string{"", "bad"} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("A", credential)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		fmt.Println(w.Code)
	}
	// Output:
	// known: false
	// 200
	// 401
}
