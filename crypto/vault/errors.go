package vault

import (
	"errors"
	"fmt"
	"net/http"
)

// The reasons to refuse. Each knows the HTTP status and the problem code for an answer to the client, and may be wrapped
// by an error that says more for the log. No text holds anything of a number.
var (
	ErrPAN      error = &refusal{"vault: not the number of a payment card", "card_number_invalid", http.StatusUnprocessableEntity}
	ErrNotFound error = &refusal{"vault: no such card", "card_not_found", http.StatusNotFound} // or another owner's
	ErrRefused  error = &refusal{"vault: access to the number refused", "card_access_refused", http.StatusForbidden}
	// ErrUnavailable is of every store that could not do its part, and of one that is full.
	ErrUnavailable error = &refusal{"vault: store unavailable", "vault_unavailable", http.StatusServiceUnavailable}
)

var (
	// ErrOwner is for an Owner or an actor that cannot be: it comes from a session that was never read.
	ErrOwner = errors.New("vault: owner, tenant or actor is missing, too long or not printable")
	// ErrExists is a Store's answer to Put for a token that it has.
	ErrExists = errors.New("vault: token exists")
	// ErrFull is the answer of [Memory] when there is no place for another record.
	ErrFull = errors.New("vault: store is full")
)

// refusal is a sentinel that the client may learn of.
type refusal struct {
	text, code string
	status     int
}

func (e *refusal) Error() string   { return e.text }
func (e *refusal) HTTPStatus() int { return e.status }
func (e *refusal) Code() string    { return e.code }

func unavailable(step string, err error) error {
	return fmt.Errorf("%w: %s: %w", ErrUnavailable, step, err)
}
