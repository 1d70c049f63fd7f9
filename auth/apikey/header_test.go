package apikey_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/apikey"
)

func TestHeader(t *testing.T) {
	s := newWatched()
	k := newKeys(t, s, nil)
	key := create(t, k).Text
	query := httptest.NewRequest("GET", "/?api_key="+key+"&X-API-Key="+key+"&key="+key, nil)
	form := httptest.NewRequest("POST", "/", strings.NewReader("api_key="+key))
	form.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	own := newKeys(t, s, func(cfg *apikey.Config) { cfg.Header = "partner-key" })
	for _, tc := range []struct {
		name string
		keys *apikey.Keys
		r    *http.Request
		kind error
	}{
		{"good", k, request("X-Api-Key", key), nil},
		{"header of one's own", own, request("Partner-Key", key), nil},
		{"nothing", k, request(""), auth.ErrNoCredentials},
		{"P4 in the query", k, query, auth.ErrNoCredentials},
		{"in a form", k, form, auth.ErrNoCredentials},
		{"in a cookie", k, request("Cookie", "X-API-Key="+key), auth.ErrNoCredentials},
		{"another header", own, request("X-Api-Key", key), auth.ErrNoCredentials},
		{"as a bearer token", k, request("Authorization", "Bearer "+key), auth.ErrNoCredentials},
		{"twice", k, request("X-Api-Key", key, key), auth.ErrMalformed},
		{"twice in a line", k, request("X-Api-Key", key+", "+key), auth.ErrInvalid},
		{"empty", k, request("X-Api-Key", ""), auth.ErrInvalid},
		{"with a scheme", k, request("X-Api-Key", "Bearer "+key), auth.ErrInvalid},
		{"with a space", k, request("X-Api-Key", " "+key), auth.ErrInvalid},
	} {
		p, err := tc.keys.Authenticate(tc.r)
		if !errors.Is(err, tc.kind) || (p != nil) != (tc.kind == nil) {
			t.Errorf("%s: got %+v, %v, want %v", tc.name, p, err, tc.kind)
		}
	}
}

func TestChallenge(t *testing.T) {
	k := newKeys(t, newWatched(), nil)
	w := httptest.NewRecorder()
	gate(t, k).Wrap(http.NotFoundHandler()).ServeHTTP(w, request(""))
	if got, want := w.Header().Get("WWW-Authenticate"), `ApiKey realm="api", header="X-API-Key"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestBearer(t *testing.T) {
	s := newWatched()
	verifier, jwt := tokens(t)
	alone := newKeys(t, s, func(cfg *apikey.Config) { cfg.Bearer = true })
	both := newKeys(t, s, func(cfg *apikey.Config) { cfg.Bearer, cfg.Else = true, verifier })
	key := create(t, alone).Text
	for _, tc := range []struct {
		name   string
		keys   *apikey.Keys
		header []string
		method string
		kind   error
	}{
		{"key", alone, []string{"Bearer " + key}, auth.MethodAPIKey, nil},
		{"key, another spelling of the scheme", alone, []string{"bEARER  " + key}, auth.MethodAPIKey, nil},
		{"bad key", alone, []string{"Bearer " + key + "x"}, "", auth.ErrInvalid},
		{"token", alone, []string{"Bearer " + jwt}, "", auth.ErrInvalid},
		{"nothing", alone, nil, "", auth.ErrNoCredentials},
		{"another scheme", alone, []string{"Basic YTpi"}, "", auth.ErrNoCredentials},
		{"twice", alone, []string{"Bearer " + key, "Bearer " + key}, "", auth.ErrMalformed},
		{"beside tokens, key", both, []string{"Bearer " + key}, auth.MethodAPIKey, nil},
		{"beside tokens, bad key", both, []string{"Bearer " + key + "x"}, "", auth.ErrInvalid},
		{"beside tokens, token", both, []string{"Bearer " + jwt}, auth.MethodToken, nil},
		{"beside tokens, bad token", both, []string{"Bearer " + jwt + "x"}, "", auth.ErrInvalid},
		{"beside tokens, nothing", both, nil, "", auth.ErrNoCredentials},
		{"beside tokens, two words", both, []string{"Bearer " + key + " " + jwt}, "", auth.ErrMalformed},
		{"beside tokens, P9 two lines", both, []string{"Bearer " + key, "Bearer " + jwt}, "", auth.ErrMalformed},
	} {
		p, err := gate(t, tc.keys).Authenticate(request("Authorization", tc.header...))
		if !errors.Is(err, tc.kind) || (p != nil) != (tc.kind == nil) || p != nil && p.Method != tc.method {
			t.Errorf("%s: got %+v, %v, want %v", tc.name, p, err, tc.kind)
		}
	}
	dpop := auth.AuthenticatorFunc(func(*http.Request) (*auth.Principal, error) { return &auth.Principal{ID: "else"}, nil })
	k := newKeys(t, s, func(cfg *apikey.Config) { cfg.Bearer, cfg.Else = true, dpop })
	if p, err := k.Authenticate(request("Authorization", "DPoP x")); err != nil || p.ID != "else" {
		t.Errorf("another scheme: got %+v, %v, want what Else says", p, err)
	}
	inHeader := request("X-Api-Key", key)
	if _, err := alone.Authenticate(inHeader); !errors.Is(err, auth.ErrNoCredentials) {
		t.Errorf("in the other header: got %v", err)
	}
}

func TestBesideTokens(t *testing.T) {
	verifier, jwt := tokens(t)
	k := newKeys(t, newWatched(), nil)
	key := create(t, k).Text
	g := gate(t, verifier, k)
	for _, tc := range []struct {
		name, key, bearer string
		want              int
	}{
		{"neither", "", "", 401},
		{"key", key, "", 200},
		{"token", "", jwt, 200},
		{"P9 both", key, jwt, 400},
		{"P9 key and bad token", key, "x", 400},
		{"P9 bad key and token", "x", jwt, 400},
	} {
		r := request("")
		if tc.key != "" {
			r.Header.Set("X-API-Key", tc.key)
		}
		if tc.bearer != "" {
			r.Header.Set("Authorization", "Bearer "+tc.bearer)
		}
		w := httptest.NewRecorder()
		g.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).ServeHTTP(w, r)
		if w.Code != tc.want {
			t.Errorf("%s: got %d, want %d", tc.name, w.Code, tc.want)
		}
	}
}
