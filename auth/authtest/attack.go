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
	Issuer  *Issuer              // signs what only a trusted issuer could; without it those attacks are left out
	APIKey  string               // a key of package apikey
	Header  string               // in which APIKey is sent; X-API-Key
}

// attack is a request that must be refused.
type attack struct {
	name string
	edit func(*http.Request)
}

// Attack fails t for every attack that h does not refuse with 400, 401, 403, 404, 405 or 431, for a 401 without a challenge,
// and when h does not accept what is good in the first place. It sends each request once, in the caller's goroutine.
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
	attacks := []attack{{"no credential", func(*http.Request) {}}}
	if good.Token != "" {
		good.mustPass(t, h, "the good token", bearer(good.Token))
		attacks = slices.Concat(attacks, headerAttacks(good.Token), tokenAttacks(good.Token))
		if good.Issuer != nil {
			attacks = slices.Concat(attacks, good.Issuer.claimAttacks(), good.Issuer.keyAttacks())
		}
	}
	if good.APIKey != "" {
		good.mustPass(t, h, "the good API key", good.key(good.APIKey))
		attacks = slices.Concat(attacks, good.keyAttacks())
	}
	for _, a := range attacks {
		good.mustFail(t, h, a)
	}
}

func (g Good) send(h http.Handler, edit func(*http.Request)) *httptest.ResponseRecorder {
	r := g.Request()
	edit(r)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func (g Good) mustPass(t testing.TB, h http.Handler, name string, edit func(*http.Request)) {
	t.Helper()
	if w := g.send(h, edit); w.Code >= 400 {
		t.Fatalf("authtest: %s: got %d, want it accepted: every attack would seem to fail", name, w.Code)
	}
}

func (g Good) mustFail(t testing.TB, h http.Handler, a attack) {
	t.Helper()
	w := g.send(h, a.edit)
	switch w.Code {
	case http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed,
		http.StatusRequestHeaderFieldsTooLarge:
	case http.StatusUnauthorized:
		if w.Header().Get("WWW-Authenticate") == "" {
			t.Errorf("authtest: %s: got 401 without WWW-Authenticate (RFC 9110 section 11.6.1)", a.name)
		}
	default:
		t.Errorf("authtest: %s: got %d, want a refusal", a.name, w.Code)
	}
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
