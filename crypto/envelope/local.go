package envelope

import (
	"context"
	"errors"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/internal/conf"
)

// LocalConfig describes a [Local]. Keys is needed.
type LocalConfig struct {
	_ [0]func() // keyed literals only, never comparable

	// Keys are the key-encryption keys, one of them Primary: it wraps, the others unwrap. To rotate, make a new key the
	// primary, let [Keys.Rewrap] run for all subjects, and take the old one away.
	Keys []field.Key
	Name string // ID of the wrapper, which is in every record; "local"
}

// Local is a [KeyWrapper] with keys from the configuration. Whoever reads the configuration and the store reads everything:
// it separates the two, and makes shredding possible, but protects no better than the place where the keys are kept.
//
// Keys are wrapped by AES-256-GCM with key commitment, and carry the id of the key-encryption key. It is safe for concurrent
// use.
type Local struct {
	name string
	ring *field.Ring
}

// NewLocal returns a Local, or every fault of cfg joined.
func NewLocal(cfg LocalConfig) (*Local, error) {
	conf.Default(&cfg.Name, "local")
	f := conf.Faults{Room: "envelope"}
	f.Check(isName(cfg.Name), "Name", nil, "must be 1 to 255 bytes of UTF-8 without control characters")
	ring, err := field.New(field.Config{Keys: cfg.Keys, Suite: field.AES256GCMCommit, MaxContexts: 16})
	f.Add(err)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return &Local{name: cfg.Name, ring: ring}, nil
}

// ID implements [KeyWrapper].
func (l *Local) ID() string { return l.name }

// cell binds to the aad. The fixed part is there for an aad that is empty.
func (l *Local) cell(aad []byte) field.Binding {
	return field.Bind("palisade/envelope", "wrapped", field.Str("aad"), field.Bytes(aad))
}

// Wrap implements [KeyWrapper]. The error is [ErrRefused] when the primary has wrapped its share of keys, or l is closed.
func (l *Local) Wrap(_ context.Context, key, aad []byte) ([]byte, error) {
	wrapped, err := l.ring.Seal(l.cell(aad), key)
	if err != nil {
		return nil, &Error{Kind: ErrRefused, Step: "wrap", Err: err}
	}
	return wrapped, nil
}

// Unwrap implements [KeyWrapper]. The error is [ErrRefused] for a key-encryption key that is not there, or disabled, and for
// all when l is closed, and otherwise [ErrForged].
func (l *Local) Unwrap(_ context.Context, wrapped, aad []byte) ([]byte, error) {
	key, err := l.ring.Open(l.cell(aad), wrapped)
	if err == nil {
		return key, nil
	}
	kind := ErrForged
	for _, no := range []error{field.ErrUnknownKey, field.ErrKeyDisabled, field.ErrClosed} {
		if errors.Is(err, no) {
			kind = ErrRefused
		}
	}
	// The cause alone: that the wrapped key is a sealed value is nobody's business.
	return nil, &Error{Kind: kind, Step: "unwrap", Err: errors.Unwrap(err)}
}

// Close overwrites the key-encryption keys. Every later call fails with [ErrRefused].
func (l *Local) Close() error { return l.ring.Close() }
