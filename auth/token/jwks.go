package token

import (
	"encoding/json"
	"net/http"
	"strconv"
	"sync/atomic"

	"github.com/gopalisade/palisade/problem"
)

// JWKS returns a handler that publishes the public keys that the ring holds at the time, cacheable for five minutes: a key that
// shall sign one day belongs into the ring as long before, or longer where verifiers cache longer (see [Keyring.Replace]). A
// ring of shared secrets has nothing to publish, and matches [ErrKey].
func JWKS(ring *Keyring) (http.Handler, error) {
	if !ring.made() || ring.Active().alg.symmetric() {
		return nil, unusable("the ring has no public keys")
	}
	return &publisher{ring: ring}, nil
}

// publisher renders a set once.
type publisher struct {
	ring *Keyring
	last atomic.Pointer[published]
}

type published struct {
	set  *keySet
	body []byte
}

func (p *publisher) body() []byte {
	set := p.ring.set.Load()
	if last := p.last.Load(); last != nil && last.set == set {
		return last.body
	}
	var out struct {
		Keys []jwk `json:"keys"`
	}
	for _, k := range set.keys {
		out.Keys = append(out.Keys, k.jwk())
	}
	body, _ := json.Marshal(out) // strings always marshal
	p.last.Store(&published{set, body})
	return body
}

func (p *publisher) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		problem.Write(w, r, &problem.Problem{Status: http.StatusMethodNotAllowed})
		return
	}
	body := p.body()
	h := w.Header()
	h.Set("Content-Type", "application/jwk-set+json")
	h.Set("Cache-Control", "public, max-age=300")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // the client is gone: nobody is left to tell
	}
}
