package authtest_test

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/authtest"
	"github.com/gopalisade/palisade/auth/token"
	"github.com/gopalisade/palisade/rbac"
)

// spy is a test that is allowed to fail.
type spy struct {
	testing.TB
	failures []string
}

func (s *spy) Helper() {}

func (s *spy) Errorf(format string, args ...any) {
	s.failures = append(s.failures, fmt.Sprintf(format, args...))
}

type stopped struct{}

func (s *spy) Fatalf(format string, args ...any) {
	s.Errorf(format, args...)
	panic(stopped{})
}

func (s *spy) Fatal(args ...any) { s.Fatalf("%s", fmt.Sprint(args...)) }

// attack returns what Attack would have failed a test with.
func attack(t *testing.T, h http.Handler, good authtest.Good) []string {
	t.Helper()
	s := &spy{TB: t}
	func() {
		defer func() {
			if fault := recover(); fault != nil && fault != (stopped{}) {
				panic(fault)
			}
		}()
		authtest.Attack(s, h, good)
	}()
	return s.failures
}

// served is what stands behind the gates of this file.
var served = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})

func TestAStrictHandlerPasses(t *testing.T) {
	is := authtest.NewIssuer(t)
	good := authtest.Good{Token: is.Token(auth.Principal{ID: "u"}), Issuer: is}
	authtest.Attack(t, is.Gate().Wrap(served), good)
}

// lax is a middleware as it is often written: it lets one class of mistakes through.
func lax(accept func(r *http.Request) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !accept(r) {
			w.Header().Set("WWW-Authenticate", "Bearer")
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
}

func TestLaxHandlersAreCaught(t *testing.T) {
	is := authtest.NewIssuer(t)
	gate := is.Gate()
	tok := is.Token(auth.Principal{ID: "u"})
	good := authtest.Good{Token: tok, Issuer: is}
	strict := func(r *http.Request) bool { _, err := gate.Authenticate(r); return err == nil }
	first := func(r *http.Request) string {
		_, tok, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		return tok
	}
	key := ed25519.PublicKey(nil)
	for _, k := range publicKeys(t, is) {
		key = k
	}
	parse := func(r *http.Request, opts ...jwt.ParserOption) bool {
		_, err := jwt.Parse(first(r), func(t *jwt.Token) (any, error) {
			if t.Method.Alg() == "HS256" {
				return []byte(key), nil
			}
			return key, nil
		}, opts...)
		return err == nil
	}
	for _, tc := range []struct {
		name   string
		accept func(r *http.Request) bool
		want   []string // attacks that get through, among others
	}{
		{"everybody", func(*http.Request) bool { return true }, []string{"no credential", "no token", "HEAD", "expired", "alg none, unsigned"}},
		{"preflights of any kind", func(r *http.Request) bool { return r.Method == "OPTIONS" || strict(r) }, []string{"OPTIONS"}},
		{"the query", func(r *http.Request) bool { return r.URL.Query().Get("access_token") != "" || strict(r) }, []string{"in the query"}},
		{"the first of several headers", func(r *http.Request) bool {
			one := r.Clone(r.Context())
			one.Header["Authorization"] = []string{r.Header.Get("Authorization")}
			return strict(one)
		}, []string{"two lines, the good one first"}},
		{"a name of the front end", func(r *http.Request) bool { return r.Header.Get("X-Forwarded-User") != "" || strict(r) }, []string{"names of a front end"}},
		{"whatever a common parser accepts", func(r *http.Request) bool { return parse(r) }, []string{
			"a MAC with the public key, raw", "no expiry", "another audience", "another issuer", "a refresh token", "bound to a key",
			"a critical extension", "an ID token", "a line feed in the signature", "a key set elsewhere", "an unknown key",
		}},
		{"the same, with its options", func(r *http.Request) bool {
			return parse(r, jwt.WithValidMethods([]string{"EdDSA"}), jwt.WithExpirationRequired(), jwt.WithAudience(is.Audience), jwt.WithIssuer(is.Name))
		}, []string{"a refresh token", "a critical extension", "bound to a key", "a line feed in the signature"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := attack(t, lax(tc.accept), good)
			for _, name := range tc.want {
				if !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, "authtest: "+name+": got 200") }) {
					t.Errorf("got %q, want %q among them", got, name)
				}
			}
		})
	}
}

