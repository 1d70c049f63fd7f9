package password

import (
	"context"
	"fmt"
)

// Sealer encrypts hashes with a key that is not in the database. It must be safe for concurrent use.
//
// What it seals is bound to the subject, an account: it does not open for another one. Opening should take microseconds,
// since nothing is opened for an account that does not exist. A field.Ring of package crypto/field makes one in a few lines:
// see the example.
type Sealer interface {
	// Seal returns what to store for a hash: text of 4096 bytes at most, that is not spelt like a hash itself.
	Seal(subject string, hash []byte) (string, error)
	// Open returns the hash that Seal got for the same subject. It is stale when Seal would use another key today.
	Open(subject, sealed string) (hash []byte, stale bool, err error)
}

// Account hashes and verifies the passwords of one account. It comes from [Hasher.For].
type Account struct {
	hasher  *Hasher
	subject string
}

// For binds hashes to an account, for a Hasher with a Sealer. The subject is what the account is called for ever, such as
// its number, and not a name that can change or be given to another. Without a Sealer it is not looked at.
func (h *Hasher) For(subject string) Account { return Account{h, subject} }

// maxSealed bounds what a Sealer is asked to open: much more than it makes of the longest hash.
const maxSealed = 4096

// Hash is [Hasher.Hash] for this account. With a Sealer it returns what that made of the PHC string, or its error.
func (a Account) Hash(ctx context.Context, password string) (string, error) {
	if a.unnamed() {
		return "", ErrSubject
	}
	fresh, err := a.hasher.hash(ctx, password)
	if err != nil || a.hasher.sealer == nil {
		return fresh, err
	}
	return a.seal(fresh)
}

// Verify is [Hasher.Verify] for this account. rehash is true as well when the hash was sealed with an older key.
//
// What does not open was sealed for another account, or its key is gone: it costs as much time as a wrong password, and the
// error matches [ErrMalformed] and the Sealer's.
func (a Account) Verify(ctx context.Context, password, stored string) (rehash bool, err error) {
	if a.unnamed() {
		return false, ErrSubject
	}
	if err := a.hasher.checkLength(password); err != nil {
		return false, err
	}
	phc, stale, err := a.open(stored)
	if err != nil {
		return false, a.hasher.refuse(ctx, password, err)
	}
	t, ok := a.hasher.read(phc)
	if !ok {
		return false, a.hasher.refuse(ctx, password, ErrMalformed)
	}
	ok, err = a.hasher.check(ctx, password, t)
	switch {
	case err != nil:
		return false, err
	case !ok:
		return false, ErrMismatch
	}
	return t.weak || stale, nil
}

// VerifyUnknown is [Hasher.VerifyUnknown].
func (a Account) VerifyUnknown(ctx context.Context, password string) error {
	return a.hasher.VerifyUnknown(ctx, password)
}

// NeedsReseal reports whether [Account.Reseal] would change what is stored. The error matches [ErrMalformed] or [ErrSubject].
func (a Account) NeedsReseal(stored string) (bool, error) {
	_, stale, err := a.open(stored)
	return stale, err
}

// Reseal seals a stored hash again if its key is not the Sealer's primary one, without a password: this is how keys rotate.
// With DangerouslyAcceptUnsealed it seals what was never sealed. What needs nothing is returned as it is, with false, and
// so is everything without a Sealer. The error matches [ErrMalformed] or [ErrSubject], or is the Sealer's.
//
// Store it only if the old one is still there: the owner may change the password at the same moment.
func (a Account) Reseal(stored string) (out string, changed bool, err error) {
	phc, stale, err := a.open(stored)
	switch {
	case err != nil:
		return "", false, err
	case !stale:
		return stored, false, nil
	}
	out, err = a.seal(phc)
	return out, err == nil, err
}

func (a Account) unnamed() bool { return a.hasher.sealer != nil && a.subject == "" }

func (a Account) seal(phc string) (string, error) {
	sealed, err := a.hasher.sealer.Seal(a.subject, []byte(phc))
	if _, plain := a.hasher.read(sealed); err == nil && (plain || len(sealed) > maxSealed) {
		err = errUnsealed // what could never be verified must not be stored
	}
	if err != nil {
		return "", fmt.Errorf("password: hash cannot be sealed: %w", err)
	}
	return sealed, nil
}

// open returns the hash that was stored.
func (a Account) open(stored string) (phc string, stale bool, err error) {
	switch {
	case a.unnamed():
		return "", false, ErrSubject
	case a.hasher.sealer == nil:
		return stored, false, nil
	case len(stored) > maxSealed:
		return "", false, ErrMalformed
	}
	// A hash is told by its spelling, and not by the failure to open it: what is sealed and damaged is no hash.
	if _, plain := a.hasher.read(stored); plain {
		if !a.hasher.acceptUnsealed {
			return "", false, errUnsealed
		}
		return stored, true, nil
	}
	hash, stale, err := a.hasher.sealer.Open(a.subject, stored)
	if err != nil {
		return "", false, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return string(hash), stale, nil
}
