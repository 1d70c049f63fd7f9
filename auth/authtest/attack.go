package authtest

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
)

// Good is what the handler under attack accepts. Token, APIKey or both are required.
type Good struct {
	_ [0]func() // keyed literals only, never comparable

	Request func() *http.Request // a fresh request without credentials; GET /
	Token   string               // an access token, sent as Bearer
	Issuer  *Issuer              // who made Token; signs what only he could. Without it those attacks are left out
	APIKey  string               // a key of package apikey
	Header  string               // in which APIKey is sent; X-API-Key
}

// attack is a request that must be refused.
type attack struct {
	name string
	edit func(*http.Request)
}

// Attack fails t for every attack that h does not refuse with 400, 401 or 431, for a 401 without a challenge, and when h does
// not accept what is good in the first place. It sends each request once, in the caller's goroutine.
//
// A 403 is no refusal of a bad credential: most attacks speak for the principal of the good one, who is allowed, so it
// would mean that somebody else was believed. A request without any may get one, and 404, 405, or 204 to OPTIONS. Take rate
// limits off the handler, and whatever accepts a request only once.
func Attack(t testing.TB, h http.Handler, good Good) {
	t.Helper()
	if good.Request == nil {
		good.Request = func() *http.Request { return httptest.NewRequest(http.MethodGet, "/", nil) }
	}
	if good.Header == "" {
		good.Header = "X-API-Key"
	}
	if good.Token == "" && good.APIKey == "" {
		t.Fatal("authtest: Good needs a Token or an APIKey")
	}
	if good.Token != "" && !isJWS(good.Token) {
		t.Fatal("authtest: Good.Token is no compact JWS")
	}
	attacks := []attack{{"no credential", func(*http.Request) {}}}
	if good.Token != "" {
		good.mustPass(t, h, "the good token", bearer(good.Token))
		attacks = slices.Concat(attacks, headerAttacks(good.Token), tokenAttacks(good.Token))
		if good.Issuer != nil {
			claims := freshClaims(good.Token)
			good.mustPass(t, h, "the good token, signed again by Good.Issuer", bearer(good.Issuer.Sign(goodHeader, claims)))
			attacks = slices.Concat(attacks, good.Issuer.claimAttacks(claims), good.Issuer.keyAttacks(claims))
		}
	}
	if good.APIKey != "" {
		good.mustPass(t, h, "the good API key", good.key(good.APIKey))
		attacks = slices.Concat(attacks, good.keyAttacks())
	}
	for _, a := range attacks {
		good.mustFail(t, h, a)
	}
	const after = ", after the attacks" // which a handler that has stopped to answer would refuse as well
	if good.Token != "" {
		good.mustPass(t, h, "the good token"+after, bearer(good.Token))
	}
	if good.APIKey != "" {
		good.mustPass(t, h, "the good API key"+after, good.key(good.APIKey))
	}
}

func (g Good) mustPass(t testing.TB, h http.Handler, name string, edit func(*http.Request)) {
	t.Helper()
	r, w := g.Request(), httptest.NewRecorder()
	edit(r)
	if h.ServeHTTP(w, r); w.Code >= 400 {
		t.Fatalf("authtest: %s: got %d, want it accepted: every attack would seem to fail", name, w.Code)
	}
}

func (g Good) mustFail(t testing.TB, h http.Handler, a attack) {
	t.Helper()
	r := g.Request()
	a.edit(r)
	bare := len(r.Header["Authorization"]) == 0 && len(r.Header[http.CanonicalHeaderKey(g.Header)]) == 0
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	switch w.Code {
	case http.StatusBadRequest, http.StatusRequestHeaderFieldsTooLarge:
		return
	case http.StatusUnauthorized:
		if w.Header().Get("WWW-Authenticate") == "" {
			t.Errorf("authtest: %s: got 401 without WWW-Authenticate (RFC 9110 section 11.6.1)", a.name)
		}
		return
	case http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed:
		if bare {
			return
		}
	case http.StatusNoContent:
		if bare && r.Method == http.MethodOptions { // by a middleware for CORS: it says nothing
			return
		}
	case http.StatusTooManyRequests:
		t.Fatal("authtest: got 429: attack the handler without its rate limits")
	}
	t.Errorf("authtest: %s: got %d, want 400 or 401", a.name, w.Code)
}

// bearer sends lines of Authorization with the scheme before each.
func bearer(tokens ...string) func(*http.Request) {
	lines := make([]string, len(tokens))
	for i, token := range tokens {
		lines[i] = "Bearer " + token
	}
	return authorization(lines...)
}

func authorization(lines ...string) func(*http.Request) {
	return func(r *http.Request) { r.Header["Authorization"] = lines }
}

// key sends lines of the API key's header.
func (g Good) key(lines ...string) func(*http.Request) {
	return func(r *http.Request) { r.Header[http.CanonicalHeaderKey(g.Header)] = lines }
}
