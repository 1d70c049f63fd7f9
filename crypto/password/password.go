package password

import (
	"context"
	"crypto/rand"
	"strings"
	"unicode/utf8"
)

// Hasher hashes and verifies passwords. It is safe for concurrent use.
type Hasher struct {
	params         params
	sealer         Sealer
	acceptUnsealed bool
	line           *line
	ceilings       ceilings
	maxLength      int
	unknown        func() target // what an account that does not exist is checked against
}

// Hash returns a PHC string to store. It fails with [ErrEmpty], [ErrTooLong], [ErrText], [ErrBusy] or the context's error; a
// failed Hash returns no string that could be stored by mistake.
//
// With a Sealer it fails with [ErrSubject]: see [Hasher.For].
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	return h.For("").Hash(ctx, password)
}

// Verify checks a password against a stored hash: one of [Hasher.Hash], or one of before. A nil error means that it is right;
// rehash then says that the stored hash is weaker than this Hasher's, or of another algorithm, and should be replaced by
// Hash of the same password. Otherwise the error matches [ErrMismatch], [ErrMalformed], [ErrEmpty], [ErrTooLong], [ErrBusy]
// or the context's error, and rehash is false.
//
// A stored hash that cannot be read costs as much time as a wrong password. With a Sealer Verify fails with [ErrSubject],
// at once: see [Hasher.For].
func (h *Hasher) Verify(ctx context.Context, password, stored string) (rehash bool, err error) {
	return h.For("").Verify(ctx, password, stored)
}

// VerifyUnknown does the work of [Hasher.Verify] for an account that does not exist, and returns [ErrMismatch], or the
// other errors that Verify would.
func (h *Hasher) VerifyUnknown(ctx context.Context, password string) error {
	if err := h.checkLength(password); err != nil {
		return err
	}
	return h.refuse(ctx, password, ErrMismatch)
}

// checkLength refuses before any work, and before anybody looks at an account, so that it tells nothing about one.
func (h *Hasher) checkLength(password string) error {
	switch {
	case password == "":
		return ErrEmpty
	case len(password) > h.maxLength:
		return ErrTooLong
	}
	return nil
}

// isText reports whether no other text is the same key to HMAC: it fills short keys with NULs, and takes a long key for its
// digest, which is not UTF-8.
func isText(password string) bool {
	return utf8.ValidString(password) && !strings.HasSuffix(password, "\x00")
}

// hash makes a new hash.
func (h *Hasher) hash(ctx context.Context, password string) (string, error) {
	if err := h.checkLength(password); err != nil {
		return "", err
	}
	if h.params.iterations > 0 && !isText(password) {
		return "", ErrText
	}
	fresh := hash{params: h.params, salt: make([]byte, saltSize), key: make([]byte, keySize)}
	_, _ = rand.Read(fresh.salt) // never fails
	_, err := h.check(ctx, password, target{memory: fresh.share(), match: func(password string) bool {
		fresh.key = fresh.derive(password)
		return true
	}})
	if err != nil {
		return "", err
	}
	return fresh.String(), nil
}

// check does the work of one hash when there is memory for it. The memory is given back when the work is done, even when the
// caller has gone: it cannot be interrupted, and pretending that it was would let abandoned logins pile up.
func (h *Hasher) check(ctx context.Context, password string, t target) (bool, error) {
	release, err := h.line.enter(ctx, min(t.memory, int64(h.ceilings.memory)))
	if err != nil {
		return false, err
	}
	defer release()
	return t.match(password), nil
}

// refuse takes the time of a wrong password, and returns reason if nothing else goes wrong.
func (h *Hasher) refuse(ctx context.Context, password string, reason error) error {
	if _, err := h.check(ctx, password, h.unknown()); err != nil {
		return err
	}
	return reason
}

// dummy is a hash of nothing: nobody knows a password for it.
func (h *Hasher) dummy() target {
	d := hash{params: h.params, salt: make([]byte, saltSize), key: make([]byte, keySize)}
	_, _ = rand.Read(d.salt) // never fails
	_, _ = rand.Read(d.key)
	return d.target(h.params)
}
