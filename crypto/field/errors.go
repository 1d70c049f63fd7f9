package field

import (
	"errors"
	"log/slog"
	"net/http"
)

// ErrOpen matches every failure to open a value, and its text is the only one that they show: whoever can tell a missing
// key from a forged tag learns about keys. For the log there is [OpenError].
var ErrOpen = errors.New("field: sealed value cannot be opened")

// The ways to fail. When opening, they stand behind [ErrOpen].
var (
	ErrFormat      = errors.New("field: not a sealed value")
	ErrUnknownKey  = errors.New("field: key is not in the ring")
	ErrKeyDisabled = errors.New("field: key is disabled")
	ErrClosed      = errors.New("field: ring is closed")
	ErrBinding     = errors.New("field: table, column, tenant or row is missing, zero or too long")
	ErrValue       = errors.New("field: value cannot be encoded")
	ErrPrimary     = errors.New("field: the primary key cannot be disabled")
	ErrExhausted   = errors.New("field: key has sealed its share of values; rotate it")
	ErrTooLarge    = errors.New("field: value is too large")
)

// OpenError is what the log may know about a value that cannot be opened.
type OpenError struct {
	KeyID KeyID // of the value; 0 when it has none
	Cause error // one of the errors above; nil when the value was forged, damaged, or sealed for another cell
}

// Error returns the text of [ErrOpen], whatever the cause.
func (e *OpenError) Error() string { return ErrOpen.Error() }

// Is makes every OpenError match [ErrOpen].
func (e *OpenError) Is(target error) bool { return target == ErrOpen }

// Unwrap returns the cause, for errors.Is.
func (e *OpenError) Unwrap() error { return e.Cause }

// HTTPStatus is 500: no client can mend it.
func (e *OpenError) HTTPStatus() int { return http.StatusInternalServerError }

// Code is the same for every cause.
func (e *OpenError) Code() string { return "field_unreadable" }

// LogValue implements [slog.LogValuer].
func (e *OpenError) LogValue() slog.Value {
	cause := "not authentic for this cell"
	if e.Cause != nil {
		cause = e.Cause.Error()
	}
	return slog.GroupValue(slog.Uint64("key", uint64(e.KeyID)), slog.String("cause", cause))
}

func cannotOpen(id KeyID, cause error) error { return &OpenError{KeyID: id, Cause: cause} }
