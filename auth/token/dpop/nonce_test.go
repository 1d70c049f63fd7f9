package dpop_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/auth/token"
	"github.com/gopalisade/palisade/auth/token/dpop"
)

// X2: nonces.
func TestNonces(t *testing.T) {
	c := newClient(t, token.ES256)
	oldKey, newKey := []byte(strings.Repeat("o", 32)), []byte(strings.Repeat("n", 32))
	keys := func(keys ...[]byte) func(*dpop.Config) { return func(cfg *dpop.Config) { cfg.NonceKeys = keys } }
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Now().Truncate(2 * time.Minute).Add(2 * time.Minute)))
		s, old, stranger := newService(t, keys(newKey, oldKey)), newService(t, keys(oldKey)), newService(t, keys([]byte(strings.Repeat("x", 32))))
		tok := s.issue(t, c.bind)
		get := func(nonce any) *httptest.ResponseRecorder {
			return s.serve(request("GET", target, tok, c.proof(t, tok, func(_, claims map[string]any) {
				if claims["nonce"] = nonce; nonce == nil {
					delete(claims, "nonce")
				}
			})))
		}
		w := get(nil)
		first := w.Header().Get("DPoP-Nonce")
		want := `DPoP realm="api", error="use_dpop_nonce", algs="ES256 EdDSA"`
		if w.Code != 401 || w.Header().Get("WWW-Authenticate") != want || first == "" || first != s.dpop.Nonce() {
			t.Fatalf("got %d %v", w.Code, w.Header())
		}
		retired, foreign := old.dpop.Nonce(), stranger.dpop.Nonce()
		for _, tc := range []struct {
			name   string
			wait   time.Duration
			nonce  any
			status int
		}{
			{"given", 0, first, 200},
			{"again", time.Second, first, 200},
			{"by the key before", 0, retired, 200},
			{"by another key", 0, foreign, 401},
			{"empty", 0, "", 401},
			{"a number", 0, 1, 401},
			{"longer", 0, first + "A", 401},
			{"previous", 2 * time.Minute, first, 200},
			{"older", 2 * time.Minute, first, 401},
		} {
			time.Sleep(tc.wait)
			if w := get(tc.nonce); w.Code != tc.status {
				t.Errorf("%s: got %d, want %d", tc.name, w.Code, tc.status)
			}
		}
		if s.dpop.Nonce() == first {
			t.Error("the nonce stays")
		}
	})
	if got := newService(t, nil).dpop.Nonce(); got != "" {
		t.Errorf("got %q without keys", got)
	}
}
