package token

import (
	"errors"

	"github.com/gopalisade/palisade/auth"
)

// The reasons to refuse a token. Each comes inside an [auth.Error] of the kind [auth.ErrInvalid]; the client learns only
// that the token is invalid.
var (
	ErrMalformed   = errors.New("token: malformed")                     // not the compact serialisation, or not strict JSON
	ErrHeader      = errors.New("token: header not accepted")           // crit, b64, embedded keys
	ErrType        = errors.New("token: not an access token")           // typ is not at+jwt
	ErrAlgorithm   = errors.New("token: algorithm is not the key's")    // alg disagrees with the key
	ErrUnknownKey  = errors.New("token: unknown key")                   // kid names no key of the source
	ErrSignature   = errors.New("token: signature does not hold")       // the payload was not looked at
	ErrClaims      = errors.New("token: claim missing or misshapen")    // required: iss, sub, aud, exp, iat, jti
	ErrExpired     = errors.New("token: expired")                       // exp
	ErrNotYetValid = errors.New("token: not yet valid")                 // nbf or iat in the future
	ErrLifetime    = errors.New("token: lifetime exceeds the maximum")  // exp - iat
	ErrIssuer      = errors.New("token: wrong issuer")                  // iss
	ErrAudience    = errors.New("token: wrong audience")                // aud
	ErrBinding     = errors.New("token: bound to a key not shown here") // cnf
)

// reasons are the words for events.
var reasons = map[error]string{
	ErrMalformed: "malformed", ErrHeader: "header", ErrType: "type", ErrAlgorithm: "algorithm", ErrUnknownKey: "unknown_key",
	ErrSignature: "signature", ErrClaims: "claims", ErrExpired: "expired", ErrNotYetValid: "not_yet_valid",
	ErrLifetime: "lifetime", ErrIssuer: "issuer", ErrAudience: "audience", ErrBinding: "binding",
}

// refuse wraps a sentinel for the gate. What says nothing about the token stays as it is.
func refuse(err error) error {
	if errors.Is(err, auth.ErrUnavailable) {
		return err
	}
	return &auth.Error{Kind: auth.ErrInvalid, Reason: reasons[err], Scheme: "Bearer", Err: err}
}
