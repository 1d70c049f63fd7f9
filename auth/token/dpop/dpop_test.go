package dpop_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/token"
	"github.com/gopalisade/palisade/auth/token/dpop"
)

func TestAccepted(t *testing.T) {
	for _, alg := range []token.Alg{token.ES256, token.EdDSA, token.PS256} {
		t.Run(string(alg), func(t *testing.T) {
			s := newService(t, func(cfg *dpop.Config) { cfg.Algs = []token.Alg{token.ES256, token.EdDSA, token.PS256} })
			c := newClient(t, alg)
			tok := s.issue(t, c.bind)
			for range 3 {
				if w := s.serve(request("GET", target, tok, c.proof(t, tok, nil))); w.Code != 200 || w.Body.String() != "u1" {
					t.Errorf("got %d %s %v", w.Code, w.Body, w.Header())
				}
			}
		})
	}
}

// An algorithm that is not in the list is refused, however good the proof.
func TestAlgorithms(t *testing.T) {
	s, c := newService(t, nil), newClient(t, token.PS256)
	tok := s.issue(t, c.bind)
	if _, err := s.dpop.Authenticate(request("GET", target, tok, c.proof(t, tok, nil))); token.Reason(err) != "proof_header" {
		t.Errorf("got %v, want proof_header", err)
	}
	// Nor is one that the key itself says not to serve.
	s = newService(t, func(cfg *dpop.Config) { cfg.Algs = []token.Alg{token.PS256, token.RS256} })
	tok = s.issue(t, c.bind)
	for alg, want := range map[string]string{"PS256": "", "RS256": "proof_key"} {
		proof := c.proof(t, tok, func(head, _ map[string]any) { head["jwk"].(map[string]any)["alg"] = alg })
		if _, err := s.dpop.Authenticate(request("GET", target, tok, proof)); token.Reason(err) != want {
			t.Errorf("%s: got %v, want %q", alg, err, want)
		}
	}
}

