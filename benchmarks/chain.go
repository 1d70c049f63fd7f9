package main

import (
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"
	chicors "github.com/go-chi/cors"
	"github.com/go-chi/httprate"
	"github.com/go-chi/jwtauth/v5"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/token"
	"github.com/gopalisade/palisade/cors"
	"github.com/gopalisade/palisade/headers"
	"github.com/gopalisade/palisade/ratelimit"
	"github.com/gopalisade/palisade/rbac"
	"github.com/gopalisade/palisade/transport"
)

// chains is the whole path of a signed-in request, on the same router: headers, cors, limit, token, role.
func chains() []contest {
	plain, cached, tok := tokenFor(hmacKey())
	r := crossOrigin("GET", "Authorization", "Bearer "+tok)
	const peers = "unrolled/secure + go-chi/cors + httprate + jwtauth + a role check"
	ours := func(v *token.Verifier) func() {
		return serve(ourChain(must(auth.New(auth.Config{By: []auth.Authenticator{v}}))), r, 200)
	}
	theirs := serve(theirChain(), r, 200)
	return []contest{
		{"all", "signed-in request on chi", peers, ours(plain), theirs},
		{"all", "signed-in request on chi, token remembered", peers, ours(cached), theirs},
	}
}

func ourChain(gate *auth.Gate) http.Handler {
	policy := must(cors.New(cors.Config{Origins: []string{app}, Credentials: true, Methods: []string{"PUT"}, RequestHeaders: []string{"Authorization"}}))
	limiter := must(ratelimit.New(ratelimit.Config{Key: ratelimit.ByAddr, Policies: []ratelimit.Policy{{Name: "p", Limit: plenty, Window: time.Hour}}}))
	model := must(rbac.New(rbac.Config{Permissions: []string{"orders:read"}, Roles: map[string]rbac.Role{"editor": {Allow: []string{"orders:read"}}}}))
	mux := chi.NewRouter()
	mux.Use(must(transport.New(transport.Config{})).Wrap, must(headers.New(headers.API())).Wrap, policy.Wrap, limiter.Wrap)
	mux.With(gate.Wrap, model.Require("orders:read")).Get("/orders", nothing)
	return mux
}

func theirChain() http.Handler {
	ja := jwtauth.New("HS256", secret, nil)
	role := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, claims, _ := jwtauth.FromContext(r.Context())
			all, _ := claims["roles"].([]any)
			for _, one := range all {
				if one == "editor" {
					next.ServeHTTP(w, r)
					return
				}
			}
			w.WriteHeader(http.StatusForbidden)
		})
	}
	mux := chi.NewRouter()
	mux.Use(unrolled().Handler, chicors.Handler(chicors.Options{
		AllowedOrigins: []string{app}, AllowCredentials: true, AllowedMethods: []string{"PUT"}, AllowedHeaders: []string{"Authorization"},
	}), httprate.LimitByIP(plenty, time.Hour))
	mux.With(jwtauth.Verifier(ja), jwtauth.Authenticator(ja), role).Get("/orders", nothing)
	return mux
}
