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

const scheme = "DPoP"

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
// What costs little comes first: a stranger makes us verify one signature, the token's, and only who brings a good token that
// is bound to the proof's key a second. The proof counts as used when nothing else is wrong with the request.
func (a *Authenticator) Authenticate(r *http.Request) (*auth.Principal, error) {
	tok, err := a.credential(r)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	p, err := a.proof(r, tok, now)
	if err != nil {
		return nil, err
	}
	principal, err := a.verifier.VerifyBound(r.Context(), tok, token.Confirmation{JKT: p.jkt})
	if err != nil {
		return nil, a.own(err)
	}
	if !p.key.Verify(p.input, p.signature) {
		return nil, a.refuse("proof_signature", ErrProof)
	}
	// A proof is good until its iat plus the window, which is at most twice the window from now.
	fresh, err := a.replay.Use(r.Context(), p.use(), now.Add(2*a.window+time.Second))
	switch {
	case err != nil:
		return nil, &auth.Error{Kind: auth.ErrUnavailable, Reason: "replay", Err: fmt.Errorf("%w: %w", ErrReplay, err)}
	case !fresh:
		return nil, a.refuse("proof_replayed", ErrReplayed)
	}
	return principal, nil
}

// credential returns the token of the one Authorization line.
func (a *Authenticator) credential(r *http.Request) (string, error) {
	lines := r.Header["Authorization"]
	if len(lines) == 0 {
		return "", a.absent
	}
	name, tok, _ := strings.Cut(lines[0], " ")
	if len(lines) == 1 && !strings.EqualFold(name, scheme) {
		return "", a.absent
	}
	tok = strings.TrimLeft(tok, " ")
	if len(lines) > 1 || !ascii.All(tok, "-._~+/=") {
		return "", &auth.Error{Kind: auth.ErrMalformed, Reason: "malformed_header", Scheme: scheme, Params: a.params}
	}
	return tok, nil
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
	age := now.Unix() - p.iat
	window := int64(a.window / time.Second)
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
	case age > window || -age > window, p.exp != 0 && now.Unix() >= p.exp, p.nbf > now.Unix()+window:
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
	path := normalPath(r.URL.EscapedPath())
	for _, want := range a.bases {
		want.path += path
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