// X1: everything about the proof that does not fit.
func TestProofs(t *testing.T) {
	c, other := newClient(t, token.ES256), newClient(t, token.ES256)
	edited := func(change func(head, claims map[string]any)) func(*testing.T, string) []string {
		return func(t *testing.T, tok string) []string { return []string{c.proof(t, tok, change)} }
	}
	head := func(name string, value any) func(*testing.T, string) []string {
		return edited(func(head, _ map[string]any) { head[name] = value })
	}
	claim := func(name string, value any) func(*testing.T, string) []string {
		return edited(func(_, claims map[string]any) { claims[name] = value })
	}
	without := func(name string) func(*testing.T, string) []string {
		return edited(func(head, claims map[string]any) { delete(head, name); delete(claims, name) })
	}
	jwk := func(name string, value any) func(*testing.T, string) []string {
		return edited(func(head, _ map[string]any) { head["jwk"].(map[string]any)[name] = value })
	}
	now := time.Now().Unix()
	for _, tc := range []struct {
		name   string
		proofs func(t *testing.T, tok string) []string
		reason string // "" accepted
	}{
		{"good", edited(nil), ""},
		{"none", func(*testing.T, string) []string { return nil }, "proof_count"},
		{"two", func(t *testing.T, tok string) []string { return []string{c.proof(t, tok, nil), c.proof(t, tok, nil)} }, "proof_count"},
		{"two in one line", func(t *testing.T, tok string) []string {
			return []string{c.proof(t, tok, nil) + ", " + c.proof(t, tok, nil)}
		}, "proof_malformed"},
		{"empty", func(*testing.T, string) []string { return []string{""} }, "proof_malformed"},
		{"dots", func(*testing.T, string) []string { return []string{strings.Repeat(".", 5000)} }, "proof_malformed"},
		{"too long", func(t *testing.T, tok string) []string {
			return []string{c.proof(t, tok, nil) + strings.Repeat("A", 8192)}
		}, "proof_malformed"},
		{"no base64", func(*testing.T, string) []string { return []string{"a!.b.c"} }, "proof_malformed"},
		{"the token itself", func(_ *testing.T, tok string) []string { return []string{tok} }, "proof_header"},
		{"typ of a token", head("typ", "at+jwt"), "proof_header"},
		{"typ JWT", head("typ", "JWT"), "proof_header"},
		{"typ in another case", head("typ", "DPoP+JWT"), "proof_header"},
		{"no typ", without("typ"), "proof_header"},
		{"alg none", head("alg", "none"), "proof_header"},
		{"alg HMAC", head("alg", "HS256"), "proof_header"},
		{"alg not in the list", head("alg", "ES384"), "proof_header"},
		{"alg of another key", head("alg", "EdDSA"), "proof_key"},
		{"no alg", without("alg"), "proof_header"},
		{"no jwk", without("jwk"), "proof_key"},
		{"jwk with the private half", jwk("d", "AAAA"), "proof_key"},
		{"jwk a shared secret", head("jwk", map[string]any{"kty": "oct", "k": strings.Repeat("A", 43)}), "proof_key"},
		{"jwk of another algorithm", jwk("alg", "ES384"), "proof_key"},
		{"jwk of the same algorithm", jwk("alg", "ES256"), ""},
		{"jwk for encryption", jwk("use", "enc"), "proof_key"},
		{"jwk off the curve", jwk("x", strings.Repeat("A", 43)), "proof_key"},
		{"jwk a string", head("jwk", "x"), "proof_key"},
		{"crit", head("crit", []string{"x"}), "proof_header"},
		{"b64", head("b64", false), "proof_header"},
		{"kid", head("kid", "x"), "proof_header"},
		{"jku", head("jku", "https://evil.example"), "proof_header"},
		{"TYP", head("TYP", "x"), "proof_header"},
		{"unknown member", head("x", 1), ""},
		{"long header", head("x", strings.Repeat("x", 4000)), "proof_malformed"},
		{"no jti", without("jti"), "proof_claims"},
		{"empty jti", claim("jti", ""), "proof_claims"},
		{"jti a number", claim("jti", 1), "proof_claims"},
		{"jti of 128 bytes", claim("jti", strings.Repeat("j", 128)), ""},
		{"jti of 129 bytes", claim("jti", strings.Repeat("j", 129)), "proof_claims"},
		{"no htm", without("htm"), "proof_claims"},
		{"no htu", without("htu"), "proof_claims"},
		{"no iat", without("iat"), "proof_claims"},
		{"iat a string", claim("iat", "1"), "proof_claims"},
		{"no ath", without("ath"), "proof_claims"},
		{"IAT", claim("IAT", now), "proof_claims"},
		{"unknown claim", claim("x", 1), ""},
		{"another method", claim("htm", "POST"), "proof_method"},
		{"method in another case", claim("htm", "get"), "proof_method"},
		{"another path", claim("htu", base+"/other"), "proof_url"},
		{"longer path", claim("htu", target+"/"), "proof_url"},
		{"another host", claim("htu", "https://evil.example/orders"), "proof_url"},
		{"another scheme", claim("htu", "http://api.example.com/orders"), "proof_url"},
		{"another port", claim("htu", "https://api.example.com:444/orders"), "proof_url"},
		{"user", claim("htu", "https://u@api.example.com/orders"), "proof_url"},
		{"no URL", claim("htu", "://"), "proof_url"},
		{"path only", claim("htu", "/orders"), "proof_url"},
		{"path in another case", claim("htu", base+"/ORDERS"), "proof_url"},
		{"default port", claim("htu", "https://api.example.com:443/orders"), ""},
		{"empty port", claim("htu", "https://api.example.com:/orders"), ""},
		{"host in another case", claim("htu", "HTTPS://API.example.COM/orders"), ""},
		{"query", claim("htu", target+"?a=b"), ""},
		{"fragment", claim("htu", target+"#a"), ""},
		{"encoded letter", claim("htu", base+"/%6frders"), ""},
		{"wrong ath", claim("ath", strings.Repeat("A", 43)), "proof_token"},
		{"padded ath", edited(func(_, claims map[string]any) { claims["ath"] = claims["ath"].(string) + "=" }), "proof_token"},
		{"iat a minute ago", claim("iat", now-55), ""},
		{"iat too long ago", claim("iat", now-62), "proof_age"},
		{"iat in a minute", claim("iat", now+55), ""},
		{"iat too far ahead", claim("iat", now+65), "proof_age"},
		{"exp past", claim("exp", now-1), "proof_age"},
		{"exp ahead", claim("exp", now+60), ""},
		{"nbf far ahead", claim("nbf", now+600), "proof_age"},
		{"another key", func(t *testing.T, tok string) []string { return []string{other.proof(t, tok, nil)} }, "binding"},
		{"another key's signature", func(t *testing.T, tok string) []string {
			forged := *other
			forged.jwk = c.jwk
			return []string{forged.proof(t, tok, nil)}
		}, "proof_signature"},
		{"no signature", func(t *testing.T, tok string) []string {
			p := c.proof(t, tok, nil)
			return []string{p[:strings.LastIndexByte(p, '.')+1]}
		}, "proof_signature"},
		{"line feed", func(t *testing.T, tok string) []string { return []string{c.proof(t, tok, nil) + "\n"} }, "proof_malformed"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newService(t, nil)
			tok := s.issue(t, c.bind)
			p, err := s.dpop.Authenticate(request("GET", target, tok, tc.proofs(t, tok)...))
			if got := token.Reason(err); got != tc.reason || (p == nil) != (err != nil) {
				t.Fatalf("got %q (%v), want %q", got, err, tc.reason)
			}
			if tc.reason == "" {
				return
			}
			if !errors.Is(err, auth.ErrInvalid) || tc.reason != "binding" && !errors.Is(err, dpop.ErrProof) {
				t.Errorf("got %v, want ErrProof", err)
			}
			w := s.serve(request("GET", target, tok, tc.proofs(t, tok)...))
			word := "invalid_dpop_proof"
			if tc.reason == "binding" {
				word = "invalid_token"
			}
			want := `DPoP realm="api", error="` + word + `", algs="ES256 EdDSA"`
			if got := w.Header().Get("WWW-Authenticate"); w.Code != 401 || got != want {
				t.Errorf("got %d %s, want 401 %s", w.Code, got, want)
			}
			// Nothing was burned: a good proof with that jti still counts.
			if tc.reason == "proof_signature" || tc.reason == "proof_age" {
				jti := func(_, claims map[string]any) { claims["jti"] = "once" }
				_, _ = s.dpop.Authenticate(request("POST", target, tok, c.proof(t, tok, jti)))
				if _, err := s.dpop.Authenticate(request("GET", target, tok, c.proof(t, tok, jti))); err != nil {
					t.Errorf("a refused proof was burned: %v", err)
				}
			}
		})
	}
}

