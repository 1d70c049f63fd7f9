package envelope

import "context"

// KeyWrapper wraps data keys with a key-encryption key that never leaves it: a key management service. It must be safe for
// concurrent use, and give up when ctx ends.
//
// The difference between its errors matters: one that matches [ErrRefused] (the service answered that it will not, for
// want of permission or of the key) or [ErrForged] (it answered that these bytes are not authentic with this aad) ends the
// use of keys that are in memory. Every other one, [ErrUnavailable] among them, is taken for an outage: they go on.
type KeyWrapper interface {
	// ID names the wrapper in the records of the keys that it wrapped, in 1 to 255 bytes of UTF-8. It is the same for all
	// versions of its key, and never changes.
	ID() string
	// Wrap returns key, 32 bytes, encrypted in at most 4096 bytes. The aad, less than 600 bytes, is authenticated and not
	// kept. Neither may be changed, nor used after the call.
	Wrap(ctx context.Context, key, aad []byte) ([]byte, error)
	// Unwrap returns the key of what Wrap returned for the same aad. The caller overwrites it.
	Unwrap(ctx context.Context, wrapped, aad []byte) ([]byte, error)
}
