package headers

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"net/http"

	"github.com/gopalisade/palisade/internal/around"
)

// nonceState is one response whose policy has a [NonceSource].
type nonceState struct {
	context.Context
	policy *Policy
	header http.Header
	nonce  string
}

type nonceKey struct{}

func (s *nonceState) Value(key any) any {
	if key == (nonceKey{}) {
		return s
	}
	return s.Context.Value(key)
}

// wrapNonce is Wrap for a policy with a nonce. Until the handler asks for it the header allows no inline script at all.
func (p *Policy) wrapNonce(next http.Handler) http.Handler {
	return around.New(next, func(w http.ResponseWriter, r *http.Request) {
		p.Set(w.Header(), r)
		next.ServeHTTP(w, r.WithContext(&nonceState{Context: r.Context(), policy: p, header: w.Header()}))
	})
}

// Nonce returns the response's nonce for the script and style tags of a template, the same at every call. It writes the
// policy that allows it, so it must be called before the header is sent and on the handler's goroutine. It returns the
// empty string where no policy around r has a [NonceSource].
//
// The first call draws 144 random bits and sets Cache-Control: no-store unless the handler chose otherwise: a cached page
// would carry a nonce that the next response's header does not allow. For the same reason it removes ETag and
// Last-Modified, which would turn the next answer into a 304 with another nonce.
func Nonce(r *http.Request) string {
	s, ok := r.Context().Value(nonceKey{}).(*nonceState)
	if !ok {
		return ""
	}
	if s.nonce != "" {
		return s.nonce
	}
	var random [18]byte
	_, _ = rand.Read(random[:]) // never fails: crypto/rand ends the program rather than return an error
	s.nonce = base64.RawURLEncoding.EncodeToString(random[:])
	p := s.policy
	if p.enforced.nonced() {
		s.header[cspName] = []string{p.enforced.render(s.nonce)}
	}
	if p.reported.nonced() {
		s.header[cspReportName] = []string{p.reported.render(s.nonce)}
	}
	if have := s.header.Get("Cache-Control"); have == "" || have == p.cfg.CacheControl {
		s.header.Set("Cache-Control", "no-store")
	}
	s.header.Del("Etag")
	s.header.Del("Last-Modified")
	return s.nonce
}
