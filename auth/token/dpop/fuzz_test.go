package dpop_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/auth/token"
	"github.com/gopalisade/palisade/auth/token/dpop"
)

// FuzzProof signs any header and claims with the right key: only what says exactly this request is accepted.
func FuzzProof(f *testing.F) {
	c := newClient(f, token.ES256)
	s := newService(f, func(cfg *dpop.Config) { cfg.Replay = dpop.NewMemory(1 << 20) })
	tok := s.issue(f, c.bind)
	jwk, err := json.Marshal(c.jwk)
	must(f, err)
	const head = `{"typ":"dpop+jwt","alg":"ES256","jwk":JWK}`
	const claims = `{"jti":"j","htm":"GET","htu":"` + target + `","iat":NOW,"ath":"ATH"}`
	f.Add(head, claims)
	f.Add(strings.Replace(head, "ES256", "none", 1), claims)
	f.Add(strings.Replace(head, `"typ"`, `"typ":"x","TYP"`, 1), claims)
	f.Add(head, strings.Replace(claims, `"htm"`, `"htm":"POST","htm"`, 1))
	f.Add(head, strings.Replace(claims, "orders", "x/../%6frders?a#b", 1))
	f.Add(head, strings.Replace(claims, "api.", "API.", 1))
	f.Fuzz(func(t *testing.T, head, claims string) {
		now := time.Now().Unix()
		num, _ := json.Marshal(now)
		head = strings.ReplaceAll(head, "JWK", string(jwk))
		claims = strings.NewReplacer("NOW", string(num), "ATH", athOf(tok)).Replace(claims)
		proof := c.sign(t, head, claims)
		p, err := s.dpop.Authenticate(request("GET", target, tok, proof))
		if err != nil {
			if p != nil {
				t.Error("a refusal came with a principal")
			}
			return
		}
		var h struct{ Typ, Alg string }
		var b struct {
			JTI, HTM, HTU, ATH string
			IAT                float64
		}
		if json.Unmarshal([]byte(head), &h) != nil || json.Unmarshal([]byte(claims), &b) != nil {
			t.Fatalf("accepted what is no JSON: %q %q", head, claims)
		}
		u, err := url.Parse(b.HTU)
		if h.Typ != "dpop+jwt" || h.Alg != "ES256" || b.JTI == "" || len(b.JTI) > 128 || b.HTM != "GET" || b.ATH != athOf(tok) ||
			b.IAT < float64(now-62) || b.IAT > float64(now+62) || err != nil || !strings.EqualFold(u.Scheme, "https") ||
			!strings.EqualFold(u.Hostname(), "api.example.com") || u.Path != "/orders" {
			t.Errorf("accepted for another request: %s %s", head, claims)
		}
		if _, err := s.dpop.Authenticate(request("GET", target, tok, proof)); err == nil {
			t.Errorf("accepted twice: %s %s", head, claims)
		}
	})
}

// FuzzForged: without the client's key, nothing is a proof.
func FuzzForged(f *testing.F) {
	c := newClient(f, token.EdDSA)
	s := newService(f, nil)
	tok := s.issue(f, c.bind)
	f.Add("")
	f.Add("a.b.c")
	thief := newClient(f, token.EdDSA)
	thief.jwk = c.jwk
	f.Add(thief.proof(f, tok, nil))
	f.Fuzz(func(t *testing.T, proof string) {
		if p, err := s.dpop.Authenticate(request("GET", target, tok, proof)); err == nil || p != nil {
			t.Errorf("accepted without the key: %q", proof)
		}
	})
}
