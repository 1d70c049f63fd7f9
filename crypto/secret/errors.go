package secret

import (
	"errors"
	"net/http"
)

// The ways to fail. Neither text holds anything of a value.
var (
	ErrClear       = errors.New("secret: refused to store or send a value in clear; call Reveal if it is meant")
	ErrInput error = &inputError{}
)

// inputError is a 422: what was sent is no value of the type, or is the word [redacted].
type inputError struct{}

func (*inputError) Error() string   { return "secret: input cannot be read" }
func (*inputError) HTTPStatus() int { return http.StatusUnprocessableEntity }
func (*inputError) Code() string    { return "secret_malformed" }
