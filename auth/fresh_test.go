package auth_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/auth"
)

func TestRequireFresh(t *testing.T) {
	ago := func(d time.Duration) func() *auth.Principal {
		return func() *auth.Principal { return &auth.Principal{ID: "u", AuthTime: time.Now().Add(-d), ACR: "2"} }
	}
	const age = 5 * time.Minute
	stale := `Bearer realm="api", error="insufficient_user_authentication", max_age="300"`
	for _, tc := range []struct {
		name      string
		who       func() *auth.Principal
		maxAge    time.Duration
		acr       []string
		status    int
		challenge string
	}{
		{"just now", ago(0), age, nil, 200, ""},
		{"to the second", ago(age), age, nil, 200, ""},
		{"too long ago", ago(age + 1), age, nil, 401, stale},
		{"clocks disagree a little", ago(-time.Minute), age, nil, 200, ""},
		{"in the future", ago(-time.Minute - 1), age, nil, 401, stale},
		{"unknown when", func() *auth.Principal { return &auth.Principal{ID: "key"} }, age, nil, 401, stale},
		{"nobody", func() *auth.Principal { return nil }, age, nil, 401, `Bearer realm="api"`},
		{"strong enough", ago(0), age, []string{"3", "2"}, 200, ""},
		{"strong, whenever", ago(time.Hour), 0, []string{"2"}, 200, ""},
		{"too weak", ago(0), 0, []string{"3", "4"}, 401, `Bearer realm="api", error="insufficient_user_authentication", acr_values="3 4"`},
		{
			"weak and old", ago(time.Hour), age,
			[]string{"3"},
			401,
			`Bearer realm="api", error="insufficient_user_authentication", acr_values="3", max_age="300"`,
		},
		{"nothing asked for", ago(0), 0, nil, 500, ""},
		{"negative age", ago(0), -1, []string{"2"}, 500, ""},
		{"less than a second", ago(0), time.Second / 2, nil, 500, ""},
		{"empty acr", ago(0), age, []string{""}, 500, ""},
		{"acr with a quote", ago(0), age, []string{`2" x="`}, 500, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newGate(t).RequireFresh(tc.maxAge, tc.acr...)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
				r := httptest.NewRequest("GET", "/", nil)
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r.WithContext(auth.WithPrincipal(r.Context(), tc.who())))
				if w.Code != tc.status || w.Header().Get("WWW-Authenticate") != tc.challenge {
					t.Errorf("got %d %q, want %d %q", w.Code, w.Header().Get("WWW-Authenticate"), tc.status, tc.challenge)
				}
				if w.Code == 401 && tc.challenge != `Bearer realm="api"` && !strings.Contains(w.Body.String(), `"insufficient_user_authentication"`) {
					t.Errorf("got %s", w.Body)
				}
			})
		})
	}
}

func TestErrorHasAWordAndHeaders(t *testing.T) {
	e := &auth.Error{
		Kind: auth.ErrInvalid, Scheme: "DPoP", Word: "use_dpop_nonce", Params: `algs="ES256"`,
		Header: http.Header{"Dpop-Nonce": {"n"}},
	}
	p := e.Problem()
	if want := `DPoP error="use_dpop_nonce", algs="ES256"`; len(p.Challenges) != 1 || p.Challenges[0] != want || p.Header.Get("DPoP-Nonce") != "n" {
		t.Errorf("got %v %v, want %s", p.Challenges, p.Header, want)
	}
}

func TestRequireFreshSpeaksTheClientsScheme(t *testing.T) {
	h := newGate(t).RequireFresh(time.Minute)(http.NotFoundHandler())
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Authorization", "dpop x")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r.WithContext(auth.WithPrincipal(r.Context(), &auth.Principal{ID: "u"})))
	if got := w.Header().Get("WWW-Authenticate"); !strings.HasPrefix(got, `DPoP realm="api", error="insufficient_user_authentication"`) {
		t.Errorf("got %q, want a DPoP challenge", got)
	}
}

// TestACauseIsNoKind: an error says what it is by its Kind, and not by what its cause happens to wrap.
func TestACauseIsNoKind(t *testing.T) {
	for _, tc := range []struct {
		name string
		err  error
		want int
	}{
		{"a store that has no credentials itself", &auth.Error{Kind: auth.ErrUnavailable, Err: auth.ErrNoCredentials}, 503},
		{"two kinds at once", errors.Join(auth.ErrNoCredentials, auth.ErrInvalid), 401},
		{"ours above all", errors.Join(auth.ErrInvalid, auth.ErrUnavailable), 503},
		{"plainly none", auth.ErrNoCredentials, 200},
		{"none, wrapped", fmt.Errorf("front: %w", auth.ErrNoCredentials), 200},
		{"joined errors of two kinds", errors.Join(&auth.Error{Kind: auth.ErrNoCredentials}, &auth.Error{Kind: auth.ErrInvalid}), 401},
		{"joined with our fault", errors.Join(&auth.Error{Kind: auth.ErrNoCredentials}, &auth.Error{Kind: auth.ErrUnavailable}), 503},
		{"anything else", errors.New("x"), 503},
	} {
		gate, err := auth.New(auth.Config{By: []auth.Authenticator{
			auth.AuthenticatorFunc(func(*http.Request) (*auth.Principal, error) { return nil, tc.err }),
		}})
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		gate.Optional(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		if w.Code != tc.want {
			t.Errorf("%s: got %d, want %d", tc.name, w.Code, tc.want)
		}
	}
}
