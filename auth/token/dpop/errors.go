package dpop

import (
	"errors"
	"net/http"

	"github.com/gopalisade/palisade/auth"
)

// The reasons to refuse a proof. Each comes inside an [auth.Error]; the token's own are those of package token, and an unbound
// or otherwise bound token is token.ErrBinding.
var (
	ErrProof    = errors.New("dpop: proof not accepted") // Reason says why
	ErrReplayed = errors.New("dpop: proof was used before")
	ErrNonce    = errors.New("dpop: proof has no nonce of ours") // the answer brings one
	ErrReplay   = errors.New("dpop: replay store failed")        // 503
	ErrFull     = errors.New("dpop: replay store is full")       // 503
)

// refuse says that the proof is at fault (RFC 9449 section 7.1).
func (a *Authenticator) refuse(reason string, err error) error {
	return &auth.Error{
		Kind: auth.ErrInvalid, Reason: reason, Scheme: scheme, Word: "invalid_dpop_proof", Params: a.params, Err: err,
	}
}

// wantNonce sends the client a nonce to try again with (section 9).
func (a *Authenticator) wantNonce() error {
	return &auth.Error{
		Kind: auth.ErrInvalid, Reason: "proof_nonce", Scheme: scheme, Word: "use_dpop_nonce", Params: a.params, Err: ErrNonce,
		Header: http.Header{"Dpop-Nonce": {a.Nonce()}},
	}
}

// own puts what a verifier, or its Check in words of its own, refused under our scheme.
func (a *Authenticator) own(err error) error {
	if !errors.Is(err, auth.ErrInvalid) || errors.Is(err, auth.ErrUnavailable) {
		return err
	}
	ours := auth.Error{Kind: auth.ErrInvalid, Reason: "check", Err: err}
	if e, ok := errors.AsType[*auth.Error](err); ok && e.Kind == auth.ErrInvalid {
		ours = *e
	}
	ours.Scheme, ours.Params = scheme, a.params
	return &ours
}
