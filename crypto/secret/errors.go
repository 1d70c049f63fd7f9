package secret

import (
	"errors"
	"net/http"
)

// The ways to fail. No text holds anything of a value.
var (
	ErrClear       = errors.New("secret: refused to store or send a value in clear; call Reveal if it is meant")
	ErrInput error = &refusal{"secret: input cannot be read", http.StatusUnprocessableEntity, "secret_malformed"}
	ErrID    error = &refusal{"secret: not an id of this kind", http.StatusNotFound, "id_malformed"}
)

// refusal is about what was sent: no value of the type or the word [redacted], or the id of nothing that exists.
type refusal struct {
	text   string
	status int
	code   string
}

func (e *refusal) Error() string   { return e.text }
func (e *refusal) HTTPStatus() int { return e.status }
func (e *refusal) Code() string    { return e.code }
