package password

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
)

// Hasher hashes and verifies passwords. It is safe for concurrent use.
type Hasher struct {
	params    params
	line      *line
	ceiling   uint32 // KiB that a stored hash may ask for
	maxLength int
	maxCost   int
	unknown   func() hash // what an account that does not exist is checked against
}

// Hash returns a PHC string to store. It fails with [ErrEmpty], [ErrTooLong], [ErrBusy] or the context's error; a failed
// Hash returns no string that could be stored by mistake.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	if err := h.checkLength(password); err != nil {
		return "", err
	}
	fresh := hash{params: h.params, salt: make([]byte, saltSize), key: make([]byte, keySize)}
	_, _ = rand.Read(fresh.salt) // never fails
	key, err := h.work(ctx, password, fresh)
	if err != nil {
		return "", err
	}
	fresh.key = key
	return fresh.String(), nil
}

// Verify checks a password against a stored hash: Argon2id as [Hasher.Hash] makes it, bcrypt, scrypt or PBKDF2. A nil error
// means that it is right; rehash then says that the stored hash is weaker than this Hasher's, or of another algorithm, and
// should be replaced by Hash of the same password. Otherwise the error matches [ErrMismatch], [ErrMalformed], [ErrEmpty], [ErrTooLong], [ErrBusy] or the
// context's error, and rehash is false.
//
// A stored hash that cannot be read costs as much time as a wrong password.
func (h *Hasher) Verify(ctx context.Context, password, stored string) (rehash bool, err error) {
	if err := h.checkLength(password); err != nil {
		return false, err
	}
	if strings.HasPrefix(stored, "$2") {
		return h.verifyBcrypt(ctx, password, stored)
	}
	want, ok := parse(stored, h.ceiling)
	if !ok {
		if other, ok := parseForeign(stored, h.ceiling); ok {
			return h.verifyForeign(ctx, password, other)
		}
		return false, h.malformed(ctx, password)
	}
	key, err := h.work(ctx, password, want)
	switch {
	case err != nil:
		return false, err
	case subtle.ConstantTimeCompare(key, want.key) != 1:
		return false, ErrMismatch
	}
	return want.weaker(h.params), nil
}

// malformed takes the time of a wrong password.
func (h *Hasher) malformed(ctx context.Context, password string) error {
	if err := h.VerifyUnknown(ctx, password); !isMismatch(err) {
		return err
	}
	return ErrMalformed
}

// VerifyUnknown does the work of [Hasher.Verify] for an account that does not exist, and returns [ErrMismatch], or the
// other errors that Verify would.
func (h *Hasher) VerifyUnknown(ctx context.Context, password string) error {
	if err := h.checkLength(password); err != nil {
		return err
	}
	want := h.unknown()
	key, err := h.work(ctx, password, want)
	if err != nil {
		return err
	}
	subtle.ConstantTimeCompare(key, want.key)
	return ErrMismatch
}

// dummy is a hash of nothing: nobody knows a password for it.
func (h *Hasher) dummy() hash {
	d := hash{params: h.params, salt: make([]byte, saltSize), key: make([]byte, keySize)}
	_, _ = rand.Read(d.salt) // never fails
	_, _ = rand.Read(d.key)
	return d
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

// work computes the Argon2id key when there is memory for it. The memory is given back when the work is done, even when the
// caller has gone: it cannot be interrupted, and pretending that it was would let abandoned logins pile up.
func (h *Hasher) work(ctx context.Context, password string, want hash) ([]byte, error) {
	release, err := h.line.enter(ctx, int64(want.memory))
	if err != nil {
		return nil, err
	}
	defer release()
	return argon2.IDKey([]byte(password), want.salt, want.time, want.memory, want.lanes, uint32(len(want.key))), nil
}

// bcryptShare is what a bcrypt hash counts in the line, in KiB: little memory, but a core for its time.
const bcryptShare = 4 << 10

// verifyBcrypt holds the library to what bcrypt is: it would ignore what follows the 60th character of a hash and the 72nd
// byte of a password, and take a NUL for the password's end.
func (h *Hasher) verifyBcrypt(ctx context.Context, password, stored string) (bool, error) {
	if !isBcrypt(stored, h.maxCost) {
		return false, h.malformed(ctx, password)
	}
	release, err := h.line.enter(ctx, min(bcryptShare, int64(h.ceiling)))
	if err != nil {
		return false, err
	}
	defer release()
	honest := len(password) <= 72 && strings.IndexByte(password, 0) < 0
	try := password[:min(len(password), 72)]
	if bcrypt.CompareHashAndPassword([]byte(stored), []byte(try)) != nil || !honest {
		return false, ErrMismatch
	}
	return true, nil // another algorithm than ours: replace it
}