// publicKeys reads the issuer's Ed25519 keys as a stranger would.
func publicKeys(t *testing.T, is *authtest.Issuer) []ed25519.PublicKey {
	t.Helper()
	url, client := is.Serve()
	resp, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		t.Fatal(err)
	}
	keys, err := token.ParseJWKS(body)
	if err != nil || len(keys) != 2 || keys[0].ID() != "authtest" || keys[1].Alg() != token.ES256 {
		t.Fatalf("got %v, %v", keys, err)
	}
	_, x, _ := strings.Cut(string(body), `"crv":"Ed25519","x":"`)
	return []ed25519.PublicKey{decodeKey(t, x[:43])}
}

func decodeKey(t *testing.T, text string) ed25519.PublicKey {
	t.Helper()
	key, err := jwt.NewParser().DecodeSegment(text)
	if err != nil || len(key) != ed25519.PublicKeySize {
		t.Fatalf("got %d bytes, %v", len(key), err)
	}
	return key
}

func TestAttackNeedsWhatIsGood(t *testing.T) {
	is := authtest.NewIssuer(t)
	tok := is.Token(auth.Principal{ID: "u"})
	closed := lax(func(r *http.Request) bool { return r.Header.Get("Authorization") == "Bearer "+tok })
	for _, tc := range []struct {
		name string
		good authtest.Good
		want string
	}{
		{"nothing", authtest.Good{}, "needs a Token or an APIKey"},
		{"a token that is refused", authtest.Good{Token: is.Token(auth.Principal{ID: "u"})}, "the good token: got 401"},
		{"an issuer that is not trusted", authtest.Good{Token: tok, Issuer: is}, "signed again by Good.Issuer: got 401"},
		{"a token that is none", authtest.Good{Token: "a.b.c"}, "is no compact JWS"},
		{"a key that is refused", authtest.Good{APIKey: "pk_live_x"}, "the good API key: got 401"},
	} {
		if got := attack(t, closed, tc.good); len(got) != 1 || !strings.Contains(got[0], tc.want) {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
}

// TestAHandlerThatGivesUp: what refuses everything from some time on would refuse the attacks too.
func TestAHandlerThatGivesUp(t *testing.T) {
	is := authtest.NewIssuer(t)
	n := 0
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if n++; n > 2 {
			w.WriteHeader(http.StatusBadRequest)
		}
	})
	got := attack(t, h, authtest.Good{Token: is.Token(auth.Principal{ID: "u"}), Issuer: is})
	if len(got) != 1 || !strings.Contains(got[0], "after the attacks") {
		t.Errorf("got %q, want the good token refused after the attacks", got)
	}
	limited := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n++; n > 20 {
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		is.Gate().Wrap(served).ServeHTTP(w, r)
	})
	n = 0
	if got := attack(t, limited, authtest.Good{Token: is.Token(auth.Principal{ID: "u"})}); len(got) != 1 || !strings.Contains(got[0], "rate limits") {
		t.Errorf("got %q, want a word about limits", got)
	}
}

// TestMiddlewareForCORS answers every OPTIONS by itself, and reads a query.
func TestMiddlewareForCORS(t *testing.T) {
	is := authtest.NewIssuer(t)
	gate := is.Gate().Wrap(served)
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodOptions:
			w.WriteHeader(http.StatusNoContent)
		case r.URL.Query().Get("needed") == "":
			w.WriteHeader(http.StatusTeapot)
		default:
			gate.ServeHTTP(w, r)
		}
	})
	authtest.Attack(t, h, authtest.Good{
		Request: func() *http.Request { return httptest.NewRequest("GET", "/?needed=1", nil) },
		Token:   is.Token(auth.Principal{ID: "u"}), Issuer: is,
	})
}

func TestRefusalsAreJudged(t *testing.T) {
	is := authtest.NewIssuer(t)
	good := authtest.Good{Token: is.Token(auth.Principal{ID: "u"})}
	gate := is.Gate()
	for _, tc := range []struct {
		name   string
		status int
		want   string
	}{
		{"a 401 without a challenge", 401, "without WWW-Authenticate"},
		{"a crash", 500, "got 500, want 400 or 401"},
		{"a way out", 302, "got 302, want 400 or 401"},
	} {
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, err := gate.Authenticate(r); err != nil {
				w.WriteHeader(tc.status)
			}
		})
		if got := attack(t, h, good); len(got) < 20 || !strings.Contains(got[0], tc.want) {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
}

