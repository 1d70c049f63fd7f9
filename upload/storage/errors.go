package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
)

// The answers of a [Store] that a client may learn of. Each knows its HTTP status and problem code, and is wrapped by an error
// that says more for the log, though no path. ErrUnavailable is any failure of the file system that has no other name here.
var (
	ErrNotFound    error = &refusal{"storage: no such file", "file_not_found", http.StatusNotFound}
	ErrFull        error = &refusal{"storage: no space left", "insufficient_storage", http.StatusInsufficientStorage}
	ErrUnavailable error = &refusal{"storage: failed", "storage_unavailable", http.StatusServiceUnavailable}
	ErrName        error = &refusal{"storage: file name has NUL or is too long", "invalid_file_name", http.StatusUnprocessableEntity}
)

// What follows is the fault of the program around a [Store], or of the disk under it: a client sees a plain 500.
var (
	ErrDone    = errors.New("storage: was committed, rolled back or closed")
	ErrMeta    = errors.New("storage: description is missing or does not fit the file")
	ErrDamaged = errors.New("storage: file is not what was committed")
)

// refusal is a sentinel that a client may learn of.
type refusal struct {
	text, code string
	status     int
}

func (e *refusal) Error() string   { return e.text }
func (e *refusal) HTTPStatus() int { return e.status }
func (e *refusal) Code() string    { return e.code }

// fail gives the file system's answer a name that callers know; nil stays nil.
func fail(op string, err error) error {
	switch err = bare(err); {
	case err == nil:
		return nil
	case full(err):
		return fmt.Errorf("%w: %s: %w", ErrFull, op, err)
	case errors.Is(err, fs.ErrClosed):
		return ErrDone
	}
	return fmt.Errorf("%w: %s: %w", ErrUnavailable, op, err)
}

// bare strips the path, which is nobody's business, also not that of whoever prints an error where a client can see it.
func bare(err error) error {
	for {
		if e, ok := errors.AsType[*fs.PathError](err); ok {
			err = e.Err // which may have one of its own
		} else if e, ok := errors.AsType[*os.LinkError](err); ok {
			err = e.Err
		} else {
			return err
		}
	}
}
