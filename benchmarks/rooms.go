package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	casbin "github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"
	chicors "github.com/go-chi/cors"
	"github.com/go-chi/httprate"
	"github.com/go-chi/jwtauth/v5"
	"github.com/golang-jwt/jwt/v5"
	jubcors "github.com/jub0bs/cors"
	rscors "github.com/rs/cors"
	"github.com/sethvargo/go-limiter/httplimit"
	"github.com/sethvargo/go-limiter/memorystore"
	throttled "github.com/throttled/throttled/v2"
	"github.com/throttled/throttled/v2/store/memstore"
	ulule "github.com/ulule/limiter/v3"
	ululehttp "github.com/ulule/limiter/v3/drivers/middleware/stdlib"
	ululememory "github.com/ulule/limiter/v3/drivers/store/memory"
	"github.com/unrolled/secure"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/token"
	"github.com/gopalisade/palisade/cors"
	"github.com/gopalisade/palisade/headers"
	"github.com/gopalisade/palisade/ratelimit"
	"github.com/gopalisade/palisade/rbac"
)

const (
	app      = "https://app.example.com"
	issuer   = "https://id.example.com"
	audience = "https://api.example.com"
)

var secret = []byte("k3Jv9TqLx0WzYb7RmP2cHd8Nf5Ga1Ue6")

// tokenFor returns our verifiers, without a cache and with one, and a token that every peer reads too.
func tokenFor(k *token.Key) (plain, cached *token.Verifier, tok string) {
	ring := must(token.NewKeyring(k))
	is := must(token.NewIssuer(token.IssuerConfig{Keys: ring, Issuer: issuer, Audience: audience, TTL: time.Hour}))
	cfg := token.VerifierConfig{Keys: ring, Issuer: issuer, Audience: audience}
	plain = must(token.NewVerifier(cfg))
	cfg.Cache = 10_000
	cached = must(token.NewVerifier(cfg))
	t := must(is.Issue(auth.Principal{ID: "u-1", Roles: []string{"editor"}, Tier: "free", SessionID: "s-1"}, nil))
	return plain, cached, t.Value
}

func hmacKey() *token.Key { return must(token.NewHMACKey("k", token.HS256, secret)) }

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// verify is one verification as a contest.
func verify(v *token.Verifier, tok string) func() {
	return func() { _, err := v.Verify(context.Background(), tok); check(err) }
}

func tokens() []contest {
	plain, cached, tok := tokenFor(hmacKey())
	parse := func(tok, alg string, key any) func() {
		parser := jwt.NewParser(jwt.WithValidMethods([]string{alg}), jwt.WithIssuer(issuer), jwt.WithAudience(audience), jwt.WithExpirationRequired())
		return func() {
			_, err := parser.ParseWithClaims(tok, &jwt.RegisteredClaims{}, func(*jwt.Token) (any, error) { return key, nil })
			check(err)
		}
	}
	ja := jwtauth.New("HS256", secret, nil)
	private := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	plainES, cachedES, tokES := tokenFor(must(token.NewPrivateKey("", token.ES256, private)))
	hs, es := parse(tok, "HS256", secret), parse(tokES, "ES256", private.Public())
	return []contest{
		{"auth/token", "verify HS256", "golang-jwt v5", verify(plain, tok), hs},
		{"auth/token", "verify HS256", "go-chi/jwtauth v5", verify(plain, tok), func() { _, err := jwtauth.VerifyToken(ja, tok); check(err) }},
		{"auth/token", "verify ES256", "golang-jwt v5", verify(plainES, tokES), es},
		{"auth/token", "verify HS256, remembered", "golang-jwt v5", verify(cached, tok), hs},
		{"auth/token", "verify ES256, remembered", "golang-jwt v5", verify(cachedES, tokES), es},
	}
}

func crossOrigin(method string, lines ...string) *http.Request {
	r := httptest.NewRequest(method, "https://api.example.com/orders", nil)
	r.RemoteAddr = "192.0.2.1:1234"
	r.Header["Origin"] = []string{app}
	for i := 0; i < len(lines); i += 2 {
		r.Header[lines[i]] = []string{lines[i+1]}
	}
	return r
}

func corsPolicies() []contest {
	methods, names, exposed := []string{"GET", "POST", "PUT", "DELETE"}, []string{"Authorization", "Content-Type"}, []string{"X-Total-Count"}
	ours := must(cors.New(cors.Config{
		Origins: []string{app}, Credentials: true, Methods: methods, RequestHeaders: names, ExposeHeaders: exposed, MaxAge: time.Minute,
	})).Wrap(nothing)
	jub := must(jubcors.NewMiddleware(jubcors.Config{
		Origins: []string{app}, Credentialed: true, Methods: methods, RequestHeaders: names, ResponseHeaders: exposed, MaxAgeInSeconds: 60,
	})).Wrap(nothing)
	rs := rscors.New(rscors.Options{
		AllowedOrigins: []string{app}, AllowCredentials: true, AllowedMethods: methods, AllowedHeaders: names, ExposedHeaders: exposed, MaxAge: 60,
	}).Handler(nothing)
	chi := chicors.Handler(chicors.Options{
		AllowedOrigins: []string{app}, AllowCredentials: true, AllowedMethods: methods, AllowedHeaders: names, ExposedHeaders: exposed, MaxAge: 60,
	})(nothing)
	actual := crossOrigin("GET")
	preflight := crossOrigin("OPTIONS", "Access-Control-Request-Method", "PUT", "Access-Control-Request-Headers", "authorization,content-type")
	return []contest{
		{"cors", "actual request", "jub0bs/cors v1.0.1", serve(ours, actual, 200), serve(jub, actual, 200)},
		{"cors", "actual request", "rs/cors", serve(ours, actual, 200), serve(rs, actual, 200)},
		{"cors", "actual request", "go-chi/cors", serve(ours, actual, 200), serve(chi, actual, 200)},
		{"cors", "preflight", "jub0bs/cors v1.0.1", serve(ours, preflight, 204), serve(jub, preflight, 204)},
		{"cors", "preflight", "rs/cors", serve(ours, preflight, 204), serve(rs, preflight, 204)},
		{"cors", "preflight", "go-chi/cors", serve(ours, preflight, 204), serve(chi, preflight, 200)},
	}
}