// TestAWrongBeliefIsCaughtBehindRoles: a credential that should not be believed, and is, is no less wrong for a role that is
// missing behind it.
func TestAWrongBeliefIsCaughtBehindRoles(t *testing.T) {
	is := authtest.NewIssuer(t)
	model, err := rbac.New(rbac.Config{
		Permissions: []string{"read"}, Roles: map[string]rbac.Role{"reader": {Allow: []string{"read"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	tok := is.Token(auth.Principal{ID: "u", Roles: []string{"reader"}})
	guarded := model.Require("read")(served)
	authtest.Attack(t, is.Gate().Wrap(guarded), authtest.Good{Token: tok, Issuer: is})

	credulous, err := auth.New(auth.Config{By: []auth.Authenticator{auth.AuthenticatorFunc(func(r *http.Request) (*auth.Principal, error) {
		tok, err := auth.BearerToken(r)
		if err != nil {
			return nil, err
		}
		claims := jwt.MapClaims{}
		if _, _, err := jwt.NewParser().ParseUnverified(tok, claims); err != nil {
			return nil, &auth.Error{Kind: auth.ErrInvalid, Scheme: "Bearer"}
		}
		p := &auth.Principal{ID: fmt.Sprint(claims["sub"])}
		if list, _ := claims["roles"].([]any); len(list) == 1 && list[0] == "reader" {
			p.Roles = []string{"reader"}
		}
		return p, nil
	})}})
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(attack(t, credulous.Wrap(guarded), authtest.Good{Token: tok, Issuer: is}), "\n")
	for _, want := range []string{
		"expired: got 200", "another audience: got 200", "alg none, unsigned: got 200", "more rights under the old signature: got 403",
		"a MAC with the public key, PEM: got 200",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got %s\nwant %q in it", got, want)
		}
	}
}

func TestAPIKeys(t *testing.T) {
	const key = "pk_live_AbCdEf0123456789"
	is := authtest.NewIssuer(t)
	exact := auth.AuthenticatorFunc(func(r *http.Request) (*auth.Principal, error) {
		switch lines := r.Header["X-Api-Key"]; {
		case len(lines) == 0:
			return nil, &auth.Error{Kind: auth.ErrNoCredentials, Scheme: "ApiKey"}
		case len(lines) == 1 && lines[0] == key:
			return &auth.Principal{ID: "machine"}, nil
		}
		return nil, &auth.Error{Kind: auth.ErrInvalid, Scheme: "ApiKey"}
	})
	gate, err := auth.New(auth.Config{By: []auth.Authenticator{exact, is.Gate()}})
	if err != nil {
		t.Fatal(err)
	}
	good := authtest.Good{APIKey: key, Token: is.Token(auth.Principal{ID: "u"}), Issuer: is}
	authtest.Attack(t, gate.Wrap(served), good)

	prefix := lax(func(r *http.Request) bool {
		return strings.HasPrefix(strings.ToLower(r.Header.Get("X-API-Key")+r.URL.Query().Get("api_key")), strings.ToLower(key))
	})
	got := strings.Join(attack(t, prefix, authtest.Good{APIKey: key}), "\n")
	for _, name := range []string{"key in the query", "key longer by one", "key in upper case", "key twice"} {
		if !strings.Contains(got, name) {
			t.Errorf("got %q, want %q among them", got, name)
		}
	}
}

func TestWithPrincipal(t *testing.T) {
	r := authtest.WithPrincipal(httptest.NewRequest("GET", "/", nil), &auth.Principal{ID: "u"})
	if p, ok := auth.From(r.Context()); !ok || p.ID != "u" {
		t.Errorf("got %v, %t", p, ok)
	}
}

func TestKeysAreTheSameInEveryRun(t *testing.T) {
	a, b := authtest.NewIssuer(t), authtest.NewIssuer(t)
	if a.Sign("{}", "{}") != b.Sign("{}", "{}") {
		t.Error("two issuers sign differently")
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Authorization", "Bearer "+a.Token(auth.Principal{ID: "u"}))
	if _, err := b.Gate().Authenticate(r); err != nil {
		t.Error(err)
	}
}
