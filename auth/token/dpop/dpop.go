package dpop

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/token"
	"github.com/gopalisade/palisade/internal/ascii"
	"github.com/gopalisade/palisade/internal/jose"
)

const (
	scheme      = "DPoP"
	replaySlack = 5 * time.Second
)

// Authenticator accepts tokens that are bound to a key, from whoever has the key. It is an [auth.Authenticator], safe for
// concurrent use.
type Authenticator struct {
	verifier  *token.Verifier
	replay    ReplayStore
	bases     []target
	algs      []token.Alg
	window    time.Duration
	nonceKeys [][]byte
	params    string // of every challenge
	absent    *auth.Error
}

// Authenticate reads r's Authorization header, of the DPoP scheme, and its DPoP header (RFC 9449 section 7.1). Another
// scheme, or none, is [auth.ErrNoCredentials].
//
// What costs little comes first. A stranger can make us verify two signatures, his own proof's and the token's; the Verifier's
// Check hears only of requests from whoever has the key. The proof counts as used when nothing else is wrong with the request.
func (a *Authenticator) Authenticate(r *http.Request) (*auth.Principal, error) {
	tok, err := a.credential(r)
	if err != nil {
		return nil, err
	}
	p, err := a.proof(r, tok, time.Now())
	if err != nil {
		return nil, err
	}
	if !p.key.Verify(p.input, p.signature) {
		return nil, a.refuse("proof_signature", ErrProof)
	}
	principal, err := a.verifier.VerifyBound(r.Context(), tok, token.Confirmation{JKT: p.jkt})
	if err != nil {
		return nil, a.own(err)
	}
	// Check may have taken so long that the store has forgotten an earlier use.
	now := time.Now()
	if !p.timely(now, a.window) {
		return nil, a.refuse("proof_age", ErrProof)
	}
	// A proof is good until its iat plus the window, which is at most twice the window from now. The store gets a little
	// longer, for its own way and clock.
	fresh, err := a.replay.Use(r.Context(), p.use(), now.Add(2*a.window+replaySlack))
	switch {
	case err != nil:
		return nil, &auth.Error{Kind: auth.ErrUnavailable, Reason: "replay", Err: fmt.Errorf("%w: %w", ErrReplay, err)}
	case !fresh:
		return nil, a.refuse("proof_replayed", ErrReplayed)
	}
	return principal, nil
}

// credential returns the token of the one Authorization line. A scheme that something odd follows is ours all the same: what
// somebody sent as a credential must not pass as none.
func (a *Authenticator) credential(r *http.Request) (string, error) {
	lines := r.Header["Authorization"]
	if len(lines) == 0 || len(lines) == 1 && !hasScheme(lines[0]) {
		return "", a.absent
	}
	var tok string
	ok := len(lines) == 1
	if ok {
		tok, ok = strings.CutPrefix(lines[0][len(scheme):], " ")
		tok = strings.TrimLeft(tok, " ")
	}
	if !ok || !ascii.All(tok, "-._~+/=") {
		return "", &auth.Error{Kind: auth.ErrMalformed, Reason: "malformed_header", Scheme: scheme, Params: a.params}
	}
	return tok, nil
}

// hasScheme reports that an Authorization line begins with our scheme, and not with a longer one.
func hasScheme(line string) bool {
	if len(line) < len(scheme) || !strings.EqualFold(line[:len(scheme)], scheme) {
		return false
	}
	rest := line[len(scheme):]
	return rest == "" || !ascii.All(rest[:1], ascii.Tchar)
}

// proof reads the one DPoP header and holds it against the request: all of RFC 9449 section 4.3 that needs no signature.
func (a *Authenticator) proof(r *http.Request, tok string, now time.Time) (*proof, error) {
	lines := r.Header["Dpop"]
	if len(lines) != 1 {
		return nil, a.refuse("proof_count", ErrProof)
	}
	p, reason := parseProof(lines[0], a.algs)
	if reason != "" {
		return nil, a.refuse(reason, ErrProof)
	}
	hash := sha256.Sum256([]byte(tok))
	switch {
	case p.htm != r.Method:
		return nil, a.refuse("proof_method", ErrProof)
	case !a.names(p.htu, r):
		return nil, a.refuse("proof_url", ErrProof)
	case p.ath != jose.Encode(hash[:]):
		return nil, a.refuse("proof_token", ErrProof)
	case !a.goodNonce(p.nonce, now):
		return nil, a.wantNonce()
	case !p.timely(now, a.window):
		return nil, a.refuse("proof_age", ErrProof)
	case !p.readKey():
		return nil, a.refuse("proof_key", ErrProof)
	}
	return p, nil
}

// names reports that an htu is the request's URL, under one of our names.
func (a *Authenticator) names(htu string, r *http.Request) bool {
	got, ok := parseTarget(htu)
	if !ok {
		return false
	}
	for _, want := range a.bases {
		want.path = normalPath(want.path + r.URL.EscapedPath()) // http.StripPrefix may leave nothing of the path
		if got == want {
			return true
		}
	}
	return false
}

// use names one use of a proof. Another client's jti may be the same.
func (p *proof) use() [32]byte {
	return sha256.Sum256([]byte(p.jkt + "." + p.jti))
}
