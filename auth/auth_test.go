package auth_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/internal/conf"
	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/problem"
)

// keyed is an authenticator that looks at one header.
func keyed(name, scheme string) auth.Authenticator {
	return auth.AuthenticatorFunc(func(r *http.Request) (*auth.Principal, error) {
		switch v := r.Header.Get(name); v {
		case "":
			return nil, &auth.Error{Kind: auth.ErrNoCredentials, Scheme: scheme}
		case "good":
			return &auth.Principal{ID: name}, nil
		case "down":
			return nil, &auth.Error{Kind: auth.ErrUnavailable, Scheme: scheme, Err: errors.New("dsn=secret")}
		case "odd":
			return nil, errors.New("dsn=secret")
		case "plain":
			return nil, fmt.Errorf("wrapped: %w", auth.ErrInvalid)
		case "nil":
			return nil, nil
		}
		return &auth.Principal{ID: "must not be seen"}, &auth.Error{Kind: auth.ErrInvalid, Reason: "bad", Scheme: scheme}
	})
}

func newGate(t testing.TB) *auth.Gate {
	t.Helper()
	g, err := auth.New(auth.Config{By: []auth.Authenticator{keyed("A", "Bearer"), keyed("B", "ApiKey")}})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestGate(t *testing.T) {
	g := newGate(t)
	for _, tc := range []struct {
		name       string
		a, b       string
		wrap       int
		optional   int
		code       string
		challenges string
	}{
		{"nothing", "", "", 401, 200, "unauthenticated", `Bearer realm="api"|ApiKey realm="api"`},
		{"first", "good", "", 200, 200, "", ""},
		{"second", "", "good", 200, 200, "", ""},
		{"bad", "bad", "", 401, 401, "invalid_token", `Bearer realm="api", error="invalid_token"`},
		{"bad of another scheme", "", "bad", 401, 401, "invalid_token", `ApiKey realm="api"`},
		{"P9 both good", "good", "good", 400, 400, "invalid_request", `Bearer realm="api", error="invalid_request"`},
		{"P9 good and bad", "good", "bad", 400, 400, "invalid_request", `Bearer realm="api", error="invalid_request"`},
		{"H22 down", "down", "", 503, 503, "authentication_unavailable", ""},
		{"unknown error", "odd", "", 503, 503, "authentication_unavailable", ""},
		{"plain sentinel", "plain", "", 401, 401, "invalid_token", `Bearer realm="api", error="invalid_token"`},
		{"neither principal nor error", "nil", "", 503, 503, "authentication_unavailable", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for i, wrap := range []func(http.Handler) http.Handler{g.Wrap, g.Optional} {
				want := []int{tc.wrap, tc.optional}[i]
				var p *auth.Principal
				reached := false
				h := wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
					reached = true
					p, _ = auth.From(r.Context())
				}))
				r := httptest.NewRequest("GET", "/", nil)
				r.Header.Set("A", tc.a)
				r.Header.Set("B", tc.b)
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				if w.Code != want || reached != (want == 200) || (p != nil) != (tc.wrap == 200) {
					t.Errorf("got %d, reached %t with %+v; want %d", w.Code, reached, p, want)
				}
				if want == 200 {
					continue
				}
				if got := strings.Join(w.Header().Values("WWW-Authenticate"), "|"); got != tc.challenges {
					t.Errorf("got challenges %s, want %s", got, tc.challenges)
				}
				if body := w.Body.String(); !strings.Contains(body, tc.code) || strings.Contains(body, "secret") {
					t.Errorf("got %s, want %s", body, tc.code)
				}
				if want == 503 && w.Header().Get("Retry-After") == "" {
					t.Error("503 without Retry-After")
				}
			}
		})
	}
}

func TestNoErrorWithAPrincipal(t *testing.T) {
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("A", "bad")
	if p, err := newGate(t).Authenticate(r); p != nil || !errors.Is(err, auth.ErrInvalid) {
		t.Errorf("C6: got %+v, %v", p, err)
	}
}

func TestFaults(t *testing.T) {
	for _, tc := range []struct {
		name string
		cfg  auth.Config
		want int
	}{
		{"empty", auth.Config{}, 1},
		{"nil", auth.Config{By: []auth.Authenticator{nil}}, 1},
		{"realm", auth.Config{By: []auth.Authenticator{keyed("A", "B")}, Realm: `a"b`}, 1},
	} {
		if _, err := auth.New(tc.cfg); len(conf.All(err)) != tc.want {
			t.Errorf("%s: got %v, want %d faults", tc.name, err, tc.want)
		}
	}
}

func TestEvent(t *testing.T) {
	var got []event.Event
	ctx := event.WithRecorder(t.Context(), event.RecorderFunc(func(_ context.Context, e event.Event) { got = append(got, e) }))
	h := newGate(t).Wrap(http.NotFoundHandler())
	for _, v := range []string{"bad", "odd"} {
		r := httptest.NewRequest("GET", "/", nil).WithContext(ctx)
		r.Header.Set("A", v)
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
	if len(got) != 2 || got[0].Code != event.AuthnTokenFail || got[0].Reason != "bad" || got[1].Reason != "authentication_unavailable" {
		t.Errorf("got %+v", got)
	}
}

func TestPrincipal(t *testing.T) {
	if _, ok := auth.From(t.Context()); ok {
		t.Error("a principal from nowhere")
	}
	ctx := auth.WithPrincipal(t.Context(), &auth.Principal{ID: "u", RawClaims: `{"x":1}`})
	p, ok := auth.From(ctx)
	if !ok || p.ID != "u" {
		t.Errorf("got %+v", p)
	}
	var claims struct{ X int }
	if err := p.Claims(&claims); err != nil || claims.X != 1 {
		t.Errorf("got %+v, %v", claims, err)
	}
	if err := new(auth.Principal).Claims(&claims); !errors.Is(err, auth.ErrNoClaims) {
		t.Errorf("got %v", err)
	}
	if _, ok := auth.From(auth.WithPrincipal(ctx, nil)); ok {
		t.Error("nil does not hide the outer principal")
	}
	type other struct{}
	if ctx.Value(other{}) != nil || context.WithValue(ctx, other{}, 1).Value(other{}) != 1 {
		t.Error("other values are lost")
	}
}

func TestErrorText(t *testing.T) {
	e := &auth.Error{Kind: auth.ErrInvalid, Reason: "expired", Err: errors.New("cause")}
	if e.Error() != "auth: invalid credentials (expired): cause" {
		t.Errorf("got %s", e)
	}
	if p := problem.Of(&auth.Error{Kind: auth.ErrMalformed}); p.Status != 400 || len(p.Challenges) != 0 {
		t.Errorf("got %+v", p)
	}
}