// X1, H16: one gate, two schemes.
func TestSchemes(t *testing.T) {
	s := newService(t, nil)
	c := newClient(t, token.ES256)
	bound, plain := s.issue(t, c.bind), s.issue(t, token.Confirmation{})
	x5t := s.issue(t, token.Confirmation{X5T: c.bind.JKT})
	both := s.issue(t, token.Confirmation{JKT: c.bind.JKT, X5T: c.bind.JKT})
	const algs = `algs="ES256 EdDSA"`
	for _, tc := range []struct {
		name   string
		lines  []string
		tok    string // that the proof is for
		status int
		want   string
	}{
		{"nothing", nil, bound, 401, `Bearer realm="api"|DPoP realm="api", ` + algs},
		{"DPoP", []string{"DPoP " + bound}, bound, 200, ""},
		{"DPoP in another case", []string{"dpop  " + bound}, bound, 200, ""},
		{"Bearer", []string{"Bearer " + plain}, plain, 200, ""},
		{"H16 bound under Bearer", []string{"Bearer " + bound}, bound, 401, `Bearer realm="api", error="invalid_token"`},
		{"unbound under DPoP", []string{"DPoP " + plain}, plain, 401, `DPoP realm="api", error="invalid_token", ` + algs},
		{"bound to a certificate", []string{"DPoP " + x5t}, x5t, 401, `DPoP realm="api", error="invalid_token", ` + algs},
		{"bound to both", []string{"DPoP " + both}, both, 401, `DPoP realm="api", error="invalid_token", ` + algs},
		{"both schemes", []string{"DPoP " + bound, "Bearer " + plain}, bound, 400, `Bearer realm="api", error="invalid_request"`},
		{"two lines", []string{"DPoP " + bound, "DPoP " + bound}, bound, 400, `Bearer realm="api", error="invalid_request"`},
		{"no token", []string{"DPoP"}, bound, 400, `DPoP realm="api", error="invalid_request", ` + algs},
		{"tab", []string{"DPoP\t" + bound}, bound, 400, `DPoP realm="api", error="invalid_request", ` + algs},
		{"comma", []string{"DPoP," + bound}, bound, 400, `DPoP realm="api", error="invalid_request", ` + algs},
		{"equals sign", []string{"DPoP=" + bound}, bound, 400, `DPoP realm="api", error="invalid_request", ` + algs},
		{"spaces only", []string{"DPoP  "}, bound, 400, `DPoP realm="api", error="invalid_request", ` + algs},
		{"two tokens", []string{"DPoP " + bound + ", " + bound}, bound, 400, `DPoP realm="api", error="invalid_request", ` + algs},
		{"another scheme", []string{"DPoPX " + bound}, bound, 401, `Bearer realm="api"|DPoP realm="api", ` + algs},
		{"not a token", []string{"DPoP x"}, "x", 401, `DPoP realm="api", error="invalid_token", ` + algs},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := request("GET", target, "", c.proof(t, tc.tok, nil))
			r.Header["Authorization"] = tc.lines
			w := s.serve(r)
			if got := strings.Join(w.Header().Values("WWW-Authenticate"), "|"); w.Code != tc.status || got != tc.want {
				t.Errorf("got %d %s, want %d %s", w.Code, got, tc.status, tc.want)
			}
		})
	}
	if _, err := s.dpop.Authenticate(&http.Request{Header: http.Header{"Authorization": {"DPoP x", "y"}}}); !errors.Is(err, auth.ErrMalformed) {
		t.Errorf("got %v, want ErrMalformed", err)
	}
}

