package stream

import (
	"errors"
	"log/slog"
	"net/http"

	"github.com/gopalisade/palisade/crypto/field"
)

// ErrOpen matches every failure to decrypt a file that is not one of its source, and its text is the only one that they
// show. For the log there is [OpenError].
var ErrOpen = errors.New("stream: file cannot be opened")

// The ways to fail. When opening, they stand behind [ErrOpen], and so do [field.ErrUnknownKey], [field.ErrKeyDisabled] and
// [field.ErrClosed].
var (
	ErrFormat       = errors.New("stream: not an encrypted file")
	ErrTruncated    = errors.New("stream: file ends before its last chunk")
	ErrBinding      = errors.New("stream: kind or name of the file is missing or too long")
	ErrTooLarge     = errors.New("stream: file is larger than the format's 4 PiB")
	ErrWriterClosed = errors.New("stream: writer was closed or aborted")
)

var (
	errOffset = errors.New("stream: offset is negative")
	errRead   = errors.New("stream: the source read an impossible number of bytes")
	errWrite  = errors.New("stream: the destination wrote an impossible number of bytes")
)

// OpenError is what the log may know about a file that cannot be opened.
type OpenError struct {
	KeyID field.KeyID // of the file; 0 when it has none
	Cause error       // one of the errors above; nil when the file was forged or damaged, or is bound to another name
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
func (e *OpenError) Code() string { return "stream_unreadable" }

// LogValue implements [slog.LogValuer].
func (e *OpenError) LogValue() slog.Value {
	cause := "not authentic for this name"
	if e.Cause != nil {
		cause = e.Cause.Error()
	}
	return slog.GroupValue(slog.Uint64("key", uint64(e.KeyID)), slog.String("cause", cause))
}

func cannotOpen(id field.KeyID, cause error) error { return &OpenError{KeyID: id, Cause: cause} }
