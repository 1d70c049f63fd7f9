// Command existing-auth puts rbac behind an authentication that was there before: the old middleware stays, and one
// function turns what it found into a principal.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/problem"
	"github.com/gopalisade/palisade/rbac"
	"github.com/gopalisade/palisade/transport"
)

// The old authentication: it looks a session up and leaves a user in the context, or none.
type (
	user    struct{ name, team, group string }
	userKey struct{}
)

func oldLogin(sessions map[string]user, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := r.Cookie("session"); err == nil {
			if u, ok := sessions[c.Value]; ok {
				r = r.WithContext(context.WithValue(r.Context(), userKey{}, u))
			}
		}
		next.ServeHTTP(w, r)
	})
}

// bridge is all that is new: group names become roles. Whom the old login did not know has no credentials here either.
func bridge(r *http.Request) (*auth.Principal, error) {
	u, ok := r.Context().Value(userKey{}).(user)
	if !ok {
		return nil, auth.ErrNoCredentials
	}
	return &auth.Principal{ID: u.name, Tenant: u.team, Roles: []string{u.group}, Method: "old_session"}, nil
}

func main() {
	h, routes := build(map[string]user{"a1": {"alice", "blue", "staff"}, "b2": {"bob", "blue", "guests"}})
	for _, route := range routes {
		fmt.Println(route)
	}
	fmt.Println("curl -i -b session=a1 http://127.0.0.1:8080/teams/blue/report")
	server := must(transport.NewServer(transport.ServerConfig{Addr: "127.0.0.1:8080", Handler: h}))
	log.Fatal(server.ListenAndServe())
}

// build returns the API, and who may do what on it.
func build(sessions map[string]user) (http.Handler, []rbac.Route) {
	gate := must(auth.New(auth.Config{By: []auth.Authenticator{auth.AuthenticatorFunc(bridge)}}))
	model := must(rbac.New(rbac.Config{
		Permissions: []string{"report:read", "report:write"},
		Roles:       map[string]rbac.Role{"guests": {Allow: []string{"report:read"}}, "staff": {Allow: []string{"report:*"}}},
	}))
	team := model.SameTenant(func(r *http.Request) string { return r.PathValue("team") })
	answer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = fmt.Fprintln(w, r.Method, "done") })

	mux := http.NewServeMux()
	var audit rbac.Audit
	for _, route := range []struct {
		pattern string
		handler http.Handler
	}{
		{"GET /{$}", rbac.Public("front page")(answer)},
		{"GET /teams/{team}/report", team(model.Require("report:read")(answer))},
		{"PUT /teams/{team}/report", team(model.Require("report:write")(answer))},
	} {
		mux.Handle(route.pattern, route.handler)
		audit.VisitMux(mux, route.pattern)
	}
	if err := audit.Err(); err != nil {
		log.Fatal(err) // a route that nobody decided on never serves
	}
	return oldLogin(sessions, gate.Optional(model.DenyByDefault(problem.Mux(mux)))), audit.Routes()
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