// Check hears of requests from whoever has the key only, and its refusals come under our scheme.
func TestCheck(t *testing.T) {
	s := newService(t, nil)
	c, thief := newClient(t, token.ES256), newClient(t, token.ES256)
	thief.jwk = c.jwk
	tok := s.issue(t, c.bind)
	const challenge = `DPoP realm="api", error="invalid_token", algs="ES256 EdDSA"`
	for _, tc := range []struct {
		name      string
		client    *client
		says      error
		calls     int
		status    int
		challenge string
	}{
		{"good", c, nil, 1, 200, ""},
		{"revoked", c, &auth.Error{Kind: auth.ErrInvalid, Scheme: "Bearer"}, 1, 401, challenge},
		{"revoked, in other words", c, fmt.Errorf("gone: %w", auth.ErrInvalid), 1, 401, challenge},
		{"down", c, fmt.Errorf("gone: %w", auth.ErrUnavailable), 1, 503, ""},
		{"another error", c, errors.New("gone"), 1, 503, ""},
		{"without the key", thief, nil, 0, 401, strings.Replace(challenge, "invalid_token", "invalid_dpop_proof", 1)},
	} {
		calls := 0
		a := s.checked(t, func(context.Context, *auth.Principal) error { calls++; return tc.says })
		gate, err := auth.New(auth.Config{By: []auth.Authenticator{a}})
		must(t, err)
		w := httptest.NewRecorder()
		gate.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).
			ServeHTTP(w, request("GET", target, tok, tc.client.proof(t, tok, nil)))
		if got := w.Header().Get("WWW-Authenticate"); w.Code != tc.status || got != tc.challenge || calls != tc.calls {
			t.Errorf("%s: got %d %s after %d calls, want %d %s after %d",
				tc.name, w.Code, got, calls, tc.status, tc.challenge, tc.calls)
		}
	}
}