// unrolled sets the same headers as our API preset.
func unrolled() *secure.Secure {
	return secure.New(secure.Options{
		ContentTypeNosniff: true, ReferrerPolicy: "no-referrer", CrossOriginResourcePolicy: "same-origin",
		ContentSecurityPolicy: "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox",
		STSSeconds:            63072000, STSIncludeSubdomains: true, ForceSTSHeader: true,
	})
}

func headerPolicies() []contest {
	ours := must(headers.New(headers.API())).Wrap(nothing)
	r := crossOrigin("GET") // httptest gives an https request its TLS state
	return []contest{{"headers", "API set", "unrolled/secure", serve(ours, r, 200), serve(unrolled().Handler(nothing), r, 200)}}
}

const plenty = 500_000_000 // permits an hour: nobody is refused

func limiters() []contest {
	l := must(ratelimit.New(ratelimit.Config{Key: ratelimit.ByAddr, Policies: []ratelimit.Policy{{Name: "p", Limit: plenty, Window: time.Hour}}}))
	r := crossOrigin("GET")
	memory, key := ratelimit.NewMemory(0), ratelimit.Key{Hi: 1, Lo: 2}
	policies, states := []ratelimit.Policy{{Name: "p", Limit: plenty, Window: time.Hour}}, make([]ratelimit.State, 1)
	take := func() { _, _ = memory.Take(context.Background(), key, 1, policies, states) }
	check := func() { _ = l.Check(r) }
	wrap := serve(l.Wrap(nothing), r, 200)

	rate := serve(httprate.LimitByIP(plenty, time.Hour)(nothing), r, 200)
	store := must(memorystore.New(&memorystore.Config{Tokens: plenty, Interval: time.Hour}))
	limiter := serve(must(httplimit.NewMiddleware(store, httplimit.IPKeyFunc())).Handle(nothing), r, 200)
	gcra := must(throttled.NewGCRARateLimiterCtx(must(memstore.NewCtx(1<<20)), throttled.RateQuota{MaxRate: throttled.PerHour(plenty), MaxBurst: 1 << 20}))
	throttle := throttled.HTTPRateLimiterCtx{RateLimiter: gcra, VaryBy: &throttled.VaryBy{RemoteAddr: true}}
	ul := ululehttp.NewMiddleware(ulule.New(ululememory.NewStore(), ulule.Rate{Period: time.Hour, Limit: plenty}))
	return []contest{
		{"ratelimit", "Memory.Take beside the middleware", "httprate", take, rate},
		{"ratelimit", "Check beside the middleware", "httprate", check, rate},
		{"ratelimit", "middleware", "httprate", wrap, rate},
		{"ratelimit", "middleware", "go-limiter", wrap, limiter},
		{"ratelimit", "middleware", "throttled", wrap, serve(throttle.RateLimit(nothing), r, 200)},
		{"ratelimit", "middleware", "ulule/limiter", wrap, serve(ul.Handler(nothing), r, 200)},
	}
}

const casbinModel = `
[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, obj, act
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.sub == p.sub && r.obj == p.obj && r.act == p.act
`

// roles asks for one right out of n, each of a role of its own.
func roles() []contest {
	var all []contest
	for _, n := range []int{10, 1000, 100_000} {
		cfg := rbac.Config{Roles: map[string]rbac.Role{}}
		rules := make([][]string, n)
		for i := range n {
			role, object := fmt.Sprintf("role-%d", i), fmt.Sprintf("object-%d", i)
			cfg.Permissions = append(cfg.Permissions, object+":write")
			cfg.Roles[role] = rbac.Role{Allow: []string{object + ":write"}}
			rules[i] = []string{role, object, "write"}
		}
		m := must(rbac.New(cfg))
		e := must(casbin.NewEnforcer(must(model.NewModelFromString(casbinModel))))
		must(e.AddPolicies(rules))
		asked := rules[n/2]
		p, right := &auth.Principal{Roles: asked[:1]}, asked[1]+":write"
		all = append(all, contest{"rbac", fmt.Sprintf("one right of %d", n), "casbin v2", func() {
			if !m.Can(p, right) {
				log.Fatal("refused")
			}
		}, func() {
			if !must(e.Enforce(asked[0], asked[1], asked[2])) {
				log.Fatal("refused")
			}
		}})
	}
	return all
}
