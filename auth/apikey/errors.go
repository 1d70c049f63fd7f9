package apikey

import (
	"errors"
	"net/http"

	"github.com/gopalisade/palisade/auth"
)

// The reasons not to create, rotate or revoke a key. Each knows the HTTP status and the problem code for an answer to the
// owner, and may be wrapped by an error that says more for the log.
var (
	ErrParams   error = &refusal{"apikey: parameters not accepted", "invalid_key_parameters", http.StatusUnprocessableEntity}
	ErrNotFound error = &refusal{"apikey: no such key", "key_not_found", http.StatusNotFound} // or somebody else's
	ErrEnded    error = &refusal{"apikey: key has expired or was revoked", "key_ended", http.StatusConflict}
	ErrRotated  error = &refusal{"apikey: key was rotated before", "key_rotated", http.StatusConflict}
	ErrTooMany  error = &refusal{"apikey: owner has too many keys", "too_many_keys", http.StatusConflict}
)

var (
	// ErrExists is a Store's answer to Create and Rotate for an ID that it has.
	ErrExists = errors.New("apikey: id exists")
	// ErrFull is the answer of [Memory] when there is no place for another key.
	ErrFull = errors.New("apikey: store is full")
)

// refusal is a sentinel that the owner may learn of.
type refusal struct {
	text, code string
	status     int
}

func (e *refusal) Error() string   { return e.text }
func (e *refusal) HTTPStatus() int { return e.status }
func (e *refusal) Code() string    { return e.code }

// refusals of credentials, made once: refusing must stay cheaper than accepting. A client sees one answer for all that are
// invalid.
type refusals struct {
	absent, several, malformed, unknown, secret, revoked, expired, owner *auth.Error
}

func newRefusals(scheme, params string) refusals {
	refuse := func(kind error, reason string) *auth.Error {
		return &auth.Error{Kind: kind, Reason: reason, Scheme: scheme, Params: params}
	}
	return refusals{
		absent:    refuse(auth.ErrNoCredentials, "no_credentials"),
		several:   refuse(auth.ErrMalformed, "several_headers"),
		malformed: refuse(auth.ErrInvalid, "malformed"),
		unknown:   refuse(auth.ErrInvalid, "unknown"),
		secret:    refuse(auth.ErrInvalid, "secret"),
		revoked:   refuse(auth.ErrInvalid, "revoked"),
		expired:   refuse(auth.ErrInvalid, "expired"),
		owner:     refuse(auth.ErrInvalid, "owner"),
	}
}

// unavailable says that a store or a lookup failed: 503, and the client keeps its key.
func unavailable(step string, err error) error {
	return &auth.Error{Kind: auth.ErrUnavailable, Reason: step, Err: err}
}

// answer passes on a store's error that the owner may learn of, and hides any other behind 503.
func answer(step string, err error) error {
	if _, ok := errors.AsType[*refusal](err); ok {
		return err
	}
	return unavailable(step, err)
}
